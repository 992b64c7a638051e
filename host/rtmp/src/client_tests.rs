use super::*;
use bytes::BytesMut;
use neustream_media::{Frame, FrameKind, Track};
use proptest::prelude::*;

use crate::chunk::ChunkError;
use crate::handshake::{Handshake, PEER_BYTES};
use crate::message::{Outbox, event, put_message};
use crate::wire::{self, Receiver};
use crate::{Rejection, ServerEvent, ServerSession, SessionLimits};

const KEY: &str = "live_123_5ec7e7key";

fn client() -> ClientSession {
    ClientSession::publish(PublishRequest {
        app: "live".to_owned(),
        tc_url: "rtmp://destination.example/live".to_owned(),
        stream_name: Secret::new(format!("{KEY}?bandwidthtest=true")),
    })
}

/// Carries bytes between the two in pieces of `size` until neither has more to say.
fn converse(client: &mut ClientSession, server: &mut ServerSession, size: usize) {
    loop {
        let (to_server, to_client) = (client.take_output(), server.take_output());
        if to_server.is_empty() && to_client.is_empty() {
            return;
        }
        for piece in to_server.chunks(size) {
            server.receive(piece).unwrap();
        }
        for piece in to_client.chunks(size) {
            client.receive(piece).unwrap();
        }
    }
}

/// A client that publishes to a server session, both past their formalities.
fn publishing(size: usize) -> (ClientSession, ServerSession) {
    let (mut client, mut server) = (client(), ServerSession::new(SessionLimits::default()));
    converse(&mut client, &mut server, size);
    let Some(ServerEvent::Connected(info)) = server.next_event() else { panic!("connected") };
    assert_eq!(info.tc_url.as_deref(), Some("rtmp://destination.example/live"));
    assert!(info.is_enhanced());
    let name = format!("{KEY}?bandwidthtest=true");
    assert_eq!(server.next_event(), Some(ServerEvent::PublishRequested { app: "live".to_owned(), name }));
    server.accept();
    converse(&mut client, &mut server, size);
    assert_eq!(client.next_event(), Some(ClientEvent::Publishing { message_stream_id: 1 }));
    (client, server)
}

/// A client past its handshake, told `answers` by a destination made of parts.
fn told(answers: impl FnOnce(&mut Outbox)) -> (ClientSession, Result<(), SessionError>) {
    let mut client = client();
    let mut handshake = Handshake::server();
    let mut response = Vec::new();
    handshake.advance(&mut &client.take_output()[..], &mut response).unwrap();
    client.receive(&response).unwrap();
    let mut outbox = Outbox::new();
    answers(&mut outbox);
    let result = client.receive(&outbox.take());
    (client, result)
}

fn status(code: &str, description: &str) -> Value {
    Value::object([("level", "error".into()), ("code", code.into()), ("description", description.into())])
}

fn frames() -> Vec<Frame> {
    let frame = |track, kind, timestamp_ms, payload: &[u8]| Frame {
        track,
        kind,
        timestamp_ms,
        payload: Bytes::copy_from_slice(payload),
    };
    let mut metadata = BytesMut::new();
    Value::from("onMetaData").encode(&mut metadata);
    Value::EcmaArray(vec![("width".to_owned(), Value::Number(640.0))]).encode(&mut metadata);
    let picture = [&[0x17, 1, 0, 0, 0][..], &vec![7; 200_000]].concat();
    vec![
        frame(Track::Data, FrameKind::Header, 0, &metadata),
        frame(Track::Video, FrameKind::Header, 0, &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1F, 0xFF]),
        frame(Track::Audio, FrameKind::Header, 0, &[0xAF, 0, 0x12, 0x10]),
        frame(Track::Video, FrameKind::Key, 0, &picture),
        frame(Track::Audio, FrameKind::Delta, 21, &[0xAF, 1, 1, 2, 3]),
        frame(Track::Video, FrameKind::Delta, 16_777_215, &[0x27, 1, 0, 0, 0, 9]),
        frame(
            Track::Video,
            FrameKind::Delta,
            16_777_249,
            &[&[0x27, 1, 0, 0, 0][..], &vec![9; 200_000]].concat(),
        ),
    ]
}

#[test]
fn frames_arrive_at_a_server_session_as_they_left() {
    for size in [1, 3, 1000, 1 << 20] {
        let (mut client, mut server) = publishing(size);
        let mut bytes = BytesMut::new();
        for frame in &frames() {
            wire::encode_for(Receiver::Destination, frame, &mut bytes);
        }
        for piece in bytes.chunks(size) {
            server.receive(piece).unwrap();
        }
        let arrived: Vec<Frame> = std::iter::from_fn(|| server.next_event())
            .map(|event| if let ServerEvent::Frame(frame) = event { frame } else { panic!("{event:?}") })
            .collect();
        assert_eq!(arrived.len(), frames().len());
        for (arrived, sent) in arrived.iter().zip(&frames()) {
            assert!(arrived == sent, "{:?} frame at {}", sent.kind, sent.timestamp_ms);
        }
        client.finish();
        converse(&mut client, &mut server, size);
        assert_eq!(server.next_event(), Some(ServerEvent::Ended));
        assert_eq!(server.next_event(), None);
    }
}

#[test]
fn acknowledgements_count_the_media() {
    let (mut client, mut server) = publishing(4096);
    let frame = &frames()[3];
    let mut sent = 0;
    let mut last = 0;
    for _ in 0..20 {
        let mut bytes = BytesMut::new();
        wire::encode(frame, &mut bytes);
        sent += bytes.len() as u64;
        server.receive(&bytes).unwrap();
        while server.next_event().is_some() {}
        converse(&mut client, &mut server, 4096);
        while let Some(event) = client.next_event() {
            let ClientEvent::Acknowledged { bytes } = event else { panic!("{event:?}") };
            assert!(bytes > last);
            last = bytes;
        }
    }
    assert!(last > sent - 600_000 && last < sent + 2000, "{last} of {sent}");
}

#[test]
fn acknowledgements_go_on_when_their_count_wraps_or_begins_anew() {
    let mut client = client();
    for count in [1_000_000_000, 2_000_000_000, 4_294_000_000, 1_000_000, 4_026_531_000, 500_000] {
        client.acknowledged(count);
    }
    let expected = 4_294_000_000_u64 + (1_000_000 + 967_296) + 4_025_531_000 + 500_000;
    assert_eq!(client.next_event(), Some(ClientEvent::Acknowledged { bytes: expected }));
    assert_eq!(client.next_event(), None, "they replace each other");
}

#[test]
fn a_rejection_reaches_the_caller() {
    let (mut client, mut server) = (client(), ServerSession::new(SessionLimits::default()));
    converse(&mut client, &mut server, 4096);
    server.reject(Rejection::bad_name("Unknown stream key."));
    converse(&mut client, &mut server, 4096);
    let (code, description) = ("NetStream.Publish.BadName".to_owned(), "Unknown stream key.".to_owned());
    assert_eq!(client.next_event(), Some(ClientEvent::Refused { code, description }));
}

#[test]
fn the_end_by_the_destination_reaches_the_caller_once() {
    let (mut client, mut server) = publishing(4096);
    server.end_publish("Maintenance.");
    converse(&mut client, &mut server, 4096);
    let (code, description) = ("NetStream.Unpublish.Success".to_owned(), "Maintenance.".to_owned());
    assert_eq!(client.next_event(), Some(ClientEvent::Ended { code, description }));
    assert_eq!(client.next_event(), None);
}

#[test]
fn a_refused_connect_reaches_the_caller() {
    let (mut client, result) = told(|outbox| {
        let info = status("NetConnection.Connect.Rejected", "no such application");
        outbox.command(0, "_error", 1.0, &[Value::Null, info]);
    });
    result.unwrap();
    assert!(
        matches!(client.next_event(), Some(ClientEvent::Refused { code, .. }) if code == "NetConnection.Connect.Rejected")
    );
}

#[test]
fn servers_that_do_not_know_release_stream_do_no_harm() {
    let (mut client, result) = told(|outbox| {
        outbox.command(0, "onBWDone", 0.0, &[Value::Null]);
        outbox.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
        outbox.command(0, "_error", 2.0, &[Value::Null, status("NetConnection.Call.Failed", "")]);
        outbox.command(0, "_error", 3.0, &[Value::Null, status("NetConnection.Call.Failed", "")]);
        outbox.command(0, "_result", 4.0, &[Value::Null, Value::Number(7.0)]);
        outbox.command(
            7,
            "onStatus",
            0.0,
            &[Value::Null, Value::object([("code", "NetStream.Publish.Start".into())])],
        );
    });
    result.unwrap();
    assert_eq!(client.next_event(), Some(ClientEvent::Publishing { message_stream_id: 7 }));
}

#[test]
fn a_description_that_repeats_the_key_is_cleaned() {
    let (mut client, result) = told(|outbox| {
        let text =
            format!("\u{1b}[31mstream {KEY}?bandwidthtest=true ({KEY}) unknown\r\n{}", "x".repeat(900));
        outbox.command(0, "_error", 1.0, &[Value::Null, status(KEY, &text)]);
    });
    result.unwrap();
    let Some(ClientEvent::Refused { code, description }) = client.next_event() else { panic!("refused") };
    assert_eq!(code, "***");
    assert!(description.starts_with("[31mstream *** (***) unknownxxx"), "{description}");
    assert_eq!(description.len(), MAX_TEXT);
}

#[test]
fn a_key_in_pieces_is_not_put_together_by_cleaning() {
    assert_eq!(presentable("k\u{1}ey and ke\ny", "key?a=b"), "*** and ***");
    assert_eq!(presentable("nothing", ""), "nothing");
}

#[test]
fn time_goes_on_through_a_session_across_24_and_32_bits() {
    for boundary in [1_u64 << 24, (1 << 24) - 1, 1 << 32, 1 << 31] {
        let (_, mut server) = publishing(4096);
        let times: Vec<u64> = (0..200).map(|n| boundary - 3000 + n * 33).collect();
        let mut bytes = BytesMut::new();
        for &timestamp_ms in &times {
            let payload = Bytes::from_static(&[0x27, 1, 0, 0, 0, 9]);
            wire::encode(
                &Frame { track: Track::Video, kind: FrameKind::Delta, timestamp_ms, payload },
                &mut bytes,
            );
        }
        server.receive(&bytes).unwrap();
        let arrived: Vec<u64> = std::iter::from_fn(|| server.next_event())
            .filter_map(
                |event| if let ServerEvent::Frame(frame) = event { Some(frame.timestamp_ms) } else { None },
            )
            .collect();
        assert_eq!(arrived, times);
    }
}

#[test]
fn the_stream_key_appears_in_no_debug_output() {
    let client = client();
    let text = format!("{client:?} {:?}", client.request);
    assert!(text.contains("live") && !text.contains(KEY), "{text}");
}

#[test]
fn pings_of_the_destination_are_answered() {
    let (mut client, result) = told(|outbox| outbox.user_control(event::PING_REQUEST, 77));
    result.unwrap();
    let output = client.take_output();
    assert!(output.ends_with(&[0, 7, 0, 0, 0, 77]));
}

#[test]
fn nothing_is_said_at_the_end_of_what_never_began() {
    let mut client = client();
    client.take_output();
    client.finish();
    assert!(client.take_output().is_empty());
}

#[test]
fn a_destination_cannot_make_us_hold_much() {
    let (mut client, result) = told(|outbox| {
        outbox.set_chunk_size();
        for _ in 0..2000 {
            outbox.acknowledgement(5);
        }
    });
    result.unwrap();
    let mut bytes = BytesMut::new();
    put_message(&mut bytes, wire::CHUNK_SIZE, 6, 0, kind::VIDEO, 1, [&vec![0; 64 << 10], &[]]);
    for _ in 0..20 {
        client.receive(&bytes).unwrap();
        assert!(client.buffered_bytes() < 10_000, "{}", client.buffered_bytes());
    }
    let too_long = [0x06, 0, 0, 0, 1, 0, 1, 9, 1, 0, 0, 0];
    let error = client.receive(&too_long).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::MessageTooLong { .. })), "{error}");
}

proptest! {
    #[test]
    fn a_hostile_destination_never_panics_us(noise in prop::collection::vec(any::<u8>(), 0..2000), size in 1_usize..500) {
        let (mut client, result) = told(Outbox::set_chunk_size);
        result.unwrap();
        for piece in noise.chunks(size) {
            if client.receive(piece).is_err() {
                break;
            }
            prop_assert!(client.buffered_bytes() <= MAX_HELD);
        }
    }

    #[test]
    fn any_handshake_answer_is_survived(answer in prop::collection::vec(any::<u8>(), PEER_BYTES..PEER_BYTES + 50)) {
        let mut client = client();
        let _ = client.receive(&answer);
    }
}
