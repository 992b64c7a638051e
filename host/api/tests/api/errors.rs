//! Every class of mistake has the one shape.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;
use serde_json::json;

use crate::kit::{Account, TestApi, tenant_of, text};

async fn prepared() -> (TestApi, Account) {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let account = api.account("ada@example.com").await;
    (api, account)
}

fn post(account: &Account, content_type: &str, body: Body) -> Request<Body> {
    Request::post("/api/sources")
        .header("authorization", format!("Bearer {}", account.token))
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn an_unknown_address_is_not_found() {
    let (api, ada) = prepared().await;
    for path in ["/api", "/api/", "/api/nothing", "/api/sources/x/y/z", "/hls/x", "/hls/a/b/c", "/metrics"] {
        let answer = api.get(&ada, path).await;
        answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told() {
    let (api, ada) = prepared().await;
    for (method, path) in [
        (Method::PATCH, "/api/sources"),
        (Method::GET, "/api/auth/login"),
        (Method::POST, "/health"),
        (Method::DELETE, "/api/plugins"),
        (Method::POST, "/"),
    ] {
        let answer = api.ask(Some(&ada.token), method, path, None).await;
        answer.is_error(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_told() {
    let (api, ada) = prepared().await;
    for body in ["", "{", "{\"name\": \"x\"", "{'name': 'x'}", "\u{0}"] {
        let answer = api.send(post(&ada, "application/json", Body::from(body.to_owned()))).await;
        answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_JSON");
    }
    let deep = format!("{{\"name\": \"x\", \"extra\": {}", "[".repeat(50_000));
    let answer = api.send(post(&ada, "application/json", Body::from(deep))).await;
    answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_JSON");
    let answer = api.send(post(&ada, "application/json", Body::from(vec![0xff, 0xfe]))).await;
    answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_JSON");
}

#[tokio::test]
async fn a_body_of_another_type_is_told() {
    let (api, ada) = prepared().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let answer = api.send(post(&ada, content_type, Body::from("name=x"))).await;
        answer.is_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let (api, ada) = prepared().await;
    let body = json!({ "name": "x", "description": "y".repeat(65_536) }).to_string();
    let answer = api.send(post(&ada, "application/json", Body::from(body))).await;
    answer.is_error(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_compressed_body_that_breaks_off_is_told() {
    let (api, ada) = prepared().await;
    let mut request = post(&ada, "application/json", Body::from(vec![0x1f, 0x8b, 8, 0]));
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    api.send(request).await.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn an_id_that_is_none_is_told() {
    let (api, ada) = prepared().await;
    for path in ["/api/sources/12", "/api/sources/..%2f..", "/api/sources/%ff", "/api/sources/%00"] {
        let answer = api.get(&ada, path).await;
        answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_next_request_works() {
    let (api, ada) = prepared().await;
    let source = api.source(&ada).await;
    api.live.run(&source, &tenant_of(&api, &ada), None);
    let path = format!("/hls/{}/index.m3u8", text(&source["playback_id"]));
    api.live.panics.store(true, Ordering::Relaxed);
    let answer = api.ask(None, Method::GET, &path, None).await;
    answer.is_error(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL");
    assert!(!answer.text().contains("as the test wants"));
    api.live.panics.store(false, Ordering::Relaxed);
    assert_eq!(api.ask(None, Method::GET, &path, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let settings = ApiSettings { request_timeout: Duration::from_millis(50), ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let token = api.member("ada@example.com").await.token;
    let request = Request::post("/api/sources")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::new(Endless))
        .unwrap();
    api.send(request).await.is_error(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT");
}

/// A body of which nothing ever comes.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Infallible>>> {
        Poll::Pending
    }
}
