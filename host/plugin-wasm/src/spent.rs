//! How much of its limits a call used: for the installation's figures and the warning at 80 %.

use std::time::Duration;

use wasmtime::Store;

use crate::call::Circumstances;
use crate::engine::Metering;
use crate::installation::Used;
use crate::kv_store::MAX_KEYS;
use crate::limits::{MAX_LOG_BYTES_PER_CALL, MAX_REQUESTS, fuel};
use crate::state::CallState;

/// What a call used.
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: usize,
    pub(crate) host_calls: u32,
    /// Of every limit that it had.
    pub(crate) used: Vec<Used>,
}

/// What the call used of each of its limits.
pub(crate) fn spent(store: &Store<CallState>, metering: Metering, at: &Circumstances) -> Spent {
    let (state, ceilings) = (store.data(), &at.ceilings);
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let used = |limit_name, amount, limit| Used { limit_name, amount, limit };
    let (cpu, memory_bytes) = (state.meter.used(), state.limiter.used_bytes());
    let mut all = vec![
        used("memory-bytes", memory_bytes as u64, ceilings.memory_bytes as u64),
        used("requests", state.requests.into(), MAX_REQUESTS.into()),
        used("log-bytes", state.log_bytes as u64, MAX_LOG_BYTES_PER_CALL as u64),
    ];
    // A caller that is in more of a hurry than the ceiling is not the plugin's concern.
    if at.call.deadline >= ceilings.wall {
        all.push(used("wall-us", micros(at.began.elapsed()), micros(ceilings.wall)));
    }
    match metering {
        Metering::CpuTime => all.push(used("cpu-us", micros(cpu), micros(ceilings.cpu))),
        Metering::Fuel => {
            let given = fuel(ceilings.cpu);
            let left = store.get_fuel().unwrap_or_default();
            all.push(used("fuel", given.saturating_sub(left), given));
        }
    }
    if let (Some(kept), Some(max_bytes)) = (state.kv_usage, state.rules.kv_max_bytes()) {
        all.push(used("kv-bytes", kept.bytes as u64, max_bytes as u64));
        all.push(used("kv-keys", kept.keys as u64, MAX_KEYS as u64));
    }
    all.extend(state.kept_state);
    Spent { cpu, memory_bytes, host_calls: state.host_calls, used: all }
}
