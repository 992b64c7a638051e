//! Installations: plugins in tenants, and their sealed secrets.
//!
//! What a grant or a configuration means is not known here: they are JSON
//! texts that `neustream-installations` writes and reads.

use std::collections::{BTreeMap, BTreeSet};

use neustream_model::{AppId, InstallationId, Secret, TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use crate::app::is_not_archived;
use crate::quota::Quota;
use crate::row::{flag, moment, number, optional_moment, parsed, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, HostStore, LimitKind, Missing, SecretInfo, StoreError, Target, TenantStore, changed};

/// An installation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationRow {
    /// The installation.
    pub id: InstallationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The app that it belongs to.
    pub app_id: AppId,
    /// The plugin, such as `neustream/twitch`.
    pub plugin: String,
    /// The plugin's kind, such as `destination`.
    pub kind: String,
    /// The package that it runs, `sha256:<hex>`.
    pub digest: String,
    /// The package's version.
    pub version: String,
    /// The package's state schema.
    pub state_schema: u64,
    /// What the tenant calls it; may be empty.
    pub name: String,
    /// The granted permission keys: a JSON array of texts.
    pub granted: String,
    /// Its configuration: a JSON object.
    pub config: String,
    /// Whether it is switched on.
    pub is_enabled: bool,
    /// What becomes of messages that a moderation filter does not judge, such as `hold`.
    pub on_failure: String,
    /// The place of a moderation filter among those of the tenant; lower ones judge first.
    pub position: u64,
    /// 1, 10 or 100, where the tenant has chosen.
    pub ring: Option<u64>,
    /// Whether new versions come by themselves.
    pub is_auto_upgraded: bool,
    /// When an upgrade last replaced the package, while it is watched.
    pub upgraded_at: Option<UnixMillis>,
    /// A package that it was rolled back from.
    pub avoided_digest: Option<String>,
    /// Grows with every edit of the installation or its secrets.
    pub revision: u64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}

/// An installation as its tenant sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The installation.
    pub row: InstallationRow,
    /// Which secrets are set, by name.
    pub secrets: Vec<SecretInfo>,
}

/// An installation with its secrets unsealed, for calls of its plugin.
#[derive(Debug, Clone)]
pub struct OpenInstallation {
    /// The installation.
    pub row: InstallationRow,
    /// Whether its app is archived; nothing of it runs then.
    pub is_app_archived: bool,
    /// Its secrets. One that does not open is left out (and logged).
    pub secrets: BTreeMap<String, Secret>,
}

/// An installation to be made.
#[derive(Debug, Clone)]
pub struct NewInstallation {
    /// The plugin.
    pub plugin: String,
    /// Its kind.
    pub kind: String,
    /// The package.
    pub digest: String,
    /// The package's version.
    pub version: String,
    /// The package's state schema.
    pub state_schema: u64,
    /// May be empty.
    pub name: String,
    /// A JSON array of texts.
    pub granted: String,
    /// A JSON object.
    pub config: String,
    /// Secrets by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Whether it is switched on.
    pub is_enabled: bool,
    /// What becomes of messages that a moderation filter does not judge.
    pub on_failure: String,
    /// 1, 10 or 100, where the tenant has chosen.
    pub ring: Option<u64>,
    /// Whether new versions come by themselves.
    pub is_auto_upgraded: bool,
}

/// What changes about an installation; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct InstallationChange {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// A JSON array of texts.
    pub granted: Option<String>,
    /// A JSON object.
    pub config: Option<String>,
    /// Secrets to be set, or removed where the value is `None`. Secrets that are not named stay.
    pub secrets: BTreeMap<String, Option<Secret>>,
    /// Whether it is switched on.
    pub is_enabled: Option<bool>,
    /// What becomes of messages that a moderation filter does not judge.
    pub on_failure: Option<String>,
    /// The place of a moderation filter among those of the tenant.
    pub position: Option<u64>,
    /// The chosen ring, or that none is chosen any more.
    pub ring: Option<Option<u64>>,
    /// Whether new versions come by themselves.
    pub is_auto_upgraded: Option<bool>,
}

impl FromRow<'_, AnyRow> for InstallationRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let ring: Option<i64> = row.try_get("ring")?;
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            app_id: parsed(row, "app_id")?,
            plugin: text(row, "plugin")?,
            kind: text(row, "kind")?,
            digest: text(row, "digest")?,
            version: text(row, "version")?,
            state_schema: number(row, "state_schema")?,
            name: text(row, "name")?,
            granted: text(row, "granted")?,
            config: text(row, "config")?,
            is_enabled: flag(row, "is_enabled")?,
            on_failure: text(row, "on_failure")?,
            position: number(row, "position")?,
            ring: ring.and_then(|ring| u64::try_from(ring).ok()),
            is_auto_upgraded: flag(row, "is_auto_upgraded")?,
            upgraded_at: optional_moment(row, "upgraded_at")?,
            avoided_digest: row.try_get("avoided_digest")?,
            revision: number(row, "revision")?,
            created_at: moment(row, "created_at")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

struct SecretRow {
    installation_id: InstallationId,
    name: String,
    sealed: String,
    updated_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for SecretRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            installation_id: parsed(row, "installation_id")?,
            name: text(row, "name")?,
            sealed: text(row, "sealed")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

impl From<SecretRow> for SecretInfo {
    fn from(row: SecretRow) -> Self {
        Self { name: row.name, updated_at: row.updated_at }
    }
}

impl Installation {
    /// What the audit log shows of it: of its secrets the names.
    pub(crate) fn shown(&self) -> Value {
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        json!({
            "plugin": self.row.plugin,
            "version": self.row.version,
            "digest": self.row.digest,
            "name": self.row.name,
            "granted": parsed(&self.row.granted),
            "config": parsed(&self.row.config),
            "is_enabled": self.row.is_enabled,
            "on_failure": self.row.on_failure,
            "position": self.row.position,
            "ring": self.row.ring,
            "is_auto_upgraded": self.row.is_auto_upgraded,
            "secrets": self.secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(),
        })
    }
}

impl TenantStore {
    /// Makes installations: all of them, or none.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when the tenant would have more than `max`.
    pub async fn create_installations(
        &self,
        new: &[NewInstallation],
        max: u64,
    ) -> Result<Vec<Installation>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.lock_organisation(&mut transaction).await?;
            let mut made = Vec::with_capacity(new.len());
            for new in new {
                made.push(self.insert_installation(&mut transaction, new, max).await?);
            }
            transaction.commit().await?;
            Ok(made)
        })
        .await
    }

    /// The app's oldest installation of `new.plugin` (the default app's in the scope of all); without one, `new` is made. Racing requests make one.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when one must be made and the tenant has `max` already.
    pub async fn ensure_installation(
        &self,
        new: &NewInstallation,
        max: u64,
    ) -> Result<Installation, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.lock_organisation(&mut transaction).await?;
            let found: Option<InstallationRow> = sqlx::query_as(
                "SELECT * FROM installations WHERE tenant_id = $1 AND plugin = $2 AND app_id = COALESCE($3, \
                 (SELECT a.id FROM apps a WHERE a.tenant_id = $1 AND a.is_default = 1)) ORDER BY id LIMIT 1",
            )
            .bind(self.tenant.to_string())
            .bind(&new.plugin)
            .bind(self.app_text())
            .fetch_optional(&mut *transaction)
            .await?;
            let installation = match found {
                Some(row) => {
                    let secrets = secrets_of(&mut transaction, self.tenant, row.id).await?;
                    Installation { row, secrets }
                }
                None => self.insert_installation(&mut transaction, new, max).await?,
            };
            transaction.commit().await?;
            Ok(installation)
        })
        .await
    }

    /// Every installation of the tenant, oldest first.
    pub async fn installations(&self) -> Result<Vec<Installation>, StoreError> {
        within(async {
            let rows: Vec<InstallationRow> =
                sqlx::query_as(
                    "SELECT * FROM installations WHERE tenant_id = $1 AND app_id = COALESCE($2, app_id) ORDER BY id",
                )
                .bind(self.tenant.to_string())
                .bind(self.app_text())
                .fetch_all(&mut *self.connection().await?)
                .await?;
            let secrets: Vec<SecretRow> =
                sqlx::query_as("SELECT * FROM installation_secrets WHERE tenant_id = $1 ORDER BY name")
                    .bind(self.tenant.to_string())
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            let mut by_installation: BTreeMap<InstallationId, Vec<SecretInfo>> = BTreeMap::new();
            for secret in secrets {
                by_installation.entry(secret.installation_id).or_default().push(secret.into());
            }
            let with_secrets = |row: InstallationRow| Installation {
                secrets: by_installation.remove(&row.id).unwrap_or_default(),
                row,
            };
            Ok(rows.into_iter().map(with_secrets).collect())
        })
        .await
    }

    /// The installations of the organisation that are not the app's; none where the scope is all apps.
    pub async fn installations_of_other_apps(&self) -> Result<BTreeSet<InstallationId>, StoreError> {
        within(async {
            let ids: Vec<String> =
                sqlx::query_scalar("SELECT id FROM installations WHERE tenant_id = $1 AND app_id <> $2")
                    .bind(self.tenant.to_string())
                    .bind(self.app_text())
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
        })
        .await
    }

    /// The tenant's installations of `plugin`, oldest first.
    pub async fn installations_of(&self, plugin: &str) -> Result<Vec<InstallationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM installations WHERE tenant_id = $1 AND plugin = $2 \
                 AND app_id = COALESCE($3, app_id) ORDER BY id",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// An installation of the tenant.
    pub async fn installation(&self, id: InstallationId) -> Result<Installation, StoreError> {
        within(async {
            let mut transaction = self.begin_reading().await?;
            let row = sqlx::query_as(
                "SELECT * FROM installations WHERE tenant_id = $1 AND id = $2 AND app_id = COALESCE($3, app_id)",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(self.app_text())
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(StoreError::NotFound(Missing::Installation))?;
            let secrets = secrets_of(&mut transaction, self.tenant, id).await?;
            Ok(Installation { row, secrets })
        })
        .await
    }

    /// Changes an installation and its secrets together. With `expected`, only while its revision is still that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::Changed`] when `expected` does not hold.
    pub async fn update_installation(
        &self,
        id: InstallationId,
        change: &InstallationChange,
        expected: Option<u64>,
    ) -> Result<Installation, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_installation(&mut transaction, id).await?;
            let row: Option<InstallationRow> = sqlx::query_as(
                "UPDATE installations SET name = COALESCE($3, name), granted = COALESCE($4, granted), \
                 config = COALESCE($5, config), is_enabled = COALESCE($6, is_enabled), \
                 ring = CASE WHEN $7 = 1 THEN $8 ELSE ring END, \
                 is_auto_upgraded = COALESCE($9, is_auto_upgraded), on_failure = COALESCE($12, on_failure), \
                 position = COALESCE($13, position), revision = revision + 1, updated_at = $10 \
                 WHERE tenant_id = $1 AND id = $2 AND revision = COALESCE($11, revision) RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(change.name.as_deref())
            .bind(change.granted.as_deref())
            .bind(change.config.as_deref())
            .bind(change.is_enabled.map(i64::from))
            .bind(i64::from(change.ring.is_some()))
            .bind(change.ring.flatten().map(to_sql))
            .bind(change.is_auto_upgraded.map(i64::from))
            .bind(to_sql(UnixMillis::now().0))
            .bind(expected.map(to_sql))
            .bind(change.on_failure.as_deref())
            .bind(change.position.map(to_sql))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(row) = row else { return Err(self.why_unchanged(&mut transaction, id).await?) };
            for (name, secret) in &change.secrets {
                match secret {
                    Some(secret) => self.set_installation_secret(&mut transaction, id, name, secret).await?,
                    None => self.remove_installation_secret(&mut transaction, id, name).await?,
                }
            }
            let secrets = secrets_of(&mut transaction, self.tenant, id).await?;
            let present = Installation { row, secrets };
            let mut after = present.shown();
            for name in change.secrets.keys() {
                after["changed_secrets"][name] = changed();
            }
            let entry = Entry::new("installation.update", Target::new("installation", id));
            self.audit(&mut transaction, entry.before(before.shown()).after(after).only_changes());
            transaction.commit().await?;
            Ok(present)
        })
        .await
    }

    /// Deletes an installation with its secrets, hooks, memory, history and kept activity.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::InUse`] while destinations use it.
    pub async fn delete_installation(&self, id: InstallationId) -> Result<InstallationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Takes the row's lock: a destination that is being made waits, and then finds nothing to refer to.
            let before = self.hold_installation(&mut transaction, id).await?;
            let users: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM destinations WHERE tenant_id = $1 AND installation_id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .fetch_one(&mut *transaction)
            .await?;
            if users > 0 {
                return Err(StoreError::InUse(u64::try_from(users).unwrap_or(0)));
            }
            sqlx::query("DELETE FROM installations WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("installation.uninstall", Target::new("installation", id));
            self.audit(&mut transaction, entry.before(before.shown()));
            transaction.commit().await?;
            Ok(before.row)
        })
        .await
    }

    /// Whether the row is gone or was changed.
    pub(crate) async fn why_unchanged(
        &self,
        transaction: &mut Transaction,
        id: InstallationId,
    ) -> Result<StoreError, StoreError> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM installations WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .fetch_one(&mut **transaction)
                .await?;
        let missing = Missing::Installation;
        Ok(if count == 0 { StoreError::NotFound(missing) } else { StoreError::Changed(missing) })
    }

    async fn insert_installation(
        &self,
        transaction: &mut Transaction,
        new: &NewInstallation,
        max: u64,
    ) -> Result<Installation, StoreError> {
        let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM installations WHERE tenant_id = $1")
            .bind(self.tenant.to_string())
            .fetch_one(&mut **transaction)
            .await?;
        let current = u64::try_from(current).unwrap_or(0);
        if current >= max {
            return Err(StoreError::LimitReached { kind: LimitKind::Installations, current, max });
        }
        if new.kind == "chat" {
            self.room_for(transaction, Quota::ChatConnectors, None).await?;
        }
        let row: InstallationRow = sqlx::query_as(
            "INSERT INTO installations (id, tenant_id, plugin, kind, digest, version, state_schema, name, granted, \
             config, is_enabled, ring, is_auto_upgraded, revision, created_at, updated_at, on_failure, position, app_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $14, $15, \
             (SELECT COALESCE(MAX(position), 0) + 1 FROM installations WHERE tenant_id = $2), \
             COALESCE($16, (SELECT a.id FROM apps a WHERE a.tenant_id = $2 AND a.is_default = 1))) RETURNING *",
        )
        .bind(InstallationId::new().to_string())
        .bind(self.tenant.to_string())
        .bind(&new.plugin)
        .bind(&new.kind)
        .bind(&new.digest)
        .bind(&new.version)
        .bind(to_sql(new.state_schema))
        .bind(&new.name)
        .bind(&new.granted)
        .bind(&new.config)
        .bind(i64::from(new.is_enabled))
        .bind(new.ring.map(to_sql))
        .bind(i64::from(new.is_auto_upgraded))
        .bind(to_sql(UnixMillis::now().0))
        .bind(&new.on_failure)
        .bind(self.app_text())
        .fetch_one(&mut **transaction)
        .await?;
        for (name, secret) in &new.secrets {
            self.set_installation_secret(transaction, row.id, name, secret).await?;
        }
        let secrets = secrets_of(transaction, self.tenant, row.id).await?;
        let made = Installation { row, secrets };
        let entry = Entry::new("installation.install", Target::new("installation", made.row.id));
        self.audit(transaction, entry.after(made.shown()));
        Ok(made)
    }

    /// An installation as it is, whose row nobody else changes until the transaction ends.
    pub(crate) async fn hold_installation(
        &self,
        transaction: &mut Transaction,
        id: InstallationId,
    ) -> Result<Installation, StoreError> {
        let row = sqlx::query_as(
            "UPDATE installations SET name = name \
             WHERE tenant_id = $1 AND id = $2 AND app_id = COALESCE($3, app_id) RETURNING *",
        )
        .bind(self.tenant.to_string())
        .bind(id.to_string())
        .bind(self.app_text())
        .fetch_optional(&mut **transaction)
        .await?
        .ok_or(StoreError::NotFound(Missing::Installation))?;
        let secrets = secrets_of(transaction, self.tenant, id).await?;
        Ok(Installation { row, secrets })
    }

    async fn set_installation_secret(
        &self,
        transaction: &mut Transaction,
        installation: InstallationId,
        name: &str,
        secret: &Secret,
    ) -> Result<(), StoreError> {
        let place = Place::Installation { tenant: self.tenant, installation, name };
        let sealed = self.store.sealing_key.seal(&place, secret)?;
        sqlx::query(
            "INSERT INTO installation_secrets (installation_id, name, tenant_id, sealed, updated_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (installation_id, name) \
             DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        )
        .bind(installation.to_string())
        .bind(name)
        .bind(self.tenant.to_string())
        .bind(sealed)
        .bind(to_sql(UnixMillis::now().0))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn remove_installation_secret(
        &self,
        transaction: &mut Transaction,
        installation: InstallationId,
        name: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM installation_secrets WHERE tenant_id = $1 AND installation_id = $2 AND name = $3",
        )
        .bind(self.tenant.to_string())
        .bind(installation.to_string())
        .bind(name)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

impl HostStore {
    /// An installation of a tenant with its secrets unsealed; none where the tenant has no such installation.
    pub async fn open_installation(
        &self,
        tenant: TenantId,
        id: InstallationId,
    ) -> Result<Option<OpenInstallation>, StoreError> {
        within(async {
            let row: Option<InstallationRow> =
                sqlx::query_as("SELECT * FROM installations WHERE tenant_id = $1 AND id = $2")
                    .bind(tenant.to_string())
                    .bind(id.to_string())
                    .fetch_optional(&self.store.pool)
                    .await?;
            let Some(row) = row else { return Ok(None) };
            let is_app_archived = sqlx::query("SELECT 1 FROM apps WHERE id = $1 AND archived_at IS NOT NULL")
                .bind(row.app_id.to_string())
                .fetch_optional(&self.store.pool)
                .await?
                .is_some();
            let secrets: Vec<SecretRow> = sqlx::query_as(
                "SELECT * FROM installation_secrets WHERE tenant_id = $1 AND installation_id = $2",
            )
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_all(&self.store.pool)
            .await?;
            let secrets =
                secrets.iter().filter_map(|secret| self.installation_secret(&row, secret)).collect();
            Ok(Some(OpenInstallation { row, is_app_archived, secrets }))
        })
        .await
    }

    /// The installations that run the package `digest`, of all tenants.
    pub async fn installations_running(&self, digest: &str) -> Result<Vec<InstallationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as("SELECT * FROM installations WHERE digest = $1 ORDER BY id")
                .bind(digest)
                .fetch_all(&self.store.pool)
                .await?;
            Ok(rows)
        })
        .await
    }

    /// The enabled installations of a kind, of all tenants and apps that are not archived: whose, and which.
    pub async fn enabled_installations(
        &self,
        kind: &str,
    ) -> Result<Vec<(TenantId, InstallationId)>, StoreError> {
        within(async {
            let sql = format!(
                "SELECT * FROM installations WHERE kind = $1 AND is_enabled = 1 AND {} ORDER BY id",
                is_not_archived("installations.app_id")
            );
            let rows: Vec<InstallationRow> =
                sqlx::query_as(AssertSqlSafe(sql)).bind(kind).fetch_all(&self.store.pool).await?;
            Ok(rows.into_iter().map(|row| (row.tenant_id, row.id)).collect())
        })
        .await
    }

    /// The installations that are upgraded automatically, of all tenants, that come after `after` in the order of
    /// their ids; at most `limit`.
    pub async fn auto_upgraded_installations(
        &self,
        after: Option<InstallationId>,
        limit: u32,
    ) -> Result<Vec<InstallationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM installations WHERE is_auto_upgraded = 1 AND id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// The installations that were upgraded at `since` or later, of all tenants.
    pub async fn installations_upgraded_since(
        &self,
        since: UnixMillis,
    ) -> Result<Vec<InstallationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as("SELECT * FROM installations WHERE upgraded_at >= $1 ORDER BY id")
                .bind(to_sql(since.0))
                .fetch_all(&self.store.pool)
                .await?;
            Ok(rows)
        })
        .await
    }

    fn installation_secret(&self, row: &InstallationRow, secret: &SecretRow) -> Option<(String, Secret)> {
        let name = secret.name.as_str();
        let place = Place::Installation { tenant: row.tenant_id, installation: row.id, name };
        match self.store.sealing_key.unseal(&place, &secret.sealed) {
            Ok(opened) => Some((name.to_owned(), opened)),
            Err(error) => {
                tracing::error!(installation = %row.id, secret = name, %error, "a secret does not open");
                None
            }
        }
    }
}

pub(crate) async fn secrets_of(
    transaction: &mut Transaction,
    tenant: TenantId,
    installation: InstallationId,
) -> Result<Vec<SecretInfo>, StoreError> {
    let rows: Vec<SecretRow> = sqlx::query_as(
        "SELECT * FROM installation_secrets WHERE tenant_id = $1 AND installation_id = $2 ORDER BY name",
    )
    .bind(tenant.to_string())
    .bind(installation.to_string())
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(SecretInfo::from).collect())
}
