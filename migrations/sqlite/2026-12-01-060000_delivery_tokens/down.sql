CREATE TABLE result_progress (
    id         INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    kept       INTEGER NOT NULL,
    kept_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO result_progress
    SELECT 1, coalesce(sum(kept), 0), coalesce(sum(kept_bytes), 0) FROM result_usage;
DROP TABLE result_usage;
DROP TABLE result_access;

-- The texts of the shared tokens are gone: enterprises get new ones with their next task.
CREATE TABLE result_tokens (
    enterprise_id TEXT PRIMARY KEY NOT NULL REFERENCES enterprises (id),
    digest        BLOB NOT NULL,
    sealed        BLOB NOT NULL,
    key_id        TEXT NOT NULL REFERENCES master_keys (id),
    created_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX result_tokens_digest ON result_tokens (digest);
CREATE INDEX result_tokens_key ON result_tokens (key_id);
DROP TABLE shared_result_tokens;
