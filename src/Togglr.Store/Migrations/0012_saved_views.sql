-- Search, filters, order and columns of the flag list under a name. The owner is a user or a service account, so no foreign key holds it.
CREATE TABLE saved_views (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    query text NOT NULL CHECK (length(query) <= 2000),
    shared boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by uuid,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON saved_views (project_id, owner_id);
