-- What the exposure said of a unit, for each dimension of the plan; null where there are none.
ALTER TABLE experiment_units ADD COLUMN dimensions text[];

-- What units did so far: for each metric of the plan three numbers that new events are added to. Made of events and made again when they are gone, so not worth a write-ahead log.
CREATE UNLOGGED TABLE experiment_values (
    experiment_id uuid NOT NULL,
    phase integer NOT NULL,
    unit uuid NOT NULL,
    numbers double precision[] NOT NULL,
    PRIMARY KEY (experiment_id, phase, unit)
);

-- The moments of those numbers. As lasting as they are: after a crash neither is there.
CREATE UNLOGGED TABLE experiment_moments (
    experiment_id uuid NOT NULL,
    phase integer NOT NULL,
    -- Of everything that the numbers depend on besides events.
    fingerprint text NOT NULL,
    -- The last batches that are in them.
    exposure_batch bigint NOT NULL,
    metric_batch bigint NOT NULL,
    state json NOT NULL,
    PRIMARY KEY (experiment_id, phase)
);
