//! A native connector of a small made-up protocol.
//!
//! Over lines, WebSocket frames, poll answers and webhooks alike:
//!
//! | from the platform | means |
//! |---|---|
//! | `MSG <id> <author> <text>` | a message was written |
//! | `DEL <id>` | a message was removed |
//! | `PING <x>` | answer `PONG <x>` |
//! | `ACK <id>`, `NAK <id>` | an outgoing message was, or was not written |
//! | `FETCH <id> <url>` | make a request with the token in its query; its answer is read like any other text |
//! | `WAKE <name> <ms>` | set a timer; when it is due it is a message with the id `timer-<name>-<n>` |
//! | `MOVE <url>` | reopen the connection there |
//! | `BOOM` | the connector traps |
//!
//! A WebSocket's frame may hold half a line: the rest waits in the state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use neustream_contract::chat::{
    ChatConnector, Connection, Effect, Endpoint, Event, Message, Payload, Problem, Request, Step, Transport,
};
use neustream_contract::{Call, CallError, CallErrorKind, Field, Manifest, Value};
use neustream_model::Reason;
use serde::{Deserialize, Serialize};

use crate::connector::STATE_UNREADABLE;

/// What [`Talk`] may do, unless a test says otherwise.
pub const MANIFEST: &str = r#"
schema = 1
id = "test/talk"
version = "1.0.0"
kind = "chat"
name = "Talk"
license = "MIT"
[capabilities.connect]
hosts = ["tls://talk.example.com:6697", "wss://talk.example.com"]
reason = "To talk"
[capabilities.http]
hosts = ["https://api.example.com"]
reason = "To ask"
[capabilities.webhook]
reason = "To be told"
[capabilities.secrets.token]
kind = "string"
hosts = ["talk.example.com", "api.example.com"]
"#;

/// A secret's value for tests.
pub const SECRET: &str = "oauth:0123456789abcdef";

/// The connector. Its state is JSON of [`TalkState`].
#[derive(Clone)]
pub struct Talk {
    /// What it says about itself.
    pub manifest: Manifest,
    /// What it opens with.
    pub connections: Vec<Connection>,
    /// Calls of `handle` that trap from now on, whatever comes.
    pub traps: Arc<AtomicU32>,
    /// How it traps.
    pub trap: CallError,
    /// Whether it refuses every state that it has not begun.
    pub reads_no_state: bool,
    /// Whether webhooks must carry the header `x-key: good`.
    pub checks_webhooks: bool,
}

/// The state of [`Talk`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkState {
    /// The `state-schema` that wrote it.
    pub schema: u32,
    /// Lines that were read.
    pub lines: u64,
    /// A digest of all lines in order.
    pub digest: u64,
    /// Half a line.
    pub rest: String,
    /// Problems of closed connections and failed requests, by code, the last eight.
    pub problems: Vec<String>,
    /// Openings.
    pub openings: u64,
}

impl Talk {
    /// A connector that opens these connections.
    pub fn new(connections: Vec<Connection>) -> Self {
        let manifest = Manifest::from_toml(MANIFEST).unwrap();
        let traps = Arc::default();
        let trap = CallError::new(CallErrorKind::Trap, "trap", "unreachable");
        Self { manifest, connections, traps, trap, reads_no_state: false, checks_webhooks: true }
    }

    /// `tls://talk.example.com:6697` as `irc`.
    pub fn over_lines() -> Self {
        Self::new(vec![connection("irc", Transport::Line(endpoint("tls://talk.example.com:6697", 0)))])
    }

    /// `wss://talk.example.com/ws` as `ws`, with the token in a header.
    pub fn over_websocket() -> Self {
        let mut endpoint = endpoint("wss://talk.example.com/ws", 0);
        let value = Value::Prefixed("Bearer ".to_owned(), "token".to_owned());
        endpoint.headers.push(Field { name: "authorization".to_owned(), value });
        Self::new(vec![connection("ws", Transport::Websocket(endpoint))])
    }

    /// `https://api.example.com/chat` as `poll`, every so often.
    pub fn polling(every_ms: u64) -> Self {
        Self::new(vec![connection(
            "poll",
            Transport::Poll(endpoint("https://api.example.com/chat", every_ms)),
        )])
    }

    /// A webhook as `hook`.
    pub fn with_webhook() -> Self {
        Self::new(vec![connection("hook", Transport::Webhook("Enter this URL there".to_owned()))])
    }

    /// With another version of the state.
    #[must_use]
    pub fn with_schema(mut self, schema: u32) -> Self {
        self.manifest.state_schema = schema;
        self
    }

    fn text(state: &mut TalkState, effects: &mut Vec<Effect>, over: &str, text: &str) {
        state.rest.push_str(text);
        let whole = std::mem::take(&mut state.rest);
        let mut lines = whole.split('\n').peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_none() {
                line.clone_into(&mut state.rest);
            } else {
                Self::line(state, effects, over, line.trim_end_matches('\r'));
            }
        }
    }

    fn line(state: &mut TalkState, effects: &mut Vec<Effect>, over: &str, line: &str) {
        state.lines += 1;
        for byte in line.bytes().chain([b'\n']) {
            state.digest = (state.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        match word().as_str() {
            "MSG" => effects.push(Effect::Publish(message(&word(), &word(), &word()))),
            "DEL" => effects.push(Effect::Retract(word())),
            "PING" => {
                effects.push(Effect::Transmit(over.to_owned(), Payload::Text(format!("PONG {}", word()))));
            }
            "ACK" => effects.push(Effect::Sent(word())),
            "NAK" => effects.push(Effect::Failed(word(), problem("rejected"))),
            "FETCH" => {
                let (id, url) = (word(), word());
                let token = Field { name: "token".to_owned(), value: Value::Secret("token".to_owned()) };
                let (query, headers, body) = (vec![token], Vec::new(), Vec::new());
                effects.push(Effect::Request(Request {
                    id,
                    method: "GET".to_owned(),
                    url,
                    query,
                    headers,
                    body,
                }));
            }
            "WAKE" => {
                let (name, after) = (word(), Duration::from_millis(word().parse().unwrap_or(0)));
                effects.push(Effect::Wake(name, after));
            }
            "MOVE" => {
                let transport = match over {
                    "ws" => Transport::Websocket(endpoint(&word(), 0)),
                    "poll" => Transport::Poll(endpoint(&word(), 500)),
                    _ => Transport::Line(endpoint(&word(), 0)),
                };
                effects.push(Effect::Reopen(connection(over, transport)));
            }
            _ => {}
        }
    }

    fn event(
        &self,
        state: &mut TalkState,
        effects: &mut Vec<Effect>,
        event: &Event,
    ) -> Result<(), CallError> {
        let failed = |state: &mut TalkState, problem: &Problem| {
            state.problems.push(problem.reason.code.clone());
            let excess = state.problems.len().saturating_sub(8);
            state.problems.drain(..excess);
        };
        match event {
            Event::Opened(id) => {
                state.openings += 1;
                state.rest.clear();
                if id == "irc" {
                    let login = ["PASS ".to_owned()].map(Value::Plain).into_iter();
                    let login = login.chain([Value::Secret("token".to_owned())]).collect();
                    effects.push(Effect::Transmit(id.clone(), Payload::Parts(login)));
                }
                effects.push(Effect::Status(None));
            }
            Event::Received(id, Payload::Text(text)) if id == "irc" => Self::line(state, effects, id, text),
            Event::Received(id, Payload::Text(text)) => Self::text(state, effects, id, text),
            Event::Received(..) => {}
            Event::Closed(_, problem) => {
                failed(state, problem);
                effects.push(Effect::Status(Some(problem.clone())));
            }
            Event::Answered(id, Ok(response)) if response.status == 200 => {
                for line in String::from_utf8_lossy(&response.body).lines() {
                    Self::line(state, effects, id, line);
                }
            }
            Event::Answered(_, Ok(response)) => {
                let status = problem(&format!("status-{}", response.status));
                failed(state, &status);
            }
            Event::Answered(_, Err(problem)) => failed(state, problem),
            Event::Delivered { connection, headers, body } => {
                let is_good = headers.iter().any(|(name, value)| name == "x-key" && value == "good");
                if self.checks_webhooks && !is_good {
                    let kind = CallErrorKind::Unauthorized;
                    return Err(CallError::new(kind, "bad-signature", "the webhook is not genuine"));
                }
                for line in String::from_utf8_lossy(body).lines() {
                    Self::line(state, effects, connection, line);
                }
            }
            Event::Timer(name) => {
                state.lines += 1;
                let id = format!("timer-{name}-{}", state.lines);
                effects.push(Effect::Publish(message(&id, "clock", name)));
            }
            Event::Send(outgoing) => {
                let text = format!("SAY {} {}", outgoing.id, outgoing.text);
                let over = self.connections.first().map(|one| one.id.clone()).unwrap_or_default();
                effects.push(Effect::Transmit(over, Payload::Text(text)));
            }
            Event::Remove(id) => {
                let over = self.connections.first().map(|one| one.id.clone()).unwrap_or_default();
                effects.push(Effect::Transmit(over, Payload::Text(format!("REMOVE {id}"))));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl ChatConnector for Talk {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn open(&self, _call: &Call) -> Result<Step, CallError> {
        let state = TalkState { schema: self.manifest.state_schema, ..TalkState::default() };
        let effects = self.connections.iter().cloned().map(Effect::Reopen).collect();
        Ok(Step { state: serde_json::to_vec(&state).unwrap(), effects })
    }

    async fn handle(&self, _call: &Call, state: &[u8], events: &[Event]) -> Result<Step, CallError> {
        let left = self.traps.load(Ordering::SeqCst);
        if left > 0 {
            self.traps.store(left - 1, Ordering::SeqCst);
            return Err(self.trap.clone());
        }
        let mut state: TalkState = serde_json::from_slice(state).unwrap();
        if self.reads_no_state && state.schema != self.manifest.state_schema {
            return Err(CallError::new(CallErrorKind::Other, STATE_UNREADABLE, "an old state"));
        }
        state.schema = self.manifest.state_schema;
        let mut effects = Vec::new();
        for event in events {
            let is_boom = match event {
                Event::Received(_, Payload::Text(text)) => text.starts_with("BOOM"),
                Event::Send(outgoing) => outgoing.text == "BOOM",
                _ => false,
            };
            if is_boom {
                return Err(self.trap.clone());
            }
            self.event(&mut state, &mut effects, event)?;
        }
        Ok(Step { state: serde_json::to_vec(&state).unwrap(), effects })
    }
}

fn message(id: &str, author: &str, text: &str) -> Message {
    Message {
        id: id.to_owned(),
        author_id: format!("id-of-{author}"),
        author: author.to_owned(),
        text: text.to_owned(),
        kind: "message".to_owned(),
        roles: Vec::new(),
        reply_to: None,
        sent_at: None,
        extra: Vec::new(),
    }
}

fn problem(code: &str) -> Problem {
    Problem { reason: Reason::new(code, "the platform said so"), retry_after: None }
}

fn connection(id: &str, transport: Transport) -> Connection {
    Connection { id: id.to_owned(), transport }
}

fn endpoint(url: &str, interval_ms: u64) -> Endpoint {
    let interval = Duration::from_millis(interval_ms);
    Endpoint { url: url.to_owned(), query: Vec::new(), headers: Vec::new(), interval }
}
