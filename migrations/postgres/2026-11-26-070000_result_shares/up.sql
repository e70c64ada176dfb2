-- Series fall into shares by their numbers. The points of each share are rolled up on their own: many of
-- each series at once, and no more series at once than others like to wait for.
CREATE TABLE result_shares (
    share     BIGINT PRIMARY KEY NOT NULL,
    -- The last point that was looked at.
    rolled_up BIGINT NOT NULL
);
INSERT INTO result_shares SELECT share, rolled_up FROM generate_series(0, 15) share, result_progress;
ALTER TABLE result_progress DROP COLUMN rolled_up;

-- These rows are written again and again, each time anew: with room beside them, they take that of
-- their own past, and none of it is left over.
ALTER TABLE result_rollups SET (fillfactor = 50);
ALTER TABLE result_seen SET (fillfactor = 50);
