ALTER TABLE enterprises DROP COLUMN last_variable_time;
