//! Trying a version on what happened before it is switched to.

use async_trait::async_trait;
use neustream_contract::Call;
use neustream_model::Reason;

/// How a replay went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// Nothing was recorded, so nothing speaks against the new version.
    NothingRecorded,
    /// It did as the former version did, or what a newer one may do.
    Passed {
        /// How many events it was given.
        events: u64,
    },
    /// It failed where the former version did not.
    Failed(Reason),
}

/// Gives recorded events to another version of a plugin, offline: nothing that it answers is carried out. Implemented
/// by whoever keeps recordings (chat, moderation).
#[async_trait]
pub trait ShadowReplay: Send + Sync {
    /// Replays what `present` was given to `next`: another package, with its grant and configuration.
    async fn replay(&self, present: &Call, next: &Call) -> Replayed;
}

/// For a host that records nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReplay;

#[async_trait]
impl ShadowReplay for NoReplay {
    async fn replay(&self, _present: &Call, _next: &Call) -> Replayed {
        Replayed::NothingRecorded
    }
}
