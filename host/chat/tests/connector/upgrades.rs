//! Another version under a live socket.

use std::time::Duration;

use neustream_chat::connector::{ConnectorStore, ShadowOutcome, shadow};
use neustream_chat::testing::Talk;
use neustream_contract::{Call, Installed, Manifest};

use crate::world::{World, quick};

#[tokio::test]
async fn ten_swaps_in_ten_thousand_events_lose_none_double_none_and_keep_the_order() {
    const EVENTS: usize = 10_000;
    let mut world = World::with(Talk::over_lines()).await;
    let versions = [world.plugin, world.natives.connector("talk-2", Talk::over_lines())];
    let mut peer = world.logged_in().await;
    let writer = tokio::spawn(async move {
        for number in 0..EVENTS {
            peer.write(&format!("MSG {number} ada x\r\n")).await;
        }
        peer
    });
    let mut swaps = 0;
    let all = tokio::time::timeout(Duration::from_mins(1), async {
        for number in 0..EVENTS {
            assert_eq!(world.next_message().await, number.to_string());
            if number % (EVENTS / 10) == EVENTS / 20 {
                swaps += 1;
                world.installations.pin(world.place, versions[swaps % 2]);
                world.changed();
            }
        }
    });
    all.await.expect("all come");
    assert_eq!(swaps, 10);
    let _peer = writer.await.unwrap();
    assert_eq!(world.stored().len(), EVENTS);
    assert_eq!(world.status().duplicates, 0);
    assert_eq!(world.state().openings, 1, "one socket served both versions");
    assert!(world.talk.peer_now().await.is_none());
}

#[tokio::test]
async fn a_new_version_reads_the_old_state_and_a_rollback_finds_the_state_of_its_time() {
    let mut world = World::with(Talk::over_lines()).await;
    let second = world.natives.connector("talk-2", Talk::over_lines().with_schema(2));
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");

    world.installations.pin(world.place, second);
    world.changed();
    peer.write("MSG 2 ada x\r\nMSG 3 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    assert_eq!(world.next_message().await, "3");
    assert_eq!((world.state().schema, world.state().lines), (2, 3), "it went on from the old state");

    world.installations.pin(world.place, world.plugin);
    world.changed();
    let mut peer = world.logged_in().await;
    peer.write("MSG 4 ada x\r\n").await;
    assert_eq!(world.next_message().await, "4");
    assert_eq!(
        (world.state().schema, world.state().lines),
        (1, 2),
        "it went on from the last state of schema 1"
    );
    assert_eq!(world.stored(), ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_version_that_does_not_read_the_state_begins_anew_and_the_event_is_not_lost() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut talk = Talk::over_lines().with_schema(2);
    talk.reads_no_state = true;
    let second = world.natives.connector("talk-2", talk);
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    world.installations.pin(world.place, second);
    peer.write("MSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    let mut peer = world.logged_in().await;
    peer.write("MSG 3 ada x\r\n").await;
    assert_eq!(world.next_message().await, "3");
    assert_eq!(world.stored(), ["1", "2", "3"]);
    assert_eq!(world.state().schema, 2);
}

#[tokio::test]
async fn a_version_that_fails_at_an_event_is_replaced_and_the_new_one_gets_the_event() {
    let talk = Talk::over_lines();
    let traps = talk.traps.clone();
    let mut settings = quick();
    settings.backoff_least = Duration::from_millis(500);
    settings.backoff_most = Duration::from_secs(1);
    let mut world = World::prepared(talk, settings).await;
    world.start();
    let mut peer = world.logged_in().await;
    let second = world.natives.connector("talk-2", Talk::over_lines());
    traps.store(u32::MAX, std::sync::atomic::Ordering::SeqCst);
    peer.write("MSG 1 ada x\r\n").await;
    world.status_with(|status| status.problem.as_ref().is_some_and(|problem| problem.code == "trap")).await;
    world.installations.pin(world.place, second);
    world.changed();
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.status().poison, 0);
}

async fn call(world: &World) -> Call {
    world.installations.call(world.place.tenant, world.place.installation, None).await.unwrap()
}

#[tokio::test]
async fn a_shadow_replay_tells_a_version_that_says_something_else() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    for number in 0..30 {
        peer.write(&format!("MSG {number} ada x\r\nDEL {number}\r\n")).await;
        assert_eq!(world.next_message().await, number.to_string());
        world.next().await;
    }
    world.restart().await;
    let recording = world.store.recording(world.place).await.unwrap().unwrap();
    let call = call(&world).await;
    let same = shadow(&Talk::over_lines().with_schema(2), &call, &recording).await;
    assert!(matches!(same, ShadowOutcome::Same { steps } if steps >= 30), "{same:?}");

    let faulty = Talk::over_lines();
    faulty.traps.store(1, std::sync::atomic::Ordering::SeqCst);
    let fault = shadow(&faulty, &call, &recording).await;
    assert!(matches!(&fault, ShadowOutcome::Fault { .. }) && !fault.is_harmless());

    let other = shadow(&Silent, &call, &recording).await;
    assert!(matches!(other, ShadowOutcome::Differs { .. }), "{other:?}");
}

/// A version that publishes nothing any more.
struct Silent;

#[async_trait::async_trait]
impl neustream_contract::chat::ChatConnector for Silent {
    fn manifest(&self) -> &Manifest {
        unreachable!("a shadow replay needs no manifest")
    }

    async fn open(&self, _: &Call) -> Result<neustream_contract::chat::Step, neustream_contract::CallError> {
        Ok(neustream_contract::chat::Step::default())
    }

    async fn handle(
        &self,
        _: &Call,
        _: &[u8],
        _: &[neustream_contract::chat::Event],
    ) -> Result<neustream_contract::chat::Step, neustream_contract::CallError> {
        Ok(neustream_contract::chat::Step::default())
    }
}
