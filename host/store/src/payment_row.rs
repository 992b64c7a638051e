//! The rows of the payment journal.

use neustream_model::{InstallationId, Reason, TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, number, optional_moment, parsed, text};

/// A charge or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// `nsc-...` or `nsr-...`.
    pub key: String,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The installation that takes the payment.
    pub installation_id: InstallationId,
    /// `sha256:<hex>` of the package that it goes on with.
    pub plugin: String,
    /// The tenant's own name of it, unique among its charges or refunds.
    pub reference: String,
    /// How much, in minor units.
    pub amount_minor: u64,
    /// ISO 4217.
    pub currency: String,
    /// What it is for.
    pub purpose: PaymentPurpose,
    /// The word of its state.
    pub state: String,
    /// Calls that could move money.
    pub attempts: u64,
    /// Look-ups since it changed.
    pub looks: u64,
    /// The latest moment at which a request may have been under way.
    pub sent_by: Option<UnixMillis>,
    /// When it is due.
    pub next_attempt: Option<UnixMillis>,
    /// The provider's id of what was begun.
    pub begun_id: Option<String>,
    /// The provider's id of the payment or refund.
    pub payment_id: Option<String>,
    /// What the payer must do, as JSON.
    pub action: Option<String>,
    /// What the provider keeps: minor units and currency.
    pub fee: Option<(u64, String)>,
    /// Why it is in its state.
    pub reason: Option<Reason>,
    /// What a person must look at.
    pub flag: Option<Reason>,
    /// Who works on it, and until when.
    pub lease: Option<(String, UnixMillis)>,
    /// Grows with every change.
    pub revision: u64,
    /// When it was written first.
    pub created_at: UnixMillis,
    /// When its state changed last.
    pub updated_at: UnixMillis,
}

/// What a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentPurpose {
    /// Somebody pays.
    Charge {
        /// What the payer reads.
        description: String,
        /// An opaque name of the payer.
        payer_ref: String,
        /// Where the payer returns to.
        return_url: String,
    },
    /// Something of a charge is paid back.
    Refund {
        /// The charge's key.
        charge_key: String,
        /// The provider's id of the payment.
        paid_id: String,
    },
}

/// What came of [`crate::TenantStore::open_payment`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentOpened {
    /// It was written.
    New,
    /// The reference has this one; nothing was written.
    Known(Box<PaymentRow>),
    /// A refund of more than is left, or of a charge that is not settled; nothing was written.
    Exceeds {
        /// What is left, in minor units of the charge's currency.
        left_minor: u64,
        /// The charge's currency.
        currency: String,
    },
}

/// What came of [`crate::TenantStore::commit_payment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentCommitted {
    /// It is written.
    Done,
    /// The row has another revision. Nothing was written.
    Stale,
    /// The event is known. Nothing was written.
    Repeated,
}

/// A webhook's event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// Whose webhook.
    pub installation_id: InstallationId,
    /// The provider's id.
    pub event_id: String,
    /// What it is about; none for nothing of the installation's.
    pub payment_key: Option<String>,
    /// When it arrived.
    pub arrived_at: UnixMillis,
}

impl PaymentRow {
    /// What the audit log shows of it.
    pub(crate) fn shown(&self) -> Value {
        let (charge, description) = match &self.purpose {
            PaymentPurpose::Charge { description, .. } => (None, Some(description)),
            PaymentPurpose::Refund { charge_key, .. } => (Some(charge_key), None),
        };
        json!({
            "reference": self.reference,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "description": description,
            "charge": charge,
            "installation_id": self.installation_id,
            "state": self.state,
        })
    }
}

impl PaymentPurpose {
    /// The audit log's word for its beginning.
    pub(crate) fn opening(&self) -> &'static str {
        match self {
            Self::Charge { .. } => "payment.create",
            Self::Refund { .. } => "payment.refund",
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Charge { .. } => "charge",
            Self::Refund { .. } => "refund",
        }
    }
}

impl FromRow<'_, AnyRow> for PaymentRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let purpose = match row.try_get::<Option<String>, _>("charge_key")? {
            Some(charge_key) => PaymentPurpose::Refund { charge_key, paid_id: text(row, "paid_id")? },
            None => PaymentPurpose::Charge {
                description: text(row, "description")?,
                payer_ref: text(row, "payer_ref")?,
                return_url: text(row, "return_url")?,
            },
        };
        let fee: Option<String> = row.try_get("fee_currency")?;
        let lease: Option<String> = row.try_get("lease_holder")?;
        Ok(Self {
            key: text(row, "payment_key")?,
            tenant_id: parsed(row, "tenant_id")?,
            installation_id: parsed(row, "installation_id")?,
            plugin: text(row, "plugin")?,
            reference: text(row, "reference")?,
            amount_minor: number(row, "amount_minor")?,
            currency: text(row, "currency")?,
            purpose,
            state: text(row, "state")?,
            attempts: number(row, "attempts")?,
            looks: number(row, "looks")?,
            sent_by: optional_moment(row, "sent_by")?,
            next_attempt: optional_moment(row, "next_attempt")?,
            begun_id: row.try_get("begun_id")?,
            payment_id: row.try_get("payment_id")?,
            action: row.try_get("action")?,
            fee: fee
                .map(|currency| Ok::<_, sqlx::Error>((number(row, "fee_minor")?, currency)))
                .transpose()?,
            reason: reason(row, "reason_code", "reason_message")?,
            flag: reason(row, "flag_code", "flag_message")?,
            lease: lease
                .map(|holder| Ok::<_, sqlx::Error>((holder, moment(row, "lease_until")?)))
                .transpose()?,
            revision: number(row, "revision")?,
            created_at: moment(row, "created_at")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

fn reason(row: &AnyRow, code: &'static str, message: &'static str) -> sqlx::Result<Option<Reason>> {
    let code: Option<String> = row.try_get(code)?;
    code.map(|code| Ok(Reason { code, message: text(row, message)? })).transpose()
}
