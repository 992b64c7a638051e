use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;
use serde_json::json;

use crate::kit::{Account, Answer, PASSWORD, TestApi};

async fn login(api: &TestApi, peer: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let request =
        Request::post("/api/auth/login").header("content-type", "application/json").body(Body::from(body));
    api.send_from(peer.parse().unwrap(), request.unwrap()).await
}

#[tokio::test]
async fn five_failed_sign_ins_close_an_account_to_their_address_only() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    api.account("ada@example.com").await;
    api.account("eve@example.com").await;
    for _ in 0..5 {
        let wrong = login(&api, "203.0.113.1", "ada@example.com", "wrong password").await;
        wrong.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
    }
    // Now even the right password is not looked at.
    let closed = login(&api, "203.0.113.1", "Ada@example.com", PASSWORD).await;
    let details = closed.is_error(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_FAILED_LOGINS");
    let seconds: u64 = closed.header("retry-after").parse().unwrap();
    assert!((890..=900).contains(&seconds), "{seconds}");
    assert_eq!(details["retry_after_s"], seconds);

    assert_eq!(login(&api, "203.0.113.1", "eve@example.com", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(login(&api, "203.0.113.2", "ada@example.com", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_rightly_costs_nothing() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    api.account("ada@example.com").await;
    for _ in 0..8 {
        assert_eq!(login(&api, "203.0.113.1", "ada@example.com", PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn guesses_made_at_the_same_time_count_too() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    api.account("ada@example.com").await;
    let guess = || login(&api, "203.0.113.1", "ada@example.com", "wrong password");
    let answers = tokio::join!(guess(), guess(), guess(), guess(), guess(), guess(), guess(), guess());
    let statuses = [
        answers.0.status,
        answers.1.status,
        answers.2.status,
        answers.3.status,
        answers.4.status,
        answers.5.status,
        answers.6.status,
        answers.7.status,
    ];
    let tried = statuses.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(tried, 5, "{statuses:?}");
}

#[tokio::test]
async fn strangers_have_a_hundred_requests_and_signed_in_users_are_counted_for_themselves() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    for _ in 0..99 {
        let answer = api.ask(None, Method::GET, "/api/sources", None).await;
        answer.is_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED");
    }
    let refused = api.ask(None, Method::GET, "/api/sources", None).await;
    refused.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(api.get(&ada, "/api/sources").await.status, StatusCode::OK);
    // A made-up token opens no side door to signing in.
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let login = api.ask(Some("made-up"), Method::POST, "/api/auth/login", Some(&body)).await;
    login.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    // Viewers and machines are not counted.
    assert_eq!(api.ask(None, Method::GET, "/health", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn browsers_that_stay_signed_in_do_not_lock_each_other_out() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let mut token = api.account("ada@example.com").await.refresh_token;
    for _ in 0..110 {
        let body = json!({ "refresh_token": token });
        let answer = api.ask(None, Method::POST, "/api/auth/refresh", Some(&body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        token = Account::of(&answer).refresh_token;
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_clients_are_told_apart() {
    let proxy = "10.0.0.1".parse().unwrap();
    let settings = ApiSettings { trusted_proxies: vec![proxy], ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    for _ in 0..=100 {
        let request = Request::get("/api/sources").header("x-forwarded-for", "203.0.113.1");
        api.send_from(proxy, request.body(Body::empty()).unwrap()).await;
    }
    for (client, status) in
        [("203.0.113.1", StatusCode::TOO_MANY_REQUESTS), ("203.0.113.2", StatusCode::UNAUTHORIZED)]
    {
        let request = Request::get("/api/sources").header("x-forwarded-for", client);
        let answer = api.send_from(proxy, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{client}");
    }
}

#[tokio::test]
async fn other_sites_use_the_api_only_where_they_are_named() {
    let settings =
        ApiSettings { cors_origins: vec!["https://studio.example.com".to_owned()], ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    for (origin, allowed) in
        [("https://studio.example.com", "https://studio.example.com"), ("https://evil.example.com", "")]
    {
        let request = Request::options("/api/sources")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}
