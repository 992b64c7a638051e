//! The driver of connectors against platforms on loopback.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod batching;
mod bounds;
mod outgoing;
mod polls;
mod requests;
mod sockets;
mod steps;
mod upgrades;
mod webhooks;
mod world;
