//! A charge or refund as its tenant sees it.

use neustream_contract::payment::{Money, PayerAction};
use neustream_model::{InstallationId, Reason, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Purpose, State};
use crate::key::PaymentKey;

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeView {
    /// Its key.
    pub key: PaymentKey,
    /// The tenant's reference.
    pub reference: String,
    /// The installation that takes the payment.
    pub installation: InstallationId,
    /// `sha256:<hex>` of the package that it goes on with.
    pub plugin: String,
    /// How much.
    pub amount: Money,
    /// What the payer reads.
    pub description: String,
    /// How it stands.
    pub state: State,
    /// What the payer must do, while that is so.
    pub action: Option<PayerAction>,
    /// The provider's id of the payment.
    pub payment_id: Option<String>,
    /// What the provider keeps, where it told.
    pub fee: Option<Money>,
    /// What was paid back or is being paid back, in minor units of the amount's currency.
    pub refunded_minor: u64,
    /// Why it is in its state.
    pub reason: Option<Reason>,
    /// What a person must look at.
    pub flag: Option<Reason>,
    /// When it was ordered.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// Its key.
    pub key: PaymentKey,
    /// The tenant's reference.
    pub reference: String,
    /// The charge that is paid back.
    pub charge: PaymentKey,
    /// How much.
    pub amount: Money,
    /// How it stands.
    pub state: State,
    /// The provider's id of the refund.
    pub refund_id: Option<String>,
    /// Why it is in its state.
    pub reason: Option<Reason>,
    /// What a person must look at.
    pub flag: Option<Reason>,
    /// When it was ordered.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
}

impl ChargeView {
    /// The charge `entry` with its `refunds`.
    pub(crate) fn of(entry: Entry, refunds: &[Entry]) -> Self {
        let counted = refunds.iter().filter(|refund| refund.state != State::Declined);
        let description = match entry.purpose {
            Purpose::Charge(terms) => terms.description,
            Purpose::Refund(_) => String::new(),
        };
        Self {
            key: entry.key,
            reference: entry.reference,
            installation: entry.installation,
            plugin: entry.plugin.to_string(),
            refunded_minor: counted.map(|refund| refund.amount.minor).sum(),
            amount: entry.amount,
            description,
            action: entry.action.filter(|_| entry.state == State::ActionRequired),
            state: entry.state,
            payment_id: entry.payment_id,
            fee: entry.fee,
            reason: entry.reason,
            flag: entry.flag,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}

impl RefundView {
    /// The refund `entry`.
    pub(crate) fn of(entry: Entry) -> Self {
        Self {
            charge: entry.charge().clone(),
            key: entry.key,
            reference: entry.reference,
            amount: entry.amount,
            state: entry.state,
            refund_id: entry.payment_id,
            reason: entry.reason,
            flag: entry.flag,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}
