use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use neustream_api::ApiSettings;
use neustream_store::testing::TestStore;
use serde_json::json;

use crate::kit::{PASSWORD, TestApi, tenant_of, text};

#[tokio::test]
async fn without_the_database_the_api_answers_503_within_a_second_and_playback_goes_on() {
    for db in [TestStore::sqlite().await, TestStore::postgres().await] {
        let api = TestApi::new(db, ApiSettings::default()).await;
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        api.live.run(&source, &tenant_of(&api, &ada), None);
        api.db.store.close().await;

        let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
        for (method, path, body) in [
            (Method::GET, "/api/sources", None),
            (Method::GET, "/api/streams/info", None),
            // What runs is in memory, but whether its asker is still signed in is not.
            (Method::GET, "/api/streams/active", None),
            (Method::POST, "/api/sources", Some(json!({ "name": "x" }))),
            (Method::POST, "/api/auth/login", Some(credentials)),
        ] {
            let asked = Instant::now();
            let answer = api.ask(Some(&ada.token), method, path, body.as_ref()).await;
            answer.is_error(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
            assert_eq!(answer.header("retry-after"), "1");
            assert!(asked.elapsed() < Duration::from_secs(1), "{path}: {:?}", asked.elapsed());
        }
        let health = api.ask(None, Method::GET, "/health", None).await;
        assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(health.json()["database"], "unavailable");
        let playlist = format!("/hls/{}/index.m3u8", text(&source["playback_id"]));
        assert_eq!(api.ask(None, Method::GET, &playlist, None).await.status, StatusCode::OK);
    }
}
