//! Runs plugins: the only crate that names wasmtime.
//!
//! A plugin is code of a stranger. The invariants that make it harmless:
//!
//! - **Nothing ambient.** A guest has the imports of `wit/host` and nothing
//!   else, no WASI; each is checked against the manifest when it is loaded and
//!   passes one door ([`HostCall`], [`Tape`]) when it is used.
//! - **Nothing unbounded.** Memory, tables, stack, CPU, wall-clock time, bytes
//!   over the border, requests, log lines, kv, calls at the same time: each has
//!   a ceiling, and a breaker stops what keeps failing.
//! - **Nothing shared.** Every call has a fresh Store that is discarded after
//!   it, on threads of this platform; media never waits for a guest.
//! - **Nothing secret.** Guests name secrets; the bytes are joined behind the
//!   door, only toward hosts that the manifest binds them to.
//! - **Nothing unchecked is executed.** Code is compiled in a child process
//!   with limits, and only artifacts that this host authenticated are loaded.
//!
//! | file | concept |
//! |---|---|
//! | `plugins` | registering, loading, listing, finding ([`Plugins`]) |
//! | `plugin` | one plugin bound to this host |
//! | `call`, `meter`, `limits`, `fault` | one call: admission, budgets, ceilings, what ended it |
//! | `door`, `imports/*`, `state` | what guests may ask, and the one function all of it passes |
//! | `destination`, `target` | the adapter of kind `destination`, and the check of what it answers |
//! | `installation`, `kv_store`, `counters`, `text` | breaker and log, memory, metrics, escaping |
//! | `engine`, `compile/*` | wasmtime's settings; the compiling child; authenticated artifacts |
//!
//! Absent: chat, moderation and payment plugins (each will be one more adapter
//! file), signatures, grants narrower than the manifest, warm instances.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod answer;
mod bindings;
mod call;
mod chat;
mod compile;
mod context;
mod counters;
mod destination;
mod door;
mod engine;
mod error;
mod fault;
mod imports;
mod installation;
mod kind;
mod kv_store;
mod library;
mod limits;
mod measures;
mod meter;
mod moderation;
mod payment;
mod permits;
mod platform;
mod plugin;
mod plugins;
mod prepared;
mod registry;
mod scan;
mod spent;
mod state;
mod target;
mod tenants;
mod text;
mod threads;

/// The types of `wit/host` that recorded host calls are made of.
pub mod host {
    pub use crate::bindings::neustream::host::http::{Content, Request, Response};
    pub use crate::bindings::neustream::host::kv::Entry;
    pub use crate::bindings::neustream::host::telemetry::Level;
    pub use crate::bindings::neustream::host::types::{Error, Field, Problem, Value};
}

pub use compile::{Compiler, compile_child_main};
pub use door::{HostAnswer, HostCall, Tape};
pub use error::{CompileError, LoadError, StartError};
pub use installation::MAX_LOG_LINES;
pub use kv_store::{KvEntry, KvError, KvOwner, KvStore, KvUsage, KvWrite, MAX_KEYS as MAX_KV_KEYS, MemoryKv};
pub use plugins::{Plugins, PluginsSettings};
