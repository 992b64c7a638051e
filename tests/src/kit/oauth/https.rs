//! A small HTTPS server for stand-ins: one request a connection, whole bodies, no liberties.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use url::form_urlencoded;

use super::super::port::loopback;

const MAX_HEAD_BYTES: usize = 32 * 1024;
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query's pairs, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The header of this (lower-case) name, where it came once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let first = found.next()?;
        found.next().is_none().then_some(first.1.as_str())
    }

    /// The query, where no name comes twice.
    ///
    /// # Errors
    /// With the name that does.
    pub fn query(&self) -> Result<BTreeMap<String, String>> {
        without_repetition(self.query.clone())
    }

    /// The body as a form, where it says to be one and no name comes twice (RFC 6749 3.2).
    ///
    /// # Errors
    /// What keeps it from being one.
    pub fn form(&self) -> Result<BTreeMap<String, String>> {
        let kind = self.header("content-type").unwrap_or_default();
        ensure!(kind == "application/x-www-form-urlencoded", "the content type is `{kind}`");
        without_repetition(form_urlencoded::parse(&self.body).into_owned().collect())
    }

    /// The body as JSON, where it says to be that.
    ///
    /// # Errors
    /// What keeps it from being JSON.
    pub fn json(&self) -> Result<Value> {
        let kind = self.header("content-type").unwrap_or_default();
        ensure!(kind.split(';').next() == Some("application/json"), "the content type is `{kind}`");
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The bearer token in the header.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

fn without_repetition(pairs: Vec<(String, String)>) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if let Some((name, _)) = map.insert(name.clone(), value).map(|former| (name, former)) {
            bail!("`{name}` comes twice");
        }
    }
    Ok(map)
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON, where no header says otherwise.
    pub body: String,
}

impl Answer {
    /// A document.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }
    }

    /// A page for people, whose body's content is this.
    pub fn page(status: u16, title: &str, content: &str) -> Self {
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1>{content}</html>"
        );
        Self { status, headers: vec![("content-type", "text/html; charset=UTF-8".to_owned())], body }
    }

    /// Somebody is sent on, to look there (RFC 9110 15.4.4).
    pub fn see_other(location: String) -> Self {
        Self { headers: vec![("location", location)], ..Self::empty(303) }
    }

    /// No document.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }
}

/// What a server answers.
pub trait Site: Send + Sync + 'static {
    /// The host name that it goes by; requests for others are misdirected (RFC 9110 15.5.20).
    fn name(&self) -> &'static str;

    /// The answer to one request; none hangs up.
    fn answer(&self, request: Request) -> impl Future<Output = Option<Answer>> + Send;
}

/// A running server. Dropping it ends it.
pub struct HttpsSite<S> {
    /// What it answers.
    pub site: Arc<S>,
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    _tasks: JoinSet<()>,
}

impl<S: Site> HttpsSite<S> {
    /// Starts a server for `site`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(tls: TlsAcceptor, site: S) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let (site, requests) = (Arc::new(site), Arc::<Mutex<Vec<Request>>>::default());
        let mut tasks = JoinSet::new();
        let (served, seen) = (Arc::clone(&site), Arc::clone(&requests));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, site, seen) = (tls.clone(), Arc::clone(&served), Arc::clone(&seen));
                connections.spawn(async move {
                    let Ok(mut socket) = tls.accept(socket).await else { return };
                    serve(&mut socket, &*site, &seen).await.ok();
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { site, address, requests, _tasks: tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `METHOD path` of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

async fn serve(
    socket: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin),
    site: &impl Site,
    seen: &Mutex<Vec<Request>>,
) -> Result<()> {
    let request = read(socket).await?;
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let answer = if request.header("host") == Some(site.name()) {
        site.answer(request).await
    } else {
        Some(Answer::empty(421))
    };
    let Some(answer) = answer else { return Ok(()) };
    let mut lines = vec![format!("HTTP/1.1 {} X", answer.status), "connection: close".to_owned()];
    if !answer.body.is_empty() && answer.headers.iter().all(|(name, _)| *name != "content-type") {
        lines.push("content-type: application/json; charset=UTF-8".to_owned());
    }
    lines.extend(answer.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push(format!("content-length: {}", answer.body.len()));
    let text = format!("{}\r\n\r\n{}", lines.join("\r\n"), answer.body);
    socket.write_all(text.as_bytes()).await?;
    socket.shutdown().await?;
    Ok(())
}

async fn read(socket: &mut (impl AsyncReadExt + Unpin)) -> Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < MAX_HEAD_BYTES, "the head has no end");
        head.push(socket.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().context("a target")?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(Ok(0), |(_, value)| value.parse())?;
    ensure!(length <= MAX_BODY_BYTES, "a body of {length} bytes");
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers,
        body,
    })
}
