-- Templates: messages that WhatsApp has approved, the only ones allowed outside the service window.
CREATE TABLE message_templates (
    tenant_id            uuid NOT NULL,
    id                   uuid NOT NULL,
    channel_id           uuid NOT NULL,
    -- The WhatsApp Business account; with name and language the provider's identity of a template.
    waba_id              text NOT NULL DEFAULT '',
    name                 text NOT NULL,
    language             text NOT NULL,
    category             text NOT NULL,
    -- As WhatsApp says it, in small letters; unsubmitted until the provider has taken it.
    status               text NOT NULL DEFAULT 'unsubmitted',
    quality              text NOT NULL DEFAULT 'unknown',
    -- The definition as the provider has it: HEADER, BODY, FOOTER, BUTTONS.
    components           jsonb NOT NULL,
    rejection_reason     text,
    -- Meta's id.
    provider_id          text,
    -- What the provider still has to be told: create, update or delete.
    pending_change       text,
    -- Why the provider did not take the last change, in its own words.
    change_error         text,
    -- The newest report that was followed, by the provider's clock: reports may come in any order.
    reported_at          timestamptz,
    synced_at            timestamptz,
    revision             bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_templates_once UNIQUE (tenant_id, channel_id, name, language),
    CONSTRAINT message_templates_name_plain CHECK (name ~ '^[a-z0-9_]+$' AND length(name) <= 512),
    CONSTRAINT message_templates_category_known CHECK (category IN ('authentication', 'marketing', 'utility', 'other')),
    CONSTRAINT message_templates_status_known CHECK (status IN
        ('unsubmitted', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'archived', 'in_appeal', 'deleted', 'unknown')),
    CONSTRAINT message_templates_quality_known CHECK (quality IN ('green', 'yellow', 'red', 'unknown')),
    CONSTRAINT message_templates_change_known CHECK (pending_change IN ('create', 'update', 'delete')),
    CONSTRAINT message_templates_channel_exists FOREIGN KEY (tenant_id, channel_id)
        REFERENCES channels (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_templates_by_name ON message_templates (tenant_id, name, language, id);
-- Reports of the provider name the account, not the number. This one is looked up across tenants.
CREATE INDEX message_templates_by_account ON message_templates (waba_id, name, language) WHERE waba_id <> '';
SELECT nexus_secure_table('message_templates');
