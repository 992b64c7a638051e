//! Messages of all platforms, in one form.

use neustream_model::{InstallationId, TenantId, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, optional_moment, parsed, text, to_sql};
use crate::scope::in_no_other_app;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{StoreError, TenantStore};

/// A message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessageRow {
    /// The host's id of it: a UUIDv7, which sorts by the time it was stored.
    pub id: String,
    /// The connector that brought it; it may be gone.
    pub installation_id: InstallationId,
    /// Such as `twitch`.
    pub platform: String,
    /// The platform's id of it.
    pub platform_id: String,
    /// The platform's id of its author.
    pub author_id: String,
    /// The author's name.
    pub author_name: String,
    /// What was written.
    pub message_text: String,
    /// `message`, `system`, `action`, `paid`, ...
    pub kind: String,
    /// JSON array of texts.
    pub roles: String,
    /// The platform's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// When it was written there, where the platform tells.
    pub sent_at: Option<UnixMillis>,
    /// When it was stored.
    pub received_at: UnixMillis,
    /// JSON array of pairs: emotes, badges, colour, amounts.
    pub extra: String,
    /// When it was removed there.
    pub retracted_at: Option<UnixMillis>,
}

/// A message to be stored; fields as in [`ChatMessageRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChatMessage {
    /// A UUIDv7.
    pub id: String,
    /// Such as `twitch`.
    pub platform: String,
    /// The platform's id of it.
    pub platform_id: String,
    /// The platform's id of its author.
    pub author_id: String,
    /// The author's name.
    pub author_name: String,
    /// What was written.
    pub message_text: String,
    /// `message`, `system`, `action`, `paid`, ...
    pub kind: String,
    /// JSON array of texts.
    pub roles: String,
    /// The platform's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// When it was written there, where the platform tells.
    pub sent_at: Option<UnixMillis>,
    /// JSON array of pairs.
    pub extra: String,
}

impl FromRow<'_, AnyRow> for ChatMessageRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: text(row, "id")?,
            installation_id: parsed(row, "installation_id")?,
            platform: text(row, "platform")?,
            platform_id: text(row, "platform_id")?,
            author_id: text(row, "author_id")?,
            author_name: text(row, "author_name")?,
            message_text: text(row, "message_text")?,
            kind: text(row, "kind")?,
            roles: text(row, "roles")?,
            reply_to: row.try_get("reply_to")?,
            sent_at: optional_moment(row, "sent_at")?,
            received_at: moment(row, "received_at")?,
            extra: text(row, "extra")?,
            retracted_at: optional_moment(row, "retracted_at")?,
        })
    }
}

impl TenantStore {
    /// The latest messages of the tenant, newest first: of one installation where it is named, stored before the
    /// message `before` where that is named.
    pub async fn chat_messages(
        &self,
        installation: Option<InstallationId>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ChatMessageRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT * FROM chat_messages WHERE tenant_id = $1 \
                 AND installation_id = COALESCE($2, installation_id) AND id < COALESCE($3, 'g') AND ",
                in_no_other_app!("installation_id", "$5"),
                " ORDER BY id DESC LIMIT $4"
            ))
            .bind(self.tenant.to_string())
            .bind(installation.map(|installation| installation.to_string()))
            .bind(before)
            .bind(i64::from(limit))
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// A message of the tenant, by the host's id.
    pub async fn chat_message(&self, id: &str) -> Result<Option<ChatMessageRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(concat!(
                "SELECT * FROM chat_messages WHERE tenant_id = $1 AND id = $2 AND ",
                in_no_other_app!("installation_id", "$3")
            ))
            .bind(self.tenant.to_string())
            .bind(id)
            .bind(self.app_text())
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(row)
        })
        .await
    }
}

/// Stores a message. False when the installation has one of this platform id.
pub(crate) async fn insert_message(
    transaction: &mut Transaction,
    (tenant, installation): (TenantId, InstallationId),
    message: &NewChatMessage,
    step: &str,
    at: UnixMillis,
) -> Result<bool, StoreError> {
    let stored = sqlx::query(
        "INSERT INTO chat_messages (id, tenant_id, installation_id, platform, platform_id, author_id, author_name, \
         message_text, kind, roles, reply_to, sent_at, received_at, extra, step) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (installation_id, platform_id) DO NOTHING",
    )
    .bind(&message.id)
    .bind(tenant.to_string())
    .bind(installation.to_string())
    .bind(&message.platform)
    .bind(&message.platform_id)
    .bind(&message.author_id)
    .bind(&message.author_name)
    .bind(&message.message_text)
    .bind(&message.kind)
    .bind(&message.roles)
    .bind(message.reply_to.as_deref())
    .bind(message.sent_at.map(|at| to_sql(at.0)))
    .bind(to_sql(at.0))
    .bind(&message.extra)
    .bind(step)
    .execute(&mut **transaction)
    .await?;
    Ok(stored.rows_affected() > 0)
}

/// Marks a message as removed. False when there is none of this platform id, or it is removed already.
pub(crate) async fn retract_message(
    transaction: &mut Transaction,
    installation: InstallationId,
    platform_id: &str,
    step: &str,
    at: UnixMillis,
) -> Result<bool, StoreError> {
    let retracted = sqlx::query(
        "UPDATE chat_messages SET retracted_at = $3, retracted_step = $4 \
         WHERE installation_id = $1 AND platform_id = $2 AND retracted_at IS NULL",
    )
    .bind(installation.to_string())
    .bind(platform_id)
    .bind(to_sql(at.0))
    .bind(step)
    .execute(&mut **transaction)
    .await?;
    Ok(retracted.rows_affected() > 0)
}
