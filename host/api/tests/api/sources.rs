use axum::http::StatusCode;
use neustream_api::ApiSettings;
use neustream_model::StreamKey;
use serde_json::json;

use crate::kit::{TestApi, on_both, tenant_of, text};

#[tokio::test]
async fn a_source_shows_its_key_when_it_is_made_and_never_again() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let body = json!({ "name": "Gaming Stream", "description": "My gaming content" });
        let answer = api.post(&ada, "/api/sources", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let created = answer.json();
        let source = &created["source"];
        let key = text(&source["stream_key"]);
        assert!(key.parse::<StreamKey>().is_ok(), "{key}");
        assert_eq!(source["id"], source["uuid"]);
        assert_eq!(source["name"], "Gaming Stream");
        assert_eq!(source["description"], "My gaming content");
        assert_eq!(source["is_active"], false);
        assert_eq!(source["second_publisher"], "reject");
        assert_eq!(source["reconnect_window_s"], 60);
        assert_eq!(source["destinations_count"], 0);
        assert_eq!(source["rtmp_url"], "rtmp://stream.example.com:1935/live");
        let playback_id = text(&source["playback_id"]);
        let playback_url = format!("http://stream.example.com:3000/hls/{playback_id}/index.m3u8");
        assert_eq!(source["playback_url"], playback_url);
        assert!(text(&source["created_at"]).ends_with('Z'));
        assert_eq!(created["limits"]["sources_remaining"], 99);
        assert_eq!(created["limits"]["streaming_hours_remaining"], json!(null));

        let path = format!("/api/sources/{}", text(&source["id"]));
        for path in [path.as_str(), "/api/sources", "/api/streams/info"] {
            let answer = api.get(&ada, path).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text().contains(&playback_id), "{path}");
            assert!(!answer.text().contains("stream_key") && !answer.text().contains(&key), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_is_shown_and_told_to_the_media_path() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let id = text(&source["id"]);
        let body = json!({ "name": "Evening", "second_publisher": "replace", "reconnect_window_s": 5 });
        let answer = api.put(&ada, &format!("/api/sources/{id}"), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let changed = &answer.json()["source"];
        assert_eq!(changed["name"], "Evening");
        assert_eq!(changed["second_publisher"], "replace");
        assert_eq!(changed["reconnect_window_s"], 5);
        assert_eq!(api.live.told(), [format!("changed {id}")]);
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_is_shown_once_and_the_media_path_drops_the_old_one() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let id = text(&source["id"]);
        let answer = api.post(&ada, &format!("/api/sources/{id}/rotate-key"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let new: StreamKey = text(&answer.json()["source"]["stream_key"]).parse().unwrap();
        let old: StreamKey = text(&source["stream_key"]).parse().unwrap();
        assert_eq!(api.live.told(), [format!("rotated {id}")]);
        let host = api.db.store.host();
        assert!(host.source_by_key_digest(&old.digest()).await.unwrap().is_none());
        assert!(host.source_by_key_digest(&new.digest()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_deleted_source_is_gone_and_its_session_ends() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let path = format!("/api/sources/{}", text(&source["id"]));
        assert_eq!(api.delete(&ada, &path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(api.live.told(), [format!("deleted {}", text(&source["id"]))]);
        api.get(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        api.delete(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_source_is_active_while_its_session_runs() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    api.live.run(&source, &tenant_of(&api, &ada), None);
    let path = format!("/api/sources/{}", text(&source["id"]));
    assert_eq!(api.get(&ada, &path).await.json()["source"]["is_active"], true);
}

#[tokio::test]
async fn a_limit_is_told_with_figures_and_where_there_is_more() {
    let upgrade_url = Some("https://example.com/plans".to_owned());
    let api = TestApi::on_sqlite(ApiSettings { max_sources: 1, upgrade_url, ..ApiSettings::default() }).await;
    let ada = api.account("ada@example.com").await;
    api.source(&ada).await;
    let refused = api.post(&ada, "/api/sources", &json!({ "name": "Second" })).await;
    let details = refused.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED");
    assert_eq!(details, json!({ "current": 1, "max": 1, "upgrade_url": "https://example.com/plans" }));
}

#[tokio::test]
async fn what_is_wrong_with_a_source_is_said() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let long = "x".repeat(101);
    for (field, body) in [
        ("name", json!({ "name": "" })),
        ("name", json!({ "name": long })),
        ("name", json!({ "name": "a\u{0}b" })),
        ("body", json!({})),
        ("body", json!({ "name": 5 })),
        ("body", json!({ "name": "x", "second_publisher": "toss a coin" })),
        ("description", json!({ "name": "x", "description": "y".repeat(2001) })),
        ("reconnect_window_s", json!({ "name": "x", "reconnect_window_s": 3601 })),
        ("body", json!({ "name": "x", "reconnect_window_s": -1 })),
        ("body", json!([1, 2, 3])),
    ] {
        let answer = api.post(&ada, "/api/sources", &body).await;
        let details = text(&answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"));
        assert!(details.starts_with(&format!("{field}: ")), "{body}: {details}");
    }
}

#[tokio::test]
async fn names_come_back_as_they_were_typed() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let name = "<script>alert('x')</script> \u{202e} '; DROP TABLE sources; --";
        let answer = api.post(&ada, "/api/sources", &json!({ "name": name })).await;
        assert_eq!(answer.json()["source"]["name"], name);
        assert_eq!(answer.header("content-type"), "application/json");
    })
    .await;
}

#[tokio::test]
async fn the_operators_own_urls_are_told_where_there_are_some() {
    let settings = ApiSettings {
        public_url: Some("https://stream.example.org/".to_owned()),
        public_rtmp_url: Some("rtmps://ingest.example.org:1936/live".to_owned()),
        ..ApiSettings::default()
    };
    let api = TestApi::on_sqlite(settings).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    assert_eq!(source["rtmp_url"], "rtmps://ingest.example.org:1936/live");
    let watch_url = format!("https://stream.example.org/watch/{}", text(&source["playback_id"]));
    assert_eq!(source["watch_url"], watch_url);
}
