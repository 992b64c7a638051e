//! TLS servers on loopback under any name, whose peers a test scripts by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use neustream_outbound::{Outbound, OutboundSettings, ResolveOverride};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_util::task::AbortOnDropHandle;

/// Longest wait for something that is expected.
const PATIENCE: Duration = Duration::from_secs(20);

/// A private certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate.
    pub fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server under the name of a platform.
pub struct Platform {
    name: String,
    port: u16,
    address: SocketAddr,
    peers: Mutex<mpsc::UnboundedReceiver<Peer>>,
    _task: AbortOnDropHandle<()>,
}

impl Platform {
    /// Listens as `name:port`; [`outbound`] leads there.
    pub async fn start(authority: &Authority, name: &str, port: u16) -> Self {
        let acceptor = authority.acceptor(name);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, peers) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ = sender.send(Peer { stream, buffer: Vec::new() });
                    }
                });
            }
        });
        let task = AbortOnDropHandle::new(task);
        Self { name: name.to_owned(), port, address, peers: Mutex::new(peers), _task: task }
    }

    /// The next connection.
    pub async fn peer(&self) -> Peer {
        let next = async { self.peers.lock().await.recv().await.unwrap() };
        tokio::time::timeout(PATIENCE, next).await.expect("somebody connects")
    }

    /// A connection that is there already.
    pub async fn peer_now(&self) -> Option<Peer> {
        self.peers.lock().await.try_recv().ok()
    }

    /// Where it really listens.
    pub fn resolve(&self) -> ResolveOverride {
        ResolveOverride { host: self.name.clone(), port: self.port, address: self.address }
    }
}

/// The way out that finds these platforms and trusts `authority`.
pub fn outbound(authority: &Authority, platforms: &[&Platform]) -> Outbound {
    let settings = OutboundSettings {
        allow_private_networks: true,
        extra_ca_pem: Some(authority.pem()),
        resolve: platforms.iter().map(|platform| platform.resolve()).collect(),
    };
    Outbound::new(settings).unwrap()
}

/// A connection as the platform sees it. Dropping it closes it without a word.
pub struct Peer {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
}

impl Peer {
    /// The next line without its CR LF; none at the end. Strict: a line without CR fails the test.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = line.strip_suffix(b"\r\n").expect("CR LF");
                return Some(String::from_utf8(line.to_vec()).expect("UTF-8"));
            }
            if self.more().await == 0 {
                return None;
            }
        }
    }

    /// Sends bytes as they are.
    pub async fn write(&mut self, text: &str) {
        // The host may be gone; the test notices by what does not come.
        let _ = self.stream.write_all(text.as_bytes()).await;
        let _ = self.stream.flush().await;
    }

    /// Reads until the other side closes; answers what came until then.
    pub async fn rest(&mut self) -> String {
        while self.more().await > 0 {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }

    /// Reads one HTTP request: its head, and its body where it has a length.
    pub async fn request(&mut self) -> (String, String) {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(self.more().await > 0, "a request ends with an empty line");
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).expect("UTF-8");
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
        while self.buffer.len() < length {
            assert!(self.more().await > 0, "a body is whole");
        }
        let body = String::from_utf8(self.buffer.drain(..length).collect()).expect("UTF-8");
        (head, body)
    }

    /// Answers a request and closes.
    pub async fn answer(mut self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers.iter().copied() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        self.write(&format!("{head}\r\n{body}")).await;
        let _ = self.stream.shutdown().await;
    }

    /// Agrees to a WebSocket; strict as RFC 6455 wants a server to be.
    pub async fn websocket(self) -> WebSocketStream<TlsStream<TcpStream>> {
        tokio_tungstenite::accept_async(self.stream).await.expect("a correct handshake")
    }

    async fn more(&mut self) -> usize {
        let mut piece = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut piece)).await;
        let read = read.expect("something comes").unwrap_or(0);
        self.buffer.extend_from_slice(&piece[..read]);
        read
    }
}
