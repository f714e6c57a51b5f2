-- Who gets a conversation, by when it must be answered, and the clock that sees to both.

-- How a person works at the inbox. Whoever has no row here is away.
CREATE TABLE agent_settings (
    tenant_id          uuid NOT NULL,
    user_id            uuid NOT NULL,
    availability       text NOT NULL DEFAULT 'away',
    availability_since timestamptz NOT NULL DEFAULT now(),
    -- The shape of tenants.business_hours, in the tenant's zone; NULL means whenever they are available.
    working_hours      jsonb,
    -- Conversations at a time; NULL means what the rule says.
    most_open          integer,
    -- Whose turn it is next.
    last_assigned_at   timestamptz,
    revision           bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT agent_settings_member_exists FOREIGN KEY (tenant_id, user_id)
        REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
    CONSTRAINT agent_settings_availability_known CHECK (availability IN ('available', 'away')),
    CONSTRAINT agent_settings_most_open_in_range CHECK (most_open BETWEEN 1 AND 500)
);
SELECT nexus_secure_table('agent_settings');

-- The rules of the inbox: the tenant's in the row without a team, and what a team has of its own. A part that is NULL
-- is the tenant's, and where the tenant has none, nothing is done.
CREATE TABLE inbox_policies (
    tenant_id     uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    team_id       uuid,
    -- {"method": "manual" | "round_robin" | "least_busy", "most_open": 20, "reassign_after_minutes": null}
    assignment    jsonb,
    -- {"first_response_minutes", "resolution_minutes", "counted": "always" | "business_hours", "warn_before_minutes", …}
    service_level jsonb,
    -- {"enabled", "delay_minutes", "text", "answer_within_hours"}
    satisfaction  jsonb,
    revision      bigint NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_policies_one UNIQUE NULLS NOT DISTINCT (tenant_id, team_id),
    CONSTRAINT inbox_policies_team_exists FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE
);
SELECT nexus_secure_table('inbox_policies');

ALTER TABLE chat_conversations
    ADD COLUMN assigned_at                timestamptz,
    ADD COLUMN resolved_at                timestamptz,
    -- A case: from when a contact waits for a person until it is resolved or returned. What came of the last one stays
    -- to be seen until the next one begins.
    ADD COLUMN case_started_at            timestamptz,
    ADD COLUMN case_answered_at           timestamptz,
    ADD COLUMN case_ended_at              timestamptz,
    ADD COLUMN first_response_due_at      timestamptz,
    ADD COLUMN resolution_due_at          timestamptz,
    ADD COLUMN first_response_breached_at timestamptz,
    ADD COLUMN resolution_breached_at     timestamptz,
    -- When the clock of the inbox has to look at it next; NULL means that nothing is due.
    ADD COLUMN attend_at                  timestamptz;
-- What the clock costs depends on what is due, not on what is stored.
CREATE INDEX chat_conversations_attend ON chat_conversations (attend_at) WHERE attend_at IS NOT NULL;
CREATE INDEX chat_conversations_load ON chat_conversations (tenant_id, assigned_user_id)
    WHERE assigned_user_id IS NOT NULL AND handled_by = 'agent' AND status IN ('open', 'pending');
CREATE INDEX chat_conversations_unassigned ON chat_conversations (tenant_id, waiting_since, id)
    WHERE assigned_user_id IS NULL AND handled_by = 'agent' AND status IN ('open', 'pending');
CREATE INDEX chat_conversations_breached ON chat_conversations (tenant_id, last_message_at DESC, id DESC)
    WHERE first_response_breached_at IS NOT NULL OR resolution_breached_at IS NOT NULL;

-- Follows the case and asks for a look. Kept here, not by the writers, because the edge, the assistant and the inbox all
-- change hands, status and assignee. Runs after nexus_follow_wait: triggers fire in the order of their names.
CREATE FUNCTION nexus_follow_case() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.assigned_user_id IS DISTINCT FROM OLD.assigned_user_id THEN
        NEW.assigned_at := CASE WHEN NEW.assigned_user_id IS NULL THEN NULL ELSE now() END;
    END IF;
    IF NEW.status <> 'resolved' THEN
        NEW.resolved_at := NULL;
    ELSIF OLD.status <> 'resolved' THEN
        NEW.resolved_at := now();
    END IF;
    IF NEW.handled_by <> 'agent' OR NEW.status = 'resolved' THEN
        IF NEW.case_started_at IS NOT NULL AND NEW.case_ended_at IS NULL THEN
            NEW.case_ended_at := now();
        END IF;
    ELSIF NEW.waiting_since IS NOT NULL AND (NEW.case_started_at IS NULL OR NEW.case_ended_at IS NOT NULL) THEN
        NEW.case_started_at := NEW.waiting_since;
        NEW.case_answered_at := NULL;
        NEW.case_ended_at := NULL;
        NEW.first_response_due_at := NULL;
        NEW.resolution_due_at := NULL;
        NEW.first_response_breached_at := NULL;
        NEW.resolution_breached_at := NULL;
    ELSIF OLD.waiting_since IS NOT NULL AND NEW.waiting_since IS NULL AND NEW.case_answered_at IS NULL THEN
        NEW.case_answered_at := now();
    END IF;
    NEW.attend_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER chat_conversations_keep_case BEFORE UPDATE ON chat_conversations FOR EACH ROW
    WHEN ((OLD.handled_by, OLD.status, OLD.assigned_user_id, OLD.team_id, OLD.waiting_since, OLD.snoozed_until, OLD.resume_at)
          IS DISTINCT FROM
          (NEW.handled_by, NEW.status, NEW.assigned_user_id, NEW.team_id, NEW.waiting_since, NEW.snoozed_until, NEW.resume_at))
    EXECUTE FUNCTION nexus_follow_case();

-- What happened to a conversation, as the thread shows it between the messages.
CREATE TABLE conversation_events (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    kind            text NOT NULL,
    -- NULL when nobody did it by hand.
    actor_user_id   uuid,
    -- Why it happened by itself, such as round_robin or silence.
    cause           text,
    detail          jsonb NOT NULL DEFAULT '{}',
    at              timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversation_events_kind_known CHECK (kind IN
        ('taken_over', 'returned', 'assigned', 'unassigned', 'team_changed', 'resolved', 'reopened', 'snoozed', 'woke',
         'service_level_breached')),
    CONSTRAINT conversation_events_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_events_of_conversation ON conversation_events (tenant_id, conversation_id, at, id);
SELECT nexus_secure_table('conversation_events');

-- Who acts stands in nexus.actor and why in nexus.cause, for as long as the transaction lasts.
CREATE FUNCTION nexus_note_conversation_events() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO conversation_events (tenant_id, id, conversation_id, kind, actor_user_id, cause, detail, at)
    SELECT NEW.tenant_id, gen_random_uuid(), NEW.id, what.kind,
           nullif(current_setting('nexus.actor', true), '')::uuid, nullif(current_setting('nexus.cause', true), ''),
           what.detail, clock_timestamp()
    FROM (VALUES
        (1, OLD.handled_by <> NEW.handled_by,
            CASE NEW.handled_by WHEN 'agent' THEN 'taken_over' ELSE 'returned' END, '{}'::jsonb),
        (2, OLD.team_id IS DISTINCT FROM NEW.team_id,
            'team_changed', jsonb_build_object('from', OLD.team_id, 'to', NEW.team_id)),
        (3, OLD.assigned_user_id IS DISTINCT FROM NEW.assigned_user_id,
            CASE WHEN NEW.assigned_user_id IS NULL THEN 'unassigned' ELSE 'assigned' END,
            jsonb_build_object('from', OLD.assigned_user_id, 'to', NEW.assigned_user_id)),
        (4, OLD.status <> NEW.status AND NEW.status = 'resolved', 'resolved', '{}'::jsonb),
        (5, OLD.status = 'resolved' AND NEW.status <> 'resolved', 'reopened', '{}'::jsonb),
        (6, NEW.status = 'snoozed' AND (OLD.status <> 'snoozed' OR OLD.snoozed_until IS DISTINCT FROM NEW.snoozed_until),
            'snoozed', jsonb_build_object('until', NEW.snoozed_until)),
        (7, OLD.status = 'snoozed' AND NEW.status IN ('open', 'pending'), 'woke', '{}'::jsonb)
    ) AS what (place, happened, kind, detail)
    WHERE what.happened
    ORDER BY what.place;
    RETURN NULL;
END
$$;
CREATE TRIGGER chat_conversations_note_events AFTER UPDATE ON chat_conversations FOR EACH ROW
    WHEN ((OLD.handled_by, OLD.status, OLD.assigned_user_id, OLD.team_id, OLD.snoozed_until)
          IS DISTINCT FROM (NEW.handled_by, NEW.status, NEW.assigned_user_id, NEW.team_id, NEW.snoozed_until))
    EXECUTE FUNCTION nexus_note_conversation_events();

-- Every alert once: the row is written in the transaction that raises it.
CREATE TABLE service_level_alerts (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    case_started_at timestamptz NOT NULL,
    target          text NOT NULL,
    stage           text NOT NULL,
    due_at          timestamptz NOT NULL,
    -- Whose it was.
    user_id         uuid,
    team_id         uuid,
    raised_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, conversation_id, case_started_at, target, stage),
    CONSTRAINT service_level_alerts_target_known CHECK (target IN ('first_response', 'resolution')),
    CONSTRAINT service_level_alerts_stage_known CHECK (stage IN ('warning', 'breach')),
    CONSTRAINT service_level_alerts_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX service_level_alerts_recent ON service_level_alerts (tenant_id, raised_at DESC);
SELECT nexus_secure_table('service_level_alerts');

-- What was there before.
SELECT set_config('nexus.scope', 'system', true);
UPDATE chat_conversations
SET attend_at = now(), assigned_at = CASE WHEN assigned_user_id IS NOT NULL THEN updated_at END,
    case_started_at = waiting_since
WHERE (handled_by = 'agent' AND status <> 'resolved') OR status = 'snoozed';
UPDATE chat_conversations SET resolved_at = updated_at WHERE status = 'resolved';
