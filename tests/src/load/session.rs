//! The RTMP conversations of the load generator, without sockets: a publisher, a player, and a receiver that
//! plays the part of a destination.
//!
//! Plain handshake (RTMP 5.2), one message stream a connection, acknowledgements by the peer's window.
//! Written apart from the product's own RTMP core on purpose: a mistake there must not be invisible here.

use anyhow::{Context, Result, bail};

use super::amf::{self, Value};
use super::chunk::{CHUNK_SIZE, ChunkReader, write_early_message, write_message};
use super::stream::Track;

const HANDSHAKE_BYTES: usize = 1536;
const VERSION: u8 = 3;
/// What receivers announce as their window (RTMP 5.4.4).
const WINDOW_BYTES: u32 = 2_500_000;
/// Chunk streams of the messages that are written here.
const CONTROL_CSID: u8 = 2;
const COMMAND_CSID: u8 = 3;

/// What this end of the connection is.
#[derive(Debug, Clone)]
pub enum Role {
    /// Publishes `name` into `app`.
    Publisher {
        /// The application of the URL.
        app: String,
        /// The stream name: for real servers a key.
        name: String,
    },
    /// Plays `name` of `app`.
    Player {
        /// The application of the URL.
        app: String,
        /// The stream name.
        name: String,
    },
    /// Accepts whoever publishes, as a platform's ingest does.
    Receiver,
    /// No conversation: media chunks of [`CHUNK_SIZE`] from the first byte, as the raw floor speaks.
    Bare,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Handshake,
    /// The receiving side still waits for C2.
    HandshakeTail,
    Commands,
    Streaming,
    Over,
}

/// One connection's state.
#[derive(Debug)]
pub struct Session {
    role: Role,
    phase: Phase,
    reader: ChunkReader,
    handshake: Vec<u8>,
    stream_id: u32,
    /// The stream name: of a receiver what its publisher asked for.
    name: String,
    peer_window: u64,
    received: u64,
    acknowledged: u64,
    failure: Option<String>,
}

impl Session {
    /// A session and the first bytes to send.
    pub fn start(role: Role) -> (Self, Vec<u8>) {
        let mut out = Vec::new();
        let is_client = matches!(role, Role::Publisher { .. } | Role::Player { .. });
        if is_client {
            out.push(VERSION);
            write_own_handshake(&mut out);
        }
        let is_bare = matches!(role, Role::Bare);
        let name = match &role {
            Role::Publisher { name, .. } | Role::Player { name, .. } => name.clone(),
            Role::Receiver | Role::Bare => String::new(),
        };
        let session = Self {
            role,
            phase: if is_bare { Phase::Streaming } else { Phase::Handshake },
            reader: if is_bare { ChunkReader::with_chunk_size(CHUNK_SIZE) } else { ChunkReader::default() },
            handshake: Vec::new(),
            stream_id: 1,
            name,
            peer_window: u64::from(WINDOW_BYTES),
            received: 0,
            acknowledged: 0,
            failure: None,
        };
        (session, out)
    }

    /// Whether media may flow.
    pub fn is_streaming(&self) -> bool {
        self.phase == Phase::Streaming
    }

    /// What the peer said when it refused or ended the stream.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Appends one media or data message of this publisher.
    pub fn write_media(&self, out: &mut Vec<u8>, kind: u8, timestamp_ms: u32, body: &[u8]) {
        let chunk_stream = match Track::of_message_type(kind) {
            Some(Track::Audio) => 4,
            Some(Track::Video) => 6,
            None => 5,
        };
        write_message(out, chunk_stream, kind, timestamp_ms, self.stream_id, body);
    }

    /// Appends the end of a publication.
    pub fn write_end(&self, out: &mut Vec<u8>) {
        self.write_command(out, "FCUnpublish", 6.0, Some(&self.name));
        let mut body = Vec::new();
        amf::string(&mut body, "deleteStream");
        for value in [Value::Number(7.0), Value::Null, Value::Number(f64::from(self.stream_id))] {
            amf::value(&mut body, value);
        }
        write_message(out, COMMAND_CSID, 20, 0, 0, &body);
    }

    /// Counts bytes that were read without being looked at, and acknowledges them.
    pub fn count(&mut self, bytes: usize, out: &mut Vec<u8>) {
        self.received += bytes as u64;
        let is_bare = matches!(self.role, Role::Bare);
        if !is_bare && self.received - self.acknowledged >= self.peer_window {
            self.acknowledged = self.received;
            write_message(out, CONTROL_CSID, 3, 0, 0, &(self.received as u32).to_be_bytes());
        }
    }

    /// Takes bytes of the peer; answers go to `out`, the head of every media message to `on_media`.
    pub fn receive(
        &mut self,
        mut input: &[u8],
        out: &mut Vec<u8>,
        on_media: &mut dyn FnMut(Track, &[u8]),
    ) -> Result<()> {
        let count = input.len();
        if matches!(self.phase, Phase::Handshake | Phase::HandshakeTail) {
            input = self.shake_hands(input, out)?;
        }
        let mut control = Vec::new();
        self.reader.feed(input, &mut |message| match Track::of_message_type(message.kind) {
            Some(track) => on_media(track, message.head),
            None => control.push((message.kind, message.head.to_vec())),
        })?;
        for (kind, body) in control {
            self.obey(kind, &body, out)?;
        }
        self.count(count, out);
        Ok(())
    }

    fn shake_hands<'a>(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8]> {
        let is_receiver = matches!(self.role, Role::Receiver);
        let wanted = match (is_receiver, self.phase) {
            (true, Phase::Handshake) => 1 + HANDSHAKE_BYTES,
            (true, _) => HANDSHAKE_BYTES,
            (false, _) => 1 + 2 * HANDSHAKE_BYTES,
        };
        let (piece, rest) = input.split_at(input.len().min(wanted - self.handshake.len()));
        self.handshake.extend_from_slice(piece);
        if self.handshake.len() < wanted {
            return Ok(rest);
        }
        let bytes = std::mem::take(&mut self.handshake);
        if self.phase == Phase::Handshake && bytes[0] != VERSION {
            bail!("peer speaks RTMP version {}", bytes[0]);
        }
        match (is_receiver, self.phase) {
            (true, Phase::Handshake) => {
                out.push(VERSION);
                write_own_handshake(out);
                out.extend_from_slice(&bytes[1..]);
                self.phase = Phase::HandshakeTail;
                self.shake_hands(rest, out)
            }
            (true, _) => {
                self.phase = Phase::Commands;
                Ok(rest)
            }
            (false, _) => {
                out.extend_from_slice(&bytes[1..=HANDSHAKE_BYTES]);
                self.phase = Phase::Commands;
                self.write_connect(out);
                Ok(rest)
            }
        }
    }

    fn write_connect(&self, out: &mut Vec<u8>) {
        let (Role::Publisher { app, .. } | Role::Player { app, .. }) = &self.role else { return };
        write_early_message(out, CONTROL_CSID, 1, 0, &(CHUNK_SIZE as u32).to_be_bytes());
        let mut body = Vec::new();
        amf::string(&mut body, "connect");
        amf::value(&mut body, Value::Number(1.0));
        let tc_url = format!("rtmp://127.0.0.1/{app}");
        let properties = [
            ("app", Value::String(app)),
            ("type", Value::String("nonprivate")),
            ("flashVer", Value::String("FMLE/3.0 (compatible; neustream-load)")),
            ("tcUrl", Value::String(&tc_url)),
        ];
        amf::object(&mut body, &properties);
        write_message(out, COMMAND_CSID, 20, 0, 0, &body);
    }

    fn write_command(&self, out: &mut Vec<u8>, name: &str, transaction: f64, argument: Option<&str>) {
        let mut body = Vec::new();
        amf::string(&mut body, name);
        amf::value(&mut body, Value::Number(transaction));
        amf::value(&mut body, Value::Null);
        if let Some(argument) = argument {
            amf::string(&mut body, argument);
        }
        let stream_id = if matches!(name, "publish" | "play") { self.stream_id } else { 0 };
        if name == "publish" {
            amf::string(&mut body, "live");
        }
        write_message(out, COMMAND_CSID, 20, 0, stream_id, &body);
    }

    fn obey(&mut self, kind: u8, body: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match kind {
            5 => {
                let window = body.first_chunk::<4>().context("window without a size")?;
                self.peer_window = u64::from(u32::from_be_bytes(*window)).max(4096);
            }
            4 if body.starts_with(&[0, 6]) => {
                let pong = [&[0, 7], &body[2..]].concat();
                write_message(out, CONTROL_CSID, 4, 0, 0, &pong);
            }
            20 => {
                let command = amf::command(body).context("command message is not AMF0")?;
                if matches!(self.role, Role::Receiver) {
                    self.serve(&command, out);
                } else {
                    self.follow(&command, out);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The client's side: each answer leads to the next question.
    fn follow(&mut self, command: &amf::Command, out: &mut Vec<u8>) {
        match (command.name.as_str(), command.transaction as u32) {
            ("_result", 1) => {
                if let Role::Publisher { name, .. } = &self.role {
                    self.write_command(out, "releaseStream", 2.0, Some(name));
                    self.write_command(out, "FCPublish", 3.0, Some(name));
                }
                self.write_command(out, "createStream", 4.0, None);
            }
            ("_result", 4) => {
                self.stream_id = command.number.unwrap_or(1.0) as u32;
                match &self.role {
                    Role::Publisher { name, .. } => self.write_command(out, "publish", 5.0, Some(name)),
                    Role::Player { name, .. } => self.write_command(out, "play", 5.0, Some(name)),
                    Role::Receiver | Role::Bare => {}
                }
            }
            ("_error", 1 | 4 | 5) => self.fail(command.code.clone().unwrap_or_else(|| "_error".into())),
            ("onStatus", _) => match command.code.as_deref() {
                Some("NetStream.Publish.Start" | "NetStream.Play.Start") => self.phase = Phase::Streaming,
                Some("NetStream.Play.Reset" | "NetStream.Play.PublishNotify") | None => {}
                Some(code) if code.starts_with("NetStream.Data") => {}
                Some(code) => self.fail(code.to_owned()),
            },
            _ => {}
        }
    }

    /// The receiving side: answers what a publisher asks.
    fn serve(&mut self, command: &amf::Command, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        match command.name.as_str() {
            "connect" => {
                write_early_message(out, CONTROL_CSID, 1, 0, &(CHUNK_SIZE as u32).to_be_bytes());
                write_message(out, CONTROL_CSID, 5, 0, 0, &WINDOW_BYTES.to_be_bytes());
                write_message(out, CONTROL_CSID, 6, 0, 0, &[&WINDOW_BYTES.to_be_bytes()[..], &[2]].concat());
                amf::string(&mut body, "_result");
                amf::value(&mut body, Value::Number(command.transaction));
                amf::object(&mut body, &[("fmsVer", Value::String("FMS/3,0,1,123"))]);
                amf::object(&mut body, &status("NetConnection.Connect.Success"));
                write_message(out, COMMAND_CSID, 20, 0, 0, &body);
            }
            "createStream" => {
                amf::string(&mut body, "_result");
                for value in [Value::Number(command.transaction), Value::Null, Value::Number(1.0)] {
                    amf::value(&mut body, value);
                }
                write_message(out, COMMAND_CSID, 20, 0, 0, &body);
            }
            "publish" => {
                self.name = command.strings.first().cloned().unwrap_or_default();
                self.phase = Phase::Streaming;
                amf::string(&mut body, "onStatus");
                amf::value(&mut body, Value::Number(0.0));
                amf::value(&mut body, Value::Null);
                amf::object(&mut body, &status("NetStream.Publish.Start"));
                write_message(out, COMMAND_CSID, 20, 0, 1, &body);
            }
            "deleteStream" | "closeStream" => self.phase = Phase::Over,
            _ => {}
        }
    }

    fn fail(&mut self, why: String) {
        self.failure = Some(why);
        self.phase = Phase::Over;
    }
}

fn status(code: &str) -> [(&str, Value<'_>); 3] {
    [("level", Value::String("status")), ("code", Value::String(code)), ("description", Value::String("ok"))]
}

/// C1 or S1: time and zero, then bytes that need not be random (RTMP 5.2.3).
fn write_own_handshake(out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + 8, 0);
    out.extend((8..HANDSHAKE_BYTES).map(|index| (index * 31) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_and_a_receiver_come_to_terms() {
        let role = Role::Publisher { app: "live".into(), name: "key-1".into() };
        let (mut publisher, mut to_receiver) = Session::start(role);
        let (mut receiver, mut to_publisher) = Session::start(Role::Receiver);
        let mut seen = 0;
        while !to_receiver.is_empty() || !to_publisher.is_empty() {
            let input = std::mem::take(&mut to_receiver);
            receiver.receive(&input, &mut to_publisher, &mut |_, _| seen += 1).expect("valid");
            let input = std::mem::take(&mut to_publisher);
            publisher.receive(&input, &mut to_receiver, &mut |_, _| {}).expect("valid");
        }
        assert!(publisher.is_streaming() && receiver.is_streaming());
        assert_eq!(receiver.name, "key-1");

        publisher.write_media(&mut to_receiver, 9, 0, &vec![0x17; 100_000]);
        receiver.receive(&to_receiver, &mut to_publisher, &mut |_, _| seen += 1).expect("valid");
        assert_eq!(seen, 1);
    }
}
