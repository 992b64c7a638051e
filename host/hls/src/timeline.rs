//! From the session's clock to the presentation's.
//!
//! The presentation's clock starts at 0, never goes back and has no holes: where the session's clock jumps,
//! the presentation goes on from where it was, and a discontinuity says so.

use std::time::Duration;

/// Where the two clocks were pinned together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// Session time in milliseconds.
    pub(crate) session_ms: u64,
    /// Presentation time in milliseconds.
    pub(crate) presentation_ms: u64,
}

impl Anchor {
    /// The presentation time of a session time, in milliseconds; times before the anchor are the anchor's.
    pub(crate) fn presentation_ms(self, session_ms: u64) -> u64 {
        self.presentation_ms.saturating_add(session_ms.saturating_sub(self.session_ms))
    }

    /// The session time of a presentation time, in milliseconds.
    pub(crate) fn session_ms(self, presentation: Duration) -> u64 {
        let since = presentation.saturating_sub(Duration::from_millis(self.presentation_ms));
        self.session_ms.saturating_add(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The presentation time of `ticks` of a clock with `timescale` ticks a second.
pub(crate) fn position(ticks: u64, timescale: u32) -> Duration {
    let micros = u128::from(ticks) * 1_000_000 / u128::from(timescale.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// The nearest tick to `ms` milliseconds.
pub(crate) fn ticks(ms: u64, timescale: u32) -> u64 {
    let ticks = (u128::from(ms) * u128::from(timescale) + 500) / 1000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// Whether a step of the session's clock is too large to be a frame's duration or an interleaving delay.
pub(crate) fn is_jump(from_ms: u64, to_ms: u64, max_step: Duration) -> bool {
    u128::from(from_ms.abs_diff(to_ms)) > max_step.as_millis()
}
