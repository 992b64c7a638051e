use axum::http::{Method, StatusCode};
use neustream_accounts::SetupToken;
use neustream_api::ApiSettings;
use serde_json::json;

use crate::kit::{Account, PASSWORD, TestApi, on_both, tenant_of, text};

#[tokio::test]
async fn a_stream_is_shown_with_the_live_state_of_every_destination() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let destination = api.destination(&ada, &source).await;
        let idle = api.get(&ada, "/api/streams/info").await.json()["streams"][0].clone();
        assert_eq!(idle["state"], "offline");
        assert_eq!(idle["is_active"], false);
        assert_eq!(idle["destinations"][0]["state"], "idle");
        assert_eq!(idle["destinations"][0]["since"], json!(null));
        assert_eq!(idle["usage"]["hours_streamed_month"], 0.0);

        let session = api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
        let live = api.get(&ada, "/api/streams/info").await.json()["streams"][0].clone();
        assert_eq!(live["id"], source["id"]);
        assert_eq!(live["is_active"], true);
        assert_eq!(live["state"], "live");
        assert_eq!(live["session_id"], session.id.to_string());
        assert_eq!(live["bitrate_in_bps"], 2_500_000);
        assert_eq!(live["tracks"][0]["codec"], "avc1.64001f");
        assert_eq!(live["warnings"][0]["code"], "keyframes-far-apart");
        let shown = &live["destinations"][0];
        assert_eq!(shown["id"], destination["id"]);
        assert_eq!(shown["rtmp_url"], "rtmp://live.example.com/app");
        assert_eq!(shown["state"], "retrying");
        assert_eq!(shown["reason"], json!({ "code": "refused", "message": "the server refused the key" }));
        assert_eq!(shown["since"], "2027-01-15T08:00:00Z");
        assert_eq!(shown["next_attempt"], "2027-01-15T08:00:02Z");
        assert_eq!(shown["bitrate_out_bps"], 1);
        assert_eq!(shown["dropped_frames"], 3);
        assert_eq!(shown["reconnects"], 4);
        assert_eq!(shown["platform_live"], false);
    })
    .await;
}

#[tokio::test]
async fn running_sessions_are_shown_to_their_tenant_and_all_to_an_administrator() {
    on_both(async |api| {
        let root = administrator(&api).await;
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        let source = api.source(&ada).await;
        let session = api.live.run(&source, &tenant_of(&api, &ada), None);

        for account in [&ada, &root] {
            let streams = api.get(account, "/api/streams/active").await.json()["streams"].clone();
            assert_eq!(streams[0]["source_id"], source["id"], "{}", account.email);
            assert_eq!(streams[0]["session_id"], session.id.to_string());
            assert_eq!(streams[0]["state"], "live");
        }
        assert_eq!(api.get(&eve, "/api/streams/active").await.json(), json!({ "streams": [] }));
    })
    .await;
}

#[tokio::test]
async fn a_session_is_ended_once() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let path = format!("/api/streams/active/{}", text(&source["id"]));
        api.delete(&ada, &path).await.is_error(StatusCode::CONFLICT, "NOT_LIVE");

        api.live.run(&source, &tenant_of(&api, &ada), None);
        let ended = api.delete(&ada, &path).await;
        assert_eq!(ended.status, StatusCode::OK);
        assert_eq!(ended.json(), json!({ "status": "offline", "duration_minutes": 2 }));
        api.delete(&ada, &path).await.is_error(StatusCode::CONFLICT, "NOT_LIVE");
    })
    .await;
}

#[tokio::test]
async fn health_tells_version_and_sessions() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let answer = api.ask(None, Method::GET, "/health", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!(body["status"], "ok");
    assert_eq!(body["sessions"], 0);
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"));
}

async fn administrator(api: &TestApi) -> Account {
    let token = SetupToken::generate();
    api.db.store.host().offer_setup(token.digest().as_str()).await.unwrap();
    let body = json!({
        "token": token.expose(), "email": "root@example.com", "password": PASSWORD, "display_name": "Root",
    });
    Account::of(&api.ask(None, Method::POST, "/api/auth/setup", Some(&body)).await)
}

#[tokio::test]
async fn a_running_broadcast_gets_another_title_and_a_quiet_source_none() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let destination = api.destination(&ada, &source).await;
        let path = format!("/api/streams/{}/settings", text(&source["id"]));
        let body = json!({ "title": "Evening show" });
        let answer = api.ask(Some(&ada.token), Method::PUT, &path, Some(&body)).await;
        answer.is_error(StatusCode::CONFLICT, "NOT_LIVE");
        api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
        let answer = api.ask(Some(&ada.token), Method::PUT, &path, Some(&body)).await.json();
        assert_eq!(
            answer["destinations"],
            json!([{ "id": destination["id"], "is_changed": true, "reason": null }])
        );
        let nameless = api.ask(Some(&ada.token), Method::PUT, &path, Some(&json!({ "title": " " }))).await;
        nameless.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}
