//! Lines over TLS, as IRC has them (RFC 1459 2.3): CR LF ends a line, LF alone is taken too.
//!
//! Invariant: only whole lines come out. What is half received waits here, at
//! most one line's ceiling of it, and is dropped with the connection.

use std::fmt;

use bytes::{Buf, BytesMut};
use neustream_model::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::socket::{Incoming, SocketError, SocketLimits, in_time, keep_alive, permitted};
use crate::{Outbound, OutboundError, Rules};

/// An open connection of lines.
pub struct Lines {
    stream: TlsStream<TcpStream>,
    buffer: BytesMut,
    /// Bytes at the beginning of `buffer` that hold no end of a line.
    searched: usize,
    host: String,
    limits: SocketLimits,
}

impl Outbound {
    /// Opens `tls://host:port` for lines, to an endpoint that `rules` let be kept open. Ends within the time limit.
    pub async fn lines(&self, rules: &Rules, url: &str, limits: SocketLimits) -> Result<Lines, SocketError> {
        let endpoint = permitted(url, "tls", rules)?;
        let host = endpoint.host.to_string();
        let open = self.connect_tls(&host, endpoint.port);
        let timed_out = |_| OutboundError::TimedOut { host: host.clone(), after: limits.connect_timeout };
        let stream = tokio::time::timeout(limits.connect_timeout, open).await.map_err(timed_out)??;
        keep_alive(stream.get_ref().0);
        Ok(Lines { stream, buffer: BytesMut::new(), searched: 0, host, limits })
    }
}

impl Lines {
    /// The next line, without its end; empty ones are passed over. Bytes that are not UTF-8 are replaced. May be
    /// dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// After any error the socket is of no use any more; [`SocketError::Closed`] is the peer's orderly end.
    pub async fn next(&mut self) -> Result<Incoming, SocketError> {
        loop {
            while let Some(line) = self.line()? {
                if !line.is_empty() {
                    return Ok(Incoming::Text(line));
                }
            }
            self.buffer.reserve(4096);
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Err(SocketError::Closed { host: self.host.clone(), code: None }),
                Ok(_) => {}
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Sends one line; its end is put behind it here.
    ///
    /// # Errors
    /// [`SocketError::Unsendable`] for a text with a line's end in it: it would be a second command.
    pub async fn send_text(&mut self, text: &Secret) -> Result<(), SocketError> {
        let text = text.expose();
        if text.contains(['\r', '\n', '\0']) {
            return Err(SocketError::Unsendable("a line's end or NUL within a line"));
        }
        if text.len() > self.limits.message_bytes {
            return Err(SocketError::Unsendable("larger than the ceiling"));
        }
        // One write, so that it is one segment.
        let line = Secret::new(format!("{text}\r\n"));
        let after = self.limits.write_timeout;
        let written = in_time(&self.host, after, async {
            Ok(match self.stream.write_all(line.expose().as_bytes()).await {
                Ok(()) => self.stream.flush().await,
                Err(error) => Err(error),
            })
        });
        written.await?.map_err(|error| self.lost(&error))
    }

    /// Ends TLS in order and does not wait for the peer.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(self.limits.write_timeout, self.stream.shutdown()).await;
    }

    /// A whole line of the buffer.
    fn line(&mut self) -> Result<Option<String>, SocketError> {
        let too_large =
            || SocketError::TooLarge { host: self.host.clone(), limit: self.limits.message_bytes };
        let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return if self.searched > self.limits.message_bytes { Err(too_large()) } else { Ok(None) };
        };
        let end = self.searched + end;
        if end > self.limits.message_bytes {
            return Err(too_large());
        }
        let line = self.buffer.split_to(end);
        self.buffer.advance(1);
        self.searched = 0;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        Ok(Some(String::from_utf8_lossy(line).into_owned()))
    }

    fn lost(&self, error: &std::io::Error) -> SocketError {
        SocketError::Lost { host: self.host.clone(), detail: error.kind().to_string() }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("host", &self.host).finish_non_exhaustive()
    }
}
