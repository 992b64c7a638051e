//! What moderation filters were asked and answered, for appeals.

use neustream_model::{InstallationId, UnixMillis};

use crate::row::to_sql;
use crate::store::within;
use crate::{StoreError, TenantStore};

/// A recording to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewVerdictRecording<'a> {
    /// Its id: a UUIDv7, which sorts by time.
    pub id: &'a str,
    /// The filter's installation.
    pub installation: InstallationId,
    /// The ids of the messages that were judged in it.
    pub messages: &'a [&'a str],
    /// Everything: a JSON object.
    pub recording: &'a str,
    /// When.
    pub at: UnixMillis,
}

impl TenantStore {
    /// Keeps a recording; one that is kept already stays as it is.
    pub async fn keep_verdicts(&self, new: &NewVerdictRecording<'_>) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let kept = sqlx::query(
                "INSERT INTO moderation_recordings (id, tenant_id, installation_id, recording, recorded_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
            )
            .bind(new.id)
            .bind(self.tenant.to_string())
            .bind(new.installation.to_string())
            .bind(new.recording)
            .bind(to_sql(new.at.0))
            .execute(&mut *transaction)
            .await?;
            if kept.rows_affected() > 0 {
                for message in new.messages {
                    sqlx::query(
                        "INSERT INTO moderation_recorded (recording_id, message_id, tenant_id) VALUES ($1, $2, $3) \
                         ON CONFLICT (recording_id, message_id) DO NOTHING",
                    )
                    .bind(new.id)
                    .bind(*message)
                    .bind(self.tenant.to_string())
                    .execute(&mut *transaction)
                    .await?;
                }
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// The recordings in which a message was judged, oldest first: JSON objects.
    pub async fn verdicts_about(&self, message: &str) -> Result<Vec<String>, StoreError> {
        within(async {
            let recordings = sqlx::query_scalar(
                "SELECT r.recording FROM moderation_recordings r \
                 JOIN moderation_recorded m ON m.recording_id = r.id \
                 WHERE m.tenant_id = $1 AND m.message_id = $2 ORDER BY r.id",
            )
            .bind(self.tenant.to_string())
            .bind(message)
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(recordings)
        })
        .await
    }
}
