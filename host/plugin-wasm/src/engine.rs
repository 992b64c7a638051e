//! The engines: how guest code is compiled and where its instances live.
//!
//! There are two, alike but for how computing is bounded ([`Metering`]): kinds
//! that wait for the world are held to CPU time, filters to a number of
//! instructions, which is the same on every run.
//!
//! Invariant: parent and compiling child use [`compile_config`], so artifacts
//! of the one are accepted by the other. Absent: WASI, threads, wasm GC,
//! component-model async.

use std::sync::Arc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use neustream_contract::manifest::Kind;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::limits::MAX_MEMORY_BYTES;

/// Calls that run at the same time; more wait for a slot within their deadline.
pub(crate) const SLOTS: usize = 64;
/// How often a running guest is looked at. Loops end this much after their deadline at the latest.
const EPOCH_TICK: Duration = Duration::from_millis(5);
/// Instances that are made ahead of their call, besides those that run.
pub(crate) const MAX_PREPARED: usize = 64;
/// Fuel between two looks at the clock: some 20 us.
pub(crate) const FUEL_YIELD: u64 = 20_000;
/// Address space per linear memory: the largest memory that any kind may have.
const MEMORY_RESERVATION: u64 = MAX_MEMORY_BYTES as u64;
const MEMORY_GUARD: u64 = 64 << 10;
/// What stays of a slot's memory and tables between calls: the pages that a small plugin writes to. With none, a
/// call takes nearly twice as long, for the page faults.
const KEPT_BYTES: usize = 64 << 10;
/// Stack of guest code; recursion beyond it traps.
const WASM_STACK: usize = 512 << 10;
/// Stack of a call: guest code and the host functions it calls.
const CALL_STACK: usize = 2 << 20;

/// How an engine bounds the computing of its guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metering {
    /// By CPU time, looked at when the engine's epoch advances. Costs the guest least.
    CpuTime,
    /// By instructions, so that the same input ends at the same point on every run.
    Fuel,
}

impl Metering {
    /// The metering of a kind.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Moderation => Self::Fuel,
            Kind::Destination | Kind::Chat | Kind::Payment => Self::CpuTime,
        }
    }
}

/// What decides how machine code looks.
pub(crate) fn compile_config(metering: Metering) -> Config {
    let mut config = Config::new();
    match metering {
        Metering::CpuTime => config.epoch_interruption(true),
        // What WebAssembly leaves open is settled, too: the bits of NaN and of relaxed SIMD.
        Metering::Fuel => {
            config.consume_fuel(true).cranelift_nan_canonicalization(true).relaxed_simd_deterministic(true)
        }
    };
    config
        .concurrency_support(false)
        // One at a time and in the background: media keeps the other cores.
        .parallel_compilation(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(CALL_STACK)
        // A small reservation costs bounds checks (some 0.3 us a call) and lets the host live under `ulimit -v`
        // and strict overcommit: 64 memories reserve 4 GiB instead of 256.
        .memory_reservation(MEMORY_RESERVATION)
        .memory_reservation_for_growth(0)
        .memory_guard_size(MEMORY_GUARD)
        .memory_may_move(false)
        // Names of functions in traps are enough; offsets would double the artifacts.
        .generate_address_map(false);
    config
}

/// The engine that runs guests.
pub(crate) fn runtime_engine(metering: Metering) -> wasmtime::Result<Engine> {
    let slots = match metering {
        Metering::CpuTime => SLOTS as u32,
        Metering::Fuel => (SLOTS + MAX_PREPARED) as u32,
    };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_stacks(slots)
        .total_core_instances(slots * 16)
        .total_memories(slots)
        .total_tables(slots * 4)
        .table_elements(20_000)
        .max_memory_size(MEMORY_RESERVATION as usize)
        // A little of every slot that was used lately stays, so that a call meets no page fault; the rest is given
        // back to the system.
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(KEPT_BYTES)
        .max_unused_warm_slots(8)
        .pagemap_scan(Enabled::Auto);
    let mut config = compile_config(metering);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// Advances the engine's epoch while guests run, and sleeps while none does.
pub(crate) struct Ticker {
    shared: Arc<TickerShared>,
    thread: Option<JoinHandle<()>>,
}

struct TickerShared {
    state: Mutex<TickerState>,
    changed: Condvar,
}

#[derive(Default)]
struct TickerState {
    running: usize,
    is_over: bool,
}

/// While it lives, the epoch advances.
pub(crate) struct Ticking(Arc<TickerShared>);

impl Ticker {
    pub(crate) fn start(engine: Engine) -> std::io::Result<Self> {
        let shared =
            Arc::new(TickerShared { state: Mutex::new(TickerState::default()), changed: Condvar::new() });
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("plugin-epoch".to_owned()).spawn(move || {
            loop {
                let state = inner.lock();
                let state = inner
                    .changed
                    .wait_while(state, |state| state.running == 0 && !state.is_over)
                    .unwrap_or_else(PoisonError::into_inner);
                if state.is_over {
                    return;
                }
                drop(state);
                std::thread::sleep(EPOCH_TICK);
                engine.increment_epoch();
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Keeps the epoch advancing until the answer is dropped.
    pub(crate) fn ticking(&self) -> Ticking {
        self.shared.lock().running += 1;
        self.shared.changed.notify_one();
        Ticking(Arc::clone(&self.shared))
    }
}

impl TickerShared {
    fn lock(&self) -> std::sync::MutexGuard<'_, TickerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiling_child_and_the_runtime_agree_on_artifacts() {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let hash = |engine: &Engine| {
            let mut hasher = DefaultHasher::new();
            engine.precompile_compatibility_hash().hash(&mut hasher);
            hasher.finish()
        };
        for metering in [Metering::CpuTime, Metering::Fuel] {
            let child = Engine::new(&compile_config(metering)).unwrap();
            assert_eq!(hash(&child), hash(&runtime_engine(metering).unwrap()));
        }
    }
}
