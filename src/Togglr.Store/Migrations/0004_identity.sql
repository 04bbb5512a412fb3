-- Who may do what: roles, groups, grants, service accounts, tokens, sessions, invitations and identity providers.

-- Grows with every change of rights; whoever caches what somebody may do compares it.
ALTER TABLE organizations
    ADD COLUMN access_version bigint NOT NULL DEFAULT 1,
    ADD COLUMN require_two_factor boolean NOT NULL DEFAULT false,
    ADD COLUMN password_sign_in text NOT NULL DEFAULT 'everybody' CHECK (password_sign_in IN ('everybody', 'owners')),
    ADD COLUMN audit_retention_days integer CHECK (audit_retention_days > 0);

ALTER TABLE users
    ADD COLUMN locale text,
    ADD COLUMN time_zone text,
    ADD COLUMN totp_secret bytea,
    ADD COLUMN totp_confirmed_at timestamptz,
    ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0,
    DROP COLUMN security_stamp,
    DROP COLUMN failed_sign_ins,
    DROP COLUMN locked_until;

CREATE TABLE roles (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    permissions text[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, key),
    UNIQUE (organization_id, id)
);

CREATE TABLE identity_providers (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('oidc', 'saml', 'ldap', 'scim')),
    enabled boolean NOT NULL,
    show_on_login boolean NOT NULL,
    domains text[] NOT NULL,
    create_people boolean NOT NULL,
    settings json NOT NULL,
    secrets bytea,
    mappings json NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, key),
    UNIQUE (organization_id, id)
);

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    provider_id uuid,
    external_id text,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, key),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES identity_providers (organization_id, id)
);
CREATE UNIQUE INDEX ON groups (provider_id, external_id) WHERE external_id IS NOT NULL;

ALTER TABLE memberships ADD COLUMN disabled_at timestamptz;

CREATE TABLE group_members (
    organization_id uuid NOT NULL,
    group_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    PRIMARY KEY (group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX ON group_members (organization_id, user_id);

CREATE TABLE service_accounts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    disabled_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, key),
    UNIQUE (organization_id, id)
);

-- A role for somebody, somewhere. Built-in roles are named, custom ones referred to. What a provider's mappings gave carries the provider.
CREATE TABLE role_grants (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid,
    group_id uuid,
    service_account_id uuid,
    built_in_role text CHECK (built_in_role IN ('owner', 'manager', 'member', 'viewer')),
    role_id uuid,
    project_id uuid,
    environment_id uuid,
    provider_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    CHECK (num_nonnulls(user_id, group_id, service_account_id) = 1),
    CHECK (num_nonnulls(built_in_role, role_id) = 1),
    CHECK (environment_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships ON DELETE CASCADE,
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, service_account_id) REFERENCES service_accounts (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, provider_id) REFERENCES identity_providers (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX role_grants_once ON role_grants (
    organization_id, coalesce(user_id, group_id, service_account_id), coalesce(built_in_role, role_id::text),
    coalesce(environment_id, project_id, organization_id), coalesce(provider_id, organization_id));
CREATE INDEX ON role_grants (organization_id, user_id);
CREATE INDEX ON role_grants (organization_id, group_id);
CREATE INDEX ON role_grants (organization_id, service_account_id);
CREATE INDEX ON role_grants (role_id);

INSERT INTO role_grants (id, organization_id, user_id, built_in_role, version, created_at, updated_at, updated_by)
SELECT gen_random_uuid(), organization_id, user_id, role, 1, created_at, updated_at, updated_by FROM memberships;
ALTER TABLE memberships DROP COLUMN role;

CREATE TABLE external_identities (
    provider_id uuid NOT NULL REFERENCES identity_providers ON DELETE CASCADE,
    subject text COLLATE "C" NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (provider_id, subject),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX ON external_identities (organization_id, user_id);

-- One sign-in. Refresh tokens are its family; access tokens name it, so that ending it acts at once.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- Set: the sign-in came from this organization's identity provider and opens this organization only.
    organization_id uuid REFERENCES organizations ON DELETE CASCADE,
    provider_id uuid REFERENCES identity_providers ON DELETE CASCADE,
    method text NOT NULL CHECK (method IN ('password', 'oidc', 'saml', 'ldap')),
    second_factor boolean NOT NULL,
    address text,
    user_agent text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX ON sessions (user_id);
CREATE INDEX ON sessions (expires_at);
DELETE FROM refresh_tokens;
ALTER TABLE refresh_tokens DROP COLUMN address, DROP COLUMN user_agent, DROP COLUMN revoked_at, ADD FOREIGN KEY (family_id) REFERENCES sessions ON DELETE CASCADE;

CREATE TABLE api_tokens (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid,
    service_account_id uuid,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix text NOT NULL,
    permissions text[],
    project_id uuid,
    environment_id uuid,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    last_used_address text,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    CHECK (num_nonnulls(user_id, service_account_id) = 1),
    CHECK (environment_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships ON DELETE CASCADE,
    FOREIGN KEY (organization_id, service_account_id) REFERENCES service_accounts (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON api_tokens (organization_id, user_id);
CREATE INDEX ON api_tokens (service_account_id);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    email text NOT NULL,
    normalized_email text COLLATE "C" NOT NULL,
    name text,
    -- What accepting gives: [{role, project, environment}] and the keys of groups.
    grants json NOT NULL,
    groups text[] NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    invited_by uuid REFERENCES users ON DELETE SET NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES users ON DELETE SET NULL,
    revoked_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX ON invitations (organization_id, normalized_email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
