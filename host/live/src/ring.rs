//! The ring of one session: what was published lately, encoded once, read by everyone.
//!
//! The unit is a [`Burst`]: the messages that arrived within about 33 ms, in
//! RTMP chunk form, in one buffer. A reader writes whole bursts, so the price
//! of a destination is one system call a burst, not one a message.
//!
//! Invariants: a keyframe is the first message of its burst, so every start
//! and every skip falls on a burst; bursts are numbered without gaps; the ring
//! holds the last group of pictures and at least [`Retention::at_least`]
//! before now, but never more than [`Retention::max_bytes`].
//!
//! No IO and no clock: `now` is an argument.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use neustream_media::{Frame, FrameKind, Track};
use neustream_rtmp::wire::{self, Receiver};

/// A keyframe older than this is no good start where the next one comes within [`SHORT_KEY_INTERVAL`] of it.
const STALE_START: Duration = Duration::from_millis(1_200);
const SHORT_KEY_INTERVAL: Duration = Duration::from_millis(2_200);

/// A gathering buffer larger than this is not kept for the next burst.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

/// How much the ring keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// Bursts younger than this stay, so that a reader may lag that long without loss.
    pub at_least: Duration,
    /// Never more bytes than this; the oldest go first, even out of the last group of pictures.
    pub max_bytes: usize,
}

/// When pending messages become a burst.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gathering {
    /// This long after the first of them arrived.
    pub at_most: Duration,
}

/// One message within a burst.
#[derive(Debug, Clone, Copy)]
struct Message {
    track: Track,
    kind: FrameKind,
    timestamp_ms: u64,
    end: usize,
}

/// Codec headers and stream metadata, as every new reader needs them first.
#[derive(Debug, Default, Clone)]
pub(crate) struct Headers {
    /// `onMetaData`.
    pub metadata: Option<Frame>,
    /// The video sequence header.
    pub video: Option<Frame>,
    /// The audio sequence header.
    pub audio: Option<Frame>,
    /// Grows with every change.
    pub version: u64,
}

impl Headers {
    /// The headers in chunk form, stamped with the time at which the reader starts.
    pub fn encode(&self, timestamp_ms: u64, receiver: Receiver) -> Vec<Bytes> {
        let message = |frame: &Frame| {
            let mut out = BytesMut::new();
            wire::encode_for(receiver, &Frame { timestamp_ms, ..frame.clone() }, &mut out);
            out.freeze()
        };
        self.frames().map(message).collect()
    }

    /// Metadata, video, audio: the order in which a reader gets them.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        [&self.metadata, &self.video, &self.audio].into_iter().flatten()
    }
}

/// Messages that travel together.
#[derive(Debug)]
pub(crate) struct Burst {
    /// Position in the session, from 0.
    pub number: u64,
    /// All messages in chunk form. Empty for a burst that only announces new headers.
    pub wire: Bytes,
    /// The headers in force from this burst on.
    pub headers: Arc<Headers>,
    /// When its first message arrived.
    pub arrived: Instant,
    /// Audio and video frames in the session before this burst.
    pub frames_before: u64,
    /// The first of a new publisher: decoders start afresh here.
    pub is_discontinuity: bool,
    /// Whether the publisher has sent pictures: if not, sound can be joined anywhere.
    has_pictures: bool,
    messages: Vec<Message>,
}

impl Burst {
    /// Whether a reader can start here.
    pub fn is_start(&self) -> bool {
        match self.messages.first() {
            Some(first) => first.kind == FrameKind::Key || !self.has_pictures,
            None => false,
        }
    }

    /// The time of its first message on the session's timeline.
    pub fn timestamp_ms(&self) -> u64 {
        self.messages.first().map_or(0, |message| message.timestamp_ms)
    }

    /// Its messages one by one, in chunk form.
    pub fn encoded(&self) -> impl Iterator<Item = Bytes> + '_ {
        let starts = std::iter::once(0).chain(self.messages.iter().map(|message| message.end));
        starts.zip(&self.messages).map(|(start, message)| self.wire.slice(start..message.end))
    }

    /// Its frames, for readers that package instead of forward.
    pub fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        self.messages.iter().zip(self.encoded()).map(|(message, encoded)| Frame {
            track: message.track,
            kind: message.kind,
            timestamp_ms: message.timestamp_ms,
            payload: wire::payload(&encoded),
        })
    }

    /// The headers in force, as frames at the time of this burst.
    pub fn header_frames(&self) -> impl Iterator<Item = Frame> + '_ {
        let timestamp_ms = self.timestamp_ms();
        self.headers.frames().map(move |frame| Frame { timestamp_ms, ..frame.clone() })
    }

    /// Its audio and video frames.
    pub fn media_frames(&self) -> u64 {
        self.messages.iter().filter(|message| message.track != Track::Data).count() as u64
    }
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Ring {
    retention: Retention,
    gathering: Gathering,
    bursts: VecDeque<Arc<Burst>>,
    bytes: usize,
    next_number: u64,
    last_start: Option<u64>,
    /// When the last keyframe arrived, and how long after the one before.
    last_key: Option<Instant>,
    key_interval: Option<Duration>,
    has_pictures: bool,
    headers: Arc<Headers>,
    frames: u64,
    pending: Pending,
}

#[derive(Debug, Default)]
struct Pending {
    wire: BytesMut,
    messages: Vec<Message>,
    since: Option<Instant>,
    is_discontinuity: bool,
}

impl Ring {
    /// An empty ring.
    pub fn new(retention: Retention, gathering: Gathering) -> Self {
        Self {
            retention,
            gathering,
            bursts: VecDeque::new(),
            bytes: 0,
            next_number: 0,
            last_start: None,
            last_key: None,
            key_interval: None,
            has_pictures: false,
            headers: Arc::default(),
            frames: 0,
            pending: Pending::default(),
        }
    }

    /// Takes a frame in. It becomes visible to readers with its burst, see [`Ring::gather`].
    pub fn push(&mut self, frame: &Frame, now: Instant) {
        if frame.kind == FrameKind::Header {
            self.close_burst(now);
            self.has_pictures |= frame.track == Track::Video;
            self.set_header(frame);
            return;
        }
        if frame.kind == FrameKind::Key && frame.track == Track::Video {
            self.close_burst(now);
            let last = self.last_key.replace(now);
            self.key_interval = last.map(|last| now.saturating_duration_since(last));
        }
        wire::encode(frame, &mut self.pending.wire);
        self.pending.messages.push(Message {
            track: frame.track,
            kind: frame.kind,
            timestamp_ms: frame.timestamp_ms,
            end: self.pending.wire.len(),
        });
        self.pending.since.get_or_insert(now);
        self.has_pictures |= frame.track == Track::Video;
    }

    /// The next frame comes from a new publisher: its headers replace all former ones.
    pub fn mark_discontinuity(&mut self, now: Instant) {
        self.close_burst(now);
        if self.next_number > 0 {
            self.pending.is_discontinuity = true;
        }
        self.has_pictures = false;
        self.headers = Arc::new(Headers { version: self.headers.version + 1, ..Headers::default() });
    }

    /// Makes pending messages visible when their time has come; called after each batch of frames and at
    /// [`Ring::deadline`].
    pub fn gather(&mut self, now: Instant) {
        let Some(since) = self.pending.since else { return };
        if now.saturating_duration_since(since) >= self.gathering.at_most {
            self.close_burst(now);
        }
    }

    /// When [`Ring::gather`] has something to do at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.pending.since.map(|since| since + self.gathering.at_most)
    }

    /// Makes everything pending visible.
    pub fn close_burst(&mut self, now: Instant) {
        if self.pending.messages.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        // Copied into its exact size: a buffer that grew holds up to twice of what it carries, and the ring keeps it
        // for seconds. The buffer itself serves the next burst, unless a large picture made it large.
        let wire = Bytes::copy_from_slice(&pending.wire);
        if pending.wire.capacity() <= KEPT_BUFFER_BYTES {
            pending.wire.clear();
            self.pending.wire = pending.wire;
        }
        let burst = Burst {
            number: self.next_number,
            wire,
            headers: Arc::clone(&self.headers),
            arrived: pending.since.unwrap_or(now),
            frames_before: self.frames,
            is_discontinuity: pending.is_discontinuity,
            has_pictures: self.has_pictures,
            messages: pending.messages,
        };
        self.next_number += 1;
        self.frames += burst.media_frames();
        self.bytes += burst.wire.len();
        if burst.is_start() {
            self.last_start = Some(burst.number);
        }
        self.bursts.push_back(Arc::new(burst));
        self.trim(now);
    }

    /// The number that the next burst will have.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Audio and video frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The newest burst at which a reader can start.
    pub fn newest_start(&self) -> Option<&Arc<Burst>> {
        self.get(self.last_start?)
    }

    /// Whether `start` is stale and the next keyframe near, so that waiting for it is better: a receiver that turns out
    /// to be slow would be fed too old pictures.
    pub fn is_succeeded_soon(&self, start: &Burst, now: Instant) -> bool {
        let age = now.saturating_duration_since(start.arrived);
        let within = |interval: Duration| age < interval && interval <= SHORT_KEY_INTERVAL;
        age > STALE_START && self.key_interval.is_some_and(within)
    }

    /// The first burst from `number` on at which a reader can start.
    pub fn first_start_from(&self, number: u64) -> Option<&Arc<Burst>> {
        let first = self.bursts.front()?.number;
        let skipped = usize::try_from(number.saturating_sub(first)).ok()?;
        self.bursts.iter().skip(skipped).find(|burst| burst.is_start())
    }

    /// The burst with this number, if it is still (or already) there.
    pub fn get(&self, number: u64) -> Option<&Arc<Burst>> {
        let first = self.bursts.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.bursts.get(index)
    }

    fn set_header(&mut self, frame: &Frame) {
        let mut headers = (*self.headers).clone();
        let slot = match frame.track {
            Track::Video => &mut headers.video,
            Track::Audio => &mut headers.audio,
            Track::Data => &mut headers.metadata,
        };
        if slot.as_ref().is_some_and(|former| former.payload == frame.payload) {
            return;
        }
        *slot = Some(frame.clone());
        headers.version += 1;
        self.headers = Arc::new(headers);
    }

    fn trim(&mut self, now: Instant) {
        while let Some(oldest) = self.bursts.front() {
            let is_old = now.saturating_duration_since(oldest.arrived) > self.retention.at_least;
            let precedes_group = self.last_start.is_none_or(|start| oldest.number < start);
            let is_over = self.bytes > self.retention.max_bytes && self.bursts.len() > 1;
            if !(is_over || (is_old && precedes_group)) {
                break;
            }
            self.bytes -= oldest.wire.len();
            self.bursts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(33);

    fn ring(at_most: Duration) -> Ring {
        let retention = Retention { at_least: Duration::from_secs(1), max_bytes: 1 << 20 };
        Ring::new(retention, Gathering { at_most })
    }

    fn frame(track: Track, kind: FrameKind, timestamp_ms: u64) -> Frame {
        Frame { track, kind, timestamp_ms, payload: Bytes::from(vec![7; 100]) }
    }

    #[test]
    fn what_comes_within_the_gathering_time_travels_together() {
        let mut ring = ring(FRAME);
        let start = Instant::now();
        ring.push(&frame(Track::Audio, FrameKind::Delta, 0), start);
        ring.gather(start);
        assert_eq!(ring.next_number(), 0);
        ring.push(&frame(Track::Video, FrameKind::Delta, 10), start + FRAME / 3);
        ring.gather(start + FRAME / 3);
        assert_eq!(ring.next_number(), 0);
        let deadline = ring.deadline().unwrap();
        ring.gather(deadline);
        let burst = ring.get(0).unwrap();
        assert_eq!(burst.frames().map(|frame| frame.timestamp_ms).collect::<Vec<_>>(), [0, 10]);
    }

    #[test]
    fn a_keyframe_begins_its_burst() {
        let mut ring = ring(Duration::ZERO);
        let start = Instant::now();
        ring.push(&frame(Track::Video, FrameKind::Header, 0), start);
        ring.push(&frame(Track::Audio, FrameKind::Delta, 0), start);
        ring.push(&frame(Track::Video, FrameKind::Key, 1), start);
        ring.gather(start + FRAME);
        assert_eq!(ring.newest_start().unwrap().timestamp_ms(), 1);
    }

    #[test]
    fn the_last_group_of_pictures_is_kept_and_older_ones_go() {
        let mut ring = ring(Duration::ZERO);
        let start = Instant::now();
        for index in 0..200_u32 {
            let kind = if index % 60 == 0 { FrameKind::Key } else { FrameKind::Delta };
            let now = start + FRAME * index;
            ring.push(&frame(Track::Video, kind, u64::from(index) * 33), now);
            ring.gather(now);
        }
        assert_eq!(ring.newest_start().unwrap().number, 180);
        assert!(ring.get(168).is_none(), "older than a second and before the last group");
        assert!(ring.get(175).is_some(), "younger than a second");
    }

    #[test]
    fn an_endless_group_of_pictures_is_bounded() {
        let mut ring = ring(Duration::ZERO);
        let start = Instant::now();
        for index in 0..20_000_u32 {
            let kind = if index == 0 { FrameKind::Key } else { FrameKind::Delta };
            let now = start + FRAME * index;
            ring.push(&frame(Track::Video, kind, u64::from(index) * 33), now);
            ring.gather(now);
        }
        assert!(ring.bytes <= 1 << 20);
        assert!(ring.newest_start().is_none());
    }
}
