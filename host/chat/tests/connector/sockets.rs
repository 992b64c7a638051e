//! Sockets: kept open, read as far as there is room, never half.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use neustream_chat::connector::{ConnectionState, ConnectorSettings};
use neustream_chat::testing::{SECRET, Talk};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{World, quick};

#[tokio::test]
async fn lines_become_messages_in_order_and_answers_go_back() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada hello there\r\nPING 77\r\nMSG 2 bob again\r\nDEL 1\r\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "2");
    assert!(
        matches!(world.next().await, neustream_chat::connector::ChatEventKind::Retracted(id) if id == "1")
    );
    assert_eq!(peer.line().await.unwrap(), "PONG 77");
    assert!(world.store.messages(world.place)[0].is_retracted);
    let egress = world.natives.egress(world.place, "talk.example.com");
    assert_eq!(egress.requests, 1);
}

#[tokio::test]
async fn half_a_line_waits_for_its_other_half_and_is_never_delivered() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada first\r\nMSG 2 a").await;
    assert_eq!(world.next_message().await, "1");
    peer.write("da second\r\nMSG 3 ada lo").await;
    assert_eq!(world.next_message().await, "2");
    drop(peer);
    let mut again = world.logged_in().await;
    again.write("MSG 4 ada next\r\n").await;
    assert_eq!(world.next_message().await, "4");
    assert_eq!(world.stored(), ["1", "2", "4"]);
}

#[tokio::test]
async fn a_websocket_carries_the_token_and_frames_may_split_lines() {
    let mut world = World::over_websocket(Talk::over_websocket(), quick()).await;
    let peer = world.talk.peer().await;
    let mut socket = peer.websocket().await;
    socket.send(Message::text("MSG 1 ada one\r\nMSG 2 a")).await.unwrap();
    socket.send(Message::text("da two\r\nPING 5\r\n")).await.unwrap();
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "2");
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("PONG 5"));
    let egress = world.natives.egress(world.place, "talk.example.com");
    assert!(egress.secrets.contains("token"), "{egress:?}");
}

#[tokio::test]
async fn a_platform_that_echoes_the_secret_does_not_tell_it_to_the_connector() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write(&format!("MSG 1 ada you-said-{SECRET}\r\n")).await;
    assert_eq!(world.next_message().await, "1");
    let text = &world.store.messages(world.place)[0].message.text;
    assert_eq!(text, "you-said-***");
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_after_waits_that_grow() {
    let settings = ConnectorSettings {
        backoff_least: Duration::from_millis(100),
        backoff_most: Duration::from_secs(5),
        ..quick()
    };
    let world = World::prepared(Talk::over_lines(), settings).await;
    world.start();
    drop(world.logged_in().await);
    let mut times = vec![Instant::now()];
    for _ in 0..3 {
        drop(world.logged_in().await);
        times.push(Instant::now());
    }
    // 100, 200 and 400 ms, each less up to a quarter.
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, least) in waits.iter().zip([90, 140, 290]) {
        assert!(*wait >= Duration::from_millis(least), "{waits:?}");
    }
    assert!(world.state().problems.iter().all(|code| code == "closed" || code == "lost"));
}

#[tokio::test]
async fn a_websocket_peer_that_says_nothing_is_asked_and_then_given_up() {
    let settings = ConnectorSettings {
        ping_after: Duration::from_millis(100),
        dead_after: Duration::from_millis(300),
        ..quick()
    };
    let world = World::over_websocket(Talk::over_websocket(), settings).await;
    let mut socket = world.talk.peer().await.websocket().await;
    assert!(matches!(socket.next().await.unwrap().unwrap(), Message::Ping(_)), "it is asked");
    // Reading has queued the answer; it leaves with the next flush, and keeps the connection.
    socket.flush().await.unwrap();
    assert!(matches!(socket.next().await.unwrap().unwrap(), Message::Ping(_)), "it is asked again");
    // Now without an answer: another connection is made while this one is still open.
    let _second = world.talk.peer().await.websocket().await;
    assert_eq!(world.state().problems, ["timed-out"]);
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_connection_and_nothing_else() {
    let mut world = World::over_websocket(Talk::over_websocket(), quick()).await;
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MSG 1 ada one\r\n")).await.unwrap();
    assert_eq!(world.next_message().await, "1");
    // A reserved opcode (RFC 6455 5.2), straight onto the wire.
    let stream = socket.get_mut();
    tokio::io::AsyncWriteExt::write_all(stream, &[0x83, 0x00]).await.unwrap();
    tokio::io::AsyncWriteExt::flush(stream).await.unwrap();
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MSG 2 ada two\r\n")).await.unwrap();
    assert_eq!(world.next_message().await, "2");
    assert_eq!(world.state().problems, ["malformed"]);
}

#[tokio::test]
async fn a_frame_or_line_that_is_too_large_ends_the_connection() {
    let settings = ConnectorSettings { message_bytes: 1000, ..quick() };
    let mut world = World::over_websocket(Talk::over_websocket(), settings).await;
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("x".repeat(1001))).await.unwrap();
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MSG 1 ada one\r\n")).await.unwrap();
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.state().problems, ["too-large"]);

    let mut world = World::prepared(Talk::over_lines(), settings).await;
    world.start();
    let mut peer = world.logged_in().await;
    peer.write(&"x".repeat(5000)).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada one\r\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.state().problems, ["too-large"]);
}

#[tokio::test]
async fn a_server_that_refuses_the_handshake_is_told_apart() {
    let mut world = World::over_websocket(Talk::over_websocket(), quick()).await;
    let mut peer = world.talk.peer().await;
    let (head, _) = peer.request().await;
    assert!(head.contains(&format!("authorization: Bearer {SECRET}")), "{head}");
    peer.answer(401, &[], "no").await;
    let status = world.status_with(|status| status.problem.is_some()).await;
    assert_eq!(status.problem.unwrap().code, "unauthorized");
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MSG 1 ada one\r\n")).await.unwrap();
    assert_eq!(world.next_message().await, "1");
}

#[tokio::test]
async fn a_queue_that_is_full_stops_the_reading_and_loses_nothing() {
    // 24 MB: more than the queue and the kernel's buffers hold.
    const LINES: usize = 8000;
    let settings = ConnectorSettings { waiting_bytes: 16 * 1024, ..quick() };
    let mut world = World::prepared(Talk::over_lines(), settings).await;
    world.start();
    let mut peer = world.logged_in().await;
    world.store.refuse_commits(u32::MAX);
    let writer = tokio::spawn(async move {
        for number in 0..LINES {
            peer.write(&format!("MSG {number} ada {}\r\n", "x".repeat(3000))).await;
        }
        peer
    });
    // Nothing commits for as long as writing it all would take several times.
    while world.store.refusals() < 15 {
        tokio::task::yield_now().await;
    }
    assert!(!writer.is_finished(), "what nobody reads cannot be written");
    world.store.refuse_commits(0);
    for number in 0..LINES {
        assert_eq!(world.next_message().await, number.to_string());
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_the_connector_moves_is_closed_and_opened_there() {
    let mut world = World::over_websocket(Talk::over_websocket(), quick()).await;
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MOVE wss://talk.example.com/elsewhere\r\n")).await.unwrap();
    let mut peer = world.talk.peer().await;
    let (head, _) = peer.request().await;
    assert!(head.starts_with("GET /elsewhere HTTP/1.1"), "{head}");
    assert!(!head.contains(SECRET), "only the first endpoint had a header");
    let open = world.status_with(|status| !status.connections.is_empty()).await;
    assert_eq!(open.connections.len(), 1);
}

#[tokio::test]
async fn a_host_that_was_not_granted_is_not_connected_to_and_the_connector_is_told() {
    let mut world = World::over_websocket(Talk::over_websocket(), quick()).await;
    let mut socket = world.talk.peer().await.websocket().await;
    socket.send(Message::text("MOVE wss://api.example.com/ws\r\n")).await.unwrap();
    let denied = |status: &neustream_chat::connector::ConnectorStatus| {
        status.connections.iter().any(|one| one.state == ConnectionState::Denied)
    };
    let status = world.status_with(denied).await;
    assert_eq!(status.connections[0].reason.as_ref().unwrap().code, "host-denied");
    world.status_with(|status| status.problem.as_ref().is_some_and(|p| p.code == "host-denied")).await;
    assert!(world.api.peer_now().await.is_none());
}
