//! The chunk layer (RTMP 5.3) of the load generator: a writer for whole messages, and a reader that parses
//! chunk headers and throws media payloads away but for their first bytes.
//!
//! The reader keeps at most [`CONTROL_BYTES`] of a control message and [`HEAD_BYTES`] of a media message per
//! chunk stream, and at most [`CHUNK_STREAMS`] chunk streams.

use anyhow::{Result, bail, ensure};

use super::stream::{HEAD_BYTES, Track};

/// The chunk size that publishers and receivers here announce.
pub const CHUNK_SIZE: usize = 65_536;
/// The largest control message that is kept whole.
const CONTROL_BYTES: usize = 65_536;
/// No sane peer opens more chunk streams than this.
const CHUNK_STREAMS: usize = 64;
const DEFAULT_CHUNK_SIZE: usize = 128;
const NO_TIMESTAMP: u32 = 0xFF_FFFF;

/// Appends one message as a type 0 chunk and the type 3 chunks that its length asks for.
///
/// Timestamps stay below the extended range: no run here lasts four hours.
pub fn write_message(
    out: &mut Vec<u8>,
    chunk_stream: u8,
    kind: u8,
    timestamp_ms: u32,
    stream_id: u32,
    body: &[u8],
) {
    write_message_in(out, CHUNK_SIZE, chunk_stream, kind, timestamp_ms, stream_id, body);
}

/// As [`write_message`], with the chunk size that is in force before another one was announced.
pub fn write_early_message(out: &mut Vec<u8>, chunk_stream: u8, kind: u8, stream_id: u32, body: &[u8]) {
    write_message_in(out, DEFAULT_CHUNK_SIZE, chunk_stream, kind, 0, stream_id, body);
}

fn write_message_in(
    out: &mut Vec<u8>,
    chunk_size: usize,
    chunk_stream: u8,
    kind: u8,
    timestamp_ms: u32,
    stream_id: u32,
    body: &[u8],
) {
    debug_assert!(timestamp_ms < NO_TIMESTAMP && (2..64).contains(&chunk_stream));
    out.reserve(body.len() + 16 + body.len() / chunk_size);
    out.push(chunk_stream);
    out.extend_from_slice(&timestamp_ms.to_be_bytes()[1..]);
    out.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
    out.push(kind);
    out.extend_from_slice(&stream_id.to_le_bytes());
    for (index, piece) in body.chunks(chunk_size).enumerate() {
        if index > 0 {
            out.push(0xC0 | chunk_stream);
        }
        out.extend_from_slice(piece);
    }
}

/// One whole message, its media payload thrown away.
#[derive(Debug)]
pub struct Message<'a> {
    /// The message type (RTMP 7.1).
    pub kind: u8,
    /// The whole body of a control message, the first bytes of a media message.
    pub head: &'a [u8],
}

#[derive(Debug)]
struct ChunkStream {
    id: u32,
    kind: u8,
    length: usize,
    is_extended: bool,
    remaining: usize,
    head: Vec<u8>,
}

impl ChunkStream {
    fn kept_bytes(&self) -> usize {
        if Track::of_message_type(self.kind).is_some() { HEAD_BYTES } else { CONTROL_BYTES }
    }
}

/// Parses chunks from byte pieces of any size.
#[derive(Debug)]
pub struct ChunkReader {
    chunk_size: usize,
    streams: Vec<ChunkStream>,
    /// Bytes of a header that a piece ended in.
    torn: Vec<u8>,
    /// The stream whose payload is being read and what its chunk still has to bring.
    open: Option<(usize, usize)>,
}

impl Default for ChunkReader {
    fn default() -> Self {
        Self { chunk_size: DEFAULT_CHUNK_SIZE, streams: Vec::new(), torn: Vec::new(), open: None }
    }
}

impl ChunkReader {
    /// A reader of a stream whose chunk size was agreed on elsewhere.
    pub fn with_chunk_size(chunk_size: usize) -> Self {
        Self { chunk_size, ..Self::default() }
    }

    /// Parses `input` and hands every message that it completes to `on_message`.
    pub fn feed(&mut self, mut input: &[u8], on_message: &mut dyn FnMut(&Message<'_>)) -> Result<()> {
        while !input.is_empty() {
            input = match self.open {
                Some((index, in_chunk)) => self.read_payload(index, in_chunk, input, on_message)?,
                None => self.read_header(input)?,
            };
            self.finish_empty(on_message)?;
        }
        Ok(())
    }

    fn read_header<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8]> {
        if self.torn.is_empty() {
            if let Some(used) = self.parse_header_of(input)? {
                return Ok(&input[used..]);
            }
            self.torn.extend_from_slice(input);
            return Ok(&[]);
        }
        for (index, byte) in input.iter().enumerate() {
            self.torn.push(*byte);
            let header = std::mem::take(&mut self.torn);
            if self.parse_header_of(&header)?.is_some() {
                return Ok(&input[index + 1..]);
            }
            self.torn = header;
        }
        Ok(&[])
    }

    /// Parses a chunk header and opens its payload; `None` when bytes are missing.
    fn parse_header_of(&mut self, bytes: &[u8]) -> Result<Option<usize>> {
        let format = bytes[0] >> 6;
        let (id, basic) = match bytes[0] & 0x3F {
            0 if bytes.len() >= 2 => (u32::from(bytes[1]) + 64, 2),
            1 if bytes.len() >= 3 => (u32::from(bytes[1]) + u32::from(bytes[2]) * 256 + 64, 3),
            0 | 1 => return Ok(None),
            id => (u32::from(id), 1),
        };
        let known = self.streams.iter().position(|stream| stream.id == id);
        let message_header = [11, 7, 3, 0][usize::from(format)];
        let Some(fields) = bytes.get(basic..basic + message_header) else { return Ok(None) };
        let is_extended = match (format, known) {
            (3, Some(index)) => self.streams[index].is_extended,
            (3, None) => bail!("chunk stream {id} starts with a type 3 chunk"),
            _ => fields[..3] == [0xFF; 3],
        };
        let used = basic + message_header + if is_extended { 4 } else { 0 };
        if bytes.len() < used {
            return Ok(None);
        }
        let index = match known {
            Some(index) => index,
            None => self.new_stream(id)?,
        };
        let stream = &mut self.streams[index];
        stream.is_extended = is_extended;
        if format <= 1 {
            stream.length =
                usize::from(fields[3]) << 16 | usize::from(fields[4]) << 8 | usize::from(fields[5]);
            stream.kind = fields[6];
        }
        if stream.remaining == 0 {
            stream.remaining = stream.length;
            stream.head.clear();
        }
        self.open = Some((index, stream.remaining.min(self.chunk_size)));
        Ok(Some(used))
    }

    fn new_stream(&mut self, id: u32) -> Result<usize> {
        ensure!(self.streams.len() < CHUNK_STREAMS, "peer opened more than {CHUNK_STREAMS} chunk streams");
        let head = Vec::new();
        self.streams.push(ChunkStream { id, kind: 0, length: 0, is_extended: false, remaining: 0, head });
        Ok(self.streams.len() - 1)
    }

    fn read_payload<'a>(
        &mut self,
        index: usize,
        in_chunk: usize,
        input: &'a [u8],
        on_message: &mut dyn FnMut(&Message<'_>),
    ) -> Result<&'a [u8]> {
        let stream = &mut self.streams[index];
        let (piece, rest) = input.split_at(input.len().min(in_chunk));
        let wanted = stream.kept_bytes().saturating_sub(stream.head.len()).min(piece.len());
        stream.head.extend_from_slice(&piece[..wanted]);
        stream.remaining -= piece.len();
        self.open = (in_chunk > piece.len()).then_some((index, in_chunk - piece.len()));
        if stream.remaining == 0 {
            self.complete(index, on_message)?;
        }
        Ok(rest)
    }

    /// A message without a body is complete with its header.
    fn finish_empty(&mut self, on_message: &mut dyn FnMut(&Message<'_>)) -> Result<()> {
        if let Some((index, 0)) = self.open {
            self.open = None;
            self.complete(index, on_message)?;
        }
        Ok(())
    }

    fn complete(&mut self, index: usize, on_message: &mut dyn FnMut(&Message<'_>)) -> Result<()> {
        let stream = &self.streams[index];
        if stream.kind == 1 {
            let size = stream.head.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
            ensure!((1..=0x7FFF_FFFF).contains(&size), "peer announced a chunk size of {size}");
            self.chunk_size = size as usize;
            return Ok(());
        }
        on_message(&Message { kind: stream.kind, head: &stream.head });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_any_cut_of_the_bytes() {
        let mut wire = Vec::new();
        write_early_message(&mut wire, 2, 1, 0, &(CHUNK_SIZE as u32).to_be_bytes());
        write_message(&mut wire, 3, 20, 0, 0, &[7; 300]);
        write_message(&mut wire, 6, 9, 40, 1, &vec![9; CHUNK_SIZE * 2 + 5]);
        write_message(&mut wire, 4, 8, 41, 1, &[8; 20]);
        for piece_bytes in [1, 2, 7, 128, 4096, wire.len()] {
            let mut reader = ChunkReader::default();
            let mut seen = Vec::new();
            for piece in wire.chunks(piece_bytes) {
                reader
                    .feed(piece, &mut |message| seen.push((message.kind, message.head.len())))
                    .expect("valid");
            }
            assert_eq!(seen, [(20, 300), (9, HEAD_BYTES), (8, 20)], "pieces of {piece_bytes}");
        }
    }
}
