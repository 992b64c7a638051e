//! `/api/organisations`: those that a person belongs to, and the one in the path.
//!
//! Deliberately without lists of all: an organisation is seen by its members alone.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::Role;
use neustream_model::TenantId;
use neustream_store::{OrganisationRow, OwnOrganisation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, PersonAccess, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::{Caller, Origin, Person};
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::text::name;

/// Organisations that a person may belong to: more than anybody works for, few enough to be listed at once.
pub(crate) const MAX_ORGANISATIONS: u64 = 100;

/// An organisation to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewOrganisationBody {
    /// Its name.
    #[schema(example = "Acme Live", min_length = 1, max_length = 100)]
    name: String,
}

/// What changes about an organisation.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OrganisationChangeBody {
    /// Its name.
    #[schema(example = "Acme Live", min_length = 1, max_length = 100)]
    name: String,
}

/// What a person may do in an organisation; the permission table says what each role has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleBody {
    /// Sees what runs.
    Viewer,
    /// Makes sources and runs streams.
    Editor,
    /// Runs the organisation: plugins, money, team, keys.
    Admin,
    /// Answers for it: plan, deletion, and who else owns it.
    Owner,
}

/// An organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganisationBody {
    /// Its id, for `Neustream-Organisation`.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    #[schema(example = "Acme Live")]
    name: String,
    /// Your role in it; null for an API key.
    role: Option<RoleBody>,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// An organisation that you belong to.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnOrganisationBody {
    #[serde(flatten)]
    organisation: OrganisationBody,
    /// Whether it is acted for by requests that name no organisation.
    is_home: bool,
    /// Since when you belong to it (RFC 3339).
    #[schema(format = DateTime)]
    joined_at: String,
}

/// One organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneOrganisationBody {
    organisation: OrganisationBody,
}

/// Organisations that you belong to, the oldest membership first.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganisationsBody {
    organisations: Vec<OwnOrganisationBody>,
}

/// List your organisations
#[utoipa::path(
    get, path = "/api/organisations", operation_id = "listOrganisations", tag = "organisations",
    security(("bearer" = [])),
    responses((status = 200, body = OrganisationsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<OrganisationsBody>, ApiError> {
    let own = state.store.host().organisations_of(person.user).await?;
    let organisations = own.iter().map(own_organisation_body).collect::<Result<_, _>>()?;
    Ok(Json(OrganisationsBody { organisations }))
}

/// Make an organisation
///
/// You own it. It begins with a default app and the plan that every organisation begins with.
#[utoipa::path(
    post, path = "/api/organisations", operation_id = "createOrganisation", tag = "organisations",
    security(("bearer" = [])), request_body = NewOrganisationBody,
    responses(
        (status = 201, body = OneOrganisationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You belong to as many as anybody may, or registration is closed on this host."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    person: Person,
    origin: Origin,
    Json(body): Json<NewOrganisationBody>,
) -> Result<(StatusCode, Json<OneOrganisationBody>), ApiError> {
    let name = name("name", &body.name)?;
    if person.impersonator.is_some() {
        return Err(ApiError::PeopleOnly);
    }
    let host = state.store.host().acting_as(person.actor(origin));
    let row = host.create_organisation(person.user, &name, MAX_ORGANISATIONS).await?;
    let organisation = organisation_body(&row, Some(Role::Owner));
    Ok((StatusCode::CREATED, Json(OneOrganisationBody { organisation })))
}

/// Show an organisation
#[utoipa::path(
    get, path = "/api/organisations/{id}", operation_id = "getOrganisation", tag = "organisations",
    security(("bearer" = ["organisation:read"]), ("apiKey" = ["organisation:read"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 200, body = OneOrganisationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn show(
    access: Access<may::OrganisationRead>,
    Path(_id): Path<TenantId>,
) -> Result<Json<OneOrganisationBody>, ApiError> {
    let row = access.store.organisation().await?;
    Ok(Json(OneOrganisationBody { organisation: organisation_body(&row, role_of(&access.caller)) }))
}

/// Rename an organisation
#[utoipa::path(
    patch, path = "/api/organisations/{id}", operation_id = "updateOrganisation", tag = "organisations",
    security(("bearer" = ["organisation:write"])), request_body = OrganisationChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 200, body = OneOrganisationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    access: Access<may::OrganisationWrite>,
    Path(_id): Path<TenantId>,
    Json(body): Json<OrganisationChangeBody>,
) -> Result<Json<OneOrganisationBody>, ApiError> {
    let row = access.store.rename_organisation(&name("name", &body.name)?).await?;
    Ok(Json(OneOrganisationBody { organisation: organisation_body(&row, role_of(&access.caller)) }))
}

/// Leave an organisation
///
/// You act for it no longer, from the next request on. Whoever leaves the last organisation gets an empty one.
#[utoipa::path(
    post, path = "/api/organisations/{id}/leave", operation_id = "leaveOrganisation", tag = "organisations",
    security(("bearer" = ["organisation:read"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "You are its last owner: hand it over first (`LAST_OWNER`)."),
    ),
)]
pub(crate) async fn leave(
    State(state): State<AppState>,
    access: PersonAccess<may::OrganisationRead>,
    Path(_id): Path<TenantId>,
) -> Result<StatusCode, ApiError> {
    if access.person.impersonator.is_some() {
        return Err(ApiError::PeopleOnly);
    }
    let host = state.store.host().acting_as(access.actor);
    host.remove_member(access.tenant(), access.user, true, "member.leave").await?;
    state.standings.changed(access.user);
    Ok(StatusCode::NO_CONTENT)
}

/// The role of a caller; keys have none.
pub(crate) fn role_of(caller: &Caller) -> Option<Role> {
    match caller {
        Caller::Person { role, .. } => Some(*role),
        Caller::Key { .. } => None,
    }
}

/// A role's word in the database.
pub(crate) fn role_body(word: &str) -> Result<RoleBody, ApiError> {
    let role: Role = word.parse().map_err(|error| ApiError::Internal(format!("in the database: {error}")))?;
    Ok(role.into())
}

fn organisation_body(row: &OrganisationRow, role: Option<Role>) -> OrganisationBody {
    OrganisationBody {
        id: row.id.to_string(),
        name: row.name.clone(),
        role: role.map(RoleBody::from),
        created_at: rfc3339(row.created_at),
    }
}

fn own_organisation_body(own: &OwnOrganisation) -> Result<OwnOrganisationBody, ApiError> {
    let organisation = organisation_body(&own.organisation, None);
    Ok(OwnOrganisationBody {
        organisation: OrganisationBody { role: Some(role_body(&own.role)?), ..organisation },
        is_home: own.is_home,
        joined_at: rfc3339(own.joined_at),
    })
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Editor => Self::Editor,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<RoleBody> for Role {
    fn from(role: RoleBody) -> Self {
        match role {
            RoleBody::Viewer => Self::Viewer,
            RoleBody::Editor => Self::Editor,
            RoleBody::Admin => Self::Admin,
            RoleBody::Owner => Self::Owner,
        }
    }
}
