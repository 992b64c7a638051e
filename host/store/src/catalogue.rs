//! Versions of plugins and their states.
//!
//! Every change of a version takes the next number of the catalogue's clock,
//! under the lock of its one row. So changes are committed in the order of
//! their numbers, and whoever asks for those after the last one it saw misses
//! none. What may change into what is decided by `neustream-catalogue`; here a
//! change only names the state that it expects to find.

use neustream_model::{TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, number, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Actor, Chain, Entry, HostStore, Missing, StoreError, Target, Who};

/// A version as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginVersionRow {
    /// `sha256:<hex>` of the package up to its signature.
    pub digest: String,
    /// `namespace/name`.
    pub plugin: String,
    /// Semantic version.
    pub version: String,
    /// The kind's word.
    pub kind: String,
    /// The manifest as JSON.
    pub manifest: String,
    /// The configuration schema as JSON.
    pub config_schema: String,
    /// The visibility's word.
    pub visibility: String,
    /// Who published it; `None` for what the operator brought.
    pub owner_id: Option<TenantId>,
    /// The state's word.
    pub state: String,
    /// Why it is in this state; may be empty.
    pub state_reason: String,
    /// When it entered the state.
    pub state_at: UnixMillis,
    /// The last scan's report as JSON.
    pub scan: String,
    /// What changed since the version before, as JSON.
    pub changes: String,
    /// Whose key the signature names.
    pub signed_by: Option<String>,
    /// The platform's signature in hexadecimal.
    pub countersignature: Option<String>,
    /// When a review was first concluded.
    pub verified_at: Option<UnixMillis>,
    /// Bytes of the package up to its signature.
    pub size_bytes: u64,
    /// When it was first brought.
    pub created_at: UnixMillis,
}

/// A version that is brought.
#[derive(Debug, Clone)]
pub struct NewPluginVersion {
    /// `sha256:<hex>`.
    pub digest: String,
    /// `namespace/name`.
    pub plugin: String,
    /// Semantic version.
    pub version: String,
    /// A text that sorts as the semantic version does.
    pub precedence: String,
    /// Whether it is a pre-release.
    pub is_prerelease: bool,
    /// The kind's word.
    pub kind: String,
    /// What a search looks through, in lower case.
    pub search_text: String,
    /// The manifest as JSON.
    pub manifest: String,
    /// The configuration schema as JSON.
    pub config_schema: String,
    /// The visibility's word.
    pub visibility: String,
    /// Who publishes it; `None` for the operator, whose versions may be lower than others and replace their like.
    pub owner_id: Option<TenantId>,
    /// The state that it begins in.
    pub state: String,
    /// The scan's report as JSON; an empty one where it was not scanned yet.
    pub scan: String,
    /// What changed since the version before, as JSON.
    pub changes: String,
    /// The signature section in hexadecimal.
    pub signature: Option<String>,
    /// Whose key it names.
    pub signed_by: Option<String>,
    /// The platform's signature in hexadecimal.
    pub countersignature: Option<String>,
    /// Bytes of the package up to its signature.
    pub size_bytes: u64,
    /// Who brings it; `None` for the host.
    pub actor: Option<UserId>,
}

/// A version changes its state.
#[derive(Debug, Clone)]
pub struct NewTransition {
    /// Which version.
    pub digest: String,
    /// The state that it must be in.
    pub from: String,
    /// The state that it enters.
    pub to: String,
    /// Why; may be empty.
    pub reason: String,
    /// Who decided; `None` for the host.
    pub actor: Option<UserId>,
    /// A new report, where the version was scanned.
    pub scan: Option<String>,
    /// A new countersignature, where there is one.
    pub countersignature: Option<String>,
}

/// A change of a version's state, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRow {
    /// Its place in the order of all changes.
    pub number: u64,
    /// Which version, and of which plugin.
    pub digest: String,
    /// `namespace/name`.
    pub plugin: String,
    /// The state before; `None` for the first.
    pub from: Option<String>,
    /// The state after.
    pub to: String,
    /// Why; may be empty.
    pub reason: String,
    /// Who decided; `None` for the host.
    pub actor: Option<UserId>,
    /// When.
    pub at: UnixMillis,
}

/// A version that must not run, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldVersion {
    /// Which version.
    pub digest: String,
    /// `suspended` or `revoked`.
    pub state: String,
    /// Why.
    pub reason: String,
}

impl FromRow<'_, AnyRow> for PluginVersionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            digest: text(row, "digest")?,
            plugin: text(row, "plugin")?,
            version: text(row, "version")?,
            kind: text(row, "kind")?,
            manifest: text(row, "manifest")?,
            config_schema: text(row, "config_schema")?,
            visibility: text(row, "visibility")?,
            owner_id: optional_id(row, "owner_id")?,
            state: text(row, "state")?,
            state_reason: text(row, "state_reason")?,
            state_at: moment(row, "state_at")?,
            scan: text(row, "scan")?,
            changes: text(row, "changes")?,
            signed_by: row.try_get("signed_by")?,
            countersignature: row.try_get("countersignature")?,
            verified_at: optional_moment(row, "verified_at")?,
            size_bytes: number(row, "size_bytes")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for TransitionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            number: number(row, "number")?,
            digest: text(row, "digest")?,
            plugin: text(row, "plugin")?,
            from: row.try_get("from_state")?,
            to: text(row, "to_state")?,
            reason: text(row, "reason")?,
            actor: optional_id(row, "actor_id")?,
            at: moment(row, "at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for HeldVersion {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            digest: text(row, "digest")?,
            state: text(row, "state")?,
            reason: text(row, "state_reason")?,
        })
    }
}

/// The column `name`, an id or nothing.
pub(crate) fn optional_id<T>(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<T>>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text: Option<String> = row.try_get(name)?;
    text.map(|_| parsed(row, name)).transpose()
}

impl HostStore {
    /// Brings a version. One that is there already (by digest) is given back as it is; for the operator's it counts as
    /// brought now.
    ///
    /// # Errors
    /// [`StoreError::VersionNotHigher`] when a publisher's version is not above every other of the plugin, or is one
    /// of them with another digest.
    pub async fn offer_version(&self, new: &NewPluginVersion) -> Result<PluginVersionRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Its lock lets racing uploads be compared one after the other.
            let number = next_number(&mut transaction).await?;
            let now = to_sql(UnixMillis::now().0);
            if let Some(known) = version_by_digest(&mut transaction, &new.digest).await? {
                if new.owner_id.is_none() {
                    sqlx::query("UPDATE plugin_versions SET offered_as = $2 WHERE digest = $1")
                        .bind(&new.digest)
                        .bind(number)
                        .execute(&mut *transaction)
                        .await?;
                    transaction.commit().await?;
                }
                return Ok(known);
            }
            if new.owner_id.is_some() {
                check_is_higher(&mut transaction, new).await?;
            }
            insert_version(&mut transaction, new, number, now).await?;
            record(&mut transaction, number, None, &new.first_transition(), now).await?;
            let row = version_by_digest(&mut transaction, &new.digest).await?;
            self.note_version(&mut transaction, new.owner_id, new.actor, new.entry("plugin-version.publish"));
            transaction.commit().await?;
            row.ok_or(StoreError::NotFound(Missing::PluginVersion))
        })
        .await
    }

    /// Changes the state of a version.
    ///
    /// # Errors
    /// [`StoreError::StateChanged`] when it is not in the state that the change expects: somebody else was first.
    pub async fn change_version(&self, change: &NewTransition) -> Result<PluginVersionRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let number = next_number(&mut transaction).await?;
            let now = to_sql(UnixMillis::now().0);
            let changed: Option<PluginVersionRow> = sqlx::query_as(
                "UPDATE plugin_versions SET state = $3, state_reason = $4, state_at = $5, \
                 scan = COALESCE($6, scan), countersignature = COALESCE($7, countersignature), \
                 verified_at = CASE WHEN $3 = 'verified' THEN COALESCE(verified_at, $5) ELSE verified_at END \
                 WHERE digest = $1 AND state = $2 RETURNING *",
            )
            .bind(&change.digest)
            .bind(&change.from)
            .bind(&change.to)
            .bind(&change.reason)
            .bind(now)
            .bind(change.scan.as_deref())
            .bind(change.countersignature.as_deref())
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(changed) = changed else {
                let known = version_by_digest(&mut transaction, &change.digest).await?;
                return Err(match known {
                    Some(known) => StoreError::StateChanged { now: known.state },
                    None => StoreError::NotFound(Missing::PluginVersion),
                });
            };
            record(&mut transaction, number, Some(&change.from), change, now).await?;
            let entry = Entry::new("plugin-version.decide", Target::new("plugin-version", &change.digest))
                .before(json!({ "state": change.from }))
                .after(json!({ "plugin": changed.plugin, "version": changed.version, "state": change.to }));
            let entry = if change.reason.is_empty() { entry } else { entry.reason(&change.reason) };
            self.note_version(&mut transaction, changed.owner_id, change.actor, entry);
            transaction.commit().await?;
            Ok(changed)
        })
        .await
    }

    /// Leaves an entry about a version with the platform and with its owner.
    fn note_version(
        &self,
        transaction: &mut Transaction,
        owner: Option<TenantId>,
        decided_by: Option<UserId>,
        entry: Entry,
    ) {
        let named = *self.actor();
        let actor = decided_by.filter(|_| named.who == Who::Host).map_or(named, Actor::person);
        if let Some(owner) = owner {
            transaction.note(Chain::Organisation(owner), actor, entry.clone());
        }
        transaction.note(Chain::Platform, actor, entry);
    }

    /// The version with this digest.
    pub async fn plugin_version(&self, digest: &str) -> Result<PluginVersionRow, StoreError> {
        within(async {
            sqlx::query_as("SELECT * FROM plugin_versions WHERE digest = $1")
                .bind(digest)
                .fetch_optional(&self.store.pool)
                .await?
                .ok_or(StoreError::NotFound(Missing::PluginVersion))
        })
        .await
    }

    /// The version with this digest, if none with the same number was brought after it.
    pub async fn last_offered(&self, digest: &str) -> Result<Option<PluginVersionRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "SELECT v.* FROM plugin_versions v WHERE v.digest = $1 AND NOT EXISTS ( \
                 SELECT 1 FROM plugin_versions o WHERE o.plugin = v.plugin AND o.version = v.version \
                 AND o.visibility <> 'development' AND o.offered_as > v.offered_as)",
            )
            .bind(digest)
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await
    }

    /// The highest version of a plugin, pre-releases included, drafts and development versions left out, other than the
    /// one with this digest.
    pub async fn highest_version(
        &self,
        plugin: &str,
        except: &str,
    ) -> Result<Option<PluginVersionRow>, StoreError> {
        within(async {
            let highest = sqlx::query_as(
                "SELECT * FROM plugin_versions WHERE plugin = $1 AND digest <> $2 AND state <> 'draft' \
                 AND visibility <> 'development' ORDER BY precedence DESC, offered_as DESC LIMIT 1",
            )
            .bind(plugin)
            .bind(except)
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(highest)
        })
        .await
    }

    /// The versions of a plugin, highest first, whatever their state; without development versions.
    pub async fn versions_of(&self, plugin: &str, limit: u32) -> Result<Vec<PluginVersionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM plugin_versions WHERE plugin = $1 AND visibility <> 'development' \
                 ORDER BY precedence DESC, offered_as DESC LIMIT $2",
            )
            .bind(plugin)
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Versions in `state`, by digest, after `after`.
    pub async fn versions_in_state(
        &self,
        state: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<PluginVersionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM plugin_versions WHERE state = $1 AND digest > $2 ORDER BY digest LIMIT $3",
            )
            .bind(state)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Versions that must not run, and the number of the last change before they were looked up.
    pub async fn held_versions(&self) -> Result<(u64, Vec<HeldVersion>), StoreError> {
        within(async {
            let number: i64 = sqlx::query_scalar("SELECT number FROM catalogue_clock")
                .fetch_one(&self.store.pool)
                .await?;
            let held = sqlx::query_as(
                "SELECT digest, state, state_reason FROM plugin_versions WHERE state IN ('suspended', 'revoked')",
            )
            .fetch_all(&self.store.pool)
            .await?;
            Ok((u64::try_from(number).unwrap_or(0), held))
        })
        .await
    }

    /// Changes after the one with this number, in order.
    pub async fn transitions_after(&self, number: u64, limit: u32) -> Result<Vec<TransitionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT c.*, v.plugin FROM plugin_transitions c JOIN plugin_versions v ON v.digest = c.digest \
                 WHERE c.number > $1 ORDER BY c.number LIMIT $2",
            )
            .bind(to_sql(number))
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// What happened to a version, oldest first.
    pub async fn transitions_of(&self, digest: &str) -> Result<Vec<TransitionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT c.*, v.plugin FROM plugin_transitions c JOIN plugin_versions v ON v.digest = c.digest \
                 WHERE c.digest = $1 ORDER BY c.number",
            )
            .bind(digest)
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// How many versions a tenant has published, and their bytes; without development versions.
    pub async fn published_by(&self, owner: TenantId) -> Result<(u64, u64), StoreError> {
        within(async {
            let row = sqlx::query(
                "SELECT COUNT(*) AS versions, CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) AS bytes \
                 FROM plugin_versions WHERE owner_id = $1 AND visibility <> 'development'",
            )
            .bind(owner.to_string())
            .fetch_one(&self.store.pool)
            .await?;
            Ok((number(&row, "versions")?, number(&row, "bytes")?))
        })
        .await
    }
}

impl NewPluginVersion {
    /// What the audit log says when it is brought.
    pub(crate) fn entry(&self, action: &'static str) -> Entry {
        let shown = json!({
            "plugin": self.plugin,
            "version": self.version,
            "visibility": self.visibility,
            "state": self.state,
            "signed_by": self.signed_by,
        });
        Entry::new(action, Target::new("plugin-version", &self.digest)).after(shown)
    }

    pub(crate) fn first_transition(&self) -> NewTransition {
        NewTransition {
            digest: self.digest.clone(),
            from: String::new(),
            to: self.state.clone(),
            reason: String::new(),
            actor: self.actor,
            scan: None,
            countersignature: None,
        }
    }
}

pub(crate) async fn next_number(transaction: &mut Transaction) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar("UPDATE catalogue_clock SET number = number + 1 RETURNING number")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(number)
}

pub(crate) async fn version_by_digest(
    transaction: &mut Transaction,
    digest: &str,
) -> Result<Option<PluginVersionRow>, StoreError> {
    let row = sqlx::query_as("SELECT * FROM plugin_versions WHERE digest = $1")
        .bind(digest)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row)
}

async fn check_is_higher(transaction: &mut Transaction, new: &NewPluginVersion) -> Result<(), StoreError> {
    let highest = sqlx::query(
        "SELECT version, precedence FROM plugin_versions WHERE plugin = $1 AND visibility <> 'development' \
         ORDER BY precedence DESC LIMIT 1",
    )
    .bind(&new.plugin)
    .fetch_optional(&mut **transaction)
    .await?;
    match highest {
        Some(row) if text(&row, "precedence")? >= new.precedence => {
            let version = new.version.clone();
            Err(StoreError::VersionNotHigher { version, highest: text(&row, "version")? })
        }
        _ => Ok(()),
    }
}

pub(crate) async fn insert_version(
    transaction: &mut Transaction,
    new: &NewPluginVersion,
    number: i64,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO plugin_versions (digest, plugin, version, precedence, is_prerelease, kind, search_text, \
         manifest, config_schema, visibility, owner_id, state, state_reason, state_at, scan, changes, signature, \
         signed_by, countersignature, verified_at, size_bytes, offered_as, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', $13, $20, $14, $15, $16, $17, \
         CASE WHEN $12 = 'verified' THEN $13 END, $18, $19, $13)",
    )
    .bind(&new.digest)
    .bind(&new.plugin)
    .bind(&new.version)
    .bind(&new.precedence)
    .bind(i64::from(new.is_prerelease))
    .bind(&new.kind)
    .bind(&new.search_text)
    .bind(&new.manifest)
    .bind(&new.config_schema)
    .bind(&new.visibility)
    .bind(new.owner_id.map(|owner| owner.to_string()))
    .bind(&new.state)
    .bind(now)
    .bind(&new.changes)
    .bind(new.signature.as_deref())
    .bind(new.signed_by.as_deref())
    .bind(new.countersignature.as_deref())
    .bind(to_sql(new.size_bytes))
    .bind(number)
    .bind(&new.scan)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) async fn record(
    transaction: &mut Transaction,
    number: i64,
    from: Option<&str>,
    change: &NewTransition,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO plugin_transitions (number, digest, from_state, to_state, reason, actor_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(number)
    .bind(&change.digest)
    .bind(from)
    .bind(&change.to)
    .bind(&change.reason)
    .bind(change.actor.map(|actor| actor.to_string()))
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
