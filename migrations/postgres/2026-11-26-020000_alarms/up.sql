-- What the rules say: one row for each rule and subject of which it ever said something. The subject
-- is a node or a region, which may be gone.
CREATE TABLE alarms (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    kind          TEXT COLLATE "C" NOT NULL,
    subject_id    TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    reason        TEXT NOT NULL,
    value         TEXT NOT NULL,
    since         TIMESTAMPTZ NOT NULL,
    good_since    TIMESTAMPTZ,
    stale_since   TIMESTAMPTZ,
    is_muted      BOOLEAN NOT NULL,
    is_announced  BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1)
);
CREATE UNIQUE INDEX alarms_subject ON alarms (enterprise_id, kind, subject_id);
CREATE INDEX alarms_enterprise ON alarms (enterprise_id, id);
CREATE INDEX alarms_of ON alarms (subject_id, id);
CREATE INDEX alarms_state ON alarms (state, id);

-- What happened to alarms.
CREATE TABLE alarm_events (
    id       TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    alarm_id TEXT COLLATE "C" NOT NULL REFERENCES alarms (id) ON DELETE CASCADE,
    at       TIMESTAMPTZ NOT NULL,
    state    TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    reason   TEXT NOT NULL,
    value    TEXT NOT NULL,
    is_muted BOOLEAN NOT NULL
);
CREATE INDEX alarm_events_alarm ON alarm_events (alarm_id, id);
CREATE INDEX alarm_events_at ON alarm_events (at);

-- Who is told of alarms. The secret, with which messages are signed, is sealed.
CREATE TABLE webhooks (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    name          TEXT NOT NULL,
    url           TEXT NOT NULL,
    secret        BYTEA NOT NULL,
    key_id        TEXT COLLATE "C" NOT NULL REFERENCES master_keys (id),
    is_enabled    BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX webhooks_enterprise ON webhooks (enterprise_id, id);
CREATE INDEX webhooks_key ON webhooks (key_id);

-- What is on its way to webhooks. Events are kept longer than what tells of them.
CREATE TABLE alarm_deliveries (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    webhook_id  TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id    TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts    INTEGER NOT NULL,
    next_at     TIMESTAMPTZ NOT NULL,
    gives_up_at TIMESTAMPTZ NOT NULL,
    status      INTEGER,
    error       TEXT,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX alarm_deliveries_webhook ON alarm_deliveries (webhook_id, id);
CREATE INDEX alarm_deliveries_due ON alarm_deliveries (webhook_id, state, next_at);
CREATE INDEX alarm_deliveries_state ON alarm_deliveries (state, next_at);
