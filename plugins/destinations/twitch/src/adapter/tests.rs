use neustream_plugin::Response;
use neustream_plugin::destination::Protocol;
use neustream_plugin::testing::{
    FakeHost, answer, assert_same_hosts, broadcast, config_of_examples, unreachable,
};

use super::*;

mod with_an_account;

/// Shaped like the example of Twitch's reference, with the TLS templates that the service answers today.
const LIST: &str = r#"{"ingests":[
    {"_id":0,"availability":0.0,"default":false,"name":"US East: Atlanta, GA","url_template":"rtmp://atl.contribute.live-video.net/app/{stream_key}","url_template_secure":"rtmps://atl.contribute.live-video.net/app/{stream_key}","priority":0},
    {"_id":1,"availability":1.0,"default":false,"name":"EU: Frankfurt, DE (3)","url_template":"rtmp://fra03.contribute.live-video.net/app/{stream_key}","url_template_secure":"rtmps://fra03.contribute.live-video.net:443/app/{stream_key}","priority":2},
    {"_id":2,"availability":1.0,"default":false,"name":"EU: Amsterdam, NL (2)","url_template":"rtmp://ams02.contribute.live-video.net/app/{stream_key}","priority":1},
    {"_id":3,"availability":1.0,"default":true,"name":"Default","url_template":"rtmp://ingest.global-contribute.live-video.net/app/{stream_key}","url_template_secure":"rtmps://ingest.global-contribute.live-video.net/app/{stream_key}","priority":9}
]}"#;

const FRANKFURT: &str = "rtmps://fra03.contribute.live-video.net/app";
const AMSTERDAM: &str = "rtmp://ams02.contribute.live-video.net/app";

fn list_request() -> Request {
    let request = Request::get("https://ingest.twitch.tv/ingests").header("accept", "application/json");
    request.timeout_ms(3000)
}

fn list() -> Result<Response, Error> {
    answer(200, &[("content-type", "application/json")], LIST)
}

/// Prepares a broadcast of a tenant who has connected no account: the host does not send the question for it.
fn prepare(host: &FakeHost) -> Result<Target, Error> {
    host.announce(user_request(), Err(without_account()));
    let outcome = Twitch::prepare(host, &host.context(), &broadcast());
    if outcome.is_err() {
        // Nobody was asked about an account; the script must be empty in the end.
        let unasked = Host::send(host, &user_request());
        assert!(unasked.is_err());
    }
    outcome
}

fn user_request() -> Request {
    let request = Request::get("https://api.twitch.tv/helix/users").bearer("account");
    request.header("client-id", Value::secret("account.client-id")).header("accept", "application/json")
}

fn without_account() -> Error {
    Error::invalid_config("", "secret-missing", "the secret `account` is not set")
}

fn prepare_with(outcome: Result<Response, Error>) -> (Target, Vec<String>) {
    let host = FakeHost::new("{}").expect(list_request(), outcome);
    let target = prepare(&host).expect("a list never stops a broadcast");
    (target, host.logged(Level::Warn))
}

#[test]
fn the_default_ingest_is_taken_over_tls_and_the_next_best_is_the_backup() {
    let (target, warnings) = prepare_with(list());
    assert_eq!(target.url, GLOBAL_INGEST);
    assert_eq!(target.protocol, Protocol::Rtmps);
    assert_eq!(target.backup_url.as_deref(), Some(FRANKFURT), "a target has one protocol");
    assert_eq!(target.key, Value::secret("stream-key"));
    assert_eq!(target.limits, Some(Limits { video_kbps: 6000, audio_kbps: 320, keyframe_ms: 2000 }));
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn without_an_available_default_the_lowest_priority_is_taken() {
    let list = LIST.replace(r#""default":true"#, r#""default":false"#);
    let (target, _) = prepare_with(answer(200, &[], &list));
    assert_eq!(target.url, AMSTERDAM);
    assert_eq!((target.protocol, target.backup_url), (Protocol::Rtmp, None));
}

#[test]
fn a_preferred_ingest_is_found_by_name_or_region() {
    for preferred in ["EU: Frankfurt, DE (3)", "frankfurt", " FRANKFURT "] {
        let config = format!(r#"{{"ingest": "{preferred}"}}"#);
        let host = FakeHost::new(&config).expect(list_request(), list());
        let target = prepare(&host).expect("a target");
        assert_eq!(target.url, FRANKFURT, "{preferred}");
        assert_eq!(target.backup_url.as_deref(), Some(GLOBAL_INGEST));
    }
    let host = FakeHost::new(r#"{"ingest": "EU"}"#).expect(list_request(), list());
    assert_eq!(prepare(&host).expect("a target").url, AMSTERDAM, "the best of a region");
}

#[test]
fn a_preferred_ingest_that_is_gone_or_unavailable_is_replaced_with_a_warning() {
    for preferred in ["Atlanta", "Atlantis"] {
        let config = format!(r#"{{"ingest": "{preferred}"}}"#);
        let host = FakeHost::new(&config).expect(list_request(), list());
        assert_eq!(prepare(&host).expect("a target").url, GLOBAL_INGEST);
        assert_eq!(host.logged(Level::Warn).len(), 1, "{preferred}");
    }
}

#[test]
fn the_list_is_asked_once_an_hour() {
    let host = FakeHost::new("{}").expect(list_request(), list());
    let first = prepare(&host).expect("a target");
    host.pass_seconds(3599);
    assert_eq!(prepare(&host).expect("a target"), first);
    host.pass_seconds(1);
    host.announce(list_request(), list());
    assert_eq!(prepare(&host).expect("a target"), first);
}

#[test]
fn an_old_list_is_better_than_none() {
    let host = FakeHost::new(r#"{"ingest": "Frankfurt"}"#).expect(list_request(), list());
    prepare(&host).expect("a target");
    host.pass_seconds(6 * 24 * 3600);
    host.announce(list_request(), unreachable());
    assert_eq!(prepare(&host).expect("a target").url, FRANKFURT);
    assert_eq!(host.logged(Level::Warn), ["Twitch's list of ingests cannot be had"]);
    host.pass_seconds(24 * 3600);
    host.announce(list_request(), unreachable());
    assert_eq!(prepare(&host).expect("a target").url, GLOBAL_INGEST, "after a week it is forgotten");
}

#[test]
fn whatever_happens_to_the_list_the_global_ingest_serves() {
    for outcome in [
        unreachable(),
        answer(500, &[], "oops"),
        answer(429, &[("retry-after", "30")], ""),
        answer(302, &[("location", "https://evil.example")], ""),
        answer(204, &[], ""),
        answer(200, &[], ""),
        answer(200, &[], "<html>"),
        answer(200, &[], r#"{"ingests":{}}"#),
        answer(200, &[], r#"{"ingests":[{"name":1}]}"#),
        answer(200, &[], r#"{"ingests":[]}"#),
        answer(200, &[], &LIST[..LIST.len() - 3]),
        answer(200, &[], LIST.replace("live-video.net", "evil.example")),
    ] {
        let (target, warnings) = prepare_with(outcome.clone());
        assert_eq!(target.url, GLOBAL_INGEST, "{outcome:?}");
        assert_eq!((target.backup_url, warnings.len()), (None, 1), "{outcome:?}");
    }
}

#[test]
fn entries_that_lead_elsewhere_are_passed_over() {
    let list = LIST.replace(r#""default":true"#, r#""default":false"#);
    for template in [
        "rtmp://evil.example/app/{stream_key}",
        "rtmp://contribute.live-video.net.evil.example/app/{stream_key}",
        "rtmp://x@ams02.contribute.live-video.net/app/{stream_key}",
        "rtmp://ams02.contribute.live-video.net:25/app/{stream_key}",
        "rtmp://ams02.contribute.live-video.net/app/{stream_key}/more",
        "http://ams02.contribute.live-video.net/app/{stream_key}",
        "rtmp://127.0.0.1/app/{stream_key}",
        "",
    ] {
        let list = list.replace("rtmp://ams02.contribute.live-video.net/app/{stream_key}", template);
        let (target, _) = prepare_with(answer(200, &[], &list));
        assert_eq!(target.url, FRANKFURT, "{template}");
    }
}

#[test]
fn a_memory_that_fails_costs_a_request_and_nothing_else() {
    let host = FakeHost::new("{}").expect(list_request(), list());
    host.break_memory();
    assert_eq!(prepare(&host).expect("a target").url, GLOBAL_INGEST);
    assert_eq!(host.logged(Level::Warn).len(), 2);
}

#[test]
fn a_kept_list_that_cannot_be_read_is_replaced() {
    let host = FakeHost::new("{}").expect(list_request(), list());
    host.remember("ingests", b"\xff not json");
    prepare(&host).expect("a target");
    prepare(&host).expect("a target without a request");
}

#[test]
fn a_clock_that_went_back_makes_the_list_old() {
    let host = FakeHost::new("{}").expect(list_request(), list());
    prepare(&host).expect("a target");
    host.announce(list_request(), list());
    let earlier = Context { now: host.context().now - 1, ..host.context() };
    host.announce(user_request(), Err(without_account()));
    Twitch::prepare(&host, &earlier, &broadcast()).expect("a target");
}

#[test]
fn a_fixed_server_needs_no_list() {
    let host = FakeHost::new(r#"{"rtmp_url": "rtmp://live-fra.twitch.tv/app/"}"#);
    let target = prepare(&host).expect("a target");
    assert_eq!((target.url.as_str(), target.backup_url), ("rtmp://live-fra.twitch.tv/app", None));
    assert_eq!(target.limits, Some(LIMITS));
}

#[test]
fn a_fixed_server_elsewhere_is_refused_at_its_field() {
    for (url, code) in [
        ("rtmp://twitch.tv.evil.example/app", "foreign-host"),
        ("rtmp://[::1]/app", "foreign-host"),
        ("rtmp://live.twitch.tv/app/live_123_AbCdEf", "key-in-url"),
        ("https://live.twitch.tv/app", "invalid-url"),
    ] {
        let host = FakeHost::new(format!(r#"{{"rtmp_url": "{url}"}}"#));
        let error = prepare(&host).expect_err("a refusal");
        assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
        assert_eq!(error.code(), code, "{url}");
        assert!(error.problem().message.starts_with("/rtmp_url: "), "{url}");
    }
}

#[test]
fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
    assert_same_hosts(include_str!("../../plugin.toml"), TWITCH);
    prepare(&FakeHost::new(config_of_examples(include_str!("../../config.schema.json")))).expect("a target");
}

#[test]
fn without_an_account_the_state_is_unknown_and_ending_succeeds() {
    let host = FakeHost::new("{}");
    assert_eq!(Twitch::check(&host, &host.context(), b""), Ok(Health::UNKNOWN));
    assert_eq!(Twitch::finish(&host, &host.context(), b""), Ok(()));
    let error = Twitch::retitle(&host, &host.context(), b"", "x").expect_err("a refusal");
    assert_eq!(error.code(), "account-needed");
}
