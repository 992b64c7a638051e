//! Proving addresses, and changing them.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{Email, EmailToken, MAX_CODE_FAILURES, VERIFICATION_LIFETIME, VerificationCode};
use neustream_model::{Secret, UnixMillis};
use neustream_store::{CodePurpose, ConfirmedEmail, HostStore, NewMailedCode, StoreError, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::proof::{Proof, prove};
use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::mail::{Letter, Postbox};
use crate::state::AppState;

/// Nobody gets another code before.
pub(super) const PAUSE: Duration = Duration::from_mins(1);

/// A code or a link that came by mail.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyEmailBody {
    /// The address; together with `verification_code`.
    #[schema(example = "user@example.com")]
    email: Option<String>,
    /// The six digits.
    #[schema(example = "123456")]
    verification_code: Option<String>,
    /// The token of the link, in place of both.
    token: Option<String>,
}

/// An address.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EmailBody {
    /// E-mail address.
    #[schema(example = "user@example.com")]
    pub email: String,
}

/// A new address.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeEmailBody {
    /// The new address.
    #[schema(example = "new@example.com")]
    email: String,
    /// The account's password, where it has one.
    #[schema(example = "correct horse battery")]
    current_password: Option<String>,
    /// A code of the authenticator app, for an account without a password.
    code: Option<String>,
}

/// The six digits for a new address.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConfirmEmailBody {
    /// The new address.
    #[schema(example = "new@example.com")]
    email: String,
    /// The six digits.
    #[schema(example = "123456")]
    verification_code: String,
}

/// An address that is proved.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerifiedEmailBody {
    /// The account's address.
    #[schema(example = "user@example.com")]
    email: String,
    /// Always true.
    email_verified: bool,
}

/// What is done, whoever asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnItsWayBody {
    /// A sentence for people.
    #[schema(example = "if there is such an account, a mail is on its way")]
    message: &'static str,
}

pub(super) const ON_ITS_WAY: OnItsWayBody =
    OnItsWayBody { message: "if there is such an account, a mail is on its way" };

/// Verify an e-mail address
///
/// With the six digits or the link of the mail. The link proves a changed address, too. Wrong, used and expired codes
/// and addresses without an account are answered alike; after five wrong guesses only the link works.
#[utoipa::path(
    post, path = "/api/auth/verify-email", operation_id = "verifyEmail", tag = "auth", security(()),
    request_body = VerifyEmailBody,
    responses(
        (status = 200, body = VerifiedEmailBody),
        (status = 403, body = ErrorBody, description = "The code or link is not valid (any more): `CODE_REFUSED`."),
        (status = 409, body = ErrorBody, description = "Somebody else has the new address meanwhile: `EMAIL_TAKEN`."),
        (status = 422, body = ErrorBody, description = "A field is missing."),
    ),
)]
pub(crate) async fn verify(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<VerifyEmailBody>,
) -> Result<Json<VerifiedEmailBody>, ApiError> {
    let host = visitor.host(&state);
    let confirmed = match (&body.token, &body.email, &body.verification_code) {
        (Some(token), ..) => {
            let token: EmailToken = token.trim().parse().map_err(|_| StoreError::CodeRefused)?;
            host.confirm_email_by_link(token.digest().as_str()).await?
        }
        (None, Some(email), Some(code)) => {
            let email: Email = email.parse().map_err(|_| StoreError::CodeRefused)?;
            let code = digits(code)?;
            host.confirm_email_by_code(email.as_str(), None, &code, MAX_CODE_FAILURES).await?
        }
        (None, None, _) => return Err(missing("email")),
        (None, Some(_), None) => return Err(missing("verification_code")),
    };
    told_the_former_address(&state, &confirmed).await;
    Ok(Json(verified(&confirmed.user)))
}

/// Send the verification mail again
///
/// Answers alike whether there is such an account or not, and whether it is verified; at most one mail a minute.
#[utoipa::path(
    post, path = "/api/auth/verify-email/resend", operation_id = "resendVerification", tag = "auth", security(()),
    request_body = EmailBody,
    responses((status = 202, body = OnItsWayBody), (status = 422, body = ErrorBody, description = "That is no address.")),
)]
pub(crate) async fn resend(
    State(state): State<AppState>,
    Json(body): Json<EmailBody>,
) -> Result<(StatusCode, Json<OnItsWayBody>), ApiError> {
    let email: Email = body.email.parse()?;
    let user = state.store.host().user_by_email(email.as_str()).await?;
    if let Some(user) = user.filter(|user| user.email_verified_at.is_none()) {
        begin_verification(&state, &user);
    }
    Ok((StatusCode::ACCEPTED, Json(ON_ITS_WAY)))
}

/// Change the e-mail address
///
/// The new address is the account's once it is proved, by the link of the mail that goes to it or by its six digits at
/// `POST /api/auth/email/confirm`. Answers alike when somebody else has the address: then no mail goes out.
#[utoipa::path(
    put, path = "/api/auth/email", operation_id = "changeEmail", tag = "auth", security(("bearer" = [])),
    request_body = ChangeEmailBody,
    responses(
        (status = 202, body = OnItsWayBody),
        (status = 401, body = ErrorBody, description = "`SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG`, `SIGN_IN_TOO_OLD` or `IMPERSONATED`."),
        (status = 422, body = ErrorBody, description = "That is no address."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords."),
    ),
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Json(body): Json<ChangeEmailBody>,
) -> Result<(StatusCode, Json<OnItsWayBody>), ApiError> {
    let email: Email = body.email.parse()?;
    let proof = Proof { password: body.current_password.as_deref(), code: body.code.as_deref() };
    let user = prove(&state, &visitor, oneself, proof).await?;
    let host = visitor.host_as(&state, user.id);
    if host.user_by_email(email.as_str()).await?.is_none() {
        send_code(&state, &host, &user, CodePurpose::ChangeEmail, email.as_str()).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(ON_ITS_WAY)))
}

/// Confirm a new e-mail address
#[utoipa::path(
    post, path = "/api/auth/email/confirm", operation_id = "confirmEmail", tag = "auth", security(("bearer" = [])),
    request_body = ConfirmEmailBody,
    responses(
        (status = 200, body = VerifiedEmailBody),
        (status = 403, body = ErrorBody, description = "The code is not valid (any more) (`CODE_REFUSED`), or `IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "Somebody else has the address meanwhile: `EMAIL_TAKEN`."),
    ),
)]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
    Json(body): Json<ConfirmEmailBody>,
) -> Result<Json<VerifiedEmailBody>, ApiError> {
    let email: Email = body.email.parse().map_err(|_| StoreError::CodeRefused)?;
    let code = digits(&body.verification_code)?;
    let host = visitor.host_as(&state, person.user);
    let confirmed =
        host.confirm_email_by_code(email.as_str(), Some(person.user), &code, MAX_CODE_FAILURES).await?;
    told_the_former_address(&state, &confirmed).await;
    Ok(Json(verified(&confirmed.user)))
}

/// Mails a code for the account's own address, behind the answer: its time tells nothing.
pub(super) fn begin_verification(state: &AppState, user: &UserRow) {
    let (state, user) = (state.clone(), user.clone());
    tokio::spawn(async move {
        let host = state.store.host();
        let sent = send_code(&state, &host, &user, CodePurpose::VerifyEmail, &user.email).await;
        if let Err(error) = sent {
            tracing::warn!(user = %user.id, error = &error as &dyn std::error::Error, "no verification mail was kept");
        }
    });
}

async fn send_code(
    state: &AppState,
    host: &HostStore,
    user: &UserRow,
    purpose: CodePurpose,
    email: &str,
) -> Result<(), ApiError> {
    let (token, code) = (EmailToken::generate(), VerificationCode::generate());
    let head = state.letterhead();
    let (host_name, link) = (head.host(), head.link("/verify-email", token.expose()));
    let letter = match purpose {
        CodePurpose::ChangeEmail => Letter::ChangeEmail { host: host_name, link: &link, code: code.expose() },
        _ => Letter::VerifyEmail { host: host_name, link: &link, code: code.expose() },
    };
    let new = NewMailedCode {
        user: user.id,
        purpose,
        email: email.to_owned(),
        link_digest: token.digest().as_str().to_owned(),
        code: Some(Secret::new(code.expose())),
        expires_at: UnixMillis::now().plus(VERIFICATION_LIFETIME),
    };
    if host.send_mailed_code(&new, &Postbox::written(email, &letter), PAUSE).await? {
        state.mail.ring();
    }
    Ok(())
}

/// Whoever still reads the mail of the former address learns that it is the account's no more.
async fn told_the_former_address(state: &AppState, confirmed: &ConfirmedEmail) {
    let Some(former) = &confirmed.former_email else { return };
    let head = state.letterhead();
    let letter = Letter::EmailChanged { host: head.host(), email: &confirmed.user.email };
    if let Err(error) = state.mail.post(former, &letter).await {
        tracing::warn!(user = %confirmed.user.id, error = &error as &dyn std::error::Error, "a former address was not told");
    }
}

fn digits(text: &str) -> Result<Secret, ApiError> {
    let code: VerificationCode = text.parse().map_err(|_| StoreError::CodeRefused)?;
    Ok(Secret::new(code.expose()))
}

fn verified(user: &UserRow) -> VerifiedEmailBody {
    VerifiedEmailBody { email: user.email.clone(), email_verified: true }
}

fn missing(field: &'static str) -> ApiError {
    let message = "send `email` and `verification_code`, or `token`".to_owned();
    ApiError::Invalid { field, message }
}
