//! What a sign-in gets, and how it stays one.

use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_accounts::{ACCESS_TOKEN_LIFETIME, REFRESH_TOKEN_LIFETIME, RefreshToken};
use neustream_model::{SignInId, UnixMillis};
use neustream_store::{NewRefreshToken, NewSignIn, SignInKind, StoreError, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Visitor;
use super::profile::{UserBody, user_body};
use crate::client::PublicUrls;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::state::AppState;

const COOKIE_NAME: &str = "neustream_refresh";

/// A refresh token, for clients that do not keep cookies.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshBody {
    /// Left out by browsers: the cookie carries it.
    refresh_token: Option<String>,
}

/// A sign-in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInBody {
    user: UserBody,
    /// The access token, for `Authorization: Bearer`.
    token: String,
    /// Exchanged, once, for the next sign-in at `/api/auth/refresh`.
    refresh_token: String,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: u64,
}

/// Exchange a refresh token
///
/// Each refresh token is taken once. One that comes a second time has leaked, and ends the whole sign-in.
#[utoipa::path(
    post, path = "/api/auth/refresh", operation_id = "refreshTokens", tag = "auth", security(()),
    request_body = Option<RefreshBody>,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The refresh token is missing, unknown, expired, used or revoked: `REFRESH_TOKEN_REFUSED`."),
    ),
)]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Option<Json<RefreshBody>>,
) -> Result<Response, ApiError> {
    let presented = presented_token(&headers, body).ok_or(StoreError::RefreshTokenRefused)?;
    let (next, kept) = new_refresh_token();
    let host = visitor.host(&state);
    let (user, sign_in) =
        host.rotate_refresh_token(presented.digest().as_str(), &kept, Some(visitor.address)).await?;
    sign_in_response(&state, &visitor.urls, &user, sign_in, &next, StatusCode::OK)
}

/// Sign out
#[utoipa::path(
    post, path = "/api/auth/logout", operation_id = "logout", tag = "auth", security(()),
    request_body = Option<RefreshBody>,
    responses((status = 204, description = "Signed out, or there was nothing to sign out of.")),
)]
pub(crate) async fn logout(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Option<Json<RefreshBody>>,
) -> Result<Response, ApiError> {
    if let Some(token) = presented_token(&headers, body) {
        visitor.host(&state).end_sign_in_of(token.digest().as_str()).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(SET_COOKIE, cookie("", 0, visitor.urls.is_https())?);
    Ok(response)
}

/// Signs `user` in, who was proved by `method`.
pub(crate) async fn sign_in(
    state: &AppState,
    visitor: &Visitor,
    user: UserRow,
    method: &str,
    status: StatusCode,
) -> Result<Response, ApiError> {
    // Told to whoever proved to be the person, and to nobody else.
    if state.store.host().suspension(user.id).await?.suspended_at.is_some() {
        return Err(ApiError::Suspended);
    }
    let (token, kept) = new_refresh_token();
    let new = NewSignIn {
        id: SignInId::new(),
        user: user.id,
        kind: SignInKind::Person,
        method: method.to_owned(),
        device: visitor.device.clone(),
        address: Some(visitor.address),
        expires_at: kept.expires_at,
    };
    visitor.host(state).begin_sign_in(&new, Some(&kept)).await?;
    sign_in_response(state, &visitor.urls, &user, new.id, &token, status)
}

fn sign_in_response(
    state: &AppState,
    urls: &PublicUrls,
    user: &UserRow,
    sign_in: SignInId,
    refresh: &RefreshToken,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let token = state.tokens.issue(user.id, sign_in, UnixMillis::now());
    let body = SignInBody {
        user: user_body(user),
        token: token.expose().to_owned(),
        refresh_token: refresh.expose().to_owned(),
        expires_in: ACCESS_TOKEN_LIFETIME.as_secs(),
    };
    let mut response = (status, Json(body)).into_response();
    let cookie = cookie(refresh.expose(), REFRESH_TOKEN_LIFETIME.as_secs(), urls.is_https())?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn new_refresh_token() -> (RefreshToken, NewRefreshToken) {
    let token = RefreshToken::generate();
    let kept = NewRefreshToken {
        digest: token.digest().as_str().to_owned(),
        expires_at: UnixMillis::now().plus(REFRESH_TOKEN_LIFETIME),
    };
    (token, kept)
}

fn presented_token(headers: &HeaderMap, body: Option<Json<RefreshBody>>) -> Option<RefreshToken> {
    let in_body = body.and_then(|Json(body)| body.refresh_token);
    match in_body {
        Some(text) => text.parse().ok(),
        None => cookie_value(headers)?.parse().ok(),
    }
}

/// RFC 6265 §4.2.1.
fn cookie_value(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

fn cookie(value: &str, max_age_s: u64, is_https: bool) -> Result<HeaderValue, ApiError> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE_NAME}={value}; Max-Age={max_age_s}; Path=/api/auth; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::from_str(&text).map_err(|error| ApiError::Internal(format!("a cookie: {error}")))
}
