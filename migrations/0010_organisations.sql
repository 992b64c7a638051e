-- Organisations (a tenant is one), their apps and teams; sign-ins, which access tokens are checked against.
-- users.tenant_id is the home organisation from here on: the one that a request acts for when it names none. Who
-- belongs to an organisation is told by memberships alone.

ALTER TABLE users ADD COLUMN suspended_at BIGINT;

CREATE TABLE memberships (
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- 'viewer', 'editor', 'admin' or 'owner'. An organisation always has an owner.
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE INDEX memberships_by_user ON memberships (user_id);

INSERT INTO memberships (tenant_id, user_id, role, created_at)
SELECT tenant_id, id, 'owner', created_at FROM users;

CREATE TABLE apps (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- May be empty.
    description TEXT NOT NULL,
    -- The one that a request acts for when it names none; it is neither archived nor deleted.
    is_default BIGINT NOT NULL,
    -- Since when it is put away: nothing of it runs or changes.
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX apps_by_tenant ON apps (tenant_id, id);
CREATE UNIQUE INDEX apps_default ON apps (tenant_id) WHERE is_default = 1;

-- An organisation that was there before gives its first app its own id.
INSERT INTO apps (id, tenant_id, name, description, is_default, created_at, updated_at)
SELECT id, id, 'Default', '', 1, created_at, created_at FROM tenants;

CREATE TABLE team_invitations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- In lower case.
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    -- SHA-256 of the token of the link, in hexadecimal.
    digest TEXT NOT NULL UNIQUE,
    -- No foreign key: an invitation outlives whoever made it.
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (tenant_id, email)
);

CREATE INDEX team_invitations_by_email ON team_invitations (email);

-- One browser or program that somebody signed in with. The refresh tokens of a family belong to the sign-in of the same
-- id, and access tokens name it: when it ends, all of them end.
CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- 'person', or 'impersonation' where an administrator acts as the user.
    kind TEXT NOT NULL,
    -- How: 'password', 'link', a provider's name.
    method TEXT NOT NULL,
    -- What the browser or program calls itself.
    device TEXT NOT NULL,
    -- Where it was last seen from; null where that is not known.
    address TEXT,
    -- The administrator behind an impersonation, and the organisation that it is for; for a person's own, null.
    impersonator_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    acting_tenant TEXT REFERENCES tenants (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- Moves with every exchange of a refresh token.
    expires_at BIGINT NOT NULL,
    -- Signed out, revoked, or a refresh token was used twice.
    ended_at BIGINT
);

CREATE INDEX sign_ins_by_user ON sign_ins (user_id, expires_at);

-- Families were 32 hexadecimal digits and become UUIDs, whose text has hyphens.
UPDATE refresh_tokens SET family_id = substr(family_id, 1, 8) || '-' || substr(family_id, 9, 4) || '-'
    || substr(family_id, 13, 4) || '-' || substr(family_id, 17, 4) || '-' || substr(family_id, 21, 12);

INSERT INTO sign_ins (id, user_id, kind, method, device, created_at, last_seen_at, expires_at, ended_at)
SELECT family_id, user_id, 'person', 'password', '', MIN(issued_at), MAX(issued_at), MAX(expires_at), MAX(revoked_at)
FROM refresh_tokens GROUP BY family_id, user_id;
