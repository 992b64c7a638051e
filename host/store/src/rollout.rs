//! How far new versions have gone out to installations that are upgraded automatically.

use neustream_model::UnixMillis;
use sqlx::FromRow;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::row::{moment, number, text, to_sql};
use crate::store::within;
use crate::{Entry, HostStore, StoreError, Target};

/// The way of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutRow {
    /// `sha256:<hex>`.
    pub digest: String,
    /// The plugin.
    pub plugin: String,
    /// The ring that it has reached: 1, 10 or 100.
    pub ring: u64,
    /// Since when.
    pub since: UnixMillis,
    /// Automatic upgrades to it.
    pub upgraded: u64,
    /// Automatic rollbacks from it.
    pub rolled_back: u64,
    /// Why it goes no further.
    pub halted: Option<String>,
}

impl FromRow<'_, AnyRow> for RolloutRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            digest: text(row, "digest")?,
            plugin: text(row, "plugin")?,
            ring: number(row, "ring")?,
            since: moment(row, "since")?,
            upgraded: number(row, "upgraded")?,
            rolled_back: number(row, "rolled_back")?,
            halted: row.try_get("halted")?,
        })
    }
}

impl HostStore {
    /// The way of the package `digest`; the first call begins it at ring 1.
    pub async fn ensure_rollout(
        &self,
        digest: &str,
        plugin: &str,
        now: UnixMillis,
    ) -> Result<RolloutRow, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "INSERT INTO rollouts (digest, plugin, ring, since, upgraded, rolled_back) \
                 VALUES ($1, $2, 1, $3, 0, 0) \
                 ON CONFLICT (digest) DO UPDATE SET plugin = excluded.plugin RETURNING *",
            )
            .bind(digest)
            .bind(plugin)
            .bind(to_sql(now.0))
            .fetch_one(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await
    }

    /// Moves a rollout on from ring `from` to ring `to`. False when it is not there (any more): another host did it.
    pub async fn advance_rollout(
        &self,
        digest: &str,
        from: u64,
        to: u64,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        within(async {
            let result = sqlx::query(
                "UPDATE rollouts SET ring = $3, since = $4 WHERE digest = $1 AND ring = $2 AND halted IS NULL",
            )
            .bind(digest)
            .bind(to_sql(from))
            .bind(to_sql(to))
            .bind(to_sql(now.0))
            .execute(&self.store.pool)
            .await?;
            Ok(result.rows_affected() > 0)
        })
        .await
    }

    /// Counts an automatic upgrade to the package.
    pub async fn count_upgrade(&self, digest: &str) -> Result<(), StoreError> {
        within(async {
            sqlx::query("UPDATE rollouts SET upgraded = upgraded + 1 WHERE digest = $1")
                .bind(digest)
                .execute(&self.store.pool)
                .await?;
            Ok(())
        })
        .await
    }

    /// Counts an automatic rollback from the package; tells how it stands now, where it is rolled out at all.
    pub async fn count_rollback(&self, digest: &str) -> Result<Option<RolloutRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "UPDATE rollouts SET rolled_back = rolled_back + 1 WHERE digest = $1 RETURNING *",
            )
            .bind(digest)
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await
    }

    /// The way of the package `digest`, where it is rolled out.
    pub async fn rollout(&self, digest: &str) -> Result<Option<RolloutRow>, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM rollouts WHERE digest = $1")
                .bind(digest)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(row)
        })
        .await
    }

    /// Lets a halted rollout go on in the ring where it stopped, with a new soak time and fresh counts. One that is not
    /// halted stays as it is; none where the package is not rolled out.
    pub async fn resume_rollout(
        &self,
        digest: &str,
        now: UnixMillis,
    ) -> Result<Option<RolloutRow>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let resumed = sqlx::query(
                "UPDATE rollouts SET halted = NULL, upgraded = 0, rolled_back = 0, since = $2 \
                 WHERE digest = $1 AND halted IS NOT NULL",
            )
            .bind(digest)
            .bind(to_sql(now.0))
            .execute(&mut *transaction)
            .await?;
            if resumed.rows_affected() > 0 {
                self.audit(
                    &mut transaction,
                    Entry::new("rollout.resume", Target::new("plugin-version", digest)),
                );
            }
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        self.rollout(digest).await
    }

    /// Stops a rollout where it is.
    pub async fn halt_rollout(&self, digest: &str, reason: &str) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query("UPDATE rollouts SET halted = $2 WHERE digest = $1")
                .bind(digest)
                .bind(reason)
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("rollout.halt", Target::new("plugin-version", digest));
            self.audit(&mut transaction, entry.reason(reason));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
