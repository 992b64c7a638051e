//! What a guest is told that would differ from run to run: the time, and the names of calls.

use neustream_model::UnixMillis;

/// The clock of guests. A server has none: its calls are told the time of the system, and have ids that never
/// repeat. A local host gives both, so that a call can be made again with the same circumstances.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> UnixMillis;

    /// The id of the next call; none for one that never repeats.
    fn next_call_id(&self) -> Option<String> {
        None
    }
}

/// The time of the system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::now()
    }
}
