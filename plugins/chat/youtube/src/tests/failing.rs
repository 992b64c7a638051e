use neustream_plugin::chat::Response;
use neustream_plugin::testing::chat::response;
use neustream_plugin::{Level, Problem};

use proptest::prelude::*;

use super::server::refusal;
use super::*;

fn timed_out() -> Result<Response, Problem> {
    Err(Problem::new("timed-out", "no answer within 10 s"))
}

/// Lets the next question fail, and gives the code that was told and how long the connector then waits.
fn after(outcome: Result<Response, Problem>) -> (Option<String>, u64) {
    let (mut driver, mut server) = reading();
    server.items.push(text("m-1", "channel-1", "not lost"));
    server.instead.push_back(outcome);
    server.run(&mut driver, 3000);
    let told = driver.take_told();
    let code = told.iter().find_map(|told| match told {
        Told::Status(code) => code.clone(),
        _ => None,
    });
    let (due, _) = driver.poll("chat").expect("it goes on");
    let wait = due - driver.now();
    server.run(&mut driver, wait);
    let told = driver.take_told();
    assert_eq!(texts(&told), ["not lost"], "the same page is asked for again");
    (code, wait)
}

#[test]
fn failures_are_told_and_the_same_page_is_asked_for_later() {
    let told = |code: &str, ms: u64| (Some(code.to_owned()), ms);
    assert_eq!(after(timed_out()), told("timed-out", 5000));
    assert_eq!(after(refusal(500, "backendError")), told("platform-error", 5000));
    assert_eq!(after(response(503, &[("retry-after", "30")], "")), told("platform-error", 30_000));
    assert_eq!(after(refusal(403, "rateLimitExceeded")), told("rate-limited", 5000));
    assert_eq!(after(response(429, &[("retry-after", "12")], "")), told("rate-limited", 12_000));
    assert_eq!(after(refusal(403, "quotaExceeded")), told("quota-exceeded", 900_000));
    assert_eq!(after(refusal(401, "authError")), told("unauthorized", 60_000));
    assert_eq!(after(refusal(403, "forbidden")), told("refused", 5000));
    assert_eq!(after(response(302, &[("location", "https://evil.example")], "")), told("refused", 5000));
}

#[test]
fn an_answer_that_cannot_be_read_is_a_failure_like_others() {
    for body in ["", "<html>", "[]", r#"{"items": 1}"#, r#"{"items": [{"id": 1}]}"#, r#"{"items": ["#] {
        let (code, _) = after(response(200, &[], body));
        assert_eq!(code.as_deref(), Some("malformed"), "{body}");
    }
}

#[test]
fn an_answer_without_hints_is_read_and_the_usual_pace_is_kept() {
    let (mut driver, mut server) = reading();
    server.instead.push_back(response(200, &[], "{}"));
    server.run(&mut driver, 3000);
    let (due, question) = driver.poll("chat").expect("it goes on");
    assert_eq!(due - driver.now(), 5000);
    assert_eq!(question.parameter("pageToken"), Some("position:0"), "the token is kept");
}

#[test]
fn an_absurd_interval_is_bounded() {
    for (interval, expected) in [("0", 1000), ("99999999999", 5000), ("4000000000", 300_000)] {
        let (mut driver, mut server) = reading();
        let body = format!(r#"{{"pollingIntervalMillis": {interval}, "nextPageToken": "position:0"}}"#);
        server.instead.push_back(response(200, &[], &body));
        server.run(&mut driver, 3000);
        let (due, _) = driver.poll("chat").expect("it goes on");
        assert_eq!(due - driver.now(), expected, "{interval}");
    }
}

#[test]
fn repeated_failures_are_told_once_and_wait_ever_longer() {
    let (mut driver, mut server) = reading();
    server.instead.extend((0..9).map(|_| timed_out()));
    server.run(&mut driver, 3000);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let (due, _) = driver.poll("chat").expect("it goes on");
        let wait = due - driver.now();
        waits.push(wait / 1000);
        server.run(&mut driver, wait);
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
    assert_eq!(driver.take_told(), [Told::Status(Some("timed-out".to_owned()))]);
    server.run(&mut driver, 300_000);
    assert_eq!(driver.take_told()[0], Told::Status(None));
    let (due, _) = driver.poll("chat").expect("it goes on");
    assert!(due - driver.now() <= 3000, "the pace is as before");
}

#[test]
fn a_lost_page_token_begins_the_chat_again() {
    let (mut driver, mut server) = reading();
    server.items.push(text("m-1", "channel-1", "one"));
    server.run(&mut driver, 3000);
    server.instead.push_back(refusal(400, "pageTokenInvalid"));
    server.run(&mut driver, 6000);
    // The host drops the message that it has.
    assert_eq!(texts(&driver.take_told()), ["one", "one"]);
    assert!(!driver.host().logged(Level::Warn).is_empty());
}

#[test]
fn a_chat_that_ended_or_is_gone_leads_back_to_the_search() {
    for outcome in
        [refusal(403, "liveChatEnded"), refusal(403, "liveChatDisabled"), refusal(404, "liveChatNotFound")]
    {
        let (mut driver, mut server) = reading();
        server.instead.push_back(outcome);
        server.chat = None;
        server.run(&mut driver, 3000);
        assert!(is_searching(&driver));
        assert_eq!(
            server.searched_at.len(),
            1,
            "not at once: YouTube lists a broadcast for a while after its end"
        );
        server.run(&mut driver, 60_000);
        assert_eq!(driver.take_told(), [Told::Status(Some("waiting-for-broadcast".to_owned()))]);
    }
}

#[test]
fn a_search_that_fails_waits_and_goes_on() {
    let mut driver = started("{}");
    let mut server = Server::new("ya29.t0ken");
    server.instead.extend([refusal(403, "quotaExceeded"), refusal(401, "authError"), timed_out()]);
    server.run(&mut driver, 0);
    server.run(&mut driver, 900_000);
    server.run(&mut driver, 60_000);
    server.run(&mut driver, 61_000);
    assert_eq!(server.searched_at.len(), 4);
    let codes =
        ["quota-exceeded", "unauthorized", "timed-out"].map(|code| Told::Status(Some(code.to_owned())));
    let told = driver.take_told();
    assert_eq!(told[..3], codes);
    assert_eq!(told[3], Told::Status(None));
}

#[test]
fn an_expired_token_heals_when_the_host_has_a_fresh_one() {
    let mut driver = started("{}");
    let mut server = Server::new("another-token");
    server.run(&mut driver, 0);
    assert_eq!(driver.take_told(), [Told::Status(Some("unauthorized".to_owned()))]);
    "ya29.t0ken".clone_into(&mut server.token);
    server.run(&mut driver, 61_000);
    assert_eq!(driver.take_told(), [Told::Status(None)]);
}

/// A text as no platform should send it.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("x".repeat(300)), ".{0,12}", "[a-z]{1,8}", Just("a\nb".to_owned())]
}

/// An item as no platform should send it.
fn odd_item() -> impl Strategy<Value = Value> {
    let kinds = vec![
        "textMessageEvent",
        "tombstone",
        "messageDeletedEvent",
        "userBannedEvent",
        "superChatEvent",
        "newSponsorEvent",
        "",
    ];
    (odd_text(), prop::sample::select(kinds), odd_text(), odd_text(), any::<u64>()).prop_map(
        |(id, kind, channel, text, number)| {
            json!({
                "id": id,
                "snippet": {
                    "type": kind, "publishedAt": text, "authorChannelId": channel, "displayMessage": text,
                    "textMessageDetails": {"messageText": text}, "messageDeletedDetails": {"deletedMessageId": id},
                    "superChatDetails": {"tier": number, "amountMicros": text, "currency": text},
                    "userBannedDetails": {"bannedUserDetails": {"channelId": channel}},
                },
                "authorDetails": {"channelId": channel, "displayName": text, "isChatOwner": true},
            })
        },
    )
}

fn odd_answer() -> impl Strategy<Value = Result<Response, Problem>> {
    let page = (prop::collection::vec(odd_item(), 0..5), odd_text(), any::<u64>(), any::<bool>());
    prop_oneof![
        page.prop_map(|(items, token, interval, is_offline)| {
            let mut body = json!({"items": items, "nextPageToken": token, "pollingIntervalMillis": interval});
            if is_offline {
                body["offlineAt"] = json!("yesterday");
            }
            response(200, &[], &body.to_string())
        }),
        (200..600_u16, odd_text()).prop_map(|(status, reason)| refusal(status, &reason)),
        (200..600_u16, ".{0,20}").prop_map(|(status, body)| response(status, &[("retry-after", "7")], &body)),
        Just(timed_out()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_youtube_answers_every_step_is_one_that_the_host_takes(
        answers in prop::collection::vec(odd_answer(), 1..5),
    ) {
        let (mut driver, mut server) = reading();
        server.instead.extend(answers);
        // The stand-in of the driver panics at a step that the host would refuse.
        for _ in 0..100 {
            server.forget_pace();
            server.run(&mut driver, 60_000);
            if server.instead.is_empty() {
                break;
            }
        }
        prop_assert!(server.instead.is_empty(), "it goes on asking");
    }
}

#[test]
fn a_state_of_another_version_begins_the_search_anew() {
    use neustream_plugin::chat::ChatConnector;
    use neustream_plugin::testing::FakeHost;
    for state in [&b""[..], b"\xff", b"{}", br#"{"schema":2}"#] {
        let host = FakeHost::new("{}");
        let step = YouTubeChat::handle(&host, &host.context(), state, Vec::new()).expect("a step");
        assert_eq!(step, YouTubeChat::open(&host, &host.context()).expect("a step"));
    }
}
