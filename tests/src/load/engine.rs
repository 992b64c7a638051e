//! The sockets of the load generator: one thread, one epoll, no more.
//!
//! Publishers write each frame at its due moment, one `write` a frame, as encoders do. Readers are drained in
//! large pieces; of sampled readers every chunk header is parsed and every frame's age noted the moment its last
//! byte was read; the others have their bytes discarded inside the kernel (`MSG_TRUNC`) and counted, so that one
//! core can receive what another core sends. Receivers of a listener can be throttled, cut and reopened.
//! Absent: threads (their own scheduling would be measured) and any retry.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{RecvFlags, recv, sockopt};

use super::peer::{Feed, Peer};
use super::samples::Samples;
use super::session::Role;
use super::stream::Stream;

/// A piece that one `recv` may bring.
const PIECE_BYTES: usize = 1 << 20;
const EVENTS_A_TURN: usize = 256;
/// How often a throttled receiver reads.
const THROTTLE_STEP: Duration = Duration::from_millis(20);
/// A publisher whose server lags more than this is given up: the run would measure the generator's memory.
const UNSENT_BYTES: usize = 16 << 20;
/// Tokens from here on are listeners.
const FIRST_LISTENER: u64 = 1 << 32;

/// Names a connection for the whole run; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerId(usize);

/// Names a listener for the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenerId(usize);

#[derive(Debug)]
struct Listener {
    socket: Option<TcpListener>,
    address: SocketAddr,
    bytes_per_second: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Send(PeerId),
    Read(PeerId),
}

/// Every connection of a run.
pub struct Engine {
    epoll: OwnedFd,
    events: Vec<Event>,
    peers: Vec<Peer>,
    listeners: Vec<Listener>,
    timers: BinaryHeap<Reverse<(Instant, Timer)>>,
    piece: Vec<u8>,
    body: Vec<u8>,
    is_recording: bool,
    lateness: Samples,
}

impl Engine {
    /// An engine without connections.
    pub fn new() -> Result<Self> {
        Ok(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?,
            events: Vec::with_capacity(EVENTS_A_TURN),
            peers: Vec::new(),
            listeners: Vec::new(),
            timers: BinaryHeap::new(),
            piece: vec![0; PIECE_BYTES],
            body: Vec::new(),
            is_recording: false,
            lateness: Samples::default(),
        })
    }

    /// Connects a publisher of `bits_per_second`, whose first frame comes `delay` after the server's consent.
    pub fn publish(
        &mut self,
        address: SocketAddr,
        role: Role,
        bits_per_second: u64,
        delay: Duration,
    ) -> Result<PeerId> {
        let feed = Feed { stream: Stream::new(bits_per_second), bits_per_second, delay, start: None };
        self.connect(address, role, Some(feed), true)
    }

    /// Connects a reader; of one that is not sampled only bytes are counted once media flows.
    pub fn read(&mut self, address: SocketAddr, role: Role, is_sampled: bool) -> Result<PeerId> {
        self.connect(address, role, None, is_sampled)
    }

    /// Listens on a free port of the loopback interface for publishers, as a platform's ingest does.
    pub fn listen(&mut self) -> Result<ListenerId> {
        let id = ListenerId(self.listeners.len());
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        self.listeners.push(Listener { socket: None, address, bytes_per_second: None });
        self.reopen(id)?;
        Ok(id)
    }

    /// Where a listener listens, also while it is cut.
    pub fn address(&self, id: ListenerId) -> SocketAddr {
        self.listeners[id.0].address
    }

    /// Closes a listener and resets its connections: whoever connects now is refused.
    pub fn cut(&mut self, id: ListenerId) -> Result<()> {
        self.listeners[id.0].socket = None;
        for peer in self.peers.iter_mut().filter(|peer| peer.listener == Some(id)) {
            if let Some(socket) = peer.socket.take() {
                sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).context("SO_LINGER")?;
                peer.end = Some("cut".into());
            }
        }
        Ok(())
    }

    /// Listens again where the listener listened before.
    pub fn reopen(&mut self, id: ListenerId) -> Result<()> {
        let listener = &mut self.listeners[id.0];
        let socket = TcpListener::bind(listener.address).context("bind")?;
        socket.set_nonblocking(true)?;
        listener.address = socket.local_addr()?;
        epoll::add(&self.epoll, &socket, EventData::new_u64(FIRST_LISTENER + id.0 as u64), EventFlags::IN)?;
        listener.socket = Some(socket);
        Ok(())
    }

    /// From now on what is connected, or connects, to this listener reads at `bytes_per_second`.
    pub fn throttle(&mut self, id: ListenerId, bytes_per_second: u64) -> Result<()> {
        self.listeners[id.0].bytes_per_second = Some(bytes_per_second);
        for index in 0..self.peers.len() {
            let peer = &mut self.peers[index];
            if peer.listener == Some(id) && peer.socket.is_some() {
                peer.bytes_per_second = Some(bytes_per_second);
                self.rearm(PeerId(index))?;
                self.timers.push(Reverse((Instant::now(), Timer::Read(PeerId(index)))));
            }
        }
        Ok(())
    }

    /// Ends a publication politely and closes its connection.
    pub fn unpublish(&mut self, id: PeerId) -> Result<()> {
        let peer = &mut self.peers[id.0];
        peer.session.write_end(&mut peer.unsent);
        self.flush(id)?;
        self.peers[id.0].close("unpublished");
        Ok(())
    }

    /// One connection.
    pub fn peer(&self, id: PeerId) -> &Peer {
        &self.peers[id.0]
    }

    /// The connections that a listener has accepted, oldest first.
    pub fn accepted(&self, id: ListenerId) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(move |peer| peer.listener == Some(id))
    }

    /// Everything that reads media: players, watchers of the raw floor, receivers.
    pub fn readers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(|peer| peer.feed.is_none())
    }

    /// Every publisher.
    pub fn publishers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(|peer| peer.feed.is_some())
    }

    /// Counts from nothing.
    pub fn start_recording(&mut self) {
        self.is_recording = true;
        self.lateness.clear();
        for peer in &mut self.peers {
            peer.tally.clear();
        }
    }

    /// Keeps what was counted as it is.
    pub fn stop_recording(&mut self) {
        self.is_recording = false;
    }

    /// By how much publishers missed due moments while recording.
    pub fn lateness(&self) -> &Samples {
        &self.lateness
    }

    /// Serves every connection for `duration`.
    pub fn run_for(&mut self, duration: Duration) -> Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.turn(end)?;
        }
        Ok(())
    }

    /// Serves every connection until `is_done`, at most for `timeout`; `what` names the hope in the error.
    pub fn run_until(
        &mut self,
        what: &str,
        timeout: Duration,
        mut is_done: impl FnMut(&Self) -> bool,
    ) -> Result<()> {
        let end = Instant::now() + timeout;
        while !is_done(self) {
            if Instant::now() >= end {
                let ends: Vec<&str> = self.peers.iter().filter_map(Peer::end).take(3).collect();
                bail!("{what}: not within {timeout:?}; connections that ended: {ends:?}");
            }
            self.turn(end.min(Instant::now() + Duration::from_millis(20)))?;
        }
        Ok(())
    }

    fn connect(
        &mut self,
        address: SocketAddr,
        role: Role,
        feed: Option<Feed>,
        is_sampled: bool,
    ) -> Result<PeerId> {
        let socket = TcpStream::connect(address).with_context(|| format!("connect to {address}"))?;
        let id = self.adopt(socket, role, None)?;
        let peer = &mut self.peers[id.0];
        peer.feed = feed;
        peer.is_sampled = is_sampled;
        self.start_feed(id);
        self.flush(id)?;
        Ok(id)
    }

    fn adopt(&mut self, socket: TcpStream, role: Role, listener: Option<ListenerId>) -> Result<PeerId> {
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        let id = PeerId(self.peers.len());
        epoll::add(&self.epoll, &socket, EventData::new_u64(id.0 as u64), EventFlags::IN)?;
        let mut peer = Peer::new(socket, role, listener);
        if let Some(listener) = listener {
            peer.bytes_per_second = self.listeners[listener.0].bytes_per_second;
        }
        let is_throttled = peer.bytes_per_second.is_some();
        self.peers.push(peer);
        if is_throttled {
            self.rearm(id)?;
            self.timers.push(Reverse((Instant::now(), Timer::Read(id))));
        }
        Ok(id)
    }

    /// One round: waits for sockets, a timer or `end`, and serves what is ready.
    fn turn(&mut self, end: Instant) -> Result<()> {
        let next = self.timers.peek().map_or(end, |Reverse((due, _))| end.min(*due));
        let wait = next.saturating_duration_since(Instant::now());
        let wait = Duration::from_millis(wait.as_micros().div_ceil(1000) as u64);
        let wait = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("epoll_wait"),
        }
        for event in &events {
            let (token, flags) = (event.data.u64(), event.flags);
            if token >= FIRST_LISTENER {
                self.accept(ListenerId((token - FIRST_LISTENER) as usize))?;
            } else {
                self.serve(PeerId(token as usize), flags)?;
            }
        }
        self.events = events;
        self.ring()
    }

    fn ring(&mut self) -> Result<()> {
        while let Some(Reverse((due, _))) = self.timers.peek()
            && *due <= Instant::now()
        {
            let Some(Reverse((due, timer))) = self.timers.pop() else { break };
            match timer {
                Timer::Send(id) => self.send_next(id, due)?,
                Timer::Read(id) => self.read_slowly(id)?,
            }
        }
        Ok(())
    }

    fn accept(&mut self, id: ListenerId) -> Result<()> {
        loop {
            let Some(listener) = &self.listeners[id.0].socket else { return Ok(()) };
            match listener.accept() {
                Ok((socket, _)) => self.adopt(socket, Role::Receiver, Some(id))?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("accept"),
            };
        }
    }

    fn serve(&mut self, id: PeerId, flags: EventFlags) -> Result<()> {
        if flags.contains(EventFlags::OUT) {
            self.flush(id)?;
        }
        if self.peers[id.0].bytes_per_second.is_some() {
            if flags.intersects(EventFlags::ERR | EventFlags::HUP) {
                self.peers[id.0].close("reset");
            }
            return Ok(());
        }
        if flags.intersects(EventFlags::IN | EventFlags::ERR | EventFlags::HUP) {
            self.receive(id, PIECE_BYTES)?;
        }
        Ok(())
    }

    fn read_slowly(&mut self, id: PeerId) -> Result<()> {
        let peer = &self.peers[id.0];
        let (Some(rate), true) = (peer.bytes_per_second, peer.socket.is_some()) else { return Ok(()) };
        let piece = (rate as f64 * THROTTLE_STEP.as_secs_f64()) as usize;
        self.receive(id, piece.clamp(1, PIECE_BYTES))?;
        self.timers.push(Reverse((Instant::now() + THROTTLE_STEP, Timer::Read(id))));
        Ok(())
    }

    fn receive(&mut self, id: PeerId, at_most: usize) -> Result<()> {
        let peer = &mut self.peers[id.0];
        let Some(socket) = &peer.socket else { return Ok(()) };
        let is_discarded = peer.is_discarded();
        let flags = if is_discarded { RecvFlags::TRUNC | RecvFlags::DONTWAIT } else { RecvFlags::DONTWAIT };
        let count = match recv(socket, &mut self.piece[..at_most], flags) {
            Ok((_, 0)) => {
                peer.close("closed by the peer");
                return Ok(());
            }
            Ok((_, count)) => count,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => {
                peer.close(&error.to_string());
                return Ok(());
            }
        };
        if is_discarded {
            peer.discard(count, self.is_recording);
        } else {
            peer.receive(&self.piece[..count], self.is_recording);
        }
        self.start_feed(id);
        self.flush(id)
    }

    /// Once a publisher has consent: metadata and codec headers, then the first timer.
    fn start_feed(&mut self, id: PeerId) {
        if let Some(first) = self.peers[id.0].start_feed() {
            self.timers.push(Reverse((first, Timer::Send(id))));
        }
    }

    fn send_next(&mut self, id: PeerId, due: Instant) -> Result<()> {
        let peer = &mut self.peers[id.0];
        if peer.socket.is_none() {
            return Ok(());
        }
        if self.is_recording {
            self.lateness.push(due.elapsed());
        }
        let Some(next) = peer.write_frame(&mut self.body) else { return Ok(()) };
        ensure!(peer.unsent.len() < UNSENT_BYTES, "the server stopped reading a publisher");
        self.timers.push(Reverse((next, Timer::Send(id))));
        self.flush(id)
    }

    fn flush(&mut self, id: PeerId) -> Result<()> {
        let peer = &mut self.peers[id.0];
        let Some(socket) = &mut peer.socket else { return Ok(()) };
        let mut written = 0;
        while written < peer.unsent.len() {
            match socket.write(&peer.unsent[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let why = error.to_string();
                    peer.close(&why);
                    return Ok(());
                }
            }
        }
        peer.unsent.drain(..written);
        if self.is_recording && peer.feed.is_some() {
            peer.tally.bytes += written as u64;
        }
        self.rearm(id)
    }

    /// Waits for room in the socket only while something is unsent, and for input unless throttled.
    fn rearm(&mut self, id: PeerId) -> Result<()> {
        let peer = &mut self.peers[id.0];
        let mut wanted = EventFlags::empty();
        wanted.set(EventFlags::IN, peer.bytes_per_second.is_none());
        wanted.set(EventFlags::OUT, !peer.unsent.is_empty());
        if let Some(socket) = &peer.socket
            && wanted != peer.armed
        {
            epoll::modify(&self.epoll, socket, EventData::new_u64(id.0 as u64), wanted)?;
            peer.armed = wanted;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn publish_to(engine: &mut Engine, listener: ListenerId) {
        let role = Role::Publisher { app: "d".into(), name: "key".into() };
        engine.publish(engine.address(listener), role, 5_000_000, Duration::ZERO).expect("connects");
    }

    #[test]
    fn every_frame_of_a_publisher_is_counted_at_a_receiver() {
        let mut engine = Engine::new().expect("epoll");
        let listener = engine.listen().expect("free port");
        publish_to(&mut engine, listener);
        engine.start_recording();
        let frames = |engine: &Engine| engine.readers().map(|reader| reader.tally.frames).sum::<u64>();
        engine.run_until("a hundred frames", PATIENCE, |engine| frames(engine) >= 100).expect("frames");
        let receiver = engine.accepted(listener).next().expect("a receiver");
        assert_eq!(receiver.tally.lost, 0);
        assert_eq!(receiver.tally.ages.count() as u64, receiver.tally.frames);
        assert!(receiver.first_keyframe.is_some());
    }

    #[test]
    fn a_cut_listener_resets_and_refuses_until_it_is_reopened() {
        let mut engine = Engine::new().expect("epoll");
        let listener = engine.listen().expect("free port");
        publish_to(&mut engine, listener);
        engine
            .run_until("consent", PATIENCE, |engine| engine.publishers().all(Peer::is_streaming))
            .expect("consent");

        engine.cut(listener).expect("cut");
        engine
            .run_until("the reset", PATIENCE, |engine| !engine.publishers().any(Peer::is_open))
            .expect("reset");
        let role = Role::Publisher { app: "d".into(), name: "key".into() };
        assert!(engine.publish(engine.address(listener), role, 5_000_000, Duration::ZERO).is_err());

        engine.reopen(listener).expect("reopen");
        publish_to(&mut engine, listener);
        let has_picture =
            |engine: &Engine| engine.accepted(listener).any(|peer| peer.first_keyframe.is_some());
        engine.run_until("a picture", PATIENCE, has_picture).expect("a picture");
    }

    #[test]
    fn a_throttled_receiver_reads_at_its_pace() {
        let mut engine = Engine::new().expect("epoll");
        let listener = engine.listen().expect("free port");
        publish_to(&mut engine, listener);
        let has_media = |engine: &Engine| engine.accepted(listener).any(|peer| peer.first_media.is_some());
        engine.run_until("media", PATIENCE, has_media).expect("media");
        engine.throttle(listener, 62_500).expect("throttle");
        engine.start_recording();
        engine.run_for(Duration::from_secs(1)).expect("a second");
        let bytes = engine.accepted(listener).map(|peer| peer.tally.bytes).sum::<u64>();
        assert!((20_000..=65_000).contains(&bytes), "{bytes}");
    }
}
