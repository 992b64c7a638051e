//! `/api/auth/sign-ins`: where somebody is signed in, and an end to it.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_model::SignInId;
use neustream_store::{SignInKind, SignInRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Person;
use crate::moment::rfc3339;
use crate::state::AppState;

/// One browser or program that is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInInfoBody {
    /// The sign-in's id.
    #[schema(format = Uuid)]
    id: String,
    /// What the browser or program calls itself.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")]
    device: String,
    /// Where it was last seen from.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// How: `password`, `link`, or a provider's name.
    #[schema(example = "password")]
    method: String,
    /// Whether it is the one that asks.
    is_current: bool,
    /// Whether it is an administrator in the place of the person.
    is_impersonation: bool,
    /// When it began (RFC 3339).
    created_at: String,
    /// When it was last seen, to a quarter of an hour (RFC 3339).
    last_seen_at: String,
    /// When it ends unless it is seen again (RFC 3339).
    expires_at: String,
}

/// Where somebody is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInsBody {
    /// At most a hundred, the one that was seen last first.
    sign_ins: Vec<SignInInfoBody>,
}

/// Sign-ins that were ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndedSignInsBody {
    /// How many.
    #[schema(example = 2)]
    ended: u64,
}

/// List sign-ins
#[utoipa::path(
    get, path = "/api/auth/sign-ins", operation_id = "listSignIns", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = SignInsBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<SignInsBody>, ApiError> {
    let rows = state.store.host().sign_ins(person.user).await?;
    let sign_ins = rows.into_iter().map(|row| info(row, person.sign_in)).collect();
    Ok(Json(SignInsBody { sign_ins }))
}

/// End a sign-in
///
/// Its access token is not taken any more from the next request on.
#[utoipa::path(
    delete, path = "/api/auth/sign-ins/{id}", operation_id = "endSignIn", tag = "auth", security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The sign-in.")),
    responses(
        (status = 204, description = "It has ended."),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
    Path(id): Path<SignInId>,
) -> Result<StatusCode, ApiError> {
    visitor.host_as(&state, person.user).end_sign_in(person.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all other sign-ins
#[utoipa::path(
    delete, path = "/api/auth/sign-ins", operation_id = "endOtherSignIns", tag = "auth", security(("bearer" = [])),
    responses(
        (status = 200, body = EndedSignInsBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
    ),
)]
pub(crate) async fn end_others(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
) -> Result<Json<EndedSignInsBody>, ApiError> {
    let ended = visitor.host_as(&state, person.user).end_sign_ins(person.user, Some(person.sign_in)).await?;
    Ok(Json(EndedSignInsBody { ended }))
}

fn info(row: SignInRow, current: SignInId) -> SignInInfoBody {
    SignInInfoBody {
        id: row.id.to_string(),
        device: row.device,
        address: row.address.map(|address| address.to_string()),
        method: row.method,
        is_current: row.id == current,
        is_impersonation: matches!(row.kind, SignInKind::Impersonation { .. }),
        created_at: rfc3339(row.created_at),
        last_seen_at: rfc3339(row.last_seen_at),
        expires_at: rfc3339(row.expires_at),
    }
}
