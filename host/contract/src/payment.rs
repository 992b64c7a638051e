//! The contract of payment providers (WIT package `neustream:payment`).

use std::sync::Arc;

use async_trait::async_trait;
use neustream_model::Reason;
use serde::{Deserialize, Serialize};

use crate::package::Digest;
use crate::{Call, CallError, Manifest};

/// An amount in minor units of an ISO 4217 currency; never floating point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Cents, paise, ...
    pub minor: u64,
    /// Three capital letters.
    pub currency: String,
}

/// What is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Unique and stable over every attempt.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// What the payer reads.
    pub description: String,
    /// An opaque name of the payer.
    pub payer_ref: String,
    /// Where the payer returns to.
    pub return_url: String,
}

/// A payment that the provider has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's id of it.
    pub provider_id: String,
    /// How much.
    pub amount: Money,
    /// What the provider keeps, where it tells.
    pub fee: Option<Money>,
}

/// What the payer must do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerAction {
    /// The provider's id of what was begun.
    pub provider_id: String,
    /// Where to send the payer.
    pub url: Option<String>,
    /// What the page's script needs.
    pub parameters: Vec<(String, String)>,
}

/// How a charge or a refund stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentStatus {
    /// The money has moved.
    Settled(Receipt),
    /// The provider works on it.
    Pending(Receipt),
    /// The payer must act.
    ActionRequired(PayerAction),
    /// It will not happen.
    Declined(Reason),
}

/// How a call that moves money fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentFailure {
    /// Proven: the provider has not acted on it. May be repeated. The runtime says so where no request left; the
    /// plugin says so where the provider said so.
    #[error("not sent: {0}")]
    NotSent(CallError),
    /// It may have acted: ask `find`, never repeat blindly.
    #[error("outcome unknown: {0}")]
    Unknown(CallError),
}

/// What a provider sent to the host, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// What became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The provider's id of the event.
    pub event_id: String,
    /// The charge's key; none when the event is about none of the host's.
    pub key: Option<String>,
    /// How it stands.
    pub status: PaymentStatus,
}

/// A payment provider of one plugin. Stateless between calls.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// What the plugin says about itself.
    fn manifest(&self) -> &Manifest;

    /// Begins a charge.
    async fn start(&self, call: &Call, charge: &Charge) -> Result<PaymentStatus, PaymentFailure>;

    /// What the provider knows about the charge or refund `key`; none: nothing, so it may be started.
    async fn find(&self, call: &Call, key: &str) -> Result<Option<PaymentStatus>, CallError>;

    /// Checks what the payer's browser brought back.
    async fn confirm(
        &self,
        call: &Call,
        key: &str,
        provider_id: &str,
        returned: &[(String, String)],
    ) -> Result<PaymentStatus, CallError>;

    /// Pays back; `key` is the refund's own.
    async fn refund(
        &self,
        call: &Call,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<PaymentStatus, PaymentFailure>;

    /// Reads a webhook; one that is not genuine is [`crate::CallErrorKind::Unauthorized`].
    async fn receive(&self, call: &Call, webhook: &Webhook) -> Result<Vec<Update>, CallError>;
}

/// Finds providers by the digest of their package.
#[async_trait]
pub trait PaymentProviders: Send + Sync {
    /// The provider in the package `plugin`, ready to be called.
    ///
    /// # Errors
    /// [`crate::CallErrorKind::NotRunnable`] when there is none or it may not run.
    async fn provider(&self, plugin: &Digest) -> Result<Arc<dyn PaymentProvider>, CallError>;
}
