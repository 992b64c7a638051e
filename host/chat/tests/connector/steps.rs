//! Steps: all or nothing, again until they have committed, poison alone.

use std::sync::atomic::Ordering;
use std::time::Duration;

use neustream_chat::connector::{ChatEventKind, ConnectorSettings, ConnectorState};
use neustream_chat::testing::Talk;
use neustream_contract::CallErrorKind;

use crate::world::{World, quick};

#[tokio::test]
async fn a_batch_that_faults_comes_again_and_nothing_is_lost_or_twice() {
    let talk = Talk::over_lines();
    let traps = talk.traps.clone();
    let mut world = World::with(talk).await;
    let mut peer = world.logged_in().await;
    traps.store(2, Ordering::SeqCst);
    for number in 0..50 {
        peer.write(&format!("MSG {number} ada x\r\n")).await;
    }
    for number in 0..50 {
        assert_eq!(world.next_message().await, number.to_string());
    }
    assert_eq!(world.state().lines, 50);
    assert_eq!(world.status().poison, 0);
}

#[tokio::test]
async fn effects_wait_for_the_commit() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.store.refuse_commits(3);
    peer.write("MSG 1 ada x\r\nPING 9\r\n").await;
    world.problem(ConnectorState::Retrying, "store-unavailable").await;
    assert_eq!(world.stored(), Vec::<String>::new());
    assert_eq!(world.next_message().await, "1");
    assert_eq!(peer.line().await.unwrap(), "PONG 9");
    assert_eq!(world.state().lines, 2);
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_not_made_twice() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.store.lose_answers(1);
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1", "it is told although the first answer was lost");
    peer.write("MSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    assert_eq!(world.state().lines, 2);
    assert_eq!(world.stored(), ["1", "2"]);
}

#[tokio::test]
async fn poison_is_found_alone_and_its_neighbours_live() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\nMSG 2 ada x\r\nBOOM\r\nMSG 3 ada x\r\nMSG 4 ada x\r\n").await;
    for id in ["1", "2", "3", "4"] {
        assert_eq!(world.next_message().await, id);
    }
    let status = world.status_with(|status| status.poison == 1).await;
    let problem = status.problem.unwrap();
    assert_eq!(problem.code, "event-dropped");
    assert!(problem.message.contains("a message over `irc`"), "{}", problem.message);
}

#[tokio::test]
async fn a_message_that_the_store_does_not_take_is_poison_and_does_not_stop_the_chat() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.store.cannot_store("cursed");
    peer.write("MSG 1 ada x\r\nMSG 2 ada cursed\r\nMSG 3 ada x\r\nMSG 4 ada a\0b\r\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "3");
    assert_eq!(world.next_message().await, "4");
    assert_eq!(world.store.messages(world.place)[2].message.text, "a\u{fffd}b", "no database takes a NUL");
    assert_eq!(world.status().poison, 1);
}

#[tokio::test]
async fn a_store_that_is_away_keeps_no_socket_of_a_revoked_plugin_open() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.store.refuse_commits(u32::MAX);
    peer.write("MSG 1 ada x\r\n").await;
    world.problem(ConnectorState::Retrying, "store-unavailable").await;
    world.installations.refuse(world.place, CallErrorKind::NotRunnable, "plugin-revoked");
    world.changed();
    let closed = tokio::time::timeout(Duration::from_secs(1), peer.line()).await;
    assert_eq!(closed.expect("within a second"), None);
    // What had come before is not lost: it is told when both are back.
    world.installations.permit(world.place);
    world.store.refuse_commits(0);
    world.changed();
    assert_eq!(world.next_message().await, "1");
}

#[tokio::test]
async fn a_host_that_is_busy_or_late_costs_no_event() {
    for (kind, code, failures) in [
        (CallErrorKind::Unavailable, "plugins-busy", 15),
        (CallErrorKind::Timeout, "plugin-timeout", 8),
        (CallErrorKind::RateLimited, "patience", 8),
    ] {
        let mut talk = Talk::over_lines();
        talk.trap = neustream_contract::CallError::new(kind, code, "not now");
        let traps = talk.traps.clone();
        let settings = ConnectorSettings { backoff_most: Duration::from_millis(30), ..quick() };
        let mut world = World::prepared(talk, settings).await;
        world.start();
        let mut peer = world.logged_in().await;
        traps.store(failures, Ordering::SeqCst);
        peer.write("MSG 1 ada x\r\nMSG 2 ada x\r\n").await;
        assert_eq!(world.next_message().await, "1");
        assert_eq!(world.next_message().await, "2");
        assert_eq!(world.status().poison, 0, "{code}");
    }
}

#[tokio::test]
async fn an_opening_that_is_poison_brings_another_connection() {
    let talk = Talk::over_lines();
    talk.traps.store(3, Ordering::SeqCst);
    let world = World::with(talk).await;
    let first = world.talk.peer().await;
    let _second = world.logged_in().await;
    drop(first);
}

#[tokio::test]
async fn a_message_whose_id_is_stored_is_not_told_again() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\nMSG 1 ada x\r\nMSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "2");
    drop(peer);
    let mut again = world.logged_in().await;
    again.write("MSG 1 ada x\r\nMSG 2 ada x\r\nMSG 3 ada x\r\n").await;
    assert_eq!(world.next_message().await, "3");
    assert_eq!(world.stored(), ["1", "2", "3"]);
    assert_eq!(world.status().duplicates, 3);
}

#[tokio::test]
async fn a_restart_goes_on_from_the_state_and_says_what_was_lost() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write(
        "MSG 1 ada x\r\nWAKE soon 30000\r\nFETCH slow https://api.example.com/slow\r\nMSG 2 ada x\r\n",
    )
    .await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.next_message().await, "2");
    let _asked = world.api.peer().await;
    world.kill();
    let mut peer = world.logged_in().await;
    peer.write("MSG 3 ada x\r\n").await;
    assert_eq!(world.next_message().await, "3");
    let state = world.state();
    assert_eq!((state.lines, state.openings), (5, 2));
    assert_eq!(state.problems, ["restarted", "interrupted"]);
    let kept = world.store.saved(world.place).unwrap().memory.kept;
    assert!(kept.alarms.contains_key("soon") && kept.requests.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn an_orderly_end_takes_the_steps_that_are_left() {
    let settings = ConnectorSettings {
        backoff_least: Duration::from_mins(1),
        backoff_most: Duration::from_mins(1),
        ..quick()
    };
    let mut world = World::prepared(Talk::over_lines(), settings).await;
    world.start();
    let mut peer = world.logged_in().await;
    world.store.refuse_commits(1);
    let lines: Vec<_> = (1..=10).map(|number| format!("MSG {number} ada x\r\n")).collect();
    peer.write(&lines.concat()).await;
    world.problem(ConnectorState::Retrying, "store-unavailable").await;
    assert_eq!(world.stored(), Vec::<String>::new());
    world.connectors.shutdown().await;
    let expected: Vec<_> = (1..=10).map(|number| number.to_string()).collect();
    assert_eq!(world.stored(), expected);
}

#[tokio::test]
async fn a_timer_fires_once_and_moves_and_is_taken_back() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("WAKE gone 60000\r\nWAKE gone 0\r\nWAKE a 3600000\r\nWAKE a 30\r\n").await;
    let ChatEventKind::Message { message, .. } = world.next().await else { panic!("a message") };
    assert_eq!(message.text, "a");
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    assert!(world.store.saved(world.place).unwrap().memory.kept.alarms.is_empty());
}

#[tokio::test]
async fn a_timer_that_was_due_during_a_restart_fires_after_it() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("WAKE later 300\r\nMSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    world.restart().await;
    let ChatEventKind::Message { message, .. } = world.next().await else { panic!("a message") };
    assert_eq!(message.text, "later");
}

#[tokio::test]
async fn a_disabled_installation_closes_its_sockets_within_a_second() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.installations.refuse(world.place, CallErrorKind::NotRunnable, "plugin-revoked");
    world.changed();
    let closed = tokio::time::timeout(Duration::from_secs(1), peer.line()).await;
    assert_eq!(closed.expect("within a second"), None);
    world.problem(ConnectorState::Failed, "plugin-revoked").await;
    assert!(world.status().connections.is_empty());

    world.installations.permit(world.place);
    world.changed();
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
}

#[tokio::test]
async fn a_narrower_grant_closes_what_it_does_not_cover() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    world.installations.change(world.place, |call| {
        call.grant = neustream_contract::Grant::new(["webhook".to_owned()]);
    });
    world.changed();
    assert_eq!(peer.line().await, None);
    let status = world.status_with(|status| status.problem.is_some()).await;
    assert_eq!(status.problem.unwrap().code, "host-denied");
}

#[tokio::test]
async fn an_uninstalled_connector_ends() {
    let world = World::prepared(Talk::over_lines(), quick()).await;
    let nobody = neustream_model::InstallationId::new();
    world.connectors.start(world.place.tenant, nobody);
    let ended = async {
        let mut events = world.connectors.subscribe();
        while world.connectors.status(world.place.tenant, nobody).unwrap().state != ConnectorState::Stopped {
            events.recv().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends by itself");
}

#[tokio::test]
async fn another_configuration_begins_anew_and_knows_its_messages() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    world.installations.change(world.place, |call| call.config = r#"{"channel":"other"}"#.to_owned());
    world.changed();
    assert_eq!(peer.line().await, None);
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\nMSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    assert_eq!(world.state().lines, 2);
}

#[tokio::test]
async fn two_hosts_with_one_connector_do_not_both_commit() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    // Somebody else moves on behind the driver's back.
    let mut saved = world.store.saved(world.place).unwrap();
    saved.memory.kept.alarms.clear();
    let commit = neustream_chat::connector::Commit {
        expected_revision: saved.revision,
        token: uuid::Uuid::new_v4(),
        at: neustream_model::UnixMillis::now(),
        memory: saved.memory,
        keeps_older: false,
        platform: "talk".to_owned(),
        messages: vec![],
        retractions: vec![],
        finished: vec![],
    };
    neustream_chat::connector::ConnectorStore::commit(&world.store, world.place, &commit).await.unwrap();
    peer.write("MSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2", "the event is taken from the state that counts");
    let state = world.state();
    assert_eq!(state.lines, 2);
}
