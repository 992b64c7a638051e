CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- No foreign key: what was streamed counts as usage after its source is gone.
    source_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- When the host last saw it running: its end, should the host be killed.
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX sessions_by_tenant ON sessions (tenant_id, started_at);
CREATE INDEX sessions_open ON sessions (ended_at);
