//! Stand-ins for payment providers, strict and faulty.
//!
//! They refuse what the provider's documents forbid, and where a provider
//! only recommends an idempotency key they demand it. Their books are what a
//! test compares: how often money was asked for and moved.

mod fault;
mod localstripe;
mod razorpay;
mod signing;
mod stripe;

pub use fault::{Fault, Faults};
pub use localstripe::LocalStripe;
pub use razorpay::{Order, Paid, RazorpaySite, Refund as RazorpayRefund};
pub use signing::{Delivery, hmac_hex};
pub use stripe::{Outcome, StripeRefund, StripeSite};
