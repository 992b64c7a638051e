//! Sends requests over kept connections, as many as are needed at once.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::mix::Request;

/// After this long a request counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

type Connection = SendRequest<Full<Bytes>>;

/// Connections to one server.
#[derive(Clone)]
pub struct Client {
    server: SocketAddr,
    free: Arc<Mutex<Vec<Connection>>>,
}

/// What became of a request.
pub struct Outcome {
    /// What was asked.
    pub request: Request,
    /// From the moment that it was due to the end of the answer.
    pub latency: Duration,
    /// From the moment that it was due to the moment that it was sent.
    pub sent_late: Duration,
    /// The answer, where it is JSON.
    pub answer: Value,
    /// Why it counts as failed.
    pub failure: Option<String>,
}

impl Client {
    pub fn new(server: SocketAddr) -> Self {
        Self { server, free: Arc::default() }
    }

    /// Asks what was due at `due`.
    pub async fn ask(self, request: Request, due: Instant) -> Outcome {
        let sent_late = due.elapsed();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(&request)).await;
        let latency = due.elapsed();
        let answer = answer.unwrap_or_else(|_| Err(anyhow::anyhow!("no answer within {PATIENCE:?}")));
        let failure =
            answer.as_ref().err().map(|error| format!("{} {}: {error:#}", request.method, request.path));
        Outcome { request, latency, sent_late, answer: answer.unwrap_or_default(), failure }
    }

    async fn exchange(&self, request: &Request) -> Result<Value> {
        let mut connection = self.connection().await?;
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut message = hyper::Request::builder()
            .method(request.method)
            .uri(&request.path)
            .header("host", self.server.to_string());
        if let Some(token) = &request.token {
            message = message.header("authorization", format!("Bearer {token}"));
        }
        if request.body.is_some() {
            message = message.header("content-type", "application/json");
        }
        let answer = connection.send_request(message.body(Full::from(body))?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        self.give_back(connection);
        ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body).context("JSON") }
    }

    /// One that is free, or a new one.
    async fn connection(&self) -> Result<Connection> {
        loop {
            let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match free {
                Some(connection) if connection.is_ready() => return Ok(connection),
                // The server closed it.
                Some(_) => {}
                None => break,
            }
        }
        let socket = TcpStream::connect(self.server).await.context("connect")?;
        socket.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(socket)).await?;
        // Ends with the connection.
        tokio::spawn(driver);
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
