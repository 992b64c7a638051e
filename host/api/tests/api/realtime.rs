//! Socket.IO, spoken by hand over long polling (Engine.IO 4, Socket.IO 5).

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use neustream_accounts::Role;
use neustream_api::ApiSettings;
use neustream_contract::{Activity, BreakerState, Fault};
use neustream_model::{DestinationState, LiveEventKind, Reason, UnixMillis, UsageWarning};
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, tenant_of, text};
use crate::world::with_role;

/// Separates packets of a payload.
const SEPARATOR: char = '\u{1e}';

/// A Socket.IO client.
pub struct Client<'a> {
    api: &'a TestApi,
    sid: String,
    /// What has come and was not looked at.
    waiting: Vec<String>,
}

impl<'a> Client<'a> {
    /// Connects; `Err` holds the refusal's message.
    pub async fn connect(api: &'a TestApi, auth: &Value) -> Result<Self, String> {
        let request = Request::get("/socket.io/?EIO=4&transport=polling").body(Body::empty()).unwrap();
        let open = api.send(request).await;
        assert_eq!(open.status, StatusCode::OK, "{open:?}");
        let opened: Value = serde_json::from_str(open.text().strip_prefix('0').unwrap()).unwrap();
        let mut client = Self { api, sid: text(&opened["sid"]), waiting: Vec::new() };
        client.write(&format!("40{auth}")).await;
        let mut packet = client.next_packet().await;
        // The host may ping (Engine.IO `2`) before it answers.
        while packet == "2" {
            packet = client.next_packet().await;
        }
        match packet {
            packet if packet.starts_with("40") => Ok(client),
            packet => {
                let refusal = packet.strip_prefix("44").unwrap_or_else(|| panic!("a refusal, not {packet}"));
                let refusal: Value = serde_json::from_str(refusal).unwrap();
                Err(text(&refusal["message"]))
            }
        }
    }

    pub async fn of(api: &'a TestApi, account: &Account) -> Self {
        Self::connect(api, &json!({ "token": account.token })).await.unwrap()
    }

    fn request(&self, method: &str, body: Body) -> Request<Body> {
        let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", self.sid);
        Request::builder().method(method).uri(path).body(body).unwrap()
    }

    async fn write(&self, packet: &str) {
        let answer = self.api.send(self.request("POST", Body::from(packet.to_owned()))).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    async fn next_packet(&mut self) -> String {
        while self.waiting.is_empty() {
            let poll = self.api.send(self.request("GET", Body::empty()));
            let answer = tokio::time::timeout(Duration::from_secs(10), poll).await.expect("something comes");
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            self.waiting = answer.text().split(SEPARATOR).map(str::to_owned).collect();
        }
        self.waiting.remove(0)
    }

    /// The next event, as name and body.
    pub async fn next_event(&mut self) -> (String, Value) {
        loop {
            if let Some(event) = self.next_packet().await.strip_prefix("42") {
                let [name, body]: [Value; 2] = serde_json::from_str(event).unwrap();
                return (text(&name), body);
            }
        }
    }

    /// Events up to and with the next one of this name.
    async fn until(&mut self, name: &str) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        loop {
            let event = self.next_event().await;
            let is_last = event.0 == name;
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    /// Emits an event and returns its acknowledgement, with what came before it.
    pub async fn emit(&mut self, event: &str, body: Value) -> (Value, Vec<(String, Value)>) {
        self.write(&format!("427{}", json!([event, body]))).await;
        let mut before = Vec::new();
        loop {
            let packet = self.next_packet().await;
            if let Some(ack) = packet.strip_prefix("437") {
                let [ack]: [Value; 1] = serde_json::from_str(ack).unwrap();
                return (ack, before);
            }
            if let Some(event) = packet.strip_prefix("42") {
                let [name, body]: [Value; 2] = serde_json::from_str(event).unwrap();
                before.push((text(&name), body));
            }
        }
    }
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

async fn prepared() -> (TestApi, Account, Value) {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    (api, ada, source)
}

#[tokio::test]
async fn joining_tells_the_present_state_at_once() {
    let (api, ada, source) = prepared().await;
    let mut client = Client::of(&api, &ada).await;
    let (ack, before) = client.emit("join-stream", source["id"].clone()).await;
    assert_eq!(ack, json!({ "ok": true }));
    assert_eq!(names(&before), ["stream.offline", "stream-status"]);
    assert_eq!(before[1].1, "offline");

    let destination = api.destination(&ada, &source).await;
    api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
    let (ack, before) = client.emit("join-stream", json!({ "sourceId": source["id"] })).await;
    assert_eq!(ack, json!({ "ok": true }));
    assert_eq!(names(&before), ["stream.live", "stream-status", "destination.status"]);
    assert_eq!(before[0].1["source_id"], source["id"]);
    assert_eq!(before[0].1["state"], "live");
    assert_eq!(before[1].1, "live");
    assert_eq!(before[2].1["id"], destination["id"]);
    assert_eq!(before[2].1["state"], "retrying");
    assert_eq!(before[2].1["reason"]["code"], "refused");
}

#[tokio::test]
async fn what_happens_is_told_under_the_new_and_the_old_names() {
    let (api, ada, source) = prepared().await;
    let destination = api.destination(&ada, &source).await;
    let session = api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
    let mut client = Client::of(&api, &ada).await;
    client.emit("join-stream", source["id"].clone()).await;

    api.live.happen(&session, LiveEventKind::StreamStarting);
    let events = client.until("stream-status").await;
    assert_eq!(names(&events), ["stream.starting", "stream-status"]);
    assert_eq!(events[1].1, "starting");

    let mut status = session.destinations[0].clone();
    status.state = DestinationState::Live;
    api.live.happen(&session, LiveEventKind::Destination { status });
    let (name, body) = client.next_event().await;
    assert_eq!(name, "destination.status");
    assert_eq!(body["state"], "live");
    assert_eq!(body["source_id"], source["id"]);

    let reason = Reason::new("second-publisher", "another publisher was refused");
    api.live.happen(&session, LiveEventKind::StreamError { reason });
    let events = client.until("stream-status").await;
    assert_eq!(names(&events), ["stream.error", "stream-status"]);
    assert_eq!(events[0].1["reason"]["code"], "second-publisher");
    assert_eq!(events[0].1["state"], "live");

    api.live.happen(&session, LiveEventKind::StreamOffline);
    let events = client.until("stream-ended").await;
    assert_eq!(names(&events), ["stream.offline", "stream-status", "stream-ended"]);

    let (ack, _) = client.emit("leave-stream", source["id"].clone()).await;
    assert_eq!(ack, json!({ "ok": true }));
    api.live.happen(&session, LiveEventKind::StreamLive);
    api.live.happen(&session, LiveEventKind::StreamStarting);
    // The tenant still hears the dotted names, and no older one between them.
    let events = client.until("stream.starting").await;
    assert_eq!(names(&events), ["stream.live", "stream.starting"]);
}

#[tokio::test]
async fn an_organisation_hears_that_a_plugin_of_its_own_failed() {
    let (api, ada, _) = prepared().await;
    let eve = api.account("eve@example.com").await;
    let mut client = Client::of(&api, &ada).await;
    let mut own = Value::Null;
    // Eve's fails first, and Ada does not hear of it.
    for (account, message) in [(&eve, "Not yours."), (&ada, "The plugin panicked.")] {
        let installed = api.install(account, "neustream/twitch", &json!({})).await;
        let reason = Reason::new("plugin-trap", message);
        let fault = Fault { at: UnixMillis(1_800_000_000_000), function: "prepare".to_owned(), reason };
        let breaker = BreakerState::Open { until: UnixMillis(1_800_000_030_000) };
        let failed =
            Activity { calls: 5, faults: 5, last_fault: Some(fault), breaker, ..Activity::default() };
        let tenant = tenant_of(&api, account).parse().unwrap();
        api.platform.happen(tenant, text(&installed["id"]).parse().unwrap(), failed);
        own = installed["id"].clone();
        api.installations.flush(UnixMillis::now()).await.unwrap();
    }
    let told = json!({
        "installation_id": own, "plugin": "neustream/twitch", "code": "plugin-trap",
        "message": "The plugin panicked.", "at": "2027-01-15T08:00:00Z", "is_disabled": true,
    });
    assert_eq!(client.next_event().await, ("plugin.error".to_owned(), told));
}

#[tokio::test]
async fn viewers_follow_a_public_stream_without_its_inside() {
    let (api, ada, source) = prepared().await;
    let destination = api.destination(&ada, &source).await;
    let session = api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
    let mut viewer = Client::connect(&api, &json!({})).await.unwrap();
    let (ack, before) = viewer.emit("join-stream", source["playback_id"].clone()).await;
    assert_eq!(ack, json!({ "ok": true }));
    assert_eq!(names(&before), ["stream.live", "stream-status", "viewer.count.update"]);

    api.live.happen(&session, LiveEventKind::Destination { status: session.destinations[0].clone() });
    api.live.happen(&session, LiveEventKind::StreamOffline);
    let events = viewer.until("stream-ended").await;
    assert_eq!(names(&events), ["stream.offline", "stream-status", "stream-ended"]);
    for (_, body) in before.iter().chain(&events) {
        assert!(!body.to_string().contains(&text(&source["id"])), "{body}");
        assert!(!body.to_string().contains(&session.id.to_string()), "{body}");
    }
}

#[tokio::test]
async fn the_organisation_hears_that_its_streaming_time_runs_out_and_viewers_do_not() {
    let (api, ada, source) = prepared().await;
    let session = api.live.run(&source, &tenant_of(&api, &ada), None);
    let mut member = Client::connect(&api, &json!({ "token": ada.token })).await.unwrap();
    let mut viewer = Client::connect(&api, &json!({})).await.unwrap();
    viewer.emit("join-stream", source["playback_id"].clone()).await;
    let ends_at = Some(UnixMillis(1_800_000_000_000));
    let usage = UsageWarning { percent: 100, used_s: 180_018, limit_s: 180_000, ends_at };
    api.live.happen(&session, LiveEventKind::UsageWarning { usage });
    api.live.happen(&session, LiveEventKind::StreamOffline);
    let heard = member.until("stream.offline").await;
    let (name, body) = &heard[0];
    assert_eq!(name, "usage.warning");
    assert_eq!((&body["percent"], &body["hours_limit"]), (&json!(100), &json!(50.0)));
    assert_eq!((&body["hours_used"], &body["ends_at"]), (&json!(50.01), &json!("2027-01-15T08:00:00Z")));
    assert_eq!((&body["source_id"], &body["state"]), (&source["id"], &json!("live")));
    let seen = viewer.until("stream-ended").await;
    assert!(!names(&seen).contains(&"usage.warning"), "{seen:?}");
}

#[tokio::test]
async fn another_tenants_stream_is_not_there_and_is_not_heard() {
    let (api, ada, source) = prepared().await;
    let eve = api.account("eve@example.com").await;
    let own = api.source(&eve).await;
    let session = api.live.run(&source, &tenant_of(&api, &ada), None);
    let own_session = api.live.run(&own, &tenant_of(&api, &eve), None);
    let mut client = Client::of(&api, &eve).await;
    let mut stranger = Client::connect(&api, &json!({})).await.unwrap();
    for socket in [&mut client, &mut stranger] {
        let (ack, before) = socket.emit("join-stream", source["id"].clone()).await;
        assert_eq!(ack["ok"], false);
        assert_eq!(ack["code"], "NOT_FOUND");
        assert_eq!(names(&before), ["error"]);
    }
    api.live.happen(&session, LiveEventKind::StreamLive);
    api.live.happen(&own_session, LiveEventKind::StreamStarting);
    let (name, body) = client.next_event().await;
    assert_eq!((name.as_str(), &body["source_id"]), ("stream.starting", &own["id"]));
}

#[tokio::test]
async fn a_wrong_token_is_refused_with_a_reason() {
    let (api, ..) = prepared().await;
    for (auth, message) in [
        (json!({ "token": "nonsense" }), "the access token is not valid"),
        (json!({ "token": 5 }), "`auth.token` must be a text"),
    ] {
        assert_eq!(Client::connect(&api, &auth).await.err().unwrap(), message);
    }
}

#[tokio::test]
async fn nonsense_is_answered_and_harms_nothing() {
    let (api, ada, source) = prepared().await;
    let mut client = Client::of(&api, &ada).await;
    for body in [json!(5), json!(null), json!({}), json!({ "sourceId": 1 }), json!("../etc"), json!([[]])] {
        let (ack, _) = client.emit("join-stream", body).await;
        assert_eq!(ack["code"], "VALIDATION_FAILED");
    }
    let (ack, _) = client.emit("join-stream", source["id"].clone()).await;
    assert_eq!(ack, json!({ "ok": true }));
}

#[tokio::test]
async fn connections_are_limited_per_user() {
    let settings = ApiSettings { max_sockets_per_user: 2, ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let ada = api.account("ada@example.com").await;
    let eve = api.account("eve@example.com").await;
    let first = Client::of(&api, &ada).await;
    let _second = Client::of(&api, &ada).await;
    let third = Client::connect(&api, &json!({ "token": ada.token })).await;
    assert_eq!(third.err().unwrap(), "too many connections");
    let _other = Client::of(&api, &eve).await;
    // A place that is given back can be taken again.
    first.write("41").await;
    let gone = async {
        loop {
            if Client::connect(&api, &json!({ "token": ada.token })).await.is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the place is free again");
}

#[tokio::test]
async fn a_large_message_is_refused() {
    let (api, ada, _) = prepared().await;
    let client = Client::of(&api, &ada).await;
    let body = format!("42{}", json!(["join-stream", "x".repeat(20_000)]));
    let answer = api.send(client.request("POST", Body::from(body))).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
}

#[tokio::test]
async fn whoever_is_removed_from_the_team_is_shown_out() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    let (grace, account) = with_role(&api, &ada.tenant, "grace@example.com", Role::Viewer).await;
    let auth = json!({ "token": account.token, "organisation": ada.tenant });
    let mut client = Client::connect(&api, &auth).await.unwrap();
    let gone = api.delete(&ada, &format!("/api/team/{}", grace.id)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    let events = client.until("error").await;
    assert_eq!(events.last().unwrap().1["code"], "ORGANISATION_FOREIGN");
    let mut farewell = client.next_packet().await;
    while farewell == "2" {
        farewell = client.next_packet().await;
    }
    assert_eq!(farewell, "41", "the host closes the connection");
    let again = Client::connect(&api, &auth).await.err().unwrap();
    assert_eq!(again, "you do not belong to that organisation");
}
