//! A reader that takes its time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Hands out a socket's bytes at a limited rate, in small helpings.
pub(super) struct Throttled<S> {
    socket: S,
    bytes_per_s: Option<u64>,
    read_bytes: u64,
    rest: Pin<Box<tokio::time::Sleep>>,
}

/// How much a throttled reader takes at once.
const HELPING: usize = 4096;

impl<S> Throttled<S> {
    /// Takes at most `bytes_per_s` from `socket`; without a number as much as there is.
    pub fn new(socket: S, bytes_per_s: Option<u64>) -> Self {
        Self { socket, bytes_per_s, read_bytes: 0, rest: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }

    /// Bytes handed out so far, the handshake included.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Throttled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let Some(bytes_per_s) = self.bytes_per_s else {
            let before = buffer.filled().len();
            let outcome = Pin::new(&mut self.socket).poll_read(task, buffer);
            self.read_bytes += (buffer.filled().len() - before) as u64;
            return outcome;
        };
        if self.rest.as_mut().poll(task).is_pending() {
            return Poll::Pending;
        }
        let mut bytes = [0; HELPING];
        let mut helping = ReadBuf::new(&mut bytes[..HELPING.min(buffer.remaining())]);
        let outcome = Pin::new(&mut self.socket).poll_read(task, &mut helping);
        if outcome.is_ready() {
            let taken = helping.filled();
            let pause = Duration::from_secs_f64(taken.len() as f64 / bytes_per_s as f64);
            let count = taken.len() as u64;
            buffer.put_slice(taken);
            self.read_bytes += count;
            self.rest.as_mut().reset(tokio::time::Instant::now() + pause);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Throttled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(task)
    }
}
