//! We publish to a destination (RTMP 7.2, as librtmp and nginx do it).
//!
//! The session speaks until the destination says `NetStream.Publish.Start`; from then on the caller writes
//! messages of [`crate::wire`] to the socket, between the session's own output and never inside it. The
//! destination's chunk size is told before: [`crate::wire::CHUNK_SIZE`].
//!
//! Invariant: texts of the destination reach the caller without the stream name in them, without control
//! characters and cut to [`MAX_TEXT`].

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use neustream_model::Secret;

use crate::amf0::Value;
use crate::chunk::Message;
use crate::connection::{Connection, Incoming, SessionError};
use crate::message::{Command, kind};
use crate::request::{CAPS_EX, FOUR_CC, public_part};

/// Memory that a destination may make us hold: it has commands to send and nothing else.
const MAX_HELD: usize = 256 << 10;
const MAX_MESSAGE: usize = 64 << 10;
const MAX_CHUNK_STREAMS: usize = 32;

/// How often the destination shall acknowledge at first, in bytes; see
/// [`ClientSession::ask_for_acknowledgements`].
const WINDOW: u32 = 32 * 1024;

/// Longest text of a destination that is passed on, in characters.
const MAX_TEXT: usize = 300;

/// A count of acknowledged bytes that leaps this far, with a smaller number than before, began anew.
const COUNT_LEAP: u32 = 64 << 20;

mod transaction {
    pub const CONNECT: f64 = 1.0;
    pub const RELEASE_STREAM: f64 = 2.0;
    pub const FC_PUBLISH: f64 = 3.0;
    pub const CREATE_STREAM: f64 = 4.0;
    pub const PUBLISH: f64 = 5.0;
    pub const FC_UNPUBLISH: f64 = 6.0;
    pub const DELETE_STREAM: f64 = 7.0;
}

/// Where to publish.
#[derive(Clone)]
pub struct PublishRequest {
    /// The application, the first part of the URL's path.
    pub app: String,
    /// The URL up to and with the application.
    pub tc_url: String,
    /// The stream name, with its query where it has one: the stream key.
    pub stream_name: Secret,
}

impl fmt::Debug for PublishRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishRequest").field("app", &public_part(&self.app)).finish_non_exhaustive()
    }
}

/// What happened at the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// It waits for media, addressed to this message stream.
    Publishing {
        /// See [`crate::wire::readdress`] when it is not [`crate::wire::MESSAGE_STREAM_ID`].
        message_stream_id: u32,
    },
    /// It does not want us.
    Refused {
        /// Such as `NetStream.Publish.BadName`; its own choice of words.
        code: String,
        /// What it says about it.
        description: String,
    },
    /// It has received this much of the chunk stream since the beginning.
    Acknowledged {
        /// A count that does not wrap.
        bytes: u64,
    },
    /// It ended the stream in an orderly way.
    Ended {
        /// Such as `NetStream.Unpublish.Success`.
        code: String,
        /// What it says about it.
        description: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    CreatingStream,
    AskingToPublish { stream_id: u32 },
    Publishing { stream_id: u32 },
    Over,
}

/// The client's side of one connection.
pub struct ClientSession {
    request: PublishRequest,
    connection: Connection,
    stage: Stage,
    events: VecDeque<ClientEvent>,
    last_acknowledged: u32,
    acknowledged_bytes: u64,
    failed: Option<SessionError>,
}

impl ClientSession {
    /// Begins: the first output is the handshake's.
    pub fn publish(request: PublishRequest) -> Self {
        Self {
            request,
            connection: Connection::client(MAX_CHUNK_STREAMS),
            stage: Stage::Connecting,
            events: VecDeque::new(),
            last_acknowledged: 0,
            acknowledged_bytes: 0,
            failed: None,
        }
    }

    /// Takes bytes from the destination. Afterwards there may be events and output. After an error nothing
    /// more can be read.
    pub fn receive(&mut self, input: &[u8]) -> Result<(), SessionError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.read(input);
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }

    /// The next thing that happened.
    pub fn next_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// What must be sent to the destination; empty when there is nothing. Send it whole between messages.
    pub fn take_output(&mut self) -> Bytes {
        self.connection.take_output()
    }

    /// Asks the destination to acknowledge every `bytes` from now on (RTMP 5.4.4); 32 KiB until then.
    pub fn ask_for_acknowledgements(&mut self, bytes: u32) {
        self.connection.outbox.window_acknowledgement_size(bytes);
    }

    /// Ends the stream in order: `FCUnpublish`, then `deleteStream`. The caller sends the output and closes.
    pub fn finish(&mut self) {
        if let Stage::AskingToPublish { stream_id } | Stage::Publishing { stream_id } = self.stage {
            let name = Value::from(self.request.stream_name.expose());
            let outbox = &mut self.connection.outbox;
            outbox.command(0, "FCUnpublish", transaction::FC_UNPUBLISH, &[Value::Null, name]);
            let id = Value::Number(f64::from(stream_id));
            outbox.command(0, "deleteStream", transaction::DELETE_STREAM, &[Value::Null, id]);
        }
        self.stage = Stage::Over;
    }

    /// Memory held for this destination, in bytes. Bounded by 256 KiB.
    pub fn buffered_bytes(&self) -> usize {
        self.connection.buffered_bytes() + self.event_bytes()
    }

    /// Events are few: each stage tells once, and acknowledgements replace each other.
    fn event_bytes(&self) -> usize {
        self.events.capacity() * size_of::<ClientEvent>()
    }

    fn read(&mut self, mut input: &[u8]) -> Result<(), SessionError> {
        if !self.connection.is_handshake_done() {
            if !self.connection.shake_hands(&mut input)? {
                return Ok(());
            }
            self.connect();
        }
        loop {
            let allowed = MAX_HELD - self.event_bytes();
            match self.connection.next(&mut input, allowed, MAX_MESSAGE, false)? {
                Some(Incoming::Message(message)) => self.take(&message)?,
                Some(Incoming::Acknowledged(count)) => self.acknowledged(count),
                None => break,
            }
            let held = self.buffered_bytes();
            if held > MAX_HELD {
                return Err(SessionError::TooMuchHeld { held, allowed: MAX_HELD });
            }
        }
        self.connection.acknowledge();
        Ok(())
    }

    /// In the order of nginx, which every platform knows: chunk size, window, connect.
    fn connect(&mut self) {
        let outbox = &mut self.connection.outbox;
        outbox.set_chunk_size();
        outbox.window_acknowledgement_size(WINDOW);
        let object = Value::object([
            ("app", self.request.app.as_str().into()),
            ("type", "nonprivate".into()),
            ("flashVer", "FMLE/3.0 (compatible; Neustream)".into()),
            ("tcUrl", self.request.tc_url.as_str().into()),
            ("fourCcList", Value::StrictArray(FOUR_CC.into_iter().map(Value::from).collect())),
            ("capsEx", Value::Number(f64::from(CAPS_EX))),
        ]);
        outbox.command(0, "connect", transaction::CONNECT, &[object]);
    }

    fn take(&mut self, message: &Message) -> Result<(), SessionError> {
        if self.stage == Stage::Over || !matches!(message.type_id, kind::COMMAND_AMF0 | kind::COMMAND_AMF3) {
            return Ok(());
        }
        let command = Command::parse(message)?;
        match command.name.as_str() {
            "_result" if !is_error(&command) => self.succeeded(&command),
            "_result" | "_error" => self.denied(&command),
            "onStatus" => self.status(&command),
            "close" => self.end("NetConnection.Connect.Closed", "The destination closed the connection."),
            // onBWDone, onFCPublish and the like ask nothing of us.
            _ => {}
        }
        Ok(())
    }

    fn succeeded(&mut self, command: &Command) {
        let name = || Value::from(self.request.stream_name.expose());
        let outbox = &mut self.connection.outbox;
        if self.stage == Stage::Connecting && command.transaction == transaction::CONNECT {
            outbox.command(0, "releaseStream", transaction::RELEASE_STREAM, &[Value::Null, name()]);
            outbox.command(0, "FCPublish", transaction::FC_PUBLISH, &[Value::Null, name()]);
            outbox.command(0, "createStream", transaction::CREATE_STREAM, &[Value::Null]);
            self.stage = Stage::CreatingStream;
        } else if self.stage == Stage::CreatingStream && command.transaction == transaction::CREATE_STREAM {
            let stream_id = command.arguments.first().and_then(Value::as_number).unwrap_or(1.0) as u32;
            let arguments = [Value::Null, name(), "live".into()];
            outbox.command(stream_id, "publish", transaction::PUBLISH, &arguments);
            self.stage = Stage::AskingToPublish { stream_id };
        }
    }

    /// An `_error`. Servers that do not know `releaseStream` and `FCPublish` say so: that does no harm.
    fn denied(&mut self, command: &Command) {
        let matters = [transaction::CONNECT, transaction::CREATE_STREAM, transaction::PUBLISH];
        if matters.contains(&command.transaction) {
            let (code, description) = self.texts(command);
            self.refuse(code, description);
        }
    }

    fn status(&mut self, command: &Command) {
        let code = info_text(command, "code");
        if is_error(command) || code == "NetStream.Publish.BadName" || code == "NetStream.Publish.Denied" {
            let (code, description) = self.texts(command);
            self.refuse(code, description);
        } else if code == "NetStream.Publish.Start" {
            if let Stage::AskingToPublish { stream_id } = self.stage {
                self.stage = Stage::Publishing { stream_id };
                self.events.push_back(ClientEvent::Publishing { message_stream_id: stream_id });
            }
        } else if code == "NetStream.Unpublish.Success" || code == "NetConnection.Connect.Closed" {
            let (code, description) = self.texts(command);
            self.end(&code, &description);
        }
    }

    fn refuse(&mut self, code: String, description: String) {
        self.stage = Stage::Over;
        self.events.push_back(ClientEvent::Refused { code, description });
    }

    fn end(&mut self, code: &str, description: &str) {
        self.stage = Stage::Over;
        let (code, description) = (code.to_owned(), description.to_owned());
        self.events.push_back(ClientEvent::Ended { code, description });
    }

    /// Adds up acknowledgements, which count modulo 2^32; nginx begins anew at 0xF0000000.
    fn acknowledged(&mut self, count: u32) {
        let step = count.wrapping_sub(self.last_acknowledged);
        let began_anew = step > COUNT_LEAP && count < self.last_acknowledged;
        self.acknowledged_bytes += u64::from(if began_anew { count } else { step });
        self.last_acknowledged = count;
        if let Some(ClientEvent::Acknowledged { bytes }) = self.events.back_mut() {
            *bytes = self.acknowledged_bytes;
        } else {
            self.events.push_back(ClientEvent::Acknowledged { bytes: self.acknowledged_bytes });
        }
    }

    /// Code and description of an answer, fit to be shown.
    fn texts(&self, command: &Command) -> (String, String) {
        let key = self.request.stream_name.expose();
        let text = |name| presentable(info_text(command, name), key);
        (text("code"), text("description"))
    }
}

impl fmt::Debug for ClientSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSession")
            .field("request", &self.request)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// A text of the information object of a status or answer.
fn info_text<'a>(command: &'a Command, name: &str) -> &'a str {
    let info = command.arguments.first();
    info.and_then(|info| info.get(name)).and_then(Value::as_str).unwrap_or_default()
}

fn is_error(command: &Command) -> bool {
    info_text(command, "level") == "error"
}

/// `text` without control characters, then without the stream name (with and without its query), cut.
fn presentable(text: &str, stream_name: &str) -> String {
    let mut text: String = text.chars().filter(|character| !character.is_control()).collect();
    let key = stream_name.split('?').next().unwrap_or_default();
    for secret in [stream_name, key] {
        if !secret.is_empty() {
            text = text.replace(secret, "***");
        }
    }
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
