-- What the rules say: one row for each rule and subject of which it ever said something. The subject
-- is a node or a region, which may be gone.
CREATE TABLE alarms (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    kind          TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    reason        TEXT NOT NULL,
    value         TEXT NOT NULL,
    since         TEXT NOT NULL,
    good_since    TEXT,
    stale_since   TEXT,
    is_muted      INTEGER NOT NULL CHECK (is_muted IN (0, 1)),
    is_announced  INTEGER NOT NULL CHECK (is_announced IN (0, 1)),
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;
CREATE UNIQUE INDEX alarms_subject ON alarms (enterprise_id, kind, subject_id);
CREATE INDEX alarms_enterprise ON alarms (enterprise_id, id);
CREATE INDEX alarms_of ON alarms (subject_id, id);
CREATE INDEX alarms_state ON alarms (state, id);

-- What happened to alarms.
CREATE TABLE alarm_events (
    id       TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    alarm_id TEXT NOT NULL REFERENCES alarms (id) ON DELETE CASCADE,
    at       TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    reason   TEXT NOT NULL,
    value    TEXT NOT NULL,
    is_muted INTEGER NOT NULL CHECK (is_muted IN (0, 1))
) STRICT;
CREATE INDEX alarm_events_alarm ON alarm_events (alarm_id, id);
CREATE INDEX alarm_events_at ON alarm_events (at);

-- Who is told of alarms. The secret, with which messages are signed, is sealed.
CREATE TABLE webhooks (
    id            TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    url           TEXT NOT NULL,
    secret        BLOB NOT NULL,
    key_id        TEXT NOT NULL REFERENCES master_keys (id),
    is_enabled    INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;
CREATE INDEX webhooks_enterprise ON webhooks (enterprise_id, id);
CREATE INDEX webhooks_key ON webhooks (key_id);

-- What is on its way to webhooks. Events are kept longer than what tells of them.
CREATE TABLE alarm_deliveries (
    id          TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    webhook_id  TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id    TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts    INTEGER NOT NULL,
    next_at     TEXT NOT NULL,
    gives_up_at TEXT NOT NULL,
    status      INTEGER,
    error       TEXT,
    created_at  TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_deliveries_webhook ON alarm_deliveries (webhook_id, id);
CREATE INDEX alarm_deliveries_due ON alarm_deliveries (webhook_id, state, next_at);
CREATE INDEX alarm_deliveries_state ON alarm_deliveries (state, next_at);
