//! Strict stand-ins for the platforms: names, TLS and answers as the real
//! ones, on loopback. A request that the real platform would refuse is refused.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::made_up::MadeUpChat;
use super::oauth::{HttpsSite, Site};
use super::port::loopback;
use super::rtmp::destination::{Behaviour, RtmpDestination};
use super::server::Settings;
use super::tls::Authority;

/// The platforms of one test, and the way to them.
pub struct Platforms {
    authority: Authority,
    ways: Vec<Way>,
}

/// Where a name leads.
struct Way {
    name: String,
    port: u16,
    address: SocketAddr,
}

impl Platforms {
    /// No platform yet.
    ///
    /// # Errors
    /// When no certificate authority can be made.
    pub fn new() -> Result<Self> {
        Ok(Self { authority: Authority::new()?, ways: Vec::new() })
    }

    /// An RTMPS ingest called `name` on port 443 that takes only `key`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn rtmps(&mut self, name: &str, key: &str) -> Result<RtmpDestination> {
        let behaviour = Behaviour { only_key: Some(key.to_owned()), ..Behaviour::default() };
        self.behaving_rtmps(name, behaviour).await
    }

    /// An RTMPS ingest called `name` on port 443 that behaves so.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn behaving_rtmps(&mut self, name: &str, behaviour: Behaviour) -> Result<RtmpDestination> {
        let tls = Some(self.authority.acceptor(name)?);
        let ingest = RtmpDestination::start(Behaviour { tls, ..behaviour }).await?;
        self.leads_to(name, 443, ingest.address());
        Ok(ingest)
    }

    /// A plain RTMP ingest called `name` on port 1935 that takes only `key`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn rtmp(&mut self, name: &str, key: &str) -> Result<RtmpDestination> {
        let behaviour = Behaviour { only_key: Some(key.to_owned()), ..Behaviour::default() };
        let ingest = RtmpDestination::start(behaviour).await?;
        self.leads_to(name, 1935, ingest.address());
        Ok(ingest)
    }

    /// Twitch's list of ingests at `https://ingest.twitch.tv/ingests`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn twitch_ingests(&mut self, ingests: Value) -> Result<HttpsStandIn> {
        let stand_in =
            HttpsStandIn::start(self.authority.acceptor("ingest.twitch.tv")?, "/ingests", ingests).await?;
        self.leads_to("ingest.twitch.tv", 443, stand_in.address);
        Ok(stand_in)
    }

    /// An HTTPS server on port 443 of the name that `site` goes by.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn https<S: Site>(&mut self, site: S) -> Result<HttpsSite<S>> {
        let name = site.name().to_owned();
        let stand_in = HttpsSite::start(self.authority.acceptor(&name)?, site).await?;
        self.leads_to(&name, 443, stand_in.address());
        Ok(stand_in)
    }

    /// The chat of the examples on port 443 of its name, with this channel for whoever has the token.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn made_up_chat(&mut self, channel: &str, token: &str) -> Result<MadeUpChat> {
        let chat = MadeUpChat::start(self.authority.acceptor(MadeUpChat::HOST)?, channel, token).await?;
        self.leads_to(MadeUpChat::HOST, 443, chat.address);
        Ok(chat)
    }

    /// TLS as the server called `name`.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn acceptor(&self, name: &str) -> Result<TlsAcceptor> {
        self.authority.acceptor(name)
    }

    /// Settings that lead the server to these platforms, and trust their authority.
    #[must_use]
    pub fn lead(&self, settings: Settings) -> Settings {
        let resolve = self.ways.iter().map(|Way { name, port, address }| format!("{name}:{port}={address}"));
        settings
            .with("NEUSTREAM_OUTBOUND_RESOLVE", resolve.collect::<Vec<_>>().join(","))
            .with("NEUSTREAM_OUTBOUND_CA_FILE", self.authority.file().display().to_string())
    }

    /// Flags that lead Chromium to the pages of these platforms, and have it trust their authority and nobody else anew.
    pub fn browser_flags(&self) -> Vec<String> {
        let pages = self.ways.iter().filter(|way| way.port == 443);
        let rules = pages.map(|Way { name, address, .. }| format!("MAP {name} {address}"));
        vec![
            format!("--host-resolver-rules={}", rules.collect::<Vec<_>>().join(",")),
            format!("--ignore-certificate-errors-spki-list={}", self.authority.key_digest()),
        ]
    }

    fn leads_to(&mut self, name: &str, port: u16, address: SocketAddr) {
        self.ways.push(Way { name: name.to_owned(), port, address });
    }
}

/// One entry of Twitch's list, in the order of its fields.
pub fn twitch_ingest(id: u32, host: &str, is_default: bool, priority: u32) -> Value {
    json!({
        "_id": id,
        "availability": 1.0,
        "default": is_default,
        "name": format!("Ingest {id}"),
        "url_template": format!("rtmp://{host}/app/{{stream_key}}"),
        "priority": priority,
    })
}

/// An HTTPS server with one document.
pub struct HttpsStandIn {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl HttpsStandIn {
    async fn start(tls: TlsAcceptor, path: &'static str, document: Value) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let mut tasks = JoinSet::new();
        let seen = Arc::clone(&requests);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, document, seen) = (tls.clone(), document.clone(), Arc::clone(&seen));
                connections.spawn(async move {
                    let Ok(mut socket) = tls.accept(socket).await else { return };
                    answer_one(&mut socket, path, &document, &seen).await.ok();
                });
            }
        });
        Ok(Self { address, requests, _tasks: tasks })
    }

    /// The heads of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer_one(
    socket: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin),
    path: &str,
    document: &Value,
    seen: &Mutex<Vec<String>>,
) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
        head.push(socket.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let is_asked_for = head.starts_with(&format!("GET {path} HTTP/1.1\r\n"));
    let is_named = head.to_ascii_lowercase().contains("\r\nhost: ingest.twitch.tv\r\n");
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    let (status, body) = match (is_asked_for, is_named) {
        (true, true) => ("200 OK", document.to_string()),
        (true, false) => ("421 Misdirected Request", String::new()),
        _ => ("404 Not Found", String::new()),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await?;
    Ok(())
}
