//! One call of an entry's provider.

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::payment::{Charge, PaymentFailure, PaymentProvider, PaymentStatus};
use neustream_contract::{Call, CallError, CallErrorKind, Digest};
use neustream_model::{InstallationId, TenantId};

use crate::entry::{Entry, Purpose};
use crate::payments::Payments;
use crate::settings::LEASE_MARGIN;

/// A provider, and the circumstances of the next call.
pub(crate) struct Ready {
    call: Call,
    provider: Arc<dyn PaymentProvider>,
    /// A provider that does not keep its deadline is left behind after this.
    patience: Duration,
}

impl Payments {
    /// The provider of an installation; with `pin`, the one that something was begun with.
    pub(crate) async fn ready(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Ready, CallError> {
        let mut call = self.parts.installed.call(tenant, installation, pin).await?;
        let most = self.parts.settings.lease.saturating_sub(LEASE_MARGIN);
        call.deadline = call.deadline.min(most);
        let provider = self.parts.providers.provider(&call.plugin).await?;
        Ok(Ready { patience: call.deadline + LEASE_MARGIN / 3, call, provider })
    }

    /// The provider of an entry, with the package that the entry began with.
    pub(crate) async fn ready_for(&self, entry: &Entry) -> Result<Ready, CallError> {
        let mut ready = self.ready(entry.tenant, entry.installation, Some(entry.plugin)).await?;
        ready.call.attempt = entry.attempts.max(1);
        Ok(ready)
    }
}

impl Payments {
    /// Starts the charge or makes the refund of `entry`; once more with fresh credentials where the provider refused
    /// the ones that the host keeps and may refresh.
    pub(crate) async fn begin(&self, ready: Ready, entry: &Entry) -> Result<PaymentStatus, PaymentFailure> {
        let begun = ready.begin(entry).await;
        match &begun {
            Err(PaymentFailure::NotSent(error)) if self.has_new_credentials(&ready, error).await => {
                let ready = self.ready_for(entry).await.map_err(PaymentFailure::NotSent)?;
                ready.begin(entry).await
            }
            _ => begun,
        }
    }

    /// Asks what the provider knows of `entry`, with fresh credentials as above.
    pub(crate) async fn find(&self, entry: &Entry) -> Result<Option<PaymentStatus>, CallError> {
        let ready = self.ready_for(entry).await?;
        match ready.find(entry).await {
            Err(error) if self.has_new_credentials(&ready, &error).await => {
                self.ready_for(entry).await?.find(entry).await
            }
            found => found,
        }
    }

    async fn has_new_credentials(&self, ready: &Ready, error: &CallError) -> bool {
        error.kind == CallErrorKind::Unauthorized && self.parts.installed.refused(&ready.call).await
    }
}

impl Ready {
    /// The package that will run.
    pub(crate) fn plugin(&self) -> Digest {
        self.call.plugin
    }

    pub(crate) fn call(&self) -> &Call {
        &self.call
    }

    pub(crate) fn provider(&self) -> &dyn PaymentProvider {
        &*self.provider
    }

    /// Starts the charge or makes the refund of `entry`.
    async fn begin(&self, entry: &Entry) -> Result<PaymentStatus, PaymentFailure> {
        let key = entry.key.as_str();
        let begun = async {
            match &entry.purpose {
                Purpose::Charge(terms) => {
                    let charge = Charge {
                        key: key.to_owned(),
                        amount: entry.amount.clone(),
                        description: terms.description.clone(),
                        payer_ref: terms.payer_ref.clone(),
                        return_url: terms.return_url.clone(),
                    };
                    self.provider.start(&self.call, &charge).await
                }
                Purpose::Refund(terms) => {
                    self.provider.refund(&self.call, key, &terms.payment_id, &entry.amount).await
                }
            }
        };
        self.bounded(begun).await.unwrap_or_else(|error| Err(PaymentFailure::Unknown(error)))
    }

    /// Asks what the provider knows of `entry`.
    async fn find(&self, entry: &Entry) -> Result<Option<PaymentStatus>, CallError> {
        self.bounded(self.provider.find(&self.call, entry.key.as_str())).await?
    }

    /// Bounds any call of the provider.
    pub(crate) async fn bounded<T>(&self, work: impl Future<Output = T>) -> Result<T, CallError> {
        tokio::time::timeout(self.patience, work).await.map_err(|_| {
            CallError::new(CallErrorKind::Timeout, "timed-out", "The payment plugin did not answer in time.")
        })
    }
}
