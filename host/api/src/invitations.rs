//! `/api/auth/invitation`: somebody who was invited and has no account yet chooses a password and is signed in.
//!
//! Two kinds of links end here: those that partners give the first user of a
//! tenant, and those that teams send (`team_invitations`).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use neustream_accounts::{Email, InvitationToken, Password, PlatformRole};
use neustream_store::{NewAccount, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{SignInBody, Visitor, sign_in};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Origin;
use crate::moment::rfc3339;
use crate::organisations::{RoleBody, role_body};
use crate::state::AppState;
use crate::text::name;

/// An invitation that is accepted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AcceptedInvitationBody {
    /// The token of the invitation's link.
    token: String,
    /// At least 10 characters.
    #[schema(example = "correct horse battery", min_length = 10)]
    password: String,
    /// The name that people see; needed where the invitation is a team's.
    #[schema(example = "Grace Hopper", max_length = 100)]
    display_name: Option<String>,
}

/// The link of an invitation.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PreviewedInvitationBody {
    /// The token of the invitation's link.
    token: String,
}

/// What an invitation is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationPreviewBody {
    /// The organisation.
    #[schema(example = "Acme Live")]
    organisation: String,
    /// Whom it is for.
    #[schema(example = "grace@example.com")]
    email: String,
    /// What whoever follows it may do.
    role: RoleBody,
    /// Whether there is an account with this address: it follows the link with `POST /api/team/join`.
    has_account: bool,
    /// Until when the link holds (RFC 3339); null where that is not told.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// See what an invitation is about
#[utoipa::path(
    post, path = "/api/auth/invitation/preview", operation_id = "previewInvitation", tag = "auth", security(()),
    request_body = PreviewedInvitationBody,
    responses(
        (status = 200, body = InvitationPreviewBody),
        (status = 403, body = ErrorBody, description = "The invitation is unknown, used or expired: `INVITATION_REFUSED`."),
    ),
)]
pub(crate) async fn preview(
    State(state): State<AppState>,
    Json(body): Json<PreviewedInvitationBody>,
) -> Result<Json<InvitationPreviewBody>, ApiError> {
    let token = token_of(&body.token)?;
    let host = state.store.host();
    if let Some(open) = host.open_team_invitation(token.digest().as_str()).await? {
        return Ok(Json(InvitationPreviewBody {
            organisation: open.organisation,
            email: open.invitation.email,
            role: role_body(&open.invitation.role)?,
            has_account: open.has_account,
            expires_at: Some(rfc3339(open.invitation.expires_at)),
        }));
    }
    let invited = host.invited_user(token.digest().as_str()).await?;
    let organisation = state.store.tenant(invited.tenant_id).organisation().await?;
    Ok(Json(InvitationPreviewBody {
        organisation: organisation.name,
        email: invited.email,
        role: RoleBody::Owner,
        has_account: false,
        expires_at: None,
    }))
}

/// Accept an invitation
///
/// For people without an account. Whoever has one signs in and joins with `POST /api/team/join`.
#[utoipa::path(
    post, path = "/api/auth/invitation", operation_id = "acceptInvitation", tag = "auth", security(()),
    request_body = AcceptedInvitationBody,
    responses(
        (status = 200, body = SignInBody),
        (status = 403, body = ErrorBody, description = "The invitation is unknown, used or expired: `INVITATION_REFUSED`."),
        (status = 409, body = ErrorBody, description = "There is an account with this address: sign in and join (`EMAIL_TAKEN`)."),
        (status = 422, body = ErrorBody, description = "The password is not taken; the invitation stays valid."),
    ),
)]
pub(crate) async fn accept(
    State(state): State<AppState>,
    visitor: Visitor,
    origin: Origin,
    Json(body): Json<AcceptedInvitationBody>,
) -> Result<Response, ApiError> {
    let token = token_of(&body.token)?;
    let digest = token.digest();
    let host = state.store.host();
    let team = host.open_team_invitation(digest.as_str()).await?;
    if team.as_ref().is_some_and(|open| open.has_account) {
        return Err(StoreError::EmailTaken.into());
    }
    let email = match &team {
        Some(open) => open.invitation.email.clone(),
        None => host.invited_user(digest.as_str()).await?.email,
    };
    let address: Email =
        email.parse().map_err(|error| ApiError::Internal(format!("an invited address: {error}")))?;
    let display_name = match (&team, &body.display_name) {
        (Some(_), text) => name("display_name", text.as_deref().unwrap_or_default())?,
        (None, _) => String::new(),
    };
    let password = Password::choose(&body.password, &address)?;
    let hash = state.passwords.hash(password).await?;
    let user = if team.is_some() {
        let account = NewAccount {
            email,
            display_name,
            password_hash: hash.as_str().to_owned(),
            role: PlatformRole::Member.as_str().to_owned(),
        };
        let host = host.acting_as(origin.actor());
        host.join_with_new_account(digest.as_str(), &account).await?
    } else {
        host.accept_invitation(digest.as_str(), hash.as_str()).await?
    };
    sign_in(&state, &visitor, user, "link", StatusCode::OK).await
}

fn token_of(text: &str) -> Result<InvitationToken, ApiError> {
    text.trim().parse().map_err(|_| StoreError::InvitationRefused.into())
}
