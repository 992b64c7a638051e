use super::*;
use proptest::prelude::*;

use crate::chunk::{Allowance, ChunkReader, Message};

fn frame(track: Track, kind: FrameKind, timestamp_ms: u64, payload: &[u8]) -> Frame {
    Frame { track, kind, timestamp_ms, payload: Bytes::copy_from_slice(payload) }
}

fn encoded(frame: &Frame) -> Bytes {
    let mut out = BytesMut::new();
    encode(frame, &mut out);
    out.freeze()
}

fn read(bytes: &[u8]) -> Vec<Message> {
    read_in_pieces(bytes, bytes.len())
}

fn read_in_pieces(bytes: &[u8], size: usize) -> Vec<Message> {
    let mut reader = ChunkReader::new(8);
    reader.set_chunk_size(CHUNK_SIZE as u32).unwrap();
    let allowance = Allowance { buffered: 16 << 20, message: 16 << 20, is_trusted: true };
    let mut messages = Vec::new();
    for mut piece in bytes.chunks(size) {
        while let Some(message) = reader.read(&mut piece, allowance).unwrap() {
            messages.push(message);
        }
    }
    messages
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let track = prop_oneof![Just(Track::Video), Just(Track::Audio), Just(Track::Data)];
    let timestamp = prop_oneof![0_u64..100_000, 16_777_200_u64..16_777_230, 4_294_967_280_u64..4_294_967_310];
    let length = prop_oneof![0_usize..2000, 65_500_usize..65_600, 131_000_usize..131_100];
    (track, timestamp, length, any::<u8>()).prop_map(|(track, timestamp_ms, length, seed)| {
        let payload: Vec<u8> = (0..length).map(|n| (n as u8).wrapping_mul(31).wrapping_add(seed)).collect();
        frame(track, FrameKind::Delta, timestamp_ms, &payload)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_frames_read_back_as_they_were_from_pieces_of_any_size(
        frames in prop::collection::vec(any_frame(), 1..8),
        size in prop_oneof![1_usize..64, 1000_usize..200_000],
    ) {
        let mut bytes = BytesMut::new();
        for frame in &frames {
            encode(frame, &mut bytes);
        }
        let messages = read_in_pieces(&bytes, size);
        prop_assert_eq!(messages.len(), frames.len());
        for (message, frame) in messages.iter().zip(&frames) {
            prop_assert_eq!(message.timestamp, frame.timestamp_ms as u32);
            prop_assert_eq!(message.stream_id, MESSAGE_STREAM_ID);
            prop_assert_eq!(&message.payload, &frame.payload);
        }
    }

    #[test]
    fn a_message_gives_its_payload_and_time_back(frame in any_frame()) {
        let message = encoded(&frame);
        prop_assert_eq!(payload(&message), &frame.payload);
        prop_assert_eq!(timestamp(&message), frame.timestamp_ms as u32);
    }

    #[test]
    fn a_readdressed_message_differs_in_its_address_alone(frame in any_frame(), stream_id in any::<u32>()) {
        let message = encoded(&frame);
        let (header, rest) = readdress(&message, stream_id);
        let messages = read(&[&header[..], &rest].concat());
        prop_assert_eq!(messages.len(), 1);
        prop_assert_eq!(messages[0].stream_id, stream_id);
        prop_assert_eq!(&messages[0].payload, &frame.payload);
        prop_assert_eq!(messages[0].timestamp, frame.timestamp_ms as u32);
    }
}

#[test]
fn a_frame_has_exactly_these_bytes() {
    let audio = frame(Track::Audio, FrameKind::Delta, 0x01_02_03, b"xy");
    assert_eq!(encoded(&audio)[..], [0x04, 1, 2, 3, 0, 0, 2, 8, 1, 0, 0, 0, b'x', b'y']);
    let late = frame(Track::Video, FrameKind::Key, 0x1_0000_0000 + 0xFF_FFFF, b"z");
    assert_eq!(
        encoded(&late)[..],
        [0x06, 0xFF, 0xFF, 0xFF, 0, 0, 1, 9, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, b'z']
    );
}

#[test]
fn every_chunk_of_a_late_frame_repeats_its_time() {
    let payload = vec![5; CHUNK_SIZE * 2 + 1];
    let message = encoded(&frame(Track::Video, FrameKind::Key, 0x0200_0000, &payload));
    assert_eq!(message.len(), 16 + payload.len() + 2 * 5);
    let second = 16 + CHUNK_SIZE;
    assert_eq!(message[second..second + 5], [0xC6, 2, 0, 0, 0]);
}

#[test]
fn the_payload_of_a_single_chunk_is_shared_and_not_copied() {
    let message = encoded(&frame(Track::Video, FrameKind::Key, 7, &[1; 5000]));
    let body = payload(&message);
    assert_eq!(body.as_ptr(), message[HEADER..].as_ptr());
}

#[test]
fn metadata_is_an_instruction_for_destinations_and_plain_for_players() {
    let metadata = frame(Track::Data, FrameKind::Header, 0, b"\x02\x00\x0aonMetaData\x05");
    let mut out = BytesMut::new();
    encode_for(Receiver::Destination, &metadata, &mut out);
    let expected = [SET_DATA_FRAME, &metadata.payload].concat();
    assert_eq!(read(&out)[0].payload, expected);
    assert_eq!(payload(&encoded(&metadata)), metadata.payload);
    assert_eq!(set_data_frame(&encoded(&metadata)), out);
}

#[test]
fn all_other_messages_are_the_same_for_both_receivers() {
    for (track, kind) in [
        (Track::Data, FrameKind::Delta),
        (Track::Audio, FrameKind::Header),
        (Track::Video, FrameKind::Header),
        (Track::Video, FrameKind::Key),
    ] {
        let frame = frame(track, kind, 12, b"body");
        let mut out = BytesMut::new();
        encode_for(Receiver::Destination, &frame, &mut out);
        assert_eq!(out, encoded(&frame));
        assert!(!is_metadata(&frame));
    }
}
