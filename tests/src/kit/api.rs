//! A customer who uses the API.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Answer};
use super::wait::until;

/// The password of every test account.
pub const PASSWORD: &str = "correct horse battery staple";

/// A signed-in customer.
#[derive(Debug, Clone)]
pub struct Account {
    server: SocketAddr,
    /// The e-mail address.
    pub email: String,
    /// The access token.
    pub token: String,
}

/// A source as its owner sees it once.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Its stream key, shown at creation and rotation only.
    pub stream_key: String,
    /// Its public name.
    pub playback_id: String,
}

/// A source and its current session, as `streams/info` shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Stream {
    /// The source's id.
    pub id: String,
    /// `offline`, `starting`, `live`, `reconnecting`.
    pub state: String,
    /// Advice for the person who streams.
    #[serde(default)]
    pub warnings: Vec<Reason>,
    /// Its destinations.
    #[serde(default)]
    pub destinations: Vec<Destination>,
}

/// A destination's live status.
#[derive(Debug, Clone, Deserialize)]
pub struct Destination {
    /// Its id.
    pub id: String,
    /// `idle`, `preparing`, `connecting`, `live`, `retrying`, `failed`.
    pub state: String,
    /// Why.
    pub reason: Option<Reason>,
    /// When it is tried again.
    pub next_attempt: Option<String>,
    /// Frames that were skipped for it.
    #[serde(default)]
    pub dropped_frames: u64,
    /// Connections after the first.
    #[serde(default)]
    pub reconnects: u64,
    /// Bits a second that it takes.
    #[serde(default)]
    pub bitrate_out_bps: u64,
}

/// Why a destination is in its state.
#[derive(Debug, Clone, Deserialize)]
pub struct Reason {
    /// Such as `refused`.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Stream {
    /// The destination with this id.
    ///
    /// # Errors
    /// When the stream has no such destination.
    pub fn destination(&self, id: &str) -> Result<&Destination> {
        let found = self.destinations.iter().find(|destination| destination.id == id);
        found.with_context(|| format!("no destination {id} in {self:?}"))
    }
}

impl Account {
    /// Registers a new customer.
    ///
    /// # Errors
    /// When registration is refused.
    pub async fn register(server: SocketAddr) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self::register_as(server, &format!("customer{number}-{}@example.com", std::process::id())).await
    }

    /// Registers a new customer with this address.
    ///
    /// # Errors
    /// When registration is refused.
    pub async fn register_as(server: SocketAddr, email: &str) -> Result<Self> {
        let body = json!({ "email": email, "password": PASSWORD, "display_name": "A Customer" });
        let answer = post(server, "/api/auth/register", &body).await?;
        Self::from_answer(server, email.to_owned(), &answer)
    }

    /// Signs in.
    ///
    /// # Errors
    /// When the credentials are refused.
    pub async fn log_in(server: SocketAddr, email: &str) -> Result<Self> {
        let answer =
            post(server, "/api/auth/login", &json!({ "email": email, "password": PASSWORD })).await?;
        Self::from_answer(server, email.to_owned(), &answer)
    }

    fn from_answer(server: SocketAddr, email: String, answer: &Answer) -> Result<Self> {
        ensure!((200..300).contains(&answer.status), "{}: {}", answer.status, answer.text());
        let token = answer.json()?["token"].as_str().context("a token")?.to_owned();
        Ok(Self { server, email, token })
    }

    /// A customer who has signed in already.
    #[must_use]
    pub fn with(server: SocketAddr, email: &str, token: &str) -> Self {
        Self { server, email: email.to_owned(), token: token.to_owned() }
    }

    /// The same customer with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// A request with this account's token.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let token = format!("Bearer {}", self.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = body.map(Value::to_string);
        http::send(self.server, method, path, &headers, body.as_deref().map(str::as_bytes)).await
    }

    /// `POST` of a package.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn upload(&self, path: &str, package: &[u8]) -> Result<Answer> {
        self.send_package("POST", path, package).await
    }

    /// `PUT` of a package.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn put_package(&self, path: &str, package: &[u8]) -> Result<Answer> {
        self.send_package("PUT", path, package).await
    }

    async fn send_package(&self, method: &str, path: &str, package: &[u8]) -> Result<Answer> {
        let token = format!("Bearer {}", self.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/wasm")];
        http::send(self.server, method, path, &headers, Some(package)).await
    }

    /// The same, expecting success and JSON.
    ///
    /// # Errors
    /// When the server answers with an error.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let answer = self.send(method, path, body).await?;
        let is_success = (200..300).contains(&answer.status);
        ensure!(is_success, "{method} {path}: {} {}", answer.status, answer.text());
        if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
    }

    /// Creates a source.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn source(&self, name: &str) -> Result<Source> {
        self.source_with(json!({ "name": name })).await
    }

    /// Creates a source with more fields, such as `second_publisher`.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn source_with(&self, body: Value) -> Result<Source> {
        let answer = self.ask("POST", "/api/sources", Some(&body)).await?;
        serde_json::from_value(answer["source"].clone()).with_context(|| format!("a source in {answer}"))
    }

    /// Adds a destination of the plugin `neustream/custom-rtmp`; gives its id.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn custom(&self, source: &Source, rtmp_url: &str, key: &str) -> Result<String> {
        let config = json!({ "rtmp_url": rtmp_url });
        self.plugin(source, "neustream/custom-rtmp", config, key).await
    }

    /// Adds a destination of any plugin with the secret `stream-key`; gives its id.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn plugin(&self, source: &Source, plugin: &str, config: Value, key: &str) -> Result<String> {
        let body = json!({ "plugin": plugin, "config": config, "secrets": { "stream-key": key } });
        self.destination(source, &body).await
    }

    /// Adds a destination as `body` says; gives its id.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn destination(&self, source: &Source, body: &Value) -> Result<String> {
        let path = format!("/api/sources/{}/destinations", source.id);
        let answer = self.ask("POST", &path, Some(body)).await?;
        let id = answer["destination"]["id"].as_str();
        Ok(id.with_context(|| format!("a destination's id in {answer}"))?.to_owned())
    }

    /// Rotates the stream key; gives the new one.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn rotate_key(&self, source: &Source) -> Result<String> {
        let answer = self.ask("POST", &format!("/api/sources/{}/rotate-key", source.id), None).await?;
        let key = answer["source"]["stream_key"].as_str().or_else(|| answer["stream_key"].as_str());
        Ok(key.with_context(|| format!("a stream key in {answer}"))?.to_owned())
    }

    /// How the source is doing.
    ///
    /// # Errors
    /// When the API does not tell.
    pub async fn stream(&self, source: &Source) -> Result<Stream> {
        let answer = self.ask("GET", "/api/streams/info", None).await?;
        let streams: Vec<Stream> = serde_json::from_value(answer["streams"].clone())
            .with_context(|| format!("streams in {answer}"))?;
        let found = streams.into_iter().find(|stream| stream.id == source.id);
        found.with_context(|| format!("source {} in {answer}", source.id))
    }

    /// Waits until the stream is as `is_so` says. Gives it and how long that took.
    ///
    /// # Errors
    /// When it is not in time; with how it was last.
    pub async fn stream_is(
        &self,
        source: &Source,
        limit: Duration,
        what: &str,
        is_so: impl Fn(&Stream) -> bool,
    ) -> Result<(Stream, Duration)> {
        let last = std::sync::Mutex::new(String::new());
        let outcome = until(limit, what, || async {
            let stream = self.stream(source).await?;
            if let Ok(mut last) = last.lock() {
                *last = format!("{stream:?}");
            }
            Ok(is_so(&stream).then_some(stream))
        })
        .await;
        outcome.with_context(|| {
            format!("last seen: {}", last.lock().map(|last| last.clone()).unwrap_or_default())
        })
    }

    /// Waits until the source is live.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn live(&self, source: &Source, limit: Duration) -> Result<Duration> {
        Ok(self.stream_is(source, limit, "the source is live", |stream| stream.state == "live").await?.1)
    }

    /// Waits until a destination is in `state`. Gives it and how long that took.
    ///
    /// # Errors
    /// When it is not in time; with how it was last.
    pub async fn destination_is(
        &self,
        source: &Source,
        id: &str,
        state: &str,
        limit: Duration,
    ) -> Result<(Destination, Duration)> {
        let what = format!("destination {id} is {state}");
        let is_so =
            |stream: &Stream| stream.destination(id).is_ok_and(|destination| destination.state == state);
        let (stream, took) = self.stream_is(source, limit, &what, is_so).await?;
        Ok((stream.destination(id)?.clone(), took))
    }

    /// Ends the running session.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn end_stream(&self, source: &Source) -> Result<Answer> {
        self.send("DELETE", &format!("/api/streams/active/{}", source.id), None).await
    }
}

/// A request without a token.
///
/// # Errors
/// When the server does not answer.
pub async fn post(server: SocketAddr, path: &str, body: &Value) -> Result<Answer> {
    let body = body.to_string();
    http::send(server, "POST", path, &[("content-type", "application/json")], Some(body.as_bytes())).await
}
