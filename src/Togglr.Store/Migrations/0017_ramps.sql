-- Progressive rollouts: what one place of a flag's configuration serves goes over from one variant to another in steps.
CREATE TABLE ramps (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    flag_key text COLLATE "C" NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    -- Null: the default.
    rule_id text,
    from_variant text COLLATE "C" NOT NULL,
    to_variant text COLLATE "C" NOT NULL,
    steps json NOT NULL,
    guard json,
    state text NOT NULL CHECK (state IN ('running', 'waiting', 'paused', 'completed', 'rolledback', 'cancelled')),
    step integer NOT NULL,
    step_at timestamptz NOT NULL,
    -- When the step is over; null while nothing goes on by itself.
    hold_until timestamptz,
    -- Seconds of the step that were left when it was paused.
    remaining_seconds integer,
    -- What was served before, and what the ramp wrote last.
    original json NOT NULL,
    written json NOT NULL,
    detail text,
    started_by uuid,
    ended_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ramps_active ON ramps (flag_id, environment_id, coalesce(rule_id, '')) WHERE state IN ('running', 'waiting', 'paused');
CREATE INDEX ON ramps (flag_id, environment_id);
CREATE INDEX ON ramps (environment_id);
CREATE INDEX ON ramps (project_id) WHERE state IN ('running', 'waiting', 'paused');

-- When to look at a ramp again, and a count of the steps, so that none is made twice.
CREATE TABLE ramp_clocks (
    ramp_id uuid PRIMARY KEY REFERENCES ramps ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    due_at timestamptz,
    tick bigint NOT NULL
);
CREATE INDEX ON ramp_clocks (due_at) WHERE due_at IS NOT NULL;

-- What was seen of a ramp: totals since it began, the same for everybody else, and how strong the evidence against it was.
CREATE TABLE ramp_observations (
    ramp_id uuid NOT NULL REFERENCES ramps ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    at timestamptz NOT NULL,
    step integer NOT NULL,
    share integer NOT NULL,
    evaluations bigint NOT NULL,
    errors bigint NOT NULL,
    rest_evaluations bigint NOT NULL,
    rest_errors bigint NOT NULL,
    evidence double precision NOT NULL,
    PRIMARY KEY (ramp_id, at)
);

-- Errors of variants are asked for while a ramp is watched.
CREATE INDEX event_log_errors ON event_log (environment_id, flag, at) WHERE kind IN (2, 3);
