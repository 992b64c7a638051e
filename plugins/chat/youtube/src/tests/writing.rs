use neustream_plugin::chat::{Event, Outgoing};
use neustream_plugin::{Level, Problem};

use super::server::refusal;
use super::*;
use crate::errands::MAX_WAITING;

fn failed(id: &str, code: &str) -> Told {
    Told::Failed(id.to_owned(), code.to_owned())
}

fn remove(driver: &mut Driver<YouTubeChat>, id: &str) {
    driver.handle(vec![Event::Remove(id.to_owned())]).expect("a step");
}

#[test]
fn a_written_message_is_confirmed_and_published_once_when_it_is_read() {
    let (mut driver, mut server) = reading();
    driver.send("o-1", "hello\nthere", Some("m-0"));
    server.run(&mut driver, 3000);
    assert_eq!(server.written, ["hello there"]);
    let told = driver.take_told();
    assert_eq!(told[0], Told::Sent("o-1".to_owned()));
    assert_eq!(texts(&told), ["hello there"]);
}

#[test]
fn three_errands_are_under_way_and_the_others_follow_in_order() {
    let (mut driver, mut server) = reading();
    for number in 0..10 {
        driver.send(&format!("o-{number}"), &format!("text {number}"), None);
    }
    assert_eq!(driver.requests().len(), 3);
    server.run(&mut driver, 0);
    let expected: Vec<_> = (0..10).map(|number| format!("text {number}")).collect();
    assert_eq!(server.written, expected);
}

#[test]
fn what_youtube_would_not_take_fails_at_once() {
    let (mut driver, _) = reading();
    driver.send("o-1", " \n", None);
    driver.send("o-2", &"ä".repeat(201), None);
    assert_eq!(driver.take_told(), [failed("o-1", "empty"), failed("o-2", "too-long")]);
    let mut driver = started("{}");
    driver.send("o-3", "anybody?", None);
    assert_eq!(driver.take_told(), [failed("o-3", "no-broadcast")]);
}

#[test]
fn too_many_waiting_messages_are_refused_newest_first() {
    let (mut driver, _) = reading();
    for number in 0..MAX_WAITING + 4 {
        driver.send(&format!("o-{number}"), "x", None);
    }
    assert_eq!(driver.take_told(), [failed(&format!("o-{}", MAX_WAITING + 3), "queue-full")]);
    remove(&mut driver, "m-1");
    assert!(!driver.host().logged(Level::Warn).is_empty());
}

#[test]
fn a_refusal_says_why_and_what_is_unknown_is_not_repeated() {
    for (outcome, code, status) in [
        (refusal(403, "quotaExceeded"), "quota-exceeded", Some("quota-exceeded")),
        (refusal(403, "rateLimitExceeded"), "rate-limited", None),
        (refusal(401, "authError"), "unauthorized", Some("unauthorized")),
        (refusal(403, "liveChatEnded"), "chat-ended", None),
        (refusal(400, "messageTextInvalid"), "refused", None),
        (refusal(500, "backendError"), "unconfirmed", None),
        (Err(Problem::new("timed-out", "no answer")), "unconfirmed", None),
    ] {
        let (mut driver, mut server) = reading();
        server.instead_of_errands.push_back(outcome);
        driver.send("o-1", "hello", None);
        server.run(&mut driver, 0);
        let mut expected = vec![failed("o-1", code)];
        expected.extend(status.map(|code| Told::Status(Some(code.to_owned()))));
        assert_eq!(driver.take_told(), expected);
        assert_eq!(server.written, Vec::<String>::new());
    }
}

#[test]
fn messages_that_wait_when_the_chat_ends_fail() {
    let (mut driver, mut server) = reading();
    for number in 0..5 {
        driver.send(&format!("o-{number}"), "x", None);
    }
    let ended = item("e", "channel-1", "chatEndedEvent", ("x", json!(null)));
    let page = json!({"items": [ended]}).to_string();
    let outcome = neustream_plugin::testing::chat::response(200, &[], &page);
    driver.answered("chat", outcome);
    assert_eq!(driver.take_told(), [failed("o-3", "chat-ended"), failed("o-4", "chat-ended")]);
    server.run(&mut driver, 0);
    assert_eq!(server.written.len(), 3, "those under way arrive");
}

#[test]
fn a_removal_is_asked_for_once_and_what_is_gone_is_gone() {
    let (mut driver, mut server) = reading();
    server.items.push(text("m-1", "channel-1", "bad"));
    remove(&mut driver, "m-1");
    remove(&mut driver, "m-1");
    assert_eq!(driver.requests().len(), 1);
    remove(&mut driver, "unknown");
    server.run(&mut driver, 0);
    assert_eq!(server.removed, ["m-1"]);
    assert_eq!(driver.take_told(), []);
    assert_eq!(driver.host().logged(Level::Warn), Vec::<String>::new());
    server.instead_of_errands.push_back(refusal(403, "forbidden"));
    remove(&mut driver, "m-1");
    server.run(&mut driver, 0);
    assert!(!driver.host().logged(Level::Warn).is_empty(), "a refused removal is logged");
}

#[test]
fn the_state_stays_below_its_bound_whatever_comes() {
    let (mut driver, mut server) = reading();
    for round in 0..20 {
        for number in 0..MAX_WAITING {
            let outgoing =
                Outgoing { id: format!("{round}-{number:0>36}"), text: "\"😀".repeat(100), reply_to: None };
            let events = vec![Event::Send(outgoing), Event::Remove("r".repeat(200) + &number.to_string())];
            driver.handle(events).expect("a step");
            let id = format!("{round}-{number}-{}", "x".repeat(100));
            server.items.push(text(&id, "UCxxxxxxxxxxxxxxxxxxxxxx", "x"));
        }
    }
    server.polling_interval_ms = 500;
    server.run(&mut driver, 20_000);
    assert!(driver.state().len() > 10_000, "{} bytes", driver.state().len());
}
