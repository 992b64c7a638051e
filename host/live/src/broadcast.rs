//! Fan-out: one producer, any number of readers, each with its own cursor.
//!
//! The producer never waits. A reader that falls behind skips to a keyframe
//! that is fresh enough, and the frames it missed are counted; a reader that
//! asks for more than there is waits on [`Reader::changed`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_media::Frame;
use neustream_rtmp::wire::Receiver;
use tokio::sync::watch;

use crate::ring::{Burst, Gathering, Retention, Ring};

/// The fan-out of one session. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Broadcast {
    ring: Arc<Mutex<Ring>>,
    tip: watch::Sender<u64>,
}

impl Broadcast {
    pub fn new(retention: Retention, gathering: Gathering) -> Self {
        let ring = Arc::new(Mutex::new(Ring::new(retention, gathering)));
        Self { ring, tip: watch::Sender::new(0) }
    }

    /// Takes the frames of one read of the publisher's socket in.
    pub fn publish(&self, frames: &[Frame], now: Instant) {
        self.update(|ring| {
            for frame in frames {
                ring.push(frame, now);
            }
            ring.gather(now);
        });
    }

    /// Makes frames visible that wait for company; to be called at [`Broadcast::deadline`].
    pub fn gather(&self, now: Instant) {
        self.update(|ring| ring.gather(now));
    }

    /// Makes everything visible: the publisher is gone.
    pub fn flush(&self, now: Instant) {
        self.update(|ring| ring.close_burst(now));
    }

    /// The next frames come from a new publisher.
    pub fn mark_discontinuity(&self, now: Instant) {
        self.update(|ring| ring.mark_discontinuity(now));
    }

    /// When [`Broadcast::gather`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.ring().deadline()
    }

    /// A reader that starts at the newest keyframe in the ring, or at the next one to come.
    pub fn reader(&self, receiver: Receiver, max_lag: Duration) -> Reader {
        self.reader_from(receiver, max_lag, |_, _| true)
    }

    /// A reader for a receiver that was slow before: a stale keyframe is no start for it if the next one is near.
    pub fn fresh_reader(&self, receiver: Receiver, max_lag: Duration) -> Reader {
        self.reader_from(receiver, max_lag, |ring, start| !ring.is_succeeded_soon(start, Instant::now()))
    }

    fn reader_from(
        &self,
        receiver: Receiver,
        max_lag: Duration,
        is_good: impl Fn(&Ring, &Burst) -> bool,
    ) -> Reader {
        let position = {
            let ring = self.ring();
            let start = ring.newest_start().filter(|start| is_good(&ring, start));
            start.map_or(Position::Waiting(ring.next_number()), |start| Position::At(start.number))
        };
        Reader {
            broadcast: self.clone(),
            changed: self.tip.subscribe(),
            receiver,
            max_lag,
            position,
            headers_version: None,
            kept_up_at: None,
            frames_passed: None,
            dropped_frames: 0,
            skips: 0,
        }
    }

    fn update(&self, change: impl FnOnce(&mut Ring)) {
        let tip = {
            let mut ring = self.ring();
            change(&mut ring);
            ring.next_number()
        };
        self.tip.send_if_modified(|known| std::mem::replace(known, tip) != tip);
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A panic elsewhere leaves the ring usable: every change of it is completed or not begun.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a reader has to send next.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// Codec headers in chunk form to send first, when they are new to this reader.
    pub headers: Vec<Bytes>,
    /// The burst itself.
    pub burst: Arc<Burst>,
}

/// Where a reader is.
#[derive(Debug, Clone, Copy)]
enum Position {
    /// Reads this burst next.
    At(u64),
    /// Starts at the first keyframe from this burst on.
    Waiting(u64),
}

/// One cursor in a broadcast.
#[derive(Debug)]
pub(crate) struct Reader {
    broadcast: Broadcast,
    changed: watch::Receiver<u64>,
    receiver: Receiver,
    max_lag: Duration,
    position: Position,
    headers_version: Option<u64>,
    /// When the reader had last read everything, or started.
    kept_up_at: Option<Instant>,
    /// Frames of the session that were handed out or given up.
    frames_passed: Option<u64>,
    dropped_frames: u64,
    skips: u64,
}

impl Reader {
    /// Appends up to `at_most` bursts to `out`; nothing when the reader is at the tip or waits for a keyframe.
    pub fn read(&mut self, at_most: usize, now: Instant, out: &mut Vec<Chunk>) {
        let ring = Arc::clone(&self.broadcast.ring);
        let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut next) = self.next_burst(&ring, now) else { return };
        for _ in 0..at_most {
            let Some(burst) = ring.get(next) else { break };
            let headers = self.headers_for(burst);
            self.pass(burst.frames_before);
            self.frames_passed = Some(burst.frames_before + burst.media_frames());
            out.push(Chunk { headers, burst: Arc::clone(burst) });
            next += 1;
        }
        self.position = Position::At(next);
        if next >= ring.next_number() {
            self.kept_up_at = Some(now);
        }
    }

    /// Waits until there may be more to read. Returns at once when something came since the last wait.
    pub async fn changed(&mut self) {
        // The broadcast that this reader holds keeps the sender alive, so this cannot fail.
        let _ = self.changed.changed().await;
    }

    /// Frames of this session that this reader skipped so far.
    pub fn dropped_frames(&self) -> u64 {
        self.dropped_frames
    }

    /// How often it skipped because it was behind, which frames missed by a former reader do not count as.
    pub fn skips(&self) -> u64 {
        self.skips
    }

    /// Frames of the session up to which this reader has read, to be handed to its successor.
    pub fn frames_passed(&self) -> Option<u64> {
        self.frames_passed
    }

    /// Counts what came after `frames_passed` of a former reader and before this one's start as dropped.
    pub fn continue_after(&mut self, frames_passed: Option<u64>) {
        self.frames_passed = frames_passed;
    }

    /// The burst to read next: where the reader is, or the keyframe it starts at or skips to.
    fn next_burst(&mut self, ring: &Ring, now: Instant) -> Option<u64> {
        let next = match self.position {
            Position::At(next) => next,
            Position::Waiting(from) => return self.start(ring, from, now),
        };
        if next >= ring.next_number() {
            return None;
        }
        let kept_up_at = *self.kept_up_at.get_or_insert(now);
        let struggles = now.saturating_duration_since(kept_up_at) > self.max_lag;
        match ring.get(next) {
            Some(burst) if !struggles || now.saturating_duration_since(burst.arrived) <= self.max_lag => {
                Some(next)
            }
            _ => self.skip(ring, next, now),
        }
    }

    /// Goes to the newest keyframe if it lies ahead and is fresh, else waits for the next one.
    fn skip(&mut self, ring: &Ring, from: u64, now: Instant) -> Option<u64> {
        self.skips += 1;
        // A keyframe that is old already would soon be too old again.
        let is_new = |start: &Burst| now.saturating_duration_since(start.arrived) <= self.max_lag / 2;
        let ahead = ring.newest_start().filter(|start| start.number > from && is_new(start));
        let Some(start) = ahead else {
            self.pass(ring.frames());
            self.position = Position::Waiting(ring.next_number());
            return None;
        };
        self.kept_up_at = Some(now);
        Some(start.number)
    }

    fn start(&mut self, ring: &Ring, from: u64, now: Instant) -> Option<u64> {
        let start = ring.first_start_from(from)?;
        self.kept_up_at = Some(now);
        Some(start.number)
    }

    /// Everything before `frames` that was not handed out is given up.
    fn pass(&mut self, frames: u64) {
        if let Some(passed) = self.frames_passed {
            self.dropped_frames += frames.saturating_sub(passed);
        }
        self.frames_passed = Some(self.frames_passed.map_or(frames, |passed| passed.max(frames)));
    }

    fn headers_for(&mut self, burst: &Burst) -> Vec<Bytes> {
        if self.headers_version == Some(burst.headers.version) {
            return Vec::new();
        }
        self.headers_version = Some(burst.headers.version);
        burst.headers.encode(burst.timestamp_ms(), self.receiver)
    }
}

#[cfg(test)]
mod tests {
    use neustream_media::{FrameKind, Track};

    use super::*;

    const FRAME: Duration = Duration::from_millis(33);
    const MAX_LAG: Duration = Duration::from_secs(2);

    struct Scene {
        broadcast: Broadcast,
        start: Instant,
        published: u32,
    }

    impl Scene {
        fn new() -> Self {
            let retention = Retention { at_least: Duration::from_millis(1500), max_bytes: 1 << 24 };
            let gathering = Gathering { at_most: Duration::ZERO };
            let broadcast = Broadcast::new(retention, gathering);
            let start = Instant::now();
            let header = Frame {
                track: Track::Video,
                kind: FrameKind::Header,
                timestamp_ms: 0,
                payload: Bytes::from_static(b"hd"),
            };
            broadcast.publish(&[header], start);
            Self { broadcast, start, published: 0 }
        }

        fn now(&self) -> Instant {
            self.start + FRAME * self.published
        }

        /// Publishes pictures with a keyframe every 30.
        fn publish(&mut self, count: u32) {
            for _ in 0..count {
                let kind = if self.published.is_multiple_of(30) { FrameKind::Key } else { FrameKind::Delta };
                let timestamp_ms = u64::from(self.published) * 33;
                let payload = Bytes::from(self.published.to_be_bytes().to_vec());
                let frame = Frame { track: Track::Video, kind, timestamp_ms, payload };
                self.broadcast.publish(&[frame], self.now());
                self.published += 1;
            }
        }

        fn read(&self, reader: &mut Reader) -> Vec<u64> {
            let mut chunks = Vec::new();
            reader.read(usize::MAX, self.now(), &mut chunks);
            chunks
                .iter()
                .flat_map(|chunk| chunk.burst.frames())
                .map(|frame| frame.timestamp_ms / 33)
                .collect()
        }
    }

    #[test]
    fn a_new_reader_starts_at_the_last_keyframe_with_headers_first() {
        let mut scene = Scene::new();
        scene.publish(40);
        let mut reader = scene.broadcast.reader(Receiver::Player, MAX_LAG);
        let mut chunks = Vec::new();
        reader.read(100, scene.now(), &mut chunks);
        assert!(!chunks[0].headers.is_empty());
        assert!(chunks[1..].iter().all(|chunk| chunk.headers.is_empty()));
        assert_eq!(chunks[0].burst.timestamp_ms(), 30 * 33);
        assert_eq!(chunks.len(), 10);
    }

    #[test]
    fn a_reader_that_keeps_up_sees_every_frame_once() {
        let mut scene = Scene::new();
        let mut reader = scene.broadcast.reader(Receiver::Player, MAX_LAG);
        let mut seen = Vec::new();
        for _ in 0..100 {
            scene.publish(3);
            seen.extend(scene.read(&mut reader));
        }
        assert_eq!(seen, (0..300).collect::<Vec<_>>());
        assert_eq!(reader.dropped_frames(), 0);
    }

    #[test]
    fn a_reader_that_lags_skips_to_a_fresh_keyframe_and_the_loss_is_counted() {
        let mut scene = Scene::new();
        let mut reader = scene.broadcast.reader(Receiver::Player, MAX_LAG);
        scene.publish(10);
        assert_eq!(scene.read(&mut reader).len(), 10);
        scene.publish(200);
        let seen = scene.read(&mut reader);
        assert_eq!(seen.first(), Some(&180), "the newest keyframe");
        assert_eq!(reader.dropped_frames(), 170);
    }

    #[test]
    fn a_reader_that_lags_behind_a_stale_keyframe_waits_for_the_next() {
        let mut scene = Scene::new();
        let mut reader = scene.broadcast.reader(Receiver::Player, Duration::from_millis(300));
        scene.publish(10);
        scene.read(&mut reader);
        scene.publish(49);
        assert_eq!(scene.read(&mut reader), Vec::<u64>::new(), "the last keyframe is 0.9 s old");
        scene.publish(10);
        assert_eq!(scene.read(&mut reader).first(), Some(&60));
        assert_eq!(reader.dropped_frames(), 50);
    }

    #[test]
    fn a_successor_counts_what_was_missed_in_between() {
        let mut scene = Scene::new();
        let mut reader = scene.broadcast.reader(Receiver::Destination, MAX_LAG);
        scene.publish(10);
        scene.read(&mut reader);
        scene.publish(60);
        let mut successor = scene.broadcast.reader(Receiver::Destination, MAX_LAG);
        successor.continue_after(reader.frames_passed());
        assert_eq!(scene.read(&mut successor).first(), Some(&60));
        assert_eq!(successor.dropped_frames(), 50);
    }

    #[test]
    fn new_headers_reach_a_running_reader_before_the_frames_they_belong_to() {
        let mut scene = Scene::new();
        let mut reader = scene.broadcast.reader(Receiver::Player, MAX_LAG);
        scene.publish(10);
        scene.read(&mut reader);
        let header = Frame {
            track: Track::Video,
            kind: FrameKind::Header,
            timestamp_ms: 330,
            payload: Bytes::from_static(b"h2"),
        };
        scene.broadcast.publish(&[header], scene.now());
        scene.publish(1);
        let mut chunks = Vec::new();
        reader.read(10, scene.now(), &mut chunks);
        assert!(!chunks[0].headers.is_empty());
    }
}
