//! The handle by which the API and the server speak to the media path.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use neustream_model::{LiveEvent, PlaybackId, SessionStatus, SourceId};
use tokio::sync::broadcast;

use crate::{HlsError, HlsRequest, HlsResponse};

/// The media path of this node. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    sessions: Arc<Mutex<HashMap<SourceId, SessionStatus>>>,
    events: broadcast::Sender<LiveEvent>,
}

impl Live {
    /// Every running session.
    pub fn sessions(&self) -> Vec<SessionStatus> {
        self.sessions.lock().map(|sessions| sessions.values().cloned().collect()).unwrap_or_default()
    }

    /// The running session of `source`.
    pub fn session(&self, source: SourceId) -> Option<SessionStatus> {
        self.sessions.lock().ok()?.get(&source).cloned()
    }

    /// Everything that happens from now on. A receiver that lags more than 1024 events behind loses the oldest.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.events.subscribe()
    }

    /// Tells that destinations or settings of `source` changed.
    pub async fn source_changed(&self, _source: SourceId) {}

    /// Tells that the key of `source` was rotated: its publisher is disconnected.
    pub async fn key_rotated(&self, _source: SourceId) {}

    /// Tells that `source` was deleted: its session ends.
    pub async fn source_deleted(&self, _source: SourceId) {}

    /// Ends the running session of `source`; false when there is none.
    pub async fn end(&self, _source: SourceId) -> bool {
        false
    }

    /// One file of the HLS presentation of `playback`; waits where the request says so.
    pub async fn hls(&self, _playback: &PlaybackId, _request: HlsRequest) -> Result<HlsResponse, HlsError> {
        Err(HlsError::NotLive)
    }
}
