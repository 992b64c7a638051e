//! Live states, as people and programs see them.

use serde::{Deserialize, Serialize};

use crate::{DestinationId, PlaybackId, SessionId, SourceId, TenantId, UnixMillis, Visibility};

/// State of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamState {
    /// Nobody publishes.
    #[default]
    Offline,
    /// A publisher was accepted, its first keyframe has not arrived.
    Starting,
    /// Pictures arrive.
    Live,
    /// The publisher vanished; destinations and viewers are kept for the reconnect window.
    Reconnecting,
}

/// State of one destination of a running session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DestinationState {
    /// Not in use: the source is offline or the destination is switched off.
    #[default]
    Idle,
    /// The adapter is asked where to push.
    Preparing,
    /// Connecting to the target, up to its consent to publish and the first bytes that it has taken.
    Connecting,
    /// The target accepted the publication and has acknowledged bytes of it.
    Live,
    /// Waiting for the next attempt.
    Retrying,
    /// Given up until the destination or the source is changed or restarted.
    Failed,
}

/// Why a destination is in its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// An open vocabulary in kebab-case: `refused`, `reset`, `stalled`, `plugin-trap`, `host-denied`, ...
    pub code: String,
    /// One sentence for people. Never carries a secret.
    pub message: String,
}

impl Reason {
    /// A reason.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// A destination's live status: the one truth behind events, API fields and metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DestinationStatus {
    /// Which destination.
    pub id: DestinationId,
    /// The plugin that prepares it, such as `neustream/twitch`.
    pub plugin: String,
    /// Its state.
    pub state: DestinationState,
    /// Why, where there is something to say.
    pub reason: Option<Reason>,
    /// When it entered the state.
    pub since: UnixMillis,
    /// When the next attempt is made, in state `retrying`.
    pub next_attempt: Option<UnixMillis>,
    /// Bits per second that the target took, over the last seconds.
    pub bitrate_out_bps: u64,
    /// Bytes that the target took in this session.
    pub bytes_out: u64,
    /// Audio and video frames that were skipped because the target was slow or away.
    pub dropped_frames: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// What the platform itself said when last asked: whether it shows the broadcast.
    pub platform_live: Option<bool>,
    /// Viewers there, where the platform tells.
    #[serde(default)]
    pub platform_viewers: Option<u64>,
}

/// One track of a session, as found in the codec headers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackInfo {
    /// `video` or `audio`.
    pub kind: String,
    /// RFC 6381 codec string, such as `avc1.64001f`.
    pub codec: String,
    /// Picture width in pixels.
    pub width: Option<u32>,
    /// Picture height in pixels.
    pub height: Option<u32>,
    /// Samples per second.
    pub sample_rate: Option<u32>,
    /// Audio channels.
    pub channels: Option<u32>,
}

/// A running session of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// The session.
    pub id: SessionId,
    /// The source it is a run of.
    pub source_id: SourceId,
    /// Whose source it is.
    pub tenant_id: TenantId,
    /// The public name for viewers.
    pub playback_id: PlaybackId,
    /// The title of the broadcast.
    pub title: String,
    /// Who may watch.
    pub visibility: Visibility,
    /// The state of the source.
    pub state: StreamState,
    /// When the session began.
    pub started_at: UnixMillis,
    /// Bits per second that arrive, over the last seconds.
    pub bitrate_in_bps: u64,
    /// Of these, bits per second of pictures.
    pub video_bitrate_bps: u64,
    /// And of sound.
    pub audio_bitrate_bps: u64,
    /// Pictures per second that arrive, over the last seconds; nothing without pictures.
    pub frame_rate: Option<f64>,
    /// Viewers here: players of HLS and of RTMP.
    pub viewers: u64,
    /// Time between the last two keyframes in milliseconds.
    pub keyframe_interval_ms: Option<u64>,
    /// Tracks known so far.
    pub tracks: Vec<TrackInfo>,
    /// Advice for the person who streams, such as a keyframe interval too long for low latency.
    pub warnings: Vec<Reason>,
    /// Every destination of the session.
    pub destinations: Vec<DestinationStatus>,
}
