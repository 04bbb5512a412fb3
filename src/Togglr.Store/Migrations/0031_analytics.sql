-- Evaluations of the last hours by minute: what evaluation_counts has by the hour.
CREATE TABLE evaluation_minutes (
    flag_id uuid NOT NULL REFERENCES flags ON DELETE CASCADE,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    minute timestamptz NOT NULL,
    variant text COLLATE "C" NOT NULL CHECK (length(variant) <= 100),
    reason text COLLATE "C" NOT NULL CHECK (length(reason) <= 40),
    count bigint NOT NULL CHECK (count BETWEEN 1 AND 9007199254740991),
    PRIMARY KEY (flag_id, environment_id, minute, variant, reason)
);
CREATE INDEX ON evaluation_minutes (environment_id, minute) INCLUDE (flag_id, count);
CREATE INDEX ON evaluation_minutes (minute);

-- Flags that applications ask for and that are not there.
CREATE TABLE unknown_flags (
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    flag text COLLATE "C" NOT NULL CHECK (length(flag) BETWEEN 1 AND 100),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count bigint NOT NULL CHECK (count BETWEEN 1 AND 9007199254740991),
    -- The SDK that asked last, as it calls itself.
    sdk text CHECK (length(sdk) <= 100),
    PRIMARY KEY (environment_id, flag)
);
CREATE INDEX ON unknown_flags (last_at);

-- About how many different users a flag was evaluated for, by hour and day: a sketch (HyperLogLog) that tells their number and nobody's name. Pairs of bytes as they are sent, or a byte for each register.
CREATE TABLE evaluation_users (
    flag_id uuid NOT NULL REFERENCES flags ON DELETE CASCADE,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    step text COLLATE "C" NOT NULL CHECK (step IN ('hour', 'day')),
    at timestamptz NOT NULL,
    sketch bytea NOT NULL CHECK (length(sketch) BETWEEN 2 AND 2048),
    PRIMARY KEY (flag_id, environment_id, step, at)
);
CREATE INDEX ON evaluation_users (environment_id, step, at);
CREATE INDEX ON evaluation_users (step, at);
