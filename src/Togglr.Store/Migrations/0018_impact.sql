-- What an environment keeps of the contexts that are evaluated in it, so that people can see what a change would do. Off unless somebody asks for it.
ALTER TABLE environments
    ADD COLUMN sample_contexts boolean NOT NULL DEFAULT false,
    ADD COLUMN sample_attributes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN sample_minutes integer NOT NULL DEFAULT 60 CHECK (sample_minutes BETWEEN 5 AND 10080),
    ADD COLUMN sample_size integer NOT NULL DEFAULT 10000 CHECK (sample_size BETWEEN 100 AND 100000);

-- A recent context of each person in the sample, under a name that stands for the targeting key. Short-lived, so a crash may lose it and no backup holds it.
CREATE UNLOGGED TABLE context_samples (
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    -- A keyed hash of the targeting key: the sample is the people with the lowest ranks.
    rank bigint NOT NULL CHECK (rank >= 0),
    -- Everybody below this rank was looked at when this context was taken.
    rank_limit bigint NOT NULL CHECK (rank_limit >= 0),
    -- Of the terms under which it was taken.
    stamp text COLLATE "C" NOT NULL CHECK (length(stamp) = 16),
    seen_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    context text NOT NULL CHECK (octet_length(context) <= 4096),
    PRIMARY KEY (environment_id, rank)
);
CREATE INDEX ON context_samples (environment_id, stored_at);
CREATE INDEX ON context_samples (seen_at);
