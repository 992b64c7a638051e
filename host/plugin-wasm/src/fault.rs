//! What ended a call, in words that a tenant and an author can act on.

use std::time::Duration;

use neustream_contract::{CallError, CallErrorKind, Ceilings};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::limits::HOST_CALL_FUEL;
use crate::meter::Exceeded;
use crate::state::CallState;
use crate::text::printable;

/// The error of a call whose guest did not return.
pub(crate) fn explained(error: &wasmtime::Error, state: &CallState, ceilings: &Ceilings) -> CallError {
    match state.meter.exceeded_at_end() {
        Some(Exceeded::Wall) => return timed_out(ceilings.wall.min(state.call.deadline)),
        Some(Exceeded::Cpu) => {
            return CallError::new(
                CallErrorKind::Timeout,
                "plugin-cpu",
                format!("The plugin computed for more than {} ms.", ceilings.cpu.as_millis()),
            );
        }
        None => {}
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return busy();
    }
    if is_host_call_fuel_exhausted(error) {
        let mib = HOST_CALL_FUEL >> 20;
        return CallError::new(
            CallErrorKind::Limit,
            "plugin-too-much-data",
            format!("The plugin handed over more than {mib} MiB at once."),
        );
    }
    let words = state.last_words.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
    // A guest that is refused memory usually traps on the spot, with last words or without.
    if state.limiter.was_refused() {
        let mib = ceilings.memory_bytes >> 20;
        return CallError::new(
            CallErrorKind::Limit,
            "plugin-memory",
            format!("The plugin needed more than {mib} MiB of memory{words}."),
        );
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        // Values that are not what the interface says, or an instance that the pool cannot hold.
        let message = printable(&format!("{error:#}"), 300);
        return CallError::new(CallErrorKind::Trap, "plugin-trap", format!("The plugin failed: {message}"));
    };
    if *trap == Trap::OutOfFuel {
        let message = format!(
            "The plugin computed for more than {} ms, counted in instructions.",
            ceilings.cpu.as_millis()
        );
        return CallError::new(CallErrorKind::Timeout, "plugin-cpu", message);
    }
    let place = innermost_function(error).map(|name| format!(" in `{name}`")).unwrap_or_default();
    match trap {
        Trap::StackOverflow => CallError::new(
            CallErrorKind::Limit,
            "plugin-stack",
            format!("The plugin's recursion is too deep{place}."),
        ),
        // Guests keep a stack of their own below their data: it overflows downward, out of the memory.
        Trap::MemoryOutOfBounds => CallError::new(
            CallErrorKind::Trap,
            "plugin-trap",
            format!(
                "The plugin crashed{place}: it left its memory, by deep recursion or a stray pointer{words}."
            ),
        ),
        Trap::UnreachableCodeReached if !words.is_empty() => {
            CallError::new(CallErrorKind::Trap, "plugin-trap", format!("The plugin panicked{words}."))
        }
        Trap::UnreachableCodeReached => CallError::new(
            CallErrorKind::Trap,
            "plugin-trap",
            format!("The plugin panicked or gave up{place} without last words."),
        ),
        other => CallError::new(
            CallErrorKind::Trap,
            "plugin-trap",
            format!("The plugin crashed{place}: {other}{words}."),
        ),
    }
}

/// The error of a call whose deadline passed while the guest waited.
pub(crate) fn timed_out(wall: Duration) -> CallError {
    CallError::new(
        CallErrorKind::Timeout,
        "plugin-timeout",
        format!("The plugin did not answer within {} ms.", wall.as_millis()),
    )
}

/// A plugin of another kind than the adapter that calls it: finders compare them, so this is a fault of the host.
pub(crate) fn mismatch(kind: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("the plugin is not of kind {kind}"))
}

/// The error of a call that found no slot within its deadline. Not the plugin's fault.
pub(crate) fn busy() -> CallError {
    CallError::new(
        CallErrorKind::Unavailable,
        "plugins-busy",
        "Too many plugin calls are running; the next attempt may go through.",
    )
}

/// The type of this error is private to wasmtime 48; the hostile guest `giant-list` fails when its text changes.
fn is_host_call_fuel_exhausted(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| cause.to_string().contains("fuel allocated for hostcalls"))
}

fn innermost_function(error: &wasmtime::Error) -> Option<String> {
    let backtrace = error.downcast_ref::<WasmBacktrace>()?;
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    // The machinery of panics says nothing; the first name behind it does.
    let mut names = names.filter(|name| {
        !["rust_panic", "rust_begin_unwind", "core::panicking", "std::panicking", "std::process::abort"]
            .iter()
            .any(|machinery| name.contains(machinery))
    });
    names.next().map(|name| printable(name, 120))
}
