-- Points of shares that were ahead are rolled up once more: nothing else tells how far each was.
ALTER TABLE result_progress ADD COLUMN rolled_up BIGINT NOT NULL DEFAULT 0;
UPDATE result_progress SET rolled_up = (SELECT min(rolled_up) FROM result_shares);
DROP TABLE result_shares;
ALTER TABLE result_rollups RESET (fillfactor);
ALTER TABLE result_seen RESET (fillfactor);
