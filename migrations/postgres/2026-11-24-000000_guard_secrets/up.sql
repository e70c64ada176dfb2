-- Which keys the secrets of this register are sealed with. The keys themselves are in a file.
CREATE TABLE master_keys (
    id         TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    created_at TIMESTAMPTZ NOT NULL
);

-- One row: the key that new secrets are sealed with, and the end of the chain of audit entries.
CREATE TABLE register (
    id             INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    key_id         TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    audit_sequence BIGINT NOT NULL CHECK (audit_sequence >= 0),
    audit_hash     BYTEA NOT NULL CHECK (octet_length(audit_hash) = 32),
    audit_seal     BYTEA NOT NULL CHECK (octet_length(audit_seal) = 32)
);

-- Random keys of the register's own, sealed: peppers of tokens, the key of fingerprints, the key of
-- the audit chain.
CREATE TABLE register_keys (
    purpose    TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('pepper', 'fingerprint', 'audit')),
    version    INTEGER NOT NULL CHECK (version >= 1),
    key_id     TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    sealed     BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (purpose, version)
);

-- What an earlier version kept in clear. The first start of this one seals it and empties the table.
CREATE TABLE unsealed_secrets (
    kind   TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    value  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, row_id)
);
INSERT INTO unsealed_secrets SELECT 'region_token', region_id, token FROM region_credentials WHERE token IS NOT NULL;
INSERT INTO unsealed_secrets SELECT 'region_key', region_id, key FROM region_credentials WHERE key IS NOT NULL;
INSERT INTO unsealed_secrets SELECT 'node_key', id, secret FROM node_keys;

ALTER TABLE region_credentials DROP COLUMN token;
ALTER TABLE region_credentials DROP COLUMN key;
ALTER TABLE region_credentials ADD COLUMN token BYTEA;
ALTER TABLE region_credentials ADD COLUMN key BYTEA;
ALTER TABLE region_credentials ADD COLUMN key_id TEXT COLLATE "C" REFERENCES master_keys (id);

ALTER TABLE node_keys DROP COLUMN secret;
ALTER TABLE node_keys ADD COLUMN secret BYTEA;
ALTER TABLE node_keys ADD COLUMN key_id TEXT COLLATE "C" REFERENCES master_keys (id);

-- A code made of the token's text with a pepper. Version 0 is the SHA-256 that an earlier version
-- kept; the first start of this one turns it into such a code.
DROP INDEX tokens_digest;
ALTER TABLE tokens RENAME COLUMN digest TO code;
CREATE UNIQUE INDEX tokens_code ON tokens (code);
ALTER TABLE tokens ADD COLUMN pepper_version INTEGER NOT NULL DEFAULT 0;
-- Whether an operator chose the text, which then does not name the token.
ALTER TABLE tokens ADD COLUMN is_chosen BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE tokens ADD COLUMN note TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used_at TIMESTAMPTZ;
-- The text before the last rotation, and until when it is accepted.
ALTER TABLE tokens ADD COLUMN previous_code BYTEA CHECK (octet_length(previous_code) = 32);
ALTER TABLE tokens ADD COLUMN previous_pepper_version INTEGER;
ALTER TABLE tokens ADD COLUMN overlap_ends_at TIMESTAMPTZ;
-- Of an earlier version, only the first token can have been chosen.
UPDATE tokens SET is_chosen = true WHERE id = (SELECT min(id) FROM tokens);

CREATE TABLE audit_entries (
    sequence      BIGINT PRIMARY KEY NOT NULL CHECK (sequence >= 1),
    at            TIMESTAMPTZ NOT NULL,
    enterprise_id TEXT COLLATE "C",
    token_id      TEXT COLLATE "C",
    user_id       BIGINT,
    origin        TEXT COLLATE "C" NOT NULL,
    address       TEXT COLLATE "C",
    request_id    TEXT COLLATE "C",
    operation     TEXT COLLATE "C" NOT NULL,
    outcome       TEXT COLLATE "C" NOT NULL,
    object_kind   TEXT COLLATE "C",
    object_id     TEXT COLLATE "C",
    changes       TEXT COLLATE "C" NOT NULL,
    revealed      TEXT COLLATE "C" NOT NULL,
    reason        TEXT COLLATE "C",
    hash          BYTEA NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_entries_enterprise ON audit_entries (enterprise_id, sequence);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, sequence);
