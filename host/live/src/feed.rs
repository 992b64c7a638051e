//! Feeds one RTMP receiver from a broadcast: a player or a destination.
//!
//! Invariants: bytes leave in whole messages; at most one burst is committed
//! to a receiver that is behind, so that a skip to a keyframe takes effect at
//! once; nothing is copied for a receiver but the codec headers.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use neustream_rtmp::wire;
use tokio::io::ReadBuf;

use crate::broadcast::{Chunk, Reader};
use crate::flow::Flow;
use crate::link::{self, Gate, Link};

/// Bursts handed to a receiver at once when it catches up; a second of 30 pictures.
const MAX_BURSTS: usize = 32;
/// Slices in one system call.
const MAX_SLICES: usize = 48;

/// More media than this is never under way and unconfirmed at the beginning of a connection: TCP begins with ten
/// segments (RFC 6928), of at most 9 kB outside of a machine, and the kernel reports what it has not sent.
const UNCONFIRMED_BYTES: u64 = 128 * 1024;

/// What happened on the socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many bytes were read into the buffer.
    Received(usize),
    /// The peer closed its side.
    PeerClosed,
    /// Nothing, but media that was held back may go on.
    Reconsidered,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Feed {
    reader: Reader,
    message_stream_id: u32,
    queue: VecDeque<Bytes>,
    chunks: Vec<Chunk>,
    gate: Gate,
    needs_flush: bool,
    /// When the socket last took a byte or had nothing to take.
    progress: Instant,
    bytes_out: u64,
    /// What was sent on this connection before: handshake and commands.
    bytes_before: u64,
    /// Of its own bytes, those before the first media.
    media_begins: Option<u64>,
    /// What the receiver has read of the whole connection, as it says.
    acknowledged: u64,
    /// For receivers that acknowledge what they read.
    flow: Option<Flow>,
}

impl Feed {
    pub fn new(reader: Reader, message_stream_id: u32) -> Self {
        let now = Instant::now();
        Self {
            reader,
            message_stream_id,
            queue: VecDeque::new(),
            chunks: Vec::new(),
            gate: Gate::new(now),
            needs_flush: false,
            progress: now,
            bytes_out: 0,
            bytes_before: 0,
            media_begins: None,
            acknowledged: 0,
            flow: None,
        }
    }

    /// A feed that is also held back by what the receiver has not read. Media that waits meanwhile gets old in the
    /// broadcast, and is skipped. `bytes_before` were sent on the connection already.
    pub fn with_flow(reader: Reader, message_stream_id: u32, bytes_before: u64) -> Self {
        let flow = Some(Flow::new(Instant::now()));
        Self { bytes_before, flow, ..Self::new(reader, message_stream_id) }
    }

    /// Whether the receiver has taken some of the media: it has said so, or, where it says nothing, its kernel has.
    pub fn is_taken<L: Link>(&self, link: &L) -> bool {
        let Some(media_begins) = self.media_begins else { return false };
        let is_told = self.acknowledged > self.bytes_before + media_begins;
        let is_much_sent = !self.needs_flush && self.bytes_out > media_begins + UNCONFIRMED_BYTES;
        is_told || (is_much_sent && link::is_drained(link.tcp()))
    }

    /// The receiver has read so many bytes; returns how often it should say so from now on, when that changes.
    pub fn note_acknowledged(&mut self, total: u64) -> Option<u32> {
        let now = Instant::now();
        self.acknowledged = self.acknowledged.max(total);
        let flow = self.flow.as_mut()?;
        // Whoever reads has not stalled, however little it is sent meanwhile.
        self.progress = now;
        flow.note_acknowledged(total, now);
        flow.change_window(now)
    }

    /// Sends protocol messages after what is already committed.
    pub fn enqueue(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.queue.push_back(bytes);
        }
    }

    /// Moves media until something arrives from the peer. Cancel-safe.
    ///
    /// # Errors
    /// The socket's.
    pub async fn step<L: Link>(&mut self, link: &mut L, buffer: &mut [u8]) -> io::Result<Step> {
        loop {
            let is_held = self.is_held();
            if !is_held {
                self.refill();
            }
            if self.queue.is_empty() && !self.needs_flush {
                if is_held {
                    return self.wait_for_word(link, buffer).await;
                }
                self.progress = Instant::now();
                tokio::select! {
                    biased;
                    received = poll_fn(|cx| poll_read(cx, link, buffer)) => return received,
                    () = self.reader.changed() => {}
                }
            } else if let Some(step) = poll_fn(|cx| self.poll_move(cx, link, buffer)).await? {
                return Ok(step);
            }
        }
    }

    /// Writes what is committed and what the broadcast still has. To be bounded in time by the caller.
    pub async fn drain<L: Link>(&mut self, link: &mut L) -> io::Result<()> {
        loop {
            self.refill();
            if self.queue.is_empty() && !self.needs_flush {
                return Ok(());
            }
            poll_fn(|cx| self.poll_write(cx, link)).await?;
        }
    }

    /// For how long the receiver has taken nothing although there was something.
    pub fn stalled_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.progress)
    }

    /// Bytes that the socket took.
    pub fn bytes_out(&self) -> u64 {
        self.bytes_out
    }

    /// The cursor.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Waits until the receiver says something, or until it need not.
    async fn wait_for_word<L: Link>(&mut self, link: &mut L, buffer: &mut [u8]) -> io::Result<Step> {
        let word = poll_fn(|cx| poll_read(cx, link, buffer));
        let reconsider_at = self.flow.as_ref().map_or_else(Instant::now, Flow::reconsider_at);
        tokio::time::timeout_at(reconsider_at.into(), word).await.unwrap_or(Ok(Step::Reconsidered))
    }

    fn is_held(&mut self) -> bool {
        let total = self.bytes_out;
        let Some(flow) = &mut self.flow else { return false };
        let now = Instant::now();
        flow.note_sent(total, now);
        !flow.may_send(now)
    }

    fn refill(&mut self) {
        if !self.queue.is_empty() {
            return;
        }
        let keeps_up = self.flow.as_ref().is_none_or(Flow::keeps_up) && !self.gate.is_closed();
        let at_most = if keeps_up { MAX_BURSTS } else { 1 };
        self.reader.read(at_most, Instant::now(), &mut self.chunks);
        if !self.chunks.is_empty() {
            self.media_begins.get_or_insert(self.bytes_out);
        }
        for chunk in self.chunks.drain(..) {
            if self.message_stream_id == wire::MESSAGE_STREAM_ID {
                self.queue.extend(chunk.headers);
                self.queue.push_back(chunk.burst.wire.clone());
            } else {
                for message in chunk.headers.into_iter().chain(chunk.burst.encoded()) {
                    let (header, rest) = wire::readdress(&message, self.message_stream_id);
                    self.queue.push_back(header);
                    self.queue.push_back(rest);
                }
            }
        }
    }

    fn poll_move<L: Link>(
        &mut self,
        cx: &mut Context<'_>,
        link: &mut L,
        buffer: &mut [u8],
    ) -> Poll<io::Result<Option<Step>>> {
        if let Poll::Ready(step) = poll_read(cx, link, buffer) {
            return Poll::Ready(step.map(Some));
        }
        ready!(self.poll_write(cx, link))?;
        Poll::Ready(Ok(None))
    }

    fn poll_write<L: Link>(&mut self, cx: &mut Context<'_>, link: &mut L) -> Poll<io::Result<()>> {
        let now = Instant::now();
        ready!(self.gate.poll_open(cx, link.tcp(), now))?;
        if self.queue.is_empty() {
            ready!(Pin::new(link).poll_flush(cx))?;
            self.needs_flush = false;
            return Poll::Ready(Ok(()));
        }
        let written = match self.queue.len() {
            1 => ready!(Pin::new(link).poll_write(cx, &self.queue[0]))?,
            _ => ready!(self.poll_write_many(cx, link))?,
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.consume(written);
        self.needs_flush = L::IS_BUFFERED;
        self.progress = now;
        self.bytes_out += written as u64;
        Poll::Ready(Ok(()))
    }

    fn poll_write_many<L: Link>(&self, cx: &mut Context<'_>, link: &mut L) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let mut filled = 0;
        for (slice, bytes) in slices.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(bytes);
            filled += 1;
        }
        Pin::new(link).poll_write_vectored(cx, &slices[..filled])
    }

    fn consume(&mut self, mut written: usize) {
        while let Some(first) = self.queue.front_mut() {
            if written < first.len() {
                first.advance(written);
                return;
            }
            written -= first.len();
            self.queue.pop_front();
        }
    }
}

fn poll_read<L: Link>(cx: &mut Context<'_>, link: &mut L, buffer: &mut [u8]) -> Poll<io::Result<Step>> {
    let mut buffer = ReadBuf::new(buffer);
    ready!(Pin::new(link).poll_read(cx, &mut buffer))?;
    let received = buffer.filled().len();
    Poll::Ready(Ok(if received == 0 { Step::PeerClosed } else { Step::Received(received) }))
}
