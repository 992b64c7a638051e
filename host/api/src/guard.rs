//! What stands around every route: time, limits, headers.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Marks an answer that any site may show in a frame. Its content security policy says so; `X-Frame-Options` has no word
/// for it, so the answer must come without.
#[derive(Clone, Copy)]
pub(crate) struct InAnyFrame;

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

/// Refuses bodies that are compressed otherwise than with gzip, which the layer below undoes. What comes out of it is
/// counted against the limit of the body, and no more of it is undone: a bomb costs what the limit allows.
pub(crate) async fn gzip_alone(request: Request, next: Next) -> Response {
    match content_encoding(&request) {
        None | Some("gzip") => next.run(request).await,
        Some(_) => ApiError::UnsupportedEncoding.into_response(),
    }
}

/// The coding of the body, if there is any (RFC 9110 §8.4).
fn content_encoding(request: &Request) -> Option<&str> {
    let value = request.headers().get(CONTENT_ENCODING)?;
    let coding = value.to_str().unwrap_or("?").trim();
    (!coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

/// Answers of the API are for their asker, now.
pub(crate) async fn uncached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Players on other sites fetch what viewers see, also without asking first (Fetch, "Cross-Origin-Resource-Policy").
pub(crate) async fn for_every_site(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

/// Headers that tell browsers to be strict. A route's own value stays.
pub(crate) async fn strict(State(state): State<AppState>, request: Request, next: Next) -> Response {
    const STRICT: [(HeaderName, &str); 7] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    let mut response = next.run(request).await;
    let is_in_any_frame = response.extensions().get::<InAnyFrame>().is_some();
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        if name == X_FRAME_OPTIONS && is_in_any_frame {
            continue;
        }
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
