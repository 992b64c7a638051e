//! The circumstances of a call as its guest is told.
//!
//! With fuel, every word comes from the call itself, so that the same call has
//! the same context on every run.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use neustream_contract::Ceilings;

use crate::bindings::neustream::host::types::Context;
use crate::call::Circumstances;
use crate::engine::Metering;
use crate::state::CallState;

/// Makes ids of calls that do not repeat, not even over restarts.
pub(crate) struct CallIds {
    /// Random, of this process.
    process: u64,
    last: AtomicU64,
}

impl Default for CallIds {
    fn default() -> Self {
        // The hasher's keys are random in every process.
        Self { process: RandomState::new().hash_one(std::process::id()), last: AtomicU64::new(0) }
    }
}

impl CallIds {
    fn next(&self) -> String {
        format!("{:016x}-{:x}", self.process, self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// The context of a call, and the call's id in `state`. With fuel, every word of it comes from the call itself, so
/// that the same call has the same context on every run.
pub(crate) fn context(
    ids: &CallIds,
    state: &mut CallState,
    metering: Metering,
    at: &Circumstances,
) -> Context {
    let running = || at.deadline.saturating_duration_since(Instant::now());
    let (call_id, left) = match (metering, state.services.clock.next_call_id()) {
        (Metering::Fuel, _) => (format!("{}-{}", at.call.installation.short(), at.now.0), at.ceilings.wall),
        (Metering::CpuTime, None) => (ids.next(), running()),
        // Nothing of it may differ from run to run.
        (Metering::CpuTime, Some(given)) => (given, at.ceilings.wall.min(at.call.deadline)),
    };
    state.call_id = call_id;
    Context {
        tenant: at.call.tenant.to_string(),
        installation: at.call.installation.to_string(),
        call_id: state.call_id.clone(),
        trace_parent: String::new(),
        now: at.now.0,
        attempt: at.call.attempt,
        deadline_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
    }
}

/// The context of the empty batch that an instance is made ready with: the same for every call.
pub(crate) fn preparing_context(state: &CallState, ceilings: Ceilings) -> Context {
    Context {
        tenant: state.call.tenant.to_string(),
        installation: state.call.installation.to_string(),
        call_id: "prepare".to_owned(),
        trace_parent: String::new(),
        now: 0,
        attempt: 1,
        deadline_ms: u32::try_from(ceilings.wall.as_millis()).unwrap_or(u32::MAX),
    }
}
