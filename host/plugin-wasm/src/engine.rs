//! The engine: how guest code is compiled and where its instances live.
//!
//! Invariant: parent and compiling child use [`compile_config`], so artifacts
//! of the one are accepted by the other. Absent: WASI, threads, wasm GC,
//! component-model async.

use std::sync::Arc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Calls that run at the same time; more wait for a slot within their deadline.
pub(crate) const SLOTS: usize = 64;
/// How often a running guest is looked at. Loops end this much after their deadline at the latest.
const EPOCH_TICK: Duration = Duration::from_millis(5);
/// Address space per linear memory: the largest memory that any kind may have.
const MEMORY_RESERVATION: u64 = 64 << 20;
const MEMORY_GUARD: u64 = 64 << 10;
/// Stack of guest code; recursion beyond it traps.
const WASM_STACK: usize = 512 << 10;
/// Stack of a call: guest code and the host functions it calls.
const CALL_STACK: usize = 2 << 20;

/// What decides how machine code looks.
pub(crate) fn compile_config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
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
pub(crate) fn runtime_engine() -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS as u32)
        .total_stacks(SLOTS as u32)
        .total_core_instances(SLOTS as u32 * 16)
        .total_memories(SLOTS as u32)
        .total_tables(SLOTS as u32 * 4)
        .table_elements(20_000)
        .max_memory_size(MEMORY_RESERVATION as usize)
        // Slots are given back to the system, not kept resident: the host stays small between calls.
        .linear_memory_keep_resident(0)
        .table_keep_resident(0)
        .max_unused_warm_slots(8)
        .pagemap_scan(Enabled::Auto);
    let mut config = compile_config();
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
        let child = Engine::new(&compile_config()).unwrap();
        assert_eq!(hash(&child), hash(&runtime_engine().unwrap()));
    }
}
