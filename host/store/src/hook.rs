//! URLs that platforms send webhooks to: a random token each.
//!
//! The token is found by its digest. It is also kept sealed, because its
//! tenant must be able to read the URL again when the platform is set up anew.

use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use serde_json::json;
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, parsed, text, to_sql};
use crate::scope::in_app;
use crate::sealing::Place;
use crate::store::within;
use crate::{Entry, HostStore, Missing, StoreError, Target, TenantStore};

/// A webhook URL as stored.
#[derive(Debug, Clone)]
pub struct HookRow {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The installation that it belongs to.
    pub installation_id: InstallationId,
    /// The plugin's name of the connection.
    pub connection: String,
    /// When it was made.
    pub created_at: UnixMillis,
    digest: String,
    sealed: String,
}

impl FromRow<'_, AnyRow> for HookRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant_id: parsed(row, "tenant_id")?,
            installation_id: parsed(row, "installation_id")?,
            connection: text(row, "connection")?,
            created_at: moment(row, "created_at")?,
            digest: text(row, "digest")?,
            sealed: text(row, "sealed")?,
        })
    }
}

impl TenantStore {
    /// The token of the installation's `connection`; the first call makes it from `fresh` (its digest and the token).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the installation.
    pub async fn ensure_hook(
        &self,
        installation: InstallationId,
        connection: &str,
        fresh: (&str, &Secret),
    ) -> Result<Secret, StoreError> {
        let place = Place::Hook { tenant: self.tenant, installation, connection };
        let sealed = self.store.sealing_key.seal(&place, fresh.1)?;
        let row: HookRow = within(async {
            let mut transaction = self.begin().await?;
            let owned = sqlx::query("UPDATE installations SET name = name WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(installation.to_string())
                .execute(&mut *transaction)
                .await?;
            if owned.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::Installation));
            }
            // Whoever came first has made the token that counts.
            let row: HookRow = sqlx::query_as(
                "INSERT INTO hooks (digest, tenant_id, installation_id, connection, sealed, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (installation_id, connection) \
                 DO UPDATE SET connection = excluded.connection RETURNING *",
            )
            .bind(fresh.0)
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(connection)
            .bind(sealed)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            if row.digest == fresh.0 {
                let entry = Entry::new("hook.create", Target::new("installation", installation));
                self.audit(&mut transaction, entry.after(json!({ "connection": connection })));
            }
            transaction.commit().await?;
            Ok(row)
        })
        .await?;
        Ok(self.store.sealing_key.unseal(&place, &row.sealed)?)
    }

    /// The webhook URLs of an installation with their tokens, by connection.
    pub async fn hooks(&self, installation: InstallationId) -> Result<Vec<(HookRow, Secret)>, StoreError> {
        let rows: Vec<HookRow> = within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT * FROM hooks WHERE tenant_id = $1 AND installation_id = $2 AND ",
                in_app!("installation_id", "$3"),
                " ORDER BY connection"
            ))
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await?;
        let opened = |row: HookRow| {
            let place = Place::Hook { tenant: self.tenant, installation, connection: &row.connection };
            let token = self.store.sealing_key.unseal(&place, &row.sealed)?;
            Ok((row, token))
        };
        rows.into_iter().map(opened).collect()
    }
}

impl HostStore {
    /// The webhook URL whose token has this digest.
    pub async fn hook_by_digest(&self, digest: &str) -> Result<Option<HookRow>, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM hooks WHERE digest = $1")
                .bind(digest)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(row)
        })
        .await
    }
}
