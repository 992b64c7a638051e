use axum::http::StatusCode;
use neustream_contract::PublisherKey;
use serde_json::json;

use crate::kit::{key_of, on_both, package_of, text};

#[tokio::test]
async fn a_namespace_is_taken_once_and_shown_to_its_holder() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        api.publisher(&ada, "acme").await;
        let key = PublisherKey::of(&key_of("acme")).to_string();
        let taken = api.post(&eve, "/api/publishers", &json!({ "namespace": "acme", "key": key })).await;
        taken.is_error(StatusCode::CONFLICT, "NAMESPACE_TAKEN");
        let own = api.get(&ada, "/api/publishers").await.json();
        assert_eq!(own["publishers"][0]["namespace"], "acme");
        assert_eq!(own["publishers"][0]["keys"][0]["key"], key);
        assert_eq!(api.get(&eve, "/api/publishers").await.json(), json!({ "publishers": [] }));
    })
    .await;
}

#[tokio::test]
async fn reserved_and_malformed_namespaces_and_keys_are_refused() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let key = PublisherKey::of(&key_of("acme")).to_string();
        let ask = async |namespace: &str, key: &str| {
            api.post(&ada, "/api/publishers", &json!({ "namespace": namespace, "key": key })).await
        };
        ask("neustream-shop", &key).await.is_error(StatusCode::FORBIDDEN, "NAMESPACE_RESERVED");
        ask("No", &key).await.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        let weak = format!("ed25519:01{}", "00".repeat(31));
        for key in ["", "ed25519:12", &weak] {
            ask("acme", key).await.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
        for number in 0..5 {
            assert_eq!(ask(&format!("acme-{number}"), &key).await.status, StatusCode::CREATED);
        }
        ask("acme-5", &key).await.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED");
    })
    .await;
}

#[tokio::test]
async fn a_key_is_added_and_retired_and_does_not_come_back() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        let next = PublisherKey::of(&key_of("next")).to_string();
        let answer = api.post(&ada, "/api/publishers/acme/keys", &json!({ "key": next })).await;
        assert_eq!(answer.json()["publisher"]["keys"].as_array().unwrap().len(), 2);
        let old = PublisherKey::of(&key_of("acme")).to_string();
        let answer = api.delete(&ada, &format!("/api/publishers/acme/keys/{old}")).await;
        let keys = answer.json()["publisher"]["keys"].clone();
        let retired = keys.as_array().unwrap().iter().find(|key| key["key"] == old.as_str()).unwrap();
        assert!(!text(&retired["retired_at"]).is_empty());

        let refused = api.upload(&ada, "", package_of("acme", "1.0.0")).await;
        refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "KEY_UNKNOWN");
        let back = api.post(&ada, "/api/publishers/acme/keys", &json!({ "key": old })).await;
        back.is_error(StatusCode::CONFLICT, "KEY_RETIRED");
        let unknown = api.delete(&ada, "/api/publishers/acme/keys/ed25519:00").await;
        unknown.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}
