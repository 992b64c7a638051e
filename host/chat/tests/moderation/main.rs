//! The pipeline of filters.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod filters;
mod lookups;
mod replays;
mod world;
