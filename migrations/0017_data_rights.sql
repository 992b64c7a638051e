-- What people may ask of their data: a copy, its deletion, and how long it is kept.

-- Archives of what the host keeps about a person or an organisation, while they are made and until they are gone.
CREATE TABLE data_exports (
    id TEXT NOT NULL PRIMARY KEY,
    -- The organisation that it is about; null where it is about the person who asked.
    tenant_id TEXT REFERENCES tenants (id) ON DELETE CASCADE,
    -- Who asked.
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- 'waiting', 'ready' or 'failed'.
    state TEXT NOT NULL,
    -- Why it failed.
    problem TEXT,
    -- Nobody else makes it before then.
    lease_until BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- The token of its link: SHA-256 in hexadecimal, and sealed.
    link_digest TEXT NOT NULL UNIQUE,
    sealed TEXT NOT NULL,
    size_bytes BIGINT,
    -- SHA-256 of the archive, in hexadecimal.
    checksum TEXT,
    requested_at BIGINT NOT NULL,
    ready_at BIGINT,
    -- When it is deleted.
    expires_at BIGINT NOT NULL
);

CREATE INDEX data_exports_by_tenant ON data_exports (tenant_id);
CREATE INDEX data_exports_by_user ON data_exports (user_id);
CREATE INDEX data_exports_by_state ON data_exports (state, lease_until);

-- An archive in parts of 1 MiB, so that every statement is a short one.
CREATE TABLE data_export_parts (
    export_id TEXT NOT NULL REFERENCES data_exports (id) ON DELETE CASCADE,
    -- From 0.
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (export_id, part)
);

-- Organisations and people who are deleted when their time of grace is over.
CREATE TABLE deletions (
    -- 'organisation' or 'account', and its id.
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id)
);

CREATE INDEX deletions_by_due ON deletions (due_at);

-- How many days an organisation keeps what; null for as long as the host does.
CREATE TABLE retention (
    tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    chat_days BIGINT,
    activity_days BIGINT,
    audit_days BIGINT,
    sessions_days BIGINT,
    updated_at BIGINT NOT NULL
);
