//! What both ends of a connection do alike: the handshake, protocol control, acknowledgements.

use bytes::Bytes;

use crate::amf0::Amf0Error;
use crate::chunk::{Allowance, ChunkError, ChunkReader, Message};
use crate::handshake::{Handshake, HandshakeError};
use crate::message::{Outbox, event, kind};

/// Why a session cannot go on. None of its texts repeats what the peer sent, beyond numbers and the names
/// of commands that we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The peer does not speak RTMP.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The chunk stream is broken or asks for too much.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// A command is not AMF0.
    #[error("malformed command: {0}")]
    Command(#[from] Amf0Error),
    /// A protocol control message is shorter than its fields.
    #[error("protocol control message of type {type_id} has only {length} bytes")]
    ControlTooShort {
        /// The message type.
        type_id: u8,
        /// Its length.
        length: usize,
    },
    /// A command that makes no sense yet.
    #[error("command {command} before connect")]
    NotConnected {
        /// Its name.
        command: &'static str,
    },
    /// `connect` names no application.
    #[error("connect without an application")]
    NoApplication,
    /// The peer makes us hold more than it may.
    #[error("the session holds {held} bytes, {allowed} are allowed")]
    TooMuchHeld {
        /// What it holds.
        held: usize,
        /// What it may hold.
        allowed: usize,
    },
}

/// What a connection passes up.
pub(crate) enum Incoming {
    Message(Message),
    /// The peer received this many bytes of us, modulo 2^32.
    Acknowledged(u32),
}

/// One end of a connection.
pub(crate) struct Connection {
    /// Present until it is done.
    handshake: Option<Handshake>,
    reader: ChunkReader,
    pub outbox: Outbox,
    /// Bytes of the chunk stream so far. The handshake does not count, as at nginx and ffmpeg.
    received: u64,
    acknowledged: u64,
    /// How often the peer wants to be told; 0 is never.
    window: u32,
}

impl Connection {
    /// The accepting end.
    pub fn server(max_chunk_streams: usize) -> Self {
        Self::new(Handshake::server(), max_chunk_streams)
    }

    /// The connecting end, with its first words in the outbox.
    pub fn client(max_chunk_streams: usize) -> Self {
        let (handshake, opening) = Handshake::client();
        let mut connection = Self::new(handshake, max_chunk_streams);
        connection.outbox.raw(&opening);
        connection
    }

    fn new(handshake: Handshake, max_chunk_streams: usize) -> Self {
        Self {
            handshake: Some(handshake),
            reader: ChunkReader::new(max_chunk_streams),
            outbox: Outbox::new(),
            received: 0,
            acknowledged: 0,
            window: 0,
        }
    }

    pub fn is_handshake_done(&self) -> bool {
        self.handshake.is_none()
    }

    pub fn take_output(&mut self) -> Bytes {
        self.outbox.take()
    }

    /// Memory held.
    pub fn buffered_bytes(&self) -> usize {
        self.reader.buffered_bytes() + self.buffered_bytes_but_messages()
    }

    fn buffered_bytes_but_messages(&self) -> usize {
        let handshake = self.handshake.as_ref().map_or(0, |_| Handshake::BUFFERED_BYTES);
        handshake + self.reader.remembered_bytes() + self.outbox.buffered_bytes()
    }

    /// Bytes of the chunk stream so far.
    #[cfg(test)]
    pub fn received_bytes(&self) -> u64 {
        self.received
    }

    /// Goes on with the handshake; true at the moment when it is done.
    pub fn shake_hands(&mut self, input: &mut &[u8]) -> Result<bool, HandshakeError> {
        let Some(handshake) = &mut self.handshake else { return Ok(false) };
        let mut response = Vec::new();
        let is_done = handshake.advance(input, &mut response)?;
        self.outbox.raw(&response);
        if is_done {
            self.handshake = None;
        }
        Ok(is_done)
    }

    /// The next thing that concerns the session, or `None` when `input` is used up. `allowed` is what the
    /// connection may hold altogether.
    pub fn next(
        &mut self,
        input: &mut &[u8],
        allowed: usize,
        message: usize,
        is_trusted: bool,
    ) -> Result<Option<Incoming>, SessionError> {
        loop {
            let buffered = allowed.saturating_sub(self.buffered_bytes_but_messages());
            let before = input.len();
            let message = self.reader.read(input, Allowance { buffered, message, is_trusted })?;
            self.received += (before - input.len()) as u64;
            let Some(message) = message else { return Ok(None) };
            match message.type_id {
                kind::SET_CHUNK_SIZE => self.reader.set_chunk_size(first_u32(&message)?)?,
                kind::ABORT => self.reader.abort(first_u32(&message)?),
                kind::ACKNOWLEDGEMENT => return Ok(Some(Incoming::Acknowledged(first_u32(&message)?))),
                kind::WINDOW_ACKNOWLEDGEMENT_SIZE => self.window = first_u32(&message)?,
                kind::USER_CONTROL => self.answer_ping(&message),
                // Set Peer Bandwidth asks us to send less at a time: TCP sees to that.
                kind::SET_PEER_BANDWIDTH => {}
                _ => return Ok(Some(Incoming::Message(message))),
            }
            let held = self.buffered_bytes();
            if held > allowed {
                return Err(SessionError::TooMuchHeld { held, allowed });
            }
        }
    }

    /// Acknowledges what was received when the peer's window is full (RTMP 5.4.3). Call it once per input.
    pub fn acknowledge(&mut self) {
        if self.window > 0 && self.received - self.acknowledged >= u64::from(self.window) {
            self.acknowledged = self.received;
            self.outbox.acknowledgement(self.received as u32);
        }
    }

    /// Ping response (RTMP 7.1.7). Other user control events ask nothing of us.
    fn answer_ping(&mut self, message: &Message) {
        if let [a, b, data @ ..] = &message.payload[..]
            && u16::from_be_bytes([*a, *b]) == event::PING_REQUEST
        {
            let mut timestamp = [0; 4];
            let length = data.len().min(4);
            timestamp[..length].copy_from_slice(&data[..length]);
            self.outbox.user_control(event::PING_RESPONSE, u32::from_be_bytes(timestamp));
        }
    }
}

fn first_u32(message: &Message) -> Result<u32, SessionError> {
    match &message.payload[..] {
        [a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        short => Err(SessionError::ControlTooShort { type_id: message.type_id, length: short.len() }),
    }
}
