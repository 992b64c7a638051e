//! Who may watch: visibility, playback tokens and the list of public streams.

use axum::http::{Method, StatusCode};
use neustream_api::ApiSettings;
use neustream_model::{PlaybackId, Visibility};
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, tenant_of, text};

async fn source_with(api: &TestApi, account: &Account, body: Value) -> Value {
    let answer = api.post(account, "/api/sources", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["source"].clone()
}

async fn token_only(api: &TestApi, account: &Account) -> (Value, String) {
    let source = source_with(api, account, json!({ "name": "Members", "visibility": "token-only" })).await;
    let path = format!("/api/sources/{}/playback-tokens", text(&source["id"]));
    (source, path)
}

fn path_of(url: &Value) -> String {
    text(url).split_once("stream.example.com:3000").expect("an address of this host").1.to_owned()
}

#[tokio::test]
async fn a_source_says_who_may_watch_and_whether_it_is_encrypted() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let plain = source_with(&api, &ada, json!({ "name": "Main" })).await;
        assert_eq!((&plain["visibility"], &plain["is_encrypted"]), (&json!("unlisted"), &json!(false)));
        let path = format!("/api/sources/{}", text(&plain["id"]));
        let change = json!({ "visibility": "token-only", "is_encrypted": true });
        let changed = api.put(&ada, &path, &change).await.json();
        assert_eq!(changed["source"]["visibility"], "token-only");
        assert_eq!(changed["source"]["is_encrypted"], true);
        let named = api.put(&ada, &path, &json!({ "name": "Other" })).await.json();
        assert_eq!(named["source"]["visibility"], "token-only", "what is left out stays");
        let wrong = api.put(&ada, &path, &json!({ "visibility": "everyone" })).await;
        wrong.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}

#[tokio::test]
async fn a_token_opens_the_addresses_that_come_with_it() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let (source, path) = token_only(&api, &ada).await;
        api.live.run(&source, &tenant_of(&api, &ada), None);
        let playback_id = text(&source["playback_id"]);

        let open = format!("/hls/{playback_id}/index.m3u8");
        let refused = api.ask(None, Method::GET, &open, None).await;
        refused.is_error(StatusCode::FORBIDDEN, "PLAYBACK_TOKEN_REQUIRED");
        assert_eq!(refused.header("access-control-allow-origin"), "*");

        let body = json!({ "viewer_id": "customer-7", "expires_in_s": 60, "ip_address": "203.0.113.7" });
        let answer = api.post(&ada, &path, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let made = answer.json();
        let token = text(&made["token"]);
        let claims = api.playback_tokens.read(&token).unwrap();
        assert_eq!(claims.playback_id, playback_id.parse::<PlaybackId>().unwrap());
        assert_eq!(
            (claims.viewer.as_deref(), claims.id.to_string()),
            (Some("customer-7"), text(&made["token_id"]))
        );
        assert_eq!(claims.address, Some("203.0.113.7".parse().unwrap()));
        assert_eq!(made["ip_address"], "203.0.113.7");

        let playlist = api.ask(None, Method::GET, &path_of(&made["playback_url"]), None).await;
        assert_eq!(playlist.status, StatusCode::OK, "{playlist:?}");
        assert_eq!(playlist.header("cache-control"), "no-store");
        let segment = format!("/hls/{playback_id}/{token}/seg-1.m4s");
        let segment = api.ask(None, Method::GET, &segment, None).await;
        assert_eq!(segment.header("cache-control"), "private, max-age=60");
        assert!(path_of(&made["watch_url"]).ends_with(&format!("#token={token}")));
        let rtmp = text(&made["rtmp_playback_url"]);
        assert!(rtmp.ends_with(&format!("/play/{playback_id}?token={token}")), "{rtmp}");
    })
    .await;
}

#[tokio::test]
async fn a_token_in_the_query_moves_into_the_path() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let (source, path) = token_only(&api, &ada).await;
    api.live.run(&source, &tenant_of(&api, &ada), None);
    let token = text(&api.post(&ada, &path, &json!({})).await.json()["token"]);
    let folder = format!("/hls/{}", text(&source["playback_id"]));
    let entrance = api.ask(None, Method::GET, &format!("{folder}/index.m3u8?token={token}"), None).await;
    assert_eq!(entrance.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(entrance.header("location"), format!("{token}/index.m3u8"));
    let other =
        api.ask(None, Method::GET, &format!("{folder}/media.m3u8?token={token}&_HLS_msn=3"), None).await;
    assert_eq!(other.status, StatusCode::OK);
    for hostile in ["//evil.example.com/a.b.c", "a.b.c%0d%0ax:y", "..%2f..%2f", "javascript:a.b.c"] {
        let answer = api.ask(None, Method::GET, &format!("{folder}/index.m3u8?token={hostile}"), None).await;
        assert_ne!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{hostile}");
    }
}

#[tokio::test]
async fn what_is_revoked_is_stored_told_and_left_in_the_audit_log() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let (source, path) = token_only(&api, &ada).await;
        let id = text(&source["id"]);
        let token = api.post(&ada, &path, &json!({})).await.json();
        api.live.told();
        for address in [
            format!("{path}/{}", text(&token["token_id"])),
            format!("{path}?viewer_id=customer-7"),
            path.clone(),
        ] {
            let answer = api.delete(&ada, &address).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
            assert_eq!(api.live.told(), [format!("viewers {id}")], "{address}");
        }
        let host = api.db.store.host();
        let row = host.source_by_id(id.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(row.visibility, Visibility::TokenOnly);
        let claims = api.playback_tokens.read(&text(&token["token"])).unwrap();
        assert!(host.viewing(&row).await.unwrap().revocations.cover(&claims));
        let later = api.post(&ada, &path, &json!({})).await.json();
        let later = api.playback_tokens.read(&text(&later["token"])).unwrap();
        assert!(!host.viewing(&row).await.unwrap().revocations.cover(&later), "tokens of later hold");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_not_made_longer_or_wider_than_it_may_be() {
    let settings =
        ApiSettings { playback_token_max_age: std::time::Duration::from_mins(10), ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let (ada, eve) = (api.account("ada@example.com").await, api.account("eve@example.com").await);
    let (_, path) = token_only(&api, &ada).await;
    for body in [
        json!({ "expires_in_s": 0 }),
        json!({ "expires_in_s": 601 }),
        json!({ "viewer_id": "" }),
        json!({ "viewer_id": "a".repeat(129) }),
        json!({ "viewer_id": "a\nb" }),
        json!({ "ip_address": "10.0.0.0/8" }),
        json!({ "expires_in": 60 }),
    ] {
        let answer = api.post(&ada, &path, &body).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    }
    let made = api.post(&ada, &path, &json!({})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    for answer in [
        api.post(&eve, &path, &json!({})).await,
        api.delete(&eve, &path).await,
        api.delete(&eve, &format!("{path}/{}", text(&made.json()["token_id"]))).await,
    ] {
        answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
}

#[tokio::test]
async fn only_public_streams_are_listed_for_everyone() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let tenant = tenant_of(&api, &ada);
    for (name, visibility) in
        [("First", "public"), ("Hidden", "unlisted"), ("Members", "token-only"), ("Second", "public")]
    {
        let source = source_with(&api, &ada, json!({ "name": name, "visibility": visibility })).await;
        api.live.run(&source, &tenant, None);
    }
    let first = api.ask(None, Method::GET, "/api/streams/live?limit=1", None).await.json();
    assert_eq!(first["streams"][0]["name"], "Second");
    let next = text(&first["next_cursor"]);
    let second = api.ask(None, Method::GET, &format!("/api/streams/live?limit=1&cursor={next}"), None).await;
    let second = second.json();
    assert_eq!((&second["streams"][0]["name"], &second["next_cursor"]), (&json!("First"), &Value::Null));
    let whole = first.to_string() + &second.to_string();
    assert!(!whole.contains(&tenant), "strangers learn nothing of whose it is");
}
