-- The outside systems of a business besides its WhatsApp channels: the model provider, the shop, the calendar, the mail
-- server. What is secret about them stands sealed in `credentials`.
CREATE TABLE integrations (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind         text NOT NULL,
    -- What is not secret: addresses, account numbers, the chosen version.
    settings     jsonb NOT NULL DEFAULT '{}',
    state        text NOT NULL DEFAULT 'unchecked',
    -- The other side's own words or a code of ours; never a secret.
    state_detail text NOT NULL DEFAULT '',
    checked_at   timestamptz,
    worked_at    timestamptz,
    revision     bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind),
    CONSTRAINT integrations_kind_known CHECK (kind IN ('openai', 'tiendanube', 'google_calendar', 'smtp')),
    CONSTRAINT integrations_state_known CHECK (state IN
        ('unchecked', 'working', 'needs_reauth', 'missing_scope', 'suspended', 'misconfigured', 'unavailable')),
    CONSTRAINT integrations_settings_is_object CHECK (jsonb_typeof(settings) = 'object')
);
SELECT nexus_secure_table('integrations');
