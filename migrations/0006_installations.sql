-- A plugin in a tenant: which package it runs, what it may do, how it is configured.
CREATE TABLE installations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Plugin id, such as 'neustream/twitch', and its kind, such as 'destination'.
    plugin TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The package that it runs: 'sha256:<hex>', and its version and state schema for people and for rollbacks.
    digest TEXT NOT NULL,
    version TEXT NOT NULL,
    state_schema BIGINT NOT NULL,
    -- What the tenant calls it; empty when it has no name.
    name TEXT NOT NULL,
    -- JSON array of the permission keys that the tenant granted.
    granted TEXT NOT NULL,
    -- JSON object.
    config TEXT NOT NULL,
    is_enabled BIGINT NOT NULL,
    -- For moderation filters: 'hold', 'allow' or 'delete' is what becomes of messages that it does not judge, and its
    -- place among the filters of the tenant.
    on_failure TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- 1, 10 or 100: how early it gets new versions; null while the tenant has not chosen.
    ring BIGINT,
    is_auto_upgraded BIGINT NOT NULL,
    -- When the package was last replaced by an upgrade, while it is watched for faults.
    upgraded_at BIGINT,
    -- A package that it was rolled back from: no automatic upgrade goes there again.
    avoided_digest TEXT,
    -- Grows with every edit of the row or of its secrets.
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX installations_by_tenant ON installations (tenant_id, plugin, id);
CREATE INDEX installations_by_digest ON installations (digest);
CREATE INDEX installations_upgraded ON installations (upgraded_at);

CREATE TABLE installation_secrets (
    installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    -- The name in the plugin's manifest, such as 'api-token'.
    name TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Sealed with the master key; see host/store/src/sealing.rs for the form.
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (installation_id, name)
);

CREATE INDEX installation_secrets_by_tenant ON installation_secrets (tenant_id);

-- What an installation ran before: the last two packages, with grant and configuration as they were.
CREATE TABLE installation_history (
    installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    state_schema BIGINT NOT NULL,
    granted TEXT NOT NULL,
    config TEXT NOT NULL,
    -- The installation's revision that replaced it: a later one has a greater number.
    revision BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL,
    -- 'ring', 'watch' or a user's id.
    replaced_by TEXT NOT NULL,
    PRIMARY KEY (installation_id, digest)
);

-- URLs that platforms send webhooks to.
CREATE TABLE hooks (
    -- SHA-256 of the URL's token, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    -- The plugin's name of the connection.
    connection TEXT NOT NULL,
    -- The token, sealed: its tenant may read the URL again.
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (installation_id, connection)
);

-- What installations did, a row a day.
CREATE TABLE installation_activity (
    installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    -- The beginning of the UTC day.
    day BIGINT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    calls BIGINT NOT NULL,
    faults BIGINT NOT NULL,
    -- Everything, these two included: a JSON object.
    figures TEXT NOT NULL,
    PRIMARY KEY (installation_id, day)
);

CREATE INDEX installation_activity_by_day ON installation_activity (day);

-- How far a version has gone out to installations that are upgraded automatically.
CREATE TABLE rollouts (
    digest TEXT NOT NULL PRIMARY KEY,
    plugin TEXT NOT NULL,
    -- The ring it has reached: 1, 10 or 100, and since when.
    ring BIGINT NOT NULL,
    since BIGINT NOT NULL,
    -- Automatic upgrades to it, and automatic rollbacks from it.
    upgraded BIGINT NOT NULL,
    rolled_back BIGINT NOT NULL,
    -- Why it goes no further; null while it does.
    halted TEXT
);

-- The memory of installations. Keys and values in base64: they may hold any byte.
CREATE TABLE plugin_kv (
    installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    -- Bytes of key and value together, before base64.
    size_bytes BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    -- When the value ends; null when it does not.
    expires_at BIGINT,
    PRIMARY KEY (installation_id, name)
);

CREATE INDEX plugin_kv_expiring ON plugin_kv (installation_id, expires_at);

-- Sums over plugin_kv, changed in the same transaction: its lock makes quotas exact.
CREATE TABLE plugin_kv_usage (
    installation_id TEXT NOT NULL PRIMARY KEY REFERENCES installations (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    size_bytes BIGINT NOT NULL,
    keys BIGINT NOT NULL,
    -- The last revision that was given to any key; never repeats.
    last_revision BIGINT NOT NULL
);

-- The installation that prepares a destination; null in rows of older hosts until the next start.
ALTER TABLE destinations ADD COLUMN installation_id TEXT REFERENCES installations (id);

CREATE INDEX destinations_by_installation ON destinations (installation_id);
