//! How long an organisation keeps what: its own choice, within what the host keeps.

use neustream_model::{TenantId, UnixMillis};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use crate::audit::Chain;
use crate::organisation::hold_organisation;
use crate::row::{parsed, to_sql};
use crate::store::within;
use crate::{Entry, HostStore, StoreError, Target, TenantStore};

const DAY_MS: u64 = 86_400_000;
/// Rows that are deleted in one step.
const ROWS_AT_ONCE: u32 = 500;

/// Days that an organisation keeps what; `None` for as long as the host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Messages of chats and recordings of verdicts about them.
    pub chat_days: Option<u64>,
    /// What installations did.
    pub activity_days: Option<u64>,
    /// The audit log.
    pub audit_days: Option<u64>,
    /// The list of sessions. What was streamed counts for bills all the same.
    pub sessions_days: Option<u64>,
}

impl FromRow<'_, AnyRow> for Retention {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let days = |name: &str| -> sqlx::Result<Option<u64>> {
            Ok(row.try_get::<Option<i64>, _>(name)?.and_then(|days| u64::try_from(days).ok()))
        };
        Ok(Self {
            chat_days: days("chat_days")?,
            activity_days: days("activity_days")?,
            audit_days: days("audit_days")?,
            sessions_days: days("sessions_days")?,
        })
    }
}

struct OfTenant {
    tenant: TenantId,
    retention: Retention,
}

impl FromRow<'_, AnyRow> for OfTenant {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { tenant: parsed(row, "tenant_id")?, retention: Retention::from_row(row)? })
    }
}

impl Retention {
    fn shown(&self) -> serde_json::Value {
        json!({
            "chat_days": self.chat_days,
            "activity_days": self.activity_days,
            "audit_days": self.audit_days,
            "sessions_days": self.sessions_days,
        })
    }
}

impl TenantStore {
    /// How long the organisation keeps what.
    pub async fn retention(&self) -> Result<Retention, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM retention WHERE tenant_id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row.unwrap_or_default())
        })
        .await
    }

    /// Sets how long the organisation keeps what.
    pub async fn set_retention(&self, retention: &Retention) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, self.tenant).await?;
            let before: Option<Retention> = sqlx::query_as("SELECT * FROM retention WHERE tenant_id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO retention (tenant_id, chat_days, activity_days, audit_days, sessions_days, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id) DO UPDATE SET \
                 chat_days = excluded.chat_days, activity_days = excluded.activity_days, \
                 audit_days = excluded.audit_days, sessions_days = excluded.sessions_days, \
                 updated_at = excluded.updated_at",
            )
            .bind(self.tenant.to_string())
            .bind(retention.chat_days.map(to_sql))
            .bind(retention.activity_days.map(to_sql))
            .bind(retention.audit_days.map(to_sql))
            .bind(retention.sessions_days.map(to_sql))
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            let entry = Entry::new("organisation.set-retention", Target::new("organisation", self.tenant))
                .before(before.unwrap_or_default().shown())
                .after(retention.shown());
            self.audit(&mut transaction, entry);
            transaction.commit().await
        })
        .await
    }
}

impl HostStore {
    /// Deletes what organisations do not want to keep any longer; tells how many rows.
    pub async fn apply_retention(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let rows: Vec<OfTenant> = within(async {
            Ok(sqlx::query_as("SELECT * FROM retention ORDER BY tenant_id")
                .fetch_all(&self.store.pool)
                .await?)
        })
        .await?;
        let mut deleted = 0;
        for OfTenant { tenant, retention } in rows {
            let before = |days: u64| UnixMillis(now.0.saturating_sub(days.saturating_mul(DAY_MS)));
            let plain = [
                ("chat_messages", "id", "received_at", retention.chat_days),
                ("moderation_recordings", "id", "recorded_at", retention.chat_days),
                ("installation_activity", "day", "day", retention.activity_days),
                ("sessions", "id", "ended_at", retention.sessions_days),
            ];
            for (table, key, moment, days) in plain {
                let Some(days) = days else { continue };
                loop {
                    let some = self.delete_older(table, key, moment, tenant, before(days)).await?;
                    deleted += some;
                    if some < u64::from(ROWS_AT_ONCE) {
                        break;
                    }
                }
            }
            if let Some(days) = retention.audit_days {
                let chain = Chain::Organisation(tenant);
                loop {
                    let some = self.forget_audit(chain, before(days), ROWS_AT_ONCE).await?;
                    deleted += some;
                    if some < u64::from(ROWS_AT_ONCE) {
                        break;
                    }
                }
            }
        }
        Ok(deleted)
    }

    async fn delete_older(
        &self,
        table: &str,
        key: &str,
        moment: &str,
        tenant: TenantId,
        before: UnixMillis,
    ) -> Result<u64, StoreError> {
        within(async {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant_id = $1 AND {moment} < $2 AND {key} IN \
                 (SELECT {key} FROM {table} WHERE tenant_id = $1 AND {moment} < $2 LIMIT {ROWS_AT_ONCE})"
            );
            let result = sqlx::query(AssertSqlSafe(sql))
                .bind(tenant.to_string())
                .bind(to_sql(before.0))
                .execute(&self.store.pool)
                .await?;
            Ok(result.rows_affected())
        })
        .await
    }
}
