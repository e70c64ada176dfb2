-- The largest update_time that was given to a variable of the enterprise, in seconds. It stays when
-- that variable is forgotten, so that what agents have read never lies ahead of what comes.
ALTER TABLE enterprises ADD COLUMN last_variable_time BIGINT NOT NULL DEFAULT 0;
UPDATE enterprises SET last_variable_time = coalesce(
    (SELECT max(update_time) FROM dial_variables WHERE enterprise_id = enterprises.id), 0
);
