-- The people who write, and what is said.

CREATE TABLE contacts (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    display_name text NOT NULL DEFAULT '',
    opted_out_at timestamptz,
    blocked_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT nexus_secure_table('contacts');

-- How a contact is known on a channel. A business-scoped user id never leaves its channel.
CREATE TABLE contact_identities (
    tenant_id  uuid NOT NULL,
    channel_id uuid NOT NULL,
    kind       text NOT NULL,
    -- Normalised, for matching: phones with the mobile digit of Argentina and Brazil.
    value      text NOT NULL,
    -- As the provider writes it: where an answer is sent.
    address    text NOT NULL,
    contact_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, channel_id, kind, value),
    CONSTRAINT contact_identities_kind_known CHECK (kind IN ('phone', 'user_id', 'group')),
    CONSTRAINT contact_identities_contact_exists FOREIGN KEY (tenant_id, contact_id)
        REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_identities_of_contact ON contact_identities (tenant_id, contact_id);
SELECT nexus_secure_table('contact_identities');

-- Two contacts that look like one person. A person decides; a message is never refused for it.
CREATE TABLE contact_merge_suggestions (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    contact_id   uuid NOT NULL,
    other_id     uuid NOT NULL,
    reason       text NOT NULL,
    suggested_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, contact_id, other_id)
);
SELECT nexus_secure_table('contact_merge_suggestions');

CREATE TABLE chat_conversations (
    tenant_id              uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id                     uuid NOT NULL,
    channel_id             uuid NOT NULL,
    contact_id             uuid NOT NULL,
    status                 text NOT NULL DEFAULT 'open',
    handled_by             text NOT NULL DEFAULT 'assistant',
    -- Raised whenever control changes hands; a turn or an outbox row born under another epoch is refused.
    control_epoch          bigint NOT NULL DEFAULT 0,
    -- When an agent has the conversation: from then on the assistant answers again.
    resume_at              timestamptz,
    assigned_user_id       uuid,
    labels                 text[] NOT NULL DEFAULT '{}',
    service_window_ends_at timestamptz,
    -- Counts the inbound messages that deserve an answer, in the order of their arrival.
    inbound_seq            bigint NOT NULL DEFAULT 0,
    -- Counts the outbox rows.
    outbox_seq             bigint NOT NULL DEFAULT 0,
    unread_count           integer NOT NULL DEFAULT 0,
    last_message_at        timestamptz,
    last_message_preview   text NOT NULL DEFAULT '',
    -- Raised by every change, so that a client sees a gap.
    revision               bigint NOT NULL DEFAULT 0,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT chat_conversations_contact_once UNIQUE (tenant_id, channel_id, contact_id),
    CONSTRAINT chat_conversations_status_known CHECK (status IN ('open', 'pending', 'resolved', 'snoozed')),
    CONSTRAINT chat_conversations_handler_known CHECK (handled_by IN ('assistant', 'agent')),
    CONSTRAINT chat_conversations_channel_exists FOREIGN KEY (tenant_id, channel_id)
        REFERENCES channels (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT chat_conversations_contact_exists FOREIGN KEY (tenant_id, contact_id)
        REFERENCES contacts (tenant_id, id)
);
CREATE INDEX chat_conversations_recent ON chat_conversations (tenant_id, last_message_at DESC);
SELECT nexus_secure_table('chat_conversations');

-- The order is the projection rule: observations may come in any order and the status only moves to the right.
-- 'failed' stands left of 'delivered' because a message somebody received has not failed.
CREATE TYPE message_status AS ENUM ('queued', 'unknown', 'cancelled', 'accepted', 'sent', 'failed', 'delivered', 'read');

CREATE TABLE chat_messages (
    tenant_id           uuid NOT NULL,
    id                  uuid NOT NULL,
    conversation_id     uuid NOT NULL,
    channel_id          uuid NOT NULL,
    direction           text NOT NULL,
    author              text NOT NULL,
    -- The provider's message type: text, image, audio, …
    kind                text NOT NULL,
    -- One line that stands for the message in prompts and previews; the whole text of a text message.
    body                text NOT NULL,
    -- The provider's content object, typed by kind.
    content             jsonb NOT NULL,
    -- WhatsApp's id: the duplicate guard.
    provider_message_id text,
    -- The provider's own id, by which it is marked as read and looked up.
    provider_ref        text,
    reply_to            text,
    -- Position among the messages that deserve an answer; NULL for all others.
    inbound_seq         bigint,
    turn_id             uuid,
    -- The provider's time; a burst is read in this order.
    sent_at             timestamptz NOT NULL,
    status              message_status,
    status_at           timestamptz,
    error_code          text,
    error_detail        text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT chat_messages_direction_known CHECK (direction IN ('inbound', 'outbound')),
    CONSTRAINT chat_messages_author_known CHECK (author IN ('contact', 'assistant', 'agent', 'phone', 'provider_inbox', 'system')),
    CONSTRAINT chat_messages_once UNIQUE (tenant_id, channel_id, provider_message_id),
    CONSTRAINT chat_messages_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_messages_thread ON chat_messages (tenant_id, conversation_id, sent_at, id);
CREATE INDEX chat_messages_provider_ref ON chat_messages (tenant_id, channel_id, provider_ref) WHERE provider_ref IS NOT NULL;
SELECT nexus_secure_table('chat_messages');

-- Every status the provider reported, kept as it came.
CREATE TABLE message_status_observations (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    message_id   uuid NOT NULL,
    status       message_status NOT NULL,
    occurred_at  timestamptz NOT NULL,
    error_code   text,
    error_detail text,
    observed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_status_observations_message_exists FOREIGN KEY (tenant_id, message_id)
        REFERENCES chat_messages (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_status_observations_of_message ON message_status_observations (tenant_id, message_id);
SELECT nexus_secure_table('message_status_observations');
