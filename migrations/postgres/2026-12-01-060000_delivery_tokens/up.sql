-- A delivery has a token of its own now, which is signed and needs no row. What is left of the tokens
-- that all nodes of an enterprise shared is the digest by which one is known again for a while.
CREATE TABLE shared_result_tokens (
    enterprise_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES enterprises (id),
    digest        BYTEA NOT NULL CHECK (length(digest) = 32)
);
CREATE UNIQUE INDEX shared_result_tokens_digest ON shared_result_tokens (digest);
INSERT INTO shared_result_tokens SELECT enterprise_id, digest FROM result_tokens;
DROP TABLE result_tokens;

-- Who may post, beyond what rows of nodes and keys say. One row.
CREATE TABLE result_access (
    id           BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    -- When a version started for the first time that signs tokens.
    signed_since TIMESTAMPTZ,
    -- A node was disabled or deleted, or a key of one was ended, last in the transaction that wrote
    -- this audit entry. 0: never.
    ended_at     BIGINT NOT NULL
);
INSERT INTO result_access VALUES (1, NULL, 0);

-- How much of the points that are rolled up each enterprise has. Written with every save, so there is
-- room for the next version of a row beside it.
CREATE TABLE result_usage (
    enterprise_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kept          BIGINT NOT NULL,
    kept_bytes    BIGINT NOT NULL,
    -- Up to this point, none of its points is left.
    trimmed_upto  BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO result_usage
    SELECT s.enterprise_id, count(*), sum(240 + coalesce(octet_length(p.fail_reason), 0)), 0
    FROM result_points p
    JOIN result_series s ON s.id = p.series_id
    JOIN result_shares h ON h.share = s.id % 16
    WHERE p.id <= h.rolled_up
    GROUP BY s.enterprise_id;
DROP TABLE result_progress;
