-- Outbound messages that are not settled yet. The brain writes them, the edge sends them.
CREATE TABLE outbox (
    tenant_id           uuid NOT NULL,
    id                  uuid NOT NULL,
    conversation_id     uuid NOT NULL,
    channel_id          uuid NOT NULL,
    message_id          uuid NOT NULL,
    -- Order within the conversation; a row leaves only when every earlier one is settled.
    seq                 bigint NOT NULL,
    -- NULL for what a person sends: it is not bound to the assistant's epoch.
    control_epoch       bigint,
    -- The provider-neutral content.
    content             jsonb NOT NULL,
    state               text NOT NULL DEFAULT 'queued',
    due_at              timestamptz NOT NULL DEFAULT now(),
    attempts            integer NOT NULL DEFAULT 0,
    -- When the last call left; reconciliation counts from here.
    sending_since       timestamptz,
    lookups             integer NOT NULL DEFAULT 0,
    -- Look-ups that said the provider does not have it.
    absences            integer NOT NULL DEFAULT 0,
    resends             integer NOT NULL DEFAULT 0,
    provider_ref        text,
    provider_message_id text,
    error_code          text,
    error_detail        text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    -- Set once nothing more will be done by itself; an unknown outcome that nobody could clear up is settled too.
    settled_at          timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT outbox_order UNIQUE (tenant_id, conversation_id, seq),
    CONSTRAINT outbox_message_once UNIQUE (tenant_id, message_id),
    CONSTRAINT outbox_state_known CHECK (state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'cancelled')),
    CONSTRAINT outbox_message_exists FOREIGN KEY (tenant_id, message_id)
        REFERENCES chat_messages (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX outbox_unsettled ON outbox (tenant_id, conversation_id, seq) WHERE settled_at IS NULL;
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02);
SELECT nexus_secure_table('outbox');

-- One row per conversation that has something to send. Workers claim lanes, not messages, so a conversation with
-- twenty thousand waiting messages slows nobody.
CREATE TABLE outbox_lanes (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    channel_id      uuid NOT NULL,
    -- When the next row may leave; while a worker holds the lane, when its lease ends. NULL: nothing to send.
    due_at          timestamptz,
    lease_token     uuid,
    PRIMARY KEY (tenant_id, conversation_id),
    CONSTRAINT outbox_lanes_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX outbox_lanes_due ON outbox_lanes (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE outbox_lanes SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
SELECT nexus_secure_table('outbox_lanes');
