use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, TestApi, on_both, text};

async fn post(api: &TestApi, account: &Account, key: &str, path: &str, body: &Value) -> Answer {
    let request = Request::post(path)
        .header("authorization", format!("Bearer {}", account.token))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()));
    api.send(request.unwrap()).await
}

async fn source(api: &TestApi, account: &Account, key: &str, name: &str) -> Answer {
    post(api, account, key, "/api/sources", &json!({ "name": name })).await
}

async fn sources(api: &TestApi, account: &Account) -> usize {
    api.get(account, "/api/sources").await.json()["sources"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeated_post_is_done_once_and_answered_alike() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let first = source(&api, &ada, "\"k-1\"", "Main").await;
        assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
        assert_eq!(first.header("idempotent-replayed"), "");
        // The answer is sealed at rest: rows that show the stream key would go.
        let secret = text(&first.json()["source"]["stream_key"]);
        api.db.execute(format!("DELETE FROM idempotency_keys WHERE sealed LIKE '%{secret}%'")).await;

        let again = source(&api, &ada, "k-1", "Main").await;
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(again.header("cache-control"), "no-store");
        assert_eq!(sources(&api, &ada).await, 1);
        assert_eq!(source(&api, &ada, "k-2", "Main").await.status, StatusCode::CREATED);
        assert_eq!(sources(&api, &ada).await, 2);
    })
    .await;
}

#[tokio::test]
async fn of_requests_at_the_same_moment_one_is_done() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let answers = join_all((0..12).map(|_| source(&api, &ada, "k", "Main"))).await;
        for answer in &answers {
            if answer.status != StatusCode::CREATED {
                answer.is_error(StatusCode::CONFLICT, "IDEMPOTENCY_RUNNING");
                assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            }
        }
        assert!(answers.iter().any(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
        assert_eq!(sources(&api, &ada).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_asker() {
    on_both(async |api| {
        let (ada, eve) = (api.member("ada@example.com").await, api.member("eve@example.com").await);
        assert_eq!(source(&api, &ada, "k", "Main").await.status, StatusCode::CREATED);
        let other_body = source(&api, &ada, "k", "Stage").await;
        other_body.is_error(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED");
        let key = json!({ "name": "Main", "scopes": ["sources:read"] });
        let other_path = post(&api, &ada, "k", "/api/api-keys", &key).await;
        other_path.is_error(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED");
        let others = source(&api, &eve, "k", "Main").await;
        assert_eq!((others.status, others.header("idempotent-replayed")), (StatusCode::CREATED, ""));
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_may_come_again_with_its_key() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let refused = source(&api, &ada, "k", "").await;
        refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        assert_eq!(source(&api, &ada, "k", "Main").await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn after_a_crash_the_change_is_neither_lost_nor_made_twice() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let made = source(&api, &ada, "k", "Main").await.json()["source"]["id"].clone();
        // As a crash between change and answer leaves it, once the claim has run out.
        api.db.execute("UPDATE idempotency_keys SET sealed = NULL, claimed_until = 0").await;
        let lost = source(&api, &ada, "k", "Main").await;
        let details = lost.is_error(StatusCode::CONFLICT, "IDEMPOTENT_ANSWER_LOST");
        assert_eq!(details["changed"], json!({ "kind": "source", "id": made }));
        assert_eq!(sources(&api, &ada).await, 1);

        // As a crash before the change leaves it.
        api.db.execute("UPDATE idempotency_keys SET made_kind = NULL, made_id = NULL").await;
        assert_eq!(source(&api, &ada, "k", "Main").await.status, StatusCode::CREATED);
        assert_eq!(sources(&api, &ada).await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        for key in ["", "\"\"", "two words", &"k".repeat(256)] {
            let refused = source(&api, &ada, key, "Main").await;
            refused.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
        }
        assert_eq!(sources(&api, &ada).await, 0);
    })
    .await;
}
