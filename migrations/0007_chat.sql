-- What a chat connector remembers, written together with what its steps did. Installations are named without a foreign
-- key: what was said in a chat outlives the connector that brought it.
CREATE TABLE chat_connectors (
    installation_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Counts steps; a step is written only upon the revision that it was made from.
    revision BIGINT NOT NULL,
    -- Names the last step, so that one whose answer was lost is known when it comes again.
    step TEXT NOT NULL,
    -- The connector's own state in base64, and the version of it.
    state TEXT NOT NULL,
    state_schema BIGINT NOT NULL,
    -- The package that made it, and the digest of the configuration that it was begun with.
    digest TEXT NOT NULL,
    config_digest TEXT NOT NULL,
    -- Connections, timers and requests: a JSON object.
    kept TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX chat_connectors_by_tenant ON chat_connectors (tenant_id);

-- The last memory of each of the last state schemas, for rollbacks.
CREATE TABLE chat_connector_memories (
    installation_id TEXT NOT NULL,
    state_schema BIGINT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    digest TEXT NOT NULL,
    config_digest TEXT NOT NULL,
    kept TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (installation_id, state_schema)
);

CREATE TABLE chat_messages (
    -- UUIDv7: sorts by the time it was stored.
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    installation_id TEXT NOT NULL,
    -- Such as 'twitch', and the platform's ids of message and author.
    platform TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    message_text TEXT NOT NULL,
    -- 'message', 'system', 'action', 'paid', ...
    kind TEXT NOT NULL,
    -- JSON array of texts.
    roles TEXT NOT NULL,
    -- The platform's id of the message that this one answers.
    reply_to TEXT,
    -- When it was written there; null where the platform does not tell.
    sent_at BIGINT,
    received_at BIGINT NOT NULL,
    -- Emotes, badges, colour, amounts: a JSON array of pairs.
    extra TEXT NOT NULL,
    retracted_at BIGINT,
    -- The steps that stored and retracted it.
    step TEXT NOT NULL,
    retracted_step TEXT,
    UNIQUE (installation_id, platform_id)
);

CREATE INDEX chat_messages_by_tenant ON chat_messages (tenant_id, id);
CREATE INDEX chat_messages_by_age ON chat_messages (received_at);

-- Messages that a tenant wants written on a platform, until the connector says what became of them and a while longer.
CREATE TABLE chat_outgoing (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    installation_id TEXT NOT NULL,
    message_text TEXT NOT NULL,
    reply_to TEXT,
    written_at BIGINT NOT NULL,
    -- Null while it waits; then why it was not written, both empty where it was.
    finished_at BIGINT,
    problem_code TEXT NOT NULL,
    problem_message TEXT NOT NULL
);

CREATE INDEX chat_outgoing_waiting ON chat_outgoing (installation_id, finished_at);
CREATE INDEX chat_outgoing_by_tenant ON chat_outgoing (tenant_id);

-- Steps of late, for the shadow replay of a new version: a JSON object.
CREATE TABLE chat_recordings (
    installation_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    steps TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Everything that a moderation filter was asked and answered, for appeals: a JSON object.
CREATE TABLE moderation_recordings (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    installation_id TEXT NOT NULL,
    recording TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX moderation_recordings_by_tenant ON moderation_recordings (tenant_id);
CREATE INDEX moderation_recordings_by_age ON moderation_recordings (recorded_at);

-- Which messages were judged in a recording.
CREATE TABLE moderation_recorded (
    recording_id TEXT NOT NULL REFERENCES moderation_recordings (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    PRIMARY KEY (recording_id, message_id)
);

CREATE INDEX moderation_recorded_by_message ON moderation_recorded (tenant_id, message_id);
