-- Events of SDKs as they were accepted, until they have been aggregated. Written by COPY only, by processes that know nothing else of this schema.
CREATE TABLE event_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Readers take what lies before the oldest transaction that is still running: ids alone become visible out of order.
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    received_at timestamptz NOT NULL DEFAULT now(),
    kind smallint NOT NULL,
    environment_id uuid NOT NULL,
    flag text NOT NULL,
    at timestamptz NOT NULL,
    deduplication_key text,
    -- json, not jsonb: what was accepted is stored as it is, and no text in it can make a whole group fail.
    payload json NOT NULL
);
