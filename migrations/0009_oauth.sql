-- Clients of the operator at a plugin's OAuth provider, and those that a tenant brings itself.
CREATE TABLE oauth_clients (
    -- Plugin id, such as 'neustream/youtube'.
    plugin TEXT NOT NULL,
    -- The name in the plugin's manifest, such as 'account'.
    secret TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- The client secret, sealed; see host/store/src/sealing.rs for the form.
    sealed TEXT NOT NULL,
    -- Where the client secret may go: the manifest's token-url when the client was set.
    token_url TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (plugin, secret)
);

CREATE TABLE oauth_tenant_clients (
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    plugin TEXT NOT NULL,
    secret TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    token_url TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, plugin, secret)
);

-- Flows under way, from the moment in which somebody is sent to the provider to the one in which it sends them back.
CREATE TABLE oauth_consents (
    -- SHA-256 of the parameter 'state', in hexadecimal.
    state_digest TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    installation_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- What the way back needs (PKCE verifier and more), sealed JSON.
    sealed TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX oauth_consents_by_installation ON oauth_consents (tenant_id, installation_id, secret);
CREATE INDEX oauth_consents_by_expiry ON oauth_consents (expires_at);

CREATE TABLE oauth_tokens (
    installation_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- The client that they were made for; a refresh token works with no other (RFC 6749 6).
    client_id TEXT NOT NULL,
    -- Where they came from; a refresh token goes to no other place.
    token_url TEXT NOT NULL,
    -- What was consented to, parted by spaces.
    scopes TEXT NOT NULL,
    -- Access and refresh token, sealed JSON.
    sealed TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    -- When the access token ends; NULL where the provider does not tell.
    expires_at BIGINT,
    -- Grows with every new pair, and never repeats.
    revision BIGINT NOT NULL,
    -- Who refreshes them now, and until when nobody else does.
    lease TEXT,
    lease_until BIGINT,
    -- Why the provider takes them no more; NULL while it does.
    refused TEXT,
    PRIMARY KEY (installation_id, secret)
);

CREATE INDEX oauth_tokens_by_tenant ON oauth_tokens (tenant_id, installation_id);
