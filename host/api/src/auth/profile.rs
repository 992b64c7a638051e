//! Who is signed in.

use axum::extract::State;
use neustream_accounts::NO_PASSWORD;
use neustream_store::UserRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::second_factor::is_on;
use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Person;
use crate::state::AppState;
use crate::text::name;

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// The user's id.
    #[schema(format = Uuid)]
    id: String,
    /// E-mail address.
    email: String,
    /// Whether somebody proved to read the mail of the address.
    email_verified: bool,
    /// The name that people see.
    display_name: String,
    /// The home organisation: a request that names no other one acts for it.
    #[schema(format = Uuid)]
    organisation_id: String,
    /// `admin` runs the platform, `member` acts for the own tenant.
    #[schema(example = "member")]
    role: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileBody {
    user: UserBody,
    /// Whether the account has a password; without one it is signed in to through a provider.
    has_password: bool,
    /// Whether signing in takes a second factor.
    second_factor: bool,
    /// The administrator who acts in the place of the person; null for the person.
    #[schema(format = Uuid)]
    impersonated_by: Option<String>,
}

/// What a person changes about the own profile.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProfileChangeBody {
    /// The name that people see.
    #[schema(example = "Ada Lovelace")]
    display_name: String,
}

/// Who is signed in
#[utoipa::path(
    get, path = "/api/auth/profile", operation_id = "getProfile", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = ProfileBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<ProfileBody>, ApiError> {
    let user = state.store.host().user(person.user).await?;
    profile_body(&state, person, &user).await
}

/// Change the own profile
#[utoipa::path(
    put, path = "/api/auth/profile", operation_id = "updateProfile", tag = "auth", security(("bearer" = [])),
    request_body = ProfileChangeBody,
    responses(
        (status = 200, body = ProfileBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 422, body = ErrorBody, description = "The name is not valid."),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
    Json(body): Json<ProfileChangeBody>,
) -> Result<Json<ProfileBody>, ApiError> {
    let display_name = name("display_name", &body.display_name)?;
    let user = visitor.host_as(&state, person.user).rename_user(person.user, &display_name).await?;
    profile_body(&state, person, &user).await
}

async fn profile_body(
    state: &AppState,
    person: Person,
    user: &UserRow,
) -> Result<Json<ProfileBody>, ApiError> {
    Ok(Json(ProfileBody {
        user: user_body(user),
        has_password: user.password_hash != NO_PASSWORD,
        second_factor: is_on(&state.store.host(), user.id).await?,
        impersonated_by: person.impersonator.map(|user| user.to_string()),
    }))
}

pub(crate) fn user_body(user: &UserRow) -> UserBody {
    UserBody {
        id: user.id.to_string(),
        email: user.email.clone(),
        email_verified: user.email_verified_at.is_some(),
        display_name: user.display_name.clone(),
        organisation_id: user.tenant_id.to_string(),
        role: user.role.clone(),
    }
}
