//! Rate limits around the API: each request counts for who asks, and the answer tells what is left.
//!
//! Headers as in draft-ietf-httpapi-ratelimit-headers-06 (`RateLimit-Limit`,
//! `-Remaining`, `-Reset` in seconds, of the tightest window; `RateLimit-Policy`
//! with all windows), and `Retry-After` with 429. Later drafts fold the three
//! into one structured field that few clients read yet.

use std::fmt::Write as _;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Allowance;
use crate::api_keys::allowances;
use crate::client::client_address;
use crate::error::{ApiError, whole_seconds};
use crate::identity::{Caller, Identity};
use crate::limiter::{Taken, network_of};
use crate::rate_limits::Scope;
use crate::state::AppState;

/// `RateLimit-Limit`.
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
/// `RateLimit-Remaining`.
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
/// `RateLimit-Reset`.
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
/// `RateLimit-Policy`.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// For whom a request counts.
struct Count {
    scope: Scope,
    subject: String,
    allowances: Vec<Allowance>,
}

/// Counts requests by scope: of a person, of a key, and of a network what has no valid token or asks for one. Signing
/// in and registering cost more than other requests, whoever asks. Staying signed in is counted only where it fails,
/// so that many browsers behind one address do not lock each other out.
pub(crate) async fn limited(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut tightest: Option<(Taken, Vec<Allowance>)> = None;
    let counts = match counts(&state, &mut parts).await {
        Ok(counts) => counts,
        Err(error) => return error.into_response(),
    };
    for count in &counts {
        let Some(taken) = state.rates.take(count.scope, &count.subject, &count.allowances).await else {
            continue;
        };
        if !taken.is_admitted {
            let mut response = ApiError::TooMany { retry_after: taken.tightest.reset }.into_response();
            tell(response.headers_mut(), &taken, &count.allowances);
            return response;
        }
        if tightest.as_ref().is_none_or(|(known, _)| taken.tightest.remaining < known.tightest.remaining) {
            tightest = Some((taken, count.allowances.clone()));
        }
    }
    let keeps_sign_in = matches!(parts.uri.path(), "/api/auth/refresh" | "/api/auth/logout");
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if keeps_sign_in && response.status().is_success() {
        for count in &counts {
            state.rates.give_back(count.scope, &count.subject, &count.allowances).await;
        }
    }
    if let Some((taken, allowances)) = tightest {
        tell(response.headers_mut(), &taken, &allowances);
    }
    response
}

async fn counts(state: &AppState, parts: &mut Parts) -> Result<Vec<Count>, ApiError> {
    let is_post = parts.method == Method::POST;
    let asks_for_token = is_post && parts.uri.path().starts_with("/api/auth/");
    let identity =
        if asks_for_token { None } else { Identity::from_request_parts_if_signed_in(parts, state).await? };
    let count =
        |scope, subject, allowances: &[Allowance]| Count { scope, subject, allowances: allowances.to_vec() };
    let Some(identity) = identity else {
        let network = network_of(client_address(parts, &state.settings.trusted_proxies).0);
        let allowances = state.rates.allowances(Scope::Anonymous);
        return Ok(vec![count(Scope::Anonymous, network.to_string(), allowances)]);
    };
    let mut counts = vec![match identity.caller {
        Caller::Person { person, .. } => {
            count(Scope::User, person.user.to_string(), state.rates.allowances(Scope::User))
        }
        Caller::Key { id, limits } => {
            count(Scope::Key, id.to_string(), &allowances(state, limits.per_minute, limits.per_hour))
        }
    }];
    if is_post && moves_money(parts.uri.path()) {
        let allowances = state.rates.allowances(Scope::Payments);
        counts.push(count(Scope::Payments, identity.tenant().to_string(), allowances));
    }
    Ok(counts)
}

/// Whether a POST to this address begins, confirms or gives back a payment.
fn moves_money(path: &str) -> bool {
    path.starts_with("/api/charges/")
        || (path.starts_with("/api/installations/") && path.ends_with("/charges"))
}

fn tell(headers: &mut HeaderMap, taken: &Taken, allowances: &[Allowance]) {
    let tightest = &taken.tightest;
    headers.insert(LIMIT, HeaderValue::from(tightest.allowance.count));
    headers.insert(REMAINING, HeaderValue::from(tightest.remaining));
    headers.insert(RESET, HeaderValue::from(whole_seconds(tightest.reset)));
    let mut policy = String::new();
    for allowance in allowances {
        let comma = if policy.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(policy, "{comma}{};w={}", allowance.count, allowance.window.as_secs());
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(POLICY, policy);
    }
}
