-- Which plugins exist: publishers, versions and their states, packages; plans; partners.
-- BYTEA is PostgreSQL's word; SQLite takes any word for a type and keeps blobs as they are.

ALTER TABLE tenants ADD COLUMN plan TEXT NOT NULL DEFAULT 'free';
-- The partner (a tenant) that it is a tenant of.
ALTER TABLE tenants ADD COLUMN partner_id TEXT;
-- JSON: name, logo and colours in place of the host's own.
ALTER TABLE tenants ADD COLUMN branding TEXT;
-- Since when a partner's bundle is being installed for it; nothing once that is done.
ALTER TABLE tenants ADD COLUMN provisioning_since BIGINT;

CREATE INDEX tenants_by_partner ON tenants (partner_id);

CREATE TABLE plan_ceilings (
    plan TEXT NOT NULL PRIMARY KEY,
    -- JSON.
    ceilings TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- No foreign key to the tenant: what others have installed outlives who published it.
CREATE TABLE publishers (
    namespace TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX publishers_by_tenant ON publishers (tenant_id);

CREATE TABLE publisher_keys (
    namespace TEXT NOT NULL REFERENCES publishers (namespace),
    -- 'ed25519:<hex>'.
    key TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    -- From then on it signs nothing more; what it signed before stays.
    retired_at BIGINT,
    PRIMARY KEY (namespace, key)
);

CREATE TABLE plugin_versions (
    -- 'sha256:<hex>' of the package up to its signature.
    digest TEXT NOT NULL PRIMARY KEY,
    -- 'namespace/name'.
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Sorts as semantic versions do, in every collation; see host/catalogue/src/precedence.rs.
    precedence TEXT NOT NULL,
    is_prerelease BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- Id, name, description and publisher in lower case.
    search_text TEXT NOT NULL,
    -- JSON.
    manifest TEXT NOT NULL,
    config_schema TEXT NOT NULL,
    -- 'public', 'private' or 'partner'.
    visibility TEXT NOT NULL,
    -- The tenant that published it; nothing for what the operator brought.
    owner_id TEXT,
    -- 'draft', 'scanned', 'reviewed', 'verified', 'suspended' or 'revoked'.
    state TEXT NOT NULL,
    state_reason TEXT NOT NULL,
    state_at BIGINT NOT NULL,
    -- JSON: the report of the last scan, and what changed since the version before.
    scan TEXT NOT NULL,
    changes TEXT NOT NULL,
    -- The signature section in hexadecimal, and whose key it names.
    signature TEXT,
    signed_by TEXT,
    -- The platform's own signature in hexadecimal, over what may be done with the version.
    countersignature TEXT,
    -- When a review was first concluded; new versions reach installations some time after it.
    verified_at BIGINT,
    -- Bytes of the package up to its signature.
    size_bytes BIGINT NOT NULL,
    -- The clock's number when it was last brought: of one version that the operator brought twice the later counts.
    offered_as BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX plugin_versions_by_plugin ON plugin_versions (plugin, precedence);
CREATE INDEX plugin_versions_by_state ON plugin_versions (state, digest);
CREATE INDEX plugin_versions_by_owner ON plugin_versions (owner_id);

-- One row. Every change of a version takes the next number under this row's lock, so that numbers are committed in
-- their order and another host can ask what came after the last one it saw.
CREATE TABLE catalogue_clock (
    number BIGINT NOT NULL
);

INSERT INTO catalogue_clock (number) VALUES (0);

CREATE TABLE plugin_transitions (
    number BIGINT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    -- Nothing for the first.
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The user; nothing where the host did it by itself.
    actor_id TEXT,
    at BIGINT NOT NULL
);

CREATE INDEX plugin_transitions_by_digest ON plugin_transitions (digest, number);

-- A package up to its signature, in parts of 1 MiB, so that every statement is a short one.
CREATE TABLE packages (
    digest TEXT NOT NULL,
    -- From 0.
    part BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (digest, part)
);

-- A partner is a tenant that has tenants of its own.
CREATE TABLE partners (
    tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    namespace TEXT NOT NULL UNIQUE REFERENCES publishers (namespace),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Which plugins may be installed. The scope is a partner (the list holds for its tenants) or one tenant of a partner.
-- A scope without a row here may install everything that it sees.
CREATE TABLE allow_lists (
    scope_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    updated_at BIGINT NOT NULL
);

CREATE TABLE allowed_plugins (
    scope_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    plugin TEXT NOT NULL,
    PRIMARY KEY (scope_id, plugin)
);

-- The one version of a plugin that may be installed, within the same scopes. A partner's pin stands above a tenant's.
CREATE TABLE plugin_pins (
    scope_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    plugin TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (scope_id, plugin)
);

CREATE TABLE partner_bundles (
    partner_id TEXT NOT NULL REFERENCES partners (tenant_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Canonical JSON, as it was signed.
    document TEXT NOT NULL,
    key TEXT NOT NULL,
    -- In hexadecimal.
    signature TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (partner_id, name)
);

-- A link with which a user who was invited chooses the first password.
CREATE TABLE invitations (
    -- SHA-256 of the token, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE INDEX invitations_by_user ON invitations (user_id);
