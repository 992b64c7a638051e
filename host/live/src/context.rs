//! What every part of the media path shares, and the sessions that run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neustream_contract::Installed;
use neustream_contract::destination::DestinationAdapters;
use neustream_model::{LiveEvent, LiveFigures, PlaybackId, SourceId};
use neustream_outbound::Outbound;
use tokio::sync::broadcast;

use crate::health::Histories;
use crate::hls_window::HlsStream;
use crate::key_guard::KeyGuard;
use crate::session::{Lease, Session};
use crate::viewers::Gate;
use crate::{Directory, LiveSettings, PlaybackTokenReader, SourceConfig};

/// The source is live and its policy is to refuse a second publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AlreadyLive;

/// Figures kept for a listener that is behind; whoever loses some has newer ones in a moment.
const FIGURES: usize = 1024;

/// See the module's text.
pub(crate) struct Context {
    pub settings: LiveSettings,
    pub directory: Arc<dyn Directory>,
    pub installed: Arc<dyn Installed>,
    pub adapters: Arc<dyn DestinationAdapters>,
    pub outbound: Outbound,
    pub tokens: Arc<dyn PlaybackTokenReader>,
    pub events: broadcast::Sender<LiveEvent>,
    /// Apart from the events, of which none should be lost to them.
    pub figures: broadcast::Sender<LiveFigures>,
    pub histories: Histories,
    pub key_guard: KeyGuard,
    sessions: Mutex<Sessions>,
    /// Presentations of ended sessions, for a while, so that players read the end.
    finished_hls: Mutex<HashMap<PlaybackId, Finished>>,
}

/// What an ended session left, and who may read it.
#[derive(Clone)]
pub(crate) struct Finished {
    pub hls: Arc<HlsStream>,
    pub gate: Arc<Gate>,
}

/// The running sessions under both of their names.
#[derive(Default)]
struct Sessions {
    by_source: HashMap<SourceId, Arc<Session>>,
    by_playback: HashMap<PlaybackId, Arc<Session>>,
}

impl Context {
    pub fn new(
        settings: LiveSettings,
        directory: Arc<dyn Directory>,
        installed: Arc<dyn Installed>,
        adapters: Arc<dyn DestinationAdapters>,
        outbound: Outbound,
        tokens: Arc<dyn PlaybackTokenReader>,
        events: broadcast::Sender<LiveEvent>,
    ) -> Self {
        let key_guard = KeyGuard::new(settings.max_key_failures_per_minute);
        Self {
            settings,
            directory,
            installed,
            adapters,
            outbound,
            tokens,
            events,
            figures: broadcast::Sender::new(FIGURES),
            histories: Histories::default(),
            key_guard,
            sessions: Mutex::default(),
            finished_hls: Mutex::default(),
        }
    }

    /// Makes a publisher part of the source's session, which begins if there is none.
    ///
    /// # Errors
    /// [`AlreadyLive`] when somebody publishes and the source's policy is to refuse the newcomer.
    pub fn attach(self: &Arc<Self>, source: &SourceConfig) -> Result<Lease, AlreadyLive> {
        let mut sessions = self.lock_sessions();
        if let Some(running) = sessions.by_source.get(&source.id)
            && let Some(attached) = running.attach(source)
        {
            return attached;
        }
        let session = Session::begin(Arc::clone(self), source.clone());
        sessions.by_source.insert(source.id, Arc::clone(&session));
        sessions.by_playback.insert(source.playback_id.clone(), Arc::clone(&session));
        self.lock_finished().remove(&source.playback_id);
        session.attach(source).unwrap_or(Err(AlreadyLive))
    }

    /// The running session of a source.
    pub fn session(&self, source: SourceId) -> Option<Arc<Session>> {
        self.lock_sessions().by_source.get(&source).cloned()
    }

    /// The running session that viewers know as `playback`.
    pub fn session_by_playback(&self, playback: &PlaybackId) -> Option<Arc<Session>> {
        self.lock_sessions().by_playback.get(playback).cloned()
    }

    /// Every running session.
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        self.lock_sessions().by_source.values().cloned().collect()
    }

    /// Takes an ended session off the list; a newer one of the same source stays.
    pub fn forget(&self, session: &Session) {
        let mut sessions = self.lock_sessions();
        sessions.by_source.retain(|_, listed| listed.id != session.id);
        sessions.by_playback.retain(|_, listed| listed.id != session.id);
    }

    /// Keeps the presentation of an ended session readable for `hls_idle`.
    pub fn keep_finished(self: &Arc<Self>, playback: PlaybackId, hls: Arc<HlsStream>, gate: Arc<Gate>) {
        self.lock_finished().insert(playback.clone(), Finished { hls: Arc::clone(&hls), gate });
        let context = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(context.settings.hls_idle).await;
            let mut finished = context.lock_finished();
            if finished.get(&playback).is_some_and(|kept| Arc::ptr_eq(&kept.hls, &hls)) {
                finished.remove(&playback);
            }
        });
    }

    /// What a session left that ended a while ago.
    pub fn finished(&self, playback: &PlaybackId) -> Option<Finished> {
        self.lock_finished().get(playback).cloned()
    }

    /// The gates before everything that can be watched.
    pub fn gates(&self) -> Vec<Arc<Gate>> {
        let running = self.sessions().into_iter().map(|session| Arc::clone(&session.gate));
        let finished: Vec<_> = self.lock_finished().values().map(|left| Arc::clone(&left.gate)).collect();
        running.chain(finished).collect()
    }

    fn lock_sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_finished(&self) -> MutexGuard<'_, HashMap<PlaybackId, Finished>> {
        self.finished_hls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
