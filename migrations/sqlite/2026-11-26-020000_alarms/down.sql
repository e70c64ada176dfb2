DROP TABLE alarm_deliveries;
DROP TABLE webhooks;
DROP TABLE alarm_events;
DROP TABLE alarms;
