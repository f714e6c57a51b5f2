-- What customers think of how they were served: asked once after a conversation is resolved.
CREATE TABLE satisfaction_surveys (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- Which resolution it is about: one is asked about once.
    resolved_at     timestamptz NOT NULL,
    -- Whose work it was.
    user_id         uuid,
    team_id         uuid,
    state           text NOT NULL,
    -- Why nothing was asked.
    skip_reason     text,
    -- The question, as it stands in the thread.
    message_id      uuid,
    asked_at        timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    score           smallint,
    comment         text,
    answered_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT satisfaction_surveys_once UNIQUE (tenant_id, conversation_id, resolved_at),
    -- passed_over: the contact wrote something else first.
    CONSTRAINT satisfaction_surveys_state_known CHECK (state IN ('asked', 'skipped', 'answered', 'passed_over')),
    CONSTRAINT satisfaction_surveys_score_in_range CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT satisfaction_surveys_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX satisfaction_surveys_asked ON satisfaction_surveys (tenant_id, asked_at DESC, id DESC);
SELECT nexus_secure_table('satisfaction_surveys');

ALTER TABLE chat_conversations
    -- The question whose answer may still come.
    ADD COLUMN survey_id          uuid,
    ADD COLUMN survey_expires_at  timestamptz,
    -- The newest answer.
    ADD COLUMN satisfaction_score smallint;
