-- How far changes have come: what edges say of themselves and of the streams that they hold. Short-lived, so a crash may lose it.
CREATE UNLOGGED TABLE edges (
    id uuid PRIMARY KEY,
    first_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);

CREATE UNLOGGED TABLE revision_reach (
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    revision bigint NOT NULL,
    edge_id uuid NOT NULL,
    reported_at timestamptz NOT NULL,
    -- Streams that were open when the edge got the revision; those that have it; those that ended before.
    total integer NOT NULL,
    reached integer NOT NULL,
    gone integer NOT NULL CHECK (reached + gone <= total),
    -- From the commit until the last of the reached had it.
    milliseconds integer NOT NULL,
    polling integer NOT NULL,
    poll_seconds integer NOT NULL,
    PRIMARY KEY (environment_id, revision, edge_id)
);
CREATE INDEX ON revision_reach (reported_at);
