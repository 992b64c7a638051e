//! One run of a source: its publisher, its broadcast and its destinations.
//!
//! A session outlives its publisher by the source's reconnect window: readers
//! stay connected and go on when a publisher returns. It ends when the
//! publisher says so, when the window passes, or when the tenant ends it.
//!
//! Invariant: there is at most one publisher. Each attached publisher holds a
//! [`Lease`] with its generation; what an outlived lease does is ignored.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use neustream_media::{Frame, FrameKind, Track};
use neustream_model::{
    DestinationSample, HealthSample, LiveEvent, LiveEventKind, PlaybackId, Reason, SecondPublisher,
    SessionId, SessionStatus, SourceId, StreamState, TenantId, TrackInfo, UnixMillis, UsageWarning,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::audience::Audience;
use crate::broadcast::Broadcast;
use crate::context::{AlreadyLive, Context};
use crate::destination::Destinations;
use crate::hls_window::HlsSlot;
use crate::meter::Meter;
use crate::quota::{Notice, Standing};
use crate::settings::LiveSettings;
use crate::streamed::Streamed;
use crate::timeline::Timeline;
use crate::tracks::track_info;
use crate::viewers::Gate;
use crate::{Allowance, SessionUsage, SourceConfig};

/// Sound without a picture counts as live after this long.
const SOUND_ALONE: Duration = Duration::from_secs(1);
/// Above this keyframe distance low latency cannot hold; OBS defaults to 8.3 s.
const LONG_KEYFRAME_INTERVAL_MS: u64 = 4_000;

/// Why a stream ends, or does not begin, when its plan gives it no more time.
pub(crate) const USED_UP: &str = "this month's streaming time of the plan is used up";

/// How long to wait when the directory does not take the end of a session.
const RECORD_AGAIN: Duration = Duration::from_secs(5);

/// See the module's text.
pub(crate) struct Session {
    pub id: SessionId,
    pub source_id: SourceId,
    pub tenant: TenantId,
    pub playback_id: PlaybackId,
    pub context: Arc<Context>,
    pub broadcast: Broadcast,
    pub destinations: Destinations,
    pub hls: HlsSlot,
    /// Who may watch.
    pub gate: Arc<Gate>,
    /// Who does.
    pub audience: Arc<Audience>,
    /// Cancelled when the session is over: readers finish what they do.
    pub over: CancellationToken,
    /// Everything that must have ended before the session counts as drained.
    pub tasks: TaskTracker,
    started_at: UnixMillis,
    inner: Mutex<Inner>,
}

struct Inner {
    source: SourceConfig,
    state: StreamState,
    publisher: Option<CancellationToken>,
    generation: u64,
    timeline: Timeline,
    streamed: Streamed,
    standing: Standing,
    usage_warning: Option<UsageWarning>,
    bytes_in: u64,
    meter: Meter,
    pictures_in: u64,
    picture_meter: Meter,
    video_bytes_in: u64,
    video_meter: Meter,
    audio_bytes_in: u64,
    audio_meter: Meter,
    sound_since: Option<Instant>,
    last_key_ms: Option<u64>,
    keyframe_interval_ms: Option<u64>,
    video: Option<TrackInfo>,
    audio: Option<TrackInfo>,
}

/// How a publisher left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departure {
    /// It said that the stream is over.
    Ended,
    /// It vanished, or was sent away.
    Vanished,
}

/// A publisher's place in a session. Dropping it counts as vanishing.
pub(crate) struct Lease {
    session: Arc<Session>,
    generation: u64,
    /// Cancelled when the publisher must go: replaced, key rotated, session ended.
    pub dismissed: CancellationToken,
    departure: Departure,
}

impl Session {
    /// A new session; its destinations begin at once.
    pub fn begin(context: Arc<Context>, source: SourceConfig) -> Arc<Self> {
        let session = Arc::new(Self {
            id: SessionId::new(),
            source_id: source.id,
            tenant: source.tenant,
            playback_id: source.playback_id.clone(),
            broadcast: Broadcast::new(context.settings.retention(), LiveSettings::gathering()),
            destinations: Destinations::default(),
            hls: HlsSlot::default(),
            gate: Arc::new(Gate::new(&source)),
            audience: Arc::default(),
            over: CancellationToken::new(),
            tasks: TaskTracker::new(),
            started_at: UnixMillis::now(),
            inner: Mutex::new(Inner {
                source,
                state: StreamState::Starting,
                publisher: None,
                generation: 0,
                timeline: Timeline::default(),
                streamed: Streamed::default(),
                standing: Standing::default(),
                usage_warning: None,
                bytes_in: 0,
                meter: Meter::default(),
                pictures_in: 0,
                picture_meter: Meter::default(),
                video_bytes_in: 0,
                video_meter: Meter::default(),
                audio_bytes_in: 0,
                audio_meter: Meter::default(),
                sound_since: None,
                last_key_ms: None,
                keyframe_interval_ms: None,
                video: None,
                audio: None,
            }),
            context,
        });
        tracing::info!(source = %session.source_id, session = %session.id, "session begins");
        metrics::gauge!("neustream_sessions").increment(1.0);
        session.tell(LiveEventKind::StreamStarting);
        session.tasks.spawn(Arc::clone(&session).open());
        session
    }

    /// Takes a publisher in; `None` when the session is over and a new one is needed.
    pub fn attach(self: &Arc<Self>, source: &SourceConfig) -> Option<Result<Lease, AlreadyLive>> {
        let mut inner = self.lock();
        if inner.state == StreamState::Offline {
            return None;
        }
        inner.source = source.clone();
        self.gate.update(&source.viewing);
        if let Some(former) = &inner.publisher {
            match source.second_publisher {
                SecondPublisher::Reject => return Some(Err(AlreadyLive)),
                SecondPublisher::Replace => former.cancel(),
            }
        }
        let dismissed = self.over.child_token();
        inner.publisher = Some(dismissed.clone());
        inner.generation += 1;
        inner.timeline.expect_new_publisher();
        inner.streamed.resume(Instant::now());
        let generation = inner.generation;
        drop(inner);
        if generation > 1 {
            self.broadcast.mark_discontinuity(Instant::now());
        }
        Some(Ok(Lease { session: Arc::clone(self), generation, dismissed, departure: Departure::Vanished }))
    }

    /// Sends the publisher away; the session waits for another.
    pub fn dismiss_publisher(&self) {
        if let Some(publisher) = &self.lock().publisher {
            publisher.cancel();
        }
    }

    /// Ends the session: readers finish and leave, the end is told and recorded.
    pub async fn end(self: Arc<Self>) {
        {
            let mut inner = self.lock();
            if inner.state == StreamState::Offline {
                return;
            }
            inner.state = StreamState::Offline;
            inner.streamed.pause(Instant::now(), UnixMillis::now());
        }
        self.broadcast.flush(Instant::now());
        self.over.cancel();
        self.context.forget(&self);
        self.tell(LiveEventKind::StreamOffline);
        metrics::gauge!("neustream_sessions").decrement(1.0);
        tracing::info!(source = %self.source_id, session = %self.id, "session ends");
        if let Some(stream) = self.hls.take() {
            self.context.keep_finished(self.playback_id.clone(), stream, Arc::clone(&self.gate));
        }
        self.tasks.close();
        if tokio::time::timeout(self.context.settings.drain_timeout, self.tasks.wait()).await.is_err() {
            tracing::warn!(session = %self.id, "some readers did not finish in time");
        }
        let usage = self.usage(Instant::now(), UnixMillis::now());
        if let Err(error) = self.context.directory.session_ended(&usage).await {
            tracing::warn!(session = %self.id, %error, "the end of the session is recorded later");
            tokio::spawn(record_end_later(Arc::clone(&self.context), usage));
        }
    }

    /// The title of the broadcast.
    pub fn title(&self) -> String {
        self.lock().source.name.clone()
    }

    /// Gives the broadcast another title, until the source is edited.
    pub fn retitle(&self, title: &str) {
        title.clone_into(&mut self.lock().source.name);
    }

    /// The source was edited.
    pub fn update_source(&self, source: SourceConfig) {
        self.gate.update(&source.viewing);
        self.lock().source = source;
    }

    /// The session as people and programs see it.
    pub fn status(&self) -> SessionStatus {
        let destinations = self.destinations.statuses();
        let inner = self.lock();
        let is_slow_start = inner.keyframe_interval_ms.is_some_and(|ms| ms > LONG_KEYFRAME_INTERVAL_MS);
        let slow_start = is_slow_start.then(|| {
            let seconds = inner.keyframe_interval_ms.unwrap_or_default() as f64 / 1_000.0;
            let message = format!(
                "keyframes come every {seconds:.1} s: set the encoder's keyframe interval to 1 or 2 s for low latency"
            );
            Reason::new("keyframes-far-apart", message)
        });
        let usage = inner.usage_warning.as_ref().map(usage_reason);
        SessionStatus {
            id: self.id,
            source_id: self.source_id,
            tenant_id: self.tenant,
            playback_id: self.playback_id.clone(),
            title: inner.source.name.clone(),
            visibility: self.gate.visibility(),
            state: inner.state,
            started_at: self.started_at,
            bitrate_in_bps: inner.meter.bps(),
            video_bitrate_bps: inner.video_meter.bps(),
            audio_bitrate_bps: inner.audio_meter.bps(),
            frame_rate: inner.frame_rate(),
            viewers: self.audience.count(),
            keyframe_interval_ms: inner.keyframe_interval_ms,
            tracks: inner.video.iter().chain(&inner.audio).cloned().collect(),
            warnings: usage.into_iter().chain(slow_start).collect(),
            destinations,
        }
    }

    /// The figures of this moment. Viewers who left are forgotten.
    pub fn look(&self, now: Instant, at: UnixMillis) -> HealthSample {
        self.audience.forget_absent(now);
        let destinations = self.destinations.statuses().into_iter().map(|status| DestinationSample {
            id: status.id,
            bitrate_out_bps: status.bitrate_out_bps,
            dropped_frames: status.dropped_frames,
        });
        let destinations = destinations.collect();
        let mut inner = self.lock();
        if inner.publisher.is_some() {
            // A publisher that sends nothing has the rate that it sends.
            inner.measure(now);
        }
        HealthSample {
            at,
            bitrate_in_bps: inner.meter.bps(),
            frame_rate: inner.frame_rate(),
            viewers: self.audience.count(),
            destinations,
        }
    }

    /// How long it was streamed until `now`, which the wall clock calls `wall`.
    pub fn usage(&self, now: Instant, wall: UnixMillis) -> SessionUsage {
        SessionUsage {
            session: self.id,
            source: self.source_id,
            tenant: self.tenant,
            started_at: self.started_at,
            by_day: self.lock().streamed.totals(now, wall),
        }
    }

    /// Takes what the organisation may still stream, and warns. True when the session is to be ended.
    pub fn take_allowance(&self, allowance: &Allowance, now: Instant) -> bool {
        let warning = {
            let mut inner = self.lock();
            let notice = inner.standing.judge(allowance, now, self.context.settings.usage_grace);
            if inner.standing == Standing::Within {
                inner.usage_warning = None;
            }
            let (percent, ends_at) = match notice {
                None => return false,
                Some(Notice::Near) => (80, None),
                Some(Notice::Spent(end)) => {
                    (100, Some(UnixMillis::now().plus(end.saturating_duration_since(now))))
                }
                Some(Notice::Over) => {
                    drop(inner);
                    let reason = Reason::new("plan-limit-reached", USED_UP);
                    self.tell(LiveEventKind::StreamError { reason });
                    return true;
                }
            };
            let limit_s = allowance.limit.unwrap_or_default().as_secs();
            let warning = UsageWarning { percent, used_s: allowance.used.as_secs(), limit_s, ends_at };
            inner.usage_warning = Some(warning);
            warning
        };
        tracing::info!(session = %self.id, percent = warning.percent, "streaming time is running out");
        self.tell(LiveEventKind::UsageWarning { usage: warning });
        false
    }

    /// What a publisher is told that is sent away.
    pub fn farewell(&self) -> &'static str {
        let inner = self.lock();
        let is_over = inner.state == StreamState::Offline && matches!(inner.standing, Standing::Spent(_));
        if is_over { USED_UP } else { "the server ended the stream" }
    }

    /// Tells everyone who listens. Not to be called with the session's lock held.
    pub fn tell(&self, kind: LiveEventKind) {
        let event = LiveEvent {
            at: UnixMillis::now(),
            tenant_id: self.tenant,
            source_id: self.source_id,
            session_id: self.id,
            playback_id: self.playback_id.clone(),
            kind,
        };
        let state = self.lock().state;
        self.context.histories.note(&event, state, Instant::now());
        // Without listeners there is nobody to miss it.
        let _ = self.context.events.send(event);
    }

    async fn open(self: Arc<Self>) {
        let usage = self.usage(Instant::now(), UnixMillis::now());
        if let Err(error) = self.context.directory.record_usage(&[usage]).await {
            tracing::warn!(session = %self.id, %error, "the start of the session is recorded later");
        }
        Destinations::reload(&self).await;
    }

    fn ingest(&self, generation: u64, frames: &mut [Frame], bytes: usize, now: Instant) {
        let mut goes_live = false;
        {
            let mut inner = self.lock();
            if inner.generation != generation || inner.state == StreamState::Offline {
                return;
            }
            for frame in frames.iter_mut() {
                inner.timeline.place(frame, now);
                goes_live |= inner.observe(frame, now);
            }
            inner.bytes_in += bytes as u64;
            inner.measure(now);
        }
        self.broadcast.publish(frames, now);
        if goes_live {
            self.tell(LiveEventKind::StreamLive);
        }
    }

    fn detach(self: &Arc<Self>, generation: u64, departure: Departure) {
        let window = {
            let mut inner = self.lock();
            if inner.generation != generation || inner.state == StreamState::Offline {
                return;
            }
            inner.publisher = None;
            inner.streamed.pause(Instant::now(), UnixMillis::now());
            inner.state = StreamState::Reconnecting;
            inner.meter.reset();
            inner.picture_meter.reset();
            inner.video_meter.reset();
            inner.audio_meter.reset();
            inner.last_key_ms = None;
            inner.sound_since = None;
            if departure == Departure::Ended { Duration::ZERO } else { inner.source.reconnect_window }
        };
        self.broadcast.flush(Instant::now());
        if departure == Departure::Vanished {
            tracing::info!(session = %self.id, window_s = window.as_secs(), "the publisher vanished");
            let reason = Reason::new("publisher-vanished", "the encoder's connection was lost");
            self.tell(LiveEventKind::StreamError { reason });
        }
        let session = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(window) => {}
                () = session.over.cancelled() => return,
            }
            let is_unattended = {
                let inner = session.lock();
                inner.generation == generation && inner.publisher.is_none()
            };
            if is_unattended {
                session.end().await;
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A warning for the person who streams.
fn usage_reason(warning: &UsageWarning) -> Reason {
    let hours = |seconds: u64| seconds as f64 / 3_600.0;
    let (used, limit) = (hours(warning.used_s), hours(warning.limit_s));
    if let Some(end) = warning.ends_at {
        let minutes = end.since(UnixMillis::now()).as_secs().div_ceil(60);
        let message = format!(
            "this month's {limit:.0} streaming hours are used up: the stream ends within {minutes} min"
        );
        return Reason::new("streaming-hours-used", message);
    }
    let message = format!("{used:.1} of this month's {limit:.0} streaming hours are used");
    Reason::new("streaming-hours-low", message)
}

/// Records the end of a session when the directory answers again. If the process stops before, the next start closes
/// the session at the moment it was last seen, and what was streamed since the last beat is forgotten.
async fn record_end_later(context: Arc<Context>, usage: SessionUsage) {
    loop {
        tokio::time::sleep(RECORD_AGAIN).await;
        if context.directory.session_ended(&usage).await.is_ok() {
            return;
        }
    }
}

impl Inner {
    /// Learns from a frame; true when it is the one that makes the stream live.
    fn observe(&mut self, frame: &Frame, now: Instant) -> bool {
        self.count(frame);
        match (frame.track, frame.kind) {
            (Track::Video, FrameKind::Header) => self.video = track_info(frame),
            (Track::Audio, FrameKind::Header) => self.audio = track_info(frame),
            (Track::Video, FrameKind::Key) => {
                let last = self.last_key_ms.replace(frame.timestamp_ms);
                if let Some(last) = last {
                    self.keyframe_interval_ms = Some(frame.timestamp_ms - last);
                }
                return self.go_live();
            }
            (Track::Audio, _) if self.video.is_none() => {
                let since = *self.sound_since.get_or_insert(now);
                return now.saturating_duration_since(since) >= SOUND_ALONE && self.go_live();
            }
            _ => {}
        }
        false
    }

    fn count(&mut self, frame: &Frame) {
        let bytes = frame.payload.len() as u64;
        match frame.track {
            Track::Video => {
                self.video_bytes_in += bytes;
                self.pictures_in += u64::from(frame.kind != FrameKind::Header);
            }
            Track::Audio => self.audio_bytes_in += bytes,
            Track::Data => {}
        }
    }

    fn measure(&mut self, now: Instant) {
        self.meter.sample_each_second(self.bytes_in, now);
        self.picture_meter.sample_each_second(self.pictures_in, now);
        self.video_meter.sample_each_second(self.video_bytes_in, now);
        self.audio_meter.sample_each_second(self.audio_bytes_in, now);
    }

    /// Pictures a second, to a tenth; nothing without pictures.
    fn frame_rate(&self) -> Option<f64> {
        let rate =
            self.picture_meter.per_second().filter(|_| self.video.is_some() || self.pictures_in > 0)?;
        Some((rate * 10.0).round() / 10.0)
    }

    fn go_live(&mut self) -> bool {
        std::mem::replace(&mut self.state, StreamState::Live) != StreamState::Live
    }
}

impl Lease {
    /// The session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Publishes the frames of one read, which took `bytes` from the socket.
    pub fn publish(&self, frames: &mut [Frame], bytes: usize, now: Instant) {
        self.session.ingest(self.generation, frames, bytes, now);
    }

    /// The publisher said that the stream is over.
    pub fn end(mut self) {
        self.departure = Departure::Ended;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.session.detach(self.generation, self.departure);
    }
}
