use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;

use crate::kit::{Answer, TestApi};

async fn get(api: &TestApi, path: &str) -> Answer {
    api.ask(None, Method::GET, path, None).await
}

#[tokio::test]
async fn every_address_of_the_dashboard_is_a_page_with_a_strict_policy() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let paths = ["/", "/setup?token=x", "/login", "/sources/019a", "/watch/aaaaaaaaaaaaaaaa"];
    for path in paths {
        let answer = get(&api, path).await;
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        let scripts =
            policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!scripts.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        match answer.status {
            StatusCode::OK => assert!(answer.text().contains("<script"), "{path}"),
            // On a fresh clone the pages are not there yet; then the page says what builds them.
            StatusCode::SERVICE_UNAVAILABLE => assert!(answer.text().contains("cargo xtask run"), "{path}"),
            other => panic!("{path}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let first = get(&api, "/").await;
    if first.status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(first.header("cache-control"), "no-store");
        return;
    }
    assert_eq!(first.header("cache-control"), "no-cache");
    let etag = first.header("etag").to_owned();
    let again = Request::get("/").header("if-none-match", &etag).body(Body::empty()).unwrap();
    let again = api.send(again).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.bytes.is_empty());

    // What the page loads carries its digest in its name and is kept for ever.
    let page = first.text();
    let (_, rest) = page.split_once("/assets/").expect("the page loads something");
    let asset = format!("/assets/{}", rest.split('"').next().unwrap());
    let asset = get(&api, &asset).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn what_is_not_embedded_is_not_found() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for path in ["/nothing.js", "/assets/nothing.css", "/../Cargo.toml", "/src/lib.rs", "/watch/nobody"] {
        get(&api, path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
}
