//! `/hooks/{token}`: where platforms send their webhooks.
//!
//! The token tells to whom a request goes; whether it is genuine is for the
//! plugin to say, behind [`HookSink`]. A platform is told 204 only when what it
//! sent was kept, so that it sends again what was not.

use std::net::IpAddr;
use std::time::Instant;

use async_trait::async_trait;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use neustream_installations::HookOwner;

use crate::client::ClientAddress;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Path;
use crate::limiter::{Exhausted, network_of};
use crate::state::AppState;

/// The largest webhook.
pub(crate) const MAX_HOOK_BYTES: usize = 256 * 1024;

/// A webhook as it came.
#[derive(Debug, Clone)]
pub struct HookDelivery {
    /// To whom it goes.
    pub owner: HookOwner,
    /// Names in lower case; headers whose value is no text are left out.
    pub headers: Vec<(String, String)>,
    /// The raw body, at most 256 KiB.
    pub body: Bytes,
}

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookOutcome {
    /// It was kept with everything that follows from it: 204.
    Committed,
    /// The plugin says that it is not genuine: 401.
    NotGenuine,
    /// Nobody takes it any more, such as a switched-off installation: 404.
    Unwanted,
    /// Not now; the platform is to send it again: 503.
    TryAgain,
}

/// Takes webhooks. Implemented outside, over chat and billing.
#[async_trait]
pub trait HookSink: Send + Sync + 'static {
    /// Gives a webhook to its plugin; returns when what follows from it is kept.
    async fn deliver(&self, hook: HookDelivery) -> HookOutcome;
}

/// Take a webhook
///
/// For platforms, which got the URL from their user.
#[utoipa::path(
    post, path = "/hooks/{token}", operation_id = "deliverWebhook", tag = "hooks",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Whatever the platform sends, at most 256 KiB."),
    params(("token" = String, Path, description = "The last part of the URL.")),
    responses(
        (status = 204, description = "It was kept."),
        (status = 401, body = ErrorBody, description = "It is not genuine: `NOT_GENUINE`."),
        (status = 404, body = ErrorBody, description = "There is no such URL (any more)."),
        (status = 413, body = ErrorBody),
        (status = 429, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Not now: send it again (`UNAVAILABLE`)."),
    ),
)]
pub(crate) async fn deliver(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let owner = owner(&state, address, &token).await?;
    if let Err(Exhausted { retry_after }) = state.hooks.take(owner.installation, Instant::now()) {
        return Err(ApiError::TooMany { retry_after });
    }
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let delivery = HookDelivery { owner, headers: headers.iter().filter_map(text).collect(), body: body? };
    // To its end: a platform that hangs up must not stop what was begun.
    let outcome = to_the_end(async move { Ok(state.hook_sink.deliver(delivery).await) }).await?;
    match outcome {
        HookOutcome::Committed => Ok(StatusCode::NO_CONTENT),
        HookOutcome::NotGenuine => Err(ApiError::HookNotGenuine),
        HookOutcome::Unwanted => Err(UNKNOWN),
        HookOutcome::TryAgain => Err(ApiError::Unavailable),
    }
}

const UNKNOWN: ApiError = ApiError::NotFound("there is no such webhook address (any more)");

/// To whom the token leads. Strangers who try tokens have only so many attempts.
async fn owner(state: &AppState, address: IpAddr, token: &str) -> Result<HookOwner, ApiError> {
    let network = network_of(address);
    if let Err(Exhausted { retry_after }) = state.unknown_hooks.take(network, Instant::now()) {
        return Err(ApiError::TooMany { retry_after });
    }
    let owner = state.installations.hook_owner(token).await?.ok_or(UNKNOWN)?;
    state.unknown_hooks.give_back(&network);
    Ok(owner)
}
