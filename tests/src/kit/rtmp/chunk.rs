//! Chunks (RTMP 5.3): messages out of a byte stream and into one.

use std::collections::HashMap;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::kind;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its type id.
    pub kind: u8,
    /// Its message stream.
    pub stream: u32,
    /// Milliseconds.
    pub timestamp: u32,
    /// Its body.
    pub payload: Vec<u8>,
}

/// Reassembles messages; follows the peer's Set Chunk Size by itself.
pub struct ChunkReader {
    chunk_size: usize,
    streams: HashMap<u32, Stream>,
}

#[derive(Default, Clone)]
struct Stream {
    kind: u8,
    /// Its message stream.
    channel: u32,
    length: usize,
    timestamp: u32,
    step: u32,
    is_extended: bool,
    partial: Vec<u8>,
}

impl Default for ChunkReader {
    fn default() -> Self {
        Self { chunk_size: 128, streams: HashMap::new() }
    }
}

impl ChunkReader {
    /// The next whole message.
    ///
    /// # Errors
    /// The socket's end or error, or bytes that are not RTMP.
    pub async fn message(&mut self, input: &mut (impl AsyncRead + Unpin)) -> io::Result<Message> {
        loop {
            if let Some(message) = self.chunk(input).await? {
                if message.kind == kind::SET_CHUNK_SIZE && message.payload.len() >= 4 {
                    let size = u32::from_be_bytes([0, 1, 2, 3].map(|place| message.payload[place]));
                    self.chunk_size = (size & 0x7FFF_FFFF).max(1) as usize;
                }
                return Ok(message);
            }
        }
    }

    async fn chunk(&mut self, input: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Message>> {
        let first = input.read_u8().await?;
        let id = match first & 0x3F {
            0 => 64 + u32::from(input.read_u8().await?),
            1 => 64 + u32::from(input.read_u16_le().await?),
            id => u32::from(id),
        };
        let format = first >> 6;
        let is_first = self.streams.get(&id).is_none_or(|stream| stream.partial.is_empty());
        if format != 0 && !self.streams.contains_key(&id) {
            return Err(wrong(&format!("chunk stream {id} begins with format {format}")));
        }
        let stream = self.streams.entry(id).or_default();
        let mut time = None;
        if format < 3 {
            time = Some(read_u24(input).await?);
            stream.is_extended = time == Some(0x00FF_FFFF);
        }
        if format < 2 {
            stream.length = read_u24(input).await? as usize;
            stream.kind = input.read_u8().await?;
        }
        if format == 0 {
            stream.channel = input.read_u32_le().await?;
        }
        if stream.is_extended {
            let extended = input.read_u32().await?;
            if format < 3 {
                time = Some(extended);
            }
        }
        match (format, time) {
            (0, Some(absolute)) => (stream.timestamp, stream.step) = (absolute, 0),
            (_, Some(step)) => {
                stream.step = step;
                stream.timestamp = stream.timestamp.wrapping_add(step);
            }
            (_, None) if is_first => stream.timestamp = stream.timestamp.wrapping_add(stream.step),
            _ => {}
        }
        let wanted = (stream.length - stream.partial.len()).min(self.chunk_size);
        let from = stream.partial.len();
        stream.partial.resize(from + wanted, 0);
        input.read_exact(&mut stream.partial[from..]).await?;
        if stream.partial.len() < stream.length {
            return Ok(None);
        }
        Ok(Some(Message {
            kind: stream.kind,
            stream: stream.channel,
            timestamp: stream.timestamp,
            payload: std::mem::take(&mut stream.partial),
        }))
    }
}

/// A message as chunks of at most `chunk_size`, with a full header in front.
pub fn chunked(message: &Message, chunk_stream: u8, chunk_size: usize) -> Vec<u8> {
    let is_extended = message.timestamp >= 0x00FF_FFFF;
    let mut bytes = vec![chunk_stream & 0x3F];
    bytes.extend(&message.timestamp.min(0x00FF_FFFF).to_be_bytes()[1..]);
    bytes.extend(&(message.payload.len() as u32).to_be_bytes()[1..]);
    bytes.push(message.kind);
    bytes.extend(message.stream.to_le_bytes());
    for (place, piece) in message.payload.chunks(chunk_size).enumerate() {
        if place > 0 {
            bytes.push(0xC0 | chunk_stream & 0x3F);
        }
        if is_extended {
            bytes.extend(message.timestamp.to_be_bytes());
        }
        bytes.extend(piece);
    }
    bytes
}

async fn read_u24(input: &mut (impl AsyncRead + Unpin)) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes[1..]).await?;
    Ok(u32::from_be_bytes(bytes))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
