-- Who somebody is at an identity provider (OpenID Connect). Installation-wide, like users.
CREATE TABLE user_identities (
    issuer       text NOT NULL,
    -- The provider's own id of the person; their e-mail may change, this does not.
    subject      text NOT NULL,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_of_user ON user_identities (user_id);
