//! An administrator in the place of somebody else, to see what that person sees.
//!
//! It takes a reason, ends by itself after a quarter of an hour and cannot be
//! prolonged. Whoever is impersonated gets a letter, sees it among the own
//! sign-ins and can end it there; every answer says so in a header; every
//! change is in the organisation's audit log with both names. Nothing that
//! belongs to a person alone, and nothing that decides who owns or leads an
//! organisation, can be changed that way.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{ACCESS_TOKEN_LIFETIME, PlatformRole};
use neustream_model::{SignInId, TenantId, UnixMillis, UserId};
use neustream_store::{NewSignIn, SignInKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::users::reason;
use crate::auth::Visitor;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Administrator;
use crate::mail::{Letter, Postbox};
use crate::moment::rfc3339;
use crate::state::AppState;

/// Why an administrator acts as somebody, and where.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ImpersonateBody {
    /// Told to the person, and kept in the audit log: 1 to 2000 characters.
    #[schema(example = "You asked why your destination fails, ticket 4711")]
    reason: String,
    /// One of the person's organisations; the home organisation when left out.
    #[schema(value_type = Option<String>, format = Uuid)]
    organisation: Option<TenantId>,
}

/// A token with which an administrator acts as somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImpersonationBody {
    /// The sign-in: ends with `DELETE /api/admin/impersonations/{id}`.
    #[schema(format = Uuid)]
    id: String,
    /// An access token; there is no refresh token.
    token: String,
    /// When it ends (RFC 3339).
    #[schema(format = DateTime)]
    expires_at: String,
    /// As whom.
    #[schema(format = Uuid)]
    user_id: String,
    /// In which organisation, and in no other.
    #[schema(format = Uuid)]
    organisation_id: String,
}

/// Act as somebody
///
/// For a quarter of an hour, in one organisation. The person gets a letter with the reason and can end it. What is
/// personal (password, second factor, address, sign-ins), and what API keys never may (keys, team, ownership, billing,
/// deletion, exports), stays the person's own.
#[utoipa::path(
    post, path = "/api/admin/users/{id}/impersonate", operation_id = "impersonateUser", tag = "administration",
    security(("bearer" = ["administrator"])), request_body = ImpersonateBody,
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses(
        (status = 201, body = ImpersonationBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`. Nobody acts as one who does, or as somebody who is suspended: `IMPERSONATION_REFUSED`."),
        (status = 404, body = ErrorBody, description = "There is no such user, or the user does not belong to that organisation."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    admin: Administrator,
    visitor: Visitor,
    Path(user): Path<UserId>,
    Json(body): Json<ImpersonateBody>,
) -> Result<(StatusCode, Json<ImpersonationBody>), ApiError> {
    let reason = reason(&body.reason)?;
    let host = admin.host(&state);
    let person = host.user(user).await?;
    if person.role == PlatformRole::Admin.as_str() {
        return Err(ApiError::ImpersonationRefused("who runs the platform acts for themselves alone"));
    }
    if host.suspension(user).await?.suspended_at.is_some() {
        return Err(ApiError::ImpersonationRefused("the account is suspended"));
    }
    let organisation = body.organisation.unwrap_or(person.tenant_id);
    let belongs = host.organisations_of(user).await?.iter().any(|own| own.organisation.id == organisation);
    if !belongs {
        return Err(ApiError::NotFound("the user does not belong to that organisation"));
    }
    let now = UnixMillis::now();
    let sign_in = NewSignIn {
        id: SignInId::new(),
        user,
        kind: SignInKind::Impersonation { impersonator: admin.0.user, tenant: organisation },
        method: "impersonation".to_owned(),
        device: visitor.device.clone(),
        address: Some(visitor.address),
        expires_at: now.plus(ACCESS_TOKEN_LIFETIME),
    };
    let until = rfc3339(sign_in.expires_at);
    let letterhead = state.letterhead();
    let letter = Letter::Impersonated { host: letterhead.host(), reason: &reason, until: &until };
    host.begin_impersonation(&sign_in, organisation, &reason, &Postbox::written(&person.email, &letter))
        .await?;
    state.mail.ring();
    let token = state.tokens.issue(user, sign_in.id, now);
    let body = ImpersonationBody {
        id: sign_in.id.to_string(),
        token: token.expose().to_owned(),
        expires_at: until,
        user_id: user.to_string(),
        organisation_id: organisation.to_string(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Stop acting as somebody
#[utoipa::path(
    delete, path = "/api/admin/impersonations/{id}", operation_id = "endImpersonation", tag = "administration",
    security(("bearer" = ["administrator"])),
    params(("id" = String, Path, format = Uuid, description = "What `impersonateUser` answered as `id`.")),
    responses(
        (status = 204, description = "It has ended: its token is not taken any more."),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 404, body = ErrorBody, description = "No such impersonation runs (any more)."),
    ),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    admin: Administrator,
    Path(id): Path<SignInId>,
) -> Result<StatusCode, ApiError> {
    admin.host(&state).end_impersonation(id, UnixMillis::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
