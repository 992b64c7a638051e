//! `/api/team/invitations`: asking people into the team by mail.
//!
//! The link goes to the address alone: neither the inviter nor the log of
//! requests sees it, so whoever follows it reads that address's mail.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{Email, InvitationToken, Role};
use neustream_model::{TeamInvitationId, UnixMillis};
use neustream_store::{NewTeamInvitation, StoreError, TeamInvitationRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::{Identity, Origin, Person};
use crate::mail::Letter;
use crate::moment::rfc3339;
use crate::organisations::{MAX_ORGANISATIONS, RoleBody, role_body, role_of};
use crate::page::{Page, PageQuery};
use crate::state::AppState;

/// How long a link holds.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// Invitations of an organisation that wait at a time.
const MAX_INVITATIONS: u64 = 200;
/// The page that takes a link.
const PAGE: &str = "/invitation";

/// Somebody to be invited.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTeamInvitationBody {
    /// E-mail address.
    #[schema(example = "grace@example.com")]
    email: String,
    /// What the person may do.
    role: RoleBody,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamInvitationBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Whom it is for.
    #[schema(example = "grace@example.com")]
    email: String,
    /// What the person may do who follows it.
    role: RoleBody,
    /// Who made it.
    #[schema(format = Uuid)]
    invited_by: String,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When its link was last sent (RFC 3339).
    #[schema(format = DateTime)]
    sent_at: String,
    /// Until when its link holds (RFC 3339).
    #[schema(format = DateTime)]
    expires_at: String,
}

/// One invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTeamInvitationBody {
    invitation: TeamInvitationBody,
}

/// Invitations, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamInvitationsBody {
    invitations: Vec<TeamInvitationBody>,
    /// The cursor of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// The link of an invitation.
#[derive(Deserialize, ToSchema)]
pub(crate) struct InvitationLinkBody {
    /// The token of the link.
    token: String,
}

/// What an invitation leads to.
#[derive(Serialize, ToSchema)]
pub(crate) struct JoinedBody {
    /// The organisation that you belong to now.
    #[schema(format = Uuid)]
    organisation_id: String,
    /// Your role in it.
    role: RoleBody,
}

/// List invitations
///
/// Those whose link has ended stay until they are sent again or revoked.
#[utoipa::path(
    get, path = "/api/team/invitations", operation_id = "listTeamInvitations", tag = "team",
    security(("bearer" = ["team:read"]), ("apiKey" = ["team:read"])), params(PageQuery),
    responses(
        (status = 200, body = TeamInvitationsBody),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    ),
)]
pub(crate) async fn list(
    access: Access<may::TeamRead>,
    page: Page,
) -> Result<Json<TeamInvitationsBody>, ApiError> {
    let rows = access.store.team_invitations(&page.keyset::<TeamInvitationId>()?).await?;
    let (rows, next_cursor) = page.cut(rows, |row| row.id);
    let invitations = rows.iter().map(invitation_body).collect::<Result<_, _>>()?;
    Ok(Json(TeamInvitationsBody { invitations, next_cursor }))
}

/// Invite somebody
///
/// The link goes by mail and holds for seven days. Whoever is invited already gets a new link, and the new role.
#[utoipa::path(
    post, path = "/api/team/invitations", operation_id = "inviteToTeam", tag = "team",
    security(("bearer" = ["team:write"])), request_body = NewTeamInvitationBody,
    responses(
        (status = 201, body = OneTeamInvitationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Your role does not have `team:write`, it takes an owner to invite owners, or there are as many invitations as there may be."),
        (status = 409, body = ErrorBody, description = "The person belongs to the organisation: `ALREADY_MEMBER`."),
        (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::TeamWrite>,
    Json(body): Json<NewTeamInvitationBody>,
) -> Result<(StatusCode, Json<OneTeamInvitationBody>), ApiError> {
    let email: Email = body.email.parse()?;
    let role = Role::from(body.role);
    may_invite(&access, role)?;
    let token = InvitationToken::generate();
    let new = NewTeamInvitation {
        email: email.as_str().to_owned(),
        role: role.as_str().to_owned(),
        invited_by: access.user,
        digest: token.digest().as_str().to_owned(),
        expires_at: UnixMillis::now().plus(LIFETIME),
    };
    count_mail(&state, &access)?;
    let row = access.store.invite(&new, MAX_INVITATIONS).await?;
    send(&state, &access, &row, &token).await?;
    Ok((StatusCode::CREATED, Json(OneTeamInvitationBody { invitation: invitation_body(&row)? })))
}

/// Send an invitation again
///
/// With a new link; the former one ends.
#[utoipa::path(
    post, path = "/api/team/invitations/{id}/resend", operation_id = "resendTeamInvitation", tag = "team",
    security(("bearer" = ["team:write"])),
    params(("id" = String, Path, format = Uuid, description = "The invitation.")),
    responses(
        (status = 200, body = OneTeamInvitationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody),
    ),
)]
pub(crate) async fn resend(
    State(state): State<AppState>,
    access: Access<may::TeamWrite>,
    Path(id): Path<TeamInvitationId>,
) -> Result<Json<OneTeamInvitationBody>, ApiError> {
    count_mail(&state, &access)?;
    let token = InvitationToken::generate();
    let expires_at = UnixMillis::now().plus(LIFETIME);
    let row = access.store.renew_invitation(id, token.digest().as_str(), expires_at).await?;
    send(&state, &access, &row, &token).await?;
    Ok(Json(OneTeamInvitationBody { invitation: invitation_body(&row)? }))
}

/// Revoke an invitation
///
/// Its link ends at once.
#[utoipa::path(
    delete, path = "/api/team/invitations/{id}", operation_id = "revokeTeamInvitation", tag = "team",
    security(("bearer" = ["team:write"])),
    params(("id" = String, Path, format = Uuid, description = "The invitation.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn revoke(
    access: Access<may::TeamWrite>,
    Path(id): Path<TeamInvitationId>,
) -> Result<StatusCode, ApiError> {
    access.store.revoke_invitation(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Join a team
///
/// For people who have an account with the address that the invitation is for. Whoever has none opens one with
/// `POST /api/auth/invitation`.
#[utoipa::path(
    post, path = "/api/team/join", operation_id = "joinTeam", tag = "team", security(("bearer" = [])),
    request_body = InvitationLinkBody,
    responses(
        (status = 200, body = JoinedBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The invitation is not valid, is for another address, or you belong to as many organisations as anybody may (`LIMIT_REACHED`); it is for another address (`INVITATION_FOR_OTHER`), or the invitation is not valid any more (`INVITATION_REFUSED`)."),
        (status = 409, body = ErrorBody, description = "You belong to the organisation already: `ALREADY_MEMBER`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn join(
    State(state): State<AppState>,
    person: Person,
    origin: Origin,
    Json(body): Json<InvitationLinkBody>,
) -> Result<Json<JoinedBody>, ApiError> {
    if person.impersonator.is_some() {
        return Err(ApiError::PeopleOnly);
    }
    let token: InvitationToken = body.token.trim().parse().map_err(|_| StoreError::InvitationRefused)?;
    let host = state.store.host().acting_as(person.actor(origin));
    let joined = host.join(token.digest().as_str(), person.user, MAX_ORGANISATIONS).await?;
    Ok(Json(JoinedBody { organisation_id: joined.tenant_id.to_string(), role: role_body(&joined.role)? }))
}

/// Only an owner invites owners.
fn may_invite(access: &Access<may::TeamWrite>, role: Role) -> Result<(), ApiError> {
    let own = role_of(&access.caller).unwrap_or(Role::Viewer);
    if own.may_assign(role) { Ok(()) } else { Err(StoreError::OwnerNeeded.into()) }
}

/// Counts a letter to a stranger: an organisation that sends too many is not one that invites people.
fn count_mail(state: &AppState, identity: &Identity) -> Result<(), ApiError> {
    let taken = state.invitation_mails.take(identity.tenant(), Instant::now());
    taken.map(drop).map_err(|exhausted| ApiError::TooMany { retry_after: exhausted.retry_after })
}

async fn send(
    state: &AppState,
    identity: &Identity,
    row: &TeamInvitationRow,
    token: &InvitationToken,
) -> Result<(), ApiError> {
    let organisation = identity.store.organisation().await?;
    let inviter = state.store.host().user(identity.user).await?;
    let head = state.letterhead();
    let letter = Letter::TeamInvitation {
        host: head.host(),
        organisation: &organisation.name,
        inviter: &inviter.display_name,
        role: &row.role,
        link: &head.link(PAGE, token.expose()),
        days: LIFETIME.as_secs() / (24 * 3600),
    };
    state.mail.post(&row.email, &letter).await
}

fn invitation_body(row: &TeamInvitationRow) -> Result<TeamInvitationBody, ApiError> {
    Ok(TeamInvitationBody {
        id: row.id.to_string(),
        email: row.email.clone(),
        role: role_body(&row.role)?,
        invited_by: row.invited_by.to_string(),
        created_at: rfc3339(row.created_at),
        sent_at: rfc3339(row.sent_at),
        expires_at: rfc3339(row.expires_at),
    })
}
