//! The rows of the threat model about the parser: what a hostile peer makes a server session hold.

use super::*;

/// Feeds a stranger's bytes in pieces and returns the error that ends it, watching what it makes us hold.
fn end_of(session: &mut ServerSession, mut bytes: impl FnMut() -> Vec<u8>) -> SessionError {
    for _ in 0..100_000 {
        if let Err(error) = session.receive(&bytes()) {
            return error;
        }
        assert!(session.buffered_bytes() <= 256 << 10, "{}", session.buffered_bytes());
        session.take_output();
    }
    panic!("it was never ended");
}

#[test]
fn a_chunk_size_of_16_mib_reserves_nothing() {
    let mut session = session();
    Peer::shaken_hands(&mut session);
    let mut bytes = BytesMut::new();
    put_message(&mut bytes, 128, 2, 0, kind::SET_CHUNK_SIZE, 0, [&(16_u32 << 20).to_be_bytes(), &[]]);
    bytes.extend_from_slice(&[0x03, 0, 0, 0, 0x03, 0xFF, 0xFF, 20, 0, 0, 0, 0, 2]);
    session.receive(&bytes).unwrap();
    assert!(session.buffered_bytes() < 10_000, "{}", session.buffered_bytes());
    let error = end_of(&mut session, || vec![2; 5000]);
    assert!(matches!(error, SessionError::Chunk(ChunkError::TooMuchBuffered { .. })), "{error}");
}

#[test]
fn a_message_longer_than_a_strangers_memory_ends_at_its_header() {
    let mut session = session();
    Peer::shaken_hands(&mut session);
    let header = [0x03, 0, 0, 0, 0xFF, 0xFF, 0xFF, 20, 0, 0, 0, 0];
    let error = session.receive(&header).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { .. })), "{error}");
}

#[test]
fn partial_messages_on_many_chunk_streams_are_bounded() {
    let mut session = session();
    Peer::shaken_hands(&mut session);
    let mut id = 2;
    let error = end_of(&mut session, || {
        id += 1;
        let mut bytes = vec![0x00, id, 0, 0, 0, 0, 0x80, 0, 8, 1, 0, 0, 0];
        bytes.extend_from_slice(&[0; 128]);
        bytes
    });
    assert!(matches!(error, SessionError::Chunk(ChunkError::TooManyChunkStreams { limit: 32 })), "{error}");
}

#[test]
fn a_publisher_with_partial_messages_stays_within_8_mib() {
    let (mut session, _) = publisher();
    let (mut most, mut id) = (0, 63);
    let error = loop {
        id += 1;
        // 20 messages of 500 kB, each but for its last byte, in one chunk.
        let mut bytes = vec![0x00, id, 0, 0, 0, 0x07, 0xA1, 0x20, 8, 1, 0, 0, 0];
        bytes.extend_from_slice(&vec![0; 499_999]);
        match session.receive(&bytes) {
            Ok(()) => most = most.max(session.buffered_bytes()),
            Err(error) => break error,
        }
    };
    assert!(most <= 8 << 20, "{most}");
    assert!(matches!(error, SessionError::Chunk(_)), "{error}");
}

#[test]
fn ten_thousand_nested_objects_end_the_session_and_nothing_else() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    let deep = [3, 0, 1, b'a'].repeat(10_000);
    let mut bytes = BytesMut::new();
    let name = b"\x02\x00\x07connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00";
    put_message(&mut bytes, crate::wire::CHUNK_SIZE, 3, 0, kind::COMMAND_AMF0, 0, [name, &deep]);
    peer.answers(&mut session);
    let error = session.receive(&bytes).unwrap_err();
    assert!(matches!(error, SessionError::Command(crate::Amf0Error::TooDeep { .. })), "{error}");
}

#[test]
fn a_flood_of_pings_that_are_never_read_is_bounded() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    let mut flood = Vec::new();
    for _ in 0..20_000 {
        peer.outbox.user_control(event::PING_REQUEST, 1);
        flood.extend_from_slice(&peer.outbox.take());
    }
    let error = session.receive(&flood).unwrap_err();
    assert!(matches!(error, SessionError::TooMuchHeld { .. }), "{error}");
    assert!(session.buffered_bytes() <= 300 << 10, "{}", session.buffered_bytes());
}

#[test]
fn a_flood_of_tiny_frames_counts_what_its_events_hold() {
    let (mut session, mut peer) = publisher();
    peer.media(&mut session, 0, &[1]).unwrap();
    let error = session.receive(&[0xC6, 1].repeat(1 << 20)).unwrap_err();
    assert!(matches!(error, SessionError::TooMuchHeld { .. }), "{error}");
    assert!(session.buffered_bytes() <= 16 << 20);
}

#[test]
fn an_aggregate_of_tiny_tags_counts_what_its_events_hold() {
    let (mut session, _) = publisher();
    let tag = [8, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xAF, 0, 0, 0, 12];
    let tags = tag.repeat((4 << 20) / tag.len());
    let mut bytes = BytesMut::new();
    put_message(&mut bytes, crate::wire::CHUNK_SIZE, 6, 0, kind::AGGREGATE, 1, [&tags, &[]]);
    let error = session.receive(&bytes).unwrap_err();
    assert!(matches!(error, SessionError::TooMuchHeld { .. }), "{error}");
    assert!(session.buffered_bytes() <= 16 << 20, "{}", session.buffered_bytes());
}

#[test]
fn a_handshake_of_single_bytes_holds_no_more_than_the_handshake() {
    let mut session = session();
    let (_, opening) = Handshake::client();
    for byte in opening {
        session.receive(&[byte]).unwrap();
        assert!(session.buffered_bytes() <= 2 * PEER_BYTES + 2000, "{}", session.buffered_bytes());
    }
    assert!(!session.is_handshake_done());
}

#[test]
fn media_of_someone_who_does_not_publish_is_dropped() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    for _ in 0..1000 {
        peer.media(&mut session, 0, &[0x17; 3000]).unwrap();
    }
    assert_eq!(session.next_event(), None);
    assert!(session.buffered_bytes() < 10_000);
}

#[test]
fn control_messages_without_their_fields_are_errors() {
    for type_id in [1, 2, 3, 5] {
        let mut session = session();
        Peer::shaken_hands(&mut session);
        let error = session.receive(&[0x02, 0, 0, 0, 0, 0, 1, type_id, 0, 0, 0, 0, 9]).unwrap_err();
        assert_eq!(error, SessionError::ControlTooShort { type_id, length: 1 });
    }
}
