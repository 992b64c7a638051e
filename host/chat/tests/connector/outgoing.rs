//! Outgoing messages: kept until the connector says what became of them.

use neustream_chat::connector::{ChatEventKind, SendError, Waiting};
use neustream_chat::testing::Talk;
use neustream_model::UnixMillis;

use crate::world::{World, quick};

async fn send(world: &World, text: &str) -> String {
    world.connectors.send(world.place.tenant, world.place.installation, text, None).await.unwrap()
}

#[tokio::test]
async fn a_message_is_written_and_its_end_is_told() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    let id = send(&world, "good evening").await;
    assert_eq!(peer.line().await.unwrap(), format!("SAY {id} good evening"));
    peer.write(&format!("ACK {id}\r\n")).await;
    assert_eq!(world.next().await, ChatEventKind::Sent(id.clone()));
    assert_eq!(world.store.finished(world.place, &id).unwrap().problem, None);

    let id = send(&world, "again").await;
    assert_eq!(peer.line().await.unwrap(), format!("SAY {id} again"));
    peer.write(&format!("NAK {id}\r\n")).await;
    assert!(
        matches!(world.next().await, ChatEventKind::Failed(failed, reason) if failed == id && reason.code == "rejected")
    );
}

#[tokio::test]
async fn a_message_that_was_not_acknowledged_is_written_again_after_a_restart() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    let id = send(&world, "hello").await;
    peer.line().await.unwrap();
    world.kill();
    // Handed over before the connection is up again, it waits with the connector; here it says so on the next one.
    let mut peer = world.logged_in().await;
    peer.write(&format!("ACK {id}\r\n")).await;
    assert_eq!(world.next().await, ChatEventKind::Sent(id));
}

#[tokio::test]
async fn a_line_break_in_a_message_does_not_become_a_second_command() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    send(&world, "hello\r\nQUIT").await;
    assert_eq!(peer.rest().await, "");
    let status = world.status_with(|status| status.problem.is_some()).await;
    assert_eq!(status.problem.unwrap().code, "unsendable");
}

#[tokio::test]
async fn a_message_that_the_connector_fails_at_is_told_as_failed() {
    let mut world = World::with(Talk::over_lines()).await;
    let _peer = world.logged_in().await;
    let id = send(&world, "BOOM").await;
    assert!(matches!(world.next().await, ChatEventKind::Failed(failed, _) if failed == id));
    assert!(world.store.finished(world.place, &id).unwrap().problem.is_some());
}

#[tokio::test]
async fn a_message_that_is_too_old_is_not_written_any_more() {
    let mut world = World::prepared(Talk::over_lines(), quick()).await;
    let hour_ago = UnixMillis(UnixMillis::now().0 - 3_600_000);
    let old = Waiting { at: hour_ago, ..Waiting::now("old", "good morning") };
    world.store.queue(world.place, old);
    world.start();
    assert!(
        matches!(world.next().await, ChatEventKind::Failed(id, reason) if id == "old" && reason.code == "expired")
    );
}

#[tokio::test]
async fn more_than_fits_is_refused_and_said_so() {
    let world = World::with(Talk::over_lines()).await;
    let _peer = world.logged_in().await;
    for _ in 0..100 {
        send(&world, "x").await;
    }
    let refused = world.connectors.send(world.place.tenant, world.place.installation, "x", None).await;
    assert!(matches!(refused, Err(SendError::Store(_))), "{refused:?}");
    let stranger = neustream_model::TenantId::new();
    let refused = world.connectors.send(stranger, world.place.installation, "x", None).await;
    assert_eq!(refused, Err(SendError::NotRunning));
}

#[tokio::test]
async fn a_removal_reaches_the_platform() {
    let world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.connectors.remove(world.place.tenant, world.place.installation, "m7").await.unwrap();
    assert_eq!(peer.line().await.unwrap(), "REMOVE m7");
}
