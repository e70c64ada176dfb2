-- Who dialled what: one row for each node, task and measurement. Results outlive nodes and tasks, so
-- nothing is referred to here; a node or a task that was not told is the empty text.
CREATE TABLE result_series (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enterprise_id TEXT NOT NULL,
    node_id       TEXT NOT NULL,
    task_id       TEXT NOT NULL,
    measurement   TEXT NOT NULL,
    region_id     TEXT
) STRICT;
CREATE UNIQUE INDEX result_series_key
    ON result_series (enterprise_id, node_id, task_id, measurement);
CREATE INDEX result_series_node ON result_series (node_id);
CREATE INDEX result_series_task ON result_series (task_id);
CREATE INDEX result_series_region ON result_series (region_id);

-- How a series stands, as far as its points are rolled up.
CREATE TABLE result_seen (
    series_id           INTEGER PRIMARY KEY NOT NULL,
    at_ns               INTEGER NOT NULL,
    received_us         INTEGER NOT NULL,
    outcome             INTEGER NOT NULL,
    response_us         INTEGER,
    since_ns            INTEGER NOT NULL,
    certificate_expires INTEGER,
    agent_version       TEXT
) STRICT;

-- Sets of tags, each once.
CREATE TABLE result_tags (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    enterprise_id TEXT NOT NULL,
    digest        BLOB NOT NULL CHECK (length(digest) = 16),
    tags          TEXT NOT NULL,
    -- The version of the agent among them.
    agent_version TEXT,
    -- The day since 1970 on which a point had them last.
    used_on       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX result_tags_digest ON result_tags (enterprise_id, digest);
CREATE INDEX result_tags_used ON result_tags (used_on);

-- Points, numbered in the order in which they were committed. Times are numbers, since text would
-- be a quarter of a row: nanoseconds where the name says so, microseconds, or for certificates
-- seconds, all since 1970.
CREATE TABLE result_points (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at_ns               INTEGER NOT NULL,
    series_id           INTEGER NOT NULL,
    -- Of the package in which the point came: sent again, it is the same.
    digest              INTEGER NOT NULL,
    received_us         INTEGER NOT NULL,
    outcome             INTEGER NOT NULL,
    response_us         INTEGER,
    dns_us              INTEGER,
    connect_us          INTEGER,
    tls_us              INTEGER,
    first_byte_us       INTEGER,
    download_us         INTEGER,
    status_code         INTEGER,
    -- Thousandths of a percent.
    packet_loss         INTEGER,
    certificate_expires INTEGER,
    fail_reason         TEXT,
    tags_id             INTEGER
) STRICT;
-- By time first: points come nearly in that order, so a commit writes few pages of it. With the
-- series first, each point of a commit would write a page of its own.
CREATE UNIQUE INDEX result_points_key ON result_points (at_ns, series_id, digest);

-- What remains of the points of an hour (step 1) or a day (step 2), counted since 1970.
CREATE TABLE result_rollups (
    step       INTEGER NOT NULL CHECK (step IN (1, 2)),
    number     INTEGER NOT NULL,
    series_id  INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    failures   INTEGER NOT NULL,
    sketch     BLOB NOT NULL,
    written_us INTEGER NOT NULL,
    PRIMARY KEY (step, number, series_id)
) STRICT, WITHOUT ROWID;

-- Up to which point everything is rolled up, and how much of that is kept.
CREATE TABLE result_progress (
    id         INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    rolled_up  INTEGER NOT NULL,
    kept       INTEGER NOT NULL,
    kept_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO result_progress VALUES (1, 0, 0, 0);
