//! The memory of installations: compare-and-set with exact quotas.
//!
//! Every write first writes the installation's row of sums, whose lock makes
//! racing writers wait for each other; so neither quota nor revision can be
//! wrong, on either database and from any number of hosts.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD as BASE64, URL_SAFE_NO_PAD as BASE64_URL};
use neustream_model::{InstallationId, TenantId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{number, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, Missing, StoreError};

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvRow {
    /// Its bytes.
    pub value: Vec<u8>,
    /// Grows with every write, and never repeats.
    pub revision: u64,
}

/// A value to be stored.
#[derive(Debug, Clone, Copy)]
pub struct KvPut<'a> {
    /// The key.
    pub key: &'a str,
    /// The value.
    pub value: &'a [u8],
    /// The revision that must still hold; `None`: there must be no such key.
    pub expected: Option<u64>,
    /// When the value ends.
    pub expires_at: Option<UnixMillis>,
    /// Bytes of all keys and values together that the installation may have.
    pub max_bytes: u64,
    /// Keys that it may have.
    pub max_keys: u64,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvPutOutcome {
    /// Written, with this revision.
    Written(u64),
    /// The expected revision does not hold.
    RaceLost,
    /// The quota would be exceeded.
    OverQuota,
}

impl FromRow<'_, AnyRow> for KvRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let value = BASE64
            .decode(text(row, "value")?)
            .map_err(|error| sqlx::Error::ColumnDecode { index: "value".to_owned(), source: error.into() })?;
        Ok(Self { value, revision: number(row, "revision")? })
    }
}

/// The sums of one installation.
struct Usage {
    size_bytes: u64,
    keys: u64,
    last_revision: u64,
}

impl FromRow<'_, AnyRow> for Usage {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            size_bytes: number(row, "size_bytes")?,
            keys: number(row, "keys")?,
            last_revision: number(row, "last_revision")?,
        })
    }
}

impl Usage {
    fn lose(&mut self, size_bytes: u64) {
        self.size_bytes = self.size_bytes.saturating_sub(size_bytes);
        self.keys = self.keys.saturating_sub(1);
    }
}

impl HostStore {
    /// The value of `key` at `now`.
    pub async fn kv_get(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        key: &str,
        now: UnixMillis,
    ) -> Result<Option<KvRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "SELECT k.value, k.revision FROM plugin_kv k \
                 JOIN plugin_kv_usage u ON u.installation_id = k.installation_id \
                 WHERE u.tenant_id = $1 AND k.installation_id = $2 AND k.name = $3 \
                 AND (k.expires_at IS NULL OR k.expires_at > $4)",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(BASE64_URL.encode(key))
            .bind(to_sql(now.0))
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await
    }

    /// Compare-and-set.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the installation, [`StoreError::Unavailable`].
    pub async fn kv_put(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        put: KvPut<'_>,
        now: UnixMillis,
    ) -> Result<KvPutOutcome, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let mut usage = locked_usage(&mut transaction, tenant, installation).await?;
            forget_expired(&mut transaction, installation, &mut usage, now).await?;
            let name = BASE64_URL.encode(put.key);
            let present = sqlx::query(
                "SELECT revision, size_bytes FROM plugin_kv WHERE installation_id = $1 AND name = $2",
            )
            .bind(installation.to_string())
            .bind(&name)
            .fetch_optional(&mut *transaction)
            .await?;
            let revision = present.as_ref().map(|row| number(row, "revision")).transpose()?;
            if revision != put.expected {
                return Ok(KvPutOutcome::RaceLost);
            }
            if let Some(row) = &present {
                usage.lose(number(row, "size_bytes")?);
            }
            let size_bytes = (put.key.len() + put.value.len()) as u64;
            usage.size_bytes += size_bytes;
            usage.keys += 1;
            if usage.size_bytes > put.max_bytes || usage.keys > put.max_keys {
                return Ok(KvPutOutcome::OverQuota);
            }
            usage.last_revision += 1;
            sqlx::query(
                "INSERT INTO plugin_kv (installation_id, name, value, size_bytes, revision, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (installation_id, name) DO UPDATE SET \
                 value = excluded.value, size_bytes = excluded.size_bytes, revision = excluded.revision, \
                 expires_at = excluded.expires_at",
            )
            .bind(installation.to_string())
            .bind(&name)
            .bind(BASE64.encode(put.value))
            .bind(to_sql(size_bytes))
            .bind(to_sql(usage.last_revision))
            .bind(put.expires_at.map(|at| to_sql(at.0)))
            .execute(&mut *transaction)
            .await?;
            keep_usage(&mut transaction, installation, &usage).await?;
            transaction.commit().await?;
            Ok(KvPutOutcome::Written(usage.last_revision))
        })
        .await
    }

    /// Removes `key` if its revision is still `expected`.
    pub async fn kv_delete(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        key: &str,
        expected: u64,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let mut usage = locked_usage(&mut transaction, tenant, installation).await?;
            forget_expired(&mut transaction, installation, &mut usage, now).await?;
            let deleted = sqlx::query(
                "DELETE FROM plugin_kv WHERE installation_id = $1 AND name = $2 AND revision = $3 RETURNING size_bytes",
            )
            .bind(installation.to_string())
            .bind(BASE64_URL.encode(key))
            .bind(to_sql(expected))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(deleted) = deleted else { return Ok(false) };
            usage.lose(number(&deleted, "size_bytes")?);
            keep_usage(&mut transaction, installation, &usage).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}

impl HostStore {
    /// Bytes and keys that an installation's memory holds, values that have just expired included.
    pub async fn kv_usage(
        &self,
        tenant: TenantId,
        installation: InstallationId,
    ) -> Result<(u64, u64), StoreError> {
        within(async {
            let usage: Option<Usage> =
                sqlx::query_as("SELECT * FROM plugin_kv_usage WHERE tenant_id = $1 AND installation_id = $2")
                    .bind(tenant.to_string())
                    .bind(installation.to_string())
                    .fetch_optional(&self.store.pool)
                    .await?;
            Ok(usage.map_or((0, 0), |usage| (usage.size_bytes, usage.keys)))
        })
        .await
    }

    /// Empties an installation's memory; revisions go on from where they were.
    pub async fn kv_forget(&self, tenant: TenantId, installation: InstallationId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let emptied = sqlx::query(
                "UPDATE plugin_kv_usage SET size_bytes = 0, keys = 0 WHERE tenant_id = $1 AND installation_id = $2",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .execute(&mut *transaction)
            .await?;
            if emptied.rows_affected() > 0 {
                sqlx::query("DELETE FROM plugin_kv WHERE installation_id = $1")
                    .bind(installation.to_string())
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

/// The sums, under a lock until the transaction ends; a new installation gets its row here.
async fn locked_usage(
    transaction: &mut Transaction,
    tenant: TenantId,
    installation: InstallationId,
) -> Result<Usage, StoreError> {
    sqlx::query_as(
        "INSERT INTO plugin_kv_usage (installation_id, tenant_id, size_bytes, keys, last_revision) \
         SELECT id, tenant_id, 0, 0, 0 FROM installations WHERE tenant_id = $1 AND id = $2 \
         ON CONFLICT (installation_id) DO UPDATE SET tenant_id = excluded.tenant_id RETURNING *",
    )
    .bind(tenant.to_string())
    .bind(installation.to_string())
    .fetch_optional(&mut **transaction)
    .await?
    .ok_or(StoreError::NotFound(Missing::Installation))
}

async fn forget_expired(
    transaction: &mut Transaction,
    installation: InstallationId,
    usage: &mut Usage,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let expired = sqlx::query(
        "DELETE FROM plugin_kv WHERE installation_id = $1 AND expires_at <= $2 RETURNING size_bytes",
    )
    .bind(installation.to_string())
    .bind(to_sql(now.0))
    .fetch_all(&mut **transaction)
    .await?;
    for row in &expired {
        usage.lose(number(row, "size_bytes")?);
    }
    Ok(())
}

async fn keep_usage(
    transaction: &mut Transaction,
    installation: InstallationId,
    usage: &Usage,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE plugin_kv_usage SET size_bytes = $2, keys = $3, last_revision = $4 WHERE installation_id = $1",
    )
    .bind(installation.to_string())
    .bind(to_sql(usage.size_bytes))
    .bind(to_sql(usage.keys))
    .bind(to_sql(usage.last_revision))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
