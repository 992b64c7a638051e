//! Opening accounts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use neustream_accounts::{Email, Password, PlatformRole, SetupToken};
use neustream_store::{NewAccount, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Visitor;
use super::email::begin_verification;
use super::tokens::{SignInBody, sign_in};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::maintenance::registration_is_open;
use crate::state::AppState;
use crate::text::name;

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

/// Open an account
#[utoipa::path(
    post, path = "/api/auth/register", operation_id = "register", tag = "auth", security(()), request_body = NewAccountBody,
    responses(
        (status = 201, body = SignInBody),
        (status = 403, body = ErrorBody, description = "Registration is closed: `REGISTRATION_CLOSED`."),
        (status = 409, body = ErrorBody, description = "There is an account with this e-mail address: `EMAIL_TAKEN`."),
        (status = 422, body = ErrorBody, description = "A field is not valid."),
    ),
)]
pub(crate) async fn register(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<NewAccountBody>,
) -> Result<Response, ApiError> {
    if !registration_is_open(&state).await {
        return Err(ApiError::RegistrationClosed);
    }
    let account = new_account(&state, &body, PlatformRole::Member).await?;
    let user = visitor.host(&state).create_account(&account).await?;
    begin_verification(&state, &user);
    sign_in(&state, &visitor, user, "password", StatusCode::CREATED).await
}

/// Open the first account with the set-up link
#[utoipa::path(
    post, path = "/api/auth/setup", operation_id = "completeSetup", tag = "auth", security(()), request_body = SetupBody,
    responses(
        (status = 201, body = SignInBody),
        (status = 403, body = ErrorBody, description = "The link is wrong or used, or the host is set up: `SETUP_REFUSED`."),
        (status = 422, body = ErrorBody, description = "A field is not valid."),
    ),
)]
pub(crate) async fn setup(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<SetupBody>,
) -> Result<Response, ApiError> {
    let token: SetupToken = body.token.trim().parse().map_err(|_| StoreError::SetupRefused)?;
    let body = NewAccountBody { email: body.email, password: body.password, display_name: body.display_name };
    let account = new_account(&state, &body, PlatformRole::Admin).await?;
    let user = visitor.host(&state).complete_setup(token.digest().as_str(), &account).await?;
    begin_verification(&state, &user);
    sign_in(&state, &visitor, user, "link", StatusCode::CREATED).await
}

async fn new_account(
    state: &AppState,
    body: &NewAccountBody,
    role: PlatformRole,
) -> Result<NewAccount, ApiError> {
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
