//! The packager: what comes in, what can be fetched.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use neustream_media::flv::{self, Codec, Packet, Tag};
use neustream_media::{CodecConfig, Frame, Track, TrackConfig};

use crate::run::{MediaFrame, Run};
use crate::start::{Start, Tracks};
use crate::timeline::{Anchor, is_jump};
use crate::track::{TrackQueue, VIDEO_TIMESCALE};
use crate::window::Window;
use crate::{PackagerError, PackagerSettings, ResourceName, SegmentEncryption, fmp4, playlist};

/// What a call changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Whether there is something new to fetch, so that waiting requests should look again.
    pub changed: bool,
}

/// What is known of one track, whether a run carries it or not.
#[derive(Debug, Default)]
struct Slot {
    /// The codec and record of the newest header, and what they say.
    header: Option<(Codec, Bytes)>,
    config: Option<CodecConfig>,
    /// Rises with every change of the configuration.
    generation: u64,
    /// Whether its newest header was refused, so that frames without configuration are no news.
    is_refused: bool,
    /// When its newest frame was.
    newest_ms: Option<u64>,
    /// The generation that the run carries.
    in_run: u64,
}

#[derive(Debug)]
enum Stage {
    Starting(Start),
    Running(Box<Run>),
}

/// The HLS presentation of one session. See the crate's documentation for what always holds.
#[derive(Debug)]
pub struct Packager {
    settings: PackagerSettings,
    video: Slot,
    audio: Slot,
    stage: Stage,
    window: Window,
    /// The tracks of the newest run.
    tracks: Vec<TrackConfig>,
    /// A track waits for the next keyframe to join or to change.
    wants_new_run: bool,
    newest_ms: Option<u64>,
    /// Where the last run ended.
    resume: Duration,
    seen_changes: u64,
    full: OnceLock<String>,
    delta: OnceLock<String>,
}

impl Packager {
    /// A packager without anything to fetch yet. Settings outside their documented range are moved into it.
    pub fn new(settings: PackagerSettings) -> Self {
        let settings = settings.within_bounds();
        Self {
            window: Window::new(&settings),
            settings,
            video: Slot::default(),
            audio: Slot::default(),
            stage: Stage::Starting(Start::default()),
            tracks: Vec::new(),
            wants_new_run: false,
            newest_ms: None,
            resume: Duration::ZERO,
            seen_changes: 0,
            full: OnceLock::new(),
            delta: OnceLock::new(),
        }
    }

    /// Takes a frame of the session: sequence headers configure their track, coded frames are packaged,
    /// script data and secondary tracks are passed over.
    ///
    /// # Errors
    /// [`PackagerError`] says why the frame was skipped; the packager goes on with the next one.
    pub fn push(&mut self, frame: &Frame) -> Result<Progress, PackagerError> {
        if self.window.is_ended {
            return Err(PackagerError::Ended);
        }
        let track = frame.track;
        if track == Track::Data {
            return Ok(Progress::default());
        }
        let tag = flv::parse(track, &frame.payload).map_err(|source| PackagerError::Tag { track, source })?;
        if tag.track_id == 0 {
            match tag.packet {
                Packet::SequenceStart => self.configure(track, tag.codec, frame.payload.slice(tag.body))?,
                Packet::CodedFrames => self.take(frame, &tag)?,
                _ => {}
            }
        }
        Ok(self.progress())
    }

    /// Breaks the timeline: what follows begins anew, after an `EXT-X-DISCONTINUITY`. Configurations stay
    /// until new headers come; a track that sends no frames any more is left out.
    pub fn discontinuity(&mut self) -> Progress {
        if !self.window.is_ended {
            self.break_timeline();
        }
        self.progress()
    }

    /// Ends the presentation: all that is queued becomes fetchable, playlists say `EXT-X-ENDLIST`.
    pub fn end(&mut self) -> Progress {
        if !self.window.is_ended {
            self.break_timeline();
            self.window.end();
        }
        self.progress()
    }

    /// Encrypts segments from the next one on, or, with `None`, no more. Keys of kept segments stay.
    pub fn encrypt(&mut self, encryption: Option<SegmentEncryption>) {
        self.window.encrypt(encryption);
    }

    /// The multivariant playlist; `None` before the first segment is complete.
    pub fn multivariant_playlist(&self) -> Option<String> {
        self.window.is_published().then(|| playlist::multivariant(&self.window, &self.tracks))
    }

    /// The media playlist; `None` before the first segment is complete, because players that ignore parts
    /// give up on a playlist without segments. `delta` asks for a delta update (`_HLS_skip=YES`), which is
    /// the full playlist where there is nothing to skip. Rendered once for each change.
    pub fn media_playlist(&self, delta: bool) -> Option<String> {
        let cache = if delta { &self.delta } else { &self.full };
        let render = || playlist::media(&self.window, delta, self.settings.epoch_unix_ms);
        self.window.is_published().then(|| cache.get_or_init(render).clone())
    }

    /// The newest media sequence number in the playlist and the newest part of it, or `None` for the part
    /// when that segment is complete. `None` before the first segment is complete.
    pub fn newest(&self) -> Option<(u64, Option<u64>)> {
        if !self.window.is_published() {
            return None;
        }
        let (msn, part) = self.window.next_part();
        Some(match part.checked_sub(1) {
            Some(newest) => (msn, Some(newest)),
            None => (msn.saturating_sub(1), None),
        })
    }

    /// Whether the playlist holds what a blocking reload asks for (RFC 8216bis 6.2.5.2): segment `msn`
    /// complete, or its part `part`; a part beyond a segment's last means the first of the next segment.
    /// Always true after the end.
    pub fn has_reached(&self, msn: u64, part: Option<u64>) -> bool {
        if self.window.is_ended {
            return true;
        }
        if !self.window.is_published() {
            return false;
        }
        let (next_msn, next_part) = self.window.next_part();
        let Some(part) = part else { return msn < next_msn };
        if msn < next_msn {
            let parts = self.window.segment(msn).map(|segment| segment.parts.len() as u64);
            let is_beyond = parts.is_some_and(|parts| part >= parts);
            return !is_beyond || msn + 1 < next_msn || next_part > 0;
        }
        msn == next_msn && part < next_part
    }

    /// The bytes of an initialization section, part, complete segment or key, while it is kept. Playlists have
    /// methods of their own.
    pub fn resource(&self, name: &ResourceName) -> Option<Bytes> {
        match *name {
            ResourceName::Multivariant | ResourceName::Media => None,
            ResourceName::Init(id) => self.window.init(id),
            ResourceName::Key(number) => self.window.key(number),
            ResourceName::Segment(msn) => self
                .window
                .segment(msn)
                .filter(|segment| !segment.body.is_empty())
                .map(|segment| segment.body.clone()),
            ResourceName::Part(msn, part) => {
                let part = usize::try_from(part).ok()?;
                self.window.segment(msn)?.parts.get(part).map(|part| part.body.clone())
            }
        }
    }

    /// Whether `name` is the part that comes next, which the playlist hints at (`EXT-X-PRELOAD-HINT`): a request
    /// for it is answered when it is there (RFC 8216bis 6.2.6).
    pub fn is_hinted(&self, name: &ResourceName) -> bool {
        let (msn, part) = self.window.next_part();
        !self.window.is_ended && *name == ResourceName::Part(msn, part)
    }

    /// Bytes of media held: complete and growing segments, initialization sections, and queued frames.
    pub fn memory_bytes(&self) -> usize {
        let queued = match &self.stage {
            Stage::Starting(start) => start.bytes(),
            Stage::Running(run) => run.queued_bytes(),
        };
        self.window.bytes() + queued
    }

    /// The tracks that viewers get, picture first; empty before the first frames.
    pub fn tracks(&self) -> &[TrackConfig] {
        &self.tracks
    }

    fn progress(&mut self) -> Progress {
        let changed = self.window.changes() != self.seen_changes;
        if changed {
            self.seen_changes = self.window.changes();
            self.full = OnceLock::new();
            self.delta = OnceLock::new();
        }
        Progress { changed }
    }

    fn slot(&mut self, track: Track) -> &mut Slot {
        if track == Track::Video { &mut self.video } else { &mut self.audio }
    }

    /// Takes a configuration record. Publishers repeat theirs: only a different one counts.
    fn configure(&mut self, track: Track, codec: Codec, record: Bytes) -> Result<(), PackagerError> {
        let slot = self.slot(track);
        if slot.header.as_ref().is_some_and(|(known, bytes)| *known == codec && *bytes == record) {
            return Ok(());
        }
        match CodecConfig::parse(codec, record.clone()) {
            Ok(config) => {
                slot.header = Some((codec, record));
                slot.config = Some(config);
                slot.generation += 1;
                slot.is_refused = false;
                Ok(())
            }
            Err(source) => {
                slot.is_refused = slot.config.is_none();
                Err(PackagerError::Config { track, source })
            }
        }
    }

    /// Takes a coded frame.
    fn take(&mut self, frame: &Frame, tag: &Tag) -> Result<(), PackagerError> {
        let track = frame.track;
        let body = frame.payload.slice(tag.body.clone());
        if body.is_empty() {
            return Err(PackagerError::Empty(track));
        }
        if body.len() > self.settings.max_segment_bytes {
            return Err(PackagerError::TooLong {
                length: body.len(),
                limit: self.settings.max_segment_bytes,
            });
        }
        if tag.codec == Codec::Mp3 {
            self.configure_mp3(&body)?;
        }
        let slot = self.slot(track);
        let Some(config) =
            slot.config.as_mut().filter(|_| slot.header.as_ref().is_some_and(|h| h.0 == tag.codec))
        else {
            return if slot.is_refused { Ok(()) } else { Err(PackagerError::ConfigurationMissing(track)) };
        };
        let samples = match track {
            Track::Audio => config.packet_samples(&body).ok_or(PackagerError::Empty(track))?,
            _ => 0,
        };
        if tag.is_keyframe {
            config.learn_picture_size(&body);
        }
        slot.newest_ms = Some(frame.timestamp_ms);
        let frame = MediaFrame {
            track,
            session_ms: frame.timestamp_ms,
            is_key: tag.is_keyframe,
            composition_offset_ms: tag.composition_offset_ms,
            nanosecond_offset: tag.nanosecond_offset,
            samples,
            body,
        };
        if self.newest_ms.is_some_and(|newest| is_jump(newest, frame.session_ms, self.settings.max_step)) {
            self.break_timeline();
        }
        self.newest_ms = Some(frame.session_ms);
        self.package(frame)
    }

    /// MP3 has no header of its own: the first frame is one, and so is a frame of another rate or layout.
    fn configure_mp3(&mut self, body: &Bytes) -> Result<(), PackagerError> {
        let config = CodecConfig::parse(Codec::Mp3, body.clone())
            .map_err(|source| PackagerError::Config { track: Track::Audio, source })?;
        if self.audio.config.as_ref() != Some(&config) {
            self.audio.header = Some((Codec::Mp3, Bytes::new()));
            self.audio.config = Some(config);
            self.audio.generation += 1;
            self.audio.is_refused = false;
        }
        Ok(())
    }

    fn package(&mut self, frame: MediaFrame) -> Result<(), PackagerError> {
        let Stage::Running(run) = &mut self.stage else { return self.gather(frame) };
        let slot = if frame.track == Track::Video { &self.video } else { &self.audio };
        let is_carried = run.has(frame.track) && slot.in_run == slot.generation;
        let has_picture = run.has(Track::Video);
        match frame.track {
            Track::Video if frame.is_key => {
                let sound_is_gone = run.has(Track::Audio)
                    && is_silent(&self.audio, frame.session_ms, self.settings.track_timeout);
                if !is_carried || self.wants_new_run || sound_is_gone {
                    self.renew_run(frame.session_ms, false);
                    return self.gather(frame);
                }
            }
            Track::Video if !is_carried => return Ok(()),
            Track::Audio
                if has_picture && is_silent(&self.video, frame.session_ms, self.settings.track_timeout) =>
            {
                self.renew_run(frame.session_ms, true);
                return self.gather(frame);
            }
            Track::Audio if !is_carried && has_picture => {
                // Joins at the next keyframe: anything else would cost pictures.
                self.wants_new_run = true;
                return Ok(());
            }
            Track::Audio if !is_carried => {
                self.renew_run(frame.session_ms, false);
                return self.gather(frame);
            }
            _ => {}
        }
        run.push(frame, &mut self.window);
        Ok(())
    }

    /// Keeps a frame until it is clear which tracks the next run has, then begins it.
    fn gather(&mut self, frame: MediaFrame) -> Result<(), PackagerError> {
        let Stage::Starting(start) = &mut self.stage else { return Ok(()) };
        start.push(frame);
        match start.decide(self.video.config.is_some(), &self.settings) {
            Some(tracks) => self.begin_run(tracks),
            None => Ok(()),
        }
    }

    fn begin_run(&mut self, tracks: Tracks) -> Result<(), PackagerError> {
        let Stage::Starting(start) = &mut self.stage else { return Ok(()) };
        let video = self.video.config.as_ref().filter(|_| tracks.video);
        let audio = self.audio.config.as_ref().filter(|_| tracks.audio);
        let init = match fmp4::init(video, audio) {
            Ok(init) => init,
            Err(error) => {
                let track = if fmp4::init(video, None).is_err() { Track::Video } else { Track::Audio };
                start.forget(track);
                let slot = self.slot(track);
                (slot.config, slot.header, slot.is_refused) = (None, None, true);
                return Err(PackagerError::Unwritable { track, reason: error.to_string() });
            }
        };
        self.tracks = video.into_iter().chain(audio).cloned().map(TrackConfig::from).collect();
        let video_queue = video.map(|_| TrackQueue::new(VIDEO_TIMESCALE, VIDEO_TIMESCALE / 30));
        let audio_queue = audio.and_then(CodecConfig::sample_clock).map(|rate| TrackQueue::new(rate, 1024));
        self.video.in_run = self.video.generation;
        self.audio.in_run = self.audio.generation;

        let start = std::mem::take(start);
        let resume_ms = u64::try_from(self.resume.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
        let known_anchor = start.anchor();
        let frames = start.into_frames();
        // Sound may lead the first picture a little; the playlist counts pictures.
        let begin_ms = frames
            .iter()
            .find(|frame| frame.track == Track::Video)
            .or(frames.front())
            .map_or(0, |frame| frame.session_ms);
        let first_ms = frames.iter().map(|frame| frame.session_ms).min().unwrap_or(0);
        let anchor =
            known_anchor.map_or(Anchor { session_ms: first_ms, presentation_ms: resume_ms }, |anchor| {
                Anchor {
                    session_ms: first_ms,
                    presentation_ms: anchor.presentation_ms(first_ms).max(resume_ms),
                }
            });
        if let Some(epoch) = self.settings.epoch_unix_ms {
            self.window.number_from(unique_number(epoch.saturating_add(first_ms)));
        }
        let init = self.window.begin_run(init);
        let mut run = Run::new(anchor, begin_ms, init, video_queue, audio_queue, &self.settings);
        for frame in frames {
            run.push(frame, &mut self.window);
        }
        self.stage = Stage::Running(Box::new(run));
        self.wants_new_run = false;
        Ok(())
    }

    /// Ends the run where the timeline goes on: other tracks or configurations follow.
    fn renew_run(&mut self, at_ms: u64, picture_is_gone: bool) {
        if let Stage::Running(run) = self.take_stage() {
            let anchor = run.anchor();
            let next = Duration::from_millis(anchor.presentation_ms(at_ms));
            run.finish(Some(next), &mut self.window);
            self.resume = next;
            self.stage = Stage::Starting(Start::continuing(anchor, picture_is_gone));
        }
    }

    /// Ends the run where the timeline breaks.
    fn break_timeline(&mut self) {
        if let Stage::Starting(start) = &self.stage {
            // Better a run with the tracks that came than none.
            let tracks = start.present();
            if tracks.video || tracks.audio {
                // An unwritable configuration was told when it came; here it only has nothing to show.
                let _ = self.begin_run(tracks);
            }
        }
        if let Stage::Running(run) = self.take_stage() {
            self.resume = run.finish(None, &mut self.window);
        }
        self.newest_ms = None;
    }

    /// Takes the stage out, leaving an empty start.
    fn take_stage(&mut self) -> Stage {
        std::mem::replace(&mut self.stage, Stage::Starting(Start::default()))
    }
}

/// A number above those of every presentation that began earlier under the same address: caches and players
/// may remember theirs. Half seconds since 2025 grow faster than segments are made, and fit into 31 bits, as
/// some players need, until 2059.
fn unique_number(unix_ms: u64) -> u64 {
    const YEAR_2025_MS: u64 = 1_735_689_600_000;
    (unix_ms.saturating_sub(YEAR_2025_MS) / 500).max(1)
}

/// Whether a track has sent nothing for `timeout` before `now_ms`.
fn is_silent(slot: &Slot, now_ms: u64, timeout: Duration) -> bool {
    slot.newest_ms.is_none_or(|newest| u128::from(now_ms.saturating_sub(newest)) > timeout.as_millis())
}
