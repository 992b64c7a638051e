//! The payment driver: whatever is interrupted, a payer is charged once.
//!
//! [`Payments`] takes orders, and calls payment providers through the contract
//! of `neustream-contract`. Every charge and refund is an [`Entry`] of the
//! [`Journal`], written *before* the provider is called:
//!
//! ```text
//! prepared → calling → action-required | pending → settled
//!                 ↘ unknown ↗                    ↘ declined
//! ```
//!
//! Invariants:
//! - `calling` is in the journal before a request leaves. Whoever finds an entry
//!   there after a crash asks the provider (`find`) and never repeats blindly.
//! - One host at a time works on an entry: it holds the entry's [`Lease`].
//! - What the provider tells, in an answer, a webhook or a look-up, is joined
//!   into the entry by rank ([`transition`]), so that late, repeated and
//!   disordered news give one result. Money that moved is never unsaid.
//! - A settlement or refund gives one [`Transfer`] of the ledger, in the same
//!   transaction as the state, ever.
//! - Amounts are integers in minor units; one that differs from the order is
//!   flagged for a person and moves nothing.
//! - An entry goes on with the package that it began with.
//!
//! [`Period`] counts the periods of subscriptions.
//!
//! Absent: SQL (behind [`Journal`]), HTTP, any word about one provider, prices,
//! plans and invoices.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod call;
mod entry;
mod error;
mod journal;
mod key;
mod ledger;
mod order;
mod payments;
mod period;
mod recovery;
mod settings;
pub mod transition;
mod view;
mod webhook;
mod work;

pub use entry::{ChargeTerms, Entry, Lease, Purpose, RefundTerms, State};
pub use error::BillingError;
pub use journal::{Commit, Committed, EventId, Journal, JournalError, Opened};
pub use key::{Holder, KeyMalformed, PaymentKey};
pub use ledger::{Account, AccountUnknown, Line, Transfer, Unbalanced};
pub use order::{MAX_MINOR, Order, OrderInvalid, RefundOrder};
pub use payments::{Changed, Payments, PaymentsParts};
pub use period::Period;
pub use settings::{Clock, PaymentsSettings};
pub use view::{ChargeView, RefundView};
pub use webhook::Received;
