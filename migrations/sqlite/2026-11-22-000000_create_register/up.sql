CREATE TABLE enterprises (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    name          TEXT NOT NULL,
    parent_key_id TEXT NOT NULL,
    created_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX enterprises_name ON enterprises (name);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    created_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_name ON users (enterprise_id, name);

CREATE TABLE teams (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    alias         TEXT NOT NULL,
    namespace     TEXT NOT NULL,
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    limit_memory  INTEGER NOT NULL CHECK (limit_memory >= 0),
    creator_id    INTEGER NOT NULL REFERENCES users (id),
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    expires_at    TEXT
) STRICT;
CREATE UNIQUE INDEX teams_name ON teams (enterprise_id, name);

CREATE TABLE tokens (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    -- SHA-256 of the token; the token itself is never stored.
    digest        BLOB NOT NULL CHECK (length(digest) = 32),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('platform', 'admin', 'operator', 'viewer', 'team')),
    user_id       INTEGER NOT NULL REFERENCES users (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    created_at    TEXT NOT NULL,
    expires_at    TEXT,
    revoked_at    TEXT
) STRICT;
CREATE UNIQUE INDEX tokens_digest ON tokens (digest);

CREATE TABLE token_teams (
    token_id TEXT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    team_id  TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, team_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_teams_team ON token_teams (team_id);

CREATE TABLE regions (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    alias         TEXT NOT NULL,
    api_url       TEXT NOT NULL,
    websocket_url TEXT NOT NULL,
    http_domain   TEXT NOT NULL,
    tcp_address   TEXT NOT NULL,
    scope         TEXT NOT NULL CHECK (scope IN ('private', 'public')),
    status        TEXT NOT NULL CHECK (status IN ('editing', 'enabled', 'disabled', 'maintenance')),
    description   TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX regions_name ON regions (name);
CREATE INDEX regions_enterprise ON regions (enterprise_id, id);

-- Kept apart from the row that lists read. A region without credentials has no row here.
CREATE TABLE region_credentials (
    region_id   TEXT PRIMARY KEY NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    token       TEXT,
    ca          TEXT,
    certificate TEXT,
    key         TEXT
) STRICT;

CREATE TABLE openings (
    team_id    TEXT NOT NULL REFERENCES teams (id),
    region_id  TEXT NOT NULL REFERENCES regions (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, region_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX openings_region ON openings (region_id);

CREATE TABLE nodes (
    id            TEXT PRIMARY KEY NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    internal      INTEGER NOT NULL CHECK (internal IN (0, 1)),
    isp           TEXT NOT NULL,
    country       TEXT NOT NULL,
    province      TEXT NOT NULL,
    city          TEXT NOT NULL,
    name          TEXT NOT NULL,
    company       TEXT NOT NULL,
    keycode       TEXT NOT NULL,
    created_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX nodes_keycode ON nodes (enterprise_id, keycode);

-- Kept apart from the row that lists read.
CREATE TABLE node_keys (
    id         TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 20),
    node_id    TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    secret     TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX node_keys_node ON node_keys (node_id);
