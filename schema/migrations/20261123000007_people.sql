-- Who may sign in, what they may do where, and what they did.

-- Installation-wide: one person may belong to several businesses.
CREATE TABLE users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL,
    display_name      text NOT NULL DEFAULT '',
    -- argon2id as a PHC string; NULL until the person has chosen a password.
    password_hash     text,
    language          text NOT NULL DEFAULT 'es',
    -- AES-256-GCM; the user's id and 'totp' are the associated data. Set before it counts: see totp_confirmed_at.
    totp_secret       bytea,
    totp_confirmed_at timestamptz,
    -- The last accepted time step, so that one code opens one door.
    totp_last_step    bigint,
    -- SHA-256 of the backup codes that are left.
    backup_codes      bytea[] NOT NULL DEFAULT '{}',
    is_superadmin     boolean NOT NULL DEFAULT false,
    disabled_at       timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_looks_right CHECK (email ~ '^[^@\s]+@[^@\s]+$' AND length(email) <= 254),
    CONSTRAINT users_language_known CHECK (language IN ('es', 'pt', 'en'))
);
CREATE UNIQUE INDEX users_email_unique ON users (lower(email));

CREATE TABLE memberships (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT memberships_role_known CHECK (role IN ('administrator', 'supervisor', 'agent', 'viewer'))
);
CREATE INDEX memberships_of_user ON memberships (user_id);
SELECT nexus_secure_table('memberships');

-- One row per signed-in device. The token in the cookie changes as it is used; the row stays.
CREATE TABLE sessions (
    id                  uuid PRIMARY KEY,
    user_id             uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the newest token.
    token_hash          bytea NOT NULL,
    rotated_at          timestamptz NOT NULL DEFAULT now(),
    -- The token before: good until the newest one has been seen, and a moment longer for requests on their way.
    previous_token_hash bytea,
    previous_expires_at timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    last_seen_at        timestamptz NOT NULL DEFAULT now(),
    expires_at          timestamptz NOT NULL,
    user_agent          text NOT NULL DEFAULT '',
    address             text NOT NULL DEFAULT '',
    revoked_at          timestamptz,
    CONSTRAINT sessions_token_unique UNIQUE (token_hash)
);
CREATE UNIQUE INDEX sessions_previous_token ON sessions (previous_token_hash) WHERE previous_token_hash IS NOT NULL;
CREATE INDEX sessions_of_user ON sessions (user_id, created_at);

CREATE TABLE api_tokens (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    token_hash   bytea NOT NULL,
    -- Names of permissions.
    scopes       text[] NOT NULL,
    created_by   uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_tokens_hash_unique UNIQUE (token_hash),
    CONSTRAINT api_tokens_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT api_tokens_scopes_not_empty CHECK (cardinality(scopes) > 0)
);
SELECT nexus_secure_table('api_tokens');

-- A way into a tenant that was mailed to somebody.
CREATE TABLE invitations (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    email       text NOT NULL,
    role        text NOT NULL,
    token_hash  bytea NOT NULL,
    invited_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_token_unique UNIQUE (token_hash),
    CONSTRAINT invitations_role_known CHECK (role IN ('administrator', 'supervisor', 'agent', 'viewer'))
);
CREATE UNIQUE INDEX invitations_one_open ON invitations (tenant_id, lower(email)) WHERE accepted_at IS NULL AND revoked_at IS NULL;
SELECT nexus_secure_table('invitations');

CREATE TABLE password_resets (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT password_resets_token_unique UNIQUE (token_hash)
);
CREATE INDEX password_resets_of_user ON password_resets (user_id);

-- Tries that count against a limit. A successful sign-in removes those of its account.
CREATE TABLE login_attempts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What is counted, e.g. account, address, reset.
    kind         text NOT NULL,
    -- SHA-256 of the e-mail or the address: a list of who tried is nobody's to read.
    subject      bytea NOT NULL,
    attempted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_attempts_recent ON login_attempts (kind, subject, attempted_at);
CREATE INDEX login_attempts_age ON login_attempts (attempted_at);

-- Who changed what. Append-only. What concerns no tenant carries the nil tenant.
CREATE TABLE audit_log (
    tenant_id   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    id          uuid NOT NULL,
    actor_kind  text NOT NULL,
    actor_id    uuid,
    action      text NOT NULL,
    object_kind text NOT NULL,
    object_id   uuid,
    before      jsonb,
    after       jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT audit_log_actor_known CHECK (actor_kind IN ('user', 'api_token', 'admin_key', 'system'))
);
CREATE INDEX audit_log_recent ON audit_log (tenant_id, at DESC);
SELECT nexus_secure_table('audit_log');

-- Retention runs on its own setting and never as a tenant; everything else may only add.
CREATE FUNCTION nexus_audit_log_is_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND nexus_is_system() AND current_setting('nexus.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION nexus_audit_log_is_append_only();

-- Answers of requests that must not happen twice, by the key their caller chose.
CREATE TABLE idempotency_keys (
    tenant_id       uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    key             text NOT NULL,
    route           text NOT NULL,
    -- SHA-256 of caller and body: the same key with another request is a mistake of the caller.
    request_hash    bytea NOT NULL,
    response_status integer,
    response_body   jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key, route)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
SELECT nexus_secure_table('idempotency_keys');
