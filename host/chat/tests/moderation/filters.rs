//! Verdicts in order, and what holds when there is none.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use neustream_chat::moderation::{ModerationSettings, OnFailure};
use neustream_contract::CallErrorKind;
use neustream_contract::moderation::Action;

use crate::world::{Native, World, message};

#[tokio::test]
async fn filters_judge_in_order_and_the_first_that_objects_decides() {
    let mut world = World::of(Native::replacing("darn", "d***"), OnFailure::Hold).await;
    world.add("two", Native::on("d***", Action::Hide), OnFailure::Hold);
    world.add("three", Native::on("hello", Action::Delete), OnFailure::Hold);
    let judged = world.judged(&["hello", "darn it", "fine"]).await;
    assert_eq!(judged[0].action, Action::Delete);
    assert_eq!(judged[1].action, Action::Hide, "the second filter saw the text of the first");
    assert_eq!(judged[2].action, Action::Allow);
    assert_eq!(judged[2].decision, None);
    assert_eq!(judged[0].decision.as_ref().unwrap().rule, "test-rule");
}

#[tokio::test]
async fn replacements_chain_and_a_decided_message_is_not_shown_to_later_filters() {
    let second = Native::replacing("b", "c");
    let calls = second.calls.clone();
    let mut world = World::of(Native::replacing("a", "b"), OnFailure::Hold).await;
    world.add("two", second, OnFailure::Hold);
    assert_eq!(world.actions(&["a"]).await, [Action::Replace("c".to_owned())]);
    let mut world =
        World::of(Native::on("x", Action::Timeout(Duration::from_mins(1))), OnFailure::Hold).await;
    let second = Native::replacing("b", "c");
    let later = second.calls.clone();
    world.add("two", second, OnFailure::Hold);
    assert_eq!(world.actions(&["x"]).await, [Action::Timeout(Duration::from_mins(1))]);
    assert_eq!((calls.load(Ordering::SeqCst), later.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn a_message_without_a_verdict_gets_the_tenants_choice() {
    for (choice, expected) in [
        (OnFailure::Hold, Action::Hold),
        (OnFailure::Allow, Action::Allow),
        (OnFailure::Delete, Action::Delete),
    ] {
        let silent = Native::new(|_, _, message, _| (message.text != "?").then_some(Action::Allow));
        let world = World::of(silent, choice).await;
        let judged = world.judged(&["?", "fine"]).await;
        assert_eq!((&judged[0].action, &judged[1].action), (&expected, &Action::Allow));
        if choice != OnFailure::Allow {
            assert_eq!(judged[0].decision.as_ref().unwrap().rule, "no-verdict");
        }
    }
}

#[tokio::test]
async fn one_message_that_a_filter_fails_at_does_not_decide_about_its_neighbours() {
    let world = World::of(Native::on("bad", Action::Delete), OnFailure::Hold).await;
    let judged = world.judged(&["good", "TRAP", "bad", "good"]).await;
    let actions: Vec<_> = judged.iter().map(|judgement| judgement.action.clone()).collect();
    assert_eq!(actions, [Action::Allow, Action::Hold, Action::Delete, Action::Allow]);
    let decision = judged[1].decision.as_ref().unwrap();
    assert_eq!(decision.rule, "filter-failed");
    assert!(decision.reason.contains("trap"), "{}", decision.reason);
}

#[tokio::test]
async fn a_filter_that_hangs_is_not_waited_for() {
    let mut world = World::new(ModerationSettings::default()).await;
    let place = world.add("one", Native::on("bad", Action::Delete), OnFailure::Delete);
    world.installations.change(place, |call| call.deadline = Duration::from_millis(50));
    let began = Instant::now();
    assert_eq!(world.actions(&["HANG"]).await, [Action::Delete]);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_failing_filter_with_the_choice_allow_leaves_the_word_to_the_next() {
    let mut world = World::of(Native::on("x", Action::Hide), OnFailure::Allow).await;
    world.add("two", Native::on("TRAP", Action::Delete), OnFailure::Hold);
    world.add("three", Native::replacing("b", "c"), OnFailure::Hold);
    // The second traps too, and there the tenant wants it held.
    assert_eq!(world.actions(&["TRAP"]).await, [Action::Hold]);
}

#[tokio::test]
async fn a_revoked_filter_counts_as_failed_and_a_disabled_one_as_gone() {
    let mut world = World::new(ModerationSettings::default()).await;
    let place = world.add("one", Native::on("x", Action::Hide), OnFailure::Hold);
    world.installations.refuse(place, CallErrorKind::NotRunnable, "plugin-revoked");
    assert_eq!(world.actions(&["y"]).await, [Action::Hold]);
    world.installations.refuse(place, CallErrorKind::NotRunnable, "installation-disabled");
    assert_eq!(world.actions(&["x"]).await, [Action::Allow]);
}

#[tokio::test]
async fn messages_are_held_while_the_filters_are_not_known() {
    let world = World::of(Native::on("x", Action::Hide), OnFailure::Allow).await;
    *world.chain.0.lock().unwrap() = None;
    world.moderation.changed(world.tenant);
    let judged = world.judged(&["y"]).await;
    assert_eq!(judged[0].action, Action::Hold);
    assert_eq!(judged[0].decision.as_ref().unwrap().rule, "filters-unknown");
}

#[tokio::test]
async fn messages_that_come_together_are_judged_together_and_never_more_than_a_hundred() {
    let filter = Native::on("bad", Action::Delete);
    let (calls, largest) = (filter.calls.clone(), filter.largest.clone());
    let world = World::of(filter, OnFailure::Hold).await;
    let all = (0..250).map(|number| {
        let text = if number % 10 == 0 { "bad" } else { "good" };
        world.moderation.judge(world.tenant, message(&number.to_string(), text))
    });
    let judged = join_all(all).await;
    for (number, judgement) in judged.iter().enumerate() {
        assert_eq!(judgement.id, number.to_string());
        let expected = if number % 10 == 0 { Action::Delete } else { Action::Allow };
        assert_eq!(judgement.action, expected, "{number}");
    }
    assert_eq!(largest.load(Ordering::SeqCst), 100);
    assert!(calls.load(Ordering::SeqCst) <= 10, "{}", calls.load(Ordering::SeqCst));
}

#[tokio::test]
async fn what_is_more_than_can_wait_is_held_at_once() {
    let world = World::of(Native::on("bad", Action::Delete), OnFailure::Allow).await;
    let all =
        (0..1500).map(|number| world.moderation.judge(world.tenant, message(&number.to_string(), "HANG")));
    let judged = join_all(all).await;
    let overloaded =
        judged.iter().filter(|one| one.decision.as_ref().is_some_and(|why| why.rule == "overloaded"));
    assert_eq!(overloaded.count(), 500);
}

#[tokio::test]
async fn authors_are_told_apart_but_not_named() {
    let world = World::of(Native::on("bad", Action::Delete), OnFailure::Allow).await;
    let mut written = neustream_contract::chat::Message {
        id: "1".to_owned(),
        author_id: "4711".to_owned(),
        author: "Ada".to_owned(),
        text: "hello".to_owned(),
        kind: "message".to_owned(),
        roles: vec!["moderator".to_owned()],
        reply_to: None,
        sent_at: None,
        extra: vec![],
    };
    let first = world.moderation.message(world.tenant, "talk", "m1", &written);
    written.text = "again".to_owned();
    let second = world.moderation.message(world.tenant, "talk", "m2", &written);
    assert_eq!(first.author_hash, second.author_hash);
    let elsewhere = world.moderation.message(world.tenant, "other", "m3", &written);
    assert_ne!(first.author_hash, elsewhere.author_hash);
    assert!(!serde_json::to_string(&first).unwrap().contains("4711"));
}
