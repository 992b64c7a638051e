CREATE TABLE sources (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- SHA-256 of the stream key, in hexadecimal.
    key_digest TEXT NOT NULL UNIQUE,
    playback_id TEXT NOT NULL UNIQUE,
    -- 'reject' or 'replace'.
    second_publisher TEXT NOT NULL,
    reconnect_window_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX sources_by_tenant ON sources (tenant_id, id);

CREATE TABLE destinations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    -- Plugin id, such as 'neustream/twitch'.
    plugin TEXT NOT NULL,
    -- What the tenant calls it; empty when it has no name.
    name TEXT NOT NULL,
    -- JSON object, valid against the plugin's schema.
    config TEXT NOT NULL,
    is_active BIGINT NOT NULL,
    -- Grows with every edit of the row or of its secrets.
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX destinations_by_tenant ON destinations (tenant_id, source_id, id);
CREATE INDEX destinations_by_source ON destinations (source_id);

CREATE TABLE destination_secrets (
    destination_id TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    -- The name in the plugin's manifest, such as 'stream-key'.
    name TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Sealed with the master key; see host/store/src/sealing.rs for the form.
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (destination_id, name)
);

CREATE INDEX destination_secrets_by_tenant ON destination_secrets (tenant_id);
