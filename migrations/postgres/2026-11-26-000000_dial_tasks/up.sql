-- Nodes that can be disabled, changed and deleted.
ALTER TABLE nodes ADD COLUMN is_enabled BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE nodes ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch';
ALTER TABLE nodes ADD COLUMN deleted_at TIMESTAMPTZ;
ALTER TABLE nodes ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
-- The largest update_time that was given to a delivery of the node, in microseconds.
ALTER TABLE nodes ADD COLUMN last_update_time BIGINT NOT NULL DEFAULT 0;
UPDATE nodes SET updated_at = created_at;
-- A deleted node frees its code.
DROP INDEX nodes_keycode;
CREATE UNIQUE INDEX nodes_keycode ON nodes (enterprise_id, keycode) WHERE deleted_at IS NULL;
CREATE INDEX nodes_deleted ON nodes (deleted_at) WHERE deleted_at IS NOT NULL;

-- Keys that end, and what is known of their use.
ALTER TABLE node_keys ADD COLUMN valid_until TIMESTAMPTZ;
ALTER TABLE node_keys ADD COLUMN revoked_at TIMESTAMPTZ;
ALTER TABLE node_keys ADD COLUMN ends_others BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE node_keys ADD COLUMN first_used_at TIMESTAMPTZ;
ALTER TABLE node_keys ADD COLUMN last_used_at TIMESTAMPTZ;

-- What is known of the pulls of a node.
CREATE TABLE node_contacts (
    node_id         TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    accepted_at     TIMESTAMPTZ,
    interval_us     BIGINT,
    refused_at      TIMESTAMPTZ,
    refused_reason  TEXT,
    date            TEXT
);

-- The agents that pull with the keys of a node, by address and key.
CREATE TABLE node_agents (
    node_id       TEXT COLLATE "C" NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    address       TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    last_seen_at  TIMESTAMPTZ NOT NULL,
    interval_us   BIGINT,
    PRIMARY KEY (node_id, address, key)
);

CREATE INDEX node_agents_seen ON node_agents (last_seen_at);

-- What nodes dial. The content may hold passwords and keys, so it is sealed.
CREATE TABLE dial_tasks (
    number        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            TEXT COLLATE "C" NOT NULL CHECK (length(id) = 37),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    class         TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    schedule      TEXT COLLATE "C" NOT NULL,
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('ok', 'stop')),
    content       BYTEA NOT NULL,
    key_id        TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    region_id     TEXT COLLATE "C",
    created_by    BIGINT,
    updated_by    BIGINT,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    deleted_at    TIMESTAMPTZ,
    version       BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1)
);
CREATE UNIQUE INDEX dial_tasks_id ON dial_tasks (id);
CREATE INDEX dial_tasks_enterprise ON dial_tasks (enterprise_id, number);
CREATE INDEX dial_tasks_region ON dial_tasks (region_id);
CREATE INDEX dial_tasks_key ON dial_tasks (key_id);
CREATE INDEX dial_tasks_deleted ON dial_tasks (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE dial_tags (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 36),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    name          TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX dial_tags_name ON dial_tags (enterprise_id, name);

CREATE TABLE dial_task_tags (
    task_id TEXT COLLATE "C" NOT NULL REFERENCES dial_tasks (id) ON DELETE CASCADE,
    tag_id  TEXT COLLATE "C" NOT NULL REFERENCES dial_tags (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, tag_id)
);
CREATE INDEX dial_task_tags_tag ON dial_task_tags (tag_id);

-- Which node dials which task, and when that changed last.
CREATE TABLE deliveries (
    node_id      TEXT COLLATE "C" NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    task_id      TEXT COLLATE "C" NOT NULL REFERENCES dial_tasks (id) ON DELETE CASCADE,
    update_time  BIGINT NOT NULL,
    is_tombstone BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (node_id, task_id)
);
CREATE UNIQUE INDEX deliveries_time ON deliveries (node_id, update_time);
CREATE INDEX deliveries_task ON deliveries (task_id);
CREATE INDEX deliveries_tombstone ON deliveries (is_tombstone, update_time);

-- The credential of results: one of each enterprise, in clear in its tasks, sealed here.
CREATE TABLE result_tokens (
    enterprise_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES enterprises (id),
    digest        BYTEA NOT NULL,
    sealed        BYTEA NOT NULL,
    key_id        TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    created_at    TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX result_tokens_digest ON result_tokens (digest);
CREATE INDEX result_tokens_key ON result_tokens (key_id);
