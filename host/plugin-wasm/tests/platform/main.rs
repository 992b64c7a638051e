//! The plugin platform at its public edge, with real components in it: the bundled adapters, and one that
//! misbehaves on demand. `cargo xtask plugins` builds them.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod adapters;
mod artifacts;
mod breaker;
mod hostile;
mod kit;
mod loading;
mod requests;
mod tape;
