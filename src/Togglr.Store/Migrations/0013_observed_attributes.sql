-- Attributes that were seen in contexts, to be offered where rules are edited.
CREATE TABLE observed_attributes (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    type text NOT NULL CHECK (type IN ('string', 'number', 'boolean', 'array')),
    last_at timestamptz NOT NULL,
    -- When each value was seen last. Empty for good once there were too many: then they are no choices.
    seen jsonb NOT NULL,
    has_too_many boolean NOT NULL,
    PRIMARY KEY (project_id, name)
);

CREATE INDEX event_log_attributes ON event_log (id) WHERE kind = 4;
