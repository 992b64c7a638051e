//! What happens to streams, told once to everyone who listens.

use serde::{Deserialize, Serialize};

use crate::{DestinationStatus, PlaybackId, Reason, SessionId, SourceId, TenantId, UnixMillis};

/// Something happened to a source or a destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveEvent {
    /// When.
    pub at: UnixMillis,
    /// Whose source it is.
    pub tenant_id: TenantId,
    /// Which source.
    pub source_id: SourceId,
    /// Which run of it.
    pub session_id: SessionId,
    /// The source's public name.
    pub playback_id: PlaybackId,
    /// What happened.
    pub kind: LiveEventKind,
}

/// The kinds of [`LiveEvent`]; [`LiveEventKind::name`] is the canonical dotted name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LiveEventKind {
    /// A publisher was accepted.
    StreamStarting,
    /// Pictures arrive, first or again.
    StreamLive,
    /// The session ended.
    StreamOffline,
    /// The session has a problem that the tenant should see; it may go on.
    StreamError {
        /// What is wrong.
        reason: Reason,
    },
    /// The plan's streaming time of the month is nearly or wholly used up.
    UsageWarning {
        /// What was used, and what is left of the session.
        usage: UsageWarning,
    },
    /// A destination changed its state.
    Destination {
        /// Its status after the change.
        status: DestinationStatus,
    },
}

/// How much of the month's streaming time is used, told while a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageWarning {
    /// Which mark is reached: 80 or 100, of the plan's streaming time a month.
    pub percent: u8,
    /// Seconds that the organisation streamed in this month (UTC).
    pub used_s: u64,
    /// Seconds that its plan gives it a month.
    pub limit_s: u64,
    /// When the session is ended; nothing before all is used.
    pub ends_at: Option<UnixMillis>,
}

impl LiveEventKind {
    /// The dotted name for Socket.IO and webhooks.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StreamStarting => "stream.starting",
            Self::StreamLive => "stream.live",
            Self::StreamOffline => "stream.offline",
            Self::StreamError { .. } => "stream.error",
            Self::UsageWarning { .. } => "usage.warning",
            Self::Destination { .. } => "destination.status",
        }
    }
}
