//! Requests of a signed-in author to one Neustream.

use std::io::ErrorKind;
use std::time::Duration;

use neustream_model::{Secret, UnixMillis};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use super::refusal::failure;
use super::session::{Session, Sessions, not_signed_in};
use super::{Refusal, ServerAddress};
use crate::failure::{Diagnostic, Exit, Failure};

/// A file of certificates (PEM) to trust instead of the usual ones, for servers with a private authority.
pub(crate) const CA_FILE: &str = "NEUSTREAM_CA_FILE";
/// The longest that an ordinary answer may take; the scan of a large package takes the most of it.
const ANSWER: Duration = Duration::from_mins(3);
const CONNECT: Duration = Duration::from_secs(10);
/// Silence after which a log's connection is taken for dead: the server says something every 15 s.
const SILENCE: Duration = Duration::from_secs(45);
/// An access token that ends within this is exchanged before it is used.
const MARGIN_MS: u64 = 30_000;
/// The largest answer that is read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// A server, and who is signed in there.
pub(crate) struct Client {
    server: ServerAddress,
    agent: Agent,
}

/// What `/api/auth/login` and `/api/auth/refresh` answer.
#[derive(Deserialize)]
struct SignIn {
    token: String,
    refresh_token: String,
    expires_in: u64,
    user: User,
}

#[derive(Deserialize)]
struct User {
    email: String,
}

/// What a request carries.
#[derive(Clone, Copy)]
enum Content<'a> {
    None,
    Json(&'a Value),
    Package(&'a [u8]),
}

impl Client {
    /// A client of `server`, or of the one of the last `login`. Somebody must be signed in there.
    ///
    /// # Errors
    /// When nobody is.
    pub fn open(server: Option<&str>) -> Result<Self, Failure> {
        let sessions = Sessions::read()?;
        let Some(server) = server.or(sessions.current.as_deref()) else {
            let message = "You are not signed in at any Neustream.";
            let help = "Sign in with `neustream-plugin login <address of the Neustream>`.";
            return Err(Failure::new(Exit::Server, Diagnostic::new("not-signed-in", message).help(help)));
        };
        let server: ServerAddress = server.parse()?;
        sessions.at(&server)?;
        let agent = agent(&server)?;
        Ok(Self { server, agent })
    }

    /// Signs in at `server` and keeps the session, in place of an older one there. Answers the account's address.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub fn sign_in(server: ServerAddress, email: &str, password: &Secret) -> Result<String, Failure> {
        let client = Self { agent: agent(&server)?, server };
        let body = json!({ "email": email, "password": password.expose() });
        let answer = client.send("POST", "/api/auth/login", Content::Json(&body), None)?;
        let signed_in: SignIn = client.read(answer)?.map_err(|refusal| client.not_let_in(&refusal))?;
        let email = signed_in.user.email.clone();
        Sessions::change(|sessions| {
            sessions.sign_in(&client.server, session_of(signed_in));
            Ok(())
        })?;
        Ok(email)
    }

    /// Where it is.
    pub fn server(&self) -> &ServerAddress {
        &self.server
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Result<Result<Value, Refusal>, Failure> {
        self.call("GET", path, Content::None)
    }

    /// `POST` of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Result<Value, Refusal>, Failure> {
        self.call("POST", path, Content::Json(body))
    }

    /// `PUT` of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Result<Result<Value, Refusal>, Failure> {
        self.call("PUT", path, Content::Json(body))
    }

    /// Any request; `path` begins with `/`.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, Refusal>, Failure> {
        self.call(method, path, body.map_or(Content::None, Content::Json))
    }

    /// A request whose body is a package.
    pub fn upload(
        &self,
        method: &str,
        path: &str,
        package: &[u8],
    ) -> Result<Result<Value, Refusal>, Failure> {
        self.call(method, path, Content::Package(package))
    }

    /// `GET` of Server-Sent Events from the one after `last` on. The reader ends when nothing comes for a while.
    pub fn events(&self, path: &str, last: u64) -> Result<Result<Response<Body>, Refusal>, Failure> {
        let mut token = self.token(None)?;
        loop {
            let request = ureq::http::Request::get(self.server.join(path))
                .header("accept", "text/event-stream")
                .header("authorization", format!("Bearer {}", token.expose()))
                .header("last-event-id", last)
                .body(())
                .expect("the address was parsed and the headers are plain text");
            let request = self.agent.configure_request(request);
            let request = request.timeout_global(None).timeout_per_read(Some(SILENCE)).build();
            let answer = self.agent.run(request).map_err(|error| self.not_reached(&error))?;
            if answer.status() == StatusCode::UNAUTHORIZED {
                let refused = token;
                token = self.token(Some(&refused))?;
                if token == refused {
                    return Err(self.ended());
                }
            } else if answer.status().is_success() {
                return Ok(Ok(answer));
            } else {
                return self.read::<Value>(answer).map(|read| Err(read.err().unwrap_or_else(no_neustream)));
            }
        }
    }

    /// A refusal as a failure, where nothing more can be said about it.
    pub fn failure(&self, refusal: &Refusal) -> Failure {
        failure(&self.server, refusal)
    }

    /// Sends with a token that is fresh; one that the server does not take after all is exchanged once.
    fn call(
        &self,
        method: &str,
        path: &str,
        content: Content<'_>,
    ) -> Result<Result<Value, Refusal>, Failure> {
        let token = self.token(None)?;
        let answer = self.send(method, path, content, Some(&token))?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return self.read(answer);
        }
        let token = self.token(Some(&token))?;
        let answer = self.send(method, path, content, Some(&token))?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Err(self.ended());
        }
        self.read(answer)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        content: Content<'_>,
        token: Option<&Secret>,
    ) -> Result<Response<Body>, Failure> {
        let mut request = ureq::http::Request::builder().method(method).uri(self.server.join(path));
        request = request.header("accept", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.expose()));
        }
        let text;
        let (kind, body) = match content {
            Content::None => (None, &[][..]),
            Content::Json(value) => {
                text = value.to_string();
                (Some("application/json"), text.as_bytes())
            }
            Content::Package(package) => (Some("application/wasm"), package),
        };
        let sent = match kind {
            None => self.agent.run(request.body(()).map_err(|_| self.path_malformed(path))?),
            Some(kind) => {
                let request = request.header("content-type", kind);
                self.agent.run(request.body(body).map_err(|_| self.path_malformed(path))?)
            }
        };
        sent.map_err(|error| self.not_reached(&error))
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        mut answer: Response<Body>,
    ) -> Result<Result<T, Refusal>, Failure> {
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let body = body.map_err(|error| self.not_reached(&error))?;
        if !status.is_success() {
            return Ok(Err(Refusal::read(status.as_u16(), &body)));
        }
        // 204 has no body.
        let body = if body.is_empty() { b"null".as_slice() } else { &body };
        Ok(serde_json::from_slice(body).map_err(|_| Refusal::read(status.as_u16(), b"")))
    }

    /// An access token that lasts a while yet and is not `refused`.
    fn token(&self, refused: Option<&Secret>) -> Result<Secret, Failure> {
        let is_good = |session: &Session| {
            session.expires_at > UnixMillis::now().0 + MARGIN_MS && Some(&session.access_token) != refused
        };
        let sessions = Sessions::read()?;
        let session = sessions.at(&self.server)?;
        if is_good(session) {
            return Ok(session.access_token.clone());
        }
        Sessions::change(|sessions| {
            // Another process may have exchanged it while this one waited for the lock.
            let kept = sessions.at(&self.server)?;
            if is_good(kept) {
                return Ok(kept.access_token.clone());
            }
            let body = json!({ "refresh_token": kept.refresh_token.expose() });
            let answer = self.send("POST", "/api/auth/refresh", Content::Json(&body), None)?;
            let renewed: SignIn = self.read(answer)?.map_err(|refusal| match refusal.status {
                401 => self.ended(),
                _ => self.failure(&refusal),
            })?;
            let renewed = session_of(renewed);
            let token = renewed.access_token.clone();
            sessions.replace(&self.server, renewed);
            Ok(token)
        })
    }

    fn not_let_in(&self, refusal: &Refusal) -> Failure {
        if refusal.code != "INVALID_CREDENTIALS" {
            return self.failure(refusal);
        }
        let message = format!("{} does not know this e-mail address with this password.", self.server);
        let help = format!("Check both. An account is opened at {}.", self.server);
        Failure::new(Exit::Server, Diagnostic::new("invalid-credentials", message).help(help))
    }

    /// The sign-in lasted its time, or was ended at the server.
    fn ended(&self) -> Failure {
        not_signed_in(format!("Your sign-in at {} has ended.", self.server), &self.server)
    }

    fn path_malformed(&self, path: &str) -> Failure {
        let message = format!("{path:?} is not a place at {}.", self.server);
        Failure::new(Exit::Usage, Diagnostic::new("path", message))
    }

    fn not_reached(&self, error: &ureq::Error) -> Failure {
        let why = match error {
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        let help = match error {
            _ if is_untrusted(error) => {
                format!("Its certificate is not trusted here; name the file of its authority in {CA_FILE}.")
            }
            ureq::Error::HostNotFound => "Check the address, and the network of this machine.".to_owned(),
            _ => "Does it run, and does this machine reach it?".to_owned(),
        };
        let message = format!("Cannot reach {}: {why}.", self.server);
        Failure::new(Exit::Server, Diagnostic::new("not-reached", message).help(help))
    }
}

/// Whether the TLS handshake failed. During it, rustls reports through the transport, as invalid data.
fn is_untrusted(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => error.kind() == ErrorKind::InvalidData,
        _ => false,
    }
}

fn no_neustream() -> Refusal {
    Refusal::read(0, b"")
}

fn session_of(signed_in: SignIn) -> Session {
    Session {
        email: signed_in.user.email,
        access_token: Secret::new(signed_in.token),
        expires_at: UnixMillis::now().0 + signed_in.expires_in * 1000,
        refresh_token: Secret::new(signed_in.refresh_token),
    }
}

/// No redirects: a token goes to the server that it is of. No proxy to this machine. No connection is kept for the next
/// request: that may come minutes later, when the server has given it up.
fn agent(server: &ServerAddress) -> Result<Agent, Failure> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(ANSWER))
        .user_agent(concat!("neustream-plugin/", env!("CARGO_PKG_VERSION")));
    if server.is_loopback() {
        config = config.proxy(None);
    }
    if let Some(certificates) = own_authority()? {
        config = config.tls_config(TlsConfig::builder().root_certs(certificates).build());
    }
    Ok(config.build().new_agent())
}

fn own_authority() -> Result<Option<RootCerts>, Failure> {
    let Some(file) = std::env::var_os(CA_FILE).filter(|file| !file.is_empty()) else { return Ok(None) };
    let wrong = |why: String| {
        let message = format!("{CA_FILE} names {}: {why}.", file.display());
        let help = "It must be a file with the authority's certificates in PEM.";
        Failure::new(Exit::Environment, Diagnostic::new("ca-file", message).help(help))
    };
    let text = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    Ok(Some(RootCerts::new_with_certs(&certificates)))
}
