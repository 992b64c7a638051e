//! The audit log: who changed what, in the transaction of the change.
//!
//! Each organisation has a chain of entries, and the platform has one. An
//! entry's hash is SHA-256 over its fields and the hash of the entry before it
//! ([`Fields::hash`]), so that none can be changed, removed or put in between
//! without breaking all that follow; the chain's head says where it ends.
//! Secrets never go in: what an entry shows is what the API shows, and of a
//! secret only that it changed ([`changed`]).
//!
//! Absent: reading it (`audit_log`) and verifying it (`audit_verification`).

use std::collections::BTreeMap;
use std::fmt::Display;

use neustream_model::{TenantId, UnixMillis};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use crate::row::to_sql;
use crate::{Actor, StoreError};

/// Names the form of what is hashed.
const FORM: &str = "neustream-audit-1";
/// The platform's chain in the database, where organisations have their ids.
const PLATFORM: &str = "platform";
/// Before the first entry of a chain.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What of a target is shown at most, in bytes of JSON.
const SHOWN_BYTES: usize = 16 * 1024;
/// The longest reason, in characters.
const REASON_CHARS: usize = 1000;

/// Which chain an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    /// What administrators and the command line do to the platform.
    Platform,
    /// What is done in an organisation.
    Organisation(TenantId),
}

impl Chain {
    /// The chain's name in the database.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Platform => PLATFORM.to_owned(),
            Self::Organisation(tenant) => tenant.to_string(),
        }
    }
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The resource's word in the API, such as `source`.
    pub kind: &'static str,
    /// Its id or name.
    pub id: String,
}

impl Target {
    /// A resource of a kind.
    pub fn new(kind: &'static str, id: impl Display) -> Self {
        Self { kind, id: id.to_string() }
    }
}

/// An entry to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub(crate) action: &'static str,
    pub(crate) target: Target,
    before: Option<Value>,
    after: Option<Value>,
    reason: Option<String>,
}

impl Entry {
    /// Something was done to a target; `action` is `<kind>.<verb>`, such as `source.update`.
    pub fn new(action: &'static str, target: Target) -> Self {
        Self { action, target, before: None, after: None, reason: None }
    }

    /// What the API showed of it before: an object.
    #[must_use]
    pub fn before(mut self, shown: Value) -> Self {
        self.before = Some(shown);
        self
    }

    /// What the API shows of it afterwards: an object.
    #[must_use]
    pub fn after(mut self, shown: Value) -> Self {
        self.after = Some(shown);
        self
    }

    /// Why, in the words of whoever did it.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Of an object before and after, only the members that differ. Nothing is left where nothing does.
    #[must_use]
    pub fn only_changes(mut self) -> Self {
        if let (Some(Value::Object(before)), Some(Value::Object(after))) = (&mut self.before, &mut self.after)
        {
            let same: Vec<String> = before
                .iter()
                .filter(|(name, value)| after.get(*name) == Some(value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in same {
                before.remove(&name);
                after.remove(&name);
            }
        }
        self
    }
}

/// What an entry shows of a secret.
pub fn changed() -> Value {
    json!({ "changed": true })
}

/// Everything of an entry but its own hash.
pub(crate) struct Fields<'a> {
    pub(crate) chain: &'a str,
    pub(crate) sequence: u64,
    pub(crate) at: UnixMillis,
    pub(crate) actor_kind: &'a str,
    pub(crate) actor_id: Option<&'a str>,
    pub(crate) impersonator_id: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) action: &'a str,
    pub(crate) target_kind: &'a str,
    pub(crate) target_id: &'a str,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Option<&'a Value>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) previous_hash: &'a str,
}

impl Fields<'_> {
    /// SHA-256, in hexadecimal, over a JSON array in the form of RFC 8785: the name of the form, then the fields in
    /// this order.
    pub(crate) fn hash(&self) -> String {
        let array = json!([
            FORM,
            self.chain,
            self.sequence,
            self.at.0,
            self.actor_kind,
            self.actor_id,
            self.impersonator_id,
            self.address,
            self.request_id,
            self.action,
            self.target_kind,
            self.target_id,
            self.before.map(sorted),
            self.after.map(sorted),
            self.reason,
            self.previous_hash,
        ]);
        hex::encode(Sha256::digest(array.to_string()))
    }
}

/// Writes entries at the ends of their chains. Of several chains, each transaction locks them in the same order.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    notes: Vec<(Chain, Actor, Entry)>,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut by_chain: BTreeMap<Chain, Vec<(Actor, Entry)>> = BTreeMap::new();
    for (chain, actor, entry) in notes {
        by_chain.entry(chain).or_default().push((actor, entry));
    }
    for (chain, entries) in by_chain {
        append_to(connection, &chain.key(), entries, now).await?;
    }
    Ok(())
}

async fn append_to(
    connection: &mut AnyConnection,
    chain: &str,
    entries: Vec<(Actor, Entry)>,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let count = entries.len() as u64;
    // Takes the head's lock until the commit: the next entry of this chain waits for this one.
    let head = sqlx::query(
        "INSERT INTO audit_heads (tenant_id, sequence, hash, forgotten_sequence, forgotten_hash) \
         VALUES ($1, $2, $3, 0, $3) ON CONFLICT (tenant_id) \
         DO UPDATE SET sequence = audit_heads.sequence + excluded.sequence RETURNING sequence, hash",
    )
    .bind(chain)
    .bind(to_sql(count))
    .bind(GENESIS)
    .fetch_one(&mut *connection)
    .await?;
    let last: i64 = head.try_get("sequence")?;
    let mut previous: String = head.try_get("hash")?;
    let first = u64::try_from(last).unwrap_or(0).saturating_sub(count) + 1;
    for (sequence, (actor, entry)) in (first..).zip(entries) {
        previous = insert(connection, chain, (sequence, &previous), &actor, &entry, now).await?;
    }
    sqlx::query("UPDATE audit_heads SET hash = $2 WHERE tenant_id = $1")
        .bind(chain)
        .bind(previous)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Writes one entry; tells its hash.
async fn insert(
    connection: &mut AnyConnection,
    chain: &str,
    (sequence, previous_hash): (u64, &str),
    actor: &Actor,
    entry: &Entry,
    now: UnixMillis,
) -> Result<String, StoreError> {
    let (actor_id, impersonator) = (actor.who.id(), actor.who.impersonator().map(|user| user.to_string()));
    let (address, request) = (actor.address.map(|at| at.to_string()), actor.request.map(|id| id.to_string()));
    let (before, after) = (entry.before.as_ref().map(shown), entry.after.as_ref().map(shown));
    let reason = entry.reason.as_ref().map(|reason| reason.chars().take(REASON_CHARS).collect::<String>());
    let fields = Fields {
        chain,
        sequence,
        at: now,
        actor_kind: actor.who.kind(),
        actor_id: actor_id.as_deref(),
        impersonator_id: impersonator.as_deref(),
        address: address.as_deref(),
        request_id: request.as_deref(),
        action: entry.action,
        target_kind: entry.target.kind,
        target_id: &entry.target.id,
        before: before.as_ref(),
        after: after.as_ref(),
        reason: reason.as_deref(),
        previous_hash,
    };
    let hash = fields.hash();
    sqlx::query(
        "INSERT INTO audit_entries (tenant_id, sequence, at, actor_kind, actor_id, impersonator_id, address, \
         request_id, action, target_kind, target_id, before_json, after_json, reason, previous_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(fields.chain)
    .bind(to_sql(sequence))
    .bind(to_sql(now.0))
    .bind(fields.actor_kind)
    .bind(fields.actor_id)
    .bind(fields.impersonator_id)
    .bind(fields.address)
    .bind(fields.request_id)
    .bind(fields.action)
    .bind(fields.target_kind)
    .bind(fields.target_id)
    .bind(fields.before.map(ToString::to_string))
    .bind(fields.after.map(ToString::to_string))
    .bind(fields.reason)
    .bind(fields.previous_hash)
    .bind(&hash)
    .execute(connection)
    .await?;
    Ok(hash)
}

/// What goes into an entry: in the order of names, and of what is too large only its size and digest.
fn shown(value: &Value) -> Value {
    let sorted = sorted(value);
    let text = sorted.to_string();
    if text.len() <= SHOWN_BYTES {
        return sorted;
    }
    json!({ "omitted_bytes": text.len(), "sha256": hex::encode(Sha256::digest(&text)) })
}

/// The same value with the members of every object in the order of their names, whichever map `serde_json` was built
/// with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(members) => {
            let by_name: BTreeMap<&String, &Value> = members.iter().collect();
            Value::Object(by_name.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        other => other.clone(),
    }
}
