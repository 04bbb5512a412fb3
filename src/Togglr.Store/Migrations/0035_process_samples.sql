-- How each process of the installation did lately, for people who look; kept for a quarter of an hour. Worth nothing after a crash.
CREATE UNLOGGED TABLE process_samples (
    process_id uuid NOT NULL,
    at timestamptz NOT NULL,
    host text NOT NULL,
    roles text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    figures jsonb NOT NULL,
    PRIMARY KEY (process_id, at)
);
