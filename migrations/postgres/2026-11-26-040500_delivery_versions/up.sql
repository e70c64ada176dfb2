-- Counts the changes of a delivery, so that what became of a try is noted only if nothing else did
-- meanwhile.
ALTER TABLE alarm_deliveries ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
