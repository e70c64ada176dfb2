-- Series fall into shares by their numbers. The points of each share are rolled up on their own: many of
-- each series at once, and no more series at once than others like to wait for.
CREATE TABLE result_shares (
    share     INTEGER PRIMARY KEY NOT NULL,
    -- The last point that was looked at.
    rolled_up INTEGER NOT NULL
) STRICT;
WITH RECURSIVE numbers (share) AS (SELECT 0 UNION ALL SELECT share + 1 FROM numbers WHERE share < 15)
INSERT INTO result_shares SELECT share, rolled_up FROM numbers, result_progress;
ALTER TABLE result_progress DROP COLUMN rolled_up;
