-- When a business is closed, how long its data is kept, and when it will be erased.
ALTER TABLE tenants
    -- ISO 3166: whose public holidays are offered.
    ADD COLUMN country                text,
    ADD COLUMN closed_on_holidays     boolean NOT NULL DEFAULT false,
    -- [{"date": "2026-12-24", "name": "…"}, …]: closed all day, besides the holidays.
    ADD COLUMN closed_dates           jsonb NOT NULL DEFAULT '[]',
    -- Days; NULL keeps messages for ever, and the others as long as the installation does.
    ADD COLUMN retention_message_days integer,
    ADD COLUMN retention_media_days   integer,
    ADD COLUMN retention_webhook_days integer,
    ADD COLUMN retention_trace_days   integer,
    -- Set when the erasure is ordered; until then it can be taken back.
    ADD COLUMN erase_at               timestamptz,
    ADD CONSTRAINT tenants_country_known CHECK (country IN ('AR', 'BR', 'CL', 'CO', 'MX', 'UY')),
    ADD CONSTRAINT tenants_closed_dates_is_list CHECK (jsonb_typeof(closed_dates) = 'array'),
    ADD CONSTRAINT tenants_retention_message_in_range CHECK (retention_message_days BETWEEN 30 AND 3650),
    ADD CONSTRAINT tenants_retention_media_in_range CHECK (retention_media_days BETWEEN 7 AND 3650),
    ADD CONSTRAINT tenants_retention_webhook_in_range CHECK (retention_webhook_days BETWEEN 1 AND 365),
    ADD CONSTRAINT tenants_retention_trace_in_range CHECK (retention_trace_days BETWEEN 1 AND 365);
CREATE INDEX tenants_to_erase ON tenants (erase_at) WHERE erase_at IS NOT NULL;
