//! One connection of the load generator: its conversation, what it feeds or reads, and what was counted.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::epoll::EventFlags;

use super::engine::ListenerId;
use super::samples::Samples;
use super::session::{Role, Session};
use super::stream::{Mark, Stream, Track, audio_header, is_keyframe, metadata, video_header, wall_clock_ns};

/// What a publisher sends and when.
#[derive(Debug)]
pub struct Feed {
    /// The frames.
    pub stream: Stream,
    /// Told to the server in the metadata.
    pub bits_per_second: u64,
    /// From the server's consent to the first frame; spreads the keyframes of many publishers.
    pub delay: Duration,
    /// When frame 0 is due; set by the server's consent.
    pub start: Option<Instant>,
}

/// What was counted while recording.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bytes on the wire: read of a reader, written of a publisher.
    pub bytes: u64,
    /// Marked frames read whole.
    pub frames: u64,
    /// Numbers missing between two frames of a track.
    pub lost: u64,
    /// Age of each frame when its last byte was read.
    pub ages: Samples,
}

impl Tally {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// One connection.
#[derive(Debug)]
pub struct Peer {
    pub(super) socket: Option<TcpStream>,
    pub(super) session: Session,
    pub(super) unsent: Vec<u8>,
    pub(super) armed: EventFlags,
    pub(super) listener: Option<ListenerId>,
    pub(super) bytes_per_second: Option<u64>,
    pub(super) is_sampled: bool,
    pub(super) feed: Option<Feed>,
    pub(super) end: Option<String>,
    /// What was counted while recording.
    pub tally: Tally,
    /// When the connection was made or accepted.
    pub opened: Instant,
    /// When the first byte of media came.
    pub first_media: Option<Instant>,
    /// When the first keyframe was read whole.
    pub first_keyframe: Option<Instant>,
    last_numbers: [Option<u32>; 2],
}

impl Peer {
    pub(super) fn new(socket: TcpStream, role: Role, listener: Option<ListenerId>) -> Self {
        let (session, unsent) = Session::start(role);
        Self {
            socket: Some(socket),
            session,
            unsent,
            armed: EventFlags::IN,
            listener,
            bytes_per_second: None,
            is_sampled: true,
            feed: None,
            end: None,
            tally: Tally::default(),
            opened: Instant::now(),
            first_media: None,
            first_keyframe: None,
            last_numbers: [None; 2],
        }
    }

    /// Whether the connection stands and media may flow.
    pub fn is_streaming(&self) -> bool {
        self.socket.is_some() && self.session.is_streaming()
    }

    /// Whether the connection stands.
    pub fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Why the connection ended, if it did: the server's own code where it gave one.
    pub fn end(&self) -> Option<&str> {
        self.session.failure().or(self.end.as_deref())
    }

    pub(super) fn is_discarded(&self) -> bool {
        !self.is_sampled && self.first_media.is_some()
    }

    pub(super) fn close(&mut self, why: &str) {
        self.socket = None;
        self.end.get_or_insert_with(|| why.to_owned());
    }

    pub(super) fn discard(&mut self, bytes: usize, is_recording: bool) {
        if is_recording {
            self.tally.bytes += bytes as u64;
        }
        self.session.count(bytes, &mut self.unsent);
    }

    pub(super) fn receive(&mut self, input: &[u8], is_recording: bool) {
        let now_ns = wall_clock_ns();
        if is_recording && self.feed.is_none() {
            self.tally.bytes += input.len() as u64;
        }
        let (tally, last_numbers) = (&mut self.tally, &mut self.last_numbers);
        let (first_media, first_keyframe) = (&mut self.first_media, &mut self.first_keyframe);
        let read = self.session.receive(input, &mut self.unsent, &mut |track, head| {
            first_media.get_or_insert_with(Instant::now);
            let Some(mark) = Mark::read(track, head) else { return };
            if track == Track::Video && is_keyframe(head) {
                first_keyframe.get_or_insert_with(Instant::now);
            }
            let last = last_numbers[usize::from(track == Track::Audio)].replace(mark.number);
            if !is_recording {
                return;
            }
            tally.frames += 1;
            tally.lost +=
                last.map_or(0, |last| u64::from(mark.number.saturating_sub(last.saturating_add(1))));
            tally.ages.push(Duration::from_nanos(now_ns.saturating_sub(mark.made_ns)));
        });
        if let Err(error) = read {
            self.close(&format!("not RTMP: {error}"));
        }
    }

    /// Writes metadata and codec headers once the server has consented; the moment the first frame is due.
    pub(super) fn start_feed(&mut self) -> Option<Instant> {
        let feed = self.feed.as_mut()?;
        if feed.start.is_some() || !self.session.is_streaming() {
            return None;
        }
        let start = Instant::now() + feed.delay;
        feed.start = Some(start);
        for (kind, body) in [(18, metadata(feed.bits_per_second)), (9, video_header()), (8, audio_header())] {
            self.session.write_media(&mut self.unsent, kind, 0, &body);
        }
        Some(start)
    }

    /// Writes the frame that is due, marked with this moment; the moment the next one is due.
    pub(super) fn write_frame(&mut self, body: &mut Vec<u8>) -> Option<Instant> {
        let feed = self.feed.as_mut()?;
        let start = feed.start?;
        let frame = feed.stream.advance();
        feed.stream.write_body(&frame, wall_clock_ns(), body);
        self.session.write_media(&mut self.unsent, frame.track.message_type(), frame.timestamp_ms(), body);
        Some(start + feed.stream.next_due())
    }
}
