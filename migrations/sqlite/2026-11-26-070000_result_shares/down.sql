-- Points of shares that were ahead are rolled up once more: nothing else tells how far each was.
ALTER TABLE result_progress ADD COLUMN rolled_up INTEGER NOT NULL DEFAULT 0;
UPDATE result_progress SET rolled_up = (SELECT min(rolled_up) FROM result_shares);
DROP TABLE result_shares;
