//! What long-lived sockets have in common: ceilings, keep-alive, how they end.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::{Endpoint, OutboundError, Rules};

/// Ceilings of one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketLimits {
    /// Largest message or line in bytes, either way.
    pub message_bytes: usize,
    /// Time for resolution, connection, TLS and handshake.
    pub connect_timeout: Duration,
    /// Time for one message to be taken by the kernel: a peer that does not read is given up.
    pub write_timeout: Duration,
}

impl Default for SocketLimits {
    /// 256 KiB, 10 seconds, 10 seconds.
    fn default() -> Self {
        Self {
            message_bytes: 256 * 1024,
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
        }
    }
}

/// What came over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A WebSocket's text message, or a line without its end.
    Text(String),
    /// A WebSocket's binary message.
    Binary(Vec<u8>),
    /// A ping or pong: nothing to read, but the peer is there. Pings are answered here.
    Alive,
}

/// How a socket failed or ended. Texts name the host, never a path, a query or a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// No connection was made.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The server did not agree to a WebSocket.
    #[error("`{host}` answered the WebSocket handshake with {status}")]
    Refused {
        /// The host that was asked.
        host: String,
        /// The HTTP status it answered.
        status: u16,
        /// When it wants to be asked again (`Retry-After` in seconds).
        retry_after: Option<Duration>,
    },
    /// What came is not what the protocol allows.
    #[error("`{host}` broke the protocol: {detail}")]
    Malformed {
        /// The peer.
        host: String,
        /// What is wrong.
        detail: String,
    },
    /// A message is larger than its ceiling.
    #[error("a message of `{host}` is larger than {limit} bytes")]
    TooLarge {
        /// The peer.
        host: String,
        /// The ceiling in bytes.
        limit: usize,
    },
    /// The peer ended the connection in order.
    #[error("`{host}` closed the connection{}", code.map(|code| format!(" ({code})")).unwrap_or_default())]
    Closed {
        /// The peer.
        host: String,
        /// The close code of a WebSocket (RFC 6455 7.4), where one was given.
        code: Option<u16>,
    },
    /// The connection broke.
    #[error("the connection to `{host}` broke: {detail}")]
    Lost {
        /// The peer.
        host: String,
        /// What the system said.
        detail: String,
    },
    /// Something that is to be sent cannot be: it would be more than one message.
    #[error("not one message: {0}")]
    Unsendable(&'static str),
    /// The peer did not read in time.
    #[error("`{host}` took nothing for {} ms", after.as_millis())]
    Stalled {
        /// The peer.
        host: String,
        /// The time that was allowed.
        after: Duration,
    },
}

impl SocketError {
    /// The kebab-case code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outbound(error) => error.code(),
            Self::Refused { status: 401 | 403, .. } => "unauthorized",
            Self::Refused { .. } => "refused",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too-large",
            Self::Closed { .. } => "closed",
            Self::Lost { .. } => "lost",
            Self::Unsendable(_) => "unsendable",
            Self::Stalled { .. } => "stalled",
        }
    }

    /// Whether trying again without a change is useless: it was refused here.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Outbound(error) if error.is_refusal())
    }
}

/// The endpoint of `url`, if `rules` let a socket be kept open to it.
pub(crate) fn permitted(url: &str, scheme: &str, rules: &Rules) -> Result<Endpoint, OutboundError> {
    let endpoint = Endpoint::parse(url)?;
    if endpoint.scheme != scheme {
        return Err(OutboundError::UrlInvalid("the scheme does not fit the transport"));
    }
    if !rules.may_connect(&endpoint) {
        return Err(OutboundError::HostDenied { origin: endpoint.to_string() });
    }
    Ok(endpoint)
}

/// A peer that vanished without a word is noticed by the kernel within 35 seconds, whatever the protocol above.
pub(crate) fn keep_alive(stream: &TcpStream) {
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(20)).with_interval(Duration::from_secs(5));
    #[cfg(not(target_os = "windows"))]
    let keepalive = keepalive.with_retries(3);
    // Without it the connection still ends, only later.
    let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
}

/// Bounds one write.
pub(crate) async fn in_time<T>(
    host: &str,
    after: Duration,
    write: impl Future<Output = Result<T, SocketError>>,
) -> Result<T, SocketError> {
    let stalled = |_| SocketError::Stalled { host: host.to_owned(), after };
    tokio::time::timeout(after, write).await.map_err(stalled)?
}
