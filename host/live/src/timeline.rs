//! One timeline a session, whatever its publishers' clocks do.
//!
//! The first publisher's timestamps are taken as they are. When a publisher
//! returns after a gap, or its clock jumps, the new times are shifted so that
//! the session goes on where it was, plus the wall-clock time of the gap.
//! Within a track times never go back.

use std::time::{Duration, Instant};

use neustream_media::{Frame, Track};

/// A step of the publisher's clock larger than this, unmatched by the wall clock, is a jump.
const JUMP: Duration = Duration::from_secs(10);
/// What separates two publishers' frames at least.
const STEP_MS: u64 = 33;

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// Added to the publisher's times.
    shift_ms: i64,
    is_anchored: bool,
    newest: Option<(u64, Instant)>,
    last_video_ms: u64,
    last_audio_ms: u64,
}

impl Timeline {
    /// The next frame comes from another publisher.
    pub fn expect_new_publisher(&mut self) {
        self.is_anchored = false;
    }

    /// Puts `frame` onto the session's timeline.
    pub fn place(&mut self, frame: &mut Frame, now: Instant) {
        if !frame.is_media() {
            frame.timestamp_ms = self.newest.map_or(frame.timestamp_ms, |(newest_ms, _)| newest_ms);
            return;
        }
        if !self.is_anchored || self.has_jumped(frame.timestamp_ms, now) {
            self.anchor(frame.timestamp_ms, now);
        }
        let shifted = shift(frame.timestamp_ms, self.shift_ms);
        let last = match frame.track {
            Track::Video => &mut self.last_video_ms,
            Track::Audio | Track::Data => &mut self.last_audio_ms,
        };
        *last = shifted.max(*last);
        frame.timestamp_ms = *last;
        if self.newest.is_none_or(|(newest_ms, _)| *last >= newest_ms) {
            self.newest = Some((*last, now));
        }
    }

    fn anchor(&mut self, publisher_ms: u64, now: Instant) {
        self.is_anchored = true;
        let Some((newest_ms, at)) = self.newest else {
            self.shift_ms = 0;
            return;
        };
        let gap_ms = (now.saturating_duration_since(at).as_millis() as u64).max(STEP_MS);
        self.shift_ms = (newest_ms + gap_ms) as i64 - publisher_ms as i64;
    }

    fn has_jumped(&self, publisher_ms: u64, now: Instant) -> bool {
        let Some((newest_ms, at)) = self.newest else { return false };
        let expected_ms = newest_ms + now.saturating_duration_since(at).as_millis() as u64;
        let placed_ms = publisher_ms as i64 + self.shift_ms;
        let jump_ms = JUMP.as_millis() as u64;
        placed_ms.abs_diff(newest_ms as i64) > jump_ms && placed_ms.abs_diff(expected_ms as i64) > jump_ms
    }
}

fn shift(publisher_ms: u64, shift_ms: i64) -> u64 {
    publisher_ms.saturating_add_signed(shift_ms)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use neustream_media::FrameKind;

    use super::*;

    struct Scene {
        timeline: Timeline,
        start: Instant,
    }

    impl Scene {
        fn new() -> Self {
            Self { timeline: Timeline::default(), start: Instant::now() }
        }

        fn place(&mut self, track: Track, publisher_ms: u64, wall_ms: u64) -> u64 {
            let mut frame =
                Frame { track, kind: FrameKind::Delta, timestamp_ms: publisher_ms, payload: Bytes::new() };
            self.timeline.place(&mut frame, self.start + Duration::from_millis(wall_ms));
            frame.timestamp_ms
        }
    }

    #[test]
    fn the_first_publishers_times_are_kept() {
        let mut scene = Scene::new();
        assert_eq!(scene.place(Track::Video, 16_777_200, 0), 16_777_200);
        assert_eq!(scene.place(Track::Audio, 16_777_190, 1), 16_777_190);
        assert_eq!(scene.place(Track::Video, 16_777_233, 33), 16_777_233);
    }

    #[test]
    fn a_returning_publisher_goes_on_after_the_gap() {
        let mut scene = Scene::new();
        scene.place(Track::Video, 5_000, 5_000);
        scene.timeline.expect_new_publisher();
        assert_eq!(scene.place(Track::Video, 0, 8_000), 8_000);
        assert_eq!(scene.place(Track::Audio, 10, 8_010), 8_010);
        assert_eq!(scene.place(Track::Video, 33, 8_033), 8_033);
    }

    #[test]
    fn times_within_a_track_never_go_back() {
        let mut scene = Scene::new();
        scene.place(Track::Video, 1_000, 0);
        assert_eq!(scene.place(Track::Video, 900, 33), 1_000);
        assert_eq!(scene.place(Track::Video, 1_066, 66), 1_066);
    }

    #[test]
    fn a_clock_that_jumps_an_hour_is_brought_back() {
        let mut scene = Scene::new();
        scene.place(Track::Video, 1_000, 1_000);
        assert_eq!(scene.place(Track::Video, 3_601_033, 1_033), 1_033);
        assert_eq!(scene.place(Track::Video, 3_601_066, 1_066), 1_066);
        assert_eq!(scene.place(Track::Video, 100, 1_099), 1_099);
    }

    #[test]
    fn a_pause_of_the_publisher_is_no_jump() {
        let mut scene = Scene::new();
        scene.place(Track::Video, 1_000, 1_000);
        assert_eq!(scene.place(Track::Video, 31_000, 31_000), 31_000);
    }
}
