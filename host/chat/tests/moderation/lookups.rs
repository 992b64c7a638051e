//! Lookups: asked once, remembered, held to manifest and grant.

use std::time::Duration;

use neustream_chat::moderation::{ModerationSettings, OnFailure};
use neustream_contract::moderation::{Action, Found};

use crate::world::{Native, World, lookup};

/// Deletes what the service scores as bad, holds what it says nothing about.
fn scored() -> Native {
    Native::new(|_, _, _, found: &[Found]| {
        let outcome = found.first().map(|found| &found.outcome);
        Some(match outcome {
            Some(Ok(body)) if body == b"bad" => Action::Delete,
            Some(Ok(_)) => Action::Allow,
            Some(Err(problem)) => Action::Replace(problem.reason.code.clone()),
            None => Action::Hold,
        })
    })
}

async fn world(filter: Native) -> World {
    let mut world = World::new(ModerationSettings::default()).await;
    let place = world.add("scored", filter, OnFailure::Hold);
    world.installations.set_secrets(place, &[("key", "secret-key-1")]);
    world
}

#[tokio::test]
async fn an_answer_decides_and_is_remembered() {
    let world = world(scored().looking(vec![lookup("q", "/score", "hello")])).await;
    let asked = async {
        let mut peer = world.score.peer().await;
        let (head, body) = peer.request().await;
        assert!(head.starts_with("POST /score HTTP/1.1") && body == "hello", "{head}{body}");
        assert!(head.contains("authorization: Key secret-key-1"), "{head}");
        peer.answer(200, &[], "bad").await;
    };
    let (actions, ()) = tokio::join!(world.actions(&["x"]), asked);
    assert_eq!(actions, [Action::Delete]);
    assert_eq!(world.actions(&["y"]).await, [Action::Delete]);
    assert!(world.score.peer_now().await.is_none(), "the second time it is known");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_not_waited_for() {
    let settings =
        ModerationSettings { lookup_deadline: Duration::from_millis(100), ..ModerationSettings::default() };
    let mut world = World::new(settings).await;
    let place = world.add("scored", scored().looking(vec![lookup("q", "/score", "")]), OnFailure::Hold);
    world.installations.set_secrets(place, &[("key", "secret-key-1")]);
    assert_eq!(world.actions(&["x"]).await, [Action::Replace("timed-out".to_owned())]);
}

#[tokio::test]
async fn an_answer_that_is_no_success_and_a_host_that_was_not_granted_are_problems() {
    let world = world(scored().looking(vec![lookup("q", "/score", "")])).await;
    let asked = async {
        let mut peer = world.score.peer().await;
        let (head, _) = peer.request().await;
        assert!(head.starts_with("GET /score"), "{head}");
        peer.answer(503, &[], "").await;
    };
    let (actions, ()) = tokio::join!(world.actions(&["x"]), asked);
    assert_eq!(actions, [Action::Replace("refused".to_owned())]);

    let mut elsewhere = lookup("q", "/", "");
    elsewhere.url = "https://evil.example.net/".to_owned();
    let world = self::world(scored().looking(vec![elsewhere])).await;
    assert_eq!(world.actions(&["x"]).await, [Action::Replace("host-denied".to_owned())]);
}

#[tokio::test]
async fn more_lookups_than_allowed_are_a_fault() {
    let many = (0..9).map(|number| lookup(&number.to_string(), "/", "")).collect();
    let world = world(scored().looking(many)).await;
    let judged = world.judged(&["x"]).await;
    assert_eq!(judged[0].action, Action::Hold);
    assert!(judged[0].decision.as_ref().unwrap().reason.contains("too-many-lookups"));
    assert!(world.score.peer_now().await.is_none());
}
