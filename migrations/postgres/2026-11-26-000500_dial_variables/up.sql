-- Variables of dial tasks. Values may be secret, so all are sealed.
CREATE TABLE dial_variables (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 36),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    name          TEXT COLLATE "C" NOT NULL,
    value         BYTEA NOT NULL,
    key_id        TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    is_secure     BOOLEAN NOT NULL,
    task_id       TEXT COLLATE "C",
    task_var_name TEXT COLLATE "C" NOT NULL,
    post_script   TEXT COLLATE "C" NOT NULL,
    -- When it was changed for agents, in seconds: strictly growing in an enterprise.
    update_time   BIGINT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    deleted_at    TIMESTAMPTZ,
    version       BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1)
);
CREATE UNIQUE INDEX dial_variables_name ON dial_variables (enterprise_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX dial_variables_time ON dial_variables (enterprise_id, update_time);
CREATE INDEX dial_variables_enterprise ON dial_variables (enterprise_id, id) WHERE deleted_at IS NULL;
CREATE INDEX dial_variables_key ON dial_variables (key_id);
CREATE INDEX dial_variables_deleted ON dial_variables (deleted_at) WHERE deleted_at IS NOT NULL;

-- Tasks that the agents of a node are to run once: their identifiers, with commas between.
CREATE TABLE node_runs (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL CHECK (length(id) = 36),
    node_id    TEXT COLLATE "C" NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    tasks      TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX node_runs_node ON node_runs (node_id, number);
CREATE INDEX node_runs_created ON node_runs (created_at);

-- How far an agent has read.
ALTER TABLE node_agents ADD COLUMN cursor BIGINT;
