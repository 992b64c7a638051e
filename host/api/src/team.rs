//! `/api/team`: who belongs to the organisation, and as what.
//!
//! A change holds from the person's next request on; sockets of whoever is removed are closed.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::Role;
use neustream_model::UserId;
use neustream_store::MemberRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, PersonAccess, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::organisations::{RoleBody, role_body, role_of};
use crate::page::{Page, PageQuery};
use crate::state::AppState;

/// A member of the organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberBody {
    /// The person.
    #[schema(format = Uuid)]
    user_id: String,
    /// E-mail address.
    #[schema(example = "grace@example.com")]
    email: String,
    /// The name that people see.
    #[schema(example = "Grace Hopper")]
    display_name: String,
    /// What the person may do here.
    role: RoleBody,
    /// Since when (RFC 3339).
    #[schema(format = DateTime)]
    joined_at: String,
}

/// One member.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneMemberBody {
    member: MemberBody,
}

/// Members, those first whose accounts are oldest.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersBody {
    members: Vec<MemberBody>,
    /// The cursor of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// What changes about a member.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MemberChangeBody {
    /// The new role.
    role: RoleBody,
}

/// To whom an organisation is handed over.
#[derive(Deserialize, ToSchema)]
pub(crate) struct HandOverBody {
    /// A member.
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
}

/// List the team
#[utoipa::path(
    get, path = "/api/team", operation_id = "listTeam", tag = "team",
    security(("bearer" = ["team:read"]), ("apiKey" = ["team:read"])), params(PageQuery),
    responses(
        (status = 200, body = MembersBody),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    ),
)]
pub(crate) async fn list(access: Access<may::TeamRead>, page: Page) -> Result<Json<MembersBody>, ApiError> {
    let rows = access.store.members(&page.keyset::<UserId>()?).await?;
    let (rows, next_cursor) = page.cut(rows, |row| row.user);
    let members = rows.iter().map(member_body).collect::<Result<_, _>>()?;
    Ok(Json(MembersBody { members, next_cursor }))
}

/// Show a member
#[utoipa::path(
    get, path = "/api/team/{userId}", operation_id = "getMember", tag = "team",
    security(("bearer" = ["team:read"]), ("apiKey" = ["team:read"])),
    params(("userId" = String, Path, format = Uuid, description = "The person.")),
    responses(
        (status = 200, body = OneMemberBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn show(
    access: Access<may::TeamRead>,
    Path(user): Path<UserId>,
) -> Result<Json<OneMemberBody>, ApiError> {
    Ok(Json(OneMemberBody { member: member_body(&access.store.member(user).await?)? }))
}

/// Give a member another role
///
/// Only an owner makes and unmakes owners.
#[utoipa::path(
    patch, path = "/api/team/{userId}", operation_id = "updateMember", tag = "team",
    security(("bearer" = ["team:write"])), request_body = MemberChangeBody,
    params(("userId" = String, Path, format = Uuid, description = "The person.")),
    responses(
        (status = 200, body = OneMemberBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Your role does not have `team:write`, or it takes an owner: `OWNER_NEEDED`."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The organisation would have no owner: `LAST_OWNER`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    access: Access<may::TeamWrite>,
    Path(user): Path<UserId>,
    Json(body): Json<MemberChangeBody>,
) -> Result<Json<OneMemberBody>, ApiError> {
    let role = Role::from(body.role);
    let row = access.store.set_role(user, role.as_str(), may_touch_owners(&access)).await?;
    Ok(Json(OneMemberBody { member: member_body(&row)? }))
}

/// Remove a member
///
/// The person acts for the organisation no longer, from the next request on. API keys stay: they belong to the
/// organisation.
#[utoipa::path(
    delete, path = "/api/team/{userId}", operation_id = "removeMember", tag = "team",
    security(("bearer" = ["team:write"])),
    params(("userId" = String, Path, format = Uuid, description = "The person.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Your role does not have `team:write`, or it takes an owner: `OWNER_NEEDED`."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The organisation would have no owner: `LAST_OWNER`."),
    ),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    access: Access<may::TeamWrite>,
    Path(user): Path<UserId>,
) -> Result<StatusCode, ApiError> {
    let host = state.store.host().acting_as(access.actor);
    host.remove_member(access.tenant(), user, may_touch_owners(&access), "member.remove").await?;
    state.standings.changed(user);
    Ok(StatusCode::NO_CONTENT)
}

/// Hand the organisation over
///
/// The member owns it then, and you are an admin of it.
#[utoipa::path(
    post, path = "/api/team/hand-over", operation_id = "handOver", tag = "team",
    security(("bearer" = ["organisation:delete"])), request_body = HandOverBody,
    responses(
        (status = 200, body = OneMemberBody, description = "The new owner."),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not own it."),
        (status = 404, body = ErrorBody, description = "The person does not belong to it."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn hand_over(
    access: PersonAccess<may::OrganisationDelete>,
    Json(body): Json<HandOverBody>,
) -> Result<Json<OneMemberBody>, ApiError> {
    let row = access.store.hand_over(access.user, body.user_id).await?;
    Ok(Json(OneMemberBody { member: member_body(&row)? }))
}

fn may_touch_owners(access: &Access<may::TeamWrite>) -> bool {
    role_of(&access.caller).is_some_and(|role| role.may_assign(Role::Owner))
}

fn member_body(row: &MemberRow) -> Result<MemberBody, ApiError> {
    Ok(MemberBody {
        user_id: row.user.to_string(),
        email: row.email.clone(),
        display_name: row.display_name.clone(),
        role: role_body(&row.role)?,
        joined_at: rfc3339(row.joined_at),
    })
}
