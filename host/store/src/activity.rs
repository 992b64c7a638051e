//! What installations did, a row a day. What the figures mean is known to `neustream-installations`.

use neustream_model::{InstallationId, TenantId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, text, to_sql};
use crate::scope::in_app;
use crate::store::within;
use crate::{HostStore, StoreError, TenantStore};

/// One day of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// The beginning of the UTC day.
    pub day: UnixMillis,
    /// A JSON object.
    pub figures: String,
}

impl FromRow<'_, AnyRow> for ActivityRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { day: moment(row, "day")?, figures: text(row, "figures")? })
    }
}

impl TenantStore {
    /// The kept days of an installation from `since` on, the latest first.
    pub async fn activity(
        &self,
        installation: InstallationId,
        since: UnixMillis,
    ) -> Result<Vec<ActivityRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT * FROM installation_activity WHERE tenant_id = $1 AND installation_id = $2 AND day >= $3 AND ",
                in_app!("installation_id", "$4"),
                " ORDER BY day DESC"
            ))
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(to_sql(since.0))
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }
}

impl HostStore {
    /// Adds `calls` and `faults` to a day of an installation; of the other figures, `merged` gets the figures that are kept (none at first) and gives those to
    /// be kept. False when there is no such installation (any more).
    pub async fn add_activity(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        day: UnixMillis,
        (calls, faults): (u64, u64),
        merged: impl FnOnce(Option<&str>) -> String,
    ) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // First of all a write, which takes the row's lock; empty figures mean that the row is new.
            let row: Option<ActivityRow> = sqlx::query_as(
                "INSERT INTO installation_activity (installation_id, day, tenant_id, calls, faults, figures) \
                 SELECT id, $3, tenant_id, $4, $5, '' FROM installations \
                 WHERE tenant_id = $1 AND id = $2 \
                 ON CONFLICT (installation_id, day) DO UPDATE SET \
                 calls = installation_activity.calls + excluded.calls, \
                 faults = installation_activity.faults + excluded.faults RETURNING *",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(to_sql(day.0))
            .bind(to_sql(calls))
            .bind(to_sql(faults))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(row) = row else { return Ok(false) };
            let kept = Some(row.figures.as_str()).filter(|figures| !figures.is_empty());
            sqlx::query(
                "UPDATE installation_activity SET figures = $3 WHERE installation_id = $1 AND day = $2",
            )
            .bind(installation.to_string())
            .bind(to_sql(day.0))
            .bind(merged(kept))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Forgets days before `day`, of all tenants.
    pub async fn forget_activity_before(&self, day: UnixMillis) -> Result<u64, StoreError> {
        within(async {
            let result = sqlx::query("DELETE FROM installation_activity WHERE day < $1")
                .bind(to_sql(day.0))
                .execute(&self.store.pool)
                .await?;
            Ok(result.rows_affected())
        })
        .await
    }
}
