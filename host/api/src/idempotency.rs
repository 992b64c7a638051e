//! `Idempotency-Key`: a POST that is repeated is done once.
//!
//! As in draft-ietf-httpapi-idempotency-key-header-07, for every POST of a
//! signed-in person or API key. A key belongs to whoever asks, for an
//! organisation, for 24 hours. The same request with the same key gets the first
//! one's answer (with `Idempotent-Replayed: true`), 409 while that is being run,
//! and 422 when method, address, app or body are others. Only an answer of
//! success, or one after something was changed, is kept: where nothing was done
//! the key is free again. `store::idempotency` says what holds after a crash.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use neustream_model::{ClaimId, Secret, UnixMillis};
use neustream_store::{Claimed, IdempotencyKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::completion::to_the_end;
use crate::error::ApiError;
use crate::identity::{Caller, Identity};
use crate::state::AppState;

/// Names the key.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the answer is that of an earlier request.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Longer keys are no keys.
const MAX_KEY_BYTES: usize = 255;
/// Longer answers are not kept; none of the API comes near.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How much longer than a request may take its claim lasts.
const LEASE_RESERVE: Duration = Duration::from_secs(5);

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    status: u16,
    content_type: Option<String>,
    location: Option<String>,
    /// Base64.
    body: String,
}

/// Runs a POST with a key once.
pub(crate) async fn once(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return Ok(next.run(request).await);
    }
    // Who asks for a token or a new password gets secrets, which are not kept for anybody to ask for again.
    if request.uri().path().starts_with("/api/auth/") {
        return Ok(next.run(request).await);
    }
    let key = key_of(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let Some(identity) = Identity::from_request_parts_if_signed_in(&mut parts, &state).await? else {
        // Whoever is nobody has nothing to repeat: signing in and registering give secrets to whoever asks.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &state).await?;
    let key = IdempotencyKey {
        tenant: identity.tenant(),
        digest: whose(&identity, &key),
        fingerprint: fingerprint(&parts, &identity, &body),
    };
    let lease = state.settings.request_timeout + LEASE_RESERVE;
    let claim = match state.store.host().claim_idempotency_key(&key, lease, UnixMillis::now()).await? {
        Claimed::Run(claim) => claim,
        Claimed::Answered(answer) => return replayed(&answer),
        Claimed::Running { until } => {
            return Err(ApiError::IdempotencyRunning { retry_after: time_until(until) });
        }
        Claimed::OtherRequest => return Err(ApiError::IdempotencyKeyReused),
        Claimed::AnswerLost { kind, id } => return Err(ApiError::IdempotentAnswerLost { kind, id }),
        Claimed::TooMany { until } => return Err(ApiError::TooMany { retry_after: time_until(until) }),
    };
    parts.extensions.insert(claim);
    parts.extensions.insert(identity.claiming(claim));
    // To its end, also when the client hangs up: it will ask again with the same key.
    to_the_end(async move {
        let response = next.run(Request::from_parts(parts, body.into())).await;
        settle(&state, &key, claim, response).await
    })
    .await
}

/// Keeps the answer, or gives the key back where nothing was done.
async fn settle(
    state: &AppState,
    key: &IdempotencyKey,
    claim: ClaimId,
    response: Response,
) -> Result<Response, ApiError> {
    let host = state.store.host();
    if !response.status().is_success() && host.release_idempotency_key(key, claim).await? {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER_BYTES)
        .await
        .map_err(|error| ApiError::Internal(format!("an answer to be kept: {error}")))?;
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let kept = KeptAnswer {
        status: parts.status.as_u16(),
        content_type: header(CONTENT_TYPE),
        location: header(LOCATION),
        body: STANDARD.encode(&body),
    };
    let kept = serde_json::to_string(&kept).map_err(|error| ApiError::Internal(error.to_string()))?;
    // What was done is done: a client that hears of it need not hear that it could not be noted.
    if let Err(error) = host.keep_idempotent_answer(key, claim, &Secret::new(kept)).await {
        tracing::warn!(%error, "the answer to a request with an Idempotency-Key was not kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(answer: &Secret) -> Result<Response, ApiError> {
    let damaged = || ApiError::Internal("a kept answer cannot be read".to_owned());
    let kept: KeptAnswer = serde_json::from_str(answer.expose()).map_err(|_| damaged())?;
    let status = StatusCode::from_u16(kept.status).map_err(|_| damaged())?;
    let body = STANDARD.decode(kept.body).map_err(|_| damaged())?;
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    for (name, value) in [(CONTENT_TYPE, kept.content_type), (LOCATION, kept.location)] {
        if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// The key in the header: a string of RFC 8941 (in quotation marks) as the draft has it, or bare, as clients of other
/// platforms send it.
fn key_of(headers: &HeaderMap) -> Result<String, ApiError> {
    let refused = || {
        let text = "Idempotency-Key: one, of 1 to 255 visible ASCII characters, such as a UUID".to_owned();
        ApiError::Malformed(text)
    };
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let text = value.to_str().map_err(|_| refused())?.trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_key = (1..=MAX_KEY_BYTES).contains(&bare.len())
        && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_key { Ok(bare.to_owned()) } else { Err(refused()) }
}

/// Whose key it is: the same key of another person, another API key or for another organisation is another one.
fn whose(identity: &Identity, key: &str) -> String {
    let who = match identity.caller {
        Caller::Person { person, .. } => format!("person {}", person.user),
        Caller::Key { id, .. } => format!("key {id}"),
    };
    digest_of([identity.tenant().to_string().as_bytes(), who.as_bytes(), key.as_bytes()])
}

fn fingerprint(parts: &Parts, identity: &Identity, body: &[u8]) -> String {
    let app = identity.app.app_id().map(|app| app.to_string()).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let content_type = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    digest_of([parts.method.as_str().as_bytes(), app.as_bytes(), target.as_bytes(), content_type, body])
}

/// SHA-256 over the parts, each after its length, so that none can reach into the next.
fn digest_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

fn time_until(moment: UnixMillis) -> Duration {
    Duration::from_millis(moment.0.saturating_sub(UnixMillis::now().0)).max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&str]) -> Result<String, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
        }
        key_of(&headers)
    }

    #[test]
    fn a_key_is_read_with_and_without_quotation_marks() {
        assert_eq!(key(&["\"8e03978e-40d5\""]).unwrap(), "8e03978e-40d5");
        assert_eq!(key(&[" 8e03978e-40d5 "]).unwrap(), "8e03978e-40d5");
        for values in [&[""][..], &["\"\""], &["a b"], &["a\"b"], &["a", "b"], &[&"k".repeat(256)]] {
            assert!(key(values).is_err(), "{values:?}");
        }
    }

    #[test]
    fn parts_of_a_digest_do_not_run_into_each_other() {
        assert_ne!(digest_of([&b"ab"[..], b"c"]), digest_of([&b"a"[..], b"bc"]));
    }
}
