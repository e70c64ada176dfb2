-- Since when a task dials what it dials: what was found before tells nothing of it.
ALTER TABLE dial_tasks ADD COLUMN target_since TIMESTAMPTZ NOT NULL DEFAULT 'epoch';
UPDATE dial_tasks SET target_since = updated_at;

-- When the certificate was shown; of those that were shown before this, it is not known.
ALTER TABLE result_seen ADD COLUMN certificate_at_ns BIGINT;

-- Nodes that were deleted are out of all watches, and are delivered nothing.
UPDATE region_watches SET version = version + 1 WHERE region_id IN
    (SELECT w.region_id FROM region_watch_nodes w JOIN nodes n ON n.id = w.node_id
     WHERE n.deleted_at IS NOT NULL);
DELETE FROM region_watch_nodes WHERE node_id IN (SELECT id FROM nodes WHERE deleted_at IS NOT NULL);
UPDATE deliveries SET is_tombstone = TRUE WHERE node_id IN (SELECT id FROM nodes WHERE deleted_at IS NOT NULL);
