-- Portable SQL for SQLite and PostgreSQL: TEXT (UUID and JSON too), BIGINT (booleans are 0 or 1, moments are
-- milliseconds since the Unix epoch). Forward only: add before you remove.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- In lower case.
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    -- PHC string (argon2id).
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX users_by_tenant ON users (tenant_id);

CREATE TABLE refresh_tokens (
    -- SHA-256 of the token, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    -- All tokens that descend from one sign-in.
    family_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When it was exchanged for its successor.
    rotated_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
