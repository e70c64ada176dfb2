-- Versions, by which a client says which state of a thing he means to change.
ALTER TABLE enterprises ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT '-infinity';
ALTER TABLE enterprises ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
UPDATE enterprises SET updated_at = created_at;
ALTER TABLE users ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT '-infinity';
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
UPDATE users SET updated_at = created_at;
ALTER TABLE teams ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
CREATE INDEX users_enterprise ON users (enterprise_id, id);
CREATE INDEX teams_enterprise ON teams (enterprise_id, id);
CREATE INDEX teams_creator ON teams (creator_id);
CREATE INDEX tokens_enterprise ON tokens (enterprise_id, id);
CREATE INDEX tokens_user ON tokens (user_id);
-- A text that names no token is compared with those that operators chose.
CREATE INDEX tokens_chosen ON tokens (is_chosen);
-- Peppers that no token needs are forgotten.
CREATE INDEX tokens_pepper ON tokens (pepper_version);
CREATE INDEX tokens_previous_pepper ON tokens (previous_pepper_version);
CREATE INDEX nodes_enterprise ON nodes (enterprise_id, id);
CREATE INDEX audit_entries_kind ON audit_entries (object_kind, sequence);

-- Sets of credentials. A region shows one; those before it are kept for going back.
ALTER TABLE region_credentials RENAME TO credentials_before;
ALTER INDEX region_credentials_pkey RENAME TO credentials_before_pkey;
CREATE TABLE region_credentials (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    region_id   TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    ca          TEXT,
    certificate TEXT,
    token       BYTEA,
    key         BYTEA,
    key_id      TEXT COLLATE "C" REFERENCES master_keys (id),
    created_at  TIMESTAMPTZ NOT NULL
);
-- The first set of a region has the identifier of the region: what is sealed is bound to it.
INSERT INTO region_credentials
    SELECT c.region_id, c.region_id, c.ca, c.certificate, c.token, c.key, c.key_id, r.updated_at
    FROM credentials_before c JOIN regions r ON r.id = c.region_id;
DROP TABLE credentials_before;
CREATE INDEX region_credentials_region ON region_credentials (region_id);
CREATE INDEX region_credentials_key ON region_credentials (key_id);
CREATE INDEX node_keys_key ON node_keys (key_id);

ALTER TABLE regions ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE regions ADD COLUMN credentials_id TEXT COLLATE "C";
-- The set before, and until when it is kept ready.
ALTER TABLE regions ADD COLUMN previous_credentials_id TEXT COLLATE "C";
ALTER TABLE regions ADD COLUMN previous_until TIMESTAMPTZ;
-- When the first certificate that the region depends on expires.
ALTER TABLE regions ADD COLUMN certificates_expire_at TIMESTAMPTZ;
-- By what, and by whom, this version was made.
ALTER TABLE regions ADD COLUMN changed_by_operation TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE regions ADD COLUMN changed_by_user_id BIGINT;
ALTER TABLE regions ADD COLUMN changed_by_token_id TEXT COLLATE "C";
UPDATE regions SET credentials_id = id
    WHERE EXISTS (SELECT 1 FROM region_credentials c WHERE c.id = regions.id);

-- Versions of regions before the one in `regions`.
CREATE TABLE region_revisions (
    region_id            TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    version              BIGINT NOT NULL CHECK (version >= 1),
    updated_at           TIMESTAMPTZ NOT NULL,
    alias                TEXT NOT NULL,
    api_url              TEXT NOT NULL,
    websocket_url        TEXT NOT NULL,
    http_domain          TEXT NOT NULL,
    tcp_address          TEXT NOT NULL,
    scope                TEXT NOT NULL,
    status               TEXT NOT NULL,
    description          TEXT NOT NULL,
    labels               TEXT NOT NULL,
    credentials_id       TEXT COLLATE "C",
    changed_by_operation TEXT COLLATE "C" NOT NULL,
    changed_by_user_id   BIGINT,
    changed_by_token_id  TEXT COLLATE "C",
    PRIMARY KEY (region_id, version)
);

-- What can be said in the open of the certificates that regions show.
CREATE TABLE region_certificates (
    region_id     TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    part          TEXT COLLATE "C" NOT NULL CHECK (part IN ('ca', 'certificate')),
    place         INTEGER NOT NULL CHECK (place >= 0),
    enterprise_id TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    issuer        TEXT COLLATE "C" NOT NULL,
    serial        TEXT COLLATE "C" NOT NULL,
    sha256        TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    key_type      TEXT COLLATE "C" NOT NULL,
    not_before    TIMESTAMPTZ NOT NULL,
    not_after     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (region_id, part, place)
);
CREATE INDEX region_certificates_expiry ON region_certificates (not_after, region_id, part, place);
CREATE INDEX region_certificates_enterprise
    ON region_certificates (enterprise_id, not_after, region_id, part, place);

-- Regions whose certificates an earlier version did not read. The first start of this one does.
CREATE TABLE unread_certificates (
    region_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES regions (id) ON DELETE CASCADE
);
INSERT INTO unread_certificates SELECT region_id FROM region_credentials;

ALTER TABLE openings ADD COLUMN memory_mb BIGINT NOT NULL DEFAULT 0 CHECK (memory_mb >= 0);
ALTER TABLE openings ADD COLUMN cpu_millicores BIGINT NOT NULL DEFAULT 0 CHECK (cpu_millicores >= 0);
ALTER TABLE openings ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT '-infinity';
ALTER TABLE openings ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
UPDATE openings SET updated_at = created_at;

CREATE TABLE maintenance_windows (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    region_id     TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    starts_at     TIMESTAMPTZ NOT NULL,
    ends_at       TIMESTAMPTZ NOT NULL,
    owner         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('planned', 'running', 'ended', 'cancelled', 'skipped', 'stuck')),
    note          TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX maintenance_windows_region ON maintenance_windows (region_id, id);
CREATE INDEX maintenance_windows_enterprise ON maintenance_windows (enterprise_id, id);
CREATE INDEX maintenance_windows_state ON maintenance_windows (state, id);
CREATE INDEX maintenance_windows_starts ON maintenance_windows (state, starts_at);
CREATE INDEX maintenance_windows_ends ON maintenance_windows (state, ends_at);

-- First answers to requests that may be sent again, sealed, since some hold secrets.
CREATE TABLE idempotent_answers (
    token_id   TEXT COLLATE "C" NOT NULL REFERENCES tokens (id),
    key        TEXT COLLATE "C" NOT NULL,
    digest     BYTEA NOT NULL CHECK (octet_length(digest) = 32),
    status     INTEGER NOT NULL,
    sealed     BYTEA NOT NULL,
    key_id     TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotent_answers_created ON idempotent_answers (created_at);
CREATE INDEX idempotent_answers_key ON idempotent_answers (key_id);
