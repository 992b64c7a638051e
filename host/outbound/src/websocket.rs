//! A WebSocket over TLS (RFC 6455): handshake here, framing by tungstenite.
//!
//! The handshake is an HTTP request like any other of this crate, so it has the
//! same checks and ceilings; no extension is offered and none is accepted
//! (compression would undo the ceiling on messages).

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use neustream_model::Secret;
use sha1::{Digest, Sha1};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::task::AbortOnDropHandle;

use crate::socket::{Incoming, SocketError, SocketLimits, in_time, keep_alive, permitted};
use crate::{Endpoint, HttpLimits, HttpRequest, Outbound, OutboundError, Rules, http};

/// RFC 6455 1.3.
const ACCEPT_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY: HeaderName = HeaderName::from_static("sec-websocket-key");
const ACCEPT: HeaderName = HeaderName::from_static("sec-websocket-accept");
const VERSION: HeaderName = HeaderName::from_static("sec-websocket-version");
const PROTOCOL: HeaderName = HeaderName::from_static("sec-websocket-protocol");
const EXTENSIONS: HeaderName = HeaderName::from_static("sec-websocket-extensions");

/// Buffer of one socket; the library's own default is eight times as large.
const BUFFER_BYTES: usize = 16 * 1024;

/// Where to connect to. Prints the number of its headers: the URL's query and the values may be secret.
#[derive(Clone)]
pub struct WebSocketRequest {
    /// `wss://host[:port]/path?query`.
    pub url: String,
    /// Headers of the handshake; values are secrets until proven otherwise.
    pub headers: Vec<(String, Secret)>,
    /// The socket's ceilings.
    pub limits: SocketLimits,
}

impl fmt::Debug for WebSocketRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketRequest").field("headers", &self.headers.len()).finish_non_exhaustive()
    }
}

/// An open WebSocket.
pub struct WebSocket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    host: String,
    limits: SocketLimits,
}

impl Outbound {
    /// Opens a WebSocket to an endpoint that `rules` let be kept open. Ends within the time limit.
    pub async fn websocket(
        &self,
        rules: &Rules,
        request: WebSocketRequest,
    ) -> Result<WebSocket, SocketError> {
        let endpoint = permitted(&request.url, "wss", rules)?;
        let limits = request.limits;
        let host = endpoint.host.to_string();
        let handshake = handshake(&endpoint, request)?;
        let open = async {
            let stream = self.connect_host_https(&endpoint.host, endpoint.port).await?;
            keep_alive(stream.get_ref().0);
            upgraded(&host, stream, handshake).await
        };
        let timed_out = |_| OutboundError::TimedOut { host: host.clone(), after: limits.connect_timeout };
        let upgraded = tokio::time::timeout(limits.connect_timeout, open).await.map_err(timed_out)??;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(limits.message_bytes + BUFFER_BYTES)
            .max_message_size(Some(limits.message_bytes))
            .max_frame_size(Some(limits.message_bytes));
        let io = TokioIo::new(upgraded);
        let stream = WebSocketStream::from_raw_socket(io, Role::Client, Some(config)).await;
        Ok(WebSocket { stream, host, limits })
    }
}

impl WebSocket {
    /// What comes next. May be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// After any error the socket is of no use any more; [`SocketError::Closed`] is the peer's orderly end.
    pub async fn next(&mut self) -> Result<Incoming, SocketError> {
        let host = || self.host.clone();
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(text.as_str().to_owned())),
            Some(Ok(Message::Binary(bytes))) => Ok(Incoming::Binary(bytes.into())),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Incoming::Alive),
            Some(Ok(Message::Close(frame))) => {
                // The answer to the peer's close leaves with the next poll; nobody waits for it.
                let _ = tokio::time::timeout(self.limits.write_timeout, self.stream.flush()).await;
                Err(SocketError::Closed { host: host(), code: frame.map(|frame| frame.code.into()) })
            }
            Some(Err(error)) => Err(self.failure(&error)),
            None => Err(SocketError::Closed { host: host(), code: None }),
        }
    }

    /// Sends a text message.
    pub async fn send_text(&mut self, text: &Secret) -> Result<(), SocketError> {
        self.send(Message::text(text.expose())).await
    }

    /// Sends a binary message.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), SocketError> {
        self.send(Message::Binary(bytes.into())).await
    }

    /// Asks the peer for a sign of life, which arrives as [`Incoming::Alive`].
    pub async fn ping(&mut self) -> Result<(), SocketError> {
        self.send(Message::Ping(Bytes::new())).await
    }

    /// Says goodbye (1000, RFC 6455 7.4.1) and does not wait for an answer.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(self.limits.write_timeout, self.stream.close(None)).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), SocketError> {
        if message.len() > self.limits.message_bytes {
            return Err(SocketError::Unsendable("larger than the ceiling"));
        }
        let sent =
            in_time(&self.host, self.limits.write_timeout, async { Ok(self.stream.send(message).await) });
        sent.await?.map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &Error) -> SocketError {
        let host = self.host.clone();
        match error {
            Error::ConnectionClosed | Error::AlreadyClosed => SocketError::Closed { host, code: None },
            Error::Io(error) => SocketError::Lost { host, detail: error.kind().to_string() },
            Error::Capacity(_) => SocketError::TooLarge { host, limit: self.limits.message_bytes },
            Error::Utf8(_) => SocketError::Malformed { host, detail: "a text is not UTF-8".to_owned() },
            Error::Protocol(error) => SocketError::Malformed { host, detail: error.to_string() },
            // Never with the text of the error: some of them carry the message.
            _ => SocketError::Lost { host, detail: "it cannot be used any more".to_owned() },
        }
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("host", &self.host).finish_non_exhaustive()
    }
}

/// What is asked, and what the answer must fit.
struct Handshake {
    message: Request<Full<Bytes>>,
    key: String,
    /// The subprotocols that are offered.
    protocols: Vec<String>,
}

fn handshake(endpoint: &Endpoint, request: WebSocketRequest) -> Result<Handshake, OutboundError> {
    let offers = |name: &str| name.eq_ignore_ascii_case(PROTOCOL.as_str());
    for (name, _) in &request.headers {
        if name.to_ascii_lowercase().starts_with("sec-websocket-") && !offers(name) {
            return Err(OutboundError::HeaderDenied { name: name.chars().take(80).collect() });
        }
    }
    let list = request.headers.iter().filter(|(name, _)| offers(name)).map(|(_, value)| value.expose());
    let protocols = list.flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect();
    let (_, url) = Endpoint::parse_with_url(&request.url)?;
    let limits = HttpLimits { timeout: request.limits.connect_timeout, ..HttpLimits::default() };
    let (method, body) = ("GET".to_owned(), Bytes::new());
    let get = HttpRequest { method, url: request.url, headers: request.headers, body, limits };
    let mut message = http::message(endpoint, &url, &get)?;
    let key = BASE64_STANDARD.encode(rand::random::<[u8; 16]>());
    let headers = message.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(VERSION, HeaderValue::from_static("13"));
    headers.insert(KEY, HeaderValue::try_from(&key).expect("base64 is a header's value"));
    Ok(Handshake { message, key, protocols })
}

async fn upgraded(
    host: &str,
    stream: TlsStream<tokio::net::TcpStream>,
    Handshake { message, key, protocols }: Handshake,
) -> Result<Upgraded, SocketError> {
    let failed = |error: hyper::Error| {
        SocketError::Outbound(OutboundError::HttpFailed { host: host.to_owned(), detail: error.to_string() })
    };
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(100)
        .max_buf_size(64 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // Ends when the stream has been handed over, or with this call.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection.with_upgrades()));
    let response = sender.send_request(message).await.map_err(failed)?;
    check(host, &response, &key, &protocols)?;
    hyper::upgrade::on(response).await.map_err(failed)
}

/// RFC 6455 4.1, the client's checks.
fn check<B>(host: &str, response: &Response<B>, key: &str, protocols: &[String]) -> Result<(), SocketError> {
    let headers = response.headers();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let seconds = text(headers, &RETRY_AFTER).and_then(|value| value.trim().parse().ok());
        return Err(SocketError::Refused {
            host: host.to_owned(),
            status: response.status().as_u16(),
            retry_after: seconds.map(std::time::Duration::from_secs),
        });
    }
    let malformed =
        |detail: &str| SocketError::Malformed { host: host.to_owned(), detail: detail.to_owned() };
    if !text(headers, &UPGRADE).is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err(malformed("it upgrades to something else"));
    }
    let is_upgrade = |value: &str| value.split(',').any(|word| word.trim().eq_ignore_ascii_case("upgrade"));
    if !text(headers, &CONNECTION).is_some_and(is_upgrade) {
        return Err(malformed("it does not upgrade"));
    }
    let expected = BASE64_STANDARD.encode(Sha1::new().chain_update(key).chain_update(ACCEPT_GUID).finalize());
    if text(headers, &ACCEPT) != Some(expected.as_str()) {
        return Err(malformed("it has not read the key"));
    }
    if headers.contains_key(EXTENSIONS) {
        return Err(malformed("it uses an extension that was not offered"));
    }
    match text(headers, &PROTOCOL) {
        Some(chosen) if !protocols.iter().any(|offered| offered == chosen) => {
            Err(malformed("it chose a subprotocol that was not offered"))
        }
        None if !protocols.is_empty() => Err(malformed("it chose none of the subprotocols")),
        _ => Ok(()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
