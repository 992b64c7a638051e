//! The driver as the API uses it.

use std::fmt;
use std::sync::Arc;

use neustream_contract::Installed;
use neustream_contract::payment::PaymentProviders;
use neustream_model::{InstallationId, TenantId, UnixMillis};
use tokio::sync::broadcast;

use crate::entry::{ChargeTerms, Entry, Purpose, RefundTerms, State};
use crate::error::BillingError;
use crate::journal::{Journal, Opened};
use crate::key::PaymentKey;
use crate::ledger::Transfer;
use crate::order::{Order, RefundOrder};
use crate::settings::{Clock, PaymentsSettings};
use crate::view::{ChargeView, RefundView};
use crate::work::Work;

/// Changes that wait for a slow reader; the oldest are lost, and the reader is told how many.
const CHANGES: usize = 256;
/// What a browser brought back: at most so many fields, of so many bytes each.
const RETURNED_FIELDS: usize = 32;
const RETURNED_BYTES: usize = 4096;

/// What the driver is made of.
pub struct PaymentsParts {
    /// Where entries, events and the ledger are kept.
    pub journal: Arc<dyn Journal>,
    /// The providers.
    pub providers: Arc<dyn PaymentProviders>,
    /// The installations.
    pub installed: Arc<dyn Installed>,
    /// Where the time is read.
    pub clock: Clock,
    /// Times and bounds.
    pub settings: PaymentsSettings,
}

/// The payment driver of one host. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    pub(crate) parts: Arc<PaymentsParts>,
    pub(crate) changes: broadcast::Sender<Changed>,
}

/// A charge or refund got another state; it is written already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its key.
    pub key: PaymentKey,
    /// The charge that it is or belongs to.
    pub charge: PaymentKey,
    /// The new state.
    pub state: State,
}

impl fmt::Debug for Payments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payments").finish_non_exhaustive()
    }
}

impl Payments {
    /// A driver that has done nothing yet; see [`Payments::recover`] and [`Payments::run`].
    pub fn new(parts: PaymentsParts) -> Self {
        Self { parts: Arc::new(parts), changes: broadcast::Sender::new(CHANGES) }
    }

    /// Changes of state from now on, of all tenants. A slow reader loses the oldest of 256.
    pub fn subscribe(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// Starts the charge of `order`, or goes on with the one that has its reference. Whatever the provider answered,
    /// the view tells how it stands: `unknown` and `prepared` are worked on in the background.
    ///
    /// # Errors
    /// [`BillingError::Invalid`], [`BillingError::ReferenceInUse`] when the reference belongs to another order,
    /// [`BillingError::Plugin`] when the installation cannot be called (nothing was written then), and those of the
    /// journal: after one, the same call may be made again.
    pub async fn start(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        order: &Order,
    ) -> Result<ChargeView, BillingError> {
        order.check()?;
        let ready = self.ready(tenant, installation, None).await?;
        let terms = ChargeTerms {
            description: order.description.clone(),
            payer_ref: order.payer_ref.clone(),
            return_url: order.return_url.clone(),
        };
        let scope = (tenant, installation, ready.plugin());
        let purpose = Purpose::Charge(terms);
        let fresh = Entry::new(scope, &order.reference, order.amount.clone(), purpose, self.now());
        let entry = self.open(fresh).await?;
        self.view(entry).await
    }

    /// Pays back something of a settled charge, or goes on with the refund that has this reference. All refunds of a
    /// charge together are at most what was paid.
    ///
    /// # Errors
    /// As [`Payments::start`], and [`BillingError::ChargeUnknown`], [`BillingError::NotSettled`],
    /// [`BillingError::ExceedsPaid`].
    pub async fn refund(
        &self,
        tenant: TenantId,
        charge: &PaymentKey,
        refund: &RefundOrder,
    ) -> Result<RefundView, BillingError> {
        refund.check()?;
        let charge = self.charge_entry(tenant, charge).await?;
        let payment_id = charge.payment_id.clone().filter(|_| charge.state == State::Settled);
        let payment_id = payment_id.ok_or(BillingError::NotSettled)?;
        let terms = RefundTerms { charge: charge.key.clone(), payment_id };
        let scope = (tenant, charge.installation, charge.plugin);
        let purpose = Purpose::Refund(terms);
        let fresh = Entry::new(scope, &refund.reference, refund.amount.clone(), purpose, self.now());
        Ok(RefundView::of(self.open(fresh).await?))
    }

    /// Checks what the payer's browser brought back to the return URL, such as a signature. What it brought is believed
    /// only as far as the plugin verifies it.
    ///
    /// # Errors
    /// [`BillingError::ChargeUnknown`], [`BillingError::NothingToConfirm`], [`BillingError::TooLarge`], and
    /// [`BillingError::Plugin`], of kind `Unauthorized` for what is not genuine.
    pub async fn confirm(
        &self,
        tenant: TenantId,
        charge: &PaymentKey,
        returned: &[(String, String)],
    ) -> Result<ChargeView, BillingError> {
        let is_small = |(name, value): &(String, String)| name.len() + value.len() <= RETURNED_BYTES;
        if returned.len() > RETURNED_FIELDS || !returned.iter().all(is_small) {
            return Err(BillingError::TooLarge("what the browser brought back"));
        }
        let entry = self.charge_entry(tenant, charge).await?;
        if entry.state == State::Settled {
            return self.view(entry).await;
        }
        let begun = entry.begun_id.clone().ok_or(BillingError::NothingToConfirm)?;
        let ready = self.ready_for(&entry).await?;
        let confirmed = ready.provider().confirm(ready.call(), entry.key.as_str(), &begun, returned);
        let status = ready.bounded(confirmed).await??;
        let (entry, _) = self.observe(entry, &status, None, None).await?;
        self.view(entry).await
    }

    /// A charge of the tenant.
    ///
    /// # Errors
    /// [`BillingError::ChargeUnknown`], and those of the journal.
    pub async fn charge(&self, tenant: TenantId, key: &PaymentKey) -> Result<ChargeView, BillingError> {
        let entry = self.charge_entry(tenant, key).await?;
        self.view(entry).await
    }

    /// The tenant's charges, newest first, those before `before`.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<ChargeView>, BillingError> {
        let entries = self.parts.journal.charges(tenant, before, limit).await?;
        let mut views = Vec::with_capacity(entries.len());
        for entry in entries {
            views.push(self.view(entry).await?);
        }
        Ok(views)
    }

    /// The refunds of a charge, oldest first.
    ///
    /// # Errors
    /// [`BillingError::ChargeUnknown`], and those of the journal.
    pub async fn refunds(
        &self,
        tenant: TenantId,
        charge: &PaymentKey,
    ) -> Result<Vec<RefundView>, BillingError> {
        let charge = self.charge_entry(tenant, charge).await?;
        let refunds = self.parts.journal.refunds_of(tenant, &charge.key).await?;
        Ok(refunds.into_iter().map(RefundView::of).collect())
    }

    /// What a charge or refund moved; none before it settled.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn transfer(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
    ) -> Result<Option<Transfer>, BillingError> {
        Ok(self.parts.journal.transfer(tenant, key).await?)
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.parts.clock.now()
    }

    /// Writes `fresh` down and works on it, or goes on with what its reference has.
    async fn open(&self, fresh: Entry) -> Result<Entry, BillingError> {
        let entry = match self.parts.journal.open(&fresh).await? {
            Opened::New => fresh,
            Opened::Known(known) if is_same_order(&known, &fresh) => *known,
            Opened::Known(_) => return Err(BillingError::ReferenceInUse),
            Opened::Exceeds { left } => return Err(BillingError::ExceedsPaid { left }),
        };
        if entry.state >= State::ActionRequired {
            return Ok(entry);
        }
        Work::new(self).go_on(entry).await
    }

    async fn charge_entry(&self, tenant: TenantId, key: &PaymentKey) -> Result<Entry, BillingError> {
        let entry = self.parts.journal.entry(tenant, key).await?;
        entry.filter(|entry| matches!(entry.purpose, Purpose::Charge(_))).ok_or(BillingError::ChargeUnknown)
    }

    async fn view(&self, entry: Entry) -> Result<ChargeView, BillingError> {
        let refunds = if entry.state == State::Settled {
            self.parts.journal.refunds_of(entry.tenant, &entry.key).await?
        } else {
            Vec::new()
        };
        Ok(ChargeView::of(entry, &refunds))
    }
}

/// Whether `known` is what `fresh` asks for. The package may differ: `known` goes on with its own.
fn is_same_order(known: &Entry, fresh: &Entry) -> bool {
    let is_same_money = known.amount == fresh.amount && known.installation == fresh.installation;
    is_same_money && known.purpose == fresh.purpose
}
