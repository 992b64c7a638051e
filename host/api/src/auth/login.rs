//! Proving who somebody is: the password or a provider first, then a second factor where there is one.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use neustream_accounts::{ChallengeToken, Email};
use neustream_model::{Secret, UnixMillis};
use neustream_store::UserRow;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::Visitor;
use super::second_factor::{check_code, is_on};
use super::tokens::{SignInBody, sign_in};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::limiter::{Taken, network_of};
use crate::rate_limits::Scope;
use crate::state::AppState;

/// How long somebody may take to find the second factor.
const CHALLENGE_LIFETIME: Duration = Duration::from_mins(5);

/// Credentials.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginBody {
    /// E-mail address.
    #[schema(example = "user@example.com")]
    email: String,
    /// Password.
    #[schema(example = "correct horse battery")]
    password: String,
    /// Where the account has a second factor: a code of the authenticator app, or a recovery code. Without it the
    /// answer is `SECOND_FACTOR_REQUIRED` with a challenge.
    #[schema(example = "287082")]
    code: Option<String>,
}

/// A second factor for a sign-in that was begun.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SecondFactorBody {
    /// `details.challenge` of `SECOND_FACTOR_REQUIRED`.
    challenge: String,
    /// A code of the authenticator app, or a recovery code.
    #[schema(example = "287082")]
    code: String,
}

/// Sign in
#[utoipa::path(
    post, path = "/api/auth/login", operation_id = "login", tag = "auth", security(()), request_body = LoginBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The address or the password is wrong (`INVALID_CREDENTIALS`), a second factor is needed (`SECOND_FACTOR_REQUIRED`), or its code is wrong (`SECOND_FACTOR_WRONG`)."),
        (status = 403, body = ErrorBody, description = "The account is suspended: `SUSPENDED`."),
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
    let attempt = Attempt::begin(&state, visitor.address, &email).await?;
    let user = state.store.host().user_by_email(email.as_str()).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.passwords.verify(Secret::new(body.password), stored).await?;
    match user {
        Some(user) if is_right => {
            attempt.succeeded().await;
            first_factor_proved(&state, &visitor, user, "password", body.code.as_deref()).await
        }
        _ => Err(ApiError::CredentialsWrong),
    }
}

/// Sign in with the second factor
#[utoipa::path(
    post, path = "/api/auth/login/second-factor", operation_id = "loginSecondFactor", tag = "auth", security(()),
    request_body = SecondFactorBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 401, body = ErrorBody, description = "The code is wrong (`SECOND_FACTOR_WRONG`) or the challenge is too old (`CHALLENGE_REFUSED`)."),
        (status = 403, body = ErrorBody, description = "The account is suspended: `SUSPENDED`."),
        (status = 429, body = ErrorBody, description = "Too many wrong codes of this account: `TOO_MANY_FAILED_LOGINS`."),
    ),
)]
pub(crate) async fn second_factor(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<SecondFactorBody>,
) -> Result<Response, ApiError> {
    let token: ChallengeToken = body.challenge.trim().parse().map_err(|_| ApiError::ChallengeRefused)?;
    let digest = token.digest();
    let host = visitor.host(&state);
    let challenge = host.challenge(digest.as_str()).await?.ok_or(ApiError::ChallengeRefused)?;
    check_code(&state, &visitor, &challenge.user, &body.code).await?;
    if !host.meet_challenge(challenge.user.id, digest.as_str()).await? {
        return Err(ApiError::ChallengeRefused);
    }
    sign_in(&state, &visitor, challenge.user, &challenge.method, StatusCode::OK).await
}

/// Goes on with somebody who proved the first factor by `method`: signs in, or asks for the second factor.
pub(crate) async fn first_factor_proved(
    state: &AppState,
    visitor: &Visitor,
    user: UserRow,
    method: &str,
    code: Option<&str>,
) -> Result<Response, ApiError> {
    let host = visitor.host(state);
    if is_on(&host, user.id).await? {
        let Some(code) = code else {
            let token = ChallengeToken::generate();
            let expires_at = UnixMillis::now().plus(CHALLENGE_LIFETIME);
            host.begin_challenge(user.id, token.digest().as_str(), method, expires_at).await?;
            let challenge = Secret::new(token.expose());
            return Err(ApiError::SecondFactorRequired { challenge, lifetime: CHALLENGE_LIFETIME });
        };
        check_code(state, visitor, &user, code).await?;
    }
    sign_in(state, visitor, user, method, StatusCode::OK).await
}

/// One attempt to sign in: it counts as failed until it succeeds, so that attempts made at the same time count too.
pub(crate) struct Attempt<'a> {
    state: &'a AppState,
    subject: String,
}

impl<'a> Attempt<'a> {
    pub async fn begin(state: &'a AppState, address: IpAddr, email: &Email) -> Result<Self, ApiError> {
        // A digest: whose sign-ins fail is nobody's business who looks into Redis.
        let subject = format!("{} {}", network_of(address), email.as_str());
        let subject = hex::encode(Sha256::digest(subject));
        let allowances = state.rates.allowances(Scope::FailedLogins);
        match state.rates.take(Scope::FailedLogins, &subject, allowances).await {
            Some(Taken { is_admitted: false, tightest }) => {
                Err(ApiError::TooManyFailures { retry_after: tightest.reset })
            }
            _ => Ok(Self { state, subject }),
        }
    }

    pub async fn succeeded(self) {
        let rates = &self.state.rates;
        rates.give_back(Scope::FailedLogins, &self.subject, rates.allowances(Scope::FailedLogins)).await;
    }
}
