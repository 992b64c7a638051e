//! What a driver tells whoever listens.

use neustream_contract::Digest;
use neustream_contract::chat::Message;
use neustream_model::{Reason, UnixMillis};
use serde::Serialize;
use uuid::Uuid;

use crate::Place;

/// Something happened in a chat. A listener that is slow loses the oldest and is told how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatEvent {
    /// Whose chat it is.
    pub at: Place,
    /// What happened.
    pub kind: ChatEventKind,
}

/// The kinds of [`ChatEvent`]. All but a status were committed before they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatEventKind {
    /// A message was written on the platform.
    Message {
        /// The host's id of it.
        id: Uuid,
        /// The platform, such as `twitch`.
        platform: String,
        /// What the platform told.
        message: Message,
    },
    /// A message was removed there: the platform's id.
    Retracted(String),
    /// An outgoing message was written: the host's id.
    Sent(String),
    /// An outgoing message was not and will not be written.
    Failed(String, Reason),
    /// The connector is in another state.
    Status(ConnectorStatus),
}

/// How a connector is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectorStatus {
    /// What its driver does.
    pub state: ConnectorState,
    /// What is wrong: in the driver's words, or in the connector's.
    pub problem: Option<Reason>,
    /// Since when.
    pub since: UnixMillis,
    /// The package that answered last.
    #[serde(serialize_with = "shown")]
    pub plugin: Option<Digest>,
    /// Its connections, by name.
    pub connections: Vec<ConnectionStatus>,
    /// Steps that were committed.
    pub revision: u64,
    /// Messages that were stored since the host started.
    pub messages: u64,
    /// Messages that were dropped since then, because they were stored already.
    pub duplicates: u64,
    /// Events that were dropped since then, because the connector failed at each attempt.
    pub poison: u64,
}

/// What a driver does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorState {
    /// It gets ready.
    Starting,
    /// It takes events.
    Running,
    /// It tries again, later.
    Retrying,
    /// Only a change by the tenant can help; no socket is open.
    Failed,
    /// It has ended.
    Stopped,
}

/// How one connection is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionStatus {
    /// The connector's name for it.
    pub id: String,
    /// `websocket`, `line`, `poll` or `webhook`.
    pub transport: &'static str,
    /// What it does.
    pub state: ConnectionState,
    /// Why, where there is something to say; for a webhook what the tenant has to do with its URL.
    pub reason: Option<Reason>,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// It is being made.
    Connecting,
    /// It is open.
    Open,
    /// It waits for the next attempt.
    Waiting,
    /// It is not permitted.
    Denied,
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn shown<S: serde::Serializer>(digest: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
    digest.map(|digest| digest.to_string()).serialize(serializer)
}
