-- Variables of dial tasks. Values may be secret, so all are sealed.
CREATE TABLE dial_variables (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 36),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    value         BLOB NOT NULL,
    key_id        TEXT NOT NULL REFERENCES master_keys (id),
    is_secure     INTEGER NOT NULL CHECK (is_secure IN (0, 1)),
    task_id       TEXT,
    task_var_name TEXT NOT NULL,
    post_script   TEXT NOT NULL,
    -- When it was changed for agents, in seconds: strictly growing in an enterprise.
    update_time   INTEGER NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    deleted_at    TEXT,
    version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX dial_variables_name ON dial_variables (enterprise_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX dial_variables_time ON dial_variables (enterprise_id, update_time);
CREATE INDEX dial_variables_enterprise ON dial_variables (enterprise_id, id) WHERE deleted_at IS NULL;
CREATE INDEX dial_variables_key ON dial_variables (key_id);
CREATE INDEX dial_variables_deleted ON dial_variables (deleted_at) WHERE deleted_at IS NOT NULL;

-- Tasks that the agents of a node are to run once: their identifiers, with commas between.
CREATE TABLE node_runs (
    number     INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id         TEXT NOT NULL CHECK (length(id) = 36),
    node_id    TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    tasks      TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX node_runs_node ON node_runs (node_id, number);
CREATE INDEX node_runs_created ON node_runs (created_at);

-- How far an agent has read.
ALTER TABLE node_agents ADD COLUMN cursor INTEGER;
