-- Durable work, and what an operator must be able to see afterwards.

CREATE TABLE jobs (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    kind         text NOT NULL,
    -- A versioned enum, so that rows written before a deploy are still read after it.
    payload      jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'queued',
    -- queued: when to try. running: when the lease ends.
    due_at       timestamptz NOT NULL DEFAULT now(),
    lease_token  uuid,
    attempts     integer NOT NULL DEFAULT 0,
    last_error   text,
    -- At most one job of a kind for one cause.
    dedupe_key   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'running', 'done', 'dead')),
    CONSTRAINT jobs_once UNIQUE (tenant_id, kind, dedupe_key)
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE state IN ('queued', 'running');
SELECT nexus_secure_table('jobs');

-- Installation-wide events carry the nil tenant.
CREATE TABLE system_events (
    tenant_id       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    id              uuid NOT NULL,
    kind            text NOT NULL,
    severity        text NOT NULL,
    conversation_id uuid,
    detail          jsonb NOT NULL DEFAULT '{}',
    occurred_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT system_events_severity_known CHECK (severity IN ('info', 'warning', 'error'))
);
CREATE INDEX system_events_recent ON system_events (tenant_id, occurred_at DESC);
SELECT nexus_secure_table('system_events');
