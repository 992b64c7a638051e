//! What the tests of this crate share: servers on loopback that count, resolvers that lie.

#![allow(dead_code, reason = "every test file uses its part")]

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use neustream_model::Secret;
use neustream_outbound::{AllowList, HttpLimits, HttpRequest, Outbound, OutboundSettings, Resolve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A TCP server that counts its connections and gives each to a handler.
pub struct Server {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Listens on every IPv4 address of this machine, so that none is missed.
    pub async fn start<H, F>(handler: H) -> Self
    where
        H: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
        let address = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().expect("an address").port()));
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(handler(stream));
            }
        });
        Self { address, accepted, task }
    }

    /// Answers every request with these bytes and closes; the requests are kept.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> (Self, Arc<Mutex<Vec<String>>>) {
        let answer: Arc<[u8]> = answer.into().into();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let server = Self::start(move |mut stream| {
            let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
            async move {
                let request = read_request(&mut stream).await;
                kept.lock().expect("no panic while held").push(request);
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        })
        .await;
        (server, requests)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections so far. Call it after a connection of your own was answered: the kernel queues in order.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request: its head, and its body where it has a length.
pub async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).await.is_ok() {
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length =
        head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = stream.read_exact(&mut body).await;
    request.extend_from_slice(&body);
    String::from_utf8_lossy(&request).into_owned()
}

/// A resolver with fixed answers; a name with several answers gives one after the other, the last for ever.
#[derive(Clone, Default)]
pub struct Names {
    answers: HashMap<String, Vec<Vec<IpAddr>>>,
    lookups: Arc<AtomicUsize>,
}

impl Names {
    pub fn with(mut self, name: &str, answers: &[&[&str]]) -> Self {
        let address = |text: &&str| text.parse().expect("an address");
        let answers = answers.iter().map(|answer| answer.iter().map(address).collect()).collect();
        self.answers.insert(name.to_owned(), answers);
        self
    }

    pub fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

impl Resolve for Names {
    fn lookup<'a>(
        &'a self,
        name: &'a str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        let turn = self.lookups.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(name).map(|answers| answers[turn.min(answers.len() - 1)].clone());
        Box::pin(async move {
            let answer = answer.ok_or_else(|| io::Error::other("no such name"))?;
            Ok(answer.into_iter().map(|address| SocketAddr::new(address, port)).collect())
        })
    }
}

pub fn strict(names: Names) -> Outbound {
    Outbound::with_resolver(OutboundSettings::default(), names).expect("settings are right")
}

pub fn open(names: Names) -> Outbound {
    let settings = OutboundSettings { allow_private_networks: true, ..OutboundSettings::default() };
    Outbound::with_resolver(settings, names).expect("settings are right")
}

/// Everything on this server.
pub fn allow(server: &Server) -> AllowList {
    AllowList::parse([server.url("")], ["GET", "POST"]).expect("a pattern")
}

pub fn get(url: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        limits: HttpLimits::default(),
    }
}

pub fn with_header(request: HttpRequest, name: &str, value: &str) -> HttpRequest {
    let mut request = request;
    request.headers.push((name.to_owned(), Secret::new(value)));
    request
}
