-- Makes an index on a day that is over, by which the events of a few units are found without reading the day, and returns the day; null: there was nothing to do, or somebody else is at it. The newest of those
-- that a running experiment can ask for goes first. Of the last two days none gets one: they are written to, and events come in no order of units.
CREATE FUNCTION index_event_day(before date) RETURNS date LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    part text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(128022223939430) THEN
        RETURN NULL;
    END IF;
    SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'events_metric'::regclass AND right(c.relname, 8) < to_char(least(before, (now() AT TIME ZONE 'UTC')::date - 1), 'YYYYMMDD')
        -- What somebody did before the first exposure is asked for, too; from longer ago it is only found later.
        AND right(c.relname, 8) >= (SELECT to_char(min(started_at) - interval '30 days', 'YYYYMMDD') FROM experiment_phases WHERE ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0] WHERE x.indrelid = c.oid AND x.indisvalid AND a.attname = 'unit')
    ORDER BY c.relname DESC LIMIT 1;
    IF part IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE INDEX ON %I (unit)', part);
    RETURN to_date(right(part, 8), 'YYYYMMDD');
END
$$;
REVOKE ALL ON FUNCTION index_event_day FROM PUBLIC;
