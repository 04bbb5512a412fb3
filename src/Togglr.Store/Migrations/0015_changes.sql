-- Changes that need an approval: policies say what is guarded, requests hold what is asked for as calls that are made again when they are applied.
CREATE TABLE change_policies (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    environment_id uuid REFERENCES environments ON DELETE CASCADE,
    tag text,
    enabled boolean NOT NULL,
    min_approvals integer NOT NULL CHECK (min_approvals BETWEEN 1 AND 10),
    approver_group_ids uuid[] NOT NULL,
    reauthenticate boolean NOT NULL,
    expires_after_hours integer NOT NULL CHECK (expires_after_hours BETWEEN 1 AND 8760),
    bypass_group_ids uuid[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON change_policies (project_id, coalesce(environment_id, '00000000-0000-0000-0000-000000000000'), coalesce(tag, ''));

CREATE TABLE change_requests (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'pending', 'approved', 'scheduled', 'applied', 'rejected', 'cancelled', 'expired', 'conflicted')),
    author_kind text NOT NULL CHECK (author_kind IN ('user', 'service_account')),
    author_id uuid NOT NULL,
    author_name text NOT NULL,
    editor_ids uuid[] NOT NULL,
    submitted_at timestamptz,
    expires_at timestamptz,
    apply_at timestamptz,
    closed_at timestamptz,
    commands_hash bytea NOT NULL,
    requirements json NOT NULL,
    environment_ids uuid[] NOT NULL,
    project_wide boolean NOT NULL,
    touches text[] NOT NULL,
    failure text,
    transitions integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, number),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON change_requests (project_id, state);
CREATE INDEX change_requests_due ON change_requests (apply_at) WHERE state = 'scheduled';
CREATE INDEX change_requests_expiring ON change_requests (expires_at) WHERE state IN ('pending', 'approved', 'conflicted');

CREATE TABLE change_request_commands (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    request_id uuid NOT NULL REFERENCES change_requests ON DELETE CASCADE,
    position integer NOT NULL,
    operation text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    query text NOT NULL,
    content_type text,
    body bytea,
    reason text,
    action text NOT NULL,
    entity_key text NOT NULL,
    environment text,
    before json,
    after json,
    bases json NOT NULL
);
CREATE INDEX ON change_request_commands (request_id, position);

CREATE TABLE change_request_approvals (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    request_id uuid NOT NULL REFERENCES change_requests ON DELETE CASCADE,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    approved boolean NOT NULL,
    at timestamptz NOT NULL,
    comment text NOT NULL,
    commands_hash bytea NOT NULL,
    reauthenticated boolean NOT NULL
);
CREATE UNIQUE INDEX ON change_request_approvals (request_id, person_id, commands_hash) WHERE approved;

CREATE TABLE change_request_events (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    request_id uuid NOT NULL REFERENCES change_requests ON DELETE CASCADE,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    text text NOT NULL
);
CREATE INDEX ON change_request_events (request_id, id);

-- When somebody last proved again who they are, in a sign-in that goes on.
ALTER TABLE sessions ADD COLUMN reauthenticated_at timestamptz;

-- By what right a guarded thing was changed, and by which request. Part of the hash from format 3 on.
ALTER TABLE audit_entries ADD COLUMN authority text, ADD COLUMN change_request_id uuid;
