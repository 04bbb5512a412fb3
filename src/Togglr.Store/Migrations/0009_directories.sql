-- People and groups that directories and SCIM clients keep in step.

-- Since when a directory does not know the person any more. Only whom the directory let go, the directory takes back.
ALTER TABLE external_identities ADD COLUMN absent_since timestamptz;

-- One sync of one directory: its progress, and the lease of the node that runs it.
CREATE TABLE directory_syncs (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('manual', 'schedule')),
    force boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    scanned integer NOT NULL,
    created integer NOT NULL,
    updated integer NOT NULL,
    deactivated integer NOT NULL,
    skipped integer NOT NULL,
    error text,
    -- Who runs it, until when unless prolonged, and how often it was begun.
    claim uuid,
    claimed_until timestamptz NOT NULL,
    attempts integer NOT NULL,
    started_by uuid,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES identity_providers (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX directory_syncs_one_at_a_time ON directory_syncs (provider_id) WHERE status = 'running';
CREATE INDEX ON directory_syncs (provider_id, started_at DESC);
CREATE INDEX ON directory_syncs (claimed_until) WHERE status = 'running';

CREATE TABLE directory_sync_lines (
    organization_id uuid NOT NULL,
    sync_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    level text NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    message text NOT NULL,
    PRIMARY KEY (sync_id, number),
    FOREIGN KEY (organization_id, sync_id) REFERENCES directory_syncs (organization_id, id) ON DELETE CASCADE
);

-- With what a SCIM client shows that it is the provider.
CREATE TABLE provider_tokens (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix text NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    last_used_address text,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, provider_id) REFERENCES identity_providers (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON provider_tokens (provider_id);

-- What a SCIM client says of a member, beyond what users and memberships hold.
CREATE TABLE scim_people (
    provider_id uuid NOT NULL,
    user_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    user_name text NOT NULL,
    normalized_user_name text COLLATE "C" NOT NULL,
    external_id text,
    attributes json NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    PRIMARY KEY (provider_id, user_id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES identity_providers (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON scim_people (provider_id, normalized_user_name);
CREATE INDEX ON scim_people (provider_id, external_id);
