use super::*;
use bytes::BytesMut;
use neustream_media::Track;

use crate::chunk::{Allowance, ChunkError, ChunkReader};
use crate::handshake::{Handshake, PEER_BYTES};
use crate::message::{Outbox, put_message};

const KEY: &str = "sk_tenant_source_5ec7e7";

/// A peer made of parts: writes commands, reads answers.
struct Peer {
    outbox: Outbox,
    reader: ChunkReader,
}

/// An answer of the server.
enum Answer {
    Command(Command, u32),
    Control(Message),
    Data,
}

impl Peer {
    /// A peer whose handshake with `session` is done.
    fn shaken_hands(session: &mut ServerSession) -> Self {
        let (mut handshake, opening) = Handshake::client();
        session.receive(&opening).unwrap();
        let mut closing = Vec::new();
        assert!(handshake.advance(&mut &session.take_output()[..], &mut closing).unwrap());
        session.receive(&closing).unwrap();
        assert!(session.is_handshake_done());
        Self { outbox: Outbox::new(), reader: ChunkReader::new(32) }
    }

    fn connected(session: &mut ServerSession, object: Value) -> Self {
        let mut peer = Self::shaken_hands(session);
        peer.outbox.set_chunk_size();
        peer.outbox.command(0, "connect", 1.0, &[object]);
        session.receive(&peer.outbox.take()).unwrap();
        assert!(matches!(session.next_event(), Some(ServerEvent::Connected(_))));
        peer
    }

    fn plain(session: &mut ServerSession) -> Self {
        Self::connected(session, Value::object([("app", "live".into())]))
    }

    /// Says a command on message stream 1 and returns the names and codes of the answers.
    fn say(
        &mut self,
        session: &mut ServerSession,
        name: &str,
        transaction: f64,
        arguments: &[Value],
    ) -> Vec<String> {
        self.outbox.command(1, name, transaction, arguments);
        session.receive(&self.outbox.take()).unwrap();
        self.heard(session)
    }

    fn answers(&mut self, session: &mut ServerSession) -> Vec<Answer> {
        let output = session.take_output();
        let mut input = &output[..];
        let allowance = Allowance { buffered: 1 << 20, message: 1 << 20, is_trusted: true };
        let mut answers = Vec::new();
        while let Some(message) = self.reader.read(&mut input, allowance).unwrap() {
            if message.type_id == kind::SET_CHUNK_SIZE {
                self.reader
                    .set_chunk_size(u32::from_be_bytes(message.payload[..].try_into().unwrap()))
                    .unwrap();
            }
            answers.push(match message.type_id {
                kind::COMMAND_AMF0 => Answer::Command(Command::parse(&message).unwrap(), message.stream_id),
                kind::DATA_AMF0 => Answer::Data,
                _ => Answer::Control(message),
            });
        }
        answers
    }

    fn heard(&mut self, session: &mut ServerSession) -> Vec<String> {
        let describe = |answer| match answer {
            Answer::Command(command, _) if command.name == "onStatus" => {
                command.arguments[0].get("code").unwrap().as_str().unwrap().to_owned()
            }
            Answer::Command(command, _) => format!("{} {}", command.name, command.transaction),
            Answer::Control(message) => format!("control {}", message.type_id),
            Answer::Data => "data".to_owned(),
        };
        self.answers(session).into_iter().map(describe).collect()
    }

    #[expect(clippy::unused_self, reason = "it is the peer who sends")]
    fn media(
        &mut self,
        session: &mut ServerSession,
        timestamp: u32,
        payload: &[u8],
    ) -> Result<(), SessionError> {
        let mut bytes = BytesMut::new();
        put_message(&mut bytes, crate::wire::CHUNK_SIZE, 6, timestamp, kind::VIDEO, 1, [payload, &[]]);
        session.receive(&bytes)
    }
}

fn session() -> ServerSession {
    ServerSession::new(SessionLimits::default())
}

fn publisher() -> (ServerSession, Peer) {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.say(&mut session, "publish", 5.0, &[Value::Null, KEY.into(), "live".into()]);
    session.next_event().unwrap();
    session.accept();
    peer.heard(&mut session);
    (session, peer)
}

#[test]
fn a_publisher_is_answered_in_the_customary_order() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    assert_eq!(peer.heard(&mut session), ["control 5", "control 6", "control 1", "_result 1"]);
    let name = || [Value::Null, KEY.into()];
    assert_eq!(peer.say(&mut session, "releaseStream", 2.0, &name()), ["_result 2"]);
    assert_eq!(peer.say(&mut session, "FCPublish", 3.0, &name()), ["_result 3", "onFCPublish 0"]);
    assert_eq!(peer.say(&mut session, "createStream", 4.0, &[Value::Null]), ["_result 4"]);
    assert_eq!(
        peer.say(&mut session, "publish", 5.0, &[Value::Null, "key?a=b".into(), "live".into()]),
        [""; 0]
    );
    let event = session.next_event().unwrap();
    assert_eq!(event, ServerEvent::PublishRequested { app: "live".to_owned(), name: "key?a=b".to_owned() });
    session.accept();
    assert_eq!(peer.heard(&mut session), ["control 4", "NetStream.Publish.Start"]);
    peer.media(&mut session, 40, &[0x17, 1, 0, 0, 0, 1]).unwrap();
    let Some(ServerEvent::Frame(frame)) = session.next_event() else { panic!("a frame") };
    assert_eq!((frame.track, frame.timestamp_ms, frame.payload.len()), (Track::Video, 40, 6));
}

#[test]
fn streams_get_ids_of_their_own() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.answers(&mut session);
    for expected in [1.0, 2.0, 3.0] {
        peer.outbox.command(0, "createStream", 4.0, &[Value::Null]);
        session.receive(&peer.outbox.take()).unwrap();
        let answers = peer.answers(&mut session);
        let [Answer::Command(result, 0)] = &answers[..] else { panic!("one result") };
        assert_eq!(result.arguments, [Value::Number(expected)]);
    }
}

#[test]
fn what_a_hasty_publisher_sends_waits_for_the_decision() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.say(&mut session, "publish", 5.0, &[Value::Null, KEY.into()]);
    for n in 0..10 {
        peer.media(&mut session, n * 40, &[0x27, 1, 0, 0, 0, n as u8]).unwrap();
    }
    assert!(matches!(session.next_event(), Some(ServerEvent::PublishRequested { .. })));
    assert_eq!(session.next_event(), None, "no frame before the consent");
    session.accept();
    let times: Vec<u64> = std::iter::from_fn(|| session.next_event())
        .map(
            |event| {
                if let ServerEvent::Frame(frame) = event { frame.timestamp_ms } else { panic!("{event:?}") }
            },
        )
        .collect();
    assert_eq!(times, (0..10).map(|n| n * 40).collect::<Vec<u64>>());
    assert!(session.buffered_bytes() < 10_000, "{}", session.buffered_bytes());
}

#[test]
fn a_hasty_publisher_cannot_make_us_hold_more_than_a_stranger_may() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.say(&mut session, "publish", 5.0, &[Value::Null, KEY.into()]);
    let error = loop {
        if let Err(error) = peer.media(&mut session, 0, &[0x27; 10_000]) {
            break error;
        }
        assert!(session.buffered_bytes() <= 256 << 10);
    };
    assert!(matches!(error, SessionError::TooMuchHeld { .. }), "{error}");
    session.accept();
    assert_eq!(session.receive(&[]), Err(error), "an error stays");
}

#[test]
fn an_error_in_what_waited_comes_with_the_next_input() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.say(&mut session, "publish", 5.0, &[Value::Null, KEY.into()]);
    session.receive(&[0xFF; 100]).unwrap();
    session.accept();
    assert!(matches!(session.receive(&[]), Err(SessionError::Chunk(ChunkError::NoHeader { .. }))));
}

#[test]
fn a_player_hears_that_the_stream_begins_and_ends() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.say(&mut session, "createStream", 2.0, &[Value::Null]);
    assert_eq!(peer.say(&mut session, "getStreamLength", 3.0, &[Value::Null, "id".into()]), ["_result 3"]);
    assert_eq!(peer.say(&mut session, "play", 4.0, &[Value::Null, "id".into(), (-2000.0).into()]), [""; 0]);
    let event = session.next_event().unwrap();
    assert_eq!(
        event,
        ServerEvent::PlayRequested { app: "live".to_owned(), name: "id".to_owned(), message_stream_id: 1 }
    );
    session.accept();
    assert_eq!(
        peer.heard(&mut session),
        ["control 4", "NetStream.Play.Reset", "NetStream.Play.Start", "data"]
    );
    let is_paused = Value::Boolean(true);
    assert_eq!(peer.say(&mut session, "pause", 0.0, &[Value::Null, is_paused]), ["NetStream.Pause.Notify"]);
    assert_eq!(peer.say(&mut session, "seek", 0.0, &[Value::Null, 9.0.into()]), ["NetStream.Seek.Notify"]);
    session.end_play();
    assert_eq!(
        peer.heard(&mut session),
        ["control 4", "NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]
    );
    assert_eq!(session.receive(&[0xFF; 50]), Ok(()), "nothing is read any more");
}

#[test]
fn the_end_of_a_stream_is_told_once_however_often_it_is_said() {
    let (mut session, mut peer) = publisher();
    peer.say(&mut session, "FCUnpublish", 6.0, &[Value::Null, KEY.into()]);
    peer.say(&mut session, "closeStream", 0.0, &[Value::Null]);
    peer.say(&mut session, "deleteStream", 7.0, &[Value::Null, 1.0.into()]);
    assert_eq!(session.next_event(), Some(ServerEvent::Ended));
    assert_eq!(session.next_event(), None);
}

#[test]
fn deleting_another_stream_ends_nothing() {
    let (mut session, mut peer) = publisher();
    peer.say(&mut session, "deleteStream", 7.0, &[Value::Null, 2.0.into()]);
    assert_eq!(session.next_event(), None);
    peer.say(&mut session, "deleteStream", 7.0, &[Value::Null, 1.0.into()]);
    assert_eq!(session.next_event(), Some(ServerEvent::Ended));
}

#[test]
fn a_second_request_on_a_connection_is_refused() {
    let (mut session, mut peer) = publisher();
    let again = [Value::Null, "another".into()];
    assert_eq!(peer.say(&mut session, "publish", 8.0, &again), ["NetStream.Publish.BadName"]);
    assert_eq!(peer.say(&mut session, "play", 9.0, &again), ["NetStream.Play.Failed"]);
    assert_eq!(session.next_event(), None);
}

#[test]
fn a_rejected_publisher_hears_why() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.answers(&mut session);
    peer.say(&mut session, "publish", 5.0, &[Value::Null, KEY.into()]);
    session.reject(Rejection::bad_name("Unknown stream key."));
    let answers = peer.answers(&mut session);
    let [Answer::Command(status, 1)] = &answers[..] else { panic!("one status on the stream") };
    assert_eq!(status.arguments[0].get("level").unwrap().as_str(), Some("error"));
    assert_eq!(status.arguments[0].get("description").unwrap().as_str(), Some("Unknown stream key."));
    session.accept();
    assert!(session.take_output().is_empty(), "what is rejected stays rejected");
}

#[test]
fn a_disconnected_publisher_hears_why() {
    let (mut session, mut peer) = publisher();
    session.end_publish("The stream key was changed.");
    assert_eq!(peer.heard(&mut session), ["NetStream.Unpublish.Success", "NetConnection.Connect.Closed"]);
}

#[test]
fn an_enhanced_peer_learns_what_passes_through() {
    let list = Value::StrictArray(vec!["hvc1".into(), "av01".into()]);
    let object = Value::object([
        ("app", "/live/".into()),
        ("tcUrl", "rtmp://host/live".into()),
        ("fourCcList", list),
        ("audioFourCcInfoMap", Value::object([("Opus", Value::Number(3.0)), ("av01", Value::Number(1.0))])),
        ("capsEx", Value::Number(7.0)),
    ]);
    let mut session = session();
    let mut peer = Peer::shaken_hands(&mut session);
    peer.outbox.command(0, "connect", 1.0, &[object]);
    session.receive(&peer.outbox.take()).unwrap();
    let Some(ServerEvent::Connected(info)) = session.next_event() else { panic!("connected") };
    assert_eq!((info.app.as_str(), info.tc_url.as_deref()), ("live", Some("rtmp://host/live")));
    assert_eq!(info.four_cc_list, ["hvc1", "av01", "Opus"]);
    let Some(Answer::Command(result, 0)) = peer.answers(&mut session).pop() else { panic!("a result") };
    for object in [&result.object, &result.arguments[0]] {
        let Some(Value::StrictArray(list)) = object.get("fourCcList") else { panic!("a list") };
        assert!(["avc1", "hvc1", "av01", "Opus", "*"].iter().all(|codec| list.contains(&(*codec).into())));
        assert_eq!(object.get("capsEx"), Some(&Value::Number(6.0)), "what both can");
    }
}

#[test]
fn a_classic_peer_is_not_bothered_with_enhancements() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    let Some(Answer::Command(result, 0)) = peer.answers(&mut session).pop() else { panic!("a result") };
    assert_eq!(result.object.get("fourCcList"), None);
    assert_eq!(result.arguments[0].get("code").unwrap().as_str(), Some("NetConnection.Connect.Success"));
}

#[test]
fn a_ping_is_answered_with_its_time() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.answers(&mut session);
    peer.outbox.user_control(event::PING_REQUEST, 0xDEAD_BEEF);
    session.receive(&peer.outbox.take()).unwrap();
    let answers = peer.answers(&mut session);
    let [Answer::Control(pong)] = &answers[..] else { panic!("one answer") };
    assert_eq!(pong.payload[..], [0, 7, 0xDE, 0xAD, 0xBE, 0xEF]);
}

#[test]
fn bytes_are_acknowledged_when_the_window_is_full() {
    let (mut session, mut peer) = publisher();
    let before = session.connection.received_bytes();
    peer.outbox.window_acknowledgement_size(10_000);
    session.receive(&peer.outbox.take()).unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..25 {
        peer.media(&mut session, 0, &[0; 988]).unwrap();
        for answer in peer.answers(&mut session) {
            let Answer::Control(message) = answer else { panic!("an acknowledgement") };
            assert_eq!(message.type_id, kind::ACKNOWLEDGEMENT);
            acknowledged.push(u32::from_be_bytes(message.payload[..].try_into().unwrap()));
        }
    }
    // The window was announced in 16 bytes; each message is 1000. What came before counts as well.
    let first = before + 16 + 1000 * (10_000 - before - 16).div_ceil(1000);
    assert_eq!(acknowledged, [first as u32, first as u32 + 10_000]);
}

#[test]
fn unknown_commands_get_an_error_when_they_expect_an_answer() {
    let mut session = session();
    let mut peer = Peer::plain(&mut session);
    peer.answers(&mut session);
    assert_eq!(peer.say(&mut session, "makeCoffee", 9.0, &[Value::Null]), ["_error 9"]);
    assert_eq!(peer.say(&mut session, "makeTea", 0.0, &[Value::Null]), [""; 0]);
}

#[test]
fn commands_before_connect_are_errors() {
    for command in ["publish", "play", "createStream"] {
        let mut session = session();
        let mut peer = Peer::shaken_hands(&mut session);
        peer.outbox.command(0, command, 1.0, &[Value::Null, KEY.into()]);
        let error = session.receive(&peer.outbox.take()).unwrap_err();
        assert_eq!(error.to_string(), format!("command {command} before connect"));
    }
}

#[test]
fn a_connect_without_an_application_is_told_so() {
    let mut session = session();
    let mut peer = Peer::shaken_hands(&mut session);
    peer.outbox.command(0, "connect", 1.0, &[Value::Null]);
    assert_eq!(session.receive(&peer.outbox.take()), Err(SessionError::NoApplication));
    assert_eq!(peer.heard(&mut session), ["_error 1"]);
}

#[test]
fn the_stream_key_appears_in_no_debug_output() {
    let mut session = session();
    let mut peer = Peer::shaken_hands(&mut session);
    let app = format!("live/{KEY}");
    let object =
        Value::object([("app", app.as_str().into()), ("tcUrl", format!("rtmp://h/{app}").as_str().into())]);
    peer.outbox.command(0, "connect", 1.0, &[object]);
    peer.outbox.command(1, "publish", 2.0, &[Value::Null, KEY.into()]);
    session.receive(&peer.outbox.take()).unwrap();
    let mut text = format!("{session:?}");
    text.extend(std::iter::from_fn(|| session.next_event()).map(|event| format!("{event:?}")));
    assert!(text.contains("PublishRequested") && text.contains("live"), "{text}");
    assert!(!text.contains(KEY), "{text}");
}

#[path = "hostile_tests.rs"]
mod hostile;
