-- Who changed what: one chain of entries an organisation, and one of the platform (whose tenant_id is 'platform'). Neither
-- refers to other tables: what was done stays known when those who did it are gone.

CREATE TABLE audit_entries (
    tenant_id TEXT NOT NULL,
    -- From 1, without gaps.
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- 'person', 'key', 'operator' or 'host'; the id of person or key; the administrator who acted in a person's name.
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    impersonator_id TEXT,
    address TEXT,
    request_id TEXT,
    -- Such as 'source.update', of a 'source' with an id.
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    -- What changed: JSON, without secrets.
    before_json TEXT,
    after_json TEXT,
    reason TEXT,
    -- SHA-256 in hexadecimal: of the entry before, and of this one with it; see host/store/src/audit.rs.
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);

CREATE INDEX audit_entries_by_actor ON audit_entries (tenant_id, actor_id, sequence);
CREATE INDEX audit_entries_by_target ON audit_entries (tenant_id, target_id, sequence);

CREATE TABLE audit_heads (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    -- The last entry.
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- The last entry that was forgotten after the time that entries are kept, and its hash.
    forgotten_sequence BIGINT NOT NULL,
    forgotten_hash TEXT NOT NULL
);

-- Sources and installations belong to an app. Those that were there before belong to the default app. The column is
-- never empty: only SQLite cannot add one that says so.

ALTER TABLE sources ADD COLUMN app_id TEXT REFERENCES apps (id) ON DELETE CASCADE;
UPDATE sources SET app_id = (SELECT a.id FROM apps a WHERE a.tenant_id = sources.tenant_id AND a.is_default = 1);
CREATE INDEX sources_by_app ON sources (app_id, id);

ALTER TABLE installations ADD COLUMN app_id TEXT REFERENCES apps (id) ON DELETE CASCADE;
UPDATE installations
SET app_id = (SELECT a.id FROM apps a WHERE a.tenant_id = installations.tenant_id AND a.is_default = 1);
CREATE INDEX installations_by_app ON installations (app_id, id);
