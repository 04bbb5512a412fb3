-- Control data. Conventions: every tenant row carries organization_id; foreign keys include it (and project_id inside a project), so that a reference
-- across tenants or projects cannot be inserted. Keys are compared byte by byte (COLLATE "C"). JSON is json, not jsonb: order and spelling stay.

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    normalized_email text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,
    must_change_password boolean NOT NULL,
    security_stamp uuid NOT NULL,
    failed_sign_ins integer NOT NULL,
    locked_until timestamptz,
    last_sign_in_at timestamptz,
    disabled_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid
);

CREATE TABLE memberships (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'member', 'viewer')),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX ON memberships (user_id);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    family_id uuid NOT NULL,
    hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    address text,
    user_agent text
);
CREATE INDEX ON refresh_tokens (family_id);
CREATE INDEX ON refresh_tokens (user_id);
CREATE INDEX ON refresh_tokens (expires_at);

CREATE TABLE idempotency (
    principal_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    status integer,
    entity_tag text,
    location text,
    content_type text,
    body bytea,
    PRIMARY KEY (principal_id, key)
);
CREATE INDEX ON idempotency (created_at);

CREATE TABLE projects (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, key),
    UNIQUE (organization_id, id)
);

CREATE TABLE environments (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    color text NOT NULL,
    critical boolean NOT NULL,
    position integer NOT NULL,
    salt text NOT NULL,
    revision bigint NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    UNIQUE (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE categories (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('system', 'domain', 'user')),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (organization_id, project_id, key),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE tags (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    color text NOT NULL,
    description text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE attributes (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    type text NOT NULL CHECK (type IN ('string', 'number', 'boolean', 'date', 'semver', 'ip', 'array')),
    description text NOT NULL,
    declared_values text[] NOT NULL,
    observed_values text[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, name),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE flags (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    type text NOT NULL CHECK (type IN ('boolean', 'string', 'number', 'json')),
    kind text NOT NULL CHECK (kind IN ('release', 'experiment', 'operational', 'permission')),
    variants json NOT NULL,
    default_variant text NOT NULL,
    off_variant text,
    json_schema json,
    owner_id uuid REFERENCES users ON DELETE SET NULL,
    maintainer_ids uuid[] NOT NULL,
    category_key text COLLATE "C",
    tags text[] NOT NULL,
    client_visible boolean NOT NULL,
    expected_lifetime_days integer,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    UNIQUE (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, category_key) REFERENCES categories (organization_id, project_id, key)
);
CREATE INDEX ON flags USING gin (tags);

CREATE TABLE flag_environments (
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    killed boolean NOT NULL,
    kill_reason text,
    killed_at timestamptz,
    killed_by uuid,
    prerequisites json NOT NULL,
    targets json NOT NULL,
    rules json NOT NULL,
    default_serve json NOT NULL,
    off_variant text,
    segment_refs text[] NOT NULL,
    flag_refs text[] NOT NULL,
    experiment_refs text[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    PRIMARY KEY (flag_id, environment_id),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON flag_environments (environment_id);
CREATE INDEX ON flag_environments USING gin (segment_refs);
CREATE INDEX ON flag_environments USING gin (flag_refs);
CREATE INDEX ON flag_environments USING gin (experiment_refs);

CREATE TABLE segments (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    condition json,
    segment_refs text[] NOT NULL,
    included_count integer NOT NULL,
    excluded_count integer NOT NULL,
    keys_version integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON segments USING gin (segment_refs);

CREATE TABLE segment_keys (
    organization_id uuid NOT NULL,
    segment_id uuid NOT NULL,
    list text COLLATE "C" NOT NULL CHECK (list IN ('included', 'excluded')),
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (segment_id, list, key),
    FOREIGN KEY (organization_id, segment_id) REFERENCES segments (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE sdk_keys (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('server', 'client')),
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON sdk_keys (environment_id);

-- Snapshots over time: what is current has no superseded_at_revision; what was current at revision R has revision <= R < superseded_at_revision.
CREATE TABLE snapshot_documents (
    id uuid PRIMARY KEY,
    body json NOT NULL
);

CREATE TABLE snapshot_entries (
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('flag', 'segment', 'experiment')),
    key text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    superseded_at_revision bigint CHECK (superseded_at_revision > revision),
    document_id uuid NOT NULL REFERENCES snapshot_documents,
    PRIMARY KEY (environment_id, kind, key, revision)
);
CREATE UNIQUE INDEX ON snapshot_entries (environment_id, kind, key) WHERE superseded_at_revision IS NULL;
CREATE INDEX ON snapshot_entries (environment_id, revision);
CREATE INDEX ON snapshot_entries (environment_id, superseded_at_revision);
CREATE INDEX ON snapshot_entries (document_id);

CREATE TABLE environment_revisions (
    organization_id uuid NOT NULL,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    summary text NOT NULL,
    audit_id uuid NOT NULL,
    PRIMARY KEY (environment_id, revision)
);
CREATE INDEX ON environment_revisions (environment_id, created_at);

-- The audit log outlives what it tells of, so it refers to nothing.
CREATE TABLE audit_chains (
    organization_id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE audit_entries (
    organization_id uuid NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL UNIQUE,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    action text NOT NULL,
    entity text NOT NULL,
    entity_id uuid,
    entity_key text NOT NULL,
    project text COLLATE "C",
    environment text COLLATE "C",
    reason text,
    request_id text,
    address text,
    user_agent text,
    before json,
    after json,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (organization_id, sequence)
);
CREATE INDEX ON audit_entries (organization_id, project, sequence);
CREATE INDEX ON audit_entries (organization_id, entity, entity_key, sequence);
CREATE INDEX ON audit_entries (organization_id, at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE SEQUENCE outbox_id_seq;
CREATE TABLE outbox (
    id bigint PRIMARY KEY,
    organization_id uuid NOT NULL,
    at timestamptz NOT NULL,
    body json NOT NULL
);
CREATE INDEX ON outbox (at);
