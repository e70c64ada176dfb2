-- From which nodes and how often a region is watched; its dial tasks follow from it.
CREATE TABLE region_watches (
    region_id     TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    id            TEXT COLLATE "C" NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    frequency     TEXT COLLATE "C" NOT NULL,
    down_from     INTEGER NOT NULL CHECK (down_from >= 1),
    verifies_tls  BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1)
);

CREATE TABLE region_watch_nodes (
    region_id TEXT COLLATE "C" NOT NULL REFERENCES region_watches (region_id) ON DELETE CASCADE,
    node_id   TEXT COLLATE "C" NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    PRIMARY KEY (region_id, node_id)
);
CREATE INDEX region_watch_nodes_node ON region_watch_nodes (node_id);
