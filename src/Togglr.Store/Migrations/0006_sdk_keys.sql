-- Terms of SDK keys that can change, and the key that each took the place of: one successor at most, whoever asks at once.
ALTER TABLE sdk_keys
    ADD COLUMN last_used_address text CHECK (length(last_used_address) <= 64),
    ADD COLUMN rate_limit integer CHECK (rate_limit BETWEEN 0 AND 1000000),
    ADD COLUMN origins text[] CHECK (cardinality(origins) <= 50),
    ADD COLUMN replaces uuid UNIQUE REFERENCES sdk_keys;
