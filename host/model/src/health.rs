//! How a source was doing lately: figures at even distances, and what changed meanwhile.

use serde::{Deserialize, Serialize};

use crate::{
    DestinationId, DestinationState, PlaybackId, Reason, SourceId, StreamState, TenantId, UnixMillis,
};

/// A running source at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HealthSample {
    /// When.
    pub at: UnixMillis,
    /// Bits per second that arrive, over the last seconds.
    pub bitrate_in_bps: u64,
    /// Pictures per second that arrive; nothing without pictures.
    pub frame_rate: Option<f64>,
    /// Viewers here.
    pub viewers: u64,
    /// Each destination that is switched on.
    pub destinations: Vec<DestinationSample>,
}

/// A destination at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationSample {
    /// Which destination.
    pub id: DestinationId,
    /// Bits per second that it takes.
    pub bitrate_out_bps: u64,
    /// Audio and video frames that were skipped so far in the session.
    pub dropped_frames: u64,
}

/// What entered a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthState {
    /// The source.
    Stream(StreamState),
    /// One of its destinations.
    Destination(DestinationId, DestinationState),
}

/// A change of state, or of the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthEvent {
    /// When.
    pub at: UnixMillis,
    /// What is now in which state.
    pub state: HealthState,
    /// Why, where there is something to say.
    pub reason: Option<Reason>,
}

/// How a source was doing lately.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamHealth {
    /// Figures at even distances, oldest first.
    pub samples: Vec<HealthSample>,
    /// Changes, oldest first.
    pub events: Vec<HealthEvent>,
}

/// The latest figures of a running source, told at even distances. Whoever misses some has the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveFigures {
    /// Whose source it is.
    pub tenant_id: TenantId,
    /// Which source.
    pub source_id: SourceId,
    /// The source's public name.
    pub playback_id: PlaybackId,
    /// The figures.
    pub sample: HealthSample,
    /// Whether the number of viewers is another one than last time.
    pub is_audience_changed: bool,
}
