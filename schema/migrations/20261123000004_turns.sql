-- One run of the assistant over the new inbound messages of a conversation, and its log.
CREATE TABLE turns (
    tenant_id         uuid NOT NULL,
    id                uuid NOT NULL,
    conversation_id   uuid NOT NULL,
    -- 'whatsapp': the answer goes to the outbox. 'chat': it goes back to the caller of POST /chat.
    origin            text NOT NULL DEFAULT 'whatsapp',
    state             text NOT NULL,
    -- collecting: when the burst window closes. running: when the lease ends and another worker may go on.
    due_at            timestamptz NOT NULL,
    burst_deadline_at timestamptz NOT NULL,
    -- The answered messages: from_seq < inbound_seq <= to_seq.
    from_seq          bigint NOT NULL,
    to_seq            bigint,
    control_epoch     bigint,
    lease_token       uuid,
    attempts          integer NOT NULL DEFAULT 0,
    discarded_drafts  integer NOT NULL DEFAULT 0,
    outcome           text,
    model             text,
    prompt_tokens     bigint NOT NULL DEFAULT 0,
    completion_tokens bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT now(),
    started_at        timestamptz,
    finished_at       timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT turns_origin_known CHECK (origin IN ('whatsapp', 'chat')),
    CONSTRAINT turns_state_known CHECK (state IN ('collecting', 'running', 'done', 'superseded', 'skipped', 'dead')),
    CONSTRAINT turns_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX turns_one_running ON turns (tenant_id, conversation_id) WHERE state = 'running';
CREATE UNIQUE INDEX turns_one_collecting ON turns (tenant_id, conversation_id) WHERE state = 'collecting';
-- Only unfinished turns stand here, so claiming costs the same however many are stored.
CREATE INDEX turns_due ON turns (due_at) WHERE state IN ('collecting', 'running');
CREATE INDEX turns_of_conversation ON turns (tenant_id, conversation_id, id);
ALTER TABLE turns SET (autovacuum_vacuum_scale_factor = 0.02);
SELECT nexus_secure_table('turns');

-- Append-only. A worker that takes a turn over replays what stands here and goes on.
CREATE TABLE turn_steps (
    tenant_id  uuid NOT NULL,
    turn_id    uuid NOT NULL,
    number     integer NOT NULL,
    kind       text NOT NULL,
    call_id    text,
    payload    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, turn_id, number),
    CONSTRAINT turn_steps_kind_known CHECK (kind IN ('model_answer', 'tool_intent', 'tool_result')),
    CONSTRAINT turn_steps_turn_exists FOREIGN KEY (tenant_id, turn_id)
        REFERENCES turns (tenant_id, id) ON DELETE CASCADE
);
SELECT nexus_secure_table('turn_steps');

-- Requests of POST /chat by event id, so that a repeated call is not answered twice.
CREATE TABLE chat_requests (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    provider     text NOT NULL,
    event_id     text NOT NULL,
    state        text NOT NULL,
    -- While running: a caller may try again after this time, because the worker has died.
    leased_until timestamptz NOT NULL,
    lease_token  uuid NOT NULL,
    response     jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, provider, event_id),
    CONSTRAINT chat_requests_state_known CHECK (state IN ('running', 'answered'))
);
SELECT nexus_secure_table('chat_requests');
