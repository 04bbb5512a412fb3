-- Events as they were accepted, a row for each group that was committed together, until they have been sorted into the tables below. Written by COPY only, by processes that know nothing else of
-- this schema; no index but the key.
CREATE TABLE event_groups (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now(),
    events integer NOT NULL CHECK (events > 0),
    -- Why it could not be sorted in; null: nobody has failed to.
    failure text,
    payload bytea NOT NULL
);
-- What is there for a second only is not worth compressing.
ALTER TABLE event_groups ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE event_groups SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000);
CREATE INDEX event_groups_failed ON event_groups (id) WHERE failure IS NOT NULL;

-- Which events have been sorted in, by the day on which that happened: one that comes again within a day counts nothing.
CREATE TABLE event_ids (
    day date NOT NULL,
    -- The first 16 bytes of SHA-256 over the environment and the sender's id.
    id uuid NOT NULL,
    PRIMARY KEY (day, id)
) PARTITION BY LIST (day);

-- Numbers the transactions that sort events in. One runs at a time, so whoever has read everything up to a number misses nothing that comes later.
CREATE SEQUENCE event_batches;

-- Who was given which variant of an experiment, and when.
CREATE TABLE events_exposure (
    environment_id uuid NOT NULL,
    experiment text COLLATE "C" NOT NULL,
    -- Null where neither the sender nor the snapshot said.
    phase integer,
    flag text COLLATE "C",
    variant text COLLATE "C" NOT NULL,
    -- Stands for the unit: the first 16 bytes of HMAC-SHA256 under the organization's key.
    unit uuid NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    batch bigint NOT NULL,
    propensity double precision,
    weights_version bigint,
    attributes jsonb
) PARTITION BY RANGE (at);
CREATE INDEX ON events_exposure (environment_id, experiment, batch);

-- What units did.
CREATE TABLE events_metric (
    environment_id uuid NOT NULL,
    event text COLLATE "C" NOT NULL,
    unit uuid NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    batch bigint NOT NULL,
    value double precision,
    properties jsonb
) PARTITION BY RANGE (at);
CREATE INDEX ON events_metric (environment_id, event, batch);

-- How many there were, by minute and by hour of the event. Kinds: exposure (name: the experiment, detail: the variant), metric (name: the event), feedback and error (name: the flag, detail: the
-- variant), dead (name: the code), duplicate. A name or detail is '*' where an environment has too many.
CREATE TABLE event_minutes (
    environment_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    -- Of the values of metric events.
    total double precision NOT NULL,
    PRIMARY KEY (environment_id, at, kind, name, detail)
);
CREATE INDEX ON event_minutes (at);
CREATE TABLE event_hours (
    environment_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    total double precision NOT NULL,
    PRIMARY KEY (environment_id, at, kind, name, detail)
);
CREATE INDEX ON event_hours (at);

-- Events that could not be used, with the reason: a part of them when there are many. Units are hashed here, too.
CREATE TABLE event_dead_letters (
    id uuid PRIMARY KEY,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    received_at timestamptz NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    -- What exactly is wrong, a JSON pointer into the event; empty: the event as a whole.
    path text NOT NULL,
    content jsonb NOT NULL
);
CREATE INDEX ON event_dead_letters (environment_id, received_at, id);
CREATE INDEX ON event_dead_letters (received_at);

-- The key under which the units of an organization are hashed; the id is the organization's. Encrypted.
CREATE TABLE event_keys (
    id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    secret bytea NOT NULL
);

-- Makes the partitions of some days. Runs as the owner of the tables: the program's own role makes none.
CREATE FUNCTION add_event_partitions(first_day date, last_day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    part text;
    day date;
BEGIN
    IF last_day - first_day > 400 THEN
        RAISE EXCEPTION 'too many days';
    END IF;
    PERFORM pg_advisory_xact_lock(128022223939428);
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
        FOREACH parent IN ARRAY ARRAY['events_exposure', 'events_metric', 'event_ids'] LOOP
            part := parent || '_' || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            -- Made apart and attached: readers and writers of the others need not wait.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', part, parent);
            IF parent = 'event_ids' THEN
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, day);
            ELSE
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            END IF;
        END LOOP;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION add_event_partitions FROM PUBLIC;

-- Removes what is older: events before a day, ids before another. Nothing of the last two days ever goes this way.
CREATE FUNCTION remove_event_partitions(events_before date, ids_before date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    part text;
    removed integer := 0;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE (i.inhparent IN ('events_exposure'::regclass, 'events_metric'::regclass) AND right(c.relname, 8) < to_char(least(events_before, current_date - 1), 'YYYYMMDD'))
            OR (i.inhparent = 'event_ids'::regclass AND right(c.relname, 8) < to_char(least(ids_before, current_date - 1), 'YYYYMMDD'))
        ORDER BY c.relname LOOP
        EXECUTE format('DROP TABLE %I', part);
        removed := removed + 1;
    END LOOP;
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION remove_event_partitions FROM PUBLIC;
