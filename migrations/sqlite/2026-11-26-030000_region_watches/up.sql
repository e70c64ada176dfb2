-- From which nodes and how often a region is watched; its dial tasks follow from it.
CREATE TABLE region_watches (
    region_id     TEXT PRIMARY KEY NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    id            TEXT NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    frequency     TEXT NOT NULL,
    down_from     INTEGER NOT NULL CHECK (down_from >= 1),
    verifies_tls  INTEGER NOT NULL CHECK (verifies_tls IN (0, 1)),
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE TABLE region_watch_nodes (
    region_id TEXT NOT NULL REFERENCES region_watches (region_id) ON DELETE CASCADE,
    node_id   TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    PRIMARY KEY (region_id, node_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX region_watch_nodes_node ON region_watch_nodes (node_id);
