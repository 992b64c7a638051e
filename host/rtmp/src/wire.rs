//! The chunk form of frames, made once and shared by every receiver.
//!
//! Invariant: an encoded message is self-contained. It begins with a type 0 header with an absolute
//! timestamp on a chunk stream of its track, so any message may follow any other on any connection that was
//! told [`CHUNK_SIZE`]. Messages are addressed to [`MESSAGE_STREAM_ID`], which is what nearly every peer
//! hands out; [`readdress`] serves the others without a copy of the payload.

use bytes::{BufMut, Bytes, BytesMut};
use neustream_media::{Frame, FrameKind, Track};

use crate::chunk::EXTENDED;
use crate::message::{kind, put_message};

/// The chunk size of everything encoded here, in bytes. Server sessions announce it to players and client
/// sessions to destinations before any media.
pub const CHUNK_SIZE: usize = 65_536;

/// The message stream that encoded messages are addressed to.
pub const MESSAGE_STREAM_ID: u32 = 1;

/// Basic header and message header of type 0; the message stream id is their last 4 bytes.
const HEADER: usize = 12;

/// Who a message is for. They differ in metadata alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Receiver {
    /// A player gets `onMetaData`.
    Player,
    /// A server that we publish to gets `@setDataFrame`, `onMetaData`.
    Destination,
}

/// Appends `frame` as a player gets it: as type 0 chunk, followed by type 3 chunks where it is longer than
/// [`CHUNK_SIZE`]. Its time goes out modulo 2^32. The payload must be shorter than 16 MiB, which is what the
/// header can say; sessions yield no longer ones.
pub fn encode(frame: &Frame, out: &mut BytesMut) {
    encode_for(Receiver::Player, frame, out);
}

/// Appends `frame` as `receiver` gets it. All but headers of the data track are the same for both.
pub fn encode_for(receiver: Receiver, frame: &Frame, out: &mut BytesMut) {
    let (chunk_stream, type_id) = match frame.track {
        Track::Audio => (4, kind::AUDIO),
        Track::Data => (5, kind::DATA_AMF0),
        Track::Video => (6, kind::VIDEO),
    };
    let prefix = if receiver == Receiver::Destination && is_metadata(frame) { SET_DATA_FRAME } else { &[] };
    let timestamp = frame.timestamp_ms as u32;
    put_message(
        out,
        CHUNK_SIZE,
        chunk_stream,
        timestamp,
        type_id,
        MESSAGE_STREAM_ID,
        [prefix, &frame.payload],
    );
}

/// The AMF0 string `@setDataFrame`.
pub(crate) const SET_DATA_FRAME: &[u8] = b"\x02\x00\x0d@setDataFrame";

/// Whether a destination gets this frame in another form than a player.
pub fn is_metadata(frame: &Frame) -> bool {
    frame.track == Track::Data && frame.kind == FrameKind::Header
}

/// The destination's form of a metadata message that was encoded for players.
pub fn set_data_frame(message: &Bytes) -> Bytes {
    let frame = Frame {
        track: Track::Data,
        kind: FrameKind::Header,
        timestamp_ms: u64::from(timestamp(message)),
        payload: payload(message),
    };
    let mut out = BytesMut::new();
    encode_for(Receiver::Destination, &frame, &mut out);
    out.freeze()
}

/// The same message for another message stream: a header of its own, to be sent before the shared rest.
/// `message` must be one encoded message.
pub fn readdress(message: &Bytes, message_stream_id: u32) -> (Bytes, Bytes) {
    let mut header = BytesMut::with_capacity(HEADER);
    header.put_slice(&message[..HEADER - 4]);
    header.put_u32_le(message_stream_id);
    (header.freeze(), message.slice(HEADER..))
}

/// The tag body of one encoded message: a slice of it when it is a single chunk, a copy otherwise.
pub fn payload(message: &Bytes) -> Bytes {
    let length = usize::from(message[4]) << 16 | usize::from(message[5]) << 8 | usize::from(message[6]);
    let (start, gap) = if timestamp_field(message) == EXTENDED { (HEADER + 4, 5) } else { (HEADER, 1) };
    if length <= CHUNK_SIZE {
        return message.slice(start..start + length);
    }
    let mut payload = BytesMut::with_capacity(length);
    for chunk in message[start..].chunks(CHUNK_SIZE + gap) {
        payload.put_slice(&chunk[..chunk.len().min(CHUNK_SIZE)]);
    }
    payload.freeze()
}

/// The time of one encoded message in milliseconds, modulo 2^32.
pub fn timestamp(message: &Bytes) -> u32 {
    match timestamp_field(message) {
        EXTENDED => u32::from_be_bytes([message[12], message[13], message[14], message[15]]),
        timestamp => timestamp,
    }
}

fn timestamp_field(message: &Bytes) -> u32 {
    u32::from_be_bytes([0, message[1], message[2], message[3]])
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
