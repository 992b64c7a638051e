//! A socket to a receiver, plain or TLS, and how much the kernel may hold for it.
//!
//! What a slow receiver is fed is as old as what lies in the kernel's send
//! buffer before it. So every socket has a low-water mark on unsent bytes
//! (`TCP_NOTSENT_LOWAT`), and [`Gate`] asks the kernel whether it is below the
//! mark before more is written: the mark alone changes what `poll` reports,
//! not what `send` accepts.

use std::io;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Unsent bytes above which the kernel reports a socket as not writable.
const UNSENT_LOW_WATER_BYTES: u32 = 16 * 1024;
/// How often a receiver that keeps up is asked about. What piles up meanwhile goes out in one burst more.
const GATE_INTERVAL: Duration = Duration::from_millis(250);

/// A duplex byte stream over one TCP connection.
pub(crate) trait Link: AsyncRead + AsyncWrite + Unpin + Send {
    /// Whether written bytes may wait in a buffer of this program until they are flushed.
    const IS_BUFFERED: bool;

    /// The TCP connection underneath.
    fn tcp(&self) -> &TcpStream;
}

impl Link for TcpStream {
    const IS_BUFFERED: bool = false;

    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Link for TlsStream<TcpStream> {
    const IS_BUFFERED: bool = true;

    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Sets what every media socket needs: no Nagle delay, the low-water mark, and an end to silent peers.
pub(crate) fn tune(tcp: &TcpStream, silent_for: Duration) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let socket = SockRef::from(tcp);
    socket.set_tcp_notsent_lowat(UNSENT_LOW_WATER_BYTES)?;
    socket.set_tcp_user_timeout(Some(silent_for))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(silent_for).with_interval(Duration::from_secs(2)))
}

/// Lets writes through while the kernel is below the low-water mark.
#[derive(Debug)]
pub(crate) struct Gate {
    asked: Instant,
    is_closed: bool,
}

impl Gate {
    pub fn new(now: Instant) -> Self {
        Self { asked: now, is_closed: false }
    }

    /// Whether the receiver was behind when last asked about.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Ready when more may be written.
    pub fn poll_open(&mut self, cx: &mut Context<'_>, tcp: &TcpStream, now: Instant) -> Poll<io::Result<()>> {
        if !self.is_closed && now.saturating_duration_since(self.asked) < GATE_INTERVAL {
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(tcp.poll_write_ready(cx))?;
            self.asked = now;
            // Inside `try_io`, so that tokio forgets a readiness that the kernel takes back, and the next round
            // waits for its edge.
            match tcp.try_io(Interest::WRITABLE, || below_low_water(tcp)) {
                Ok(()) => {
                    self.is_closed = false;
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_closed = true,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

/// Whether the kernel has sent all but a little of what it was given.
pub(crate) fn is_drained(tcp: &TcpStream) -> bool {
    below_low_water(tcp).is_ok()
}

fn below_low_water(tcp: &TcpStream) -> io::Result<()> {
    let mut fds = [PollFd::new(tcp, PollFlags::OUT)];
    rustix::event::poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    if fds[0].revents().is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}
