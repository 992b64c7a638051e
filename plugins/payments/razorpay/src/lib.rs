//! Payments through Razorpay (razorpay.com/docs/api).
//!
//! A charge is an order; the payer pays it in Razorpay's checkout, which the
//! page opens with the order's id. The order's `receipt` is the charge's key,
//! and that is how it is found again: `GET /v1/orders?receipt=`. Razorpay does
//! not refuse a second order with the same receipt, but a payer is given one
//! order only, and an order takes one payment. Refunds carry
//! `X-Refund-Idempotency`, and which payment a refund belongs to is remembered
//! before it is asked for.
//!
//! What the checkout and webhooks bring is believed after its HMAC-SHA256 is
//! verified: by the key secret over the order id *that the host stored* and the
//! payment id, and by the webhook secret over the raw body.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod api;
mod entities;
mod provider;
mod refunds;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;

pub use provider::Razorpay;

neustream_plugin::export_payment!(Razorpay);
