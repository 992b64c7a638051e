//! What chat connectors remember, and the steps that change it.
//!
//! A step is one transaction: the memory moves from the revision that it was
//! made from, messages and retractions are written, outgoing messages end. The
//! row's lock makes racing hosts wait for each other, and all but one find that
//! the revision has moved on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use neustream_model::{InstallationId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::chat_message::{NewChatMessage, insert_message, retract_message};
use crate::connector_outgoing::{FinishedRow, finish};
use crate::row::{number, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, StoreError, TenantStore};

/// Memories of older state schemas that are kept for rollbacks.
const OLDER_MEMORIES: i64 = 3;

/// What a connector remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorMemoryRow {
    /// The connector's own state.
    pub state: Vec<u8>,
    /// The version of it.
    pub state_schema: u32,
    /// The package that made it.
    pub digest: String,
    /// The digest of the configuration that it was begun with.
    pub config_digest: String,
    /// What the host keeps for it: a JSON object.
    pub kept: String,
}

/// A connector as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorRow {
    /// Counts its steps, from 1.
    pub revision: u64,
    /// Names the last step.
    pub step: String,
    /// What it remembers.
    pub memory: ConnectorMemoryRow,
}

/// A step to be written.
#[derive(Debug, Clone)]
pub struct ConnectorStep<'a> {
    /// The revision that it was made from; 0 for the first.
    pub expected_revision: u64,
    /// Names it.
    pub step: &'a str,
    /// When.
    pub at: UnixMillis,
    /// What is remembered from now on.
    pub memory: &'a ConnectorMemoryRow,
    /// Keep what is replaced, for a rollback to a version of its schema.
    pub keeps_older: bool,
    /// Messages, in order.
    pub messages: &'a [NewChatMessage],
    /// Platform ids of messages that were removed there.
    pub retractions: &'a [String],
    /// Outgoing messages that are through.
    pub finished: &'a [FinishedRow],
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// It is written, now or by an earlier call with the same name.
    Written {
        /// Ids of the messages that were not stored yet.
        fresh: Vec<String>,
        /// Platform ids of the messages that were stored, and are retracted by this step.
        retracted: Vec<String>,
    },
    /// The connector has moved on from that revision by another step.
    MovedOn,
}

impl FromRow<'_, AnyRow> for ConnectorMemoryRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let wrong = |index: &str, source: sqlx::error::BoxDynError| sqlx::Error::ColumnDecode {
            index: index.to_owned(),
            source,
        };
        Ok(Self {
            state: BASE64.decode(text(row, "state")?).map_err(|error| wrong("state", error.into()))?,
            state_schema: u32::try_from(number(row, "state_schema")?)
                .map_err(|error| wrong("state_schema", error.into()))?,
            digest: text(row, "digest")?,
            config_digest: text(row, "config_digest")?,
            kept: text(row, "kept")?,
        })
    }
}

impl FromRow<'_, AnyRow> for ConnectorRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            revision: number(row, "revision")?,
            step: text(row, "step")?,
            memory: ConnectorMemoryRow::from_row(row)?,
        })
    }
}

impl TenantStore {
    /// What is stored of a connector.
    pub async fn connector(&self, installation: InstallationId) -> Result<Option<ConnectorRow>, StoreError> {
        within(async {
            let row =
                sqlx::query_as("SELECT * FROM chat_connectors WHERE tenant_id = $1 AND installation_id = $2")
                    .bind(self.tenant.to_string())
                    .bind(installation.to_string())
                    .fetch_optional(&mut *self.connection().await?)
                    .await?;
            Ok(row)
        })
        .await
    }

    /// The last memory of the newest state schema that is at most `schema`, among those that were replaced.
    pub async fn older_memory(
        &self,
        installation: InstallationId,
        schema: u32,
    ) -> Result<Option<ConnectorMemoryRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "SELECT * FROM chat_connector_memories WHERE tenant_id = $1 AND installation_id = $2 \
                 AND state_schema <= $3 ORDER BY state_schema DESC LIMIT 1",
            )
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(i64::from(schema))
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(row)
        })
        .await
    }

    /// Writes a step, whole or not at all. One that is written already is answered as it was then.
    pub async fn write_step(
        &self,
        installation: InstallationId,
        step: &ConnectorStep<'_>,
    ) -> Result<StepOutcome, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            if step.keeps_older {
                self.keep_memory(&mut transaction, installation, step).await?;
            }
            if !self.move_on(&mut transaction, installation, step).await? {
                let written: Option<String> = sqlx::query_scalar(
                    "SELECT step FROM chat_connectors WHERE tenant_id = $1 AND installation_id = $2",
                )
                .bind(self.tenant.to_string())
                .bind(installation.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
                if written.as_deref() != Some(step.step) {
                    return Ok(StepOutcome::MovedOn);
                }
                return self.written(&mut transaction, installation, step).await;
            }
            let (mut fresh, mut retracted) = (Vec::new(), Vec::new());
            for message in step.messages {
                let place = (self.tenant, installation);
                if insert_message(&mut transaction, place, message, step.step, step.at).await? {
                    fresh.push(message.id.clone());
                }
            }
            for id in step.retractions {
                if retract_message(&mut transaction, installation, id, step.step, step.at).await? {
                    retracted.push(id.clone());
                }
            }
            finish(&mut transaction, installation, step.finished, step.at).await?;
            transaction.commit().await?;
            Ok(StepOutcome::Written { fresh, retracted })
        })
        .await
    }

    /// Moves the row on. False when it is not at the expected revision.
    async fn move_on(
        &self,
        transaction: &mut Transaction,
        installation: InstallationId,
        step: &ConnectorStep<'_>,
    ) -> Result<bool, StoreError> {
        let sql = if step.expected_revision == 0 {
            "INSERT INTO chat_connectors (installation_id, tenant_id, revision, step, state, state_schema, digest, \
             config_digest, kept, updated_at) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (installation_id) DO NOTHING"
        } else {
            "UPDATE chat_connectors SET revision = $3 + 1, step = $4, state = $5, state_schema = $6, digest = $7, \
             config_digest = $8, kept = $9, updated_at = $10 \
             WHERE installation_id = $1 AND tenant_id = $2 AND revision = $3"
        };
        let moved = sqlx::query(sql)
            .bind(installation.to_string())
            .bind(self.tenant.to_string())
            .bind(to_sql(step.expected_revision))
            .bind(step.step)
            .bind(BASE64.encode(&step.memory.state))
            .bind(i64::from(step.memory.state_schema))
            .bind(&step.memory.digest)
            .bind(&step.memory.config_digest)
            .bind(&step.memory.kept)
            .bind(to_sql(step.at.0))
            .execute(&mut **transaction)
            .await?;
        Ok(moved.rows_affected() > 0)
    }

    /// Copies the memory that is about to be replaced.
    async fn keep_memory(
        &self,
        transaction: &mut Transaction,
        installation: InstallationId,
        step: &ConnectorStep<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO chat_connector_memories (installation_id, state_schema, tenant_id, state, digest, \
             config_digest, kept, updated_at) \
             SELECT installation_id, state_schema, tenant_id, state, digest, config_digest, kept, $4 \
             FROM chat_connectors WHERE tenant_id = $1 AND installation_id = $2 AND revision = $3 \
             ON CONFLICT (installation_id, state_schema) DO UPDATE SET state = excluded.state, \
             digest = excluded.digest, config_digest = excluded.config_digest, kept = excluded.kept, \
             updated_at = excluded.updated_at",
        )
        .bind(self.tenant.to_string())
        .bind(installation.to_string())
        .bind(to_sql(step.expected_revision))
        .bind(to_sql(step.at.0))
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "DELETE FROM chat_connector_memories WHERE tenant_id = $1 AND installation_id = $2 \
             AND state_schema NOT IN (SELECT state_schema FROM chat_connector_memories \
             WHERE installation_id = $2 ORDER BY updated_at DESC, state_schema DESC LIMIT $3)",
        )
        .bind(self.tenant.to_string())
        .bind(installation.to_string())
        .bind(OLDER_MEMORIES)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    /// What a step did that is written already.
    async fn written(
        &self,
        transaction: &mut Transaction,
        installation: InstallationId,
        step: &ConnectorStep<'_>,
    ) -> Result<StepOutcome, StoreError> {
        let (mut fresh, mut retracted) = (Vec::new(), Vec::new());
        for message in step.messages {
            let found: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM chat_messages WHERE tenant_id = $1 AND id = $2 AND step = $3",
            )
            .bind(self.tenant.to_string())
            .bind(&message.id)
            .bind(step.step)
            .fetch_one(&mut **transaction)
            .await?;
            fresh.extend((found > 0).then(|| message.id.clone()));
        }
        for id in step.retractions {
            let found: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM chat_messages WHERE installation_id = $1 AND platform_id = $2 \
                 AND retracted_step = $3",
            )
            .bind(installation.to_string())
            .bind(id)
            .bind(step.step)
            .fetch_one(&mut **transaction)
            .await?;
            if found > 0 && !retracted.contains(id) {
                retracted.push(id.clone());
            }
        }
        Ok(StepOutcome::Written { fresh, retracted })
    }

    /// Keeps the steps of late (a JSON object), in place of those that were kept before.
    pub async fn keep_recording(
        &self,
        installation: InstallationId,
        steps: &str,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "INSERT INTO chat_recordings (installation_id, tenant_id, steps, updated_at) VALUES ($2, $1, $3, $4) \
                 ON CONFLICT (installation_id) DO UPDATE SET steps = excluded.steps, updated_at = excluded.updated_at",
            )
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(steps)
            .bind(to_sql(at.0))
            .execute(&mut *self.connection().await?)
            .await?;
            Ok(())
        })
        .await
    }

    /// The steps that were kept.
    pub async fn recording(&self, installation: InstallationId) -> Result<Option<String>, StoreError> {
        within(async {
            let steps = sqlx::query_scalar(
                "SELECT steps FROM chat_recordings WHERE tenant_id = $1 AND installation_id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(steps)
        })
        .await
    }
}

impl HostStore {
    /// Forgets what the connector of an installation that is no more remembered. Its messages stay.
    pub async fn forget_connector(&self, installation: InstallationId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            for sql in [
                "DELETE FROM chat_connectors WHERE installation_id = $1",
                "DELETE FROM chat_connector_memories WHERE installation_id = $1",
                "DELETE FROM chat_outgoing WHERE installation_id = $1",
                "DELETE FROM chat_recordings WHERE installation_id = $1",
            ] {
                sqlx::query(sql).bind(installation.to_string()).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Deletes what is older than `before`: messages, outgoing messages that are through, recordings of verdicts. At
    /// most `most` rows of each at once; tells how many went, so that it can be called again.
    pub async fn prune_chats(&self, before: UnixMillis, most: u32) -> Result<u64, StoreError> {
        within(async {
            let mut deleted = 0;
            for sql in [
                "DELETE FROM chat_messages WHERE id IN \
                 (SELECT id FROM chat_messages WHERE received_at < $1 LIMIT $2)",
                "DELETE FROM chat_outgoing WHERE id IN \
                 (SELECT id FROM chat_outgoing WHERE finished_at < $1 LIMIT $2)",
                "DELETE FROM moderation_recordings WHERE id IN \
                 (SELECT id FROM moderation_recordings WHERE recorded_at < $1 LIMIT $2)",
            ] {
                let gone = sqlx::query(sql)
                    .bind(to_sql(before.0))
                    .bind(i64::from(most))
                    .execute(&self.store.pool)
                    .await?;
                deleted += gone.rows_affected();
            }
            Ok(deleted)
        })
        .await
    }
}
