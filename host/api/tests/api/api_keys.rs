use axum::http::{Method, StatusCode};
use neustream_api::{Allowance, ApiSettings, RateLimits};
use serde_json::{Value, json};

use crate::kit::{Account, Answer, TestApi, on_both, text};

async fn key(api: &TestApi, account: &Account, body: &Value) -> Value {
    let answer = api.post(account, "/api/api-keys", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["api_key"].clone()
}

async fn reader(api: &TestApi, account: &Account) -> Value {
    key(api, account, &json!({ "name": "Overlay", "scopes": ["sources:read"] })).await
}

async fn get(api: &TestApi, key: &str, path: &str) -> Answer {
    api.ask(Some(key), Method::GET, path, None).await
}

#[tokio::test]
async fn a_key_is_shown_once_and_acts_within_its_scopes() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let source = api.source(&ada).await;
        let made = reader(&api, &ada).await;
        let secret = text(&made["key"]);
        assert!(secret.starts_with(&text(&made["hint"])) && secret.len() == 42, "{made}");

        let listed = get(&api, &secret, "/api/sources").await;
        assert_eq!(listed.json()["sources"][0]["id"], source["id"], "{listed:?}");
        let refused =
            api.ask(Some(&secret), Method::POST, "/api/sources", Some(&json!({ "name": "New" }))).await;
        let details = refused.is_error(StatusCode::FORBIDDEN, "PERMISSION_MISSING");
        assert_eq!(details["permission"], "sources:write");
        get(&api, &secret, "/api/auth/profile").await.is_error(StatusCode::FORBIDDEN, "PEOPLE_ONLY");

        for path in ["/api/api-keys".to_owned(), format!("/api/api-keys/{}", text(&made["id"]))] {
            let shown = api.get(&ada, &path).await;
            assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
            assert!(!shown.text().contains(&secret), "{}", shown.text());
            assert!(shown.text().contains(&text(&made["hint"])), "{}", shown.text());
        }
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_key_is_told() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let made = reader(&api, &ada).await;
        assert_eq!(made["last_used_at"], Value::Null);
        get(&api, &text(&made["key"]), "/api/sources").await;
        let shown = api.get(&ada, &format!("/api/api-keys/{}", text(&made["id"]))).await.json();
        assert!(shown["api_key"]["last_used_at"].is_string(), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn a_key_gets_only_scopes_that_are_for_keys() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    for scopes in [json!([]), json!(["root"]), json!(["sources:read", "keys:write"]), json!(["data:export"])]
    {
        let answer = api.post(&ada, "/api/api-keys", &json!({ "name": "Overlay", "scopes": scopes })).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    }
    for wrong in [
        json!({ "name": "", "scopes": ["sources:read"] }),
        json!({ "name": "Overlay", "scopes": ["sources:read"], "expires_at": "2001-01-01T00:00:00Z" }),
        json!({ "name": "Overlay", "scopes": ["sources:read"], "expires_at": "tomorrow" }),
        json!({ "name": "Overlay", "scopes": ["sources:read"], "limits": { "per_minute": 0 } }),
    ] {
        let answer = api.post(&ada, "/api/api-keys", &wrong).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn a_rotated_key_has_two_texts_until_the_overlap_ends() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let made = reader(&api, &ada).await;
        let path = format!("/api/api-keys/{}/rotate", text(&made["id"]));
        let rotated = api.post(&ada, &path, &json!({ "overlap_s": 3600 })).await.json()["api_key"].clone();
        assert_eq!(rotated["former"]["hint"], made["hint"]);
        let texts = [text(&made["key"]), text(&rotated["key"])];
        for secret in &texts {
            assert_eq!(get(&api, secret, "/api/sources").await.status, StatusCode::OK);
        }
        let at_once = api.post(&ada, &path, &json!({ "overlap_s": 0 })).await.json()["api_key"].clone();
        assert_eq!(at_once["former"], Value::Null);
        for secret in &texts {
            get(&api, secret, "/api/sources").await.is_error(StatusCode::UNAUTHORIZED, "API_KEY_REFUSED");
        }
        assert_eq!(get(&api, &text(&at_once["key"]), "/api/sources").await.status, StatusCode::OK);
        let long = api.post(&ada, &path, &json!({ "overlap_s": 604_801 })).await;
        long.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}

#[tokio::test]
async fn changes_and_the_end_of_a_key_hold_from_its_next_request_on() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let made = reader(&api, &ada).await;
        let (secret, path) = (text(&made["key"]), format!("/api/api-keys/{}", text(&made["id"])));
        let changed = api.put(&ada, &path, &json!({ "scopes": ["streams:read"], "name": "Board" })).await;
        assert_eq!(changed.json()["api_key"]["name"], "Board", "{changed:?}");
        get(&api, &secret, "/api/sources").await.is_error(StatusCode::FORBIDDEN, "PERMISSION_MISSING");
        assert_eq!(get(&api, &secret, "/api/streams/info").await.status, StatusCode::OK);

        assert_eq!(api.delete(&ada, &path).await.status, StatusCode::NO_CONTENT);
        get(&api, &secret, "/api/streams/info").await.is_error(StatusCode::UNAUTHORIZED, "API_KEY_REFUSED");
        api.delete(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_made_up_key_is_refused_with_the_reason() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for made_up in ["nsk_", "nsk_4fG2kLq8Zr1VbN0xWc6TyUe5Pj9HsMDa2AkHq7"] {
        let refused = get(&api, made_up, "/api/sources").await;
        refused.is_error(StatusCode::UNAUTHORIZED, "API_KEY_REFUSED");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_key_may_have_less_than_the_host_allows_every_key_but_not_more() {
    let rate_limits = RateLimits { key: vec![Allowance::a_minute(4)], ..RateLimits::default() };
    let api = TestApi::on_sqlite(ApiSettings { rate_limits, ..ApiSettings::default() }).await;
    let ada = api.member("ada@example.com").await;
    for (limits, expected) in
        [(Value::Null, 4), (json!({ "per_minute": 2 }), 2), (json!({ "per_minute": 900, "per_hour": 3 }), 3)]
    {
        let body = json!({ "name": "Overlay", "scopes": ["sources:read"], "limits": limits });
        let secret = text(&key(&api, &ada, &body).await["key"]);
        for left in (0..expected).rev() {
            let answer = get(&api, &secret, "/api/sources").await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(answer.header("ratelimit-limit"), expected.to_string());
            assert_eq!(answer.header("ratelimit-remaining"), left.to_string());
        }
        let refused = get(&api, &secret, "/api/sources").await;
        refused.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    }
    // A key's requests are not the person's.
    assert_eq!(api.get(&ada, "/api/sources").await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(text(&reader(&api, &ada).await["id"]));
        }
        let (mut listed, mut path) = (Vec::new(), "/api/api-keys?limit=2".to_owned());
        loop {
            let page = api.get(&ada, &path).await.json();
            let keys = page["api_keys"].as_array().unwrap();
            assert!(keys.len() <= 2);
            listed.extend(keys.iter().map(|key| text(&key["id"])));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/api/api-keys?limit=2&cursor={cursor}");
        }
        assert_eq!(listed, made);
        for wrong in ["limit=0", "limit=201", "cursor=nonsense"] {
            let answer = api.get(&ada, &format!("/api/api-keys?{wrong}")).await;
            answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
        }
    })
    .await;
}
