//! What the journal keeps of one charge or refund.

use neustream_contract::Digest;
use neustream_contract::payment::{Money, PayerAction};
use neustream_model::{InstallationId, Reason, TenantId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::key::{Holder, PaymentKey};

/// How an entry stands, in the order of knowledge: news of a provider never lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Written down; the provider has nothing of it.
    Prepared,
    /// The provider is being called, or was when the host died.
    Calling,
    /// The provider may have acted; it must be asked.
    Unknown,
    /// The payer must act.
    ActionRequired,
    /// The provider works on it.
    Pending,
    /// It will not happen.
    Declined,
    /// The money has moved.
    Settled,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 7] = [
        Self::Prepared,
        Self::Calling,
        Self::Unknown,
        Self::ActionRequired,
        Self::Pending,
        Self::Declined,
        Self::Settled,
    ];

    /// The word in the API, the database and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Calling => "calling",
            Self::Unknown => "unknown",
            Self::ActionRequired => "action-required",
            Self::Pending => "pending",
            Self::Declined => "declined",
            Self::Settled => "settled",
        }
    }

    /// The state of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing is left to do.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Settled)
    }
}

/// What an entry is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody pays.
    Charge(ChargeTerms),
    /// Something of a charge is paid back.
    Refund(RefundTerms),
}

/// What the payer reads, and where to return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeTerms {
    /// One line.
    pub description: String,
    /// An opaque name of the payer.
    pub payer_ref: String,
    /// Where the payer returns to.
    pub return_url: String,
}

/// What is paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTerms {
    /// The charge.
    pub charge: PaymentKey,
    /// The provider's id of the payment.
    pub payment_id: String,
}

/// The right to work on an entry, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub holder: Holder,
    /// Until when.
    pub until: UnixMillis,
}

/// One charge or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, here and toward the provider.
    pub key: PaymentKey,
    /// Whose it is.
    pub tenant: TenantId,
    /// The installation that takes the payment.
    pub installation: InstallationId,
    /// The package that it began with and goes on with.
    pub plugin: Digest,
    /// The tenant's own name of it, unique among the tenant's charges or refunds.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub purpose: Purpose,
    /// How it stands.
    pub state: State,
    /// Calls that could move money, and attempts at them that did not get as far.
    pub attempts: u32,
    /// Look-ups since it last changed.
    pub looks: u32,
    /// The latest moment at which a request that could move money may have been under way.
    pub sent_by: Option<UnixMillis>,
    /// When the host works on it again by itself.
    pub next_attempt: Option<UnixMillis>,
    /// The provider's id of what was begun: an order, a session.
    pub begun_id: Option<String>,
    /// The provider's id of the payment or refund.
    pub payment_id: Option<String>,
    /// What the payer must do.
    pub action: Option<PayerAction>,
    /// What the provider keeps, where it told.
    pub fee: Option<Money>,
    /// Why it is in its state, where there is something to say.
    pub reason: Option<Reason>,
    /// What a person must look at. Nothing happens by itself because of it.
    pub flag: Option<Reason>,
    /// Who works on it.
    pub lease: Option<Lease>,
    /// Grows with every change: a change is made only to the revision that it was decided on.
    pub revision: u64,
    /// When it was written first.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
}

impl Entry {
    /// A new entry that nobody has worked on.
    pub fn new(
        scope: (TenantId, InstallationId, Digest),
        reference: &str,
        amount: Money,
        purpose: Purpose,
        now: UnixMillis,
    ) -> Self {
        let (tenant, installation, plugin) = scope;
        let key = match purpose {
            Purpose::Charge(_) => PaymentKey::new_charge(),
            Purpose::Refund(_) => PaymentKey::new_refund(),
        };
        Self {
            key,
            tenant,
            installation,
            plugin,
            reference: reference.to_owned(),
            amount,
            purpose,
            state: State::Prepared,
            attempts: 0,
            looks: 0,
            sent_by: None,
            next_attempt: Some(now),
            begun_id: None,
            payment_id: None,
            action: None,
            fee: None,
            reason: None,
            flag: None,
            lease: None,
            revision: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether somebody new may work on it at `now`.
    pub fn is_free(&self, now: UnixMillis) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.until <= now)
    }

    /// Whether `holder` works on it.
    pub fn is_held_by(&self, holder: &Holder) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.holder == *holder)
    }

    /// The charge that it belongs to: itself, or the one that is paid back.
    pub fn charge(&self) -> &PaymentKey {
        match &self.purpose {
            Purpose::Charge(_) => &self.key,
            Purpose::Refund(terms) => &terms.charge,
        }
    }
}
