//! `/api/sources/{id}/playback-tokens`: what viewers of token-only sources show.
//!
//! A token is signed, not stored: any number of them costs nothing. What is
//! taken back is stored, and reaches every node within seconds.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{MAX_VIEWER_BYTES, PLAYBACK_TOKEN_LIFETIME, PlaybackGrant};
use neustream_model::{PlaybackTokenId, SourceId, UnixMillis};
use neustream_store::RevokedTokens;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::moment::rfc3339;
use crate::settings::MAX_PLAYBACK_TOKEN_AGE;
use crate::state::AppState;

/// Revocations are kept a little longer than any token lives, so that a clock that is set loses none.
const REVOCATION_MARGIN: Duration = Duration::from_hours(1);

/// A playback token to be made.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NewPlaybackTokenBody {
    /// Whom it is for, in your own words: shown nowhere, but all tokens of one viewer can be revoked together.
    #[schema(max_length = 128, example = "customer-1842")]
    viewer_id: Option<String>,
    /// Seconds until it ends; an hour when left out. The operator sets how long is longest, a day by default.
    #[schema(minimum = 1, example = 3600)]
    expires_in_s: Option<u64>,
    /// The one address that it is taken from, IPv4 or IPv6; from everywhere when left out.
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    ip_address: Option<IpAddr>,
}

/// A playback token, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaybackTokenBody {
    /// The token: a JWT.
    token: String,
    /// What to revoke it by.
    #[schema(format = Uuid)]
    token_id: String,
    /// Whom it is for.
    viewer_id: Option<String>,
    /// The one address that it is taken from.
    ip_address: Option<String>,
    /// When it ends (RFC 3339).
    #[schema(format = DateTime)]
    expires_at: String,
    /// Where players find the stream with this token.
    #[schema(example = "https://stream.example.com/hls/abcdefghijkmnpqr/<token>/index.m3u8")]
    playback_url: String,
    /// The page that shows the stream with this token, which the browser keeps to itself.
    #[schema(example = "https://stream.example.com/watch/abcdefghijkmnpqr#token=<token>")]
    watch_url: String,
    /// Where RTMP players find it.
    #[schema(example = "rtmp://stream.example.com:1935/play/abcdefghijkmnpqr?token=<token>")]
    rtmp_playback_url: String,
}

/// Which tokens are revoked.
#[derive(Deserialize)]
pub(crate) struct RevokedQuery {
    viewer_id: Option<String>,
}

/// Make a playback token
///
/// It opens one source, for players and for the viewer page, until it ends or is revoked. Sources that are not
/// `token-only` are open without it.
#[utoipa::path(
    post, path = "/api/sources/{id}/playback-tokens", operation_id = "createPlaybackToken", tag = "playback",
    security(("bearer" = ["playback:write"]), ("apiKey" = ["playback:write"])), request_body = Option<NewPlaybackTokenBody>,
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 201, body = PlaybackTokenBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::PlaybackWrite>,
    urls: PublicUrls,
    Path(id): Path<SourceId>,
    body: Option<Json<NewPlaybackTokenBody>>,
) -> Result<(StatusCode, Json<PlaybackTokenBody>), ApiError> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let lifetime = lifetime(body.expires_in_s, state.settings.playback_token_max_age)?;
    let viewer = body.viewer_id.as_deref().map(viewer_id).transpose()?;
    let source = access.app.source(id).await?.row;
    let grant =
        PlaybackGrant { playback_id: source.playback_id.clone(), viewer, address: body.ip_address, lifetime };
    let (token, claims) = state.playback_tokens.issue(grant, UnixMillis::now());
    let token = token.expose();
    let body = PlaybackTokenBody {
        token: token.to_owned(),
        token_id: claims.id.to_string(),
        viewer_id: claims.viewer,
        ip_address: claims.address.map(|address| address.to_string()),
        expires_at: rfc3339(claims.expires_at),
        playback_url: urls.hls_with(&source.playback_id, token),
        watch_url: urls.watch_with(&source.playback_id, token),
        rtmp_playback_url: urls.rtmp_playback(&source.playback_id, token),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revoke playback tokens of a source
///
/// All that were made until now, or those of one viewer. Whoever watches with one is sent away within 5 seconds;
/// tokens that are made later hold.
#[utoipa::path(
    delete, path = "/api/sources/{id}/playback-tokens", operation_id = "revokePlaybackTokens", tag = "playback",
    security(("bearer" = ["playback:write"]), ("apiKey" = ["playback:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The source."),
        ("viewer_id" = Option<String>, Query, description = "Only those of this viewer."),
    ),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Too many viewers of the source are revoked singly: `TOO_MANY_REVOCATIONS`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    access: Access<may::PlaybackWrite>,
    Path(id): Path<SourceId>,
    QueryString(which): QueryString<RevokedQuery>,
) -> Result<StatusCode, ApiError> {
    let revoked = match which.viewer_id.as_deref() {
        Some(viewer) => RevokedTokens::OfViewer(viewer_id(viewer)?),
        None => RevokedTokens::All,
    };
    take_back(state, access, id, revoked).await
}

/// Revoke one playback token
///
/// Whoever watches with it is sent away within 5 seconds. Tokens are not stored: an id that no token has is taken as
/// well.
#[utoipa::path(
    delete, path = "/api/sources/{id}/playback-tokens/{tokenId}", operation_id = "revokePlaybackToken", tag = "playback",
    security(("bearer" = ["playback:write"]), ("apiKey" = ["playback:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The source."),
        ("tokenId" = String, Path, format = Uuid, description = "The token's id."),
    ),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Too many tokens of the source are revoked singly: `TOO_MANY_REVOCATIONS`."),
    ),
)]
pub(crate) async fn revoke_one(
    State(state): State<AppState>,
    access: Access<may::PlaybackWrite>,
    Path((id, token)): Path<(SourceId, PlaybackTokenId)>,
) -> Result<StatusCode, ApiError> {
    take_back(state, access, id, RevokedTokens::One(token)).await
}

async fn take_back(
    state: AppState,
    access: Access<may::PlaybackWrite>,
    source: SourceId,
    revoked: RevokedTokens,
) -> Result<StatusCode, ApiError> {
    to_the_end(async move {
        let expires_at = UnixMillis::now().plus(MAX_PLAYBACK_TOKEN_AGE + REVOCATION_MARGIN);
        access.app.revoke_playback_tokens(source, &revoked, expires_at).await?;
        state.live.viewers_changed(source).await;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn lifetime(seconds: Option<u64>, longest: Duration) -> Result<Duration, ApiError> {
    let Some(seconds) = seconds else { return Ok(PLAYBACK_TOKEN_LIFETIME.min(longest)) };
    if seconds == 0 || seconds > longest.as_secs() {
        let message = format!("1 to {} seconds", longest.as_secs());
        return Err(ApiError::Invalid { field: "expires_in_s", message });
    }
    Ok(Duration::from_secs(seconds))
}

fn viewer_id(text: &str) -> Result<String, ApiError> {
    let is_named = !text.is_empty() && text.len() <= MAX_VIEWER_BYTES && !text.chars().any(char::is_control);
    if is_named {
        return Ok(text.to_owned());
    }
    let message = format!("1 to {MAX_VIEWER_BYTES} bytes without control characters");
    Err(ApiError::Invalid { field: "viewer_id", message })
}
