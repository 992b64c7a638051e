//! Polls: asked at their interval, patient when told so.

use std::time::Duration;

use neustream_chat::connector::{ConnectorSettings, ConnectorState};
use neustream_chat::testing::Talk;
use tokio::time::Instant;

use crate::world::{World, quick};

fn eager() -> ConnectorSettings {
    ConnectorSettings { poll_least: Duration::from_millis(50), ..quick() }
}

#[tokio::test]
async fn answers_become_messages_at_the_interval() {
    let mut world = World::prepared(Talk::polling(200), eager()).await;
    world.start();
    let mut peer = world.api.peer().await;
    let (head, _) = peer.request().await;
    assert!(head.starts_with("GET /chat HTTP/1.1"), "{head}");
    let answered = Instant::now();
    peer.answer(200, &[], "MSG 1 ada x\nMSG 2 ada x\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "2");
    let mut peer = world.api.peer().await;
    peer.request().await;
    assert!(answered.elapsed() >= Duration::from_millis(190), "{:?}", answered.elapsed());
}

#[tokio::test]
async fn a_platform_that_asks_for_patience_gets_it_and_the_connector_is_told() {
    let mut world = World::prepared(Talk::polling(50), eager()).await;
    world.start();
    let mut peer = world.api.peer().await;
    peer.request().await;
    let answered = Instant::now();
    peer.answer(429, &[("retry-after", "1")], "slow down").await;
    let mut peer = world.api.peer().await;
    peer.request().await;
    assert!(answered.elapsed() >= Duration::from_millis(990), "{:?}", answered.elapsed());
    peer.answer(200, &[], "MSG 1 ada x\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.state().problems, ["status-429"]);
}

#[tokio::test]
async fn the_next_question_is_the_one_that_the_answer_led_to() {
    let world = World::prepared(Talk::polling(50), eager()).await;
    world.start();
    let mut peer = world.api.peer().await;
    peer.request().await;
    world.store.refuse_commits(4);
    let answered = Instant::now();
    peer.answer(200, &[], "MOVE https://api.example.com/page2\n").await;
    // Not the old one, although its interval is over long before the commit.
    let mut peer = world.api.peer().await;
    let (head, _) = peer.request().await;
    assert!(head.starts_with("GET /page2 HTTP/1.1"), "{head}");
    assert!(answered.elapsed() >= Duration::from_millis(490), "the new interval counts from the answer");
    assert_eq!(world.state().openings, 1, "a poll that moves on is not opened anew");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_problem_and_not_a_message() {
    let mut world = World::prepared(Talk::polling(50), eager()).await;
    world.start();
    let mut peer = world.api.peer().await;
    peer.request().await;
    peer.answer(200, &[], &"x".repeat(1024 * 1024 + 1)).await;
    let mut peer = world.api.peer().await;
    peer.request().await;
    peer.answer(200, &[], "MSG 1 ada x\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.state().problems, ["too-large"]);
}

#[tokio::test]
async fn a_poll_toward_a_host_that_was_not_granted_is_told_once_and_not_repeated() {
    let mut world = World::prepared(Talk::polling(50), eager()).await;
    world.start();
    let mut peer = world.api.peer().await;
    peer.request().await;
    peer.answer(200, &[], "MOVE https://talk.example.com/\n").await;
    let is_denied = |status: &neustream_chat::connector::ConnectorStatus| {
        status.state == ConnectorState::Running
            && status
                .connections
                .iter()
                .any(|one| one.reason.as_ref().is_some_and(|reason| reason.code == "host-denied"))
    };
    world.status_with(is_denied).await;
    assert!(world.talk.peer_now().await.is_none());
}
