//! The driver against a strict provider and a journal in memory, both of which can be interrupted anywhere.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod charges;
mod interleavings;
mod journal;
mod killed;
mod points;
mod provider;
mod refunds;
mod webhooks;
mod world;
