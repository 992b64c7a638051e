use std::cell::RefCell;
use std::rc::Rc;

use neustream_plugin::destination::Protocol;
use neustream_plugin::testing::{
    FakeHost, Joined, answer, assert_same_hosts, broadcast, config_of_examples, unreachable,
};
use neustream_plugin::{Request, Response, Value};
use serde_json::json;

use super::*;

/// The model that also answers the tests of the whole house.
#[path = "../../../../../tests/src/kit/oauth/youtube_model.rs"]
#[allow(clippy::unwrap_used, clippy::similar_names, reason = "it follows the lints of its own workspace")]
mod youtube_model;

use youtube_model::{YouTubeBroadcast, YouTubeModel};

type Shared = Rc<RefCell<YouTubeModel>>;

/// A host whose tenant has connected an account.
fn connected() -> (FakeHost, Shared) {
    let model = Shared::default();
    (host_of(&model), model)
}

fn host_of(model: &Shared) -> FakeHost {
    let platform = Rc::clone(model);
    FakeHost::new("{}")
        .with_secret("account", "ya29.token")
        .with_platform(move |request| answered(&mut platform.borrow_mut(), request))
}

fn answered(model: &mut YouTubeModel, request: &Joined) -> Result<Response, Error> {
    let resource = request.url.strip_prefix("https://www.googleapis.com/youtube/v3/").expect("the API");
    assert_eq!(request.header("authorization"), Some("Bearer ya29.token"));
    assert_eq!(request.header("content-type").is_some(), !request.body.is_empty());
    match model.answer(&request.method, resource, &request.query, &request.body) {
        Some((204, _)) => answer(204, &[], ""),
        Some((status, body)) => answer(status, &[], body.to_string()),
        None => unreachable(),
    }
}

fn prepare(host: &FakeHost) -> Result<Target, Error> {
    YouTube::prepare(host, &host.context(), &broadcast())
}

fn check(host: &FakeHost, target: &Target) -> Health {
    YouTube::check(host, &host.context(), &target.state).expect("a health")
}

fn only(model: &Shared) -> YouTubeBroadcast {
    let model = model.borrow();
    assert_eq!(model.broadcasts.len(), 1, "{:?}", model.broadcasts);
    model.broadcasts[0].clone()
}

fn count(model: &Shared, call: &str) -> usize {
    model.borrow().asked.iter().filter(|asked| *asked == call).count()
}

mod with_an_account {
    use super::*;

    #[test]
    fn an_event_is_made_bound_taken_live_and_ended() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.url, "rtmps://a.rtmps.youtube.com/live2");
        assert_eq!(target.backup_url.as_deref(), Some("rtmps://b.rtmps.youtube.com/live2?backup=1"));
        assert_eq!(target.key, Value::Plain("key-of-stream-001".to_owned()));
        let event = only(&model);
        assert_eq!((event.status.as_str(), event.privacy.as_str()), ("ready", "public"));
        assert_eq!(event.snippet["title"], "First light");

        // No pictures yet.
        assert_eq!(check(&host, &target), Health { live: Some(false), viewers: None });
        assert_eq!(count(&model, "POST liveBroadcasts/transition"), 0, "what cannot succeed costs 50 units");
        model.borrow_mut().streams[0].is_active = true;
        model.borrow_mut().broadcasts[0].viewers = Some(12);
        assert_eq!(check(&host, &target), Health { live: Some(true), viewers: Some(12) });
        assert_eq!(only(&model).status, "live");

        YouTube::finish(&host, &host.context(), &target.state).expect("an end");
        assert_eq!(only(&model).status, "complete");
        YouTube::finish(&host, &host.context(), &target.state).expect("ending what has ended is a success");
    }

    #[test]
    fn a_live_event_is_asked_about_once_a_minute() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        model.borrow_mut().streams[0].is_active = true;
        check(&host, &target);
        let asked = model.borrow().asked.len();
        for _ in 0..5 {
            host.pass_seconds(10);
            model.borrow_mut().broadcasts[0].viewers = Some(7);
            assert_eq!(check(&host, &target).live, Some(true));
        }
        assert_eq!(model.borrow().asked.len(), asked);
        host.pass_seconds(11);
        assert_eq!(check(&host, &target).viewers, Some(7));
        assert_eq!(model.borrow().asked.len(), asked + 1);
    }

    #[test]
    fn an_event_that_is_ended_in_the_studio_is_no_longer_live() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        model.borrow_mut().streams[0].is_active = true;
        assert_eq!(check(&host, &target).live, Some(true));
        model.borrow_mut().broadcasts[0].status = "complete".to_owned();
        host.pass_seconds(61);
        assert_eq!(check(&host, &target).live, Some(false));
        let error = prepare(&host).expect_err("no second event against the owner's will");
        assert_eq!(error.code(), "broadcast-ended");
        model.borrow_mut().broadcasts.clear();
        assert_eq!(prepare(&host).expect_err("a refusal").code(), "broadcast-deleted");
    }

    #[test]
    fn preparing_again_makes_no_second_event_and_no_second_stream() {
        let (host, model) = connected();
        let first = prepare(&host).expect("a target");
        let again = prepare(&host).expect("a target");
        assert_eq!(first, again);
        model.borrow_mut().streams[0].is_active = true;
        check(&host, &first);
        assert_eq!(prepare(&host).expect("live already"), first);
        only(&model);
        assert_eq!(model.borrow().streams.len(), 1);
        assert_eq!(count(&model, "POST liveBroadcasts/bind"), 1);
    }

    #[test]
    fn whichever_answer_is_lost_there_is_one_event() {
        for lost in
            ["POST liveStreams", "POST liveBroadcasts", "POST liveBroadcasts/bind", "GET liveBroadcasts"]
        {
            let (host, model) = connected();
            model.borrow_mut().lose_next = Some(lost);
            for _ in 0..2 {
                if let Err(error) = prepare(&host) {
                    assert!(matches!(error, Error::Unavailable(_)), "{lost}: {error:?}");
                }
            }
            prepare(&host).expect(lost);
            assert_eq!(model.borrow().lose_next, None, "{lost}");
            only(&model);
            assert_eq!(model.borrow().streams.len(), 1, "{lost}");
        }
    }

    #[test]
    fn a_lost_event_is_found_among_many() {
        let (host, model) = connected();
        model.borrow_mut().lose_next = Some("POST liveBroadcasts");
        prepare(&host).expect_err("the answer is lost");
        let other = only(&model);
        for number in 0..60 {
            let snippet = json!({ "title": "x", "description": format!("ref other-{number}") });
            let id = format!("other-{number}");
            model.borrow_mut().broadcasts.push(YouTubeBroadcast { id, snippet, ..other.clone() });
        }
        let target = prepare(&host).expect("a target");
        let state = State::read(&target.state).expect("a state");
        assert_eq!(state.event, other.id);
        assert_eq!(count(&model, "POST liveBroadcasts"), 1);
    }

    #[test]
    fn a_channel_that_may_not_stream_live_is_told_where_to_change_that() {
        let (host, model) = connected();
        model.borrow_mut().is_enabled = false;
        let error = prepare(&host).expect_err("a refusal");
        assert!(matches!(error, Error::Unauthorized(_)));
        assert_eq!(error.code(), "live-streaming-not-enabled");
        assert!(error.problem().message.contains("https://www.youtube.com/features"));
    }

    #[test]
    fn two_broadcasts_at_once_have_two_streams_and_a_finished_one_gives_its_back() {
        let (host, model) = connected();
        let first = prepare(&host).expect("a target");
        let mut other = broadcast();
        other.id = "broadcast-2".to_owned();
        let second = YouTube::prepare(&host, &host.context(), &other).expect("a target");
        assert_ne!(first.key, second.key);
        model.borrow_mut().streams[0].is_active = true;
        check(&host, &first);
        YouTube::finish(&host, &host.context(), &first.state).expect("an end");
        other.id = "broadcast-3".to_owned();
        let third = YouTube::prepare(&host, &host.context(), &other).expect("a target");
        assert_ne!(third.key, first.key, "somebody still pushes into the free one");
        assert_ne!(third.key, second.key);
        model.borrow_mut().streams[0].is_active = false;
        other.id = "broadcast-4".to_owned();
        let fourth = YouTube::prepare(&host, &host.context(), &other).expect("a target");
        assert_eq!(fourth.key, first.key);
        assert_eq!(model.borrow().streams.len(), 3);
    }

    #[test]
    fn an_event_that_never_began_is_taken_away_at_the_end() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        YouTube::finish(&host, &host.context(), &target.state).expect("an end");
        assert!(model.borrow().broadcasts.is_empty());
    }

    #[test]
    fn a_channel_with_a_monitor_stream_passes_through_testing() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        model.borrow_mut().streams[0].is_active = true;
        model.borrow_mut().broadcasts[0].has_monitor = true;
        assert_eq!(check(&host, &target).live, Some(false));
        assert_eq!(only(&model).status, "testing");
        assert_eq!(check(&host, &target).live, Some(true));
        assert_eq!(only(&model).status, "live");
    }

    #[test]
    fn a_title_is_changed_and_the_rest_stays() {
        let (host, model) = connected();
        let target = prepare(&host).expect("a target");
        let before = only(&model).snippet;
        YouTube::retitle(&host, &host.context(), &target.state, "A <new> title").expect("a new title");
        let after = only(&model).snippet;
        assert_eq!(after["title"], "A new title");
        for kept in ["description", "scheduledStartTime"] {
            assert_eq!(after[kept], before[kept], "{kept}");
        }
    }

    #[test]
    fn titles_and_visibilities_are_made_fit() {
        for (title, expected) in [("", "Live"), ("  ", "Live"), ("<>", "Live"), ("a\u{0}b", "ab")] {
            assert_eq!(broadcasts::title(title), expected);
        }
        assert_eq!(broadcasts::title(&"ä".repeat(150)).chars().count(), 100);
        for (word, privacy) in [("unlisted", "unlisted"), ("private", "private"), ("friends", "private")] {
            let (host, model) = connected();
            let mut wanted = broadcast();
            wanted.visibility = word.to_owned();
            YouTube::prepare(&host, &host.context(), &wanted).expect("a target");
            assert_eq!(only(&model).privacy, privacy);
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        let outcome = |status, reason: &str| {
            let body = youtube_model::error_body(status, reason).to_string();
            let host = FakeHost::new("{}")
                .with_secret("account", "t")
                .with_platform(move |_| answer(status, &[("retry-after", "7")], &body));
            prepare(&host).expect_err("a refusal")
        };
        assert!(matches!(outcome(401, "authError"), Error::Unauthorized(_)));
        assert!(matches!(outcome(403, "insufficientPermissions"), Error::Unauthorized(_)));
        let patience = outcome(403, "quotaExceeded");
        assert!(matches!(patience, Error::RateLimited(_)));
        assert_eq!((patience.code(), patience.problem().retry_after_ms), ("quota-exceeded", Some(7000)));
        assert!(matches!(outcome(403, "userRequestsExceedRateLimit"), Error::RateLimited(_)));
        assert!(matches!(outcome(503, ""), Error::Unavailable(_)));
        assert!(matches!(outcome(400, "invalidTitle"), Error::Other(_)));
        let nonsense =
            FakeHost::new("{}").with_secret("account", "t").with_platform(|_| answer(200, &[], "<html>"));
        assert_eq!(prepare(&nonsense).expect_err("nonsense").code(), "malformed");
    }

    #[test]
    fn a_used_up_quota_is_no_reason_to_hurry() {
        let (host, model) = connected();
        // Enough for the stream, not for the event.
        model.borrow_mut().units = 60;
        let error = prepare(&host).expect_err("a refusal");
        assert_eq!(error.problem().retry_after_ms, Some(60 * 60 * 1000));
        assert!(model.borrow().broadcasts.is_empty());
        assert_eq!(host.revision("broadcast:broadcast-1"), None, "what did not happen needs no search");
        model.borrow_mut().units = 10_000;
        prepare(&host).expect("a target");
        assert_eq!(count(&model, "GET liveBroadcasts"), 0);
        only(&model);
    }

    #[test]
    fn a_memory_that_fails_stops_the_broadcast_before_an_event_is_made() {
        let (host, model) = connected();
        host.break_memory();
        prepare(&host).expect_err("without a memory two events could come of it");
        assert!(model.borrow().broadcasts.is_empty());
    }
}

mod with_a_pasted_key {
    use super::*;

    /// The first request of an installation without an account, as the host answers it.
    fn without_account(config: &str) -> FakeHost {
        let missing = Error::invalid_config("", "secret-missing", "the secret `account` is not set");
        FakeHost::new(config).expect(first_request(), Err(missing))
    }

    fn first_request() -> Request {
        Request::get("https://www.googleapis.com/youtube/v3/liveStreams")
            .query("part", "id,snippet,cdn,status")
            .query("mine", "true")
            .query("maxResults", "50")
            .bearer("account")
            .header("accept", "application/json")
    }

    #[test]
    fn the_target_is_the_primary_ingest_over_tls_with_its_backup() {
        let target = prepare(&without_account("{}")).expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.url, "rtmps://a.rtmps.youtube.com/live2");
        assert_eq!(target.backup_url.as_deref(), Some("rtmps://b.rtmps.youtube.com/live2?backup=1"));
        assert_eq!(target.key, Value::secret("stream-key"));
        assert_eq!(target.limits.map(|limits| limits.video_kbps), Some(51_000));
        assert_eq!(target.expires_at, None);
        assert!(target.state.is_empty());
    }

    #[test]
    fn the_fixed_ingests_are_on_youtubes_hosts() {
        for url in [PRIMARY, BACKUP] {
            assert!(YOUTUBE.has(&PushUrl::parse(url).expect(url)), "{url}");
        }
    }

    #[test]
    fn another_server_of_youtube_is_taken_without_a_backup_and_without_asking() {
        let target =
            prepare(&FakeHost::new(r#"{"rtmp_url": "rtmp://b.rtmp.youtube.com"}"#)).expect("a target");
        assert_eq!((target.url.as_str(), target.backup_url), ("rtmp://b.rtmp.youtube.com/live2", None));
        assert_eq!(target.protocol, Protocol::Rtmp);
    }

    #[test]
    fn a_server_elsewhere_is_refused_at_its_field() {
        for url in
            ["rtmp://rtmp.youtube.com.evil.net/live2", "rtmp://127.0.0.1/live2", "rtmps://youtube.com/live2"]
        {
            let error =
                prepare(&FakeHost::new(format!(r#"{{"rtmp_url": "{url}"}}"#))).expect_err("a refusal");
            assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
            assert_eq!(error.code(), "foreign-host");
            assert!(error.problem().message.starts_with("/rtmp_url: "), "{url}");
        }
    }

    #[test]
    fn a_key_pasted_into_the_url_is_refused() {
        let config = r#"{"rtmp_url": "rtmps://a.rtmps.youtube.com/live2/ab12-cd34-ef56-gh78-ij90"}"#;
        assert_eq!(prepare(&FakeHost::new(config)).expect_err("a refusal").code(), "key-in-url");
    }

    #[test]
    fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
        assert_same_hosts(include_str!("../../plugin.toml"), YOUTUBE);
        prepare(&FakeHost::new(config_of_examples(include_str!("../../config.schema.json"))))
            .expect("a target");
    }

    #[test]
    fn the_state_is_unknown_ending_succeeds_and_titles_need_an_account() {
        let host = FakeHost::new("{}");
        assert_eq!(YouTube::check(&host, &host.context(), b""), Ok(Health::UNKNOWN));
        assert_eq!(YouTube::finish(&host, &host.context(), b""), Ok(()));
        let error = YouTube::retitle(&host, &host.context(), b"", "x").expect_err("a refusal");
        assert_eq!(error.code(), "account-needed");
    }

    #[test]
    fn a_servers_name_from_elsewhere_is_not_pushed_to() {
        let (host, model) = connected();
        let evil = host_of(&model).with_platform({
            let model = Rc::clone(&model);
            move |request| {
                let response = answered(&mut model.borrow_mut(), request)?;
                let text =
                    String::from_utf8_lossy(&response.body).replace("rtmps.youtube.com", "evil.example");
                answer(response.status, &[], &text)
            }
        });
        assert_eq!(prepare(&evil).expect_err("a refusal").code(), "malformed");
        drop(host);
    }
}
