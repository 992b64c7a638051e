//! HLS of running sessions, for whoever speaks HTTP.
//!
//! Packaging begins with the first request for a stream and stops when nobody
//! has asked for a while, so a stream without viewers costs nothing. It starts
//! from the last group of pictures in the ring, so the first viewer does not
//! wait for the next keyframe.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_hls::{Packager, PackagerSettings, ResourceName, SegmentEncryption};
use neustream_model::{UnixMillis, ViewerRefused};
use neustream_rtmp::wire::Receiver;
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::Viewer;
use crate::broadcast::Chunk;
use crate::ring::Burst;
use crate::session::Session;

/// A request for one file of a stream's HLS presentation.
#[derive(Debug, Clone, Default)]
pub struct HlsRequest {
    /// The file's name, such as `media.m3u8`.
    pub name: String,
    /// `_HLS_msn`: answer when this media sequence number is there.
    pub msn: Option<u64>,
    /// `_HLS_part`: and this part of it.
    pub part: Option<u64>,
    /// `_HLS_skip=YES`: a playlist delta update is welcome.
    pub skip: bool,
    /// Who asks.
    pub viewer: Viewer,
    /// With what, as it says (`User-Agent`): tells viewers behind one address apart.
    pub player: Option<String>,
}

impl HlsRequest {
    /// Whether whoever asks is watching: players ask for the media playlist again and again.
    pub(crate) fn is_watching(&self) -> bool {
        matches!(ResourceName::from_str(&self.name), Ok(ResourceName::Media))
    }
}

/// One file of the presentation.
#[derive(Debug, Clone)]
pub struct HlsResponse {
    /// Its bytes.
    pub body: Bytes,
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be cached, in seconds; `None` means not at all.
    pub max_age_s: Option<u32>,
    /// Whether caches that serve several viewers may keep it.
    pub is_shared: bool,
}

/// Why a file is not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HlsError {
    /// No such file, or it left the window.
    #[error("no such file in this presentation")]
    NotFound,
    /// Nobody publishes under this playback id, or there is no such id.
    #[error("the stream is not live")]
    NotLive,
    /// The source is not for this viewer.
    #[error(transparent)]
    Refused(#[from] ViewerRefused),
    /// The request contradicts itself or asks too far ahead.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// What was asked for did not come in time.
    #[error("the stream did not reach the requested position in time")]
    TimedOut,
}

/// How far ahead of the newest segment a blocking request may ask (RFC 8216bis 6.2.5.2).
const MAX_SEGMENTS_AHEAD: u64 = 2;
/// Segments and parts never change: as long as anybody could want them.
const MEDIA_MAX_AGE_S: u32 = 300;
/// The reader that packages never sees the network: it lags only when the machine does.
const MAX_LAG: Duration = Duration::from_secs(10);
/// Bursts packaged in one go.
const MAX_BURSTS: usize = 64;

/// The presentation of a session, once somebody asked for it.
#[derive(Default)]
pub(crate) struct HlsSlot(Mutex<Option<Arc<HlsStream>>>);

impl HlsSlot {
    /// The running presentation of `session`, begun if there is none.
    pub fn open(session: &Arc<Session>) -> Arc<HlsStream> {
        let mut slot = session.hls.lock();
        if let Some(stream) = slot.as_ref() {
            return Arc::clone(stream);
        }
        let settings = &session.context.settings;
        let encryption = SegmentEncryption::new(rand::random(), settings.hls_segments_per_key);
        let stream = Arc::new(HlsStream::new(encryption, session.gate.is_encrypted()));
        *slot = Some(Arc::clone(&stream));
        tokio::spawn(package(Arc::clone(session), Arc::clone(&stream)));
        stream
    }

    /// Takes the presentation out: the session is over.
    pub fn take(&self) -> Option<Arc<HlsStream>> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<HlsStream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A presentation that grows.
pub(crate) struct HlsStream {
    /// Made with the first burst, which tells how the session's timeline lies on the wall clock.
    packager: Mutex<Option<Packager>>,
    changes: watch::Sender<u64>,
    asked: Mutex<Instant>,
    /// Used while the tenant wants it.
    encryption: SegmentEncryption,
    is_encrypted: AtomicBool,
}

impl HlsStream {
    fn new(encryption: SegmentEncryption, is_encrypted: bool) -> Self {
        Self {
            packager: Mutex::default(),
            changes: watch::Sender::new(0),
            asked: Mutex::new(Instant::now()),
            encryption,
            is_encrypted: AtomicBool::new(is_encrypted),
        }
    }

    /// Answers one request, waiting up to `patience` where it names a position to come.
    pub async fn serve(&self, request: &HlsRequest, patience: Duration) -> Result<HlsResponse, HlsError> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let name = ResourceName::from_str(&request.name).map_err(|_| HlsError::NotFound)?;
        if request.part.is_some() && request.msn.is_none() {
            return Err(HlsError::BadRequest("_HLS_part without _HLS_msn".to_owned()));
        }
        let deadline = tokio::time::Instant::now() + patience;
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(answer) = self.lock().as_ref().and_then(|packager| packager.answer(&name, request)) {
                return answer;
            }
            match timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(HlsError::NotLive),
                Err(_) => return Err(HlsError::TimedOut),
            }
        }
    }

    /// Packages `chunks`.
    fn extend(&self, chunks: Vec<Chunk>) {
        let Some(first) = chunks.first() else { return };
        let changed = {
            let mut packager = self.lock();
            let packager = packager.get_or_insert_with(|| Packager::new(settings_from(&first.burst)));
            let is_encrypted = self.is_encrypted.load(Ordering::Relaxed);
            packager.encrypt(is_encrypted.then(|| self.encryption.clone()));
            push_all(packager, chunks)
        };
        self.note(changed);
    }

    fn end(&self) {
        let changed = self.lock().as_mut().is_some_and(|packager| packager.end().changed);
        self.note(changed);
    }

    /// Encrypts segments from the next one on, or no more.
    fn encrypt(&self, is_encrypted: bool) {
        self.is_encrypted.store(is_encrypted, Ordering::Relaxed);
    }

    fn note(&self, changed: bool) {
        if changed {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    fn idle_for(&self) -> Duration {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Packager>> {
        self.packager.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a presentation answers at this moment; `None` says: not yet.
trait Answer {
    fn answer(&self, name: &ResourceName, request: &HlsRequest) -> Option<Result<HlsResponse, HlsError>>;
}

impl Answer for Packager {
    fn answer(&self, name: &ResourceName, request: &HlsRequest) -> Option<Result<HlsResponse, HlsError>> {
        match name {
            ResourceName::Multivariant => self.multivariant_playlist().map(|text| Ok(playlist(text))),
            ResourceName::Media => {
                if let Some(wanted) = request.msn
                    && !self.has_reached(wanted, request.part)
                {
                    return too_far_ahead(wanted, self.newest()?.0).map(Err);
                }
                self.media_playlist(request.skip).map(|text| Ok(playlist(text)))
            }
            ResourceName::Key(_) => {
                let body = self.resource(name).ok_or(HlsError::NotFound);
                let content_type = "application/octet-stream";
                Some(body.map(|body| HlsResponse { body, content_type, max_age_s: None, is_shared: false }))
            }
            ResourceName::Init(_) | ResourceName::Segment(_) | ResourceName::Part(..) => {
                if let Some(body) = self.resource(name) {
                    let response = HlsResponse {
                        body,
                        content_type: "video/mp4",
                        max_age_s: Some(MEDIA_MAX_AGE_S),
                        is_shared: true,
                    };
                    return Some(Ok(response));
                }
                if self.is_hinted(name) { None } else { Some(Err(HlsError::NotFound)) }
            }
        }
    }
}

fn too_far_ahead(wanted: u64, newest: u64) -> Option<HlsError> {
    let is_too_far = wanted > newest + MAX_SEGMENTS_AHEAD;
    is_too_far.then(|| HlsError::BadRequest(format!("_HLS_msn {wanted} is too far ahead of {newest}")))
}

fn playlist(text: String) -> HlsResponse {
    HlsResponse {
        body: text.into(),
        content_type: "application/vnd.apple.mpegurl",
        max_age_s: None,
        is_shared: true,
    }
}

/// Packages a session until it is over or nobody has asked for a while.
async fn package(session: Arc<Session>, stream: Arc<HlsStream>) {
    let idle = session.context.settings.hls_idle;
    let mut reader = session.broadcast.reader(Receiver::Player, MAX_LAG);
    let mut chunks = Vec::new();
    loop {
        loop {
            stream.encrypt(session.gate.is_encrypted());
            reader.read(MAX_BURSTS, Instant::now(), &mut chunks);
            if chunks.is_empty() {
                break;
            }
            stream.extend(std::mem::take(&mut chunks));
        }
        tokio::select! {
            () = reader.changed() => {}
            () = session.over.cancelled() => {
                reader.read(usize::MAX, Instant::now(), &mut chunks);
                stream.extend(chunks);
                stream.end();
                return;
            }
            () = tokio::time::sleep(idle) => {}
        }
        let mut slot = session.hls.lock();
        if stream.idle_for() >= idle {
            slot.take();
            tracing::debug!(session = %session.id, "HLS packaging rests: nobody asks");
            return;
        }
    }
}

/// The session's time zero on the wall clock is when `burst` arrived, less its time.
fn settings_from(burst: &Burst) -> PackagerSettings {
    let age_ms = burst.arrived.elapsed().as_millis() as u64;
    let epoch_unix_ms = UnixMillis::now().0.checked_sub(age_ms + burst.timestamp_ms());
    PackagerSettings { epoch_unix_ms, ..PackagerSettings::default() }
}

fn push_all(packager: &mut Packager, chunks: Vec<Chunk>) -> bool {
    let mut has_changed = false;
    for Chunk { headers, burst } in chunks {
        if burst.is_discontinuity {
            has_changed |= packager.discontinuity().changed;
        }
        let headers = (!headers.is_empty()).then(|| burst.header_frames()).into_iter().flatten();
        for frame in headers.chain(burst.frames()) {
            match packager.push(&frame) {
                Ok(progress) => has_changed |= progress.changed,
                Err(error) => tracing::debug!(%error, "a frame was left out of HLS"),
            }
        }
    }
    has_changed
}
