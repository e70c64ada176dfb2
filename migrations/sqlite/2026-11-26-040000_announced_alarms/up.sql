-- The alarms of which everybody was told that they fire, and nobody yet that they are over.
CREATE INDEX alarms_announced ON alarms (state, id) WHERE is_announced;
