//! The vocabulary of messages: type ids, protocol control and commands, and the writer that a session
//! answers with.

use bytes::{BufMut, Bytes, BytesMut};

use crate::amf0::{Amf0Error, COMMAND_VALUES, Decoder, Value};
use crate::chunk::{DEFAULT_CHUNK_SIZE, EXTENDED, Message};
use crate::wire::CHUNK_SIZE;

/// Message type ids (RTMP 5.4 and 7.1).
pub(crate) mod kind {
    pub const SET_CHUNK_SIZE: u8 = 1;
    pub const ABORT: u8 = 2;
    pub const ACKNOWLEDGEMENT: u8 = 3;
    pub const USER_CONTROL: u8 = 4;
    pub const WINDOW_ACKNOWLEDGEMENT_SIZE: u8 = 5;
    pub const SET_PEER_BANDWIDTH: u8 = 6;
    pub const AUDIO: u8 = 8;
    pub const VIDEO: u8 = 9;
    pub const DATA_AMF3: u8 = 15;
    pub const COMMAND_AMF3: u8 = 17;
    pub const DATA_AMF0: u8 = 18;
    pub const COMMAND_AMF0: u8 = 20;
    pub const AGGREGATE: u8 = 22;
}

/// User control event types (RTMP 7.1.7).
pub(crate) mod event {
    pub const STREAM_BEGIN: u16 = 0;
    pub const STREAM_EOF: u16 = 1;
    pub const PING_REQUEST: u16 = 6;
    pub const PING_RESPONSE: u16 = 7;
}

/// Chunk stream ids that we write on. Picture, sound and data have their own, see [`crate::wire`].
mod chunk_stream {
    pub const CONTROL: u8 = 2;
    pub const COMMAND: u8 = 3;
    pub const STATUS: u8 = 5;
}

/// Appends one message in chunks of at most `chunk_size`: a type 0 header, then type 3 chunks, each with the
/// extended timestamp where the first has one (RTMP 5.3.1.3). `payload` comes in two parts so that a prefix
/// costs no copy; `chunk_stream` must lie within 2 and 63.
pub(crate) fn put_message(
    out: &mut BytesMut,
    chunk_size: usize,
    chunk_stream: u8,
    timestamp: u32,
    type_id: u8,
    stream_id: u32,
    payload: [&[u8]; 2],
) {
    let length = payload[0].len() + payload[1].len();
    debug_assert!(length < 1 << 24, "a message header has 24 bits for the length");
    let is_extended = timestamp >= EXTENDED;
    let further_chunks = length.saturating_sub(1) / chunk_size;
    out.reserve(16 + length + further_chunks * 5);
    out.put_u8(chunk_stream);
    out.put_uint(u64::from(timestamp.min(EXTENDED)), 3);
    out.put_uint(length as u64, 3);
    out.put_u8(type_id);
    out.put_u32_le(stream_id);
    if is_extended {
        out.put_u32(timestamp);
    }
    let mut room = chunk_size;
    for mut part in payload {
        while !part.is_empty() {
            if room == 0 {
                out.put_u8(0xC0 | chunk_stream);
                if is_extended {
                    out.put_u32(timestamp);
                }
                room = chunk_size;
            }
            let (now, later) = part.split_at(part.len().min(room));
            out.put_slice(now);
            room -= now.len();
            part = later;
        }
    }
}

/// What a session has to say, in chunks, until the caller takes it.
pub(crate) struct Outbox {
    buffer: BytesMut,
    chunk_size: usize,
}

impl Outbox {
    pub fn new() -> Self {
        Self { buffer: BytesMut::new(), chunk_size: DEFAULT_CHUNK_SIZE }
    }

    /// Everything said since the last call.
    pub fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.buffer).freeze()
    }

    /// Memory held.
    pub fn buffered_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Handshake bytes, as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// Announces [`CHUNK_SIZE`] and uses it from now on.
    pub fn set_chunk_size(&mut self) {
        self.control(kind::SET_CHUNK_SIZE, &(CHUNK_SIZE as u32).to_be_bytes());
        self.chunk_size = CHUNK_SIZE;
    }

    /// Asks the peer to acknowledge every `bytes` (RTMP 5.4.4).
    pub fn window_acknowledgement_size(&mut self, bytes: u32) {
        self.control(kind::WINDOW_ACKNOWLEDGEMENT_SIZE, &bytes.to_be_bytes());
    }

    /// Limits what the peer sends unacknowledged, as a dynamic limit (RTMP 5.4.5).
    pub fn set_peer_bandwidth(&mut self, bytes: u32) {
        let [a, b, c, d] = bytes.to_be_bytes();
        self.control(kind::SET_PEER_BANDWIDTH, &[a, b, c, d, 2]);
    }

    /// Tells how many bytes were received (RTMP 5.4.3).
    pub fn acknowledgement(&mut self, received: u32) {
        self.control(kind::ACKNOWLEDGEMENT, &received.to_be_bytes());
    }

    /// A user control event with its 4 bytes (RTMP 7.1.7).
    pub fn user_control(&mut self, event: u16, data: u32) {
        let mut payload = [0; 6];
        payload[..2].copy_from_slice(&event.to_be_bytes());
        payload[2..].copy_from_slice(&data.to_be_bytes());
        self.control(kind::USER_CONTROL, &payload);
    }

    /// A command on the connection or on a message stream.
    pub fn command(&mut self, stream_id: u32, name: &str, transaction: f64, arguments: &[Value]) {
        let mut payload = BytesMut::new();
        Value::from(name).encode(&mut payload);
        Value::Number(transaction).encode(&mut payload);
        for argument in arguments {
            argument.encode(&mut payload);
        }
        self.message(chunk_stream::COMMAND, kind::COMMAND_AMF0, stream_id, &payload);
    }

    /// `onStatus` on a message stream (RTMP 7.2.2).
    pub fn status(&mut self, stream_id: u32, level: &str, code: &str, description: &str) {
        let mut payload = BytesMut::new();
        Value::from("onStatus").encode(&mut payload);
        Value::Number(0.0).encode(&mut payload);
        Value::Null.encode(&mut payload);
        Value::object([("level", level.into()), ("code", code.into()), ("description", description.into())])
            .encode(&mut payload);
        self.message(chunk_stream::STATUS, kind::COMMAND_AMF0, stream_id, &payload);
    }

    /// Script data on a message stream.
    pub fn data(&mut self, stream_id: u32, values: &[Value]) {
        let mut payload = BytesMut::new();
        for value in values {
            value.encode(&mut payload);
        }
        self.message(chunk_stream::STATUS, kind::DATA_AMF0, stream_id, &payload);
    }

    fn control(&mut self, type_id: u8, payload: &[u8]) {
        self.message(chunk_stream::CONTROL, type_id, 0, payload);
    }

    fn message(&mut self, chunk_stream: u8, type_id: u8, stream_id: u32, payload: &[u8]) {
        put_message(&mut self.buffer, self.chunk_size, chunk_stream, 0, type_id, stream_id, [payload, &[]]);
    }
}

/// A command as it arrived (RTMP 7.1.1). Not printable: a publish command carries the stream key.
pub(crate) struct Command {
    pub name: String,
    /// 0 when no answer is expected.
    pub transaction: f64,
    /// The command object, or `Null`.
    pub object: Value,
    /// What follows it.
    pub arguments: Vec<Value>,
}

impl Command {
    /// Reads a message of type 20 or 17; the latter starts with a byte 0 that means "still AMF0".
    pub fn parse(message: &Message) -> Result<Self, Amf0Error> {
        let mut decoder = Decoder::new(amf0_part(message), COMMAND_VALUES);
        let Some(Value::String(name)) = decoder.next_value()? else {
            return Err(Amf0Error::Truncated { at: 0 });
        };
        let transaction = decoder.next_value()?.as_ref().and_then(Value::as_number).unwrap_or(0.0);
        let object = decoder.next_value()?.unwrap_or(Value::Null);
        let mut arguments = Vec::new();
        while let Some(argument) = decoder.next_value()? {
            arguments.push(argument);
        }
        Ok(Self { name, transaction, object, arguments })
    }

    /// The argument at `index` as a text.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.arguments.get(index)?.as_str()
    }
}

/// The AMF0 part of a command or data message.
pub(crate) fn amf0_part(message: &Message) -> &[u8] {
    match message.type_id {
        kind::COMMAND_AMF3 | kind::DATA_AMF3 => {
            message.payload.strip_prefix(&[0]).unwrap_or(&message.payload)
        }
        _ => &message.payload,
    }
}
