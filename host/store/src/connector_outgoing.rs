//! Messages that a tenant wants written on a platform.

use neustream_model::{InstallationId, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, optional_moment, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{StoreError, TenantStore};

/// An outgoing message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRow {
    /// The host's id of it.
    pub id: String,
    /// What to write.
    pub message_text: String,
    /// The platform's id of the message that it answers.
    pub reply_to: Option<String>,
    /// When the tenant wrote it.
    pub written_at: UnixMillis,
    /// When it was through; none while it waits.
    pub finished_at: Option<UnixMillis>,
    /// Why it was not written: a code; empty where it was.
    pub problem_code: String,
    /// The same in a sentence.
    pub problem_message: String,
}

/// The end of an outgoing message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedRow {
    /// The host's id of it.
    pub id: String,
    /// Why it was not written, code and sentence; none where it was.
    pub problem: Option<(String, String)>,
}

impl FromRow<'_, AnyRow> for OutgoingRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: text(row, "id")?,
            message_text: text(row, "message_text")?,
            reply_to: row.try_get("reply_to")?,
            written_at: moment(row, "written_at")?,
            finished_at: optional_moment(row, "finished_at")?,
            problem_code: text(row, "problem_code")?,
            problem_message: text(row, "problem_message")?,
        })
    }
}

impl TenantStore {
    /// Queues an outgoing message. False when `most` of the installation wait already.
    pub async fn queue_outgoing(
        &self,
        installation: InstallationId,
        outgoing: &OutgoingRow,
        most: u32,
    ) -> Result<bool, StoreError> {
        within(async {
            // Two that race may both fit where one does: the bound is for memory, not for money.
            let queued = sqlx::query(
                "INSERT INTO chat_outgoing (id, tenant_id, installation_id, message_text, reply_to, written_at, \
                 finished_at, problem_code, problem_message) \
                 SELECT $3, $1, $2, $4, $5, $6, NULL, '', '' WHERE (SELECT COUNT(*) FROM chat_outgoing \
                 WHERE installation_id = $2 AND finished_at IS NULL) < $7",
            )
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(&outgoing.id)
            .bind(&outgoing.message_text)
            .bind(outgoing.reply_to.as_deref())
            .bind(to_sql(outgoing.written_at.0))
            .bind(i64::from(most))
            .execute(&mut *self.connection().await?)
            .await?;
            Ok(queued.rows_affected() > 0)
        })
        .await
    }

    /// The outgoing messages of an installation that wait, oldest first.
    pub async fn waiting_outgoing(
        &self,
        installation: InstallationId,
    ) -> Result<Vec<OutgoingRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM chat_outgoing WHERE tenant_id = $1 AND installation_id = $2 AND finished_at IS NULL \
                 ORDER BY written_at, id",
            )
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// An outgoing message of the tenant.
    pub async fn outgoing(&self, id: &str) -> Result<Option<OutgoingRow>, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM chat_outgoing WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id)
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row)
        })
        .await
    }

    /// Ends outgoing messages outside a step.
    pub async fn finish_outgoing(
        &self,
        installation: InstallationId,
        finished: &[FinishedRow],
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            finish(&mut transaction, installation, finished, at).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Ends outgoing messages; the first end counts.
pub(crate) async fn finish(
    transaction: &mut Transaction,
    installation: InstallationId,
    finished: &[FinishedRow],
    at: UnixMillis,
) -> Result<(), StoreError> {
    for FinishedRow { id, problem } in finished {
        let (code, message) = problem.as_ref().map_or(("", ""), |(code, message)| (code, message));
        sqlx::query(
            "UPDATE chat_outgoing SET finished_at = $3, problem_code = $4, problem_message = $5 \
             WHERE installation_id = $1 AND id = $2 AND finished_at IS NULL",
        )
        .bind(installation.to_string())
        .bind(id)
        .bind(to_sql(at.0))
        .bind(code)
        .bind(message)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
