//! A peer that connects to us, to publish or to play (RTMP 7.2).
//!
//! Invariant: a session serves one request at a time. From the request until the caller's decision nothing
//! is read; what arrives meanwhile is kept as it came, within the stranger's limit. Peers such as nginx
//! send media on the heels of their publish command, so the decision should come before more is read from
//! the socket.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::amf0::{Properties, Value};
use crate::chunk::Message;
use crate::connection::{Connection, Incoming, SessionError};
use crate::frames::FrameReader;
use crate::message::{Command, event, kind};
use crate::request::{CAPS_EX, ConnectInfo, FOUR_CC, Rejection, ServerEvent, SessionLimits};

/// What we ask publishers to send before they wait for an acknowledgement, and how much they may have
/// under way, in bytes.
const WINDOW: u32 = 2_500_000;

/// `FourCcInfoMask` "can forward".
const CAN_FORWARD: f64 = 4.0;

/// Room for waiting events beyond which the queue gives its memory back when it is empty.
const SPARE_EVENTS: usize = 256;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// `connect` has not come.
    New,
    /// Connected, without a stream.
    Idle,
    /// A request waits for the caller's decision.
    Deciding { request: Request, stream_id: u32 },
    /// Its frames become events.
    Publishing { stream_id: u32 },
    /// The caller sends it frames.
    Playing { stream_id: u32 },
    /// It was told to go: nothing is read any more.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Publish,
    Play,
}

/// The server's side of one connection.
pub struct ServerSession {
    limits: SessionLimits,
    connection: Connection,
    frames: FrameReader,
    stage: Stage,
    /// Whether a publish request was ever accepted here.
    is_trusted: bool,
    app: String,
    streams_created: u32,
    events: VecDeque<ServerEvent>,
    /// Memory that the events hold besides the queue's own.
    event_bytes: usize,
    /// Input that waits for a decision.
    waiting: Vec<u8>,
    failed: Option<SessionError>,
}

impl ServerSession {
    /// Waits for a client's handshake.
    pub fn new(limits: SessionLimits) -> Self {
        Self {
            limits,
            connection: Connection::server(limits.max_chunk_streams),
            frames: FrameReader::default(),
            stage: Stage::New,
            is_trusted: false,
            app: String::new(),
            streams_created: 0,
            events: VecDeque::new(),
            event_bytes: 0,
            waiting: Vec::new(),
            failed: None,
        }
    }

    /// Takes bytes from the peer. Afterwards there may be events and output. After an error nothing more can
    /// be read: the caller sends what output there is and closes.
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
    pub fn next_event(&mut self) -> Option<ServerEvent> {
        let event = self.events.pop_front()?;
        self.event_bytes -= event.heap_bytes();
        if self.events.is_empty() && self.events.capacity() > SPARE_EVENTS {
            self.events = VecDeque::new();
        }
        Some(event)
    }

    /// What must be sent to the peer; empty when there is nothing. To a player send it whole between messages.
    pub fn take_output(&mut self) -> Bytes {
        self.connection.take_output()
    }

    /// Consents to the publish or play request that waits; without one nothing happens. What the peer sent
    /// meanwhile is read now: look for events and output. An error in it comes with the next `receive`.
    pub fn accept(&mut self) {
        let Stage::Deciding { request, stream_id } = self.stage else { return };
        let outbox = &mut self.connection.outbox;
        outbox.user_control(event::STREAM_BEGIN, stream_id);
        match request {
            Request::Publish => {
                outbox.status(
                    stream_id,
                    "status",
                    "NetStream.Publish.Start",
                    "The stream is being published.",
                );
                self.frames = FrameReader::default();
                self.is_trusted = true;
                self.stage = Stage::Publishing { stream_id };
            }
            Request::Play => {
                outbox.status(stream_id, "status", "NetStream.Play.Reset", "The playlist was reset.");
                outbox.status(stream_id, "status", "NetStream.Play.Start", "The stream is being played.");
                let granted = Value::Boolean(true);
                outbox.data(stream_id, &["|RtmpSampleAccess".into(), granted.clone(), granted]);
                self.stage = Stage::Playing { stream_id };
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        if self.failed.is_none() {
            self.failed = self.read(&waiting).err();
        }
    }

    /// Turns down the request that waits, or whoever is there. The caller sends the output and closes.
    #[expect(clippy::needless_pass_by_value, reason = "a rejection is made for its one use")]
    pub fn reject(&mut self, rejection: Rejection) {
        if self.stage == Stage::Over {
            return;
        }
        let stream_id = self.stream_id();
        self.connection.outbox.status(stream_id, "error", &rejection.code, &rejection.description);
        self.close();
    }

    /// Tells a player that there is no more to come. The caller sends the output and closes.
    pub fn end_play(&mut self) {
        let Stage::Playing { stream_id } = self.stage else { return };
        let outbox = &mut self.connection.outbox;
        outbox.user_control(event::STREAM_EOF, stream_id);
        outbox.status(stream_id, "status", "NetStream.Play.UnpublishNotify", "The stream has ended.");
        outbox.status(stream_id, "status", "NetStream.Play.Stop", "The stream has ended.");
        self.close();
    }

    /// Tells a publisher that it is disconnected and why. The caller sends the output and closes.
    pub fn end_publish(&mut self, description: &str) {
        let Stage::Publishing { stream_id } = self.stage else { return };
        let outbox = &mut self.connection.outbox;
        outbox.status(stream_id, "status", "NetStream.Unpublish.Success", description);
        outbox.status(0, "status", "NetConnection.Connect.Closed", description);
        self.close();
    }

    /// Memory held for this peer, in bytes: unfinished messages, input and events that wait, output that was
    /// not taken.
    pub fn buffered_bytes(&self) -> usize {
        self.connection.buffered_bytes() + self.held_above()
    }

    /// Whether the handshake is done.
    pub fn is_handshake_done(&self) -> bool {
        self.connection.is_handshake_done()
    }

    fn held_above(&self) -> usize {
        self.event_bytes + queue_bytes(&self.events) + self.waiting.capacity()
    }

    fn allowed(&self) -> usize {
        if self.is_trusted { self.limits.max_publisher_bytes } else { self.limits.max_stranger_bytes }
    }

    fn stream_id(&self) -> u32 {
        match self.stage {
            Stage::Deciding { stream_id, .. }
            | Stage::Publishing { stream_id }
            | Stage::Playing { stream_id } => stream_id,
            Stage::New | Stage::Idle | Stage::Over => 0,
        }
    }

    fn close(&mut self) {
        self.stage = Stage::Over;
        self.waiting = Vec::new();
    }

    fn read(&mut self, mut input: &[u8]) -> Result<(), SessionError> {
        if !self.connection.is_handshake_done() && !self.connection.shake_hands(&mut input)? {
            return Ok(());
        }
        loop {
            match self.stage {
                Stage::Over => return Ok(()),
                Stage::Deciding { .. } => return self.wait_with(input),
                _ => {}
            }
            let allowed = self.allowed();
            let message_limit = self.limits.max_message_bytes.min(allowed);
            let for_connection = allowed.saturating_sub(self.held_above());
            let incoming =
                self.connection.next(&mut input, for_connection, message_limit, self.is_trusted)?;
            match incoming {
                Some(Incoming::Message(message)) => self.take(message)?,
                // Players need not tell how far they are: TCP does.
                Some(Incoming::Acknowledged(_)) => {}
                None => break,
            }
            let held = self.buffered_bytes();
            if held > self.allowed() {
                return Err(SessionError::TooMuchHeld { held, allowed: self.allowed() });
            }
        }
        self.connection.acknowledge();
        Ok(())
    }

    /// Keeps input until the decision.
    fn wait_with(&mut self, input: &[u8]) -> Result<(), SessionError> {
        let allowed = self.allowed();
        let held = self.buffered_bytes() - self.waiting.capacity() + self.waiting.len() + input.len();
        if held > allowed {
            return Err(SessionError::TooMuchHeld { held, allowed });
        }
        self.waiting.reserve_exact(input.len());
        self.waiting.extend_from_slice(input);
        Ok(())
    }

    fn take(&mut self, message: Message) -> Result<(), SessionError> {
        match message.type_id {
            kind::COMMAND_AMF0 | kind::COMMAND_AMF3 => {
                self.obey(&Command::parse(&message)?, message.stream_id)
            }
            _ if matches!(self.stage, Stage::Publishing { .. }) => {
                let room = self.allowed().saturating_sub(self.buffered_bytes());
                let (events, event_bytes) = (&mut self.events, &mut self.event_bytes);
                let full = *event_bytes + queue_bytes(events) + room;
                self.frames.read(message, |frame| {
                    let event = ServerEvent::Frame(frame);
                    *event_bytes += event.heap_bytes();
                    events.push_back(event);
                    *event_bytes + queue_bytes(events) <= full
                });
                Ok(())
            }
            // Media of someone who does not publish, shared objects, unknown types.
            _ => Ok(()),
        }
    }

    fn tell(&mut self, event: ServerEvent) {
        self.event_bytes += event.heap_bytes();
        self.events.push_back(event);
    }

    fn obey(&mut self, command: &Command, stream_id: u32) -> Result<(), SessionError> {
        let transaction = command.transaction;
        match command.name.as_str() {
            "connect" => self.connect(command)?,
            "createStream" => {
                self.require_connect("createStream")?;
                self.streams_created = self.streams_created.wrapping_add(1).max(1);
                let id = Value::Number(f64::from(self.streams_created));
                self.connection.outbox.command(0, "_result", transaction, &[Value::Null, id]);
            }
            "publish" => {
                self.require_connect("publish")?;
                self.request(Request::Publish, command, stream_id);
            }
            "play" => {
                self.require_connect("play")?;
                self.request(Request::Play, command, stream_id);
            }
            "releaseStream" | "_checkbw" => self.succeed(transaction, Value::Undefined),
            "FCPublish" => self.answer_first_class(command, "onFCPublish", "NetStream.Publish.Start"),
            "FCSubscribe" => self.answer_first_class(command, "onFCSubscribe", "NetStream.Play.Start"),
            "FCUnpublish" => {
                self.answer_first_class(command, "onFCUnpublish", "NetStream.Unpublish.Success");
                if matches!(self.stage, Stage::Publishing { .. }) {
                    self.end();
                }
            }
            "deleteStream" => {
                let deleted = command.arguments.first().and_then(Value::as_number);
                if deleted.is_none_or(|deleted| deleted as u32 == self.stream_id()) {
                    self.end();
                }
            }
            "closeStream" => self.end(),
            "getStreamLength" => self.succeed(transaction, Value::Number(0.0)),
            "pause" => {
                let is_pause = command.arguments.first() == Some(&Value::Boolean(true));
                let code = if is_pause { "NetStream.Pause.Notify" } else { "NetStream.Unpause.Notify" };
                self.connection.outbox.status(stream_id, "status", code, "The stream is live and goes on.");
            }
            "seek" => {
                let text = "The stream is live: it stays where it is.";
                self.connection.outbox.status(stream_id, "status", "NetStream.Seek.Notify", text);
            }
            // Answers to our commands (we ask nothing), and wishes that are not granted silently.
            "_result" | "_error" | "onStatus" | "receiveAudio" | "receiveVideo" => {}
            _ if transaction != 0.0 => {
                let info = status_object("error", "NetConnection.Call.Failed", "There is no such method.");
                self.connection.outbox.command(0, "_error", transaction, &[Value::Null, info]);
            }
            _ => {}
        }
        Ok(())
    }

    /// RTMP 7.2.1.1, answered in the order of nginx: window, bandwidth, chunk size, result.
    fn connect(&mut self, command: &Command) -> Result<(), SessionError> {
        if self.stage != Stage::New {
            return Ok(());
        }
        let outbox = &mut self.connection.outbox;
        let Some(info) = ConnectInfo::parse(&command.object) else {
            let info =
                status_object("error", "NetConnection.Connect.InvalidApp", "No application was named.");
            outbox.command(0, "_error", command.transaction, &[Value::Null, info]);
            return Err(SessionError::NoApplication);
        };
        outbox.window_acknowledgement_size(WINDOW);
        outbox.set_peer_bandwidth(WINDOW);
        outbox.set_chunk_size();

        let mut status = status_members("status", "NetConnection.Connect.Success", "Connection succeeded.");
        let mut properties = vec![
            ("fmsVer".to_owned(), "FMS/3,5,7,7009".into()),
            ("capabilities".to_owned(), Value::Number(31.0)),
            ("mode".to_owned(), Value::Number(1.0)),
        ];
        status.push(("objectEncoding".to_owned(), Value::Number(0.0)));
        if info.is_enhanced() {
            // The specification leaves open in which of the two objects a server answers: both.
            properties.extend(capabilities(&info));
            status.extend(capabilities(&info));
        }
        outbox.command(
            0,
            "_result",
            command.transaction,
            &[Value::Object(properties), Value::Object(status)],
        );
        self.app.clone_from(&info.app);
        self.stage = Stage::Idle;
        self.tell(ServerEvent::Connected(info));
        Ok(())
    }

    fn require_connect(&self, command: &'static str) -> Result<(), SessionError> {
        if self.stage == Stage::New { Err(SessionError::NotConnected { command }) } else { Ok(()) }
    }

    fn request(&mut self, request: Request, command: &Command, stream_id: u32) {
        if self.stage != Stage::Idle {
            let (code, text) = match request {
                Request::Publish => ("NetStream.Publish.BadName", "This connection has a stream already."),
                Request::Play => ("NetStream.Play.Failed", "This connection has a stream already."),
            };
            self.connection.outbox.status(stream_id, "error", code, text);
            return;
        }
        let app = self.app.clone();
        let name = command.text(0).unwrap_or_default().to_owned();
        self.tell(match request {
            Request::Publish => ServerEvent::PublishRequested { app, name },
            Request::Play => ServerEvent::PlayRequested { app, name, message_stream_id: stream_id },
        });
        self.stage = Stage::Deciding { request, stream_id };
    }

    /// The peer stops of its own accord. Encoders say so up to three times; it is told once.
    fn end(&mut self) {
        let (Stage::Publishing { stream_id } | Stage::Playing { stream_id }) = self.stage else { return };
        if matches!(self.stage, Stage::Publishing { .. }) {
            let text = "The stream is no longer published.";
            self.connection.outbox.status(stream_id, "status", "NetStream.Unpublish.Success", text);
        }
        self.stage = Stage::Idle;
        self.tell(ServerEvent::Ended);
    }

    fn succeed(&mut self, transaction: f64, value: Value) {
        if transaction != 0.0 {
            self.connection.outbox.command(0, "_result", transaction, &[Value::Null, value]);
        }
    }

    /// `FCPublish` and its kin: a result, and the notice that Flash Media Live Encoder waits for.
    fn answer_first_class(&mut self, command: &Command, notice: &str, code: &str) {
        self.succeed(command.transaction, Value::Undefined);
        let info = status_object("status", code, "");
        self.connection.outbox.command(0, notice, 0.0, &[Value::Null, info]);
    }
}

impl std::fmt::Debug for ServerSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerSession")
            .field("stage", &self.stage)
            .field("buffered_bytes", &self.buffered_bytes())
            .finish_non_exhaustive()
    }
}

fn queue_bytes(events: &VecDeque<ServerEvent>) -> usize {
    events.capacity() * size_of::<ServerEvent>()
}

fn status_object(level: &str, code: &str, description: &str) -> Value {
    Value::Object(status_members(level, code, description))
}

fn status_members(level: &str, code: &str, description: &str) -> Properties {
    [("level", level), ("code", code), ("description", description)]
        .map(|(name, text)| (name.to_owned(), text.into()))
        .into()
}

/// What we can do, for a peer that speaks Enhanced RTMP.
fn capabilities(info: &ConnectInfo) -> Properties {
    let any = || Value::object([("*", Value::Number(CAN_FORWARD))]);
    let list = FOUR_CC.into_iter().chain(["*"]).map(Value::from).collect();
    vec![
        ("fourCcList".to_owned(), Value::StrictArray(list)),
        ("videoFourCcInfoMap".to_owned(), any()),
        ("audioFourCcInfoMap".to_owned(), any()),
        ("capsEx".to_owned(), Value::Number(f64::from(info.caps_ex & CAPS_EX))),
    ]
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
