ALTER TABLE result_seen DROP COLUMN certificate_at_ns;
ALTER TABLE dial_tasks DROP COLUMN target_since;
