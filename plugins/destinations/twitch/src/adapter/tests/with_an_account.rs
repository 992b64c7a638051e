use std::cell::RefCell;
use std::rc::Rc;

use super::*;

/// The model that also answers the tests of the whole house.
#[path = "../../../../../../tests/src/kit/oauth/twitch_model.rs"]
#[allow(dead_code, reason = "tokens are judged by the host's own tests")]
mod twitch_model;

use twitch_model::TwitchModel;

type Shared = Rc<RefCell<TwitchModel>>;

fn connected() -> (FakeHost, Shared) {
    let model = Shared::default();
    let platform = Rc::clone(&model);
    // The list of ingests is not what these tests are about.
    let host = FakeHost::new(r#"{"rtmp_url": "rtmps://ingest.global-contribute.live-video.net/app"}"#)
        .with_secret("account", "a-token")
        .with_secret("account.client-id", "a-client")
        .with_platform(move |request| {
            let path = request.url.strip_prefix("https://api.twitch.tv/helix/").expect("Helix");
            assert_eq!(request.header("authorization"), Some("Bearer a-token"));
            assert_eq!(request.header("client-id"), Some("a-client"));
            assert_eq!(request.header("content-type").is_some(), !request.body.is_empty());
            let mut model = platform.borrow_mut();
            let (status, body) = model.answer(&request.method, path, &request.query, &request.body);
            answer(status, &[], &if status == 204 { String::new() } else { body.to_string() })
        });
    (host, model)
}

fn prepare(host: &FakeHost) -> Result<Target, Error> {
    Twitch::prepare(host, &host.context(), &broadcast())
}

#[test]
fn key_and_title_come_from_and_go_to_twitch() {
    let (host, model) = connected();
    let target = prepare(&host).expect("a target");
    assert_eq!(target.key, Value::Plain("live_44322889_a34ub37c8ajv98a0".to_owned()));
    assert_eq!(target.url, GLOBAL_INGEST);
    assert_eq!(model.borrow().title, "First light");
}

#[test]
fn a_key_that_is_pasted_as_well_comes_back_as_stars_and_is_pushed_with() {
    let (host, model) = connected();
    "***".clone_into(&mut model.borrow_mut().key);
    assert_eq!(prepare(&host).expect("a target").key, Value::secret("stream-key"));
}

#[test]
fn viewers_are_those_of_the_channel_and_a_channel_without_a_stream_is_not_live() {
    let (host, model) = connected();
    let target = prepare(&host).expect("a target");
    let check = || Twitch::check(&host, &host.context(), &target.state).expect("a health");
    assert_eq!(check(), Health { live: Some(false), viewers: None });
    model.borrow_mut().viewers = Some(7);
    assert_eq!(check(), Health { live: Some(true), viewers: Some(7) });
    assert_eq!(Twitch::finish(&host, &host.context(), &target.state), Ok(()));
}

#[test]
fn a_title_changes_while_live_and_is_made_fit() {
    let (host, model) = connected();
    let target = prepare(&host).expect("a target");
    Twitch::retitle(&host, &host.context(), &target.state, &"ä".repeat(200)).expect("a new title");
    assert_eq!(model.borrow().title.chars().count(), 140);
    let error = Twitch::retitle(&host, &host.context(), &target.state, " \n ").expect_err("a refusal");
    assert_eq!(error.code(), "title-empty");
}

#[test]
fn an_empty_title_leaves_the_channels_own() {
    let (host, model) = connected();
    let untitled = Broadcast { title: String::new(), ..broadcast() };
    Twitch::prepare(&host, &host.context(), &untitled).expect("a target");
    assert_eq!(model.borrow().title, "An old title");
}

#[test]
fn a_title_that_is_refused_does_not_stop_the_broadcast_but_a_refused_account_does() {
    let (host, model) = connected();
    for status in [400, 429, 500] {
        model.borrow_mut().refuse_changes = Some(status);
        prepare(&host).expect("a target");
    }
    assert_eq!(host.logged(Level::Warn).len(), 3);
    model.borrow_mut().refuse_changes = Some(401);
    assert!(matches!(prepare(&host), Err(Error::Unauthorized(_))));
}

#[test]
fn patience_is_as_long_as_twitch_says() {
    let now = FakeHost::new("{}").context().now;
    let reset = (now / 1000 + 5).to_string();
    let host = FakeHost::new(r#"{"rtmp_url": "rtmp://live.twitch.tv/app"}"#)
        .with_secret("account", "t")
        .with_secret("account.client-id", "c")
        .with_platform(move |_| answer(429, &[("ratelimit-reset", &reset)], ""));
    let error = prepare(&host).expect_err("a refusal");
    assert!(matches!(&error, Error::RateLimited(problem) if problem.retry_after_ms == Some(5000)));
}

#[test]
fn nonsense_is_told_as_that() {
    for body in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"data":[{"id":"../evil"}]}"#, r#"{"data":[{"id":7}]}"#]
    {
        let host = FakeHost::new(r#"{"rtmp_url": "rtmp://live.twitch.tv/app"}"#)
            .with_secret("account", "t")
            .with_secret("account.client-id", "c")
            .with_platform(move |_| answer(200, &[], body));
        assert_eq!(prepare(&host).expect_err("nonsense").code(), "malformed", "{body}");
    }
}
