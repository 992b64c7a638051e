//! The scopes of the store: an organisation, one of its apps, and the host.

use std::ops::Deref;
use std::sync::Arc;

use neustream_model::{AppId, TenantId};
use sqlx::Any;
use sqlx::pool::PoolConnection;

use crate::audit::{Chain, Entry};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Actor, Store, StoreError};

/// Everything that belongs to one organisation (tenant). Every query names it, and on PostgreSQL row-level security
/// holds where one forgets to: [`TenantStore::begin`], [`TenantStore::begin_reading`] and [`TenantStore::connection`]
/// are the only doors to the database.
#[derive(Debug, Clone)]
pub struct TenantStore {
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
    /// Only rows of this app, or those of every app.
    pub(crate) app: Option<AppId>,
    actor: Arc<Actor>,
}

/// What belongs to an app of an organisation: sources, installations and what hangs off them.
#[derive(Debug, Clone)]
pub struct AppStore {
    tenant: TenantStore,
}

/// What the host itself needs across tenants: never hand it to a handler that acts for a tenant.
#[derive(Debug, Clone)]
pub struct HostStore {
    pub(crate) store: Store,
    actor: Arc<Actor>,
}

/// For whom a service does something: for an app of an organisation, as the caller acts in it, or for all of an
/// organisation that is named by its id alone.
pub trait Scoped: Send {
    /// The scope in the store.
    fn scope_in(self, store: &Store) -> AppStore;
}

impl Scoped for TenantId {
    fn scope_in(self, store: &Store) -> AppStore {
        store.tenant(self).every_app()
    }
}

impl Scoped for &AppStore {
    fn scope_in(self, _: &Store) -> AppStore {
        self.clone()
    }
}

impl TenantStore {
    pub(crate) fn new(store: Store, tenant: TenantId) -> Self {
        Self { store, tenant, app: None, actor: Arc::new(Actor::of_task()) }
    }

    /// Whose scope this is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The same scope, in which `actor` acts: the audit log says so.
    #[must_use]
    pub fn acting_as(mut self, actor: Actor) -> Self {
        self.actor = Arc::new(actor);
        self
    }

    /// Who acts: whoever was named, or [`Actor::of_task`].
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The scope of one app of the organisation.
    pub fn app(&self, app: AppId) -> AppStore {
        AppStore { tenant: Self { app: Some(app), ..self.clone() } }
    }

    /// The scope of all apps of the organisation together: for the host, and for what an organisation sees as a
    /// whole. What is made in it belongs to the default app.
    pub fn every_app(&self) -> AppStore {
        AppStore { tenant: Self { app: None, ..self.clone() } }
    }

    /// The app as it is bound to a query.
    pub(crate) fn app_text(&self) -> Option<String> {
        self.app.map(|app| app.to_string())
    }

    /// Begins a transaction that changes something. On SQLite it is the only one at a time, so that what it reads
    /// stays true until it writes.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        Transaction::changing_tenant(&self.store, self.tenant).await
    }

    /// Begins a transaction that sees one moment of the database and changes nothing.
    pub(crate) async fn begin_reading(&self) -> Result<Transaction, StoreError> {
        Transaction::reading_tenant(&self.store, self.tenant).await
    }

    /// A connection for one query.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.store.tenant_connection(self.tenant).await
    }

    /// Writes an entry about something that is not kept in the database, such as the end of a stream.
    pub async fn write_down(&self, entry: Entry) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.audit(&mut transaction, entry);
            transaction.commit().await
        })
        .await
    }

    /// Leaves an entry in the organisation's audit log, written when the transaction is committed.
    pub(crate) fn audit(&self, transaction: &mut Transaction, entry: Entry) {
        transaction.note(Chain::Organisation(self.tenant), *self.actor, entry);
    }
}

/// Whether a row's installation (column `$of`) is one of the app that is bound to `$app`; where none is bound, it is.
macro_rules! in_app {
    ($of:literal, $app:literal) => {
        concat!(
            "(",
            $app,
            " IS NULL OR ",
            $of,
            " IN (SELECT i.id FROM installations i WHERE i.tenant_id = $1 \
             AND i.app_id = ",
            $app,
            "))"
        )
    };
}

/// Whether a row's installation, which may be gone, is not one of another app than the one that is bound to `$app`.
macro_rules! in_no_other_app {
    ($of:literal, $app:literal) => {
        concat!(
            "(",
            $app,
            " IS NULL OR ",
            $of,
            " NOT IN (SELECT i.id FROM installations i WHERE i.tenant_id = $1 \
             AND i.app_id <> ",
            $app,
            "))"
        )
    };
}

pub(crate) use {in_app, in_no_other_app};

impl AppStore {
    /// The app; none where it is all of them.
    pub fn app_id(&self) -> Option<AppId> {
        self.tenant.app
    }

    /// The organisation's scope.
    pub fn organisation(&self) -> &TenantStore {
        &self.tenant
    }
}

impl Deref for AppStore {
    type Target = TenantStore;

    fn deref(&self) -> &TenantStore {
        &self.tenant
    }
}

impl HostStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, actor: Arc::new(Actor::of_task()) }
    }

    /// The same scope, in which `actor` acts: the audit log says so.
    #[must_use]
    pub fn acting_as(mut self, actor: Actor) -> Self {
        self.actor = Arc::new(actor);
        self
    }

    /// Who acts: whoever was named, or [`Actor::of_task`].
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Begins a transaction that changes something. On SQLite it is the only one at a time.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        Transaction::changing_host(&self.store).await
    }

    /// Leaves an entry in the platform's audit log, written when the transaction is committed.
    pub(crate) fn audit(&self, transaction: &mut Transaction, entry: Entry) {
        transaction.note(Chain::Platform, *self.actor, entry);
    }

    /// Leaves an entry in an organisation's audit log, written when the transaction is committed.
    pub(crate) fn audit_in(&self, transaction: &mut Transaction, tenant: TenantId, entry: Entry) {
        transaction.note(Chain::Organisation(tenant), *self.actor, entry);
    }
}
