//! `/api/auth`: accounts, signing in and staying signed in.
//!
//! Access tokens last 15 minutes and are not stored. Refresh tokens last 7
//! days, are exchanged once, and travel in a cookie that scripts cannot read
//! (and in the body, for clients that are not browsers). The cookie goes to
//! `/api/auth` only and never with a request from another site, so that no
//! other route can be called on the strength of it.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_accounts::{
    ACCESS_TOKEN_LIFETIME, Email, Password, REFRESH_TOKEN_LIFETIME, RefreshToken, Role, SetupToken,
};
use neustream_model::{Secret, UnixMillis};
use neustream_store::{NewAccount, NewRefreshToken, StoreError, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client::{ClientAddress, PublicUrls};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Identity;
use crate::limiter::{Exhausted, network_of};
use crate::state::AppState;
use crate::text::name;

const COOKIE_NAME: &str = "neustream_refresh";

/// An account to be opened.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewAccountBody {
    /// E-mail address.
    #[schema(example = "user@example.com")]
    email: String,
    /// At least 10 characters.
    #[schema(example = "correct horse battery", min_length = 10)]
    password: String,
    /// The name that people see.
    #[schema(example = "Ada Lovelace")]
    display_name: String,
}

/// The first account of a host.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetupBody {
    /// The token of the set-up link.
    token: String,
    /// E-mail address.
    email: String,
    /// At least 10 characters.
    #[schema(min_length = 10)]
    password: String,
    /// The name that people see.
    display_name: String,
}

/// Credentials.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginBody {
    /// E-mail address.
    email: String,
    /// Password.
    password: String,
}

/// A refresh token, for clients that do not keep cookies.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshBody {
    /// Left out by browsers: the cookie carries it.
    refresh_token: Option<String>,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// The user's id.
    #[schema(format = Uuid)]
    id: String,
    /// E-mail address.
    email: String,
    /// The name that people see.
    display_name: String,
    /// `admin` runs the platform, `member` acts for the own tenant.
    #[schema(example = "member")]
    role: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileBody {
    user: UserBody,
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

/// Open an account
#[utoipa::path(
    post, path = "/api/auth/register", operation_id = "register", tag = "auth", request_body = NewAccountBody,
    responses(
        (status = 201, body = SignInBody),
        (status = 403, body = ErrorBody, description = "Registration is closed."),
        (status = 409, body = ErrorBody, description = "There is an account with this e-mail address."),
        (status = 422, body = ErrorBody, description = "A field is not valid."),
    ),
)]
pub(crate) async fn register(
    State(state): State<AppState>,
    urls: PublicUrls,
    Json(body): Json<NewAccountBody>,
) -> Result<Response, ApiError> {
    if !state.settings.registration_open {
        return Err(ApiError::RegistrationClosed);
    }
    let account = new_account(&state, &body, Role::Member).await?;
    let user = state.store.host().create_account(&account).await?;
    sign_in(&state, &urls, user, StatusCode::CREATED).await
}

/// Open the first account with the set-up link
#[utoipa::path(
    post, path = "/api/auth/setup", operation_id = "completeSetup", tag = "auth", request_body = SetupBody,
    responses(
        (status = 201, body = SignInBody),
        (status = 403, body = ErrorBody, description = "The link is wrong or used, or the host is set up."),
        (status = 422, body = ErrorBody, description = "A field is not valid."),
    ),
)]
pub(crate) async fn setup(
    State(state): State<AppState>,
    urls: PublicUrls,
    Json(body): Json<SetupBody>,
) -> Result<Response, ApiError> {
    let token: SetupToken = body.token.trim().parse().map_err(|_| StoreError::SetupRefused)?;
    let body = NewAccountBody { email: body.email, password: body.password, display_name: body.display_name };
    let account = new_account(&state, &body, Role::Admin).await?;
    let user = state.store.host().complete_setup(token.digest().as_str(), &account).await?;
    sign_in(&state, &urls, user, StatusCode::CREATED).await
}

/// Sign in
#[utoipa::path(
    post, path = "/api/auth/login", operation_id = "login", tag = "auth", request_body = LoginBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The address or the password is wrong."),
        (status = 429, body = ErrorBody, description = "Too many failed sign-ins; `Retry-After` tells when to come back."),
    ),
)]
pub(crate) async fn login(
    State(state): State<AppState>,
    urls: PublicUrls,
    ClientAddress(address): ClientAddress,
    Json(body): Json<LoginBody>,
) -> Result<Response, ApiError> {
    // Nobody has an account under what is not an address, so this answer tells nothing.
    let email: Email = body.email.parse().map_err(|_| ApiError::CredentialsWrong)?;
    let attempt = Attempt::begin(&state, address, &email)?;
    let user = state.store.host().user_by_email(email.as_str()).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.passwords.verify(Secret::new(body.password), stored).await?;
    match user {
        Some(user) if is_right => {
            attempt.succeeded();
            sign_in(&state, &urls, user, StatusCode::OK).await
        }
        _ => Err(ApiError::CredentialsWrong),
    }
}

/// Exchange a refresh token
///
/// Each refresh token is taken once. One that comes a second time has leaked, and ends the whole sign-in.
#[utoipa::path(
    post, path = "/api/auth/refresh", operation_id = "refreshTokens", tag = "auth", request_body = Option<RefreshBody>,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The refresh token is missing, unknown, expired, used or revoked."),
    ),
)]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    urls: PublicUrls,
    headers: HeaderMap,
    body: Option<Json<RefreshBody>>,
) -> Result<Response, ApiError> {
    let presented = presented_token(&headers, body).ok_or(StoreError::RefreshTokenRefused)?;
    let (next, kept) = new_refresh_token();
    let user = state.store.host().rotate_refresh_token(presented.digest().as_str(), &kept).await?;
    sign_in_response(&state, &urls, &user, &next, StatusCode::OK)
}

/// Sign out
#[utoipa::path(
    post, path = "/api/auth/logout", operation_id = "logout", tag = "auth", request_body = Option<RefreshBody>,
    responses((status = 204, description = "Signed out, or there was nothing to sign out of.")),
)]
pub(crate) async fn logout(
    State(state): State<AppState>,
    urls: PublicUrls,
    headers: HeaderMap,
    body: Option<Json<RefreshBody>>,
) -> Result<Response, ApiError> {
    if let Some(token) = presented_token(&headers, body) {
        state.store.host().revoke_refresh_family(token.digest().as_str()).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(SET_COOKIE, cookie("", 0, urls.is_https())?);
    Ok(response)
}

/// Who is signed in
#[utoipa::path(
    get, path = "/api/auth/profile", operation_id = "getProfile", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = ProfileBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn profile(identity: Identity) -> Result<Json<ProfileBody>, ApiError> {
    let user = identity.store.user(identity.user).await?;
    Ok(Json(ProfileBody { user: user_body(&user) }))
}

/// One attempt to sign in: it counts as failed until it succeeds, so that attempts made at the same time count too.
struct Attempt<'a> {
    state: &'a AppState,
    key: (IpAddr, String),
}

impl<'a> Attempt<'a> {
    fn begin(state: &'a AppState, address: IpAddr, email: &Email) -> Result<Self, ApiError> {
        let key = (network_of(address), email.as_str().to_owned());
        state
            .failed_logins
            .take(key.clone(), Instant::now())
            .map_err(|Exhausted { retry_after }| ApiError::TooManyFailures { retry_after })?;
        Ok(Self { state, key })
    }

    fn succeeded(self) {
        self.state.failed_logins.give_back(&self.key);
    }
}

async fn new_account(state: &AppState, body: &NewAccountBody, role: Role) -> Result<NewAccount, ApiError> {
    let email: Email = body.email.parse()?;
    let display_name = name("display_name", &body.display_name)?;
    let password = Password::choose(&body.password, &email)?;
    let password_hash = state.passwords.hash(password).await?;
    Ok(NewAccount {
        email: email.as_str().to_owned(),
        display_name,
        password_hash: password_hash.as_str().to_owned(),
        role: role.as_str().to_owned(),
    })
}

pub(crate) async fn sign_in(
    state: &AppState,
    urls: &PublicUrls,
    user: UserRow,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let (token, kept) = new_refresh_token();
    state.store.host().begin_refresh_family(user.id, &kept).await?;
    sign_in_response(state, urls, &user, &token, status)
}

fn sign_in_response(
    state: &AppState,
    urls: &PublicUrls,
    user: &UserRow,
    refresh: &RefreshToken,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let role: Role =
        user.role.parse().map_err(|error| ApiError::Internal(format!("user {}: {error}", user.id)))?;
    let token = state.tokens.issue(user.id, user.tenant_id, role, UnixMillis::now());
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

fn user_body(user: &UserRow) -> UserBody {
    UserBody {
        id: user.id.to_string(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        role: user.role.clone(),
    }
}
