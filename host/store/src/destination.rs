//! Destinations and their sealed secrets.

use std::collections::BTreeMap;

use neustream_model::{DestinationId, InstallationId, Secret, SourceId, TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::quota::Quota;
use crate::row::{flag, moment, number, parsed, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, HostStore, LimitKind, Missing, StoreError, Target, TenantStore, changed};

/// A destination as stored.
#[derive(Debug, Clone)]
pub struct DestinationRow {
    /// The destination.
    pub id: DestinationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The source that it is an output of.
    pub source_id: SourceId,
    /// The plugin that prepares it, such as `neustream/twitch`.
    pub plugin: String,
    /// The installation of the plugin that prepares it; none in rows of older hosts.
    pub installation: Option<InstallationId>,
    /// What the tenant calls it; may be empty.
    pub name: String,
    /// Its own configuration, laid over that of the installation: a JSON object.
    pub config: String,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Grows with every edit that what runs of it has to follow: of its configuration, its secrets, its installation, and
    /// with the switch. Its name is for people.
    pub revision: u64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}

/// What a tenant learns about a secret: that it is set, and since when. Never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// The name in the plugin's manifest.
    pub name: String,
    /// When it was last set.
    pub updated_at: UnixMillis,
}

/// A destination as its tenant sees it.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The destination.
    pub row: DestinationRow,
    /// Which secrets are set, by name.
    pub secrets: Vec<SecretInfo>,
}

/// A switched-on destination as the media path needs it.
#[derive(Debug, Clone)]
pub struct ActiveDestination {
    /// The destination.
    pub row: DestinationRow,
    /// Its secrets, unsealed. One that does not open is left out (and logged): the destination then fails alone.
    pub secrets: BTreeMap<String, Secret>,
}

/// A destination to be made.
#[derive(Debug, Clone)]
pub struct NewDestination {
    /// The plugin that prepares it.
    pub plugin: String,
    /// The tenant's installation of that plugin.
    pub installation: Option<InstallationId>,
    /// May be empty.
    pub name: String,
    /// JSON object.
    pub config: String,
    /// Secrets by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Whether it is switched on.
    pub is_active: bool,
}

/// A destination of an older host, which has no installation yet.
#[derive(Debug, Clone)]
pub struct OldDestination {
    /// The destination.
    pub id: DestinationId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its plugin.
    pub plugin: String,
}

/// What changes about a destination; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct DestinationChange {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// Another installation of the same plugin.
    pub installation: Option<InstallationId>,
    /// JSON object.
    pub config: Option<String>,
    /// Secrets to be set, or removed where the value is `None`. Secrets that are not named stay.
    pub secrets: BTreeMap<String, Option<Secret>>,
    /// Whether it is switched on.
    pub is_active: Option<bool>,
}

impl DestinationChange {
    /// Whether what runs of the destination has to begin anew with it.
    fn reaches_what_runs(&self, before: &DestinationRow) -> bool {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        !self.secrets.is_empty()
            || self.is_active.is_some_and(|is_active| is_active != before.is_active)
            || self.installation.is_some_and(|installation| before.installation != Some(installation))
            || self.config.as_deref().is_some_and(|config| json(config) != json(&before.config))
    }
}

impl FromRow<'_, AnyRow> for DestinationRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let installation: Option<String> = row.try_get("installation_id")?;
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            source_id: parsed(row, "source_id")?,
            plugin: text(row, "plugin")?,
            installation: installation.map(|_| parsed(row, "installation_id")).transpose()?,
            name: text(row, "name")?,
            config: text(row, "config")?,
            is_active: flag(row, "is_active")?,
            revision: number(row, "revision")?,
            created_at: moment(row, "created_at")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

struct SecretRow {
    destination_id: DestinationId,
    name: String,
    sealed: String,
    updated_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for SecretRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            destination_id: parsed(row, "destination_id")?,
            name: text(row, "name")?,
            sealed: text(row, "sealed")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

/// Whether a destination is of the tenant `$1` and of the app that is bound to `$app`, or of any where none is.
macro_rules! of_app {
    ($app:literal) => {
        concat!(
            "tenant_id = $1 AND (",
            $app,
            " IS NULL OR source_id IN \
             (SELECT s.id FROM sources s WHERE s.tenant_id = $1 AND s.app_id = ",
            $app,
            "))"
        )
    };
}

impl Destination {
    /// What the audit log shows of it: of its secrets the names.
    fn shown(&self) -> Value {
        let config: Value = serde_json::from_str(&self.row.config).unwrap_or_default();
        json!({
            "source_id": self.row.source_id,
            "plugin": self.row.plugin,
            "installation_id": self.row.installation,
            "name": self.row.name,
            "config": config,
            "is_active": self.row.is_active,
            "secrets": self.secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(),
        })
    }
}

impl TenantStore {
    /// Adds a destination to a source of the tenant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the source, [`StoreError::LimitReached`] when it has `max` destinations already.
    pub async fn create_destination(
        &self,
        source: SourceId,
        new: &NewDestination,
        max: u64,
    ) -> Result<Destination, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.lock_organisation(&mut transaction).await?;
            // Proves that the source is the tenant's, and keeps it there.
            self.hold_source(&mut transaction, source).await?;
            let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM destinations WHERE source_id = $1")
                .bind(source.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Destinations, current, max });
            }
            self.room_for(&mut transaction, Quota::Destinations, None).await?;
            if let Some(installation) = new.installation {
                self.own_installation(&mut transaction, source, installation).await?;
            }
            let row: DestinationRow = sqlx::query_as(
                "INSERT INTO destinations (id, tenant_id, source_id, plugin, name, config, is_active, revision, \
                 created_at, updated_at, installation_id) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9) \
                 RETURNING *",
            )
            .bind(DestinationId::new().to_string())
            .bind(self.tenant.to_string())
            .bind(source.to_string())
            .bind(&new.plugin)
            .bind(&new.name)
            .bind(&new.config)
            .bind(i64::from(new.is_active))
            .bind(to_sql(UnixMillis::now().0))
            .bind(new.installation.map(|id| id.to_string()))
            .fetch_one(&mut *transaction)
            .await?;
            for (name, secret) in &new.secrets {
                self.set_secret(&mut transaction, row.id, name, secret).await?;
            }
            let secrets = secrets_of(&mut transaction, self.tenant, row.id).await?;
            let made = Destination { row, secrets };
            let entry = Entry::new("destination.create", Target::new("destination", made.row.id));
            self.audit(&mut transaction, entry.after(made.shown()));
            transaction.commit().await?;
            Ok(made)
        })
        .await
    }

    /// The destinations of a source of the tenant, oldest first.
    pub async fn destinations(&self, source: SourceId) -> Result<Vec<Destination>, StoreError> {
        self.source(source).await?;
        let all = self.all_destinations().await?;
        Ok(all.into_iter().filter(|destination| destination.row.source_id == source).collect())
    }

    /// Every destination of the tenant, oldest first.
    pub async fn all_destinations(&self) -> Result<Vec<Destination>, StoreError> {
        within(async {
            let rows: Vec<DestinationRow> =
                sqlx::query_as(concat!("SELECT * FROM destinations WHERE ", of_app!("$2"), " ORDER BY id"))
                    .bind(self.tenant.to_string())
                    .bind(self.app_text())
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            let secrets: Vec<SecretRow> =
                sqlx::query_as("SELECT * FROM destination_secrets WHERE tenant_id = $1 ORDER BY name")
                    .bind(self.tenant.to_string())
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            let mut by_destination: BTreeMap<DestinationId, Vec<SecretInfo>> = BTreeMap::new();
            for secret in secrets {
                by_destination.entry(secret.destination_id).or_default().push(secret.into());
            }
            let with_secrets = |row: DestinationRow| Destination {
                secrets: by_destination.remove(&row.id).unwrap_or_default(),
                row,
            };
            Ok(rows.into_iter().map(with_secrets).collect())
        })
        .await
    }

    /// A destination of the tenant.
    pub async fn destination(&self, id: DestinationId) -> Result<Destination, StoreError> {
        within(async {
            let mut transaction = self.begin_reading().await?;
            let row = sqlx::query_as(concat!("SELECT * FROM destinations WHERE id = $2 AND ", of_app!("$3")))
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .bind(self.app_text())
                .fetch_optional(&mut *transaction)
                .await?
                .ok_or(StoreError::NotFound(Missing::Destination))?;
            let secrets = secrets_of(&mut transaction, self.tenant, id).await?;
            Ok(Destination { row, secrets })
        })
        .await
    }

    /// Changes a destination and its secrets together.
    pub async fn update_destination(
        &self,
        id: DestinationId,
        change: &DestinationChange,
    ) -> Result<Destination, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_destination(&mut transaction, id).await?;
            if let Some(installation) = change.installation {
                self.own_installation(&mut transaction, before.row.source_id, installation).await?;
            }
            let row: DestinationRow = sqlx::query_as(
                "UPDATE destinations SET name = COALESCE($3, name), config = COALESCE($4, config), \
                 is_active = COALESCE($5, is_active), revision = revision + $8, updated_at = $6, \
                 installation_id = COALESCE($7, installation_id) \
                 WHERE tenant_id = $1 AND id = $2 RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(change.name.as_deref())
            .bind(change.config.as_deref())
            .bind(change.is_active.map(i64::from))
            .bind(to_sql(UnixMillis::now().0))
            .bind(change.installation.map(|id| id.to_string()))
            .bind(i64::from(change.reaches_what_runs(&before.row)))
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(StoreError::NotFound(Missing::Destination))?;
            for (name, secret) in &change.secrets {
                match secret {
                    Some(secret) => self.set_secret(&mut transaction, id, name, secret).await?,
                    None => self.remove_secret(&mut transaction, id, name).await?,
                }
            }
            let secrets = secrets_of(&mut transaction, self.tenant, id).await?;
            let present = Destination { row, secrets };
            let mut after = present.shown();
            for name in change.secrets.keys() {
                after["changed_secrets"][name] = changed();
            }
            let entry = Entry::new("destination.update", Target::new("destination", id));
            self.audit(&mut transaction, entry.before(before.shown()).after(after).only_changes());
            transaction.commit().await?;
            Ok(present)
        })
        .await
    }

    /// Deletes a destination with its secrets; tells which source it belonged to.
    pub async fn delete_destination(&self, id: DestinationId) -> Result<SourceId, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_destination(&mut transaction, id).await?;
            sqlx::query("DELETE FROM destinations WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("destination.delete", Target::new("destination", id));
            self.audit(&mut transaction, entry.before(before.shown()));
            transaction.commit().await?;
            Ok(before.row.source_id)
        })
        .await
    }

    /// The destinations of the tenant that an installation prepares.
    pub async fn destinations_of_installation(
        &self,
        installation: InstallationId,
    ) -> Result<Vec<DestinationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT * FROM destinations WHERE installation_id = $2 AND ",
                of_app!("$3"),
                " ORDER BY id"
            ))
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// A destination as it is, whose row nobody else changes until the transaction ends.
    async fn hold_destination(
        &self,
        transaction: &mut Transaction,
        id: DestinationId,
    ) -> Result<Destination, StoreError> {
        let row = sqlx::query_as(concat!(
            "UPDATE destinations SET name = name WHERE id = $2 AND ",
            of_app!("$3"),
            " RETURNING *"
        ))
        .bind(self.tenant.to_string())
        .bind(id.to_string())
        .bind(self.app_text())
        .fetch_optional(&mut **transaction)
        .await?
        .ok_or(StoreError::NotFound(Missing::Destination))?;
        let secrets = secrets_of(transaction, self.tenant, id).await?;
        Ok(Destination { row, secrets })
    }

    /// Proves that an installation is the tenant's and of the source's app, and takes its row lock so that it stays.
    async fn own_installation(
        &self,
        transaction: &mut Transaction,
        source: SourceId,
        installation: InstallationId,
    ) -> Result<(), StoreError> {
        let owned = sqlx::query(
            "UPDATE installations SET name = name WHERE tenant_id = $1 AND id = $2 \
             AND app_id = (SELECT s.app_id FROM sources s WHERE s.id = $3)",
        )
        .bind(self.tenant.to_string())
        .bind(installation.to_string())
        .bind(source.to_string())
        .execute(&mut **transaction)
        .await?;
        match owned.rows_affected() {
            0 => Err(StoreError::NotFound(Missing::Installation)),
            _ => Ok(()),
        }
    }

    async fn set_secret(
        &self,
        transaction: &mut Transaction,
        destination: DestinationId,
        name: &str,
        secret: &Secret,
    ) -> Result<(), StoreError> {
        let place = Place::Destination { tenant: self.tenant, destination, name };
        let sealed = self.store.sealing_key.seal(&place, secret)?;
        sqlx::query(
            "INSERT INTO destination_secrets (destination_id, name, tenant_id, sealed, updated_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (destination_id, name) \
             DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        )
        .bind(destination.to_string())
        .bind(name)
        .bind(self.tenant.to_string())
        .bind(sealed)
        .bind(to_sql(UnixMillis::now().0))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn remove_secret(
        &self,
        transaction: &mut Transaction,
        destination: DestinationId,
        name: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM destination_secrets WHERE tenant_id = $1 AND destination_id = $2 AND name = $3",
        )
        .bind(self.tenant.to_string())
        .bind(destination.to_string())
        .bind(name)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

impl HostStore {
    /// The switched-on destinations of a source with their secrets unsealed.
    pub async fn active_destinations(&self, source: SourceId) -> Result<Vec<ActiveDestination>, StoreError> {
        within(async {
            let rows: Vec<DestinationRow> = sqlx::query_as(
                "SELECT * FROM destinations WHERE source_id = $1 AND is_active = 1 ORDER BY id",
            )
            .bind(source.to_string())
            .fetch_all(&self.store.pool)
            .await?;
            let secrets: Vec<SecretRow> = sqlx::query_as(
                "SELECT s.* FROM destination_secrets s JOIN destinations d ON d.id = s.destination_id \
                 WHERE d.source_id = $1 AND d.is_active = 1 ORDER BY s.name",
            )
            .bind(source.to_string())
            .fetch_all(&self.store.pool)
            .await?;
            let with_secrets = |row: DestinationRow| {
                let own = secrets.iter().filter(|secret| secret.destination_id == row.id);
                let secrets = own.filter_map(|secret| self.unsealed(&row, secret)).collect();
                ActiveDestination { row, secrets }
            };
            Ok(rows.into_iter().map(with_secrets).collect())
        })
        .await
    }

    /// Destinations that an older host made, which have no installation yet.
    pub async fn destinations_without_installation(&self) -> Result<Vec<OldDestination>, StoreError> {
        within(async {
            let rows: Vec<DestinationRow> =
                sqlx::query_as("SELECT * FROM destinations WHERE installation_id IS NULL ORDER BY id")
                    .fetch_all(&self.store.pool)
                    .await?;
            let old = |row: DestinationRow| OldDestination {
                id: row.id,
                tenant: row.tenant_id,
                plugin: row.plugin,
            };
            Ok(rows.into_iter().map(old).collect())
        })
        .await
    }

    /// Gives a destination of an older host its installation.
    pub async fn give_installation(
        &self,
        destination: DestinationId,
        installation: InstallationId,
    ) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE destinations SET installation_id = $2 WHERE id = $1 AND installation_id IS NULL \
                 AND tenant_id = (SELECT tenant_id FROM installations WHERE id = $2)",
            )
            .bind(destination.to_string())
            .bind(installation.to_string())
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }

    fn unsealed(&self, destination: &DestinationRow, secret: &SecretRow) -> Option<(String, Secret)> {
        let name = secret.name.as_str();
        let place = Place::Destination { tenant: destination.tenant_id, destination: destination.id, name };
        match self.store.sealing_key.unseal(&place, &secret.sealed) {
            Ok(opened) => Some((name.to_owned(), opened)),
            Err(error) => {
                tracing::error!(destination = %destination.id, secret = name, %error, "a secret does not open");
                None
            }
        }
    }
}

impl From<SecretRow> for SecretInfo {
    fn from(row: SecretRow) -> Self {
        Self { name: row.name, updated_at: row.updated_at }
    }
}

async fn secrets_of(
    transaction: &mut Transaction,
    tenant: TenantId,
    destination: DestinationId,
) -> Result<Vec<SecretInfo>, StoreError> {
    let rows: Vec<SecretRow> = sqlx::query_as(
        "SELECT * FROM destination_secrets WHERE tenant_id = $1 AND destination_id = $2 ORDER BY name",
    )
    .bind(tenant.to_string())
    .bind(destination.to_string())
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(SecretInfo::from).collect())
}
