//! Subscriptions: which plan an organisation is on, and what it uses of it.
//!
//! An organisation has at most one subscription. Without one, or after the end
//! of a cancelled one, it is on the default plan; nothing needs to run for that.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use neustream_model::{SubscriptionId, TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::audit::{Entry, Target};
use crate::plan::{PlanLimits, PlanRow};
use crate::row::{flag, moment, number, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::{HostStore, Missing, StoreError, TenantStore};

/// Organisations of one question: the longest list of parameters stays short.
const ASKED_AT_ONCE: usize = 100;

/// For how long one pays at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingCycle {
    /// A month.
    Monthly,
    /// A year.
    Yearly,
}

/// A text that names no billing cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `monthly` or `yearly`")]
pub struct BillingCycleMalformed;

impl BillingCycle {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
        }
    }

    /// How many months it has.
    pub fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Yearly => 12,
        }
    }
}

impl fmt::Display for BillingCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for BillingCycle {
    type Err = BillingCycleMalformed;

    fn from_str(text: &str) -> Result<Self, BillingCycleMalformed> {
        [Self::Monthly, Self::Yearly]
            .into_iter()
            .find(|cycle| cycle.as_str() == text)
            .ok_or(BillingCycleMalformed)
    }
}

/// A subscription as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// The subscription.
    pub id: SubscriptionId,
    /// The plan's word.
    pub plan: String,
    /// For how long one pays at a time.
    pub cycle: BillingCycle,
    /// Periods are counted from here.
    pub started_at: UnixMillis,
    /// When it ends, once it was cancelled.
    pub ends_at: Option<UnixMillis>,
    /// A payment is due; the plan still holds.
    pub is_past_due: bool,
}

/// What an organisation may have and what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUse {
    /// The plan that it is on.
    pub plan: PlanRow,
    /// Its subscription, while that holds; without one the plan is the default one.
    pub subscription: Option<SubscriptionRow>,
    /// Sources, of all apps.
    pub sources: u64,
    /// Destinations, of all sources, switched-off ones included.
    pub destinations: u64,
    /// Installations of chat connectors.
    pub chat_connectors: u64,
    /// How long its sources streamed in this month (UTC), up to what was last written down.
    pub streamed: Duration,
}

/// How long an organisation streamed in a month, and how long it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamingUse {
    /// Whose.
    pub tenant: TenantId,
    /// By all of its sources, up to what was last written down.
    pub streamed: Duration,
    /// Hours a month; `None` where there is no limit.
    pub max_hours: Option<u64>,
}

impl FromRow<'_, AnyRow> for SubscriptionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            plan: text(row, "plan")?,
            cycle: parsed(row, "billing_cycle")?,
            started_at: moment(row, "started_at")?,
            ends_at: optional_moment(row, "ends_at")?,
            is_past_due: flag(row, "is_past_due")?,
        })
    }
}

impl FromRow<'_, AnyRow> for PlanUse {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let plan = PlanRow::from_row(row)?;
        let held_id: Option<String> = row.try_get("held_id")?;
        let held = |_| {
            Ok::<_, sqlx::Error>(SubscriptionRow {
                id: parsed(row, "held_id")?,
                plan: plan.id.clone(),
                cycle: parsed(row, "billing_cycle")?,
                started_at: moment(row, "started_at")?,
                ends_at: optional_moment(row, "ends_at")?,
                is_past_due: flag(row, "is_past_due")?,
            })
        };
        Ok(Self {
            subscription: held_id.map(held).transpose()?,
            sources: number(row, "sources_used")?,
            destinations: number(row, "destinations_used")?,
            chat_connectors: number(row, "connectors_used")?,
            streamed: Duration::from_millis(number(row, "streamed_ms")?),
            plan,
        })
    }
}

impl FromRow<'_, AnyRow> for StreamingUse {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant: parsed(row, "tenant_id")?,
            streamed: Duration::from_millis(number(row, "streamed_ms")?),
            max_hours: PlanLimits::from_row(row)?.max_streaming_hours_monthly,
        })
    }
}

/// SQL: the word of the plan that a tenant is on.
pub(crate) fn plan_in_force(tenant: &str, now: &str) -> String {
    format!(
        "COALESCE((SELECT s.plan FROM subscriptions s WHERE s.tenant_id = {tenant} \
         AND (s.ends_at IS NULL OR s.ends_at > {now})), (SELECT d.id FROM plans d WHERE d.is_default = 1))"
    )
}

impl TenantStore {
    /// The plan that the organisation is on, and what it uses of it.
    pub async fn plan_use(&self, now: UnixMillis) -> Result<PlanUse, StoreError> {
        within(async {
            let sql = format!(
                "SELECT p.*, s.id AS held_id, s.billing_cycle, s.started_at, s.ends_at, s.is_past_due, \
                 (SELECT COUNT(*) FROM sources WHERE tenant_id = $1) AS sources_used, \
                 (SELECT COUNT(*) FROM destinations WHERE tenant_id = $1) AS destinations_used, \
                 (SELECT COUNT(*) FROM installations WHERE tenant_id = $1 AND kind = 'chat') AS connectors_used, \
                 COALESCE((SELECT CAST(SUM(streamed_ms) AS BIGINT) FROM session_usage \
                 WHERE tenant_id = $1 AND day >= $3 AND day < $4), 0) AS streamed_ms \
                 FROM plans p LEFT JOIN subscriptions s ON s.tenant_id = $1 AND s.plan = p.id \
                 AND (s.ends_at IS NULL OR s.ends_at > $2) WHERE p.id = {}",
                plan_in_force("$1", "$2")
            );
            let plan_use = sqlx::query_as(AssertSqlSafe(sql))
                .bind(self.tenant.to_string())
                .bind(to_sql(now.0))
                .bind(to_sql(now.month().0))
                .bind(to_sql(now.month().plus_months(1).0))
                .fetch_one(&mut *self.connection().await?)
                .await?;
            Ok(plan_use)
        })
        .await
    }

    /// Lets the subscription end at `end`, the end of its period. One that was cancelled before keeps its end.
    ///
    /// # Errors
    /// [`StoreError::NotSubscribed`] when there is none at `now`.
    pub async fn cancel_subscription(
        &self,
        now: UnixMillis,
        end: impl FnOnce(&SubscriptionRow) -> UnixMillis,
    ) -> Result<SubscriptionRow, StoreError> {
        within(async {
            let tenant = self.tenant.to_string();
            let mut transaction = self.begin().await?;
            // Takes the row's lock: whoever changes the plan at the same time comes before or after.
            sqlx::query("UPDATE subscriptions SET plan = plan WHERE tenant_id = $1")
                .bind(&tenant)
                .execute(&mut *transaction)
                .await?;
            let held = subscription(&mut transaction, &tenant).await?;
            let held = held.filter(|held| held.ends_at.is_none_or(|end| end > now));
            let mut held = held.ok_or(StoreError::NotSubscribed)?;
            if held.ends_at.is_some() {
                return Ok(held);
            }
            let ends_at = end(&held);
            sqlx::query("UPDATE subscriptions SET ends_at = $2, updated_at = $3 WHERE tenant_id = $1")
                .bind(&tenant)
                .bind(to_sql(ends_at.0))
                .bind(to_sql(now.0))
                .execute(&mut *transaction)
                .await?;
            let before = shown(&held);
            held.ends_at = Some(ends_at);
            let target = Target::new("subscription", held.id);
            let entry =
                Entry::new("subscription.cancel", target).before(before).after(shown(&held)).only_changes();
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(held)
        })
        .await
    }
}

impl HostStore {
    /// Puts an organisation on a plan from `now` on: a new subscription in place of the one it had.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such organisation or plan.
    pub async fn set_plan(
        &self,
        tenant: TenantId,
        plan: &str,
        cycle: BillingCycle,
        now: UnixMillis,
    ) -> Result<SubscriptionRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let key = tenant.to_string();
            let locked = sqlx::query("UPDATE tenants SET name = name WHERE id = $1")
                .bind(&key)
                .execute(&mut *transaction)
                .await?;
            if locked.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::Tenant));
            }
            let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM plans WHERE id = $1")
                .bind(plan)
                .fetch_one(&mut *transaction)
                .await?;
            if known == 0 {
                return Err(StoreError::NotFound(Missing::Plan));
            }
            let before = subscription(&mut transaction, &key).await?;
            let made: SubscriptionRow = sqlx::query_as(
                "INSERT INTO subscriptions (id, tenant_id, plan, billing_cycle, started_at, is_past_due, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, 0, $5) ON CONFLICT (tenant_id) DO UPDATE SET id = excluded.id, \
                 plan = excluded.plan, billing_cycle = excluded.billing_cycle, started_at = excluded.started_at, \
                 ends_at = NULL, is_past_due = 0, updated_at = excluded.updated_at RETURNING *",
            )
            .bind(SubscriptionId::new().to_string())
            .bind(&key)
            .bind(plan)
            .bind(cycle.as_str())
            .bind(to_sql(now.0))
            .fetch_one(&mut *transaction)
            .await?;
            let entry = || {
                let entry = Entry::new("organisation.set-plan", Target::new("organisation", tenant));
                entry.before(before.as_ref().map_or(Value::Null, shown)).after(shown(&made))
            };
            self.audit_in(&mut transaction, tenant, entry());
            self.audit(&mut transaction, entry());
            transaction.commit().await?;
            Ok(made)
        })
        .await
    }

    /// How long organisations streamed in the month (UTC) of `now`, and how long they may. One that is gone is left
    /// out.
    pub async fn streaming_use(
        &self,
        tenants: &[TenantId],
        now: UnixMillis,
    ) -> Result<Vec<StreamingUse>, StoreError> {
        let mut all = Vec::with_capacity(tenants.len());
        for tenants in tenants.chunks(ASKED_AT_ONCE) {
            let places: Vec<_> = (4..tenants.len() + 4).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT t.id AS tenant_id, p.max_sources, p.max_destinations, p.max_chat_connectors, \
                 p.max_streaming_hours_monthly, COALESCE((SELECT CAST(SUM(u.streamed_ms) AS BIGINT) \
                 FROM session_usage u WHERE u.tenant_id = t.id AND u.day >= $2 AND u.day < $3), 0) AS streamed_ms \
                 FROM tenants t JOIN plans p ON p.id = {} WHERE t.id IN ({})",
                plan_in_force("t.id", "$1"),
                places.join(", ")
            );
            let rows = within(async {
                let mut query = sqlx::query_as::<_, StreamingUse>(AssertSqlSafe(sql))
                    .bind(to_sql(now.0))
                    .bind(to_sql(now.month().0))
                    .bind(to_sql(now.month().plus_months(1).0));
                for tenant in tenants {
                    query = query.bind(tenant.to_string());
                }
                Ok(query.fetch_all(&self.store.pool).await?)
            });
            all.extend(rows.await?);
        }
        Ok(all)
    }
}

async fn subscription(
    connection: &mut AnyConnection,
    tenant: &str,
) -> Result<Option<SubscriptionRow>, StoreError> {
    let row = sqlx::query_as("SELECT * FROM subscriptions WHERE tenant_id = $1")
        .bind(tenant)
        .fetch_optional(connection)
        .await?;
    Ok(row)
}

/// A subscription as the audit log shows it.
fn shown(row: &SubscriptionRow) -> Value {
    json!({
        "id": row.id.to_string(),
        "plan": row.plan,
        "billing_cycle": row.cycle.as_str(),
        "started_at_ms": row.started_at.0,
        "ends_at_ms": row.ends_at.map(|end| end.0),
    })
}
