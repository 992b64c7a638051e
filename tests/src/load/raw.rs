//! The floor: a program that copies the same bytes to many sockets with plain `write`, the kernel's price.
//!
//! It speaks no protocol and reads nothing: it makes the frames of its streams itself, in chunk form, and writes
//! each to every socket of its stream, either one `write` a frame (73 a second) or one `write` a picture with the
//! audio since the last one in front (30 a second). `drain` is the floor of ingest: it reads what comes and drops it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::chunk::write_message;
use super::stream::{Stream, Track, wall_clock_ns};

/// Large pieces, as a good ingest reads.
const PIECE_BYTES: usize = 256 * 1024;
const MESSAGE_STREAM_ID: u32 = 1;

/// When bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// One `write` for every frame of picture or sound: 73 a second.
    EveryFrame,
    /// One `write` for every picture, sound rides along: 30 a second.
    EveryPicture,
}

/// What to copy where.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    /// How many sockets to wait for; they are given to the streams in turn.
    pub sockets: usize,
    /// How many streams there are.
    pub streams: usize,
    /// Of each stream.
    pub bits_per_second: u64,
    /// How often a socket is written to.
    pub writes: Writes,
}

struct Lane {
    stream: Stream,
    start: Instant,
    sockets: Vec<TcpStream>,
    /// Frames that wait for the next picture.
    gathered: Vec<u8>,
}

/// Waits for the sockets, then copies until one of them closes.
pub fn copy(copy: Copy) -> Result<()> {
    ensure!(copy.streams > 0 && copy.sockets >= copy.streams, "every stream needs a socket");
    let listener = listen()?;
    let mut lanes: Vec<Lane> = (0..copy.streams)
        .map(|_| Lane {
            stream: Stream::new(copy.bits_per_second),
            start: Instant::now(),
            sockets: Vec::new(),
            gathered: Vec::new(),
        })
        .collect();
    for index in 0..copy.sockets {
        let (socket, _) = listener.accept().context("accept")?;
        socket.set_nodelay(true)?;
        lanes[index % copy.streams].sockets.push(socket);
    }
    for (index, lane) in lanes.iter_mut().enumerate() {
        lane.start = Instant::now() + stagger(index);
    }
    let mut body = Vec::new();
    loop {
        let next =
            lanes.iter_mut().min_by_key(|lane| lane.start + lane.stream.next_due()).context("no stream")?;
        let due = next.start + next.stream.next_due();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if next.write_frame(copy.writes, &mut body).is_err() {
            return Ok(());
        }
    }
}

impl Lane {
    fn write_frame(&mut self, writes: Writes, body: &mut Vec<u8>) -> std::io::Result<()> {
        let frame = self.stream.advance();
        self.stream.write_body(&frame, wall_clock_ns(), body);
        let chunk_stream = if frame.track == Track::Video { 6 } else { 4 };
        let kind = frame.track.message_type();
        write_message(&mut self.gathered, chunk_stream, kind, frame.timestamp_ms(), MESSAGE_STREAM_ID, body);
        if writes == Writes::EveryPicture && frame.track == Track::Audio {
            return Ok(());
        }
        for socket in &mut self.sockets {
            socket.write_all(&self.gathered)?;
        }
        self.gathered.clear();
        Ok(())
    }
}

/// When the stream of that index starts: spread over a group of pictures by the golden ratio, so that neither
/// keyframes nor pictures of many streams coincide.
pub fn stagger(index: usize) -> Duration {
    Duration::from_secs(2).mul_f64((index as f64 * 0.618_034).fract())
}

/// Reads from every socket that connects and drops what it reads; ends when the last one closes.
pub fn drain() -> Result<()> {
    let listener = listen()?;
    listener.set_nonblocking(true)?;
    let epoll: OwnedFd = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(u64::MAX), EventFlags::IN)?;
    let mut sockets: Vec<Option<TcpStream>> = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut events: Vec<Event> = Vec::with_capacity(256);
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            let token = event.data.u64();
            if token == u64::MAX {
                let (socket, _) = listener.accept()?;
                epoll::add(&epoll, &socket, EventData::new_u64(sockets.len() as u64), EventFlags::IN)?;
                sockets.push(Some(socket));
            } else if let Some(Some(socket)) = sockets.get_mut(token as usize)
                && matches!(socket.read(&mut piece), Ok(0) | Err(_))
            {
                sockets[token as usize] = None;
            }
        }
        if !sockets.is_empty() && sockets.iter().all(Option::is_none) {
            return Ok(());
        }
    }
}

/// Listens on a free port and says where, on standard output.
fn listen() -> Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let mut out = std::io::stdout();
    writeln!(out, "listening {}", listener.local_addr()?)?;
    out.flush()?;
    Ok(listener)
}
