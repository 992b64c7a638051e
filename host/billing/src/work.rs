//! Working on one entry: claim it, call, write down what came of it.

use neustream_contract::CallError;
use neustream_contract::payment::{PaymentFailure, PaymentStatus};

use crate::entry::{Entry, Lease, State};
use crate::error::BillingError;
use crate::journal::{Commit, Committed, EventId};
use crate::key::Holder;
use crate::payments::{Changed, Payments};
use crate::transition::{self, Change};

/// How often a change is decided anew because others changed the entry meanwhile.
const RACES: usize = 16;
/// Calls in a row of one piece of work: start, look up, start again, look up.
const STEPS: usize = 4;

/// A piece of work: who holds the leases that it takes.
pub(crate) struct Work<'a> {
    payments: &'a Payments,
    holder: Holder,
}

impl<'a> Work<'a> {
    pub(crate) fn new(payments: &'a Payments) -> Self {
        Self { payments, holder: Holder::new() }
    }

    /// Works on `entry` unless somebody else does; tells how it stands then.
    pub(crate) async fn go_on(&self, entry: Entry) -> Result<Entry, BillingError> {
        let (journal, now) = (&self.payments.parts.journal, self.payments.now());
        match journal.claim(entry.tenant, &entry.key, &self.lease(), now).await? {
            // Boxed: a request of the API need not carry room for all of it.
            Some(claimed) => Box::pin(self.work_on(claimed)).await,
            None => self.payments.read_again(&entry).await,
        }
    }

    /// Claims what is due.
    pub(crate) async fn claim_due(&self, limit: u32) -> Result<Vec<Entry>, BillingError> {
        let (journal, now) = (&self.payments.parts.journal, self.payments.now());
        Ok(journal.claim_due(&self.lease(), now, limit).await?)
    }

    /// Works on an entry that is claimed, and gives the lease back.
    pub(crate) async fn work_on(&self, mut entry: Entry) -> Result<Entry, BillingError> {
        for _ in 0..STEPS {
            if !entry.is_held_by(&self.holder) {
                return Ok(entry);
            }
            let before = entry.state;
            entry = match entry.state {
                State::Prepared => self.begin(entry).await?,
                State::Calling | State::Unknown | State::ActionRequired | State::Pending => {
                    self.look_up(entry).await?
                }
                State::Declined | State::Settled => entry,
            };
            let is_due = entry.next_attempt.is_some_and(|at| at <= self.payments.now());
            let goes_on = match (before, entry.state) {
                // At once: the provider may have an answer that the payer waits for.
                (State::Prepared, State::Unknown) => true,
                (_, State::Prepared) => is_due,
                _ => false,
            };
            if !goes_on {
                break;
            }
        }
        self.payments.release(entry, &self.holder).await
    }

    /// Calls the provider for a prepared entry. `calling` is in the journal before.
    async fn begin(&self, entry: Entry) -> Result<Entry, BillingError> {
        let (payments, settings) = (self.payments, &self.payments.parts.settings);
        let not_sent =
            |entry: &Entry, error: &CallError| transition::not_sent(entry, error, payments.now(), settings);
        let ready = match payments.ready_for(&entry).await {
            Ok(ready) => ready,
            Err(error) => return self.note(entry, |entry| not_sent(entry, &error)).await,
        };
        let Some(calling) = transition::calling(&entry, &self.lease()) else { return Ok(entry) };
        let commit = Commit { entry: &calling, transfer: None, event: None };
        if payments.parts.journal.commit(commit).await? != Committed::Done {
            // A webhook came first, or the lease is somebody else's by now: nothing is called.
            return payments.read_again(&entry).await;
        }
        let entry = Entry { revision: calling.revision + 1, ..calling };
        match payments.begin(ready, &entry).await {
            Ok(status) => {
                payments.observe(entry, &status, None, Some(&self.holder)).await.map(|(entry, _)| entry)
            }
            Err(PaymentFailure::NotSent(error)) => {
                tracing::info!(key = %entry.key, %error, "a payment was not sent");
                self.note(entry, |entry| not_sent(entry, &error)).await
            }
            Err(PaymentFailure::Unknown(error)) => {
                tracing::warn!(key = %entry.key, %error, "a payment's outcome is unknown");
                let step =
                    |entry: &Entry| transition::outcome_unknown(entry, &error, payments.now(), settings);
                self.note(entry, step).await
            }
        }
    }

    /// Asks the provider what it knows of the entry.
    async fn look_up(&self, entry: Entry) -> Result<Entry, BillingError> {
        let (payments, settings) = (self.payments, &self.payments.parts.settings);
        match payments.find(&entry).await {
            Ok(Some(status)) => {
                let join = |entry: &Entry| {
                    let mut change = transition::observed(entry, &status, payments.now(), settings);
                    if change.entry.state == entry.state {
                        change.entry = transition::looked(&change.entry, payments.now(), settings);
                    }
                    change
                };
                payments.advance(entry, None, Some(&self.holder), join).await.map(|(entry, _)| entry)
            }
            Ok(None) => {
                self.note(entry, |entry| transition::found_nothing(entry, payments.now(), settings)).await
            }
            Err(error) => {
                tracing::info!(key = %entry.key, %error, "a payment could not be looked up");
                let step =
                    |entry: &Entry| transition::look_up_failed(entry, &error, payments.now(), settings);
                self.note(entry, step).await
            }
        }
    }

    async fn note(&self, entry: Entry, step: impl Fn(&Entry) -> Entry) -> Result<Entry, BillingError> {
        let decide = |entry: &Entry| Change::only(step(entry));
        self.payments.advance(entry, None, Some(&self.holder), decide).await.map(|(entry, _)| entry)
    }

    fn lease(&self) -> Lease {
        let until = self.payments.now().plus(self.payments.parts.settings.lease);
        Lease { holder: self.holder.clone(), until }
    }
}

impl Payments {
    /// Joins what the provider told into the entry; tells whether `event` was new.
    pub(crate) async fn observe(
        &self,
        entry: Entry,
        status: &PaymentStatus,
        event: Option<&EventId>,
        holder: Option<&Holder>,
    ) -> Result<(Entry, bool), BillingError> {
        let settings = &self.parts.settings;
        let join = |entry: &Entry| transition::observed(entry, status, self.now(), settings);
        self.advance(entry, event, holder, join).await
    }

    /// Gives `holder`'s lease back.
    async fn release(&self, entry: Entry, holder: &Holder) -> Result<Entry, BillingError> {
        let give_back = |entry: &Entry| {
            let mut next = entry.clone();
            next.lease = next.lease.filter(|lease| lease.holder != *holder);
            Change::only(next)
        };
        self.advance(entry, None, None, give_back).await.map(|(entry, _)| entry)
    }

    /// Writes what `decide` makes of the entry; when others changed it meanwhile, of what it is by then. The lease of
    /// `holder` ends with a change after which there is nothing to call at once. Tells whether `event` was new.
    async fn advance(
        &self,
        mut entry: Entry,
        event: Option<&EventId>,
        holder: Option<&Holder>,
        decide: impl Fn(&Entry) -> Change,
    ) -> Result<(Entry, bool), BillingError> {
        for _ in 0..RACES {
            let Change { entry: mut next, transfer } = decide(&entry);
            let is_between_calls = matches!(next.state, State::Prepared | State::Unknown);
            if !is_between_calls && holder.is_some_and(|holder| next.is_held_by(holder)) {
                next.lease = None;
            }
            if next == entry && event.is_none() {
                return Ok((entry, false));
            }
            if next.state != entry.state {
                next.updated_at = self.now();
            }
            let commit = Commit { entry: &next, transfer: transfer.as_ref(), event };
            match self.parts.journal.commit(commit).await? {
                Committed::Done => {
                    let next = Entry { revision: next.revision + 1, ..next };
                    self.announce(&entry, &next);
                    return Ok((next, true));
                }
                Committed::Repeated => return Ok((entry, false)),
                Committed::Stale => entry = self.read_again(&entry).await?,
            }
        }
        Err(BillingError::Contended)
    }

    fn announce(&self, before: &Entry, after: &Entry) {
        if after.flag.is_some() && before.flag != after.flag {
            tracing::error!(key = %after.key, flag = ?after.flag, "a payment needs a person");
        }
        if before.state == after.state {
            return;
        }
        let kind = if after.key.is_refund() { "refund" } else { "charge" };
        metrics::counter!("neustream_payments_total", "kind" => kind, "state" => after.state.as_str())
            .increment(1);
        let (tenant, key, charge) = (after.tenant, after.key.clone(), after.charge().clone());
        // Nobody has to listen.
        let _receivers = self.changes.send(Changed { tenant, key, charge, state: after.state });
    }

    async fn read_again(&self, entry: &Entry) -> Result<Entry, BillingError> {
        let read = self.parts.journal.entry(entry.tenant, &entry.key).await?;
        read.ok_or(BillingError::ChargeUnknown)
    }
}
