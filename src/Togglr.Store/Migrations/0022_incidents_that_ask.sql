-- When the change request that an incident owes is to be made; null: none is owed. Whoever makes it writes both together.
ALTER TABLE incidents ADD COLUMN ask_at timestamptz;
CREATE INDEX incidents_asking ON incidents (ask_at) WHERE ask_at IS NOT NULL;
UPDATE incidents SET ask_at = now() WHERE resolved_at IS NULL AND measure = 'request' AND change_request IS NULL
    AND NOT EXISTS (SELECT FROM incident_events e WHERE e.incident_id = incidents.id AND e.kind = 'requested');
