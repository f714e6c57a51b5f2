-- What is known of a channel's health, and channels that can be disconnected without losing what was said on them.
ALTER TABLE channels
    -- Raised by every edit.
    ADD COLUMN revision        bigint NOT NULL DEFAULT 1,
    ADD COLUMN updated_at      timestamptz NOT NULL DEFAULT now(),
    -- Since when it neither receives nor sends. Its number is free for another channel.
    ADD COLUMN disconnected_at timestamptz,
    -- How the provider was found when last asked; same words as integrations.
    ADD COLUMN state           text NOT NULL DEFAULT 'unchecked',
    ADD COLUMN state_detail    text NOT NULL DEFAULT '',
    ADD COLUMN checked_at      timestamptz,
    -- The provider's own words, e.g. GREEN.
    ADD COLUMN quality         text,
    -- The endpoint at the provider that calls this channel's URL, if we made it; its state there.
    ADD COLUMN webhook_id      text,
    ADD COLUMN webhook_state   text NOT NULL DEFAULT 'unknown',
    ADD CONSTRAINT channels_state_known CHECK (state IN
        ('unchecked', 'working', 'needs_reauth', 'missing_scope', 'suspended', 'misconfigured', 'unavailable')),
    ADD CONSTRAINT channels_webhook_state_known CHECK (webhook_state IN ('unknown', 'active', 'pending', 'disabled', 'missing')),
    -- Replaced below: a disconnected channel keeps its number for the record only.
    DROP CONSTRAINT channels_number_unique;
CREATE UNIQUE INDEX channels_number_unique ON channels (provider, phone_number) WHERE disconnected_at IS NULL;
