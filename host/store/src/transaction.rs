//! The doors to the database: transactions and connections.
//!
//! On PostgreSQL those of a tenant come from a pool of their own, which runs
//! as a role that sees only rows of the tenant that is set (`row_security`).
//! On SQLite, which has one writer at a time, writers queue here, first come,
//! first served: its own waiting is a lottery of ever longer sleeps.
//!
//! Entries of the audit log wait in their transaction and are written last,
//! when it is committed: the head of a chain, which each of them changes, is
//! then locked for the time of the commit alone and never before another row.

use std::ops::{Deref, DerefMut};

use neustream_model::{TenantId, UnixMillis};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe};
use tokio::sync::OwnedSemaphorePermit;

use crate::audit::{self, Chain, Entry};
use crate::idempotency::mark_made;
use crate::{Actor, Store, StoreError};

/// Work that is done as a whole or not at all. Dropped without [`Transaction::commit`] it never was.
pub(crate) struct Transaction {
    work: sqlx::Transaction<'static, Any>,
    notes: Vec<(Chain, Actor, Entry)>,
    // After `work`: the next writer's turn comes when this one has ended.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// For a tenant's changes.
    pub(crate) async fn changing_tenant(store: &Store, tenant: TenantId) -> Result<Self, StoreError> {
        if store.is_sqlite {
            return Self::changing_sqlite(store).await;
        }
        // One message to the server. The id is a UUID: nothing in it needs quoting.
        let begin = AssertSqlSafe(format!("BEGIN; SET LOCAL neustream.tenant = '{tenant}'"));
        Ok(Self::of(store.tenant_pool.begin_with(begin).await?))
    }

    /// For what a tenant reads at one moment.
    pub(crate) async fn reading_tenant(store: &Store, tenant: TenantId) -> Result<Self, StoreError> {
        if store.is_sqlite {
            return Ok(Self::of(store.pool.begin().await?));
        }
        let begin = AssertSqlSafe(format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL neustream.tenant = '{tenant}'"
        ));
        Ok(Self::of(store.tenant_pool.begin_with(begin).await?))
    }

    /// For the host's changes.
    pub(crate) async fn changing_host(store: &Store) -> Result<Self, StoreError> {
        if store.is_sqlite {
            return Self::changing_sqlite(store).await;
        }
        Ok(Self::of(store.pool.begin().await?))
    }

    async fn changing_sqlite(store: &Store) -> Result<Self, StoreError> {
        // The turn comes before the connection, so that those who wait leave connections to readers.
        let turn = store.writers.clone().acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Unavailable("the store is closed".into()))?;
        let work = store.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Self { _turn: Some(turn), ..Self::of(work) })
    }

    fn of(work: sqlx::Transaction<'static, Any>) -> Self {
        Self { work, notes: Vec::new(), _turn: None }
    }

    /// Keeps an entry until the commit.
    pub(crate) fn note(&mut self, chain: Chain, actor: Actor, entry: Entry) {
        self.notes.push((chain, actor, entry));
    }

    /// Writes the entries of the audit log and makes everything last.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if !self.notes.is_empty() {
            let notes = std::mem::take(&mut self.notes);
            let claimed = notes.iter().find_map(|(_, actor, entry)| Some((actor.claim?, &entry.target)));
            if let Some((claim, target)) = claimed {
                mark_made(&mut self.work, claim, target.kind, &target.id).await?;
            }
            audit::append(&mut self.work, notes, UnixMillis::now()).await?;
        }
        self.work.commit().await?;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.work
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.work
    }
}

impl Store {
    /// A connection for one query of a tenant.
    pub(crate) async fn tenant_connection(
        &self,
        tenant: TenantId,
    ) -> Result<PoolConnection<Any>, StoreError> {
        if self.is_sqlite {
            return Ok(self.pool.acquire().await?);
        }
        let mut connection = self.tenant_pool.acquire().await?;
        // It keeps the last tenant's name until here: this pool has no other door.
        sqlx::query("SELECT set_config('neustream.tenant', $1, false)")
            .bind(tenant.to_string())
            .execute(&mut *connection)
            .await?;
        Ok(connection)
    }
}
