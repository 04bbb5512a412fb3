-- How often flags were evaluated: what SDKs and edges report, summed up by hour. Rows go with their flag or environment.
CREATE TABLE evaluation_counts (
    flag_id uuid NOT NULL REFERENCES flags ON DELETE CASCADE,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    hour timestamptz NOT NULL,
    -- Empty where no variant was served; '*' for names that are no variant of the flag.
    variant text COLLATE "C" NOT NULL CHECK (length(variant) <= 100),
    reason text COLLATE "C" NOT NULL CHECK (length(reason) <= 40),
    count bigint NOT NULL CHECK (count BETWEEN 1 AND 9007199254740991),
    PRIMARY KEY (flag_id, environment_id, hour, variant, reason)
);
CREATE INDEX ON evaluation_counts (environment_id, hour) INCLUDE (flag_id, count);

CREATE TABLE flag_usage (
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- The variant that everybody has got since, null where they got several.
    variant text COLLATE "C",
    variant_since timestamptz,
    PRIMARY KEY (flag_id, environment_id),
    FOREIGN KEY (organization_id, project_id, flag_id) REFERENCES flags (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, environment_id) REFERENCES environments (organization_id, project_id, id) ON DELETE CASCADE
);
CREATE INDEX ON flag_usage (environment_id);
CREATE INDEX ON flag_usage (project_id);

CREATE TABLE environment_usage (
    environment_id uuid PRIMARY KEY REFERENCES environments ON DELETE CASCADE,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- The SDK that reported last, as it calls itself.
    sdk text CHECK (length(sdk) <= 100)
);

-- Never written.
ALTER TABLE attributes DROP COLUMN observed_values;

-- Counts are removed as they are summed up; what else is in the log must not be read again for that.
CREATE INDEX event_log_counts ON event_log (id) WHERE kind = 1;
