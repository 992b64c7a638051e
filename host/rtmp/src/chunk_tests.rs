use super::*;
use bytes::BytesMut;
use proptest::prelude::*;

use crate::message::put_message;

const GENEROUS: Allowance = Allowance { buffered: 64 << 20, message: 16 << 20, is_trusted: true };

/// Reads `bytes` in pieces that end at `cuts`.
fn read_cut(bytes: &[u8], cuts: &[usize], chunk_size: u32) -> Result<Vec<Message>, ChunkError> {
    let mut reader = ChunkReader::new(32);
    reader.set_chunk_size(chunk_size)?;
    let mut messages = Vec::new();
    let mut start = 0;
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(bytes.len());
    for cut in cuts {
        let mut piece = &bytes[start..cut];
        while let Some(message) = reader.read(&mut piece, GENEROUS)? {
            messages.push(message);
        }
        assert!(piece.is_empty());
        start = cut;
    }
    assert_eq!(reader.buffered_bytes(), 0, "whole messages leave nothing behind");
    Ok(messages)
}

fn read(bytes: &[u8]) -> Result<Vec<Message>, ChunkError> {
    let whole = read_cut(bytes, &[], 128);
    let every_byte: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(read_cut(bytes, &every_byte, 128), whole, "byte by byte it is the same");
    whole
}

fn message(timestamp: u32, type_id: u8, stream_id: u32, payload: &[u8]) -> Message {
    Message { timestamp, type_id, stream_id, payload: Bytes::copy_from_slice(payload) }
}

/// One message as an independent writer would chunk it: the chunks apart, so that they can be interleaved.
fn chunks(chunk_stream: u32, message: &Message, chunk_size: usize) -> Vec<Vec<u8>> {
    let basic = |format: u8| match chunk_stream {
        2..=63 => vec![format << 6 | chunk_stream as u8],
        64..=319 => vec![format << 6, (chunk_stream - 64) as u8],
        _ => vec![format << 6 | 1, (chunk_stream - 64) as u8, ((chunk_stream - 64) >> 8) as u8],
    };
    let extended: Vec<u8> =
        if message.timestamp >= EXTENDED { message.timestamp.to_be_bytes().to_vec() } else { Vec::new() };
    let mut header = basic(0);
    header.extend_from_slice(&message.timestamp.min(EXTENDED).to_be_bytes()[1..]);
    header.extend_from_slice(&(message.payload.len() as u32).to_be_bytes()[1..]);
    header.push(message.type_id);
    header.extend_from_slice(&message.stream_id.to_le_bytes());
    let mut pieces: Vec<&[u8]> = message.payload.chunks(chunk_size).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    pieces
        .into_iter()
        .enumerate()
        .map(|(n, piece)| {
            let head = if n == 0 { header.clone() } else { basic(3) };
            [&head[..], &extended, piece].concat()
        })
        .collect()
}

fn any_message() -> impl Strategy<Value = Message> {
    let timestamp = prop_oneof![any::<u32>(), 16_777_200_u32..16_777_230, 0_u32..100];
    (timestamp, 8_u8..=9, any::<u32>(), prop::collection::vec(any::<u8>(), 0..700))
        .prop_map(|(timestamp, type_id, stream_id, payload)| message(timestamp, type_id, stream_id, &payload))
}

proptest! {
    #[test]
    fn any_messages_read_back_from_any_pieces(
        messages in prop::collection::vec(any_message(), 1..12),
        chunk_size in 1_u32..300,
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let mut bytes = BytesMut::new();
        for m in &messages {
            put_message(&mut bytes, chunk_size as usize, 6, m.timestamp, m.type_id, m.stream_id, [&m.payload, &[]]);
        }
        prop_assert_eq!(read_cut(&bytes, &cuts, chunk_size), Ok(messages));
    }

    #[test]
    fn interleaved_chunk_streams_come_apart_again(
        streams in prop::collection::vec((2_u32..65_600, any_message()), 2..8),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let mut streams = streams;
        streams.sort_by_key(|(id, _)| *id);
        streams.dedup_by_key(|(id, _)| *id);
        let mut queues: Vec<_> =
            streams.iter().map(|(id, m)| (m, chunks(*id, m, 128).into_iter().collect::<std::collections::VecDeque<_>>())).collect();
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        let mut picks = picks.into_iter();
        while !queues.is_empty() {
            let n = picks.next().map_or(0, |pick| pick.index(queues.len()));
            bytes.extend(queues[n].1.pop_front().unwrap());
            if queues[n].1.is_empty() {
                expected.push(queues.remove(n).0.clone());
            }
        }
        prop_assert_eq!(read_cut(&bytes, &cuts, 128), Ok(expected));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_hold_more_than_allowed(
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
        chunk_size in 1_u32..5000,
    ) {
        let mut reader = ChunkReader::new(4);
        reader.set_chunk_size(chunk_size).unwrap();
        let allowance = Allowance { buffered: 2000, message: 1500, is_trusted: false };
        for mut piece in bytes.chunks(37) {
            loop {
                match reader.read(&mut piece, allowance) {
                    Ok(Some(message)) => prop_assert!(message.payload.len() <= 1500),
                    Ok(None) => break,
                    Err(_) => return Ok(()),
                }
                prop_assert!(reader.buffered_bytes() <= 2000);
            }
        }
    }
}

#[test]
fn later_headers_lean_on_earlier_ones() {
    let bytes = [
        // Type 0 at 1000, type 1 with +20 and a new length, type 2 with +30, type 3 repeats the 30.
        &[0x06, 0, 3, 0xE8, 0, 0, 2, 9, 1, 0, 0, 0, b'a', b'b'][..],
        &[0x46, 0, 0, 20, 0, 0, 1, 8, b'c'],
        &[0x86, 0, 0, 30, b'd'],
        &[0xC6, b'e'],
    ]
    .concat();
    assert_eq!(
        read(&bytes).unwrap(),
        [
            message(1000, 9, 1, b"ab"),
            message(1020, 8, 1, b"c"),
            message(1050, 8, 1, b"d"),
            message(1080, 8, 1, b"e"),
        ]
    );
}

#[test]
fn a_type_3_chunk_after_type_0_adds_its_time_again() {
    // RTMP 5.3.1.2.4; ffmpeg's publisher relies on it.
    let bytes = [&[0x04, 0, 0, 23, 0, 0, 1, 8, 1, 0, 0, 0, b'a'][..], &[0xC4, b'b']].concat();
    assert_eq!(read(&bytes).unwrap(), [message(23, 8, 1, b"a"), message(46, 8, 1, b"b")]);
}

#[test]
fn an_extended_delta_is_added_and_its_repetition_is_no_payload() {
    let payload = [7_u8; 130];
    let mut bytes = vec![0x06, 0, 0, 5, 0, 0, 1, 9, 1, 0, 0, 0, b'a'];
    bytes.extend_from_slice(&[0x46, 0xFF, 0xFF, 0xFF, 0, 0, 130, 9, 0x01, 0, 0, 0]);
    bytes.extend_from_slice(&payload[..128]);
    bytes.extend_from_slice(&[0xC6, 0x01, 0, 0, 0, 7, 7]);
    let messages = read(&bytes).unwrap();
    assert_eq!(messages[1], message(5 + 0x0100_0000, 9, 1, &payload));
}

#[test]
fn an_encoder_that_does_not_repeat_the_extended_timestamp_is_understood() {
    for length in [129_usize, 130, 131, 132, 133, 300] {
        let payload: Vec<u8> = (0..length).map(|n| n as u8).collect();
        let mut bytes = vec![0x06, 0xFF, 0xFF, 0xFF, 0, (length >> 8) as u8, length as u8, 9, 1, 0, 0, 0];
        bytes.extend_from_slice(&0x0200_0000_u32.to_be_bytes());
        for (n, piece) in payload.chunks(128).enumerate() {
            if n > 0 {
                bytes.push(0xC6);
            }
            bytes.extend_from_slice(piece);
        }
        // What follows at once must not be lost in what looked like a timestamp.
        let small = [0x04, 0, 0, 9, 0, 0, 0, 8, 1, 0, 0, 0];
        bytes.extend_from_slice(&small);
        bytes.extend_from_slice(&[0xC4, 0xC4, 0xC4, 0xC4]);
        let messages = read(&bytes).unwrap();
        assert_eq!(messages[0], message(0x0200_0000, 9, 1, &payload), "length {length}");
        assert_eq!(messages.len(), 6);
    }
}

#[test]
fn a_type_3_or_2_chunk_without_a_header_is_an_error() {
    assert_eq!(read(&[0xC6, 1, 2]), Err(ChunkError::NoHeader { format: 3, chunk_stream: 6 }));
    assert_eq!(read(&[0x86, 0, 0, 1, 1]), Err(ChunkError::NoHeader { format: 2, chunk_stream: 6 }));
}

#[test]
fn librtmp_may_open_a_chunk_stream_with_type_1() {
    let bytes = [0x42, 0, 0, 0, 0, 0, 4, 3, 0, 0, 1, 0];
    assert_eq!(read(&bytes).unwrap(), [message(0, 3, 0, &[0, 0, 1, 0])]);
}

#[test]
fn a_header_inside_an_unfinished_message_is_an_error() {
    let mut bytes = vec![0x06, 0, 0, 5, 0, 0, 130, 9, 1, 0, 0, 0];
    bytes.extend_from_slice(&[0; 128]);
    bytes.extend_from_slice(&[0x06, 0, 0, 5, 0, 0, 130, 9, 1, 0, 0, 0]);
    assert_eq!(
        read_cut(&bytes, &[], 128),
        Err(ChunkError::MessageUnfinished { chunk_stream: 6, missing: 2 })
    );
}

#[test]
fn an_aborted_message_makes_room_for_the_next() {
    let mut reader = ChunkReader::new(4);
    let mut start = vec![0x06, 0, 0, 5, 0, 0, 130, 9, 1, 0, 0, 0];
    start.extend_from_slice(&[0; 128]);
    assert_eq!(reader.read(&mut &start[..], GENEROUS), Ok(None));
    assert!(reader.buffered_bytes() > 0);
    reader.abort(6);
    reader.abort(7);
    assert_eq!(reader.buffered_bytes(), 0);
    let next = [0x06, 0, 0, 9, 0, 0, 1, 9, 1, 0, 0, 0, b'x'];
    assert_eq!(reader.read(&mut &next[..], GENEROUS), Ok(Some(message(9, 9, 1, b"x"))));
}

#[test]
fn a_long_message_that_was_only_announced_holds_next_to_nothing() {
    for (is_trusted, most) in [(false, FIRST_RESERVATION_OF_STRANGERS), (true, FIRST_RESERVATION)] {
        let allowance = Allowance { is_trusted, ..GENEROUS };
        let mut reader = ChunkReader::new(4);
        reader.set_chunk_size(0x7FFF_FFFF).unwrap();
        let header = [0x06, 0, 0, 5, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0];
        assert_eq!(reader.read(&mut &header[..], allowance), Ok(None));
        assert_eq!(reader.buffered_bytes(), 0);
        assert_eq!(reader.read(&mut &[1][..], allowance), Ok(None));
        assert!(reader.buffered_bytes() <= most);
        assert_eq!(reader.read(&mut &vec![1; 600_000][..], allowance), Ok(None));
        assert!(reader.buffered_bytes() <= 1_200_002, "memory follows what arrived");
    }
}

#[test]
fn limits_are_named_in_the_error() {
    let header = |chunk_stream: u8| [chunk_stream, 0, 0, 5, 0, 4, 0, 9, 1, 0, 0, 0, b'x'];
    let allowance = Allowance { buffered: 2100, message: 1024, is_trusted: false };
    let mut reader = ChunkReader::new(2);
    reader.set_chunk_size(1).unwrap();
    assert_eq!(reader.read(&mut &header(3)[..], allowance), Ok(None));
    assert_eq!(reader.read(&mut &header(4)[..], allowance), Ok(None));
    assert_eq!(
        reader.read(&mut &header(5)[..], allowance),
        Err(ChunkError::TooManyChunkStreams { limit: 2 })
    );

    let mut reader = ChunkReader::new(2);
    let smaller = Allowance { message: 1023, ..allowance };
    assert_eq!(
        reader.read(&mut &header(3)[..], smaller),
        Err(ChunkError::MessageTooLong { chunk_stream: 3, length: 1024, limit: 1023 })
    );

    let mut reader = ChunkReader::new(2);
    reader.set_chunk_size(600).unwrap();
    let smaller = Allowance { buffered: 1000, ..allowance };
    let mut bytes = header(3).to_vec();
    bytes.extend([0; 599]);
    assert_eq!(reader.read(&mut &bytes[..], smaller), Ok(None));
    bytes[0] = 4;
    assert_eq!(
        reader.read(&mut &bytes[..], smaller),
        Err(ChunkError::TooMuchBuffered { needed: 1200, allowed: 1000 })
    );

    for size in [0, 0x8000_0000, u32::MAX] {
        assert_eq!(reader.set_chunk_size(size), Err(ChunkError::ChunkSize { size }));
    }
}
