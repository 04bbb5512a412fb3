-- Changes of a flag in an environment at times that were said before: once at an instant, or during windows that come again and again.
CREATE TABLE schedules (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    flag_key text COLLATE "C" NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('once', 'recurring')),
    action text NOT NULL CHECK (action IN ('enable', 'disable', 'configure')),
    enabled boolean NOT NULL,
    priority integer NOT NULL,
    at timestamptz,
    patch json,
    catch_up_minutes integer NOT NULL,
    cron text,
    time_zone text,
    duration_minutes integer,
    valid_from timestamptz,
    valid_until timestamptz,
    outcome text NOT NULL CHECK (outcome IN ('waiting', 'done', 'missed', 'failed')),
    happened_at timestamptz,
    detail text,
    created_by uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    CHECK (kind = 'once' AND at IS NOT NULL OR kind = 'recurring' AND action <> 'configure' AND cron IS NOT NULL AND time_zone IS NOT NULL AND duration_minutes IS NOT NULL),
    CHECK ((action = 'configure') = (patch IS NOT NULL)),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON schedules (flag_id, environment_id);
CREATE INDEX ON schedules (environment_id);
CREATE INDEX ON schedules (project_id, at);

-- Where the schedules of a flag in an environment are: what was done last and when to look again. Written in the very transaction that changes the flag.
CREATE TABLE schedule_clocks (
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    -- When there may be something to do; null: never.
    next_at timestamptz,
    -- When other windows than now decide; not after next_at.
    edge_at timestamptz,
    -- The schedule whose window decides now, what it wants, and what the flag was before.
    window_id uuid,
    window_enables boolean,
    base_enabled boolean,
    -- Counts the changes of schedules and the worker's own steps, so that no step is made twice.
    tick bigint NOT NULL,
    PRIMARY KEY (flag_id, environment_id),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON schedule_clocks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ON schedule_clocks (project_id);
