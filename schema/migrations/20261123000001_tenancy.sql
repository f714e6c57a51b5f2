-- Who the installation serves, and the two locks that keep tenants apart.
--
-- Every table that belongs to a business is under forced row-level security with two policies:
--   tenant_isolation  rows of the tenant named by the setting nexus.tenant_id
--   system_scope      every row, when nexus.scope is 'system' and the role is not nexus_tenant
-- A connection that sets neither sees nothing, whoever owns the tables.

CREATE FUNCTION nexus_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('nexus.tenant_id', true), '')::uuid $$;

CREATE FUNCTION nexus_is_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('nexus.scope', true), '') = 'system' AND current_user <> 'nexus_tenant' $$;

-- Puts one table under row-level security. The sub-selects make Postgres evaluate each function once per query.
CREATE FUNCTION nexus_secure_table(secured regclass, tenant_column name DEFAULT 'tenant_id') RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', secured);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', secured);
    EXECUTE format(
        'CREATE POLICY tenant_isolation ON %s USING (%I = (SELECT nexus_tenant())) WITH CHECK (%I = (SELECT nexus_tenant()))',
        secured, tenant_column, tenant_column);
    EXECUTE format(
        'CREATE POLICY system_scope ON %s USING ((SELECT nexus_is_system())) WITH CHECK ((SELECT nexus_is_system()))',
        secured);
END
$$;

-- Gives the unprivileged role exactly the tenant tables. Run after every migration, so new tables join by themselves.
CREATE FUNCTION nexus_grant_tenant_role() RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    secured regclass;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO nexus_tenant', current_schema());
    FOR secured IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO nexus_tenant', secured);
    END LOOP;
END
$$;

CREATE TABLE tenants (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL,
    language             text NOT NULL DEFAULT 'es',
    time_zone            text NOT NULL DEFAULT 'America/Argentina/Buenos_Aires',
    location             text,
    website              text,
    description          text,
    -- {"mon": [["09:00","13:00"],["17:00","21:00"]], …}; a missing day is closed; NULL means nobody has said.
    business_hours       jsonb,
    -- NULL means the installation's default.
    burst_window_ms      integer,
    burst_ceiling_ms     integer,
    bubble_delay_ms      integer,
    silence_window_hours integer NOT NULL DEFAULT 24,
    -- How many turns of this tenant may run at once, so that one flood does not slow the others.
    turn_concurrency     integer NOT NULL DEFAULT 16,
    handoff_emails       text[] NOT NULL DEFAULT '{}',
    suspended_at         timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenants_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT tenants_language_known CHECK (language IN ('es', 'pt', 'en')),
    CONSTRAINT tenants_burst_window_in_range CHECK (burst_window_ms BETWEEN 0 AND 60000),
    CONSTRAINT tenants_burst_ceiling_in_range CHECK (burst_ceiling_ms BETWEEN 0 AND 120000),
    CONSTRAINT tenants_bubble_delay_in_range CHECK (bubble_delay_ms BETWEEN 0 AND 30000),
    CONSTRAINT tenants_silence_window_in_range CHECK (silence_window_hours BETWEEN 1 AND 720),
    CONSTRAINT tenants_turn_concurrency_in_range CHECK (turn_concurrency BETWEEN 1 AND 10000)
);
SELECT nexus_secure_table('tenants', 'id');

CREATE TABLE assistants (
    tenant_id            uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id                   uuid NOT NULL,
    name                 text NOT NULL,
    published_version_id uuid,
    paused_at            timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT nexus_secure_table('assistants');

-- A version is never changed; publishing moves assistants.published_version_id.
CREATE TABLE assistant_versions (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    assistant_id uuid NOT NULL,
    number       integer NOT NULL,
    persona      text NOT NULL,
    instructions text NOT NULL DEFAULT '',
    facts        text NOT NULL DEFAULT '',
    -- NULL means the installation's model.
    model        text,
    tools        text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT assistant_versions_number_unique UNIQUE (tenant_id, assistant_id, number),
    CONSTRAINT assistant_versions_assistant_exists FOREIGN KEY (tenant_id, assistant_id)
        REFERENCES assistants (tenant_id, id) ON DELETE CASCADE
);
SELECT nexus_secure_table('assistant_versions');

CREATE TABLE channels (
    tenant_id              uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id                     uuid NOT NULL,
    provider               text NOT NULL,
    -- E.164 with the plus sign.
    phone_number           text NOT NULL,
    display_name           text NOT NULL DEFAULT '',
    -- Unguessable last segment of the channel's own webhook URL.
    webhook_key            text NOT NULL,
    assistant_id           uuid,
    marks_read             boolean NOT NULL DEFAULT true,
    -- Set when the provider refuses the credentials; sending pauses until it is cleared or the time has passed.
    credentials_refused_at timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT channels_provider_known CHECK (provider IN ('ycloud', 'meta', 'evolution')),
    CONSTRAINT channels_phone_number_is_e164 CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    -- One number belongs to one tenant of the installation.
    CONSTRAINT channels_number_unique UNIQUE (provider, phone_number),
    CONSTRAINT channels_webhook_key_unique UNIQUE (webhook_key)
);
SELECT nexus_secure_table('channels');

CREATE TABLE credentials (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    channel_id uuid,
    kind       text NOT NULL,
    -- AES-256-GCM; tenant and kind are the associated data.
    sealed     bytea NOT NULL,
    key_id     text NOT NULL,
    -- The last four characters, all that is ever shown.
    mask       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT credentials_kind_unique UNIQUE NULLS NOT DISTINCT (tenant_id, channel_id, kind),
    CONSTRAINT credentials_channel_exists FOREIGN KEY (tenant_id, channel_id)
        REFERENCES channels (tenant_id, id) ON DELETE CASCADE
);
SELECT nexus_secure_table('credentials');
