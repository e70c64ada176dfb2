-- Up to which entry the audit was archived: that entry's sequence and hash. The chain of what is still
-- here begins after it. Where nothing was archived, `audit_seal` covers the end of the chain alone.
ALTER TABLE register ADD COLUMN archived_sequence INTEGER NOT NULL DEFAULT 0
    CHECK (archived_sequence >= 0);
ALTER TABLE register ADD COLUMN archived_hash BLOB NOT NULL
    DEFAULT X'0000000000000000000000000000000000000000000000000000000000000000'
    CHECK (length(archived_hash) = 32);
