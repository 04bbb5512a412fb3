-- Evaluations and errors by the second in which a node delivered them. Rows live for hours and go by age, so nothing refers to the flag: what is left of a deleted one is never read.
CREATE TABLE health_slots (
    environment_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    slot timestamptz NOT NULL,
    -- Empty: no variant was named, or none that the flag has.
    variant text COLLATE "C" NOT NULL,
    evaluations bigint NOT NULL,
    errors bigint NOT NULL,
    -- The same as told with keys that are public.
    client_evaluations bigint NOT NULL,
    client_errors bigint NOT NULL,
    PRIMARY KEY (environment_id, flag_id, slot, variant)
);
CREATE INDEX ON health_slots (slot);
CREATE INDEX health_slots_errors ON health_slots (environment_id, slot) INCLUDE (flag_id) WHERE errors > 0 OR client_errors > 0;

-- The same without time: only ever grows.
CREATE TABLE health_totals (
    flag_id uuid NOT NULL REFERENCES flags ON DELETE CASCADE,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    variant text COLLATE "C" NOT NULL,
    evaluations bigint NOT NULL,
    errors bigint NOT NULL,
    client_evaluations bigint NOT NULL,
    client_errors bigint NOT NULL,
    last_error_at timestamptz,
    PRIMARY KEY (flag_id, environment_id, variant)
);
CREATE INDEX ON health_totals (environment_id);

-- The last delivery of each node: one that is made again counts nothing.
CREATE TABLE health_nodes (
    node uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL
);

-- When somebody has to look at an environment; null: not before the next error.
CREATE TABLE health_watches (
    environment_id uuid PRIMARY KEY REFERENCES environments ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    due_at timestamptz
);
CREATE INDEX ON health_watches (due_at) WHERE due_at IS NOT NULL;

-- When errors are too many, and what happens then: for a project, an environment of it, or a flag in an environment.
CREATE TABLE health_settings (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    environment_id uuid,
    flag_id uuid,
    window_seconds integer NOT NULL,
    min_evaluations bigint NOT NULL,
    max_error_rate double precision,
    max_errors bigint,
    judge_bursts boolean NOT NULL,
    action text NOT NULL CHECK (action IN ('none', 'announce', 'disable', 'request')),
    count_clients boolean NOT NULL,
    trial_after_minutes integer,
    trial_share integer,
    trial_minutes integer,
    trial_opens boolean,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    CHECK (flag_id IS NULL OR environment_id IS NOT NULL)
);
CREATE UNIQUE INDEX ON health_settings (project_id, environment_id, flag_id) NULLS NOT DISTINCT;
CREATE INDEX ON health_settings (environment_id);
CREATE INDEX ON health_settings (flag_id);

-- A time in which a flag did harm in an environment.
CREATE TABLE incidents (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    flag_key text COLLATE "C" NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    -- Counts the project's incidents from 1.
    number integer NOT NULL,
    -- What tripped, with the numbers.
    cause json NOT NULL,
    measure text NOT NULL CHECK (measure IN ('none', 'announce', 'disable', 'request')),
    -- When the errors began, as far as the window shows.
    began_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid,
    resolution text,
    change_request integer,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON incidents (project_id, number);
CREATE UNIQUE INDEX incidents_open ON incidents (flag_id, environment_id) WHERE resolved_at IS NULL;
CREATE INDEX ON incidents (flag_id, environment_id);
CREATE INDEX ON incidents (environment_id);

CREATE TABLE incident_events (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    incident_id uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    text text NOT NULL
);
CREATE INDEX ON incident_events (incident_id);

-- Where a flag stands in an environment; without a row it is healthy. The tick grows with every step, so that none is made twice.
CREATE TABLE flag_health (
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('healthy', 'degraded', 'failing', 'disabled', 'trial')),
    since timestamptz NOT NULL,
    -- Since when it has been better than the state says.
    calm_since timestamptz,
    -- What came before counts no more.
    judged_from timestamptz,
    incident_id uuid REFERENCES incidents ON DELETE SET NULL,
    trips integer NOT NULL,
    trial_at timestamptz,
    trial_until timestamptz,
    tick bigint NOT NULL,
    PRIMARY KEY (flag_id, environment_id),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON flag_health (environment_id);
CREATE INDEX ON flag_health (incident_id);

-- What the states were, one after the other.
CREATE TABLE health_transitions (
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (flag_id, environment_id, at),
    FOREIGN KEY (flag_id) REFERENCES flags ON DELETE CASCADE,
    FOREIGN KEY (environment_id) REFERENCES environments ON DELETE CASCADE
);
CREATE INDEX ON health_transitions (environment_id);
