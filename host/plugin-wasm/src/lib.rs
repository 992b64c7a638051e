//! Runs plugins: the only crate that names wasmtime.
//!
//! A plugin is code of a stranger. The invariants that make it harmless:
//!
//! - **Nothing ambient.** A guest has the imports of its kind and nothing else,
//!   no WASI; each is checked against the manifest when it is loaded and passes
//!   one door ([`HostCall`], [`Tape`]) when it is used, where the tenant's grant
//!   decides.
//! - **Nothing unbounded.** Memory, tables, stack, CPU, wall-clock time, bytes
//!   over the border, requests, log lines, kv, calls at the same time: each has
//!   a ceiling that a plan may scale, a warning at 80 % of it, and a breaker
//!   stops what keeps failing.
//! - **Nothing shared.** Every call has a Store of its own that is discarded
//!   after it, on threads of this platform; media never waits for a guest.
//! - **Nothing secret.** Guests name secrets; the bytes are joined behind the
//!   door, only toward hosts that the manifest binds them to.
//! - **Nothing unchecked is executed.** Code is compiled in a child process
//!   with limits, and only artifacts that this host authenticated are loaded.
//! - **Nothing left to chance in a filter.** Filters are held to a number of
//!   instructions and see nothing but their call, so a verdict is replayed byte
//!   for byte ([`Plugins::replay`]).
//!
//! | file | concept |
//! |---|---|
//! | `plugins`, `platform`, `scan` | the platform's public face: finding by kind, and what it does besides ([`Plugins`]) |
//! | `library`, `registry`, `shelf` | packages by digest: found, compiled, kept loaded within bounds |
//! | `plugin`, `kind` | one plugin bound to this host; what each kind may import and must export |
//! | `destination`, `chat/*`, `moderation`, `payment` | one adapter a kind, of the same shape |
//! | `answer`, `target`, `text` | what guests answer, made fit for the host and for people |
//! | `call`, `context`, `prepared`, `permits`, `tenants` | one call: admission, place, instance, discarding |
//! | `meter`, `limits`, `spent`, `report`, `fault` | budgets, ceilings, what was used of them, what ended a call |
//! | `clock` | the time and the names of calls, where a local host gives them |
//! | `door`, `imports/*`, `state` | what guests may ask, and the one function all of it passes |
//! | `installation/*` | what is remembered of an installation: breaker, log, figures |
//! | `kv_store`, `counters`, `measures` | memory of installations; metrics |
//! | `engine`, `threads`, `compile/*` | wasmtime's settings; the platform's threads; the compiling child; artifacts |
//!
//! Absent: WASI in any form, instances that serve a second call, resources that
//! outlive one.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod answer;
mod bindings;
mod built_for;
mod call;
mod chat;
mod clock;
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
mod report;
mod scan;
mod shelf;
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

pub use clock::Clock;
pub use compile::{Compiler, compile_child_main};
pub use door::{HostAnswer, HostCall, Tape};
pub use error::{CompileError, LoadError, StartError};
pub use installation::MAX_LOG_LINES;
pub use kv_store::{KvEntry, KvError, KvOwner, KvStore, KvUsage, KvWrite, MAX_KEYS as MAX_KV_KEYS, MemoryKv};
pub use plugin::has_script_engine;
pub use plugins::{Plugins, PluginsSettings};
pub use report::{CallReport, LimitUse, Observer};
