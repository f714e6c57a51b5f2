-- Webhook events exactly as they were received. Installation-wide: they are stored before anyone knows whose they are.
-- Not partitioned by time, because the duplicate guard has to span every day that is kept.
CREATE TABLE webhook_events (
    -- Order of arrival. Only events that still want something are looked up by it, so only those are indexed by it.
    id           bigint GENERATED ALWAYS AS IDENTITY,
    provider     text NOT NULL,
    -- The provider's own id; 'sha256:…' of the bytes where the event has none.
    event_id     text NOT NULL,
    -- The channel whose URL and secret the request came in by; NULL for the installation's shared URL.
    channel_id   uuid,
    -- bytea: a body with a NUL or broken UTF-8 must be storable, alone and beside others.
    body         bytea,
    received_at  timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'received',
    attempts     integer NOT NULL DEFAULT 0,
    -- Why it is parked, or why nothing had to be done.
    reason       text,
    projected_at timestamptz,
    CONSTRAINT webhook_events_state_known CHECK (state IN ('received', 'projected', 'parked')),
    CONSTRAINT webhook_events_once PRIMARY KEY (provider, event_id)
);
CREATE INDEX webhook_events_to_project ON webhook_events (id) WHERE state = 'received';
CREATE INDEX webhook_events_parked ON webhook_events (id) WHERE state = 'parked';
ALTER TABLE webhook_events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
-- For walking through everything in ranges of ids; costs next to nothing at insert.
CREATE INDEX webhook_events_walk ON webhook_events USING brin (id);
