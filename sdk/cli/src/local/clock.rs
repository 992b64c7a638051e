//! The clock of guests: what a transcript says, and it moves only when the transcript moves it.

use std::sync::atomic::{AtomicU64, Ordering};

use neustream_model::UnixMillis;
use neustream_plugin_wasm::Clock;

/// A clock that stands still, and calls that are counted.
#[derive(Debug, Default)]
pub(super) struct StillClock {
    now: AtomicU64,
    calls: AtomicU64,
}

impl StillClock {
    /// Begins anew at `now`.
    pub(super) fn begin(&self, now: u64) {
        self.now.store(now, Ordering::SeqCst);
        self.calls.store(0, Ordering::SeqCst);
    }

    /// Moves on.
    pub(super) fn advance(&self, ms: u64) {
        let now = self.now.load(Ordering::SeqCst);
        self.now.store(now.saturating_add(ms), Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }

    fn next_call_id(&self) -> Option<String> {
        Some(format!("call-{}", self.calls.fetch_add(1, Ordering::SeqCst) + 1))
    }
}
