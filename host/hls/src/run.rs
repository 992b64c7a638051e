//! A run: the tracks, configuration and timeline between two discontinuities.
//!
//! The picture paces a run: parts end where pictures begin, segments where keyframes do; sound that begins
//! before goes along. Without picture the sound paces.

use std::time::Duration;

use bytes::Bytes;
use neustream_media::Track;

use crate::PackagerSettings;
use crate::fmp4::{self, AUDIO_TRACK_ID, TrackFragment, VIDEO_TRACK_ID};
use crate::segment::Part;
use crate::timeline::Anchor;
use crate::track::TrackQueue;
use crate::window::Window;

/// Tags tell milliseconds, so a part of equal frames is this much longer at one time than at another.
const ROUNDING: Duration = Duration::from_millis(2);

/// When sound is this far ahead of the part's beginning, the picture is late, and the part ends without it.
const PICTURE_STALL: Duration = Duration::from_secs(1);

/// A coded frame, read out of its tag.
#[derive(Debug, Clone)]
pub(crate) struct MediaFrame {
    pub(crate) track: Track,
    pub(crate) session_ms: u64,
    pub(crate) is_key: bool,
    pub(crate) composition_offset_ms: i32,
    pub(crate) nanosecond_offset: u32,
    /// Of sound: how many samples it plays.
    pub(crate) samples: u32,
    pub(crate) body: Bytes,
}

/// How long parts may be: at first what the settings say, then what whole frames make of it.
///
/// Players expect that parts are at most `PART-TARGET` long and, but for a segment's last, at least 85 % of
/// it (RFC 8216bis 4.4.3.7 and B.1). Four frames at 24 fps last 167 ms: that then is the target, not 200.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    limit: Duration,
    longest: Duration,
    observed: u32,
    is_settled: bool,
}

impl Pace {
    fn new(part_target: Duration) -> Self {
        Self { limit: part_target + ROUNDING, longest: Duration::ZERO, observed: 0, is_settled: false }
    }

    fn observe(&mut self, part: Duration) {
        if part <= self.limit {
            self.longest = self.longest.max(part);
            self.observed += 1;
        }
    }

    fn settle(&mut self) {
        if !self.is_settled && self.observed >= 2 {
            self.is_settled = true;
            let whole_ms = Duration::from_millis(self.longest.as_micros().div_ceil(1000) as u64);
            self.limit = self.limit.min(whole_ms + ROUNDING);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Run {
    anchor: Anchor,
    init: u64,
    video: Option<TrackQueue>,
    audio: Option<TrackQueue>,
    part_start: Duration,
    segment_start: Duration,
    pace: Pace,
    segment_goal: Duration,
    max_segment_duration: Duration,
    max_segment_bytes: usize,
}

impl Run {
    /// A run whose first segment begins at `begin_ms` of the session and needs the initialization section
    /// `init`.
    pub(crate) fn new(
        anchor: Anchor,
        begin_ms: u64,
        init: u64,
        video: Option<TrackQueue>,
        audio: Option<TrackQueue>,
        settings: &PackagerSettings,
    ) -> Self {
        let start = Duration::from_millis(anchor.presentation_ms(begin_ms));
        // A keyframe that comes a frame's rounding early still ends a segment.
        let goal = settings.segment_target;
        let segment_goal = if video.is_some() { goal.mul_f64(0.95) } else { goal };
        Self {
            anchor,
            init,
            video,
            audio,
            part_start: start,
            segment_start: start,
            pace: Pace::new(settings.part_target),
            segment_goal,
            max_segment_duration: settings.max_segment_duration,
            max_segment_bytes: settings.max_segment_bytes,
        }
    }

    pub(crate) fn anchor(&self) -> Anchor {
        self.anchor
    }

    pub(crate) fn has(&self, track: Track) -> bool {
        match track {
            Track::Video => self.video.is_some(),
            Track::Audio => self.audio.is_some(),
            Track::Data => false,
        }
    }

    /// Bytes of samples that are in no part yet.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.video.as_ref().map_or(0, TrackQueue::bytes) + self.audio.as_ref().map_or(0, TrackQueue::bytes)
    }

    /// Takes a frame of one of the run's tracks.
    pub(crate) fn push(&mut self, frame: MediaFrame, window: &mut Window) {
        let at_ms = self.anchor.presentation_ms(frame.session_ms);
        match frame.track {
            Track::Video => self.push_picture(at_ms, frame, window),
            Track::Audio => self.push_sound(at_ms, frame, window),
            Track::Data => {}
        }
    }

    fn push_picture(&mut self, at_ms: u64, frame: MediaFrame, window: &mut Window) {
        let Some(queue) = &mut self.video else { return };
        let before = queue.newest();
        let MediaFrame { composition_offset_ms, nanosecond_offset, is_key, body, .. } = frame;
        queue.push_picture(at_ms, composition_offset_ms, nanosecond_offset, is_key, body);
        if let Some(begins) = queue.newest() {
            let usual = queue.usual_duration();
            self.cut_before(begins, before, usual, is_key, window);
        }
    }

    fn push_sound(&mut self, at_ms: u64, frame: MediaFrame, window: &mut Window) {
        let Some(queue) = &mut self.audio else { return };
        let before = queue.newest();
        queue.push_sound(at_ms, frame.samples, frame.body);
        let Some(begins) = queue.newest() else { return };
        let usual = queue.usual_duration();
        match &mut self.video {
            None => self.cut_before(begins, before, usual, true, window),
            Some(video) if begins > self.part_start + PICTURE_STALL.max(self.pace.limit * 2) => {
                video.finish();
                self.cut_part(begins, window);
                if begins.saturating_sub(self.segment_start) + PICTURE_STALL > self.max_segment_duration {
                    self.close_segment(begins, window);
                }
            }
            Some(_) => {}
        }
    }

    /// Decides what ends where the frame at `begins` begins: nothing, a part, or a segment. `before` is
    /// where the frame before it began, `usual` what the frame is thought to last.
    fn cut_before(
        &mut self,
        begins: Duration,
        before: Option<Duration>,
        usual: Duration,
        is_key: bool,
        window: &mut Window,
    ) {
        let limit = self.pace.limit;
        if let Some(before) = before
            && begins.saturating_sub(self.part_start) > limit
        {
            // The frame before lasts longer than was foreseen: it goes into a part of its own.
            self.cut_part(before, window);
        }
        let in_segment = begins.saturating_sub(self.segment_start);
        let bytes = window.open_bytes() + self.queued_bytes();
        let is_full = in_segment + usual > self.max_segment_duration || bytes >= self.max_segment_bytes;
        if (is_key && in_segment >= self.segment_goal) || is_full {
            self.cut_part(begins, window);
            self.close_segment(begins, window);
        } else if begins.saturating_sub(self.part_start) + usual > limit {
            self.pace.observe(begins.saturating_sub(self.part_start));
            self.cut_part(begins, window);
        }
    }

    /// Writes what begins before `end` as a part that lasts until `end`.
    fn cut_part(&mut self, end: Duration, window: &mut Window) {
        if end > self.part_start {
            self.write_part(end, end, window);
        }
    }

    fn write_part(&mut self, samples_until: Duration, end: Duration, window: &mut Window) {
        let take = |queue: &mut Option<TrackQueue>| {
            queue.as_mut().map(|queue| queue.take_until(samples_until)).unwrap_or_default()
        };
        let pictures = take(&mut self.video);
        let sounds = take(&mut self.audio);
        if pictures.is_empty() && sounds.is_empty() {
            return;
        }
        let is_independent = self.video.is_none() || pictures.iter().any(|picture| picture.is_sync);
        let picture_count = pictures.len() as u32;
        let tracks = [
            TrackFragment { track_id: VIDEO_TRACK_ID, samples: pictures },
            TrackFragment { track_id: AUDIO_TRACK_ID, samples: sounds },
        ];
        let body = fmp4::fragment(window.next_fragment(), &tracks)
            .expect("a part holds at most a segment's bytes and one frame, far below what boxes can say");
        let duration = end.saturating_sub(self.part_start);
        let part = Part { duration, is_independent, pictures: picture_count, body, clear: Bytes::new() };
        window.add_part(part, self.init, self.anchor.session_ms(self.part_start));
        self.part_start = end;
    }

    fn close_segment(&mut self, end: Duration, window: &mut Window) {
        self.pace.settle();
        window.part_target = self.pace.limit;
        window.close_segment();
        self.segment_start = end.max(self.part_start);
    }

    /// Ends the run: all that is queued is written. `next` is where the next picture begins, where that is
    /// known. Returns where the run ends.
    pub(crate) fn finish(mut self, next: Option<Duration>, window: &mut Window) -> Duration {
        if let (Some(video), Some(next)) = (&mut self.video, next) {
            video.release_at(next);
        }
        let pictures_end = self.video.as_mut().and_then(TrackQueue::finish);
        let sound_end = self.audio.as_mut().and_then(TrackQueue::finish);
        let last = pictures_end.max(sound_end).unwrap_or(self.part_start).max(self.part_start);
        // Sound may reach a little past the last picture; the playlist counts pictures.
        let end = pictures_end.filter(|end| *end > self.part_start).unwrap_or(last);
        if end > self.part_start {
            self.write_part(Duration::MAX, end, window);
        }
        self.close_segment(end, window);
        last
    }
}
