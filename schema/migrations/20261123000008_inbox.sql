-- What people at the inbox work with: labels, notes, canned replies, teams, and what the lists and the search need.

CREATE TABLE labels (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    -- Conversations carry labels by name.
    name       text NOT NULL,
    color      text NOT NULL DEFAULT 'gray',
    revision   bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT labels_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT labels_color_known CHECK (color IN ('gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'))
);
CREATE UNIQUE INDEX labels_name_unique ON labels (tenant_id, lower(name));
SELECT nexus_secure_table('labels');

CREATE TABLE canned_replies (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    -- What is typed after the slash.
    shortcut   text NOT NULL,
    title      text NOT NULL,
    -- May hold {{variables}}.
    body       text NOT NULL,
    language   text NOT NULL DEFAULT 'es',
    revision   bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT canned_replies_shortcut_plain CHECK (shortcut ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    CONSTRAINT canned_replies_shortcut_unique UNIQUE (tenant_id, shortcut),
    CONSTRAINT canned_replies_language_known CHECK (language IN ('es', 'pt', 'en'))
);
SELECT nexus_secure_table('canned_replies');

CREATE TABLE teams (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL,
    revision   bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT teams_name_not_blank CHECK (btrim(name) <> '')
);
CREATE UNIQUE INDEX teams_name_unique ON teams (tenant_id, lower(name));
SELECT nexus_secure_table('teams');

CREATE TABLE team_members (
    tenant_id uuid NOT NULL,
    team_id   uuid NOT NULL,
    user_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, team_id, user_id),
    CONSTRAINT team_members_team_exists FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE
);
SELECT nexus_secure_table('team_members');

CREATE TABLE conversation_notes (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- NULL for a program with an API token.
    author_user_id  uuid,
    body            text NOT NULL,
    mentions        uuid[] NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversation_notes_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_notes_of_conversation ON conversation_notes (tenant_id, conversation_id, created_at, id);
SELECT nexus_secure_table('conversation_notes');

ALTER TABLE contacts
    -- Given by a person; the profile's name goes on being followed in display_name.
    ADD COLUMN custom_name text,
    ADD COLUMN notes text NOT NULL DEFAULT '',
    ADD COLUMN custom_attributes jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN revision bigint NOT NULL DEFAULT 1;

ALTER TABLE chat_messages
    -- Which agent wrote it in the inbox.
    ADD COLUMN author_user_id uuid,
    -- The failed or unknown message that this one sends again.
    ADD COLUMN resend_of uuid,
    -- The browser's own id, by which it recognises what it has already drawn.
    ADD COLUMN client_message_id text;
-- A message is sent again at most once; whoever wants more sends the copy again.
CREATE UNIQUE INDEX chat_messages_resent_once ON chat_messages (tenant_id, resend_of) WHERE resend_of IS NOT NULL;
CREATE INDEX chat_messages_in_trouble ON chat_messages (tenant_id, sent_at, id)
    WHERE direction = 'outbound' AND status IN ('failed', 'unknown');

ALTER TABLE chat_conversations
    ADD COLUMN team_id uuid,
    ADD COLUMN priority text NOT NULL DEFAULT 'normal',
    ADD COLUMN snoozed_until timestamptz,
    -- Since when the contact waits for a person; NULL when nobody waits.
    ADD COLUMN waiting_since timestamptz,
    ADD COLUMN first_response_at timestamptz,
    -- An older thread with the same contact on the same channel, left by merging two contacts; new messages go to the
    -- younger one.
    ADD COLUMN is_secondary boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT chat_conversations_contact_once,
    ADD CONSTRAINT chat_conversations_priority_known CHECK (priority IN ('low', 'normal', 'high', 'urgent'));
CREATE UNIQUE INDEX chat_conversations_contact_once ON chat_conversations (tenant_id, channel_id, contact_id) WHERE NOT is_secondary;
CREATE INDEX chat_conversations_waiting ON chat_conversations (tenant_id, waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX chat_conversations_newest ON chat_conversations (tenant_id, last_message_at DESC, id DESC);
DROP INDEX chat_conversations_recent;
CREATE INDEX chat_conversations_unresolved ON chat_conversations (tenant_id, handled_by, last_message_at DESC, id DESC)
    WHERE status <> 'resolved';
CREATE INDEX chat_conversations_assigned ON chat_conversations (tenant_id, assigned_user_id, last_message_at DESC, id DESC)
    WHERE assigned_user_id IS NOT NULL;
CREATE INDEX chat_conversations_snoozed ON chat_conversations (tenant_id, snoozed_until, id) WHERE status = 'snoozed';
CREATE INDEX chat_conversations_of_contact ON chat_conversations (tenant_id, contact_id, channel_id);

CREATE INDEX jobs_dead ON jobs (tenant_id, finished_at DESC, id DESC) WHERE state = 'dead';

-- Who waits. Kept here, not by the writers, because the edge, the assistant and the inbox all change it.
CREATE FUNCTION nexus_follow_wait() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.handled_by <> 'agent' OR NEW.status = 'resolved' THEN
        NEW.waiting_since := NULL;
    ELSIF NEW.waiting_since IS NULL
          AND (OLD.handled_by <> 'agent' OR NEW.inbound_seq > OLD.inbound_seq)
          AND (SELECT m.direction = 'inbound' FROM chat_messages m
               WHERE m.tenant_id = NEW.tenant_id AND m.conversation_id = NEW.id
               ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) THEN
        NEW.waiting_since := now();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER chat_conversations_follow_wait BEFORE UPDATE ON chat_conversations FOR EACH ROW
    WHEN (NEW.handled_by = 'agent' OR OLD.waiting_since IS NOT NULL)
    EXECUTE FUNCTION nexus_follow_wait();

-- The words of a text as they are searched: lower case, no accents, no punctuation, the same in every locale. No
-- extension is needed. Operators of tsvector, trigrams and LIKE may leak what they see, so Postgres never uses their
-- indexes under row-level security; comparing text does not leak, and a B-tree of words is used.
CREATE FUNCTION nexus_terms(said text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT DISTINCT left(word, 40)
    FROM string_to_table(
        lower(translate(left(said, 4096),
            'ÁÀÂÃÄÅÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÑÇÝáàâãäåéèêëíìîïóòôõöúùûüñçý' || E'!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~¡¿…“”‘’«»–—·•\t\n\r\u00a0',
            'AAAAAAEEEEIIIIOOOOOUUUUNCYaaaaaaeeeeiiiiooooouuuuncy' || repeat(' ', 49))),
        ' ') AS word
    WHERE length(word) > 1
$$;

-- Which conversations hold a word. One row however often it is said: the vocabulary of a thread is soon complete.
CREATE TABLE conversation_terms (
    tenant_id       uuid NOT NULL,
    term            text COLLATE "C" NOT NULL,
    conversation_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, term, conversation_id),
    CONSTRAINT conversation_terms_conversation_exists FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES chat_conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_terms_of_conversation ON conversation_terms (tenant_id, conversation_id);
SELECT nexus_secure_table('conversation_terms');

-- The words of a contact's names, and every end of its numbers: a part of a number is the beginning of one of them.
CREATE TABLE contact_terms (
    tenant_id  uuid NOT NULL,
    term       text COLLATE "C" NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, term, contact_id),
    CONSTRAINT contact_terms_contact_exists FOREIGN KEY (tenant_id, contact_id)
        REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_terms_of_contact ON contact_terms (tenant_id, contact_id);
SELECT nexus_secure_table('contact_terms');

-- After messages are stored: their words, and the end of a wait that a person has answered.
CREATE FUNCTION nexus_messages_stored() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO conversation_terms (tenant_id, term, conversation_id)
    SELECT DISTINCT s.tenant_id, w.term, s.conversation_id
    FROM stored s CROSS JOIN LATERAL nexus_terms(s.body) AS w (term)
    ON CONFLICT DO NOTHING;
    UPDATE chat_conversations c
    SET waiting_since = NULL, first_response_at = coalesce(c.first_response_at, now())
    FROM (SELECT DISTINCT tenant_id, conversation_id FROM stored WHERE author IN ('agent', 'phone', 'provider_inbox')) AS answered
    WHERE c.tenant_id = answered.tenant_id AND c.id = answered.conversation_id
      AND (c.waiting_since IS NOT NULL OR c.first_response_at IS NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER chat_messages_stored AFTER INSERT ON chat_messages REFERENCING NEW TABLE AS stored FOR EACH STATEMENT
    EXECUTE FUNCTION nexus_messages_stored();

-- A message whose text comes later, such as a transcript.
CREATE FUNCTION nexus_message_reworded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO conversation_terms (tenant_id, term, conversation_id)
    SELECT NEW.tenant_id, w.term, NEW.conversation_id FROM nexus_terms(NEW.body) AS w (term)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER chat_messages_reworded AFTER UPDATE OF body ON chat_messages FOR EACH ROW
    WHEN (NEW.body <> OLD.body) EXECUTE FUNCTION nexus_message_reworded();

CREATE FUNCTION nexus_index_contact(whose uuid, which uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM contact_terms WHERE tenant_id = whose AND contact_id = which;
    INSERT INTO contact_terms (tenant_id, term, contact_id)
    SELECT whose, t.term, which
    FROM (
        SELECT w.term FROM contacts p CROSS JOIN LATERAL nexus_terms(p.display_name || ' ' || coalesce(p.custom_name, '')) AS w (term)
        WHERE p.tenant_id = whose AND p.id = which
        UNION
        SELECT substr(n.digits, start)
        FROM (SELECT regexp_replace(a.number, '[^0-9]', '', 'g') AS digits
              FROM contact_identities i CROSS JOIN LATERAL (VALUES (i.value), (i.address)) AS a (number)
              WHERE i.tenant_id = whose AND i.contact_id = which AND i.kind = 'phone') AS n
        CROSS JOIN LATERAL generate_series(1, length(n.digits) - 2) AS start
    ) AS t (term)
    WHERE EXISTS (SELECT FROM contacts p WHERE p.tenant_id = whose AND p.id = which)
    ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION nexus_contact_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM nexus_index_contact(NEW.tenant_id, NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER contacts_named AFTER INSERT ON contacts FOR EACH ROW
    WHEN (NEW.display_name <> '') EXECUTE FUNCTION nexus_contact_changed();
CREATE TRIGGER contacts_renamed AFTER UPDATE OF display_name, custom_name ON contacts FOR EACH ROW
    WHEN (NEW.display_name <> OLD.display_name OR NEW.custom_name IS DISTINCT FROM OLD.custom_name)
    EXECUTE FUNCTION nexus_contact_changed();

CREATE FUNCTION nexus_identity_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM nexus_index_contact(NEW.tenant_id, NEW.contact_id);
    IF TG_OP = 'UPDATE' AND OLD.contact_id <> NEW.contact_id THEN
        PERFORM nexus_index_contact(OLD.tenant_id, OLD.contact_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER contact_identities_changed AFTER INSERT OR UPDATE ON contact_identities FOR EACH ROW
    EXECUTE FUNCTION nexus_identity_changed();

-- What was there before.
SELECT set_config('nexus.scope', 'system', true);
SELECT nexus_index_contact(tenant_id, id) FROM contacts;
INSERT INTO conversation_terms (tenant_id, term, conversation_id)
SELECT DISTINCT m.tenant_id, w.term, m.conversation_id
FROM chat_messages m CROSS JOIN LATERAL nexus_terms(m.body) AS w (term);
UPDATE chat_conversations c SET waiting_since = coalesce(c.last_message_at, c.updated_at)
WHERE c.handled_by = 'agent' AND c.status <> 'resolved'
  AND (SELECT m.direction = 'inbound' FROM chat_messages m
       WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id ORDER BY m.sent_at DESC, m.id DESC LIMIT 1);
