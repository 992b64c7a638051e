//! `/api/auth/invitation`: an invited user chooses the first password and is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use neustream_accounts::{Email, InvitationToken, Password};
use neustream_store::StoreError;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{SignInBody, Visitor, sign_in};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::state::AppState;

/// An invitation that is accepted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AcceptedInvitationBody {
    /// The token of the invitation's link.
    token: String,
    /// At least 10 characters.
    #[schema(example = "correct horse battery", min_length = 10)]
    password: String,
}

/// Accept an invitation
#[utoipa::path(
    post, path = "/api/auth/invitation", operation_id = "acceptInvitation", tag = "auth",
    request_body = AcceptedInvitationBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 403, body = ErrorBody, description = "The invitation is unknown, used or expired: `INVITATION_REFUSED`."),
        (status = 422, body = ErrorBody, description = "The password is not taken; the invitation stays valid."),
    ),
)]
pub(crate) async fn accept(
    State(state): State<AppState>,
    visitor: Visitor,
    Json(body): Json<AcceptedInvitationBody>,
) -> Result<Response, ApiError> {
    let token: InvitationToken = body.token.trim().parse().map_err(|_| StoreError::InvitationRefused)?;
    let host = state.store.host();
    let invited = host.invited_user(token.digest().as_str()).await?;
    let email: Email = invited
        .email
        .parse()
        .map_err(|error| ApiError::Internal(format!("the address of user {}: {error}", invited.id)))?;
    let password = Password::choose(&body.password, &email)?;
    let hash = state.passwords.hash(password).await?;
    let user = host.accept_invitation(token.digest().as_str(), hash.as_str()).await?;
    sign_in(&state, &visitor, user, "link", StatusCode::OK).await
}
