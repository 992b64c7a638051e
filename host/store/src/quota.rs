//! Quotas: whether there is room for one more, right under concurrency.
//!
//! Whoever makes something that is counted takes the organisation's row lock
//! first, in the transaction that makes it: racing requests are counted one
//! after the other, and each sees what the one before has committed.

use neustream_model::UnixMillis;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::row::{number, to_sql};
use crate::subscription::plan_in_force;
use crate::{LimitKind, Missing, StoreError, TenantStore};

/// What plans limit the number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quota {
    /// Sources, of all apps.
    Sources,
    /// Destinations, of all sources, switched-off ones included.
    Destinations,
    /// Installations of chat connectors.
    ChatConnectors,
}

impl Quota {
    fn kind(self) -> LimitKind {
        match self {
            Self::Sources => LimitKind::Sources,
            Self::Destinations => LimitKind::Destinations,
            Self::ChatConnectors => LimitKind::ChatConnectors,
        }
    }

    /// The plan's column, and what is counted.
    fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Sources => ("max_sources", "sources WHERE tenant_id = $1"),
            Self::Destinations => ("max_destinations", "destinations WHERE tenant_id = $1"),
            Self::ChatConnectors => {
                ("max_chat_connectors", "installations WHERE tenant_id = $1 AND kind = 'chat'")
            }
        }
    }
}

impl TenantStore {
    /// Takes the organisation's row lock until the end of the transaction.
    pub(crate) async fn lock_organisation(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let locked = sqlx::query("UPDATE tenants SET name = name WHERE id = $1")
            .bind(self.tenant.to_string())
            .execute(connection)
            .await?;
        if locked.rows_affected() == 0 {
            return Err(StoreError::NotFound(Missing::Tenant));
        }
        Ok(())
    }

    /// Proves that there is room for one more within the plan, in a transaction that holds the organisation's lock.
    /// `host_max` is a bound of the host, whatever the plan says.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`].
    pub(crate) async fn room_for(
        &self,
        connection: &mut AnyConnection,
        quota: Quota,
        host_max: Option<u64>,
    ) -> Result<(), StoreError> {
        let (limit, counted) = quota.columns();
        let sql = format!(
            "SELECT p.{limit} AS plan_max, (SELECT COUNT(*) FROM {counted}) AS current_count \
             FROM plans p WHERE p.id = {}",
            plan_in_force("$1", "$2")
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(self.tenant.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(connection)
            .await?;
        let plan_max: Option<i64> = row.try_get("plan_max")?;
        let plan_max = plan_max.map(|max| u64::try_from(max).unwrap_or(0));
        let current = number(&row, "current_count")?;
        match plan_max.into_iter().chain(host_max).min() {
            Some(max) if current >= max => Err(StoreError::LimitReached { kind: quota.kind(), current, max }),
            _ => Ok(()),
        }
    }
}
