use neustream_plugin::Error;
use neustream_plugin::chat::Event;
use neustream_plugin::testing::config_of_examples;
use proptest::prelude::*;

use super::*;

/// What one item of a page tells.
fn told_of(item: Value) -> Vec<Told> {
    let (mut driver, mut server) = reading();
    server.items.push(item);
    server.run(&mut driver, 3000);
    driver.take_told()
}

fn extra<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.extra.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_running_broadcast_is_found_and_its_chat_is_read() {
    let mut driver = started("{}");
    let mut server = Server::new("ya29.t0ken");
    server.items = vec![text("m-1", "channel-1", "hello"), text("m-2", "channel-2", "world")];
    server.run(&mut driver, 10_000);
    let told = driver.take_told();
    assert_eq!(texts(&told), ["hello", "world"]);
    assert_eq!(server.searched_at.len(), 1);
}

#[test]
fn the_video_of_the_settings_is_read() {
    let mut driver = started(r#"{"video": "https://youtu.be/dQw4w9WgXcQ"}"#);
    let mut server = Server::new("ya29.t0ken");
    server.items = vec![text("m-1", "channel-1", "hello")];
    server.run(&mut driver, 1000);
    assert_eq!(texts(&driver.take_told()), ["hello"]);
}

#[test]
fn without_a_broadcast_it_is_looked_for_once_a_minute_until_there_is_one() {
    let mut driver = started("{}");
    let mut server = Server::new("ya29.t0ken");
    server.chat = None;
    server.run(&mut driver, 150_000);
    assert_eq!(server.searched_at.len(), 3);
    assert_eq!(driver.take_told(), [Told::Status(Some("waiting-for-broadcast".to_owned()))]);
    server.chat = Some("chat-1".to_owned());
    server.run(&mut driver, 60_000);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
}

#[test]
fn youtube_is_asked_as_often_as_it_wants_and_no_page_comes_twice() {
    let (mut driver, mut server) = reading();
    let mut expected = Vec::new();
    for (round, interval) in [3000, 8000, 1000, 250, 5000].into_iter().enumerate() {
        server.polling_interval_ms = interval;
        for number in 0..round {
            let words = format!("{round}-{number}");
            server.items.push(text(&words, "channel-1", &words));
            expected.push(words);
        }
        server.run(&mut driver, 20_000);
    }
    // The stand-in panics at a question that comes too early.
    assert_eq!(texts(&driver.take_told()), expected);
    assert!(server.asked_at.len() > 15, "{:?}", server.asked_at);
}

#[test]
fn the_tenants_own_pace_is_kept_where_it_is_slower() {
    let mut driver = started(r#"{"poll_seconds": 20}"#);
    let mut server = Server::new("ya29.t0ken");
    server.run(&mut driver, 60_000);
    assert_eq!(server.asked_at, [20, 40, 60].map(|seconds| server.searched_at[0] + seconds * 1000));
}

#[test]
fn a_page_whose_step_was_lost_in_a_restart_is_told_once() {
    use neustream_plugin::chat::{Answer, ChatConnector, Effect};
    let (mut driver, mut server) = reading();
    server.items = vec![text("m-1", "channel-1", "one"), text("m-2", "channel-1", "two")];
    let (due, question) = driver.poll("chat").expect("a question");
    // The host dies between the answer and the commit: state and question are those of before.
    let outcome = server.answer(&question, due);
    let event = Event::Answered(Answer { id: "chat".to_owned(), outcome });
    let step = YouTubeChat::handle(driver.host(), &driver.context(), driver.state(), vec![event]);
    assert_eq!(step.expect("a step").effects.iter().filter(|e| matches!(e, Effect::Publish(_))).count(), 2);
    server.polling_interval_ms = 0;
    server.forget_pace();
    server.run(&mut driver, 10_000);
    assert_eq!(texts(&driver.take_told()), ["one", "two"]);
}

#[test]
fn a_message_comes_with_author_roles_and_time() {
    let told = told_of(text("m-1", "channel-1", "hello"));
    let [message] = published(&told)[..] else { panic!("{told:?}") };
    assert_eq!((message.id.as_str(), message.kind.as_str()), ("m-1", "message"));
    assert_eq!((message.author_id.as_str(), message.author.as_str()), ("channel-1", "Name of channel-1"));
    assert_eq!((message.roles.clone(), message.sent_at), (vec!["subscriber".to_owned()], 1_795_162_530_123));
    assert_eq!(extra(message, "avatar"), Some("https://yt3.ggpht.com/x"));
}

#[test]
fn a_super_chat_is_paid_and_says_how_much() {
    let details = json!({
        "amountMicros": "5000000", "currency": "EUR", "amountDisplayString": "€5.00",
        "userComment": "Great!", "tier": 3,
    });
    let told = told_of(item("m-1", "channel-1", "superChatEvent", ("superChatDetails", details)));
    let [message] = published(&told)[..] else { panic!("{told:?}") };
    assert_eq!((message.kind.as_str(), message.text.as_str()), ("paid", "Great!"));
    assert_eq!(extra(message, "amount"), Some("€5.00"));
    assert_eq!((extra(message, "amount-micros"), extra(message, "currency")), (Some("5000000"), Some("EUR")));
    assert_eq!((extra(message, "tier"), extra(message, "event")), (Some("3"), Some("superChatEvent")));
}

#[test]
fn stickers_memberships_and_gifts_are_paid_messages() {
    for (kind, details, expected) in [
        (
            "superStickerEvent",
            (
                "superStickerDetails",
                json!({"amountMicros": 1, "superStickerMetadata": {"stickerId": "s", "altText": "A cat"}}),
            ),
            "A cat",
        ),
        ("superChatEvent", ("superChatDetails", json!({"amountMicros": "1"})), "display of m-1"),
        (
            "newSponsorEvent",
            ("newSponsorDetails", json!({"memberLevelName": "Gold", "isUpgrade": false})),
            "display of m-1",
        ),
        (
            "memberMilestoneChatEvent",
            ("memberMilestoneChatDetails", json!({"memberMonth": 12, "userComment": "A year!"})),
            "A year!",
        ),
        (
            "membershipGiftingEvent",
            ("membershipGiftingDetails", json!({"giftMembershipsCount": 5})),
            "display of m-1",
        ),
    ] {
        let told = told_of(item("m-1", "channel-1", kind, details));
        let [message] = published(&told)[..] else { panic!("{kind}: {told:?}") };
        assert_eq!((message.kind.as_str(), message.text.as_str()), ("paid", expected), "{kind}");
    }
}

#[test]
fn a_kind_that_does_not_exist_yet_is_a_system_message() {
    let told = told_of(item("m-1", "channel-1", "jugglingEvent", ("jugglingDetails", json!({"balls": 3}))));
    let [message] = published(&told)[..] else { panic!("{told:?}") };
    assert_eq!((message.kind.as_str(), message.text.as_str()), ("system", "display of m-1"));
}

#[test]
fn removals_of_every_kind_retract() {
    for (kind, details) in [
        ("messageDeletedEvent", ("messageDeletedDetails", json!({"deletedMessageId": "m-7"}))),
        ("messageRetractedEvent", ("messageRetractedDetails", json!({"retractedMessageId": "m-7"}))),
        ("tombstone", ("x", json!(null))),
    ] {
        let told = told_of(item("m-7", "channel-1", kind, details));
        assert_eq!(told, [Told::Retracted("m-7".to_owned())], "{kind}");
    }
}

#[test]
fn a_ban_retracts_the_messages_of_the_banned_and_of_nobody_else() {
    let (mut driver, mut server) = reading();
    server.items = vec![
        text("m-1", "channel-1", "one"),
        text("m-2", "channel-2", "two"),
        text("m-3", "channel-1", "three"),
    ];
    server.run(&mut driver, 3000);
    driver.take_told();
    let details = json!({"bannedUserDetails": {"channelId": "channel-1"}, "banType": "permanent"});
    server.items.push(item("b", "channel-9", "userBannedEvent", ("userBannedDetails", details)));
    server.run(&mut driver, 3000);
    assert_eq!(driver.take_told(), ["m-1", "m-3"].map(|id| Told::Retracted(id.to_owned())));
}

#[test]
fn when_the_chat_ends_the_next_broadcast_is_looked_for() {
    let (mut driver, mut server) = reading();
    server.items.push(item("e", "channel-1", "chatEndedEvent", ("x", json!(null))));
    server.chat = Some("chat-1".to_owned());
    server.run(&mut driver, 3000);
    server.chat = None;
    server.run(&mut driver, 60_000);
    assert!(is_searching(&driver));
    server.chat = Some("chat-2".to_owned());
    server.items = vec![text("n-1", "channel-1", "again")];
    server.run(&mut driver, 63_000);
    assert_eq!(texts(&driver.take_told()), ["again"], "the new chat is read from its beginning");
}

#[test]
fn a_quiet_chat_of_a_broadcast_that_went_offline_is_left() {
    let (mut driver, mut server) = reading();
    server.offline_at = Some("2026-11-20T09:00:00Z");
    server.items.push(text("m-1", "channel-1", "bye"));
    server.run(&mut driver, 3000);
    assert_eq!((texts(&driver.take_told()), is_searching(&driver)), (vec!["bye"], false));
    server.chat = None;
    server.run(&mut driver, 3000);
    assert!(is_searching(&driver));
}

#[test]
fn another_video_in_the_settings_is_looked_for_with_the_next_question() {
    let (mut driver, mut server) = reading();
    driver.configure(r#"{"video": "dQw4w9WgXcQ"}"#);
    server.run(&mut driver, 7000);
    assert!(!is_searching(&driver));
    assert_eq!(server.searched_at.len(), 2);
}

#[test]
fn settings_that_name_no_video_are_refused_at_their_field() {
    match Driver::<YouTubeChat>::open(r#"{"video": "https://example.com/x"}"#, &TOKEN) {
        Err(Error::InvalidConfig(problem)) => assert!(problem.message.starts_with("/video: ")),
        other => panic!("{other:?}"),
    }
    started(&config_of_examples(include_str!("../../config.schema.json")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn however_messages_fall_into_pages_each_is_told_once_and_in_order(
        bursts in prop::collection::vec((0..260_usize, 0..9000_u64), 1..8),
    ) {
        let (mut driver, mut server) = reading();
        let mut expected = Vec::new();
        for (count, ms) in bursts {
            for _ in 0..count {
                let words = expected.len().to_string();
                server.items.push(text(&words, "channel-1", &words));
                expected.push(words);
            }
            server.run(&mut driver, ms);
        }
        server.run(&mut driver, 60_000);
        let told = driver.take_told();
        prop_assert_eq!(texts(&told), expected);
    }
}
