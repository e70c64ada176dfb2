ALTER TABLE alarm_deliveries DROP COLUMN version;
