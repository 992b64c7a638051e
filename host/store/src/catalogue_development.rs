//! Development versions: what a tenant tries out before it publishes.
//!
//! A row with the visibility `development`. It is its tenant's alone, may come
//! again and again under one version number, and is forgotten when newer ones
//! have come and nothing runs it any more. What the bytes are marked with is
//! decided by `neustream-catalogue`: a digest here belongs to one tenant.

use neustream_model::{TenantId, UnixMillis};
use serde_json::json;

use crate::catalogue::{insert_version, next_number, record, version_by_digest};
use crate::row::{number, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, LimitKind, Missing, NewPluginVersion, PluginVersionRow, StoreError, Target, TenantStore};

/// How much of a tenant's development is kept. What an installation runs, or can go back to, is kept beyond it, as is
/// what the operator stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevelopmentRoom {
    /// Versions of one plugin.
    pub of_plugin: u64,
    /// Versions of all plugins.
    pub versions: u64,
    /// Bytes of all plugins.
    pub bytes: u64,
}

/// A development version that nothing needs.
struct Unused {
    digest: String,
    size_bytes: u64,
    is_of_plugin: bool,
}

impl TenantStore {
    /// Whether the tenant's partner, if it has one, lets it install `plugin` in any version.
    pub async fn is_plugin_allowed(&self, plugin: &str) -> Result<bool, StoreError> {
        within(async {
            let count: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM tenants t WHERE t.id = $1 AND t.partner_id IS NOT NULL AND ( \
                 EXISTS (SELECT 1 FROM allow_lists a WHERE a.scope_id IN (t.id, t.partner_id) \
                     AND NOT EXISTS (SELECT 1 FROM allowed_plugins l \
                         WHERE l.scope_id = a.scope_id AND l.plugin = $2)) \
                 OR EXISTS (SELECT 1 FROM plugin_pins p WHERE p.scope_id IN (t.id, t.partner_id) AND p.plugin = $2))",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .fetch_one(&mut *self.connection().await?)
            .await?;
            Ok(count == 0)
        })
        .await
    }

    /// Brings a development version of the tenant's, and forgets older ones for which there is no room. One that is
    /// there already (by digest) counts as the last one brought and stays as it is otherwise.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when what installations run leaves no room.
    pub async fn offer_development(
        &self,
        new: &NewPluginVersion,
        room: DevelopmentRoom,
    ) -> Result<PluginVersionRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Its lock lets racing uploads come one after the other.
            let number = next_number(&mut transaction).await?;
            let now = to_sql(UnixMillis::now().0);
            let again = sqlx::query(
                "UPDATE plugin_versions SET offered_as = $3 WHERE digest = $1 AND owner_id = $2 \
                 AND visibility = 'development'",
            )
            .bind(&new.digest)
            .bind(self.tenant.to_string())
            .bind(number)
            .execute(&mut *transaction)
            .await?;
            if again.rows_affected() == 0 {
                insert_version(&mut transaction, new, number, now).await?;
                record(&mut transaction, number, None, &new.first_transition(), now).await?;
            }
            self.make_room(&mut transaction, new, room).await?;
            let row = version_by_digest(&mut transaction, &new.digest).await?;
            self.audit(&mut transaction, new.entry("plugin-version.try-out"));
            transaction.commit().await?;
            row.ok_or(StoreError::NotFound(Missing::PluginVersion))
        })
        .await
    }

    /// Forgets the tenant's development versions of a plugin; tells how many there were.
    ///
    /// # Errors
    /// [`StoreError::Running`] while an installation runs one of them.
    pub async fn forget_development(&self, plugin: &str) -> Result<u64, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            next_number(&mut transaction).await?;
            let running: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM installations i JOIN plugin_versions v ON v.digest = i.digest \
                 WHERE i.tenant_id = $1 AND v.owner_id = $1 AND v.plugin = $2 AND v.visibility = 'development'",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .fetch_one(&mut *transaction)
            .await?;
            if running > 0 {
                return Err(StoreError::Running(u64::try_from(running).unwrap_or(0)));
            }
            let digests: Vec<String> = sqlx::query_scalar(
                "SELECT digest FROM plugin_versions WHERE owner_id = $1 AND plugin = $2 \
                 AND visibility = 'development' AND state = 'development'",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .fetch_all(&mut *transaction)
            .await?;
            for digest in &digests {
                sqlx::query("DELETE FROM installation_history WHERE tenant_id = $1 AND digest = $2")
                    .bind(self.tenant.to_string())
                    .bind(digest)
                    .execute(&mut *transaction)
                    .await?;
                forget(&mut transaction, digest).await?;
            }
            if !digests.is_empty() {
                let entry = Entry::new("plugin-version.forget", Target::new("plugin", plugin));
                self.audit(&mut transaction, entry.before(json!({ "digests": digests })));
            }
            transaction.commit().await?;
            Ok(digests.len() as u64)
        })
        .await
    }

    /// Forgets what `room` has no place for; `new` stays in any case.
    async fn make_room(
        &self,
        transaction: &mut Transaction,
        new: &NewPluginVersion,
        room: DevelopmentRoom,
    ) -> Result<(), StoreError> {
        let (mut of_plugin, mut versions, mut bytes) = kept(transaction, self.tenant, &new.plugin).await?;
        let unused: Vec<Unused> = self.unused(transaction, new).await?;
        for version in unused {
            let is_much = versions > room.versions || bytes > room.bytes;
            let is_much_of_plugin = version.is_of_plugin && of_plugin > room.of_plugin;
            if !is_much && !is_much_of_plugin {
                continue;
            }
            forget(transaction, &version.digest).await?;
            of_plugin -= u64::from(version.is_of_plugin);
            versions -= 1;
            bytes = bytes.saturating_sub(version.size_bytes);
        }
        if bytes > room.bytes {
            let kind = LimitKind::DevelopmentBytes;
            return Err(StoreError::LimitReached { kind, current: bytes, max: room.bytes });
        }
        if versions > room.versions {
            let kind = LimitKind::DevelopmentVersions;
            return Err(StoreError::LimitReached { kind, current: versions, max: room.versions });
        }
        Ok(())
    }

    /// The tenant's development versions, `new` apart, that nothing runs and nothing goes back to, the oldest first.
    async fn unused(
        &self,
        transaction: &mut Transaction,
        new: &NewPluginVersion,
    ) -> Result<Vec<Unused>, StoreError> {
        let rows = sqlx::query(
            "SELECT v.digest, v.plugin, v.size_bytes FROM plugin_versions v WHERE v.owner_id = $1 \
             AND v.visibility = 'development' AND v.state = 'development' AND v.digest <> $2 \
             AND NOT EXISTS (SELECT 1 FROM installations i WHERE i.digest = v.digest) \
             AND NOT EXISTS (SELECT 1 FROM installation_history h WHERE h.digest = v.digest AND h.tenant_id = $1) \
             ORDER BY v.offered_as",
        )
        .bind(self.tenant.to_string())
        .bind(&new.digest)
        .fetch_all(&mut **transaction)
        .await?;
        let unused = |row| {
            Ok(Unused {
                digest: text(row, "digest")?,
                size_bytes: number(row, "size_bytes")?,
                is_of_plugin: text(row, "plugin")? == new.plugin,
            })
        };
        rows.iter().map(unused).collect()
    }
}

/// The tenant's development versions: of `plugin`, of all plugins, and the bytes of all.
async fn kept(
    transaction: &mut Transaction,
    tenant: TenantId,
    plugin: &str,
) -> Result<(u64, u64, u64), StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN plugin = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS of_plugin, \
         COUNT(*) AS versions, CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) AS bytes \
         FROM plugin_versions WHERE owner_id = $1 AND visibility = 'development'",
    )
    .bind(tenant.to_string())
    .bind(plugin)
    .fetch_one(&mut **transaction)
    .await?;
    Ok((number(&row, "of_plugin")?, number(&row, "versions")?, number(&row, "bytes")?))
}

/// Removes a development version with its bytes and its changes.
async fn forget(transaction: &mut Transaction, digest: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM packages WHERE digest = $1",
        "DELETE FROM plugin_transitions WHERE digest = $1",
        "DELETE FROM plugin_versions WHERE digest = $1 AND visibility = 'development'",
    ] {
        sqlx::query(sql).bind(digest).execute(&mut **transaction).await?;
    }
    Ok(())
}
