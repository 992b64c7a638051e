//! Proving who somebody is.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use neustream_accounts::Email;
use neustream_model::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use super::tokens::{SignInBody, sign_in};
use super::Visitor;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::limiter::{Exhausted, network_of};
use crate::state::AppState;

/// Credentials.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginBody {
    /// E-mail address.
    #[schema(example = "user@example.com")]
    email: String,
    /// Password.
    #[schema(example = "correct horse battery")]
    password: String,
}

/// Sign in
#[utoipa::path(
    post, path = "/api/auth/login", operation_id = "login", tag = "auth", security(()), request_body = LoginBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The address or the password is wrong: `INVALID_CREDENTIALS`."),
        (status = 429, body = ErrorBody, description = "Too many failed sign-ins (`TOO_MANY_FAILED_LOGINS`) or requests; `Retry-After` tells when to come back."),
    ),
)]
pub(crate) async fn login(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<LoginBody>,
) -> Result<Response, ApiError> {
    // Nobody has an account under what is not an address, so this answer tells nothing.
    let email: Email = body.email.parse().map_err(|_| ApiError::CredentialsWrong)?;
    let attempt = Attempt::begin(&state, visitor.address, &email)?;
    let user = state.store.host().user_by_email(email.as_str()).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.passwords.verify(Secret::new(body.password), stored).await?;
    match user {
        Some(user) if is_right => {
            attempt.succeeded();
            sign_in(&state, &visitor, user, "password", StatusCode::OK).await
        }
        _ => Err(ApiError::CredentialsWrong),
    }
}

/// One attempt to sign in: it counts as failed until it succeeds, so that attempts made at the same time count too.
pub(crate) struct Attempt<'a> {
    state: &'a AppState,
    key: (IpAddr, String),
}

impl<'a> Attempt<'a> {
    pub fn begin(state: &'a AppState, address: IpAddr, email: &Email) -> Result<Self, ApiError> {
        let key = (network_of(address), email.as_str().to_owned());
        state
            .failed_logins
            .take(key.clone(), Instant::now())
            .map_err(|Exhausted { retry_after }| ApiError::TooManyFailures { retry_after })?;
        Ok(Self { state, key })
    }

    pub fn succeeded(self) {
        self.state.failed_logins.give_back(&self.key);
    }
}
