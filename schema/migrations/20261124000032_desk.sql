-- What a person keeps at their desk: drafts, views of their own, and where others have named them.

-- A draft per person and conversation, so that it is there on the next device too.
CREATE TABLE conversation_drafts (
    tenant_id       uuid NOT NULL,
    user_id         uuid NOT NULL,
    conversation_id uuid NOT NULL,
    mode            text NOT NULL,
    body            text NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id, conversation_id),
    CONSTRAINT conversation_drafts_mode_known CHECK (mode IN ('reply', 'note')),
    CONSTRAINT conversation_drafts_member_exists FOREIGN KEY (tenant_id, user_id)
        REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
    CONSTRAINT conversation_drafts_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_drafts_of_conversation ON conversation_drafts (tenant_id, conversation_id);
SELECT nexus_secure_table('conversation_drafts');

CREATE TABLE saved_views (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    user_id    uuid NOT NULL,
    name       text NOT NULL,
    -- What narrows the list; the parameters of the list route.
    filter     jsonb NOT NULL,
    revision   bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT saved_views_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT saved_views_member_exists FOREIGN KEY (tenant_id, user_id)
        REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX saved_views_name_unique ON saved_views (tenant_id, user_id, lower(name));
SELECT nexus_secure_table('saved_views');

CREATE TABLE note_mentions (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    note_id    uuid NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz,
    PRIMARY KEY (tenant_id, user_id, note_id),
    CONSTRAINT note_mentions_note_exists FOREIGN KEY (tenant_id, note_id)
        REFERENCES conversation_notes (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX note_mentions_recent ON note_mentions (tenant_id, user_id, created_at DESC, note_id DESC);
CREATE INDEX note_mentions_of_note ON note_mentions (tenant_id, note_id);
SELECT nexus_secure_table('note_mentions');

-- What was there before.
SELECT set_config('nexus.scope', 'system', true);
INSERT INTO note_mentions (tenant_id, user_id, note_id, created_at)
SELECT n.tenant_id, who.user_id, n.id, n.created_at
FROM conversation_notes n CROSS JOIN LATERAL unnest(n.mentions) AS who (user_id)
ON CONFLICT DO NOTHING;
