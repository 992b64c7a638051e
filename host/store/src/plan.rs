//! Plans: what an organisation may have, what that costs, and the ceilings of its plugins.

use std::collections::BTreeMap;

use neustream_model::{TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::audit::{Entry, Target};
use crate::row::{flag, number, parsed, text, to_sql};
use crate::store::within;
use crate::subscription::{BillingCycle, plan_in_force};
use crate::{HostStore, Missing, StoreError};

/// How much of everything a plan gives; `None` where there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanLimits {
    /// Sources, of all apps together.
    pub max_sources: Option<u64>,
    /// Destinations, of all sources together.
    pub max_destinations: Option<u64>,
    /// Installations of chat connectors.
    pub max_chat_connectors: Option<u64>,
    /// Hours that all sources together may stream in a month (UTC).
    pub max_streaming_hours_monthly: Option<u64>,
}

/// What a plan costs in one currency for one billing cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPrice {
    /// ISO 4217.
    pub currency: String,
    /// What the price is for.
    pub cycle: BillingCycle,
    /// Minor units of the currency.
    pub minor: u64,
}

/// A plan as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its word, such as `pro`.
    pub id: String,
    /// `creator`, `viewer` or `developer`.
    pub audience: String,
    /// Its name.
    pub name: String,
    /// A sentence; may be empty.
    pub description: String,
    /// Words that clients show as features.
    pub features: Vec<String>,
    /// How much it gives.
    pub limits: PlanLimits,
    /// Whether it is shown to everybody.
    pub is_offered: bool,
    /// Whether those have it who have no subscription.
    pub is_default: bool,
    /// Its place in the list.
    pub position: u64,
}

/// A plan with its prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plan.
    pub row: PlanRow,
    /// What it costs.
    pub prices: Vec<PlanPrice>,
}

impl PlanLimits {
    pub(crate) fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            max_sources: limit(row, "max_sources")?,
            max_destinations: limit(row, "max_destinations")?,
            max_chat_connectors: limit(row, "max_chat_connectors")?,
            max_streaming_hours_monthly: limit(row, "max_streaming_hours_monthly")?,
        })
    }
}

fn limit(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<u64>> {
    let limit: Option<i64> = row.try_get(name)?;
    Ok(limit.map(|limit| u64::try_from(limit).unwrap_or(0)))
}

impl FromRow<'_, AnyRow> for PlanRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let features = serde_json::from_str(&text(row, "features")?)
            .map_err(|error| sqlx::Error::ColumnDecode { index: "features".into(), source: error.into() })?;
        Ok(Self {
            id: text(row, "id")?,
            audience: text(row, "audience")?,
            name: text(row, "name")?,
            description: text(row, "description")?,
            features,
            limits: PlanLimits::from_row(row)?,
            is_offered: flag(row, "is_offered")?,
            is_default: flag(row, "is_default")?,
            position: number(row, "position")?,
        })
    }
}

struct PriceRow {
    plan: String,
    price: PlanPrice,
}

impl FromRow<'_, AnyRow> for PriceRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let price = PlanPrice {
            currency: text(row, "currency")?,
            cycle: parsed(row, "billing_cycle")?,
            minor: number(row, "minor")?,
        };
        Ok(Self { plan: text(row, "plan")?, price })
    }
}

impl HostStore {
    /// The ceilings of the plan that an organisation is on, as JSON; `None` where nobody has set any.
    pub async fn plan_ceilings(&self, tenant: TenantId) -> Result<Option<String>, StoreError> {
        within(async {
            let plan = plan_in_force("$1", "$2");
            let sql = format!("SELECT c.ceilings FROM plan_ceilings c WHERE c.plan = {plan}");
            let ceilings = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(tenant.to_string())
                .bind(to_sql(UnixMillis::now().0))
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(ceilings)
        })
        .await
    }

    /// Every plan with its prices, in the order of the list.
    pub async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        within(async {
            let mut transaction = self.store.pool.begin().await?;
            let rows: Vec<PlanRow> = sqlx::query_as("SELECT * FROM plans ORDER BY position, id")
                .fetch_all(&mut *transaction)
                .await?;
            let prices: Vec<PriceRow> =
                sqlx::query_as("SELECT * FROM plan_prices ORDER BY plan, currency, billing_cycle")
                    .fetch_all(&mut *transaction)
                    .await?;
            let mut by_plan: BTreeMap<String, Vec<PlanPrice>> = BTreeMap::new();
            for PriceRow { plan, price } in prices {
                by_plan.entry(plan).or_default().push(price);
            }
            let priced = |row: PlanRow| Plan { prices: by_plan.remove(&row.id).unwrap_or_default(), row };
            Ok(rows.into_iter().map(priced).collect())
        })
        .await
    }

    /// Makes a plan, or changes it: from the next request on for everybody who is on it. Its place among the defaults
    /// does not change.
    pub async fn put_plan(&self, plan: &Plan) -> Result<Plan, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = plan_by_id(&mut transaction, &plan.row.id).await?;
            write_plan(&mut transaction, &plan.row).await?;
            sqlx::query("DELETE FROM plan_prices WHERE plan = $1")
                .bind(&plan.row.id)
                .execute(&mut *transaction)
                .await?;
            for price in &plan.prices {
                sqlx::query(
                    "INSERT INTO plan_prices (plan, currency, billing_cycle, minor) VALUES ($1, $2, $3, $4)",
                )
                .bind(&plan.row.id)
                .bind(&price.currency)
                .bind(price.cycle.as_str())
                .bind(to_sql(price.minor))
                .execute(&mut *transaction)
                .await?;
            }
            let after = plan_by_id(&mut transaction, &plan.row.id).await?;
            let after = after.ok_or(StoreError::NotFound(Missing::Plan))?;
            let mut entry = Entry::new("plan.update", Target::new("plan", &plan.row.id)).after(shown(&after));
            if let Some(before) = &before {
                entry = entry.before(shown(before)).only_changes();
            }
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Makes a plan the one of everybody who has no subscription. Nothing happens where it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such plan.
    pub async fn set_default_plan(&self, id: &str) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let plan = plan_by_id(&mut transaction, id).await?.ok_or(StoreError::NotFound(Missing::Plan))?;
            if plan.row.is_default {
                return Ok(());
            }
            sqlx::query("UPDATE plans SET is_default = CASE WHEN id = $1 THEN 1 ELSE 0 END")
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("plan.update", Target::new("plan", id))
                .before(json!({ "is_default": false }))
                .after(json!({ "is_default": true }));
            self.audit(&mut transaction, entry);
            transaction.commit().await
        })
        .await
    }

    /// The ceilings of a plan as JSON; `None` where nobody has set any.
    pub async fn ceilings_of_plan(&self, plan: &str) -> Result<Option<String>, StoreError> {
        within(async {
            let ceilings = sqlx::query_scalar("SELECT ceilings FROM plan_ceilings WHERE plan = $1")
                .bind(plan)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(ceilings)
        })
        .await
    }

    /// Sets the ceilings of a plan.
    pub async fn set_plan_ceilings(&self, plan: &str, ceilings: &str) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before: Option<String> =
                sqlx::query_scalar("SELECT ceilings FROM plan_ceilings WHERE plan = $1")
                    .bind(plan)
                    .fetch_optional(&mut *transaction)
                    .await?;
            sqlx::query(
                "INSERT INTO plan_ceilings (plan, ceilings, updated_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (plan) DO UPDATE SET ceilings = excluded.ceilings, updated_at = excluded.updated_at",
            )
            .bind(plan)
            .bind(ceilings)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            let shown = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
            let mut entry =
                Entry::new("plan.set-ceilings", Target::new("plan", plan)).after(shown(ceilings));
            if let Some(before) = before {
                entry = entry.before(shown(&before)).only_changes();
            }
            self.audit(&mut transaction, entry);
            transaction.commit().await
        })
        .await
    }
}

async fn plan_by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<Plan>, StoreError> {
    let row: Option<PlanRow> =
        sqlx::query_as("SELECT * FROM plans WHERE id = $1").bind(id).fetch_optional(&mut *connection).await?;
    let prices: Vec<PriceRow> =
        sqlx::query_as("SELECT * FROM plan_prices WHERE plan = $1 ORDER BY currency, billing_cycle")
            .bind(id)
            .fetch_all(connection)
            .await?;
    Ok(row.map(|row| Plan { row, prices: prices.into_iter().map(|row| row.price).collect() }))
}

async fn write_plan(connection: &mut AnyConnection, plan: &PlanRow) -> Result<(), StoreError> {
    let PlanLimits { max_sources, max_destinations, max_chat_connectors, max_streaming_hours_monthly } =
        plan.limits;
    sqlx::query(
        "INSERT INTO plans (id, audience, name, description, features, max_sources, max_destinations, \
         max_chat_connectors, max_streaming_hours_monthly, is_offered, is_default, position, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $12) ON CONFLICT (id) DO UPDATE SET \
         audience = excluded.audience, name = excluded.name, description = excluded.description, \
         features = excluded.features, max_sources = excluded.max_sources, \
         max_destinations = excluded.max_destinations, max_chat_connectors = excluded.max_chat_connectors, \
         max_streaming_hours_monthly = excluded.max_streaming_hours_monthly, is_offered = excluded.is_offered, \
         position = excluded.position, updated_at = excluded.updated_at",
    )
    .bind(&plan.id)
    .bind(&plan.audience)
    .bind(&plan.name)
    .bind(&plan.description)
    .bind(json!(plan.features).to_string())
    .bind(max_sources.map(to_sql))
    .bind(max_destinations.map(to_sql))
    .bind(max_chat_connectors.map(to_sql))
    .bind(max_streaming_hours_monthly.map(to_sql))
    .bind(i64::from(plan.is_offered))
    .bind(to_sql(plan.position))
    .bind(to_sql(UnixMillis::now().0))
    .execute(connection)
    .await?;
    Ok(())
}

/// A plan as the audit log shows it.
fn shown(plan: &Plan) -> Value {
    let row = &plan.row;
    let price = |price: &PlanPrice| json!({ "currency": price.currency, "billing_cycle": price.cycle.as_str(), "minor": price.minor });
    json!({
        "audience": row.audience,
        "name": row.name,
        "description": row.description,
        "features": row.features,
        "max_sources": row.limits.max_sources,
        "max_destinations": row.limits.max_destinations,
        "max_chat_connectors": row.limits.max_chat_connectors,
        "max_streaming_hours_monthly": row.limits.max_streaming_hours_monthly,
        "is_offered": row.is_offered,
        "position": row.position,
        "prices": plan.prices.iter().map(price).collect::<Vec<_>>(),
    })
}
