//! Against a small Aurora that keeps broadcasts, and against single answers.

use std::cell::RefCell;
use std::rc::Rc;

use neustream_plugin::destination::{
    Broadcast, DestinationAdapter, DestinationMetadata, Health, Protocol, Target,
};
use neustream_plugin::json::{self, Value as Json, json};
use neustream_plugin::testing::{
    FakeHost, Joined, answer, assert_same_hosts, broadcast, config_of_examples, unreachable,
};
use neustream_plugin::{Error, Response, Value};

use crate::Aurora;
use crate::adapter::{INGESTS, State};

/// An Aurora with two broadcasts a page.
#[derive(Default)]
struct Server {
    /// Reference, title, visibility and state, by id.
    broadcasts: Vec<(String, String, String, &'static str)>,
    /// Does what it is asked, and loses the answer.
    loses_answers: bool,
    requests: Vec<String>,
}

impl Server {
    fn answer(&mut self, request: &Joined) -> Result<Response, Error> {
        assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
        let path = request
            .url
            .strip_prefix("https://api.aurora.example/v2/broadcasts")
            .expect("a path");
        self.requests.push(format!("{} {path}", request.method));
        let outcome = match (
            request.method.as_str(),
            path.trim_start_matches('/').split_once('/'),
        ) {
            ("POST", None) if path.is_empty() => self.create(request),
            ("GET", None) if path.is_empty() => self.list(request),
            (method, rest) => {
                let (id, verb) = rest.unwrap_or((path.trim_start_matches('/'), ""));
                self.one(method, id, verb, request)
            }
        };
        if self.loses_answers {
            unreachable()
        } else {
            outcome
        }
    }

    fn create(&mut self, request: &Joined) -> Result<Response, Error> {
        let wanted: Json = json::from(&request.body)?;
        let text = |name: &str| wanted[name].as_str().expect("a text").to_owned();
        self.broadcasts.push((
            text("reference"),
            text("title"),
            text("visibility"),
            "ready",
        ));
        answer(201, &[], self.shown(self.broadcasts.len() - 1))
    }

    fn list(&self, request: &Joined) -> Result<Response, Error> {
        assert_eq!(request.parameter("state"), Some("ready,live"));
        let begin: usize = request
            .parameter("cursor")
            .map_or(0, |cursor| cursor.parse().expect("a number"));
        let end = (begin + 2).min(self.broadcasts.len());
        let data: Vec<_> = (begin..end).map(|index| self.shown(index)).collect();
        let next = (end < self.broadcasts.len()).then(|| end.to_string());
        answer(200, &[], json!({"data": data, "next_cursor": next}))
    }

    fn one(
        &mut self,
        method: &str,
        id: &str,
        verb: &str,
        request: &Joined,
    ) -> Result<Response, Error> {
        let index = id
            .strip_prefix("a-")
            .and_then(|index| index.parse::<usize>().ok());
        let Some(index) = index.filter(|index| *index < self.broadcasts.len()) else {
            return answer(404, &[], json!({"error": {"code": "not_found"}}));
        };
        match (method, verb) {
            ("GET", "") => answer(200, &[], self.shown(index)),
            ("GET", "status") => answer(
                200,
                &[],
                json!({"state": self.broadcasts[index].3, "viewers": 12}),
            ),
            ("PATCH", "") => {
                let change: Json = json::from(&request.body)?;
                self.broadcasts[index].1 = change["title"].as_str().expect("a title").to_owned();
                answer(200, &[], "{}")
            }
            ("POST", "end") if self.broadcasts[index].3 == "ended" => {
                answer(409, &[], json!({"error": {"code": "already_ended"}}))
            }
            ("POST", "end") => {
                self.broadcasts[index].3 = "ended";
                answer(200, &[], "{}")
            }
            other => panic!("Aurora has no {other:?}"),
        }
    }

    fn shown(&self, index: usize) -> Json {
        let (reference, _, _, state) = &self.broadcasts[index];
        json!({
            "id": format!("a-{index}"),
            "reference": reference,
            "state": state,
            "ingest": {
                "url": "rtmps://eu.ingest.aurora.example/live",
                "backup_url": "rtmps://us.ingest.aurora.example/live",
                "key": format!("key-{index}"),
                "expires_at": "2025-10-09T20:53:20Z",
            },
        })
    }
}

/// A host before a server.
fn hosted() -> (FakeHost, Rc<RefCell<Server>>) {
    let server = Rc::new(RefCell::new(Server::default()));
    let platform = Rc::clone(&server);
    let host = FakeHost::new("{}")
        .with_secret("account", "t0ken")
        .with_platform(move |request| platform.borrow_mut().answer(request));
    (host, server)
}

fn prepare(host: &FakeHost) -> Result<Target, Error> {
    Aurora::prepare(host, &host.context(), &broadcast())
}

/// An error of `prepare` where Aurora answers so.
fn refused(status: u16, headers: &'static [(&str, &str)], body: Json) -> Error {
    let host = FakeHost::new("{}")
        .with_secret("account", "t0ken")
        .with_platform(move |_| answer(status, headers, &body));
    prepare(&host).expect_err("a refusal")
}

#[test]
fn a_broadcast_is_created_and_sent_to() {
    let (host, server) = hosted();
    let target = prepare(&host).expect("a target");
    assert_eq!(target.protocol, Protocol::Rtmps);
    assert_eq!(target.url, "rtmps://eu.ingest.aurora.example/live");
    assert_eq!(
        target.backup_url.as_deref(),
        Some("rtmps://us.ingest.aurora.example/live")
    );
    assert_eq!(target.key, Value::from("key-0"));
    assert_eq!(
        target.expires_at,
        Some(host.context().now + 12 * 3600 * 1000)
    );
    let state: State = json::from(&target.state).expect("a state");
    assert_eq!(
        state,
        State {
            ours: "broadcast-1".to_owned(),
            theirs: "a-0".to_owned()
        }
    );
    let (reference, title, visibility, _) = server.borrow().broadcasts[0].clone();
    let expected = ("broadcast-1", "First light", "public");
    assert_eq!(
        (reference.as_str(), title.as_str(), visibility.as_str()),
        expected
    );
}

#[test]
fn preparing_again_leads_to_the_same_broadcast() {
    let (host, server) = hosted();
    let first = prepare(&host).expect("a target");
    host.pass_seconds(3600);
    assert_eq!(prepare(&host), Ok(first));
    assert_eq!(server.borrow().broadcasts.len(), 1);
    assert_eq!(
        server.borrow().requests,
        ["POST ", "GET /a-0"],
        "nothing was searched for"
    );
}

#[test]
fn a_broadcast_whose_answer_was_lost_is_found_page_by_page() {
    let (host, server) = hosted();
    for number in 0..5 {
        let other = (
            format!("other-{number}"),
            String::new(),
            String::new(),
            "live",
        );
        server.borrow_mut().broadcasts.push(other);
    }
    server.borrow_mut().loses_answers = true;
    assert!(matches!(prepare(&host), Err(Error::Unavailable(_))));
    server.borrow_mut().loses_answers = false;
    let target = prepare(&host).expect("a target");
    assert_eq!(target.key, Value::from("key-5"));
    assert_eq!(server.borrow().broadcasts.len(), 6, "it was created once");
}

#[test]
fn what_was_asked_for_and_never_arrived_is_created() {
    let (host, server) = hosted();
    host.remember("broadcast/broadcast-1", br#""asked""#);
    prepare(&host).expect("a target");
    assert_eq!(server.borrow().requests, ["GET ", "POST "]);
}

#[test]
fn a_memory_that_cannot_be_written_stops_it_before_anything_is_created() {
    let (host, server) = hosted();
    host.break_memory();
    assert_eq!(prepare(&host).expect_err("a failure").code(), "quota");
    assert!(server.borrow().requests.is_empty());
}

#[test]
fn a_broadcast_that_was_ended_or_deleted_there_is_not_begun_again() {
    let (host, server) = hosted();
    prepare(&host).expect("a target");
    server.borrow_mut().broadcasts[0].3 = "ended";
    assert_eq!(
        prepare(&host).expect_err("a refusal").code(),
        "broadcast-ended"
    );
    server.borrow_mut().broadcasts.clear();
    assert_eq!(
        prepare(&host).expect_err("a refusal").code(),
        "broadcast-deleted"
    );
}

#[test]
fn titles_and_visibilities_are_what_aurora_takes() {
    let long = "ä".repeat(150);
    for (title, visibility, expected) in [
        ("", "public", ("Live", "public")),
        (" \n ", "unlisted", ("Live", "unlisted")),
        ("a\u{0}b ", "friends", ("ab", "private")),
        (&long, "private", (&long[..200], "private")),
    ] {
        let (host, server) = hosted();
        let broadcast = Broadcast {
            title: title.to_owned(),
            visibility: visibility.to_owned(),
            ..broadcast()
        };
        Aurora::prepare(&host, &host.context(), &broadcast).expect("a target");
        let (_, title, visibility, _) = server.borrow().broadcasts[0].clone();
        assert_eq!((title.as_str(), visibility.as_str()), expected);
    }
}

#[test]
fn it_is_watched_renamed_and_ended_and_ending_twice_succeeds() {
    let (host, server) = hosted();
    let state = prepare(&host).expect("a target").state;
    let ctx = host.context();
    let health = |live, viewers| {
        Ok(Health {
            live: Some(live),
            viewers,
        })
    };
    assert_eq!(Aurora::check(&host, &ctx, &state), health(false, Some(12)));
    server.borrow_mut().broadcasts[0].3 = "live";
    assert_eq!(Aurora::check(&host, &ctx, &state), health(true, Some(12)));
    assert_eq!(
        Aurora::retitle(&host, &ctx, &state, " Second light "),
        Ok(())
    );
    assert_eq!(server.borrow().broadcasts[0].1, "Second light");
    let error = Aurora::retitle(&host, &ctx, &state, "\t").expect_err("a refusal");
    assert_eq!(error.code(), "title-empty");
    assert_eq!(Aurora::finish(&host, &ctx, &state), Ok(()));
    assert_eq!(
        host.revision("broadcast/broadcast-1"),
        None,
        "it is forgotten"
    );
    assert_eq!(Aurora::finish(&host, &ctx, &state), Ok(()));
    server.borrow_mut().broadcasts.clear();
    assert_eq!(Aurora::finish(&host, &ctx, &state), Ok(()));
    assert_eq!(Aurora::check(&host, &ctx, &state), health(false, None));
}

#[test]
fn refusals_say_who_is_to_do_what() {
    let code = |code: &str| json!({"error": {"code": code, "resets_at": "2025-10-09T09:53:20Z"}});
    let quota = refused(403, &[], code("quota_exceeded"));
    assert!(matches!(quota, Error::RateLimited(_)));
    assert_eq!(quota.problem().retry_after_ms, Some(3600 * 1000));
    let disabled = refused(403, &[], code("streaming_disabled"));
    assert!(
        matches!(&disabled, Error::Unauthorized(problem) if problem.code == "streaming-disabled")
    );
    let patience = refused(429, &[("retry-after", "30")], json!({}));
    assert_eq!(patience.problem().retry_after_ms, Some(30_000));
    assert!(matches!(
        refused(401, &[], json!({})),
        Error::Unauthorized(_)
    ));
    assert!(matches!(
        refused(503, &[], json!("<html>")),
        Error::Unavailable(_)
    ));
    assert_eq!(refused(200, &[], json!({"id": 7})).code(), "malformed");
}

#[test]
fn a_server_from_elsewhere_is_not_sent_to() {
    let body = json!({
        "id": "a-1",
        "state": "ready",
        "ingest": {"url": "rtmps://ingest.aurora.example.evil.net/live", "key": "k"},
    });
    assert_eq!(refused(200, &[], body).code(), "malformed");
}

#[test]
fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
    assert_same_hosts(include_str!("../plugin.toml"), INGESTS);
    let (mut host, server) = hosted();
    host.configure(config_of_examples(include_str!("../config.schema.json")));
    let untitled = Broadcast {
        title: String::new(),
        ..broadcast()
    };
    Aurora::prepare(&host, &host.context(), &untitled).expect("a target");
    assert_eq!(server.borrow().broadcasts[0].1, "Ronni live");
}
