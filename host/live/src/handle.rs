//! The handle by which the API and the server speak to the media path.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use neustream_contract::destination::DestinationAdapters;
use neustream_contract::{CallError, Installed};
use neustream_model::{
    DestinationId, DestinationState, DestinationStatus, InstallationId, LiveEvent, LiveFigures, PlaybackId,
    SessionStatus, SourceId, StreamHealth,
};
use neustream_outbound::Outbound;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::Context;
use crate::destination::{self, Destinations};
use crate::hls_window::HlsSlot;
use crate::viewers::Gate;
use crate::{
    DestinationProbe, Directory, DirectoryError, HlsError, HlsRequest, HlsResponse, LiveSettings,
    PlaybackTokenReader, Viewer, accounting, health, ingest,
};

/// Events kept for a listener that is behind.
const EVENTS: usize = 1024;

/// The media path of this node. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    context: Arc<Context>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Live {
    /// A media path that takes its configuration from `directory`, its targets from `adapters`, which it calls as
    /// `installed` says, and reaches them through `outbound`.
    pub fn new(
        settings: LiveSettings,
        directory: Arc<dyn Directory>,
        installed: Arc<dyn Installed>,
        adapters: Arc<dyn DestinationAdapters>,
        outbound: Outbound,
        tokens: Arc<dyn PlaybackTokenReader>,
    ) -> Self {
        let events = broadcast::Sender::new(EVENTS);
        let context =
            Arc::new(Context::new(settings, directory, installed, adapters, outbound, tokens, events));
        Self { context, connections: TaskTracker::new(), stop: CancellationToken::new() }
    }

    /// Accepts RTMP publishers and players on `listener` until [`Live::shutdown`].
    pub async fn serve_rtmp(&self, listener: TcpListener) {
        let connections = self.connections.clone();
        ingest::listen(Arc::clone(&self.context), listener, connections, self.stop.clone()).await;
    }

    /// Takes no more connections, ends every session, and returns when destinations were told the end or had
    /// their time.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        join_all(self.context.sessions().into_iter().map(crate::session::Session::end)).await;
        self.connections.close();
        let limit = self.context.settings.drain_timeout;
        if tokio::time::timeout(limit, self.connections.wait()).await.is_err() {
            tracing::warn!("some RTMP connections did not close in time");
        }
    }

    /// Writes down what is streamed and ends streams whose plan gives them no more time, until dropped.
    pub async fn keep_accounts(&self) {
        accounting::keep(Arc::clone(&self.context)).await;
    }

    /// Learns who may watch what runs, for changes that were made on other nodes, until dropped.
    pub async fn follow_viewers(&self) {
        let mut now_and_then = tokio::time::interval(self.context.settings.viewers_interval);
        now_and_then.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            now_and_then.tick().await;
            let gates = self.context.gates();
            let mut sources: Vec<SourceId> = gates.iter().map(|gate| gate.source).collect();
            sources.sort_unstable();
            sources.dedup();
            if sources.is_empty() {
                continue;
            }
            match self.context.directory.viewing_revisions(&sources).await {
                Ok(revisions) => {
                    let is_new = |gate: &&Arc<Gate>| {
                        revisions.get(&gate.source).is_some_and(|revision| *revision > gate.revision())
                    };
                    join_all(gates.iter().filter(is_new).map(|gate| self.viewers_changed(gate.source))).await;
                }
                Err(error) => tracing::warn!(%error, "who may watch was not looked up"),
            }
        }
    }

    /// Tells that it changed who may watch `source`: from now on playlists, segments and players follow.
    pub async fn viewers_changed(&self, source: SourceId) {
        let gates: Vec<_> = self.context.gates().into_iter().filter(|gate| gate.source == source).collect();
        if gates.is_empty() {
            return;
        }
        match self.context.directory.source(source).await {
            Ok(Some(config)) => gates.iter().for_each(|gate| gate.update(&config.viewing)),
            Ok(None) => {}
            Err(error) => tracing::warn!(%source, %error, "who may watch is looked up again in a moment"),
        }
    }

    /// Whether somebody may watch what runs, or just ran, as `playback`.
    ///
    /// # Errors
    /// [`HlsError::NotLive`] when nothing did, [`HlsError::Refused`].
    pub fn may_watch(&self, playback: &PlaybackId, viewer: &Viewer) -> Result<(), HlsError> {
        let running = self.context.session_by_playback(playback).map(|session| Arc::clone(&session.gate));
        let gate = running.or_else(|| Some(self.context.finished(playback)?.gate));
        gate.ok_or(HlsError::NotLive)?.admit(self.context.tokens.as_ref(), viewer)?;
        Ok(())
    }

    /// Every running session.
    pub fn sessions(&self) -> Vec<SessionStatus> {
        self.context.sessions().iter().map(|session| session.status()).collect()
    }

    /// The running session of `source`.
    pub fn session(&self, source: SourceId) -> Option<SessionStatus> {
        Some(self.context.session(source)?.status())
    }

    /// Everything that happens from now on. A receiver that lags more than 1024 events behind loses the oldest.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.context.events.subscribe()
    }

    /// How `source` was doing lately, for a while after it ran too; nothing where it did not run.
    pub fn health(&self, source: SourceId) -> StreamHealth {
        self.context.histories.of(source)
    }

    /// The figures of everything that runs, each `health_interval`, from now on. A receiver that lags loses the oldest.
    pub fn figures(&self) -> broadcast::Receiver<LiveFigures> {
        self.context.figures.subscribe()
    }

    /// Notes how what runs is doing, until dropped.
    pub async fn keep_health(&self) {
        health::keep(Arc::clone(&self.context)).await;
    }

    /// Tells that destinations or settings of `source` changed.
    pub async fn source_changed(&self, source: SourceId) {
        let Some(session) = self.context.session(source) else { return };
        match self.context.directory.source(source).await {
            Ok(Some(config)) => session.update_source(config),
            Ok(None) => return session.end().await,
            Err(error) => tracing::warn!(%source, %error, "an edited source keeps its former settings"),
        }
        Destinations::reload(&session).await;
    }

    /// Tells that an installation has another configuration, other secrets, or may not run any more (or may again):
    /// its destinations are started anew. An upgrade needs no telling: the next call takes the new version, and the
    /// stream runs on.
    pub async fn installation_changed(&self, installation: InstallationId) {
        let sessions = self.context.sessions();
        join_all(sessions.iter().map(|session| Destinations::restart(session, installation, |_| true))).await;
    }

    /// Tells that the account of an installation was connected anew: those of its destinations that failed or wait
    /// are started at once, and what is live runs on.
    pub async fn account_connected(&self, installation: InstallationId) {
        let is_in_trouble = |status: &DestinationStatus| {
            matches!(status.state, DestinationState::Failed | DestinationState::Retrying)
        };
        let sessions = self.context.sessions();
        join_all(sessions.iter().map(|session| Destinations::restart(session, installation, is_in_trouble)))
            .await;
    }

    /// Gives the running session of `source` another title, here and on every platform that takes one. Answers what
    /// each destination said: whether it can, or why it failed; `None` when there is no session.
    pub async fn retitle(
        &self,
        source: SourceId,
        title: &str,
    ) -> Option<Vec<(DestinationId, Result<bool, CallError>)>> {
        let session = self.context.session(source)?;
        session.retitle(title);
        Some(session.destinations.retitle(title).await)
    }

    /// Asks every switched-on destination of `source` whether it would take a broadcast, all at the same time and each
    /// for at most 8 s, without sending any; nothing when there is no such source.
    ///
    /// # Errors
    /// When the directory does not answer.
    pub async fn probe(&self, source: SourceId) -> Result<Vec<DestinationProbe>, DirectoryError> {
        let directory = &self.context.directory;
        let (source, destinations) = (directory.source(source).await?, directory.destinations(source).await?);
        let Some(source) = source.map(Arc::new) else { return Ok(Vec::new()) };
        let ask = |config| destination::probe(Arc::clone(&self.context), Arc::clone(&source), config);
        Ok(join_all(destinations.into_iter().map(ask)).await)
    }

    /// Lets a destination of `source` that waits for its next attempt, or has failed, try at once. False when nothing
    /// runs, or the destination is switched off.
    pub fn retry(&self, source: SourceId, destination: DestinationId) -> bool {
        self.context.session(source).is_some_and(|session| session.destinations.hurry(destination))
    }

    /// Tells that the key of `source` was rotated: its publisher is disconnected.
    pub fn key_rotated(&self, source: SourceId) {
        if let Some(session) = self.context.session(source) {
            session.dismiss_publisher();
        }
    }

    /// Tells that `source` was deleted: its session ends.
    pub async fn source_deleted(&self, source: SourceId) {
        self.end(source).await;
    }

    /// Ends the running session of `source`; false when there is none.
    pub async fn end(&self, source: SourceId) -> bool {
        let Some(session) = self.context.session(source) else { return false };
        session.end().await;
        true
    }

    /// One file of the HLS presentation of `playback`; waits where the request says so.
    pub async fn hls(&self, playback: &PlaybackId, request: HlsRequest) -> Result<HlsResponse, HlsError> {
        let patience = self.context.settings.hls_blocking_timeout;
        let session = self.context.session_by_playback(playback);
        let finished = if session.is_none() { self.context.finished(playback) } else { None };
        let gate = match (&session, &finished) {
            (Some(session), _) => &session.gate,
            (None, Some(finished)) => &finished.gate,
            (None, None) => return Err(HlsError::NotLive),
        };
        let pass = gate.admit(self.context.tokens.as_ref(), &request.viewer)?;
        // Nobody who may not watch gets a packager to begin.
        let stream = match (&session, &finished) {
            (Some(session), _) => HlsSlot::open(session),
            (None, Some(finished)) => Arc::clone(&finished.hls),
            (None, None) => return Err(HlsError::NotLive),
        };
        let watching = session.as_ref().filter(|_| request.is_watching());
        let count = |now| {
            if let Some(session) = watching {
                session.audience.note_playlist(pass.token(), pass.address(), request.player.as_deref(), now);
            }
        };
        count(Instant::now());
        let response = stream.serve(&request, patience).await;
        // It may have been waited for as long as a viewer is remembered.
        count(Instant::now());
        let response = response?;
        // The answer may have been waited for, and the token taken back meanwhile.
        gate.check(&pass)?;
        Ok(HlsResponse { is_shared: response.is_shared && gate.is_shared(), ..response })
    }
}
