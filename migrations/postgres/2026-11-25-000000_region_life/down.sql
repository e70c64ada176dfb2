-- The way back loses what the version before has no place for: all sets of credentials but the
-- present one, revisions, windows, quotas, labels.
DROP TABLE idempotent_answers;
DROP TABLE maintenance_windows;
ALTER TABLE openings DROP COLUMN version;
ALTER TABLE openings DROP COLUMN updated_at;
ALTER TABLE openings DROP COLUMN cpu_millicores;
ALTER TABLE openings DROP COLUMN memory_mb;
DROP TABLE unread_certificates;
DROP TABLE region_certificates;
DROP TABLE region_revisions;
-- What is sealed is bound to the identifier of its set: only first sets can be opened afterwards.
ALTER TABLE region_credentials RENAME TO credentials_after;
ALTER INDEX region_credentials_pkey RENAME TO credentials_after_pkey;
CREATE TABLE region_credentials (
    region_id   TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    ca          TEXT,
    certificate TEXT,
    token       BYTEA,
    key         BYTEA,
    key_id      TEXT COLLATE "C" REFERENCES master_keys (id)
);
INSERT INTO region_credentials
    SELECT c.region_id, c.ca, c.certificate, CASE WHEN c.id = c.region_id THEN c.token END,
        CASE WHEN c.id = c.region_id THEN c.key END, c.key_id
    FROM credentials_after c JOIN regions r ON r.credentials_id = c.id;
DROP TABLE credentials_after;
DROP INDEX node_keys_key;
ALTER TABLE regions DROP COLUMN changed_by_token_id;
ALTER TABLE regions DROP COLUMN changed_by_user_id;
ALTER TABLE regions DROP COLUMN changed_by_operation;
ALTER TABLE regions DROP COLUMN certificates_expire_at;
ALTER TABLE regions DROP COLUMN previous_until;
ALTER TABLE regions DROP COLUMN previous_credentials_id;
ALTER TABLE regions DROP COLUMN credentials_id;
ALTER TABLE regions DROP COLUMN labels;
DROP INDEX audit_entries_kind;
DROP INDEX nodes_enterprise;
DROP INDEX tokens_previous_pepper;
DROP INDEX tokens_pepper;
DROP INDEX tokens_chosen;
DROP INDEX tokens_user;
DROP INDEX tokens_enterprise;
DROP INDEX teams_creator;
DROP INDEX teams_enterprise;
DROP INDEX users_enterprise;
ALTER TABLE teams DROP COLUMN version;
ALTER TABLE users DROP COLUMN version;
ALTER TABLE users DROP COLUMN updated_at;
ALTER TABLE enterprises DROP COLUMN version;
ALTER TABLE enterprises DROP COLUMN updated_at;
