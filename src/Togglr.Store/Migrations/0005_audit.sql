-- The audit log: who stood behind an actor, signatures, search, and removal of the oldest entries by one function only.

ALTER TABLE audit_entries
    ADD COLUMN on_behalf_of_id uuid,
    ADD COLUMN on_behalf_of_name text,
    ADD COLUMN token_id uuid,
    ADD COLUMN token_name text,
    -- Which fields the hash covers: 1 without the four above, 2 with them.
    ADD COLUMN format smallint NOT NULL DEFAULT 1,
    -- Words to search for, and one term per filter (=p<project>, …), so that one index answers every combination.
    ADD COLUMN search tsvector,
    ADD COLUMN signature bytea;
ALTER TABLE audit_entries ALTER COLUMN format DROP DEFAULT;

ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only;
UPDATE audit_entries SET search = array_to_tsvector(ARRAY(
    SELECT DISTINCT left(term, 400) FROM unnest(
        regexp_split_to_array(lower(concat_ws(' ', entity_key, actor_name, reason, action, project, environment)), '[\s!-/:-@\[-`{-~]+')
        || ARRAY['=o' || organization_id, '=c' || actor_kind, '=u' || actor_id, '=l' || actor_name, '=a' || action, '=n' || entity, '=k' || entity_key,
            '=p' || project, '=e' || environment, '=i' || address]) term
    WHERE term <> ''));
ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only;
ALTER TABLE audit_entries ALTER COLUMN search SET NOT NULL;

CREATE INDEX ON audit_entries (organization_id, actor_id, sequence);
CREATE INDEX ON audit_entries (organization_id, action, sequence);
CREATE INDEX ON audit_entries USING gin (search) WITH (fastupdate = off);

ALTER TABLE audit_chains
    -- What lies up to here is not checked any more: it was removed, or accepted as it is.
    ADD COLUMN base_sequence bigint NOT NULL DEFAULT 0,
    ADD COLUMN base_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    -- The first entry that carries a signature.
    ADD COLUMN signed_from bigint,
    -- The first entry before which the head was not as the program had left it.
    ADD COLUMN suspect_from bigint,
    -- Times run nearly as numbers do: the latest so far, and how far any entry lies before the latest of those before it.
    ADD COLUMN latest_at timestamptz,
    ADD COLUMN skew interval NOT NULL DEFAULT '0',
    ADD COLUMN signature bytea;
UPDATE audit_chains c SET latest_at = t.latest_at, skew = t.skew
FROM (
    SELECT organization_id, max(at) AS latest_at, max(running - at) AS skew
    FROM (SELECT organization_id, at, max(at) OVER (PARTITION BY organization_id ORDER BY sequence) AS running FROM audit_entries) r
    GROUP BY organization_id) t
WHERE t.organization_id = c.organization_id;

-- Only what the head of the chain has left behind may go, see remove_audit_entries.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.sequence <= (SELECT c.base_sequence FROM audit_chains c WHERE c.organization_id = OLD.organization_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;

-- The only way to remove entries, and only the oldest, only as old as the organization's setting says. Runs as the owner of the tables: the program's own role
-- may neither change nor remove an entry.
CREATE FUNCTION remove_audit_entries(chain uuid, through bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kept_days integer;
    removed bigint;
    may_delete boolean := has_table_privilege('audit_entries', 'DELETE');
BEGIN
    SELECT audit_retention_days INTO kept_days FROM organizations WHERE id = chain;
    IF kept_days IS NULL THEN
        RAISE EXCEPTION 'this organization keeps its audit entries';
    END IF;
    IF NOT EXISTS (SELECT FROM audit_chains WHERE organization_id = chain AND base_sequence >= through AND sequence > through) THEN
        RAISE EXCEPTION 'the head of the chain has not left entry % behind', through;
    END IF;
    IF EXISTS (SELECT FROM audit_entries WHERE organization_id = chain AND sequence <= through AND at > now() - make_interval(days => kept_days)) THEN
        RAISE EXCEPTION 'entries up to % are not old enough', through;
    END IF;
    -- An owner who gave the right up, see DatabaseRoles, has it for this statement only.
    IF NOT may_delete THEN
        EXECUTE 'GRANT DELETE ON audit_entries TO CURRENT_USER';
    END IF;
    DELETE FROM audit_entries WHERE organization_id = chain AND sequence <= through;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF NOT may_delete THEN
        EXECUTE 'REVOKE DELETE ON audit_entries FROM CURRENT_USER';
    END IF;
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION remove_audit_entries FROM PUBLIC;
