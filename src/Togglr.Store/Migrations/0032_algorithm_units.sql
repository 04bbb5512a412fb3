-- Units that an algorithm served and that may still earn something by its metric: one decision for each, until its window is over and it is counted.
CREATE TABLE algorithm_units (
    algorithm_id uuid NOT NULL REFERENCES flag_algorithms ON DELETE CASCADE,
    generation integer NOT NULL,
    unit uuid NOT NULL,
    held_out boolean NOT NULL,
    cell text COLLATE "C" NOT NULL,
    variant text COLLATE "C" NOT NULL,
    -- With what probability it was served; null: not known.
    share double precision,
    at timestamptz NOT NULL,
    settles_at timestamptz NOT NULL,
    PRIMARY KEY (algorithm_id, generation, unit)
);
CREATE INDEX ON algorithm_units (algorithm_id, generation, settles_at);
