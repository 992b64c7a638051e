//! What must outlive the process, behind a trait.

use async_trait::async_trait;
use neustream_contract::payment::Money;
use neustream_model::{InstallationId, TenantId, UnixMillis};

use crate::entry::{Entry, Lease};
use crate::key::PaymentKey;
use crate::ledger::Transfer;

/// The journal does not answer, or says what cannot be. Nothing was written, or all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// It cannot be reached now.
    #[error("the payment journal is unavailable: {0}")]
    Unavailable(String),
    /// It holds, or was given, what no entry can be.
    #[error("the payment journal is broken: {0}")]
    Broken(String),
}

/// What came of [`Journal::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The entry was written.
    New,
    /// The tenant's reference has this entry already; nothing was written.
    Known(Box<Entry>),
    /// A refund of more than is left of what was paid; nothing was written.
    Exceeds {
        /// What is left.
        left: Money,
    },
}

/// A webhook's event as the journal remembers it: once an installation and key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventId {
    /// Whose webhook.
    pub installation: InstallationId,
    /// The provider's id of the event.
    pub id: String,
    /// The entry that it is about; none for one that the journal does not have.
    pub key: Option<PaymentKey>,
    /// When it arrived.
    pub at: UnixMillis,
}

/// A change of one entry, all of it in one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// The entry as it shall be; its `revision` is still the one that the change was decided on.
    pub entry: &'a Entry,
    /// What it moves.
    pub transfer: Option<&'a Transfer>,
    /// The event that brought it.
    pub event: Option<&'a EventId>,
}

/// What came of [`Journal::commit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is written; the entry's revision is one higher.
    Done,
    /// The entry has changed meanwhile. Nothing was written: read and decide again.
    Stale,
    /// The event is known. Nothing was written.
    Repeated,
}

/// The payment journal: entries, events, ledger.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Writes a new entry, unless the tenant's reference has one (charges and refunds apart). A refund counts against
    /// its charge together with all others that are not declined, in one transaction: never more than was paid.
    async fn open(&self, entry: &Entry) -> Result<Opened, JournalError>;

    /// An entry of a tenant.
    async fn entry(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Entry>, JournalError>;

    /// The charges of a tenant, newest first, those before `before`.
    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError>;

    /// The refunds of a charge, oldest first.
    async fn refunds_of(&self, tenant: TenantId, charge: &PaymentKey) -> Result<Vec<Entry>, JournalError>;

    /// The transfer of an entry.
    async fn transfer(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Transfer>, JournalError>;

    /// Takes the lease of an entry that nobody else holds at `now`; the entry's revision is one higher. None when
    /// somebody does, or there is no such entry.
    async fn claim(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        lease: &Lease,
        now: UnixMillis,
    ) -> Result<Option<Entry>, JournalError>;

    /// Claims the entries that are due (`next_attempt` is not after `now`) and that nobody holds, the most overdue
    /// first.
    async fn claim_due(&self, lease: &Lease, now: UnixMillis, limit: u32)
    -> Result<Vec<Entry>, JournalError>;

    /// Writes a change, all of it or nothing.
    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, JournalError>;

    /// Remembers an event that is about no entry. False when it is known.
    async fn note_event(&self, event: &EventId) -> Result<bool, JournalError>;

    /// Forgets events that arrived before `before`; tells how many.
    async fn forget_events(&self, before: UnixMillis) -> Result<u64, JournalError>;
}
