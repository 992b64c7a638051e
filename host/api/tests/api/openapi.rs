//! The document is a contract: it changes on purpose or not at all.

use std::collections::HashSet;

use axum::http::{Method, StatusCode};
use neustream_api::{ApiSettings, openapi_document};
use serde_json::Value;

use crate::kit::TestApi;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_document_is_the_committed_one() {
    let current = openapi_document() + "\n";
    if std::env::var_os("NEUSTREAM_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(SNAPSHOT, &current).unwrap();
    }
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        current == committed,
        "the API's document changed. If that is meant, take it over with\n    \
         NEUSTREAM_UPDATE_SNAPSHOTS=1 cargo test -p neustream-api --test api openapi\n\
         and commit host/api/openapi.json"
    );
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let answer = api.ask(None, Method::GET, "/api/openapi.json", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    assert_eq!(document, serde_json::from_str::<Value>(&openapi_document()).unwrap());
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/sources/{id}"]["put"].is_object());

    let page = api.ask(None, Method::GET, "/api/docs", None).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("/api/sources/{id}/rotate-key"));
    assert!(!page.text().contains("<script"));
    assert!(page.header("content-security-policy").contains("style-src 'unsafe-inline'"));
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut ids = HashSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty(), "{method} {path} has no summary");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{method} {path} shares its operation id {id} with another");
            assert!(operation["tags"][0].is_string(), "{method} {path} has no tag");
            if operation["security"].is_array() {
                assert!(operation["responses"]["401"].is_object(), "{method} {path} never refuses");
            }
        }
    }
}
