-- Which keys the secrets of this register are sealed with. The keys themselves are in a file.
CREATE TABLE master_keys (
    id         TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    created_at TEXT NOT NULL
) STRICT;

-- One row: the key that new secrets are sealed with, and the end of the chain of audit entries.
CREATE TABLE register (
    id             INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id         TEXT NOT NULL REFERENCES master_keys (id),
    audit_sequence INTEGER NOT NULL CHECK (audit_sequence >= 0),
    audit_hash     BLOB NOT NULL CHECK (length(audit_hash) = 32),
    audit_seal     BLOB NOT NULL CHECK (length(audit_seal) = 32)
) STRICT;

-- Random keys of the register's own, sealed: peppers of tokens, the key of fingerprints, the key of
-- the audit chain.
CREATE TABLE register_keys (
    purpose    TEXT NOT NULL CHECK (purpose IN ('pepper', 'fingerprint', 'audit')),
    version    INTEGER NOT NULL CHECK (version >= 1),
    key_id     TEXT NOT NULL REFERENCES master_keys (id),
    sealed     BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (purpose, version)
) STRICT, WITHOUT ROWID;

-- What an earlier version kept in clear. The first start of this one seals it and empties the table.
CREATE TABLE unsealed_secrets (
    kind   TEXT NOT NULL,
    row_id TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (kind, row_id)
) STRICT;
INSERT INTO unsealed_secrets SELECT 'region_token', region_id, token FROM region_credentials WHERE token IS NOT NULL;
INSERT INTO unsealed_secrets SELECT 'region_key', region_id, key FROM region_credentials WHERE key IS NOT NULL;
INSERT INTO unsealed_secrets SELECT 'node_key', id, secret FROM node_keys;

ALTER TABLE region_credentials DROP COLUMN token;
ALTER TABLE region_credentials DROP COLUMN key;
ALTER TABLE region_credentials ADD COLUMN token BLOB;
ALTER TABLE region_credentials ADD COLUMN key BLOB;
ALTER TABLE region_credentials ADD COLUMN key_id TEXT REFERENCES master_keys (id);

ALTER TABLE node_keys DROP COLUMN secret;
ALTER TABLE node_keys ADD COLUMN secret BLOB;
ALTER TABLE node_keys ADD COLUMN key_id TEXT REFERENCES master_keys (id);

-- A code made of the token's text with a pepper. Version 0 is the SHA-256 that an earlier version
-- kept; the first start of this one turns it into such a code.
DROP INDEX tokens_digest;
ALTER TABLE tokens RENAME COLUMN digest TO code;
CREATE UNIQUE INDEX tokens_code ON tokens (code);
ALTER TABLE tokens ADD COLUMN pepper_version INTEGER NOT NULL DEFAULT 0;
-- Whether an operator chose the text, which then does not name the token.
ALTER TABLE tokens ADD COLUMN is_chosen INTEGER NOT NULL DEFAULT 0 CHECK (is_chosen IN (0, 1));
ALTER TABLE tokens ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at TEXT;
-- The text before the last rotation, and until when it is accepted.
ALTER TABLE tokens ADD COLUMN previous_code BLOB CHECK (length(previous_code) = 32);
ALTER TABLE tokens ADD COLUMN previous_pepper_version INTEGER;
ALTER TABLE tokens ADD COLUMN overlap_ends_at TEXT;
-- Of an earlier version, only the first token can have been chosen.
UPDATE tokens SET is_chosen = 1 WHERE id = (SELECT min(id) FROM tokens);

CREATE TABLE audit_entries (
    sequence      INTEGER PRIMARY KEY NOT NULL CHECK (sequence >= 1),
    at            TEXT NOT NULL,
    enterprise_id TEXT,
    token_id      TEXT,
    user_id       INTEGER,
    origin        TEXT NOT NULL,
    address       TEXT,
    request_id    TEXT,
    operation     TEXT NOT NULL,
    outcome       TEXT NOT NULL,
    object_kind   TEXT,
    object_id     TEXT,
    changes       TEXT NOT NULL,
    revealed      TEXT NOT NULL,
    reason        TEXT,
    hash          BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_entries_enterprise ON audit_entries (enterprise_id, sequence);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, sequence);
