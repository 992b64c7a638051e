//! What viewers can fetch: the newest segments, their parts, and the initialization sections they need.
//!
//! The playlist lists the newest complete segments and the growing one. Segments that left the playlist
//! stay a little longer, for viewers who read it a moment ago. Bytes are bounded: a stream too fat for the
//! window has a shorter one.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::PackagerSettings;
use crate::encryption::{SegmentEncryption, SegmentKey};
use crate::segment::{Part, Segment};

/// The number of the first segment and initialization section where none is given. Any would do; hls.js
/// (1.7) takes the media sequence number 0 for none and loads the parts of such a segment again and again.
const FIRST_NUMBER: u64 = 1;

/// Segments kept in spite of the byte bound: a playlist needs something to play.
const FEWEST_SEGMENTS: usize = 3;
/// Most segments that a playlist lists while it waits to be three target durations long.
const MOST_LISTED: usize = 128;

#[derive(Debug)]
pub(crate) struct Window {
    listed_segments: usize,
    retained_segments: usize,
    max_bytes: usize,
    segments: VecDeque<Segment>,
    open: Option<Segment>,
    /// Bytes held for the complete segments.
    bytes: usize,
    encryption: Option<SegmentEncryption>,
    /// The key of the newest segment.
    key: Option<SegmentKey>,
    inits: VecDeque<(u64, Bytes)>,
    next_init: u64,
    first_msn: u64,
    next_msn: u64,
    first_listed: u64,
    breaks_before_next: bool,
    pub(crate) discontinuity_sequence: u64,
    /// `EXT-X-TARGETDURATION`: only ever grows, when a segment turns out longer.
    pub(crate) target_duration_s: u64,
    /// The longest part that the run aims at.
    pub(crate) part_target: Duration,
    peak_bps: u64,
    fragments: u32,
    changes: u64,
    pub(crate) is_ended: bool,
}

impl Window {
    pub(crate) fn new(settings: &PackagerSettings) -> Self {
        Self {
            listed_segments: settings.window_segments,
            retained_segments: settings.retained_segments,
            max_bytes: settings.max_window_bytes,
            segments: VecDeque::new(),
            open: None,
            bytes: 0,
            encryption: settings.encryption.clone(),
            key: None,
            inits: VecDeque::new(),
            next_init: FIRST_NUMBER,
            first_msn: FIRST_NUMBER,
            next_msn: FIRST_NUMBER,
            first_listed: FIRST_NUMBER,
            breaks_before_next: false,
            discontinuity_sequence: 0,
            target_duration_s: rounded_seconds(settings.segment_target).max(1),
            part_target: settings.part_target,
            peak_bps: 0,
            fragments: 0,
            changes: 0,
            is_ended: false,
        }
    }

    /// Counts segments and initialization sections from `first`, unless one was counted already.
    pub(crate) fn number_from(&mut self, first: u64) {
        if self.next_msn == self.first_msn && self.inits.is_empty() {
            (self.first_msn, self.next_msn, self.first_listed, self.next_init) = (first, first, first, first);
        }
    }

    /// Takes the initialization section of what follows; returns its number, the old one when nothing
    /// changed. Whatever was there before, the timeline breaks here.
    pub(crate) fn begin_run(&mut self, init: Bytes) -> u64 {
        self.breaks_before_next = self.next_msn > self.first_msn;
        if let Some((id, newest)) = self.inits.back()
            && *newest == init
        {
            return *id;
        }
        let id = self.next_init;
        self.next_init += 1;
        self.inits.push_back((id, init));
        self.drop_inits();
        id
    }

    /// Adds a part to the growing segment, which begins with it if there is none. `session_ms` is where
    /// the part begins.
    pub(crate) fn add_part(&mut self, part: Part, init: u64, session_ms: u64) {
        let segment = self.open.get_or_insert_with(|| {
            let msn = self.next_msn;
            self.next_msn += 1;
            let is_discontinuous = std::mem::take(&mut self.breaks_before_next);
            let current = self.key.take();
            self.key = self.encryption.as_ref().map(|one| one.key_for(msn, current.as_ref()));
            let key = self.key.clone();
            Segment { msn, session_ms, init, key, is_discontinuous, parts: Vec::new(), body: Bytes::new() }
        });
        segment.push(part);
        self.changes += 1;
    }

    /// Encrypts segments from the next one on, or no more.
    pub(crate) fn encrypt(&mut self, encryption: Option<SegmentEncryption>) {
        if self.encryption != encryption {
            // A key of another secret must not go on, however young it is.
            (self.encryption, self.key) = (encryption, None);
        }
    }

    /// The sequence number of the next fragment (ISO/IEC 14496-12, 8.8.5).
    pub(crate) fn next_fragment(&mut self) -> u32 {
        self.fragments = self.fragments.wrapping_add(1);
        self.fragments
    }

    /// Rises with every change that viewers can see.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Nothing follows any more.
    pub(crate) fn end(&mut self) {
        self.is_ended = true;
        self.changes += 1;
    }

    /// Completes the growing segment, if there is one, and lets old ones go.
    pub(crate) fn close_segment(&mut self) {
        let Some(mut segment) = self.open.take() else { return };
        self.changes += 1;
        segment.complete();
        let duration = segment.duration();
        self.target_duration_s = self.target_duration_s.max(rounded_seconds(duration));
        // RFC 8216bis 4.4.6.2: the peak is taken over at least half a target duration.
        if duration.as_secs_f64() >= self.target_duration_s as f64 / 2.0 || self.segments.is_empty() {
            self.peak_bps = self.peak_bps.max(bits_per_second(segment.body.len(), duration));
        }
        self.bytes += segment.held_bytes();
        self.segments.push_back(segment);
        self.unlist_old();
        self.drop_old();
    }

    fn unlist_old(&mut self) {
        // RFC 8216bis 6.2.2: a playlist is never shorter than three target durations for a removal.
        let shortest = Duration::from_secs(3 * self.target_duration_s);
        let mut listed = self.listed().count();
        let mut duration: Duration = self.listed().map(Segment::duration).sum();
        while listed > self.listed_segments {
            let oldest = self.listed().next().map(Segment::duration).unwrap_or_default();
            if duration.saturating_sub(oldest) < shortest && listed <= MOST_LISTED {
                break;
            }
            duration = duration.saturating_sub(oldest);
            listed -= 1;
            self.unlist_one();
        }
    }

    fn unlist_one(&mut self) {
        let was_break = self.listed().next().is_some_and(|segment| segment.is_discontinuous);
        self.discontinuity_sequence += u64::from(was_break);
        self.first_listed += 1;
    }

    fn drop_old(&mut self) {
        while let Some(oldest) = self.segments.front() {
            let is_expired = oldest.msn + (self.retained_segments as u64) < self.first_listed;
            let is_too_much = self.bytes > self.max_bytes && self.segments.len() > FEWEST_SEGMENTS;
            if !is_expired && !is_too_much {
                break;
            }
            if oldest.msn >= self.first_listed {
                self.unlist_one();
            }
            if let Some(dropped) = self.segments.pop_front() {
                self.bytes -= dropped.held_bytes();
            }
        }
        self.drop_inits();
    }

    /// Keeps the newest initialization section and those that kept segments need.
    fn drop_inits(&mut self) {
        let mut needed = self.segments.iter().chain(&self.open).map(|segment| segment.init);
        let oldest = needed.next().or(self.inits.back().map(|(id, _)| *id)).unwrap_or(0);
        self.inits.retain(|(id, _)| *id >= oldest);
    }

    /// The complete segments of the playlist, oldest first.
    pub(crate) fn listed(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.msn >= self.first_listed)
    }

    /// The growing segment.
    pub(crate) fn open(&self) -> Option<&Segment> {
        self.open.as_ref()
    }

    pub(crate) fn open_bytes(&self) -> usize {
        self.open.as_ref().map_or(0, Segment::part_bytes)
    }

    /// `EXT-X-MEDIA-SEQUENCE`.
    pub(crate) fn first_listed(&self) -> u64 {
        self.first_listed
    }

    /// The part that comes next: of the growing segment, or the first of the next one.
    pub(crate) fn next_part(&self) -> (u64, u64) {
        match &self.open {
            Some(segment) => (segment.msn, segment.parts.len() as u64),
            None => (self.next_msn, 0),
        }
    }

    /// Whether there is something to play.
    pub(crate) fn is_published(&self) -> bool {
        !self.segments.is_empty()
    }

    pub(crate) fn segment(&self, msn: u64) -> Option<&Segment> {
        let complete = self.segments.front().and_then(|oldest| {
            let index = usize::try_from(msn.checked_sub(oldest.msn)?).ok()?;
            self.segments.get(index)
        });
        complete.or(self.open.as_ref().filter(|open| open.msn == msn))
    }

    pub(crate) fn init(&self, id: u64) -> Option<Bytes> {
        self.inits.iter().find(|(known, _)| *known == id).map(|(_, body)| body.clone())
    }

    /// The key with this number, while a segment that needs it is kept.
    pub(crate) fn key(&self, number: u64) -> Option<Bytes> {
        let keys = self.segments.iter().chain(&self.open).filter_map(|segment| segment.key.as_ref());
        keys.rev().find(|key| key.number == number).map(SegmentKey::bytes)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.open_bytes() + self.inits.iter().map(|(_, body)| body.len()).sum::<usize>()
    }

    /// Peak and average bits per second: the peak since the beginning, the average of what is listed.
    pub(crate) fn bandwidth(&self) -> (u64, u64) {
        let bytes: usize = self.listed().map(|segment| segment.body.len()).sum();
        let average = bits_per_second(bytes, self.listed().map(Segment::duration).sum());
        (self.peak_bps.max(average), average)
    }

    /// Pictures a second over what is listed since the last break.
    pub(crate) fn frame_rate(&self) -> Option<f64> {
        let mut pictures = 0;
        let mut duration = Duration::ZERO;
        for segment in self.listed().rev() {
            pictures += segment.pictures();
            duration += segment.duration();
            if segment.is_discontinuous {
                break;
            }
        }
        (pictures > 0 && !duration.is_zero()).then(|| f64::from(pictures) / duration.as_secs_f64())
    }
}

fn bits_per_second(bytes: usize, duration: Duration) -> u64 {
    let micros = duration.as_micros().max(1);
    u64::try_from(bytes as u128 * 8_000_000 / micros).unwrap_or(u64::MAX)
}

/// To the nearest second, as `EXT-X-TARGETDURATION` is compared (RFC 8216bis 4.4.3.1).
fn rounded_seconds(duration: Duration) -> u64 {
    (duration + Duration::from_millis(500)).as_secs()
}
