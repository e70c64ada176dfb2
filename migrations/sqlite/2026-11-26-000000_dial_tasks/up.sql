-- Nodes that can be disabled, changed and deleted.
ALTER TABLE nodes ADD COLUMN is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1));
ALTER TABLE nodes ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN deleted_at TEXT;
ALTER TABLE nodes ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
-- The largest update_time that was given to a delivery of the node, in microseconds.
ALTER TABLE nodes ADD COLUMN last_update_time INTEGER NOT NULL DEFAULT 0;
UPDATE nodes SET updated_at = created_at;
-- A deleted node frees its code.
DROP INDEX nodes_keycode;
CREATE UNIQUE INDEX nodes_keycode ON nodes (enterprise_id, keycode) WHERE deleted_at IS NULL;
CREATE INDEX nodes_deleted ON nodes (deleted_at) WHERE deleted_at IS NOT NULL;

-- Keys that end, and what is known of their use.
ALTER TABLE node_keys ADD COLUMN valid_until TEXT;
ALTER TABLE node_keys ADD COLUMN revoked_at TEXT;
ALTER TABLE node_keys ADD COLUMN ends_others INTEGER NOT NULL DEFAULT 0 CHECK (ends_others IN (0, 1));
ALTER TABLE node_keys ADD COLUMN first_used_at TEXT;
ALTER TABLE node_keys ADD COLUMN last_used_at TEXT;

-- What is known of the pulls of a node.
CREATE TABLE node_contacts (
    node_id         TEXT PRIMARY KEY NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    accepted_at     TEXT,
    interval_us     INTEGER,
    refused_at      TEXT,
    refused_reason  TEXT,
    date            TEXT
) STRICT;

-- The agents that pull with the keys of a node, by address and key.
CREATE TABLE node_agents (
    node_id       TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    address       TEXT NOT NULL,
    key           TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at  TEXT NOT NULL,
    interval_us   INTEGER,
    PRIMARY KEY (node_id, address, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX node_agents_seen ON node_agents (last_seen_at);

-- What nodes dial. The content may hold passwords and keys, so it is sealed.
CREATE TABLE dial_tasks (
    number        INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id            TEXT NOT NULL CHECK (length(id) = 37),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    class         TEXT NOT NULL,
    name          TEXT NOT NULL,
    schedule      TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('ok', 'stop')),
    content       BLOB NOT NULL,
    key_id        TEXT NOT NULL REFERENCES master_keys (id),
    region_id     TEXT,
    created_by    INTEGER,
    updated_by    INTEGER,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    deleted_at    TEXT,
    version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX dial_tasks_id ON dial_tasks (id);
CREATE INDEX dial_tasks_enterprise ON dial_tasks (enterprise_id, number);
CREATE INDEX dial_tasks_region ON dial_tasks (region_id);
CREATE INDEX dial_tasks_key ON dial_tasks (key_id);
CREATE INDEX dial_tasks_deleted ON dial_tasks (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE dial_tags (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 36),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX dial_tags_name ON dial_tags (enterprise_id, name);

CREATE TABLE dial_task_tags (
    task_id TEXT NOT NULL REFERENCES dial_tasks (id) ON DELETE CASCADE,
    tag_id  TEXT NOT NULL REFERENCES dial_tags (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dial_task_tags_tag ON dial_task_tags (tag_id);

-- Which node dials which task, and when that changed last.
CREATE TABLE deliveries (
    node_id      TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    task_id      TEXT NOT NULL REFERENCES dial_tasks (id) ON DELETE CASCADE,
    update_time  INTEGER NOT NULL,
    is_tombstone INTEGER NOT NULL DEFAULT 0 CHECK (is_tombstone IN (0, 1)),
    PRIMARY KEY (node_id, task_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX deliveries_time ON deliveries (node_id, update_time);
CREATE INDEX deliveries_task ON deliveries (task_id);
CREATE INDEX deliveries_tombstone ON deliveries (is_tombstone, update_time);

-- The credential of results: one of each enterprise, in clear in its tasks, sealed here.
CREATE TABLE result_tokens (
    enterprise_id TEXT PRIMARY KEY NOT NULL REFERENCES enterprises (id),
    digest        BLOB NOT NULL,
    sealed        BLOB NOT NULL,
    key_id        TEXT NOT NULL REFERENCES master_keys (id),
    created_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX result_tokens_digest ON result_tokens (digest);
CREATE INDEX result_tokens_key ON result_tokens (key_id);
