//! A journal in memory. It outlives the driver, as a database does, and panics on what must never be written.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use neustream_billing::{
    Commit, Committed, Entry, EventId, Journal, JournalError, Lease, Opened, PaymentKey, Purpose, State,
    Transfer,
};
use neustream_contract::payment::Money;
use neustream_model::{InstallationId, TenantId, UnixMillis};

use crate::points::Points;

#[derive(Default)]
pub struct Kept {
    pub entries: BTreeMap<PaymentKey, Entry>,
    pub transfers: BTreeMap<PaymentKey, Transfer>,
    pub events: HashSet<(InstallationId, String, Option<PaymentKey>)>,
    /// Calls that are to fail as an unreachable database does.
    pub outages: u32,
}

pub struct MemoryJournal {
    points: Arc<Points>,
    pub kept: Mutex<Kept>,
}

impl MemoryJournal {
    pub fn new(points: Arc<Points>) -> Self {
        Self { points, kept: Mutex::default() }
    }

    /// One operation: a point, its effect all at once, a point.
    async fn operation<T>(&self, effect: impl FnOnce(&mut Kept) -> T) -> Result<T, JournalError> {
        self.points.pass().await;
        let done = {
            let mut kept = self.kept.lock().unwrap();
            if kept.outages > 0 {
                kept.outages -= 1;
                return Err(JournalError::Unavailable("a test".to_owned()));
            }
            effect(&mut kept)
        };
        self.points.pass().await;
        Ok(done)
    }
}

impl Kept {
    fn left_of(&self, refund: &Entry) -> Money {
        let charge = &self.entries[refund.charge()];
        let counts = |entry: &&Entry| {
            entry.key.is_refund() && entry.charge() == &charge.key && entry.state != State::Declined
        };
        let taken: u64 = self.entries.values().filter(counts).map(|entry| entry.amount.minor).sum();
        Money { minor: charge.amount.minor - taken, currency: charge.amount.currency.clone() }
    }

    fn claim(&mut self, key: &PaymentKey, lease: &Lease, now: UnixMillis) -> Option<Entry> {
        let entry = self.entries.get_mut(key).filter(|entry| entry.is_free(now))?;
        entry.lease = Some(lease.clone());
        entry.revision += 1;
        Some(entry.clone())
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn open(&self, entry: &Entry) -> Result<Opened, JournalError> {
        self.operation(|kept| {
            let is_same = |known: &&Entry| {
                known.tenant == entry.tenant
                    && known.reference == entry.reference
                    && known.key.is_refund() == entry.key.is_refund()
            };
            if let Some(known) = kept.entries.values().find(is_same) {
                return Opened::Known(Box::new(known.clone()));
            }
            if entry.key.is_refund() {
                let left = kept.left_of(entry);
                if left.currency != entry.amount.currency || left.minor < entry.amount.minor {
                    return Opened::Exceeds { left };
                }
            }
            kept.entries.insert(entry.key.clone(), entry.clone());
            Opened::New
        })
        .await
    }

    async fn entry(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Entry>, JournalError> {
        self.operation(|kept| kept.entries.get(key).filter(|entry| entry.tenant == tenant).cloned()).await
    }

    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        self.operation(|kept| {
            let charges = kept.entries.values().rev().filter(|entry| !entry.key.is_refund());
            let of_tenant = charges.filter(|entry| entry.tenant == tenant);
            let page = of_tenant.filter(|entry| before.is_none_or(|before| entry.key < *before));
            page.take(limit as usize).cloned().collect()
        })
        .await
    }

    async fn refunds_of(&self, tenant: TenantId, charge: &PaymentKey) -> Result<Vec<Entry>, JournalError> {
        self.operation(|kept| {
            let refunds = kept.entries.values().filter(|entry| entry.key.is_refund());
            refunds.filter(|entry| entry.tenant == tenant && entry.charge() == charge).cloned().collect()
        })
        .await
    }

    async fn transfer(&self, _: TenantId, key: &PaymentKey) -> Result<Option<Transfer>, JournalError> {
        self.operation(|kept| kept.transfers.get(key).cloned()).await
    }

    async fn claim(
        &self,
        _: TenantId,
        key: &PaymentKey,
        lease: &Lease,
        now: UnixMillis,
    ) -> Result<Option<Entry>, JournalError> {
        self.operation(|kept| kept.claim(key, lease, now)).await
    }

    async fn claim_due(
        &self,
        lease: &Lease,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        self.operation(|kept| {
            let is_due =
                |entry: &&Entry| entry.next_attempt.is_some_and(|at| at <= now) && entry.is_free(now);
            let due: Vec<_> = kept.entries.values().filter(is_due).map(|entry| entry.key.clone()).collect();
            due.iter().take(limit as usize).filter_map(|key| kept.claim(key, lease, now)).collect()
        })
        .await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, JournalError> {
        let Commit { entry, transfer, event } = commit;
        self.operation(|kept| {
            let event = event.map(|event| (event.installation, event.id.clone(), event.key.clone()));
            if event.as_ref().is_some_and(|event| kept.events.contains(event)) {
                return Committed::Repeated;
            }
            let known = &kept.entries[&entry.key];
            if known.revision != entry.revision {
                return Committed::Stale;
            }
            assert!(
                known.state != State::Settled || entry.state == State::Settled,
                "money was unsaid: {known:?}"
            );
            assert_eq!(
                (&known.amount, &known.purpose),
                (&entry.amount, &entry.purpose),
                "terms never change"
            );
            assert_eq!(transfer.is_some(), known.state != State::Settled && entry.state == State::Settled);
            if let Some(transfer) = transfer {
                transfer.check().unwrap();
                let before = kept.transfers.insert(transfer.key.clone(), transfer.clone());
                assert_eq!(before, None, "a second ledger entry");
            }
            kept.entries.insert(entry.key.clone(), Entry { revision: entry.revision + 1, ..entry.clone() });
            kept.events.extend(event);
            Committed::Done
        })
        .await
    }

    async fn note_event(&self, event: &EventId) -> Result<bool, JournalError> {
        let event = (event.installation, event.id.clone(), event.key.clone());
        self.operation(|kept| kept.events.insert(event)).await
    }

    async fn forget_events(&self, _: UnixMillis) -> Result<u64, JournalError> {
        self.operation(|kept| kept.events.drain().count() as u64).await
    }
}

impl Kept {
    /// The only charge.
    pub fn only_charge(&self) -> &Entry {
        let mut charges = self.entries.values().filter(|entry| matches!(entry.purpose, Purpose::Charge(_)));
        let only = charges.next().unwrap();
        assert!(charges.next().is_none(), "more than one charge");
        only
    }
}
