-- The way back loses tasks, and deleted nodes; of the keys of a node, the oldest is left.
DROP TABLE result_tokens;
DROP TABLE deliveries;
DROP TABLE dial_task_tags;
DROP TABLE dial_tags;
DROP TABLE dial_tasks;
DROP TABLE node_agents;
DROP TABLE node_contacts;
DELETE FROM node_keys WHERE EXISTS (
    SELECT 1 FROM node_keys o WHERE o.node_id = node_keys.node_id
        AND (o.created_at < node_keys.created_at OR (o.created_at = node_keys.created_at AND o.id < node_keys.id)));
ALTER TABLE node_keys DROP COLUMN last_used_at;
ALTER TABLE node_keys DROP COLUMN first_used_at;
ALTER TABLE node_keys DROP COLUMN ends_others;
ALTER TABLE node_keys DROP COLUMN revoked_at;
ALTER TABLE node_keys DROP COLUMN valid_until;
DELETE FROM nodes WHERE deleted_at IS NOT NULL;
DROP INDEX nodes_deleted;
DROP INDEX nodes_keycode;
CREATE UNIQUE INDEX nodes_keycode ON nodes (enterprise_id, keycode);
ALTER TABLE nodes DROP COLUMN last_update_time;
ALTER TABLE nodes DROP COLUMN version;
ALTER TABLE nodes DROP COLUMN deleted_at;
ALTER TABLE nodes DROP COLUMN updated_at;
ALTER TABLE nodes DROP COLUMN is_enabled;
