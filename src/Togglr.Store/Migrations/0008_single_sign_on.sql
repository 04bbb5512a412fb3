-- Sign-ins by way of identity providers that are under way. A row is taken once; what it keeps (nonce, verifier, or the person that a provider named) is encrypted.
CREATE TABLE sso_requests (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
    -- SHA-256 of the state that travels through the provider, or of the ticket that follows a SAML response.
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- SHA-256 of the browser's cookie; null where the provider began.
    browser_hash bytea CHECK (length(browser_hash) = 32),
    is_answered boolean NOT NULL,
    return_to text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON sso_requests (expires_at);
CREATE INDEX ON sso_requests (provider_id);

-- SAML assertions that were accepted, until they expire by themselves: none is accepted twice.
CREATE TABLE saml_assertions (
    provider_id uuid NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (provider_id, hash)
);
CREATE INDEX ON saml_assertions (expires_at);
