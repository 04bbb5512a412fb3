-- What experiments measure: how events of a unit become one number.
CREATE TABLE metrics (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    owner_id uuid REFERENCES users ON DELETE SET NULL,
    kind text NOT NULL CHECK (kind IN ('conversion', 'count', 'sum', 'mean', 'ratio', 'quantile', 'retention')),
    event text COLLATE "C" NOT NULL,
    definition json NOT NULL,
    archived_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON metrics (project_id, event);

-- Experiments of one layer never share a unit.
CREATE TABLE layers (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

-- Units of a holdout are in no experiment that names it.
CREATE TABLE holdouts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    -- Of 10,000.
    share integer NOT NULL CHECK (share BETWEEN 0 AND 10000),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE experiments (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    flag_key text COLLATE "C" NOT NULL,
    environment_key text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    hypothesis text NOT NULL,
    owner_id uuid REFERENCES users ON DELETE SET NULL,
    state text NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'stopped', 'decided', 'archived')),
    -- Null: everybody.
    audience json,
    bucket_by text,
    -- Of 10,000.
    traffic integer NOT NULL CHECK (traffic BETWEEN 0 AND 10000),
    variations json NOT NULL,
    control text COLLATE "C" NOT NULL,
    layer_key text COLLATE "C",
    layer_from integer,
    layer_to integer,
    holdout_key text COLLATE "C",
    -- The holdout's share when the experiment was started.
    holdout_share integer,
    overrides json NOT NULL,
    plan json NOT NULL,
    metric_keys text[] NOT NULL,
    -- What the metrics said when the experiment was started.
    metrics json,
    phase integer NOT NULL,
    seed integer NOT NULL,
    started_at timestamptz,
    started_by uuid,
    paused_at timestamptz,
    stopped_at timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    decision text CHECK (decision IN ('ship', 'rollback', 'inconclusive')),
    decision_reason text,
    shipped_variant text COLLATE "C",
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    UNIQUE (project_id, key),
    UNIQUE (organization_id, id),
    CHECK ((layer_key IS NULL) = (layer_from IS NULL) AND (layer_key IS NULL) = (layer_to IS NULL)),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    -- What was learned outlives the archive: a flag with experiments is not deleted.
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, layer_key) REFERENCES layers (project_id, key),
    FOREIGN KEY (project_id, holdout_key) REFERENCES holdouts (project_id, key)
);
CREATE INDEX ON experiments (flag_id, environment_id);
CREATE INDEX ON experiments (environment_id) WHERE state IN ('running', 'paused');
CREATE INDEX ON experiments USING gin (metric_keys);

-- A time in which nothing changed about who gets what: data of different phases is never mixed.
CREATE TABLE experiment_phases (
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    number integer NOT NULL,
    organization_id uuid NOT NULL,
    traffic integer NOT NULL,
    variations json NOT NULL,
    seed integer NOT NULL,
    started_at timestamptz NOT NULL,
    started_by uuid,
    ended_at timestamptz,
    reason text,
    PRIMARY KEY (experiment_id, number)
);
