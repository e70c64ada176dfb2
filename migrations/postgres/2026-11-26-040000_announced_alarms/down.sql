DROP INDEX alarms_announced;
