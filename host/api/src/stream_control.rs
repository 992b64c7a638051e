//! What the API needs of the media path.

use async_trait::async_trait;
use neustream_contract::CallError;
use neustream_live::{DestinationProbe, DirectoryError, HlsError, HlsRequest, HlsResponse, Live, Viewer};
use neustream_model::{
    DestinationId, LiveEvent, LiveFigures, PlaybackId, SessionStatus, SourceId, StreamHealth,
};
use tokio::sync::broadcast;

/// The media path as the API sees it: [`Live`], or a stand-in in tests. The methods mean what they mean there.
#[async_trait]
pub trait StreamControl: Send + Sync + 'static {
    /// Every running session.
    fn sessions(&self) -> Vec<SessionStatus>;
    /// The running session of `source`.
    fn session(&self, source: SourceId) -> Option<SessionStatus>;
    /// Everything that happens from now on.
    fn subscribe(&self) -> broadcast::Receiver<LiveEvent>;
    /// How `source` was doing lately.
    fn health(&self, source: SourceId) -> StreamHealth;
    /// The figures of everything that runs, now and then, from now on.
    fn figures(&self) -> broadcast::Receiver<LiveFigures>;
    /// Lets a destination that waits or has failed try at once; false when nothing runs.
    fn retry(&self, source: SourceId, destination: DestinationId) -> bool;
    /// Asks every switched-on destination of `source` whether it would take a broadcast.
    async fn probe(&self, source: SourceId) -> Result<Vec<DestinationProbe>, DirectoryError>;
    /// Tells that destinations or settings of `source` changed.
    async fn source_changed(&self, source: SourceId);
    /// Tells that it changed who may watch `source`.
    async fn viewers_changed(&self, source: SourceId);
    /// Whether somebody may watch what runs, or just ran, as `playback`.
    fn may_watch(&self, playback: &PlaybackId, viewer: &Viewer) -> Result<(), HlsError>;
    /// Tells that the key of `source` was rotated.
    async fn key_rotated(&self, source: SourceId);
    /// Tells that `source` was deleted.
    async fn source_deleted(&self, source: SourceId);
    /// Gives the running session of `source` another title; what each destination said.
    async fn retitle(
        &self,
        source: SourceId,
        title: &str,
    ) -> Option<Vec<(DestinationId, Result<bool, CallError>)>>;
    /// Ends the running session of `source`; false when there is none.
    async fn end(&self, source: SourceId) -> bool;
    /// One file of the HLS presentation of `playback`.
    async fn hls(&self, playback: &PlaybackId, request: HlsRequest) -> Result<HlsResponse, HlsError>;
}

#[async_trait]
impl StreamControl for Live {
    fn sessions(&self) -> Vec<SessionStatus> {
        Self::sessions(self)
    }

    fn session(&self, source: SourceId) -> Option<SessionStatus> {
        Self::session(self, source)
    }

    fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        Self::subscribe(self)
    }

    fn health(&self, source: SourceId) -> StreamHealth {
        Self::health(self, source)
    }

    fn figures(&self) -> broadcast::Receiver<LiveFigures> {
        Self::figures(self)
    }

    fn retry(&self, source: SourceId, destination: DestinationId) -> bool {
        Self::retry(self, source, destination)
    }

    async fn probe(&self, source: SourceId) -> Result<Vec<DestinationProbe>, DirectoryError> {
        Self::probe(self, source).await
    }

    async fn source_changed(&self, source: SourceId) {
        Self::source_changed(self, source).await;
    }

    async fn viewers_changed(&self, source: SourceId) {
        Self::viewers_changed(self, source).await;
    }

    fn may_watch(&self, playback: &PlaybackId, viewer: &Viewer) -> Result<(), HlsError> {
        Self::may_watch(self, playback, viewer)
    }

    async fn key_rotated(&self, source: SourceId) {
        Self::key_rotated(self, source);
    }

    async fn source_deleted(&self, source: SourceId) {
        Self::source_deleted(self, source).await;
    }

    async fn retitle(
        &self,
        source: SourceId,
        title: &str,
    ) -> Option<Vec<(DestinationId, Result<bool, CallError>)>> {
        Self::retitle(self, source, title).await
    }

    async fn end(&self, source: SourceId) -> bool {
        Self::end(self, source).await
    }

    async fn hls(&self, playback: &PlaybackId, request: HlsRequest) -> Result<HlsResponse, HlsError> {
        Self::hls(self, playback, request).await
    }
}
