-- What the host keeps about itself, by name: 'setup-token' (digest), 'signing-key' (sealed).
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
