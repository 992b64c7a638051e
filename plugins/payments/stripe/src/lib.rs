//! Payments through Stripe (docs.stripe.com/api).
//!
//! A charge is a Checkout Session in mode `payment`, or a PaymentIntent where
//! the tenant's page shows the payment element itself. Every POST carries the
//! charge's or refund's key as its `Idempotency-Key`, and every object carries
//! it as metadata.
//!
//! How one is found again: Stripe's search is eventually consistent and its
//! lists do not filter by metadata, so the id of what was begun is remembered
//! in kv. Before the id is known, the moment of the request is remembered, and
//! the list, which is consistent, is read back to that moment. Where nothing
//! is remembered nothing is claimed to exist. That is safe for a charge: a
//! session or intent moves no money before the payer acts, the payer is given
//! one only, and within a day a repeated request gives the same one. A refund
//! moves money by itself, so without a written memory none is asked for.
//!
//! Webhooks are believed after `Stripe-Signature` is verified, within 300
//! seconds of its moment. A payer who returns proves nothing; Stripe is asked.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod api;
mod entities;
mod memory;
mod provider;
mod refunds;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;

pub use provider::Stripe;

neustream_plugin::export_payment!(Stripe);
