-- Environments that are gone and whose events have not all been removed yet. Written by the database itself, in whatever way an environment goes: alone, with its project or with its organization.
-- Rows of event tables have no reference to their environment: a deletion would have to wait until the last of millions is gone.
CREATE TABLE removed_environments (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION note_removed_environments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removed_environments (id) SELECT id FROM removed ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER environments_note_removed AFTER DELETE ON environments REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION note_removed_environments();

-- Removes some of the events of an environment that is gone, of one partition at a time; how many. 0: there are no more. Runs as the owner of the tables: the program's own role has no rights on partitions.
CREATE FUNCTION remove_events_of(environment uuid, most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part regclass;
    removed bigint;
BEGIN
    IF EXISTS (SELECT FROM environments WHERE id = environment) THEN
        RAISE EXCEPTION 'the environment is still there';
    END IF;
    FOR part IN
        SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ('events_exposure'::regclass, 'events_metric'::regclass)
        UNION ALL SELECT unnest(ARRAY['event_minutes'::regclass, 'event_hours'::regclass]) LOOP
        EXECUTE format('DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE environment_id = $1 LIMIT $2))', part, part) USING environment, most;
        GET DIAGNOSTICS removed = ROW_COUNT;
        IF removed > 0 THEN
            RETURN removed;
        END IF;
    END LOOP;
    RETURN 0;
END
$$;
REVOKE ALL ON FUNCTION remove_events_of FROM PUBLIC;
