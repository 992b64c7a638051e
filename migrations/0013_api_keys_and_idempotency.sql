-- What programs sign in with, and what keeps a repeated POST from being done twice.

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    app_id TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Words of permissions, parted by spaces.
    scopes TEXT NOT NULL,
    -- Requests that it may make, where that is fewer than the host allows every key.
    per_minute BIGINT,
    per_hour BIGINT,
    -- No foreign key: a key outlives the membership of whoever made it.
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    -- To some minutes.
    last_used_at BIGINT
);

CREATE INDEX api_keys_by_app ON api_keys (tenant_id, app_id, id);

-- The texts of a key: the current one and, for a while after a rotation, the former one.
CREATE TABLE api_key_secrets (
    -- SHA-256 of the text, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    -- The beginning of the text, by which people tell their keys apart.
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Until when it is taken; NULL for the current one.
    ends_at BIGINT
);

CREATE INDEX api_key_secrets_by_key ON api_key_secrets (key_id);

-- Requests that carry an Idempotency-Key. Not reached through a tenant's scope but for marking what was made, so the
-- organisation's column has another name than elsewhere (see host/store/src/row_security.rs).
CREATE TABLE idempotency_keys (
    -- SHA-256 of who asks for whom, and of the key, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- SHA-256 of the request, in hexadecimal.
    fingerprint TEXT NOT NULL,
    -- Who runs it. Another one when an abandoned request is taken over, so that what is left of the first comes to nothing.
    claim TEXT NOT NULL UNIQUE,
    claimed_until BIGINT NOT NULL,
    -- What the request changed, set in the transaction of the change.
    made_kind TEXT,
    made_id TEXT,
    -- The answer, sealed; NULL until there is one.
    sealed TEXT,
    expires_at BIGINT NOT NULL
);

CREATE INDEX idempotency_keys_by_organisation ON idempotency_keys (organisation_id, expires_at);
