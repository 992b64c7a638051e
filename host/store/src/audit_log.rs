//! Reading the audit log: filtered, a page at a time.

use std::fmt::Write as _;

use neustream_model::UnixMillis;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::audit::{Chain, Fields};
use crate::row::{moment, number, text, to_sql};
use crate::store::within;
use crate::{HostStore, StoreError, TenantStore};

/// An entry of the audit log as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When.
    pub at: UnixMillis,
    /// `person`, `key`, `operator` or `host`.
    pub actor_kind: String,
    /// The id of the person or key.
    pub actor_id: Option<String>,
    /// What the person is called now; none where it is not known any more, or is not one of the organisation.
    pub actor_name: Option<String>,
    /// The administrator who acted in the person's name.
    pub impersonator_id: Option<String>,
    /// The client's address.
    pub address: Option<String>,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// `<kind>.<verb>`, such as `source.update`.
    pub action: String,
    /// The resource's word in the API.
    pub target_kind: String,
    /// Its id or name.
    pub target_id: String,
    /// What changed, as it was: a JSON object.
    pub before: Option<Value>,
    /// What changed, as it is: a JSON object.
    pub after: Option<Value>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// The hash of the entry before: SHA-256 in hexadecimal.
    pub previous_hash: String,
    /// The hash of this entry.
    pub hash: String,
}

/// Which entries are asked for; what is none restricts nothing.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Done by the person or key with this id, or in its name.
    pub actor: Option<String>,
    /// An action, such as `source.update`, or the actions of a kind, such as `source`.
    pub action: Option<String>,
    /// The kind of what was changed.
    pub target_kind: Option<String>,
    /// Its id or name.
    pub target_id: Option<String>,
    /// Not before this moment.
    pub from: Option<UnixMillis>,
    /// Before this moment.
    pub until: Option<UnixMillis>,
}

/// In which order, and where it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOrder {
    /// The latest first; those before this sequence.
    LatestFirst(Option<u64>),
    /// The oldest first; those after this sequence, 0 for all.
    OldestFirst(u64),
}

impl FromRow<'_, AnyRow> for AuditEntry {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            sequence: number(row, "sequence")?,
            at: moment(row, "at")?,
            actor_kind: text(row, "actor_kind")?,
            actor_id: row.try_get("actor_id")?,
            actor_name: row.try_get("actor_name")?,
            impersonator_id: row.try_get("impersonator_id")?,
            address: row.try_get("address")?,
            request_id: row.try_get("request_id")?,
            action: text(row, "action")?,
            target_kind: text(row, "target_kind")?,
            target_id: text(row, "target_id")?,
            before: json(row, "before_json")?,
            after: json(row, "after_json")?,
            reason: row.try_get("reason")?,
            previous_hash: text(row, "previous_hash")?,
            hash: text(row, "hash")?,
        })
    }
}

/// The column `name`, JSON or nothing.
fn json(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<Value>> {
    let text: Option<String> = row.try_get(name)?;
    let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|error| sqlx::Error::ColumnDecode { index: name.to_owned(), source: error.into() })
}

impl AuditEntry {
    /// What its hash should be, from all that it says.
    pub(crate) fn expected_hash(&self, chain: &str) -> String {
        Fields {
            chain,
            sequence: self.sequence,
            at: self.at,
            actor_kind: &self.actor_kind,
            actor_id: self.actor_id.as_deref(),
            impersonator_id: self.impersonator_id.as_deref(),
            address: self.address.as_deref(),
            request_id: self.request_id.as_deref(),
            action: &self.action,
            target_kind: &self.target_kind,
            target_id: &self.target_id,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
            reason: self.reason.as_deref(),
            previous_hash: &self.previous_hash,
        }
        .hash()
    }
}

impl TenantStore {
    /// Entries of the organisation's audit log.
    pub async fn audit_log(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        within(async {
            let chain = Chain::Organisation(self.tenant);
            entries(&mut *self.connection().await?, chain, filter, order, limit).await
        })
        .await
    }
}

impl HostStore {
    /// Entries of a chain.
    pub async fn audit_log(
        &self,
        chain: Chain,
        filter: &AuditFilter,
        order: AuditOrder,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        within(async { entries(&mut *self.store.pool.acquire().await?, chain, filter, order, limit).await })
            .await
    }
}

/// A page of a chain. Only the conditions that are asked for are in the query, so that its plan uses an index.
async fn entries(
    connection: &mut AnyConnection,
    chain: Chain,
    filter: &AuditFilter,
    order: AuditOrder,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.text("e.tenant_id = ", Some(chain.key()));
    conditions.text("e.actor_id = ", filter.actor.clone());
    conditions.text("e.target_kind = ", filter.target_kind.clone());
    conditions.text("e.target_id = ", filter.target_id.clone());
    match &filter.action {
        Some(action) if action.contains('.') => conditions.text("e.action = ", Some(action.clone())),
        // Every action is `<kind>.<verb>`, and `/` comes after `.`.
        Some(kind) => {
            conditions.text("e.action >= ", Some(format!("{kind}.")));
            conditions.text("e.action < ", Some(format!("{kind}/")));
        }
        None => {}
    }
    conditions.number("e.at >= ", filter.from.map(|at| at.0));
    conditions.number("e.at < ", filter.until.map(|at| at.0));
    let direction = match order {
        AuditOrder::LatestFirst(before) => {
            conditions.number("e.sequence < ", before);
            "DESC"
        }
        AuditOrder::OldestFirst(after) => {
            conditions.number("e.sequence > ", Some(after));
            "ASC"
        }
    };
    let sql = format!(
        "SELECT e.*, u.display_name AS actor_name FROM audit_entries e LEFT JOIN users u ON u.id = e.actor_id \
         WHERE {} ORDER BY e.sequence {direction} LIMIT {limit}",
        conditions.sql
    );
    // Nothing in it but the texts above and a number: what is asked for is bound.
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for value in conditions.values {
        query = match value {
            Bound::Text(text) => query.bind(text),
            Bound::Number(number) => query.bind(number),
        };
    }
    Ok(query.fetch_all(connection).await?)
}

/// Conditions that must all hold, with what is bound to them.
#[derive(Default)]
struct Conditions {
    sql: String,
    values: Vec<Bound>,
}

enum Bound {
    Text(String),
    Number(i64),
}

impl Conditions {
    fn text(&mut self, condition: &'static str, value: Option<String>) {
        self.add(condition, value.map(Bound::Text));
    }

    fn number(&mut self, condition: &'static str, value: Option<u64>) {
        self.add(condition, value.map(|number| Bound::Number(to_sql(number))));
    }

    fn add(&mut self, condition: &'static str, value: Option<Bound>) {
        let Some(value) = value else { return };
        self.values.push(value);
        let and = if self.sql.is_empty() { "" } else { " AND " };
        // Writing to a string cannot fail.
        let _ = write!(self.sql, "{and}{condition}${}", self.values.len());
    }
}
