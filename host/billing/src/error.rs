//! How a call of [`crate::Payments`] can fail.

use neustream_contract::CallError;
use neustream_contract::payment::Money;

use crate::journal::JournalError;
use crate::order::OrderInvalid;

/// A call of the driver failed. What was begun is in the journal and goes on by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillingError {
    /// The order is wrong.
    #[error(transparent)]
    Invalid(#[from] OrderInvalid),
    /// What came with a request is too large; it was not looked at.
    #[error("{0} is too large")]
    TooLarge(&'static str),
    /// The tenant has no such charge.
    #[error("no such charge")]
    ChargeUnknown,
    /// The reference belongs to an order with other terms.
    #[error("the reference is in use for an order with other terms")]
    ReferenceInUse,
    /// Nothing was begun with the provider that a payer could confirm.
    #[error("the charge waits for no payer")]
    NothingToConfirm,
    /// Only a settled charge can be paid back.
    #[error("the charge is not settled, so nothing of it can be paid back")]
    NotSettled,
    /// More than is left of what was paid.
    #[error("only {} {} of the charge are left", left.minor, left.currency)]
    ExceedsPaid {
        /// What is left, in minor units.
        left: Money,
    },
    /// The plugin, or the way to it.
    #[error(transparent)]
    Plugin(#[from] CallError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Others changed the entry again and again. The next try will do.
    #[error("the charge is being changed by others")]
    Contended,
}
