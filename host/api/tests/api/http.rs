//! What holds for every request: its id, compression both ways, headers for browsers.

use std::io::{Read as _, Write as _};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use neustream_api::ApiSettings;
use serde_json::json;

use crate::kit::{Account, Answer, TestApi};

const A_UUID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn post_encoded(api: &TestApi, account: &Account, encoding: &str, body: Vec<u8>) -> Answer {
    let request = Request::post("/api/sources")
        .header("authorization", format!("Bearer {}", account.token))
        .header("content-type", "application/json")
        .header("content-encoding", encoding)
        .body(Body::from(body));
    api.send(request.unwrap()).await
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let proxy = "10.0.0.1".parse().unwrap();
    let settings = ApiSettings { trusted_proxies: vec![proxy], ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let named = |path| Request::get(path).header("x-request-id", A_UUID).body(Body::empty()).unwrap();
    for path in ["/api/sources", "/health", "/no/such/thing.txt"] {
        let strangers = api.send(named(path)).await;
        let id = strangers.header("x-request-id").to_owned();
        assert_eq!(id.len(), 36, "{path}: {id}");
        assert_ne!(id, A_UUID, "a stranger does not choose it");
        assert_ne!(id, api.send(named(path)).await.header("x-request-id"), "each has its own");
    }
    assert_eq!(api.send_from(proxy, named("/health")).await.header("x-request-id"), A_UUID);
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_ask() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let plain = api.ask(None, Method::GET, "/api/openapi.json", None).await;
    assert_eq!(plain.header("content-encoding"), "");
    let request = Request::get("/api/openapi.json").header("accept-encoding", "gzip").body(Body::empty());
    let packed = api.send(request.unwrap()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"), "{packed:?}");
    assert!(packed.bytes.len() < plain.bytes.len() / 4);
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.bytes);

    let short = Request::get("/health").header("accept-encoding", "gzip").body(Body::empty());
    assert_eq!(api.send(short.unwrap()).await.header("content-encoding"), "");
}

#[tokio::test]
async fn bodies_may_be_compressed_with_gzip() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    let body = json!({ "name": "Main" }).to_string();
    let made = post_encoded(&api, &ada, "gzip", gzip(body.as_bytes())).await;
    assert_eq!((made.status, &made.json()["source"]["name"]), (StatusCode::CREATED, &json!("Main")));

    let foreign = post_encoded(&api, &ada, "br", body.clone().into_bytes()).await;
    foreign.is_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_ENCODING");
    assert_eq!(foreign.header("accept-encoding"), "gzip");
    let broken = post_encoded(&api, &ada, "gzip", body.into_bytes()).await;
    broken.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn a_compressed_bomb_costs_what_the_limit_of_bodies_allows() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    // A gigabyte in a megabyte, and a name as long as the limit in a few bytes.
    let member = gzip(&vec![b' '; 16 * 1024 * 1024]);
    let bombs = [member.repeat(64), gzip(json!({ "name": "x".repeat(80_000) }).to_string().as_bytes())];
    for bomb in bombs {
        let refused = post_encoded(&api, &ada, "gzip", bomb).await;
        refused.is_error(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
    }
}

#[tokio::test]
async fn other_sites_may_fetch_streams_and_nothing_else_without_asking() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for (path, policy) in [
        ("/hls/0123456789abcdef/index.m3u8", "cross-origin"),
        ("/api/sources", "same-origin"),
        ("/", "same-origin"),
    ] {
        let answer = api.ask(None, Method::GET, path, None).await;
        assert_eq!(answer.header("cross-origin-resource-policy"), policy, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn pages_of_named_sites_send_and_read_the_headers_of_the_api() {
    let settings =
        ApiSettings { cors_origins: vec!["https://studio.example.com".to_owned()], ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let request = Request::options("/api/sources")
        .header("origin", "https://studio.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "idempotency-key,neustream-app");
    let asked = api.send(request.body(Body::empty()).unwrap()).await;
    for name in ["authorization", "idempotency-key", "neustream-organisation", "neustream-app"] {
        assert!(asked.header("access-control-allow-headers").contains(name), "{name}: {asked:?}");
    }
    assert_eq!(asked.header("access-control-max-age"), "3600");
    let request = Request::get("/api/sources").header("origin", "https://studio.example.com");
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    for name in ["ratelimit-remaining", "retry-after", "x-request-id", "idempotent-replayed"] {
        assert!(answer.header("access-control-expose-headers").contains(name), "{name}: {answer:?}");
    }
}
