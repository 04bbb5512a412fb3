-- Algorithms (bandits) that share out the traffic of one place of a flag in one environment by what the variants earn.
CREATE TABLE flag_algorithms (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    flag_key text COLLATE "C" NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('epsilongreedy', 'thompson', 'ucb1', 'linucb', 'linearthompson')),
    -- Null: the default.
    rule_id text,
    arms text[] NOT NULL,
    settings json NOT NULL,
    reward json NOT NULL,
    context json NOT NULL,
    -- Of 10,000.
    holdout integer NOT NULL CHECK (holdout BETWEEN 0 AND 5000),
    interval_seconds integer NOT NULL CHECK (interval_seconds > 0),
    bucket_by text,
    paused boolean NOT NULL,
    -- What was counted under another one means nothing to this one.
    generation integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (flag_id, environment_id),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON flag_algorithms (environment_id, flag_key);

-- What each serves now.
CREATE TABLE algorithm_weights (
    algorithm_id uuid PRIMARY KEY REFERENCES flag_algorithms ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    number bigint NOT NULL,
    learned boolean NOT NULL,
    weights json NOT NULL,
    at timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid
);

-- Every version that was served: what an event was decided with is found here.
CREATE TABLE algorithm_steps (
    algorithm_id uuid NOT NULL REFERENCES flag_algorithms ON DELETE CASCADE,
    number bigint NOT NULL,
    organization_id uuid NOT NULL,
    generation integer NOT NULL,
    learned boolean NOT NULL,
    weights json NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (algorithm_id, number)
);
CREATE INDEX ON algorithm_steps (algorithm_id, at);

-- What was counted, by period of the event. Only grows, in the transaction that takes the events out of the log, so every outcome is in it exactly once.
CREATE TABLE algorithm_counts (
    algorithm_id uuid NOT NULL REFERENCES flag_algorithms ON DELETE CASCADE,
    generation integer NOT NULL,
    at timestamptz NOT NULL,
    -- Whether they were held out: arms in equal shares.
    held_out boolean NOT NULL,
    cell text COLLATE "C" NOT NULL,
    variant text COLLATE "C" NOT NULL,
    exposures bigint NOT NULL DEFAULT 0,
    -- What came back; what is still pending is none of these.
    outcomes bigint NOT NULL DEFAULT 0,
    successes bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    reward double precision NOT NULL DEFAULT 0,
    reward_squares double precision NOT NULL DEFAULT 0,
    -- Sums over the outcomes whose share was known, w = 1 / share: of 1, w, w², w·r, w²·r², and w·r with w at most 10.
    weighted bigint NOT NULL DEFAULT 0,
    weights double precision NOT NULL DEFAULT 0,
    weight_squares double precision NOT NULL DEFAULT 0,
    weighted_reward double precision NOT NULL DEFAULT 0,
    weighted_squares double precision NOT NULL DEFAULT 0,
    clipped_reward double precision NOT NULL DEFAULT 0,
    -- The last batch of events that added something.
    batch bigint NOT NULL,
    PRIMARY KEY (algorithm_id, generation, at, held_out, cell, variant)
);

-- What each has come to, as it was computed last.
CREATE TABLE algorithm_states (
    algorithm_id uuid PRIMARY KEY REFERENCES flag_algorithms ON DELETE CASCADE,
    -- What it was computed from: the algorithm's version, the version of the weights, the last batch of events.
    version integer NOT NULL,
    number bigint NOT NULL,
    batch bigint NOT NULL,
    at timestamptz NOT NULL,
    state json NOT NULL
);
