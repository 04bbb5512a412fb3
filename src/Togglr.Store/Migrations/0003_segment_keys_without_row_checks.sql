-- A list of a million keys would be a million foreign key checks. Keys are written by the commit of their segment only, with the segment's own identifiers,
-- so what the foreign key did is one deletion when a segment goes.
ALTER TABLE segment_keys DROP CONSTRAINT segment_keys_organization_id_segment_id_fkey;

CREATE FUNCTION remove_segment_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM segment_keys k USING removed r WHERE k.segment_id = r.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER segments_remove_keys AFTER DELETE ON segments REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION remove_segment_keys();
