-- Who may watch a source: 'public', 'unlisted' or 'token-only'. What was there before was watched by whoever knew its
-- playback id, and listed nowhere.
ALTER TABLE sources ADD COLUMN visibility TEXT NOT NULL DEFAULT 'unlisted';
-- Whether its segments are encrypted (HLS, METHOD=AES-128).
ALTER TABLE sources ADD COLUMN is_encrypted BIGINT NOT NULL DEFAULT 0;
-- Grows with every change of who may watch and how, so that media paths see that they must look.
ALTER TABLE sources ADD COLUMN viewing_revision BIGINT NOT NULL DEFAULT 0;

-- Playback tokens that were taken back before they ended.
CREATE TABLE playback_revocations (
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    -- 'all', 'token:<id>' or 'viewer:<name>'.
    subject TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Ids of tokens sort by the time they were made: those up to this one are void.
    up_to TEXT NOT NULL,
    -- When the last token that it is about has ended by itself.
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, subject)
);

CREATE INDEX playback_revocations_by_tenant ON playback_revocations (tenant_id);
CREATE INDEX playback_revocations_by_expiry ON playback_revocations (expires_at);
