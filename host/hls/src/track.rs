//! From frames to samples: decode times that rise, durations that add up.
//!
//! A sample's duration is the distance to the sample after it, so every track holds one frame back. Picture
//! times are the milliseconds of the tags. Sound is counted in samples: tags round its times to
//! milliseconds, and players hear what that does.

use std::mem;
use std::time::Duration;

use bytes::Bytes;

use crate::timeline::{position, ticks};

/// Ticks per second of picture tracks.
pub(crate) const VIDEO_TIMESCALE: u32 = 90_000;

/// Sound may stray this far from its tags, in milliseconds, before it is set again: encoders that stamp
/// sound by the wall clock jitter by less, and lips and voice are seen together within more.
const RESYNC_MS: u64 = 60;

/// No real encoder reorders pictures farther than this, in ticks of the picture clock.
const MAX_COMPOSITION_TICKS: i64 = 10 * VIDEO_TIMESCALE as i64;

/// One picture or sound packet, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Decode time in ticks of its track.
    pub(crate) decode_time: u64,
    /// Duration in ticks. Of a held sample: what its own bytes say, 0 when they say nothing.
    pub(crate) duration: u32,
    /// Presentation time minus decode time in ticks.
    pub(crate) composition_offset: i32,
    /// Whether it decodes alone.
    pub(crate) is_sync: bool,
    /// The codec's bytes.
    pub(crate) body: Bytes,
}

/// The samples of one track on their way into a part.
#[derive(Debug)]
pub(crate) struct TrackQueue {
    timescale: u32,
    /// What a sample is thought to last when nothing follows it.
    usual_duration: u32,
    /// Where the next sample can begin at the earliest.
    floor: u64,
    held: Option<Sample>,
    ready: Vec<Sample>,
    ready_bytes: usize,
}

impl TrackQueue {
    pub(crate) fn new(timescale: u32, usual_duration: u32) -> Self {
        Self { timescale, usual_duration, floor: 0, held: None, ready: Vec::new(), ready_bytes: 0 }
    }

    pub(crate) fn usual_duration(&self) -> Duration {
        position(u64::from(self.usual_duration), self.timescale)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.ready_bytes + self.held.as_ref().map_or(0, |held| held.body.len())
    }

    /// Where the last sample begins.
    pub(crate) fn newest(&self) -> Option<Duration> {
        self.held.as_ref().map(|held| position(held.decode_time, self.timescale))
    }

    pub(crate) fn push_picture(
        &mut self,
        at_ms: u64,
        offset_ms: i32,
        offset_ns: u32,
        is_sync: bool,
        body: Bytes,
    ) {
        let decode_time = ticks(at_ms, self.timescale).max(self.floor);
        let offset = i64::from(offset_ms) * 90 + i64::from(offset_ns) * 9 / 100_000;
        let earliest_offset = -i64::try_from(decode_time).unwrap_or(i64::MAX);
        let offset = offset.clamp(-MAX_COMPOSITION_TICKS, MAX_COMPOSITION_TICKS).max(earliest_offset);
        self.push(Sample { decode_time, duration: 0, composition_offset: offset as i32, is_sync, body });
    }

    /// Takes a sound packet that plays `samples` ticks. Its time is where the packet before it ended, unless
    /// its tag disagrees by more than [`RESYNC_MS`].
    pub(crate) fn push_sound(&mut self, at_ms: u64, samples: u32, body: Bytes) {
        let told = ticks(at_ms, self.timescale);
        let counted = self.held.as_ref().map(|held| held.decode_time + u64::from(held.duration));
        let is_near = |counted: &u64| told.abs_diff(*counted) <= ticks(RESYNC_MS, self.timescale);
        let decode_time = counted.filter(is_near).unwrap_or(told.max(self.floor));
        self.push(Sample { decode_time, duration: samples, composition_offset: 0, is_sync: true, body });
    }

    fn push(&mut self, sample: Sample) {
        if let Some(held) = &self.held {
            let distance = sample.decode_time - held.decode_time;
            self.release(distance);
        }
        self.floor = sample.decode_time + 1;
        self.held = Some(sample);
    }

    /// Ends the held sample after `distance` ticks.
    fn release(&mut self, distance: u64) {
        let Some(mut held) = self.held.take() else { return };
        let duration = u32::try_from(distance).unwrap_or(u32::MAX).max(1);
        // Sound says itself how long it usually lasts.
        self.usual_duration = if held.duration > 0 { held.duration } else { duration };
        held.duration = duration;
        self.floor = held.decode_time + u64::from(duration);
        self.ready_bytes += held.body.len();
        self.ready.push(held);
    }

    /// Ends the held sample at `end`, because what follows it is late or never comes.
    pub(crate) fn release_at(&mut self, end: Duration) {
        if let Some(held) = &self.held {
            let end = ticks(u64::try_from(end.as_millis()).unwrap_or(u64::MAX), self.timescale);
            let distance = end.saturating_sub(held.decode_time);
            self.release(distance);
        }
    }

    /// Ends the held sample after the usual duration. Returns where the track ends.
    pub(crate) fn finish(&mut self) -> Option<Duration> {
        let sound = self.held.as_ref().map_or(0, |held| held.duration);
        self.release(u64::from(if sound > 0 { sound } else { self.usual_duration }));
        let last = self.ready.last()?;
        Some(position(last.decode_time + u64::from(last.duration), self.timescale))
    }

    /// Takes the samples that begin before `end`.
    pub(crate) fn take_until(&mut self, end: Duration) -> Vec<Sample> {
        let count = self.ready.partition_point(|sample| position(sample.decode_time, self.timescale) < end);
        let later = self.ready.split_off(count);
        let taken = mem::replace(&mut self.ready, later);
        self.ready_bytes = self.ready.iter().map(|sample| sample.body.len()).sum();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(times_ms: &[u64], samples: u32) -> Vec<Sample> {
        let mut queue = TrackQueue::new(44_100, samples);
        for at_ms in times_ms {
            queue.push_sound(*at_ms, samples, Bytes::from_static(b"x"));
        }
        queue.finish();
        queue.take_until(Duration::MAX)
    }

    #[test]
    fn sound_rounded_to_milliseconds_has_neither_gap_nor_overlap() {
        let times: Vec<u64> = (0..1000u64).map(|index| index * 1024 * 1000 / 44_100).collect();
        let samples = sound(&times, 1024);
        assert!(samples.iter().all(|sample| sample.duration == 1024));
        assert_eq!(samples[999].decode_time, 999 * 1024);
    }

    #[test]
    fn a_hole_in_the_sound_is_kept_as_long_as_it_was() {
        let samples = sound(&[0, 23, 546, 569], 1024);
        assert_eq!(samples[1].decode_time, 1024);
        assert_eq!(samples[2].decode_time, ticks(546, 44_100));
        assert_eq!(u64::from(samples[1].duration), samples[2].decode_time - 1024);
    }

    #[test]
    fn sound_that_runs_ahead_is_pulled_back_without_going_back() {
        let samples = sound(&[0; 20], 1024);
        assert!(samples.windows(2).all(|pair| pair[0].decode_time < pair[1].decode_time));
        assert!(samples[19].decode_time <= ticks(RESYNC_MS, 44_100) + 1024);
    }

    #[test]
    fn pictures_with_equal_or_backward_times_still_follow_each_other() {
        let mut queue = TrackQueue::new(VIDEO_TIMESCALE, 3000);
        for at_ms in [100, 100, 50, 133] {
            queue.push_picture(at_ms, 0, 0, false, Bytes::from_static(b"x"));
        }
        queue.finish();
        let samples = queue.take_until(Duration::MAX);
        let times: Vec<u64> = samples.iter().map(|sample| sample.decode_time).collect();
        assert_eq!(times, [9000, 9001, 9002, 11_970]);
    }

    #[test]
    fn a_presentation_time_is_never_before_zero() {
        let mut queue = TrackQueue::new(VIDEO_TIMESCALE, 3000);
        queue.push_picture(10, -40, 0, true, Bytes::from_static(b"x"));
        queue.push_picture(1_000_000, 8_000_000, 0, true, Bytes::from_static(b"x"));
        queue.finish();
        let samples = queue.take_until(Duration::MAX);
        assert_eq!(samples[0].composition_offset, -900);
        assert_eq!(i64::from(samples[1].composition_offset), MAX_COMPOSITION_TICKS);
    }
}
