//! Aurora, a made-up platform with accounts: the broadcast is created there by its API, sent to, watched, renamed and
//! ended.
//!
//! | File | Concept |
//! |---|---|
//! | `adapter` | the life of a broadcast: prepare, check, retitle, finish |
//! | `api` | requests to Aurora and what its refusals mean |
//! | `memory` | which broadcast on Aurora belongs to which one here, so that none is created twice |
//!
//! Invariant: a broadcast of the tenant has one broadcast on Aurora, however often `prepare` is called and whatever
//! answer is lost.

mod adapter;
mod api;
mod memory;

#[cfg(test)]
mod tests;

pub use adapter::Aurora;

neustream_plugin::export_destination_with_metadata!(Aurora);
