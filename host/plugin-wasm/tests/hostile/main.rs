//! Hostile guests of all four kinds against the runtime: every ceiling, and everything that a guest could want.
//!
//! The galleries of `plugins/hostile` do deeds by name; what no toolchain would write is written by hand
//! (`neustream-hostile`). Each deed ends as its own call's error, and the next call is served.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod answers;
mod ceilings;
mod chat;
mod destinations;
mod handed_over;
mod kit;
mod many;
mod memories;
mod mirror;
mod moderation;
mod payments;
mod places;
mod secrets;
