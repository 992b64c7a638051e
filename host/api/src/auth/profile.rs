//! Who is signed in.

use axum::extract::State;
use neustream_store::UserRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Person;
use crate::state::AppState;

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// The user's id.
    #[schema(format = Uuid)]
    id: String,
    /// E-mail address.
    email: String,
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
    Ok(Json(ProfileBody { user: user_body(&user) }))
}

pub(crate) fn user_body(user: &UserRow) -> UserBody {
    UserBody {
        id: user.id.to_string(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        organisation_id: user.tenant_id.to_string(),
        role: user.role.clone(),
    }
}
