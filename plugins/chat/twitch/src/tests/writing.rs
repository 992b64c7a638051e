use neustream_plugin::chat::{Event, Outgoing};
use neustream_plugin::testing::chat::response;

use super::*;
use crate::outbox::MAX_LETTERS;

fn failed(id: &str, code: &str) -> Told {
    Told::Failed(id.to_owned(), code.to_owned())
}

fn texts(server: &Server) -> Vec<&str> {
    server.written.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_written_message_is_confirmed_and_shown_because_twitch_does_not_repeat_it() {
    let (mut driver, mut server) = joined();
    driver.send("m-1", "hello\r\nworld", None);
    server.serve(&mut driver);
    assert_eq!(texts(&server), ["hello  world"], "a line is a line");
    let told = driver.take_told();
    assert_eq!(told[0], Told::Sent("m-1".to_owned()));
    let [own] = published(&told)[..] else { panic!("{told:?}") };
    assert_eq!((own.id.as_str(), own.text.as_str(), own.kind.as_str()), ("own-1", "hello  world", "message"));
    assert_eq!((own.author.as_str(), own.author_id.as_str()), ("Ronni", "12345678"));
    assert_eq!(own.roles, ["subscriber"]);
}

#[test]
fn an_answer_carries_the_tag_of_its_parent() {
    let (mut driver, mut server) = joined();
    driver.send("m-1", "yes", Some("b34ccfc7-4977"));
    driver.send("m-2", "no", Some("x;evil=1 PRIVMSG"));
    server.serve(&mut driver);
    assert_eq!(server.written[0], ("reply-parent-msg-id=b34ccfc7-4977".to_owned(), "yes".to_owned()));
    assert_eq!(server.written[1], (String::new(), "no".to_owned()), "an id that is none is left out");
}

#[test]
fn twenty_messages_go_in_thirty_seconds_and_the_others_wait_their_turn() {
    let (mut driver, mut server) = joined();
    for number in 0..50 {
        driver.send(&format!("m-{number}"), &format!("text {number}"), None);
        server.serve(&mut driver);
    }
    assert_eq!(server.written.len(), 20);
    for written in [40, 50] {
        driver.pass_ms(31_000);
        server.serve(&mut driver);
        assert_eq!(server.written.len(), written);
    }
    let expected: Vec<_> = (0..50).map(|number| format!("text {number}")).collect();
    assert_eq!(texts(&server), expected, "in the order in which they were written");
    assert_eq!(driver.alarm("outbox"), None, "nothing is left to wait for");
}

#[test]
fn moderators_may_write_a_hundred() {
    let (mut driver, mut server) = joined();
    driver.closed("irc");
    server.forget();
    server.badges = "broadcaster/1";
    driver.opened("irc");
    server.serve(&mut driver);
    for number in 0..110 {
        driver.send(&format!("m-{number}"), "text", None);
        server.serve(&mut driver);
    }
    assert_eq!(server.written.len(), 100);
}

#[test]
fn messages_written_while_disconnected_go_out_after_joining_again() {
    let (mut driver, mut server) = joined();
    driver.closed("irc");
    server.forget();
    driver.send("m-1", "still here", None);
    assert_eq!(driver.next_transmitted(), None);
    driver.opened("irc");
    server.serve(&mut driver);
    assert_eq!(texts(&server), ["still here"]);
}

#[test]
fn a_message_that_waited_for_five_minutes_is_given_up() {
    let mut driver = started();
    driver.send("m-1", "too late", None);
    driver.pass_ms(5 * 60_000);
    assert_eq!(driver.take_told(), [failed("m-1", "expired")]);
}

#[test]
fn too_many_waiting_messages_are_refused_newest_first() {
    let mut driver = started();
    for number in 0..=MAX_LETTERS {
        driver.send(&format!("m-{number}"), "x", None);
    }
    assert_eq!(driver.take_told(), [failed(&format!("m-{MAX_LETTERS}"), "queue-full")]);
    let mut driver = started();
    for number in 0..25 {
        driver.send(&format!("m-{number}"), &"\"".repeat(500), None);
    }
    assert_eq!(driver.take_told().len(), 5, "20 of them fill 20 KiB");
}

#[test]
fn what_twitch_would_not_take_fails_at_once() {
    let (mut driver, mut server) = joined();
    for (text, code) in [
        (" \n ", "empty"),
        (&*"ä".repeat(501), "too-long"),
        ("/ban somebody", "command"),
        (".timeout somebody", "command"),
    ] {
        driver.send("m", text, None);
        assert_eq!(driver.take_told(), [failed("m", code)], "{text}");
    }
    for text in ["/me waves", "...", "/", &*"ä".repeat(500)] {
        driver.send("m", text, None);
    }
    server.serve(&mut driver);
    assert_eq!(server.written.len(), 4);
    let told = driver.take_told();
    let own = published(&told);
    assert_eq!((own[0].kind.as_str(), own[0].text.as_str()), ("action", "waves"));
}

#[test]
fn a_refusal_belongs_to_the_message_that_twitch_refused() {
    let (mut driver, mut server) = joined();
    server.refusals.push_back((
        "msg_duplicate",
        "Your message was not sent because it is identical to the previous one.",
    ));
    server
        .refusals
        .push_back(("msg_slowmode", "This room is in slow mode. You may talk again in 7 seconds."));
    for (id, text) in [("m-1", "one"), ("m-2", "two"), ("m-3", "three")] {
        driver.send(id, text, None);
    }
    server.serve(&mut driver);
    let told = driver.take_told();
    assert_eq!(
        told[..3],
        [failed("m-1", "msg-duplicate"), failed("m-2", "msg-slowmode"), Told::Sent("m-3".to_owned())]
    );
}

#[test]
fn a_message_refused_for_the_rate_is_written_later_and_not_for_ever() {
    let (mut driver, mut server) = joined();
    let rate = ("msg_ratelimit", "Your message was not sent because you are sending messages too quickly.");
    server.refusals.push_back(rate);
    driver.send("m-1", "patient", None);
    server.serve(&mut driver);
    assert_eq!(driver.take_told(), []);
    driver.pass_ms(31_000);
    server.serve(&mut driver);
    assert_eq!(texts(&server), ["patient"]);
    driver.take_told();
    server.refusals.extend([rate; 3]);
    driver.send("m-2", "hopeless", None);
    for _ in 0..3 {
        server.serve(&mut driver);
        driver.pass_ms(31_000);
    }
    assert_eq!(driver.take_told(), [failed("m-2", "msg-ratelimit")]);
}

#[test]
fn a_message_of_which_nothing_is_heard_fails_and_is_not_repeated() {
    let (mut driver, mut server) = joined();
    server.is_mute = true;
    driver.send("m-1", "anybody?", None);
    server.serve(&mut driver);
    driver.pass_ms(10_000);
    assert_eq!(driver.take_told(), [failed("m-1", "unconfirmed")]);
    driver.send("m-2", "hello?", None);
    server.serve(&mut driver);
    driver.closed("irc");
    assert_eq!(driver.take_told()[0], failed("m-2", "unconfirmed"));
    server.forget();
    server.is_mute = false;
    driver.opened("irc");
    server.serve(&mut driver);
    assert_eq!(server.written, []);
}

#[test]
fn a_removal_is_asked_of_helix_with_both_ids_and_both_credentials() {
    let (mut driver, _) = joined();
    driver.handle(vec![Event::Remove("abc-1".to_owned())]).expect("a step");
    let request = &driver.requests()["remove:abc-1"];
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("DELETE", "https://api.twitch.tv/helix/moderation/chat")
    );
    assert_eq!(request.parameter("broadcaster_id"), Some("713936733"));
    assert_eq!(request.parameter("moderator_id"), Some("12345678"));
    assert_eq!(request.parameter("message_id"), Some("abc-1"));
    assert_eq!(request.header("Authorization"), Some("Bearer s3cr3t-t0ken"));
    assert_eq!(request.header("Client-Id"), Some("app-client-id"));
    driver.answered("remove:abc-1", response(204, &[], ""));
    assert_eq!(driver.take_told(), []);
}

#[test]
fn removals_wait_for_the_channel_for_each_other_and_for_twitchs_patience() {
    let mut driver = started();
    let removals = (0..5).map(|number| Event::Remove(number.to_string())).collect();
    driver.handle(removals).expect("a step");
    assert!(driver.requests().is_empty(), "it is not known yet which channel it is");
    driver.opened("irc");
    Server::new("s3cr3t-t0ken", "ronni").serve(&mut driver);
    assert_eq!(driver.requests().len(), 3);
    driver.answered("remove:0", response(429, &[("retry-after", "5")], ""));
    driver.answered("remove:1", response(204, &[], ""));
    driver.answered("remove:2", response(404, &[], ""));
    assert!(driver.requests().is_empty());
    driver.pass_ms(5000);
    assert_eq!(driver.requests().keys().collect::<Vec<_>>(), ["remove:0", "remove:3", "remove:4"]);
}

#[test]
fn a_removal_that_is_refused_is_logged_and_lost_credentials_are_told() {
    use neustream_plugin::Level;
    let (mut driver, _) = joined();
    for (status, logged) in [(403, 1), (400, 1), (401, 0)] {
        driver.handle(vec![Event::Remove("abc-1".to_owned())]).expect("a step");
        let before = driver.host().logged(Level::Warn).len();
        driver.answered("remove:abc-1", response(status, &[], ""));
        assert_eq!(driver.host().logged(Level::Warn).len() - before, 2 * logged, "{status}");
    }
    assert_eq!(driver.take_told(), [Told::Status(Some("unauthorized".to_owned()))]);
}

#[test]
fn the_state_stays_below_its_bound_whatever_comes() {
    let (mut driver, mut server) = joined();
    server.is_mute = true;
    for number in 0..100 {
        let id = format!("{number:0>36}");
        let outgoing = Outgoing { id: id.clone(), text: "\"\\".repeat(250), reply_to: Some("f".repeat(64)) };
        let events = vec![Event::Send(outgoing), Event::Remove(id)];
        driver.handle(events).expect("a step");
        for line in 0..30 {
            let line = format!("@id={number}-{line:0>50};user-id=1234567890 :a!a@a PRIVMSG #ronni :x\r\n");
            driver.received("irc", &line);
        }
        driver.received("irc", &"\u{1}".repeat(500));
        server.serve(&mut driver);
    }
    assert!(driver.state().len() > 20_000, "{} bytes", driver.state().len());
}
