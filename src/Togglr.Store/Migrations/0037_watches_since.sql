-- Who begins to watch is told of what happens from then on: entries are told a moment after they were made.
ALTER TABLE watches ADD created_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE watches ALTER created_at DROP DEFAULT;
