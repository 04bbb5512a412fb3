-- Whom a comment on a change request mentions, and that it is why something is in somebody's inbox.
ALTER TABLE change_request_events ADD COLUMN mentions uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE inbox_items DROP CONSTRAINT inbox_items_concern_check;
ALTER TABLE inbox_items ADD CONSTRAINT inbox_items_concern_check CHECK (concern IN ('review', 'mention', 'request', 'owner', 'watch'));
