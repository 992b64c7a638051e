//! The plugin platform at its public edge, with real components in it: the bundled adapters, and one that
//! misbehaves on demand. `cargo xtask plugins` builds them.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod activity;
mod adapters;
mod artifacts;
mod breaker;
mod filters;
mod grants;
mod hostile;
mod kinds;
mod kit;
mod loading;
mod local;
mod requests;
mod revocation;
mod scans;
mod tape;
mod versions;
