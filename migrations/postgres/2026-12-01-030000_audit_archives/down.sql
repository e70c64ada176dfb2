ALTER TABLE register DROP COLUMN archived_hash;
ALTER TABLE register DROP COLUMN archived_sequence;
