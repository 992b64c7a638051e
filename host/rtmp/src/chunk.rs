//! The chunk stream, reading side (RTMP 5.3): bytes in pieces of any size become messages.
//!
//! Invariant: memory follows the bytes that arrived, never the lengths that were announced; chunk streams,
//! message sizes and the sum of unfinished messages are limited; each payload byte is copied once, from the
//! input into its message (again only while a message beyond [`FIRST_RESERVATION`] grows). What messages
//! mean is absent here, except that [`ChunkReader::set_chunk_size`] and [`ChunkReader::abort`] are called
//! by whoever knows.

use bytes::Bytes;

/// Largest header: 3 bytes basic, 11 bytes message, 4 bytes extended timestamp.
const MAX_HEADER: usize = 18;

/// The 24-bit timestamp field that says "look at the extended timestamp" (RTMP 5.3.1.3).
pub(crate) const EXTENDED: u32 = 0x00FF_FFFF;

/// The chunk size that both sides begin with (RTMP 5.4.1).
pub(crate) const DEFAULT_CHUNK_SIZE: usize = 128;

/// How much of an announced message is reserved when its first byte arrives. Covers nearly every frame, so
/// that few of them grow.
const FIRST_RESERVATION: usize = 256 * 1024;

/// The same for peers that have not been let in yet.
const FIRST_RESERVATION_OF_STRANGERS: usize = 4 * 1024;

/// A whole message (RTMP 6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Absolute time in milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// What it is, see [`crate::message::kind`].
    pub type_id: u8,
    /// The message stream it belongs to; 0 is the connection.
    pub stream_id: u32,
    /// Its body.
    pub payload: Bytes,
}

/// Why a chunk stream cannot be read on. `chunk_stream` is the chunk stream id of the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// A chunk leans on a header that was never sent (RTMP 5.3.1.2.4).
    #[error("chunk of type {format} on chunk stream {chunk_stream} without a header before it")]
    NoHeader {
        /// 2 or 3.
        format: u8,
        /// Where.
        chunk_stream: u32,
    },
    /// A new header in the middle of a message.
    #[error(
        "a new message begins on chunk stream {chunk_stream} with {missing} bytes of the last one missing"
    )]
    MessageUnfinished {
        /// Where.
        chunk_stream: u32,
        /// What was still to come.
        missing: usize,
    },
    /// More chunk streams than a session may open.
    #[error("more than {limit} chunk streams")]
    TooManyChunkStreams {
        /// How many are allowed.
        limit: usize,
    },
    /// A message longer than allowed.
    #[error("message of {length} bytes announced on chunk stream {chunk_stream}, {limit} are allowed")]
    MessageTooLong {
        /// Where.
        chunk_stream: u32,
        /// What was announced.
        length: usize,
        /// What is allowed now.
        limit: usize,
    },
    /// Unfinished messages hold more memory than allowed.
    #[error("unfinished messages would hold {needed} bytes, {allowed} are left")]
    TooMuchBuffered {
        /// What they would hold.
        needed: usize,
        /// What they may hold.
        allowed: usize,
    },
    /// A chunk size outside 1..=0x7FFFFFFF (RTMP 5.4.1).
    #[error("chunk size {size} is not within 1 and 2147483647")]
    ChunkSize {
        /// What was announced.
        size: u32,
    },
}

/// What a reader allows at this moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Memory for all unfinished messages together, in bytes.
    pub buffered: usize,
    /// Longest message, in bytes.
    pub message: usize,
    /// Whether the peer was let in, so that memory is reserved ahead of its bytes.
    pub is_trusted: bool,
}

/// What the last header on a chunk stream said, and the message under way.
#[derive(Debug)]
struct ChunkStream {
    id: u32,
    /// Time of the current message.
    timestamp: u32,
    /// The last timestamp field: a delta, or after a type 0 header the time itself, which a type 3 chunk
    /// that begins a message adds again (RTMP 5.3.1.2.4).
    field: u32,
    /// Whether that field was carried by an extended timestamp.
    is_extended: bool,
    length: usize,
    type_id: u8,
    stream_id: u32,
    has_header: bool,
    is_under_way: bool,
    payload: Vec<u8>,
}

/// A parsed chunk header; `None` where the header left a field out.
struct Header {
    format: u8,
    chunk_stream: u32,
    field: Option<u32>,
    is_extended: bool,
    length_and_type: Option<(usize, u8)>,
    stream_id: Option<u32>,
}

/// Reads messages out of chunks.
#[derive(Debug)]
pub(crate) struct ChunkReader {
    chunk_size: usize,
    max_chunk_streams: usize,
    streams: Vec<ChunkStream>,
    /// A header of which not all bytes have arrived.
    header: [u8; MAX_HEADER],
    header_length: usize,
    /// The chunk whose payload is being read: its stream's index and the bytes that are still to come.
    current: Option<(usize, usize)>,
    buffered: usize,
}

impl ChunkReader {
    /// Reads a fresh chunk stream with at most `max_chunk_streams` ids in it.
    pub fn new(max_chunk_streams: usize) -> Self {
        Self {
            chunk_size: DEFAULT_CHUNK_SIZE,
            max_chunk_streams,
            streams: Vec::new(),
            header: [0; MAX_HEADER],
            header_length: 0,
            current: None,
            buffered: 0,
        }
    }

    /// Set Chunk Size (RTMP 5.4.1): holds from the next chunk on.
    pub fn set_chunk_size(&mut self, size: u32) -> Result<(), ChunkError> {
        if size == 0 || size > 0x7FFF_FFFF {
            return Err(ChunkError::ChunkSize { size });
        }
        self.chunk_size = size as usize;
        Ok(())
    }

    /// Abort Message (RTMP 5.4.2): forgets the unfinished message of a chunk stream.
    pub fn abort(&mut self, chunk_stream: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == chunk_stream) {
            self.buffered -= stream.payload.capacity();
            stream.payload = Vec::new();
            stream.is_under_way = false;
        }
    }

    /// Memory held by unfinished messages.
    pub fn buffered_bytes(&self) -> usize {
        self.buffered
    }

    /// Memory held by what is remembered about chunk streams.
    pub fn remembered_bytes(&self) -> usize {
        self.streams.capacity() * size_of::<ChunkStream>()
    }

    /// Takes bytes off the front of `input` until a message is whole; `None` when all of `input` is used up.
    /// After an error the position in the stream is lost.
    pub fn read(&mut self, input: &mut &[u8], allowance: Allowance) -> Result<Option<Message>, ChunkError> {
        loop {
            let (index, remaining) = match self.current {
                _ if input.is_empty() => return Ok(None),
                Some(current) => current,
                None if self.header_length == 0 => {
                    let Some((header, used)) = self.parse_header(input)? else {
                        self.header[..input.len()].copy_from_slice(input);
                        self.header_length = input.len();
                        *input = &[];
                        return Ok(None);
                    };
                    *input = &input[used..];
                    self.begin_chunk(&header, allowance)?
                }
                None => {
                    // The start of a header was kept: complete it byte by byte.
                    self.header[self.header_length] = input[0];
                    self.header_length += 1;
                    *input = &input[1..];
                    let kept = self.header;
                    let kept = &kept[..self.header_length];
                    let Some((header, used)) = self.parse_header(kept)? else { continue };
                    self.header_length = 0;
                    let current = self.begin_chunk(&header, allowance)?;
                    let mut surplus = &kept[used..];
                    if !surplus.is_empty() {
                        // Four bytes that might have been an extended timestamp were payload after all. They
                        // may hold the end of this chunk and the start of the next header, but no message
                        // that ends in them can be followed by another whole one.
                        self.current = Some(current);
                        if let Some(message) = self.read(&mut surplus, allowance)? {
                            self.header[..surplus.len()].copy_from_slice(surplus);
                            self.header_length = surplus.len();
                            return Ok(Some(message));
                        }
                        continue;
                    }
                    current
                }
            };

            let (arrived, rest) = input.split_at(input.len().min(remaining));
            *input = rest;
            self.append(index, arrived, allowance)?;
            self.current = (arrived.len() < remaining).then_some((index, remaining - arrived.len()));
            let stream = &mut self.streams[index];
            if stream.payload.len() == stream.length {
                self.buffered -= stream.payload.capacity();
                stream.is_under_way = false;
                return Ok(Some(Message {
                    timestamp: stream.timestamp,
                    type_id: stream.type_id,
                    stream_id: stream.stream_id,
                    payload: std::mem::take(&mut stream.payload).into(),
                }));
            }
        }
    }

    /// Copies payload bytes into their message, whose memory grows with what arrives.
    fn append(&mut self, index: usize, arrived: &[u8], allowance: Allowance) -> Result<(), ChunkError> {
        let stream = &mut self.streams[index];
        let capacity = stream.payload.capacity();
        let needed = stream.payload.len() + arrived.len();
        if needed > capacity {
            let first = if allowance.is_trusted { FIRST_RESERVATION } else { FIRST_RESERVATION_OF_STRANGERS };
            let others = self.buffered - capacity;
            let generous = needed.max(first).max(capacity * 2).min(stream.length);
            let wanted = if others + generous <= allowance.buffered { generous } else { needed };
            if others + wanted > allowance.buffered {
                return Err(ChunkError::TooMuchBuffered {
                    needed: others + wanted,
                    allowed: allowance.buffered,
                });
            }
            stream.payload.reserve_exact(wanted - stream.payload.len());
            self.buffered = others + stream.payload.capacity();
        }
        stream.payload.extend_from_slice(arrived);
        Ok(())
    }

    /// Applies a header and returns the stream's index and the payload bytes of the chunk.
    fn begin_chunk(&mut self, header: &Header, allowance: Allowance) -> Result<(usize, usize), ChunkError> {
        let index = self.stream_index(header.chunk_stream)?;
        let chunk_size = self.chunk_size;
        let stream = &mut self.streams[index];
        if stream.is_under_way {
            if header.format != 3 {
                let missing = stream.length - stream.payload.len();
                return Err(ChunkError::MessageUnfinished { chunk_stream: stream.id, missing });
            }
        } else {
            if header.format >= 2 && !stream.has_header {
                return Err(ChunkError::NoHeader { format: header.format, chunk_stream: stream.id });
            }
            if let Some(field) = header.field {
                stream.field = field;
                stream.is_extended = header.is_extended;
            }
            stream.timestamp =
                if header.format == 0 { stream.field } else { stream.timestamp.wrapping_add(stream.field) };
            if let Some((length, type_id)) = header.length_and_type {
                stream.length = length;
                stream.type_id = type_id;
            }
            if let Some(stream_id) = header.stream_id {
                stream.stream_id = stream_id;
            }
            if stream.length > allowance.message {
                return Err(ChunkError::MessageTooLong {
                    chunk_stream: stream.id,
                    length: stream.length,
                    limit: allowance.message,
                });
            }
            stream.has_header = true;
            stream.is_under_way = true;
        }
        Ok((index, chunk_size.min(stream.length - stream.payload.len())))
    }

    fn stream_index(&mut self, id: u32) -> Result<usize, ChunkError> {
        if let Some(index) = self.streams.iter().position(|stream| stream.id == id) {
            return Ok(index);
        }
        if self.streams.len() == self.max_chunk_streams {
            return Err(ChunkError::TooManyChunkStreams { limit: self.max_chunk_streams });
        }
        self.streams.push(ChunkStream {
            id,
            timestamp: 0,
            field: 0,
            is_extended: false,
            length: 0,
            type_id: 0,
            stream_id: 0,
            has_header: false,
            is_under_way: false,
            payload: Vec::new(),
        });
        Ok(self.streams.len() - 1)
    }

    /// A header at the start of `bytes` and its length; `None` when bytes are missing.
    ///
    /// A first chunk of type 1 is let pass, since librtmp opens its control stream with one.
    fn parse_header(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, ChunkError> {
        let Some((chunk_stream, basic)) = basic_header(bytes) else { return Ok(None) };
        let format = bytes[0] >> 6;
        let message = match format {
            0 => 11,
            1 => 7,
            2 => 3,
            _ => return self.parse_type_3(bytes, chunk_stream, basic),
        };
        let Some(fields) = bytes.get(basic..basic + message) else { return Ok(None) };
        let mut used = basic + message;
        let mut field = u24(&fields[..3]);
        let is_extended = field == EXTENDED;
        if is_extended {
            let Some(extended) = bytes.get(used..used + 4) else { return Ok(None) };
            field = u32_at(extended);
            used += 4;
        }
        let header = Header {
            format,
            chunk_stream,
            field: Some(field),
            is_extended,
            length_and_type: (format <= 1).then(|| (u24(&fields[3..6]) as usize, fields[6])),
            stream_id: (format == 0)
                .then(|| u32::from_le_bytes([fields[7], fields[8], fields[9], fields[10]])),
        };
        Ok(Some((header, used)))
    }

    /// A type 3 chunk repeats the extended timestamp of its header (RTMP 5.3.1.3). Encoders that leave it
    /// out exist: where a message continues, four other bytes than the expected are payload.
    fn parse_type_3(
        &self,
        bytes: &[u8],
        chunk_stream: u32,
        basic: usize,
    ) -> Result<Option<(Header, usize)>, ChunkError> {
        let header = Header {
            format: 3,
            chunk_stream,
            field: None,
            is_extended: false,
            length_and_type: None,
            stream_id: None,
        };
        let Some(stream) = self.streams.iter().find(|stream| stream.id == chunk_stream && stream.has_header)
        else {
            return Err(ChunkError::NoHeader { format: 3, chunk_stream });
        };
        if !stream.is_extended {
            return Ok(Some((header, basic)));
        }
        let Some(extended) = bytes.get(basic..basic + 4) else { return Ok(None) };
        let extended = u32_at(extended);
        if !stream.is_under_way {
            let header = Header { field: Some(extended), is_extended: true, ..header };
            return Ok(Some((header, basic + 4)));
        }
        let is_repeated = extended == stream.field || extended == stream.timestamp;
        Ok(Some((header, if is_repeated { basic + 4 } else { basic })))
    }
}

/// Chunk stream id and length of a basic header (RTMP 5.3.1.1).
fn basic_header(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = *bytes.first()?;
    Some(match first & 0x3F {
        0 => (u32::from(*bytes.get(1)?) + 64, 2),
        1 => (u32::from(*bytes.get(1)?) + u32::from(*bytes.get(2)?) * 256 + 64, 3),
        id => (u32::from(id), 1),
    })
}

fn u24(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
}

fn u32_at(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
#[path = "chunk_tests.rs"]
mod tests;
