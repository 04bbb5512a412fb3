-- Units and what they did are read and written together, so they are one row. It is made of events, and made again when experiment_moments does not know of it: not worth a write-ahead log, which would
-- be mostly whole pages, because units come in no order. Room in every page lets numbers change in place.
DROP TABLE experiment_values;
DROP TABLE experiment_units;
TRUNCATE experiment_moments;
CREATE UNLOGGED TABLE experiment_units (
    experiment_id uuid NOT NULL,
    phase integer NOT NULL,
    unit uuid NOT NULL,
    -- The one that it was given first.
    variant text COLLATE "C" NOT NULL,
    first_at timestamptz NOT NULL,
    -- Whether it was given others.
    mixed boolean NOT NULL,
    -- What the first exposure said of it, for each dimension of the plan; null where there are none.
    dimensions text[],
    -- For each metric of the plan three numbers that new events are added to; null: it did nothing yet.
    numbers double precision[],
    PRIMARY KEY (experiment_id, phase, unit)
) WITH (fillfactor = 80);
