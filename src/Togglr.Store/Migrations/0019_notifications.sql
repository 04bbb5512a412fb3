-- Who is told of what happens: places that messages are sent to, what waits to be sent, and what people find in their inboxes.
CREATE TABLE notification_destinations (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- Null: the whole organization.
    project_id uuid,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('webhook', 'slack', 'mattermost', 'telegram', 'email')),
    language text NOT NULL CHECK (language IN ('en', 'ru')),
    enabled boolean NOT NULL,
    settings json NOT NULL,
    secrets bytea,
    subscriptions json NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON notification_destinations (organization_id);
CREATE INDEX ON notification_destinations (project_id) WHERE project_id IS NOT NULL;

-- How a destination answers, and until when it is left alone because it does not.
CREATE TABLE notification_circuits (
    destination_id uuid PRIMARY KEY REFERENCES notification_destinations ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    failures integer NOT NULL,
    pauses integer NOT NULL,
    open_until timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text
);

-- What is to be sent, and what came of it. The same event goes to the same destination once.
CREATE TABLE notification_deliveries (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    destination_id uuid NOT NULL REFERENCES notification_destinations ON DELETE CASCADE,
    -- The entry of the audit log that it tells of; null for a test.
    sequence bigint,
    event text NOT NULL,
    body text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL,
    created_at timestamptz NOT NULL,
    -- When to try next. While somebody tries: when somebody else may, in case they died.
    next_attempt_at timestamptz NOT NULL,
    give_up_at timestamptz NOT NULL,
    attempted_at timestamptz,
    finished_at timestamptz,
    status integer,
    error text,
    milliseconds integer,
    UNIQUE (destination_id, sequence)
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (destination_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX ON notification_deliveries (destination_id, id);
CREATE INDEX ON notification_deliveries (created_at);

-- Up to which entry of the audit log people and destinations were told.
CREATE TABLE notification_cursors (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    sequence bigint NOT NULL
);
-- Nobody is told of what happened before there were notifications.
INSERT INTO notification_cursors (organization_id, sequence) SELECT c.organization_id, c.sequence FROM audit_chains c JOIN organizations o ON o.id = c.organization_id;

-- What somebody finds in their inbox.
CREATE TABLE inbox_items (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    project_id uuid,
    sequence bigint NOT NULL,
    event text NOT NULL,
    -- Why it concerns them.
    concern text NOT NULL CHECK (concern IN ('review', 'request', 'owner', 'watch')),
    body json NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    mailed_at timestamptz,
    UNIQUE (user_id, organization_id, sequence),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON inbox_items (user_id, id);
CREATE INDEX inbox_items_unread ON inbox_items (user_id, organization_id) WHERE read_at IS NULL;
CREATE INDEX ON inbox_items (created_at);

-- What somebody wants to hear of besides what concerns them: a project, or one of its flags.
CREATE TABLE watches (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    project_id uuid NOT NULL,
    flag_id uuid REFERENCES flags ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON watches (user_id, project_id, coalesce(flag_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX ON watches (project_id);

-- How somebody wants to be told; without a row: in the inbox only.
CREATE TABLE notification_preferences (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    mail text NOT NULL CHECK (mail IN ('off', 'immediately', 'daily', 'weekly')),
    hour integer NOT NULL CHECK (hour BETWEEN 0 AND 23),
    weekday integer NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    muted_groups text[] NOT NULL,
    next_digest_at timestamptz
);
CREATE INDEX ON notification_preferences (next_digest_at) WHERE next_digest_at IS NOT NULL;
