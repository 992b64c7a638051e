//! Rate limits by scope, in memory and in Redis.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::{Allowance, ApiSettings, RateLimits, RedisUrl};
use neustream_model::SourceId;
use serde_json::json;
use tokio::net::TcpListener;

use crate::kit::{Answer, TestApi};
use crate::redis::Redis;

/// Long enough not to end within a test.
const WINDOW: Duration = Duration::from_hours(1);

fn a_window(count: u32) -> Vec<Allowance> {
    vec![Allowance { count, window: WINDOW }]
}

fn strangers(count: u32, redis: Option<RedisUrl>) -> ApiSettings {
    let rate_limits = RateLimits { anonymous: a_window(count), ..RateLimits::default() };
    ApiSettings { rate_limits, redis, ..ApiSettings::default() }
}

async fn ask_from(api: &TestApi, peer: &str) -> Answer {
    let request = Request::get("/api/sources").body(Body::empty()).unwrap();
    api.send_from(peer.parse().unwrap(), request).await
}

async fn remaining(api: &TestApi, peer: &str) -> u32 {
    ask_from(api, peer).await.header("ratelimit-remaining").parse().unwrap()
}

#[tokio::test]
async fn every_answer_tells_what_is_left() {
    let rate_limits = RateLimits {
        user: vec![Allowance::a_minute(2), Allowance { count: 100, window: WINDOW }],
        ..RateLimits::default()
    };
    let api = TestApi::on_sqlite(ApiSettings { rate_limits, ..ApiSettings::default() }).await;
    let (ada, eve) = (api.member("ada@example.com").await, api.member("eve@example.com").await);
    for left in ["1", "0"] {
        let answer = api.get(&ada, "/api/sources").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("2", left));
        assert_eq!(answer.header("ratelimit-policy"), "2;w=60, 100;w=3600");
        let reset: u64 = answer.header("ratelimit-reset").parse().unwrap();
        assert!((1..=60).contains(&reset), "{reset}");
    }
    let refused = api.get(&ada, "/api/sources").await;
    let details = refused.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    assert_eq!(refused.header("retry-after"), refused.header("ratelimit-reset"));
    assert_eq!(details["retry_after_s"].to_string(), refused.header("retry-after"));
    // Whoever else asks from there is not meant.
    assert_eq!(api.get(&eve, "/api/sources").await.status, StatusCode::OK);
}

#[tokio::test]
async fn payments_have_a_limit_of_their_own() {
    let rate_limits = RateLimits { payments: a_window(1), ..RateLimits::default() };
    let api = TestApi::on_sqlite(ApiSettings { rate_limits, ..ApiSettings::default() }).await;
    let ada = api.member("ada@example.com").await;
    let path = format!("/api/installations/{}/charges", SourceId::new());
    let first = api.post(&ada, &path, &json!({})).await;
    assert!(first.status.is_client_error(), "{first:?}");
    assert_eq!((first.header("ratelimit-limit"), first.header("ratelimit-remaining")), ("1", "0"));
    let second = api.post(&ada, "/api/charges/c1/refunds", &json!({})).await;
    second.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert_eq!(api.get(&ada, "/api/charges").await.status, StatusCode::OK, "reading costs nothing");
}

#[tokio::test]
async fn a_limit_can_be_switched_off() {
    let rate_limits = RateLimits { user: Vec::new(), ..RateLimits::default() };
    let api = TestApi::on_sqlite(ApiSettings { rate_limits, ..ApiSettings::default() }).await;
    let ada = api.member("ada@example.com").await;
    for _ in 0..120 {
        let answer = api.get(&ada, "/api/sources").await;
        assert_eq!((answer.status, answer.header("ratelimit-limit")), (StatusCode::OK, ""));
    }
}

#[tokio::test]
async fn guessing_keys_and_tokens_counts_as_a_stranger() {
    let api = TestApi::on_sqlite(strangers(2, None)).await;
    for guess in ["nsk_guess", "guess"] {
        let refused = api.ask(Some(guess), Method::GET, "/api/sources", None).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{refused:?}");
    }
    let closed = api.ask(Some("another"), Method::GET, "/api/sources", None).await;
    closed.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
}

#[tokio::test]
async fn nodes_count_together_in_redis() {
    let redis = Redis::start();
    let nodes = [
        TestApi::on_sqlite(strangers(20, Some(redis.url()))).await,
        TestApi::on_sqlite(strangers(20, Some(redis.url()))).await,
    ];
    // At the same moment, from both: never one too many.
    let asked = (0..50).map(|index| ask_from(&nodes[index % 2], "203.0.113.1"));
    let answers = futures_util::future::join_all(asked).await;
    let admitted = answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(admitted, 20);
    for node in &nodes {
        let refused = ask_from(node, "203.0.113.1").await;
        refused.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
        let retry_after: u64 = refused.header("retry-after").parse().unwrap();
        assert!((3500..=3600).contains(&retry_after), "{retry_after}");
        assert_eq!(ask_from(node, "203.0.113.2").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn without_redis_a_node_counts_for_itself_and_comes_back_to_it() {
    const MANY: u32 = 1_000_000;
    let mut redis = Redis::start();
    let api = TestApi::on_sqlite(strangers(MANY, Some(redis.url()))).await;
    for taken in 1..=5 {
        assert_eq!(remaining(&api, "203.0.113.1").await, MANY - taken);
    }
    redis.kill();
    // Nobody is refused for it; the own count begins.
    for taken in 1..=3 {
        assert_eq!(remaining(&api, "203.0.113.1").await, MANY - taken);
    }
    redis.start_again();
    let back = Instant::now();
    // The new Redis knows nothing yet, so its first count is 1 again.
    while remaining(&api, "203.0.113.1").await != MANY - 1 {
        assert!(back.elapsed() < Duration::from_secs(5), "nodes count together again within 5 s");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_redis_that_does_not_answer_delays_nobody_for_long() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap()).parse().unwrap();
    let api = TestApi::on_sqlite(strangers(2, Some(url))).await;
    let begun = Instant::now();
    for expected in [StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS] {
        assert_eq!(ask_from(&api, "203.0.113.1").await.status, expected);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
