-- People's own accounts: second factors, forgotten passwords, mail on its way, guesses.

-- Codes tried since the last right one. Only who knows the password gets as far as a code.
ALTER TABLE users
    ADD COLUMN second_factor_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN second_factor_tried_at timestamptz;

CREATE TABLE recovery_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    UNIQUE (user_id, hash)
);

CREATE TABLE password_resets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX ON password_resets (user_id);

-- Recipient, subject and text are encrypted: they hold links that open accounts. A row is gone once the mail server has taken it.
CREATE TABLE outgoing_mail (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL
);
CREATE INDEX ON outgoing_mail (next_attempt_at);

-- Wrong passwords of late, by a hash of account and address, so that several processes count them together.
CREATE TABLE sign_in_failures (
    key bytea PRIMARY KEY CHECK (length(key) = 32),
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX ON sign_in_failures (last_at);

-- What the installation remembers about itself, such as which emergency password has been applied.
CREATE TABLE installation_notes (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL,
    at timestamptz NOT NULL
);
