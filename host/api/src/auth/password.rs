//! Forgotten and changed passwords.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{Email, PASSWORD_RESET_LIFETIME, Password, PasswordResetToken};
use neustream_model::UnixMillis;
use neustream_store::{CodePurpose, NewMailedCode, StoreError, UserRow};
use serde::Deserialize;
use utoipa::ToSchema;

use super::email::{EmailBody, ON_ITS_WAY, OnItsWayBody, PAUSE};
use super::proof::{Proof, address_of, prove};
use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::mail::{Letter, Postbox};
use crate::state::AppState;

/// A new password, with the link of the mail.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResetPasswordBody {
    /// The token of the link.
    token: String,
    /// At least 10 characters.
    #[schema(example = "correct horse battery", min_length = 10)]
    password: String,
}

/// A new password, with the current one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangePasswordBody {
    /// The account's password, where it has one.
    #[schema(example = "correct horse battery")]
    current_password: Option<String>,
    /// A code of the authenticator app, for an account without a password.
    code: Option<String>,
    /// At least 10 characters.
    #[schema(example = "staple battery horse", min_length = 10)]
    password: String,
}

/// Ask for a new password
///
/// Answers alike, and as fast, whether there is such an account or not. A mail goes out at most once a minute; its link
/// works once, for an hour.
#[utoipa::path(
    post, path = "/api/auth/forgot-password", operation_id = "forgotPassword", tag = "auth", security(()),
    request_body = EmailBody,
    responses((status = 202, body = OnItsWayBody), (status = 422, body = ErrorBody, description = "That is no address.")),
)]
pub(crate) async fn forgot(
    State(state): State<AppState>,
    Json(body): Json<EmailBody>,
) -> Result<(StatusCode, Json<OnItsWayBody>), ApiError> {
    let email: Email = body.email.parse()?;
    if let Some(user) = state.store.host().user_by_email(email.as_str()).await? {
        // Behind the answer: its time tells nothing.
        tokio::spawn(async move {
            if let Err(error) = send_reset(&state, &user).await {
                tracing::warn!(user = %user.id, error = &error as &dyn std::error::Error, "no password mail was kept");
            }
        });
    }
    Ok((StatusCode::ACCEPTED, Json(ON_ITS_WAY)))
}

/// Choose a new password
///
/// With the link of the mail. Everybody who is signed in to the account is signed out. A second factor stays, and is
/// asked for at the next sign-in.
#[utoipa::path(
    post, path = "/api/auth/reset-password", operation_id = "resetPassword", tag = "auth", security(()),
    request_body = ResetPasswordBody,
    responses(
        (status = 204, description = "The password is changed: sign in with it."),
        (status = 403, body = ErrorBody, description = "The link is not valid (any more): `CODE_REFUSED`."),
        (status = 422, body = ErrorBody, description = "The password is not taken; the link stays valid."),
    ),
)]
pub(crate) async fn reset(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<ResetPasswordBody>,
) -> Result<StatusCode, ApiError> {
    let token: PasswordResetToken = body.token.trim().parse().map_err(|_| StoreError::CodeRefused)?;
    let digest = token.digest();
    let host = visitor.host(&state);
    let user = host.password_reset_user(digest.as_str()).await?;
    let password = Password::choose(&body.password, &address_of(&user)?)?;
    let hash = state.passwords.hash(password).await?;
    let user = host.reset_password(digest.as_str(), hash.as_str()).await?;
    let head = state.letterhead();
    let link = head.page("/forgot-password");
    state.mail.post(&user.email, &Letter::PasswordChanged { host: head.host(), link: &link }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the password
///
/// Everybody else who is signed in to the account is signed out.
#[utoipa::path(
    put, path = "/api/auth/password", operation_id = "changePassword", tag = "auth", security(("bearer" = [])),
    request_body = ChangePasswordBody,
    responses(
        (status = 204, description = "The password is changed."),
        (status = 401, body = ErrorBody, description = "`SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG`, `SIGN_IN_TOO_OLD`, `IMPERSONATED`, or it was changed meanwhile (`CODE_REFUSED`)."),
        (status = 422, body = ErrorBody, description = "The new password is not taken."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords."),
    ),
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Json(body): Json<ChangePasswordBody>,
) -> Result<StatusCode, ApiError> {
    let proof = Proof { password: body.current_password.as_deref(), code: body.code.as_deref() };
    let user = prove(&state, &visitor, oneself, proof).await?;
    let password = Password::choose(&body.password, &address_of(&user)?)?;
    let hash = state.passwords.hash(password).await?;
    let head = state.letterhead();
    let link = head.page("/forgot-password");
    let letter = Letter::PasswordChanged { host: head.host(), link: &link };
    let mail = Postbox::written(&user.email, &letter);
    let host = visitor.host_as(&state, user.id);
    host.change_password(user.id, &user.password_hash, hash.as_str(), Some(oneself.0.sign_in), &mail).await?;
    state.mail.ring();
    Ok(StatusCode::NO_CONTENT)
}

async fn send_reset(state: &AppState, user: &UserRow) -> Result<(), ApiError> {
    let token = PasswordResetToken::generate();
    let head = state.letterhead();
    let link = head.link("/reset-password", token.expose());
    let letter = Letter::ResetPassword { host: head.host(), link: &link };
    let new = NewMailedCode {
        user: user.id,
        purpose: CodePurpose::ResetPassword,
        email: user.email.clone(),
        link_digest: token.digest().as_str().to_owned(),
        code: None,
        expires_at: UnixMillis::now().plus(PASSWORD_RESET_LIFETIME),
    };
    let mail = Postbox::written(&user.email, &letter);
    if state.store.host().send_mailed_code(&new, &mail, PAUSE).await? {
        state.mail.ring();
    }
    Ok(())
}
