//! The contract of chat connectors (WIT package `neustream:chat`).
//!
//! A connector is a reducer: it holds nothing between calls, so the host may
//! drop, replace and replay it. Sockets, timers and back-off are the driver's.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use neustream_model::{Reason, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::package::Digest;
use crate::{Call, CallError, Field, Manifest, Value};

/// The largest state in bytes.
pub const MAX_STATE_BYTES: usize = 64 * 1024;
/// Connections of one installation.
pub const MAX_CONNECTIONS: usize = 8;
/// Timers of one installation.
pub const MAX_ALARMS: usize = 16;
/// Requests of one installation at the same time.
pub const MAX_REQUESTS_UNDER_WAY: usize = 4;

/// A place to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `wss:`, `tls:` or, for a poll, `https:`.
    pub url: String,
    /// Appended to the URL's query.
    pub query: Vec<Field>,
    /// Headers of the handshake or of the poll.
    pub headers: Vec<Field>,
    /// For a poll: from an answer to the next question.
    pub interval: Duration,
}

/// How a connection carries messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// RFC 6455 over TLS.
    Websocket(Endpoint),
    /// Lines over TLS.
    Line(Endpoint),
    /// A GET again and again.
    Poll(Endpoint),
    /// Requests of the platform to a URL of the host; the text tells the tenant what to do with it.
    Webhook(String),
}

/// A connection that the driver keeps open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The connector's name for it.
    pub id: String,
    /// How it carries messages.
    pub transport: Transport,
}

/// What goes over a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// A text message or one line.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A text that the driver assembles at the socket; only outward.
    Parts(Vec<Value>),
}

/// A request that the driver makes for the connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The connector's name for it.
    pub id: String,
    /// `GET`, `POST`, ...
    pub method: String,
    /// An absolute URL.
    pub url: String,
    /// Appended to the URL's query.
    pub query: Vec<Field>,
    /// Headers.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What went wrong, in words for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Code and sentence.
    pub reason: Reason,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
}

/// A message as it was written on the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The platform's id of it.
    pub id: String,
    /// The platform's id of its author.
    pub author_id: String,
    /// The author's name.
    pub author: String,
    /// What was written.
    pub text: String,
    /// `message`, `system`, `action`, `paid`, ...
    pub kind: String,
    /// `broadcaster`, `moderator`, ...
    pub roles: Vec<String>,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// When it was written there, where the platform tells.
    pub sent_at: Option<UnixMillis>,
    /// Emotes, badges, colour, amounts.
    pub extra: Vec<(String, String)>,
}

/// A message that the tenant wants written on the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The host's id.
    pub id: String,
    /// What to write.
    pub text: String,
    /// The platform's id of the message that it answers.
    pub reply_to: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The connection is open.
    Opened(String),
    /// A message came over a connection.
    Received(String, Payload),
    /// A connection is gone.
    Closed(String, Problem),
    /// A poll (the connection's id) or a request was answered.
    Answered(String, Result<Response, Problem>),
    /// A webhook was delivered to a connection.
    Delivered {
        /// The connection.
        connection: String,
        /// Names in lower case.
        headers: Vec<(String, String)>,
        /// The raw body.
        body: Vec<u8>,
    },
    /// An alarm is due.
    Timer(String),
    /// Write this message.
    Send(Outgoing),
    /// Remove this message.
    Remove(String),
}

/// What the driver is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// A message was written on the platform.
    Publish(Message),
    /// A message was removed there.
    Retract(String),
    /// Send this over a connection.
    Transmit(String, Payload),
    /// Make this request.
    Request(Request),
    /// The outgoing message was written.
    Sent(String),
    /// The outgoing message will not be written.
    Failed(String, Problem),
    /// Close the connection of this id, if there is one, and open this one.
    Reopen(Connection),
    /// Close a connection for good.
    Close(String),
    /// Set, move or (after zero) take back a timer.
    Wake(String, Duration),
    /// How the connector is doing; none for well.
    Status(Option<Problem>),
}

/// A new state with its effects: both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The connector's whole memory.
    pub state: Vec<u8>,
    /// What to do, in this order.
    pub effects: Vec<Effect>,
}

/// A chat connector of one plugin. Stateless between calls.
#[async_trait]
pub trait ChatConnector: Send + Sync {
    /// What the plugin says about itself; the driver holds its effects to it and to the grant.
    fn manifest(&self) -> &Manifest;

    /// Begins without a state.
    async fn open(&self, call: &Call) -> Result<Step, CallError>;

    /// Moves on.
    async fn handle(&self, call: &Call, state: &[u8], events: &[Event]) -> Result<Step, CallError>;
}

/// Finds connectors by the digest of their package.
#[async_trait]
pub trait ChatConnectors: Send + Sync {
    /// The connector in the package `plugin`, ready to be called.
    ///
    /// # Errors
    /// [`crate::CallErrorKind::NotRunnable`] when there is none or it may not run.
    async fn connector(&self, plugin: &Digest) -> Result<Arc<dyn ChatConnector>, CallError>;
}
