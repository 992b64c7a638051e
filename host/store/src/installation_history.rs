//! Which package an installation runs: replacing it, and the way back.

use neustream_model::{InstallationId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::installation::secrets_of;
use crate::row::{moment, number, text, to_sql};
use crate::scope::in_app;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, Installation, InstallationRow, StoreError, Target, TenantStore};

/// Former packages that are kept of an installation.
const KEPT: i64 = 2;

/// A package that an installation ran before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerPackage {
    /// `sha256:<hex>`.
    pub digest: String,
    /// Its version.
    pub version: String,
    /// Its state schema.
    pub state_schema: u64,
    /// The grant as it was: a JSON array of texts.
    pub granted: String,
    /// The configuration as it was: a JSON object.
    pub config: String,
    /// When it was replaced.
    pub replaced_at: UnixMillis,
    /// Who replaced it: `ring`, `watch` or a user's id.
    pub replaced_by: String,
}

/// Another package for an installation.
#[derive(Debug, Clone)]
pub struct PackageChange {
    /// The revision that must still hold.
    pub expected: u64,
    /// `sha256:<hex>`.
    pub digest: String,
    /// Its version.
    pub version: String,
    /// Its state schema.
    pub state_schema: u64,
    /// A JSON array of texts.
    pub granted: String,
    /// A JSON object.
    pub config: String,
    /// Who wants it: `ring`, `watch` or a user's id.
    pub by: String,
    /// When.
    pub now: UnixMillis,
    /// Whether it is watched for faults from now on.
    pub is_watched: bool,
    /// Whether the present package is one to go back to.
    pub is_former_kept: bool,
    /// A package that no automatic upgrade goes to from now on.
    pub avoided_digest: Option<String>,
}

impl FromRow<'_, AnyRow> for FormerPackage {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            digest: text(row, "digest")?,
            version: text(row, "version")?,
            state_schema: number(row, "state_schema")?,
            granted: text(row, "granted")?,
            config: text(row, "config")?,
            replaced_at: moment(row, "replaced_at")?,
            replaced_by: text(row, "replaced_by")?,
        })
    }
}

impl TenantStore {
    /// Gives an installation another package and keeps the present one, where the change says so, with grant and
    /// configuration, as a former one. The two latest former packages are kept.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or [`StoreError::Changed`] when the expected revision does not hold.
    pub async fn replace_package(
        &self,
        id: InstallationId,
        change: &PackageChange,
    ) -> Result<Installation, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // First of all a write: it takes the row's lock on both databases.
            let present: Option<InstallationRow> = sqlx::query_as(
                "UPDATE installations SET revision = revision + 1 \
                 WHERE tenant_id = $1 AND id = $2 AND revision = $3 AND app_id = COALESCE($4, app_id) RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(to_sql(change.expected))
            .bind(self.app_text())
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(present) = present else { return Err(self.why_unchanged(&mut transaction, id).await?) };
            sqlx::query("DELETE FROM installation_history WHERE installation_id = $1 AND digest IN ($2, $3)")
                .bind(id.to_string())
                .bind(&present.digest)
                .bind(&change.digest)
                .execute(&mut *transaction)
                .await?;
            if change.is_former_kept {
                keep_former(&mut transaction, &present, change).await?;
            }
            sqlx::query(
                "DELETE FROM installation_history WHERE installation_id = $1 AND digest NOT IN \
                 (SELECT digest FROM installation_history WHERE installation_id = $1 \
                  ORDER BY revision DESC LIMIT $2)",
            )
            .bind(id.to_string())
            .bind(KEPT)
            .execute(&mut *transaction)
            .await?;
            let row: InstallationRow = sqlx::query_as(
                "UPDATE installations SET digest = $3, version = $4, state_schema = $5, granted = $6, config = $7, \
                 upgraded_at = $8, avoided_digest = COALESCE($9, avoided_digest), updated_at = $10 \
                 WHERE tenant_id = $1 AND id = $2 RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(&change.digest)
            .bind(&change.version)
            .bind(to_sql(change.state_schema))
            .bind(&change.granted)
            .bind(&change.config)
            .bind(change.is_watched.then(|| to_sql(change.now.0)))
            .bind(change.avoided_digest.as_deref())
            .bind(to_sql(change.now.0))
            .fetch_one(&mut *transaction)
            .await?;
            let secrets = secrets_of(&mut transaction, self.tenant, id).await?;
            let before = Installation { row: present, secrets: secrets.clone() };
            let after = Installation { row, secrets };
            let entry = Entry::new("installation.replace-package", Target::new("installation", id));
            self.audit(&mut transaction, entry.before(before.shown()).after(after.shown()).only_changes());
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// The packages that an installation ran before, the latest first: at most two.
    pub async fn former_packages(&self, id: InstallationId) -> Result<Vec<FormerPackage>, StoreError> {
        within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT * FROM installation_history WHERE tenant_id = $1 AND installation_id = $2 AND ",
                in_app!("installation_id", "$3"),
                " ORDER BY revision DESC"
            ))
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }
}

/// Keeps what an installation ran until now, as a former package.
async fn keep_former(
    transaction: &mut Transaction,
    present: &InstallationRow,
    change: &PackageChange,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO installation_history (installation_id, digest, tenant_id, version, state_schema, \
         granted, config, revision, replaced_at, replaced_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(present.id.to_string())
    .bind(&present.digest)
    .bind(present.tenant_id.to_string())
    .bind(&present.version)
    .bind(to_sql(present.state_schema))
    .bind(&present.granted)
    .bind(&present.config)
    .bind(to_sql(present.revision))
    .bind(to_sql(change.now.0))
    .bind(&change.by)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
