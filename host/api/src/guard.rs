//! What stands around every route: time, limits, headers.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::client::client_address;
use crate::error::ApiError;
use crate::limiter::{Exhausted, network_of};
use crate::state::AppState;

/// Ends requests of the API that take too long, slow bodies among them.
pub(crate) async fn in_time(State(state): State<AppState>, request: Request, next: Next) -> Response {
    tokio::time::timeout(state.settings.request_timeout, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::TimedOut.into_response())
}

/// Ends uploads of packages that take too long. They are larger than other requests, and are looked over.
pub(crate) async fn in_upload_time(State(state): State<AppState>, request: Request, next: Next) -> Response {
    tokio::time::timeout(state.settings.upload_timeout, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::TimedOut.into_response())
}

/// Counts requests without a token, and all that ask for one: signing in and registering cost more than others.
/// Staying signed in is counted only where it fails, so that many browsers behind one address do not lock each other
/// out.
pub(crate) async fn anonymous(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asks_for_token = request.method() == Method::POST && request.uri().path().starts_with("/api/auth/");
    let is_counted = asks_for_token || !request.headers().contains_key(AUTHORIZATION);
    if !is_counted {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let address = client_address(&parts, &state.settings.trusted_proxies).0;
    let network = network_of(address);
    if let Err(Exhausted { retry_after }) = state.anonymous.take(network, Instant::now()) {
        return ApiError::TooMany { retry_after }.into_response();
    }
    let keeps_sign_in = matches!(parts.uri.path(), "/api/auth/refresh" | "/api/auth/logout");
    let response = next.run(Request::from_parts(parts, body)).await;
    if keeps_sign_in && response.status().is_success() {
        state.anonymous.give_back(&network);
    }
    response
}

/// Answers of the API are for their asker, now.
pub(crate) async fn uncached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Headers that tell browsers to be strict. A route's own value stays.
pub(crate) async fn strict(State(state): State<AppState>, request: Request, next: Next) -> Response {
    const STRICT: [(HeaderName, &str); 6] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
