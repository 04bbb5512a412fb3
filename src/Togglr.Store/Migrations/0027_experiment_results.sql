-- Which units take part in a phase of an experiment: the variant that each was given first, and whether it was given others. Follows events_exposure batch by batch.
CREATE TABLE experiment_units (
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    phase integer NOT NULL,
    unit uuid NOT NULL,
    variant text COLLATE "C" NOT NULL,
    first_at timestamptz NOT NULL,
    mixed boolean NOT NULL,
    PRIMARY KEY (experiment_id, phase, unit)
);

-- Up to which batch of events a phase has been analysed.
CREATE TABLE experiment_progress (
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    phase integer NOT NULL,
    -- The last batch of exposures that is in experiment_units.
    exposure_batch bigint NOT NULL,
    -- The last batch of metric events that a result has seen.
    metric_batch bigint NOT NULL,
    analysed_at timestamptz NOT NULL,
    -- How long that took.
    milliseconds integer NOT NULL,
    PRIMARY KEY (experiment_id, phase)
);

-- Results as they were computed. Looks are kept for good: the next ones depend on them. Of the others, one an hour.
CREATE TABLE experiments_snapshot (
    id uuid PRIMARY KEY,
    experiment_id uuid NOT NULL REFERENCES experiments ON DELETE CASCADE,
    phase integer NOT NULL,
    at timestamptz NOT NULL,
    -- The number of the look; null: it was none.
    look integer,
    -- What later looks must know of this one.
    record json,
    result json NOT NULL,
    UNIQUE (experiment_id, phase, look),
    CHECK ((look IS NULL) = (record IS NULL))
);
CREATE INDEX ON experiments_snapshot (experiment_id, at);
