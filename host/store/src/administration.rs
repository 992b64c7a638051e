//! What those who run the platform look at: everybody, everything, and the figures.
//!
//! Lists come by the number of their page, newest first: people leaf through
//! them, and they are read by few.

use std::time::Duration;

use neustream_model::{SourceId, TenantId, UnixMillis, UserId};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use crate::row::{moment, number, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::subscription::plan_in_force;
use crate::{BillingCycle, HostStore, StoreError, SubscriptionRow};

/// The currency that the worth of subscriptions is told in.
pub const REVENUE_CURRENCY: &str = "USD";

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberedPage {
    /// From 1.
    pub number: u32,
    /// Rows of a page.
    pub limit: u32,
}

/// A page, and how many rows there are on all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<Row> {
    /// Those of the page.
    pub rows: Vec<Row>,
    /// Of all pages.
    pub total: u64,
}

/// A person, with the plan of the home organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonListed {
    /// Who.
    pub id: UserId,
    /// E-mail address in lower case.
    pub email: String,
    /// The name that people see.
    pub display_name: String,
    /// The word of the role on the platform.
    pub platform_role: String,
    /// The home organisation.
    pub organisation: TenantId,
    /// Its name.
    pub organisation_name: String,
    /// The name of the plan that it is on.
    pub plan_name: String,
    /// Its subscription, while that holds.
    pub is_subscribed: bool,
    /// Whether a payment is due for it.
    pub is_past_due: bool,
    /// When somebody proved to read the mail of the address.
    pub email_verified_at: Option<UnixMillis>,
    /// Since when the person is kept out.
    pub suspended_at: Option<UnixMillis>,
    /// Why.
    pub suspension_reason: Option<String>,
    /// When the account was made.
    pub created_at: UnixMillis,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationListed {
    /// Which.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The name of the plan that it is on.
    pub plan_name: String,
    /// The address of its oldest owner; empty where it has none.
    pub owner_email: String,
    /// How many belong to it.
    pub members: u64,
    /// Its sources, of all apps.
    pub sources: u64,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// A source of anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceListed {
    /// Which.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub organisation: TenantId,
    /// Its owner's name.
    pub organisation_name: String,
    /// How many destinations it has.
    pub destinations: u64,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// A subscription, ended ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionListed {
    /// As stored.
    pub subscription: SubscriptionRow,
    /// The name of its plan.
    pub plan_name: String,
    /// Whose it is.
    pub organisation: TenantId,
    /// Its owner's name.
    pub organisation_name: String,
}

/// The platform in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformFigures {
    /// Accounts.
    pub users: u64,
    /// People who signed in or were signed in today (UTC).
    pub users_active_today: u64,
    /// Sources.
    pub sources: u64,
    /// Subscriptions, ended ones included.
    pub subscriptions: u64,
    /// Those that hold now.
    pub subscriptions_active: u64,
    /// What those that hold are worth a month at list price, in minor units of [`REVENUE_CURRENCY`].
    pub monthly_revenue_minor: u64,
    /// How long was streamed today (UTC), up to what was last written down.
    pub streamed_today: Duration,
}

impl NumberedPage {
    fn bounds(self) -> (i64, i64) {
        let before = u64::from(self.number.saturating_sub(1)) * u64::from(self.limit);
        (i64::from(self.limit), to_sql(before))
    }
}

impl FromRow<'_, AnyRow> for PersonListed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            email: text(row, "email")?,
            display_name: text(row, "display_name")?,
            platform_role: text(row, "role")?,
            organisation: parsed(row, "tenant_id")?,
            organisation_name: text(row, "organisation_name")?,
            plan_name: text(row, "plan_name")?,
            is_subscribed: row.try_get::<Option<String>, _>("subscription_id")?.is_some(),
            is_past_due: number(row, "past_due")? != 0,
            email_verified_at: optional_moment(row, "email_verified_at")?,
            suspended_at: optional_moment(row, "suspended_at")?,
            suspension_reason: row.try_get("suspension_reason")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for OrganisationListed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            name: text(row, "name")?,
            plan_name: text(row, "plan_name")?,
            owner_email: text(row, "owner_email")?,
            members: number(row, "members")?,
            sources: number(row, "sources")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for SourceListed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            name: text(row, "name")?,
            organisation: parsed(row, "tenant_id")?,
            organisation_name: text(row, "organisation_name")?,
            destinations: number(row, "destinations")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for SubscriptionListed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            subscription: SubscriptionRow::from_row(row)?,
            plan_name: text(row, "plan_name")?,
            organisation: parsed(row, "tenant_id")?,
            organisation_name: text(row, "organisation_name")?,
        })
    }
}

impl HostStore {
    /// People; with `search` those whose address or name has that text in it.
    pub async fn people(
        &self,
        page: NumberedPage,
        search: Option<&str>,
        now: UnixMillis,
    ) -> Result<Listed<PersonListed>, StoreError> {
        let searched = pattern(search.unwrap_or_default());
        let found = "(LOWER(u.email) LIKE $1 ESCAPE '\\' OR LOWER(u.display_name) LIKE $1 ESCAPE '\\')";
        within(async {
            let (limit, before) = page.bounds();
            let rows = sqlx::query_as(AssertSqlSafe(format!(
                "SELECT u.*, t.name AS organisation_name, p.name AS plan_name, s.id AS subscription_id, \
                 COALESCE(s.is_past_due, 0) AS past_due FROM users u JOIN tenants t ON t.id = u.tenant_id \
                 JOIN plans p ON p.id = {} LEFT JOIN subscriptions s ON s.tenant_id = u.tenant_id \
                 AND (s.ends_at IS NULL OR s.ends_at > $2) WHERE {found} ORDER BY u.id DESC LIMIT $3 OFFSET $4",
                plan_in_force("u.tenant_id", "$2")
            )))
            .bind(&searched)
            .bind(to_sql(now.0))
            .bind(limit)
            .bind(before)
            .fetch_all(&self.store.pool)
            .await?;
            let total: i64 =
                sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM users u WHERE {found}")))
                    .bind(&searched)
                    .fetch_one(&self.store.pool)
                    .await?;
            Ok(Listed { rows, total: total.unsigned_abs() })
        })
        .await
    }

    /// Organisations.
    pub async fn organisations(
        &self,
        page: NumberedPage,
        now: UnixMillis,
    ) -> Result<Listed<OrganisationListed>, StoreError> {
        within(async {
            let (limit, before) = page.bounds();
            let rows = sqlx::query_as(AssertSqlSafe(format!(
                "SELECT t.id, t.name, t.created_at, p.name AS plan_name, \
                 COALESCE((SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id \
                 WHERE m.tenant_id = t.id AND m.role = 'owner' ORDER BY m.created_at, u.id LIMIT 1), '') \
                 AS owner_email, \
                 (SELECT COUNT(*) FROM memberships m WHERE m.tenant_id = t.id) AS members, \
                 (SELECT COUNT(*) FROM sources o WHERE o.tenant_id = t.id) AS sources \
                 FROM tenants t JOIN plans p ON p.id = {} ORDER BY t.id DESC LIMIT $2 OFFSET $3",
                plan_in_force("t.id", "$1")
            )))
            .bind(to_sql(now.0))
            .bind(limit)
            .bind(before)
            .fetch_all(&self.store.pool)
            .await?;
            Ok(Listed { rows, total: self.count("SELECT COUNT(*) FROM tenants").await? })
        })
        .await
    }

    /// Sources of everybody.
    pub async fn sources_of_all(&self, page: NumberedPage) -> Result<Listed<SourceListed>, StoreError> {
        within(async {
            let (limit, before) = page.bounds();
            let rows = sqlx::query_as(
                "SELECT o.id, o.name, o.tenant_id, o.created_at, t.name AS organisation_name, \
                 (SELECT COUNT(*) FROM destinations d WHERE d.source_id = o.id) AS destinations \
                 FROM sources o JOIN tenants t ON t.id = o.tenant_id ORDER BY o.id DESC LIMIT $1 OFFSET $2",
            )
            .bind(limit)
            .bind(before)
            .fetch_all(&self.store.pool)
            .await?;
            Ok(Listed { rows, total: self.count("SELECT COUNT(*) FROM sources").await? })
        })
        .await
    }

    /// Those of `sources` that there are, newest first.
    pub async fn sources_among(&self, sources: &[SourceId]) -> Result<Vec<SourceListed>, StoreError> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        within(async {
            let places: Vec<String> = (1..=sources.len()).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT o.id, o.name, o.tenant_id, o.created_at, t.name AS organisation_name, \
                 (SELECT COUNT(*) FROM destinations d WHERE d.source_id = o.id) AS destinations \
                 FROM sources o JOIN tenants t ON t.id = o.tenant_id WHERE o.id IN ({}) ORDER BY o.id DESC",
                places.join(", ")
            );
            // Only the numbers of places are put together here.
            let query = sqlx::query_as(AssertSqlSafe(sql));
            let query = sources.iter().fold(query, |query, source| query.bind(source.to_string()));
            Ok(query.fetch_all(&self.store.pool).await?)
        })
        .await
    }

    /// Subscriptions of everybody.
    pub async fn subscriptions_of_all(
        &self,
        page: NumberedPage,
    ) -> Result<Listed<SubscriptionListed>, StoreError> {
        within(async {
            let (limit, before) = page.bounds();
            let rows = sqlx::query_as(
                "SELECT s.*, t.name AS organisation_name, p.name AS plan_name FROM subscriptions s \
                 JOIN tenants t ON t.id = s.tenant_id JOIN plans p ON p.id = s.plan \
                 ORDER BY s.started_at DESC, s.id LIMIT $1 OFFSET $2",
            )
            .bind(limit)
            .bind(before)
            .fetch_all(&self.store.pool)
            .await?;
            Ok(Listed { rows, total: self.count("SELECT COUNT(*) FROM subscriptions").await? })
        })
        .await
    }

    /// The platform in figures.
    pub async fn platform_figures(&self, now: UnixMillis) -> Result<PlatformFigures, StoreError> {
        within(async {
            // A yearly price is worth a twelfth of it a month.
            let row: AnyRow = sqlx::query(
                "SELECT (SELECT COUNT(*) FROM users) AS users, \
                 (SELECT COUNT(DISTINCT user_id) FROM sign_ins WHERE kind = 'person' AND last_seen_at >= $2) \
                 AS users_active, \
                 (SELECT COUNT(*) FROM sources) AS sources, \
                 (SELECT COUNT(*) FROM subscriptions) AS subscriptions, \
                 (SELECT COUNT(*) FROM subscriptions WHERE ends_at IS NULL OR ends_at > $1) \
                 AS subscriptions_active, \
                 COALESCE((SELECT CAST(SUM(CASE WHEN s.billing_cycle = $4 THEN r.minor / 12 ELSE r.minor END) \
                 AS BIGINT) FROM subscriptions s JOIN plan_prices r ON r.plan = s.plan AND r.currency = $3 \
                 AND r.billing_cycle = s.billing_cycle WHERE s.ends_at IS NULL OR s.ends_at > $1), 0) AS revenue, \
                 COALESCE((SELECT CAST(SUM(streamed_ms) AS BIGINT) FROM session_usage WHERE day = $2), 0) \
                 AS streamed_ms",
            )
            .bind(to_sql(now.0))
            .bind(to_sql(now.day().0))
            .bind(REVENUE_CURRENCY)
            .bind(BillingCycle::Yearly.as_str())
            .fetch_one(&self.store.pool)
            .await?;
            Ok(PlatformFigures {
                users: number(&row, "users")?,
                users_active_today: number(&row, "users_active")?,
                sources: number(&row, "sources")?,
                subscriptions: number(&row, "subscriptions")?,
                subscriptions_active: number(&row, "subscriptions_active")?,
                monthly_revenue_minor: number(&row, "revenue")?,
                streamed_today: Duration::from_millis(number(&row, "streamed_ms")?),
            })
        })
        .await
    }

    async fn count(&self, sql: &'static str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&self.store.pool).await?;
        Ok(count.unsigned_abs())
    }
}

/// A text as a pattern of LIKE that finds it anywhere, in lower case.
fn pattern(search: &str) -> String {
    let escaped: String = search
        .to_lowercase()
        .chars()
        .flat_map(|letter| {
            let is_special = matches!(letter, '%' | '_' | '\\');
            is_special.then_some('\\').into_iter().chain([letter])
        })
        .collect();
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_no_pattern() {
        assert_eq!(pattern(""), "%%");
        assert_eq!(pattern("Ada_%"), "%ada\\_\\%%");
    }
}
