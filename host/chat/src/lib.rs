//! Chat connectors and moderation: the host's side of both.
//!
//! | module | concept |
//! |---|---|
//! | [`connector`] | one task an installation drives a reducer: sockets, polls, timers, state that commits with its effects |
//! | [`moderation`] | a tenant's filters in order over batches: plan, look up, judge, record, replay |
//!
//! Plugins are reached through `neustream-contract`'s traits, the outside through
//! `neustream-outbound`, and what must outlive the process through the traits
//! [`connector::ConnectorStore`] and [`moderation::VerdictLog`], which the
//! server implements over the store. Absent: SQL, HTTP routes, rooms, any word
//! about one platform.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod access;
pub mod connector;
mod joined;
pub mod moderation;
#[cfg(feature = "testing")]
pub mod testing;

pub use access::{EgressNotes, Place};
