//! `/api/auth/deletion`, `/api/organisations/{id}/deletion`: gone for good, after a time of grace.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{DeletionRow, Missing, StoreError, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{PersonAccess, may};
use crate::auth::{Oneself, Proof, Visitor, prove};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::mail::Letter;
use crate::moment::rfc3339;
use crate::state::AppState;

/// A deletion that waits for its time.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletionBody {
    /// When it was asked for (RFC 3339).
    #[schema(format = DateTime)]
    requested_at: String,
    /// When it is done (RFC 3339); until then it can be taken back.
    #[schema(format = DateTime)]
    due_at: String,
}

/// Proof that it is you.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct DeletionProofBody {
    /// Your password, where you have one.
    password: Option<String>,
    /// A code of your second factor, where you have one and no password.
    code: Option<String>,
}

/// The name of what is deleted, typed once more.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DeletionConfirmationBody {
    /// The organisation's name, as it is.
    #[schema(example = "Acme Live")]
    name: String,
}

/// Delete your account
///
/// Not at once: until `due_at` (30 days unless the operator says otherwise) you can take it back. Then your account,
/// your sign-ins, and the organisations that have no other member are deleted for good. Where an organisation with
/// other members would have no owner, make somebody else its owner first.
#[utoipa::path(
    post, path = "/api/auth/deletion", operation_id = "requestAccountDeletion", tag = "data-rights", security(("bearer" = [])),
    request_body = Option<DeletionProofBody>,
    responses(
        (status = 202, body = DeletionBody),
        (status = 401, body = ErrorBody, description = "`SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG`, `SIGN_IN_TOO_OLD`, `IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "An organisation (`LAST_OWNER`) or the platform (`LAST_ADMINISTRATOR`) needs you."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords."),
    ),
)]
pub(crate) async fn request_own(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    body: Option<Json<DeletionProofBody>>,
) -> Result<(StatusCode, Json<DeletionBody>), ApiError> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let proof = Proof { password: body.password.as_deref(), code: body.code.as_deref() };
    let user = prove(&state, &visitor, oneself, proof).await?;
    let host = visitor.host_as(&state, user.id);
    let due_at = UnixMillis::now().plus(state.settings.deletion_grace);
    let row = host.request_deletion(Subject::Account(user.id), user.id, due_at).await?;
    tell(&state, &user.email, "your account", &row).await?;
    state.data_rights.notify_one();
    Ok((StatusCode::ACCEPTED, Json(deletion_body(&row))))
}

/// Show the deletion of your account
#[utoipa::path(
    get, path = "/api/auth/deletion", operation_id = "getAccountDeletion", tag = "data-rights", security(("bearer" = [])),
    responses(
        (status = 200, body = DeletionBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 404, body = ErrorBody, description = "Your account is not to be deleted."),
    ),
)]
pub(crate) async fn show_own(
    State(state): State<AppState>,
    Oneself(person): Oneself,
) -> Result<Json<DeletionBody>, ApiError> {
    show(&state, Subject::Account(person.user)).await
}

/// Keep your account
///
/// Takes its deletion back.
#[utoipa::path(
    delete, path = "/api/auth/deletion", operation_id = "cancelAccountDeletion", tag = "data-rights", security(("bearer" = [])),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 404, body = ErrorBody, description = "Your account is not to be deleted."),
    ),
)]
pub(crate) async fn cancel_own(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
) -> Result<StatusCode, ApiError> {
    visitor.host_as(&state, person.user).cancel_deletion(Subject::Account(person.user)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete an organisation
///
/// Not at once: until `due_at` (30 days unless the operator says otherwise) an owner can take it back, and everything
/// works as before. Then running streams end, and everything of the organisation is deleted for good. Books of payments
/// stay, without the payers' names.
#[utoipa::path(
    post, path = "/api/organisations/{id}/deletion", operation_id = "requestOrganisationDeletion", tag = "data-rights",
    security(("bearer" = ["organisation:delete"])), request_body = DeletionConfirmationBody,
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 202, body = DeletionBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "That is not the organisation's name."),
    ),
)]
pub(crate) async fn request_of_organisation(
    State(state): State<AppState>,
    access: PersonAccess<may::OrganisationDelete>,
    Path(_organisation): Path<TenantId>,
    Json(body): Json<DeletionConfirmationBody>,
) -> Result<(StatusCode, Json<DeletionBody>), ApiError> {
    let organisation = access.store.organisation().await?;
    if body.name.trim() != organisation.name {
        let message = "type the organisation's name as it is".to_owned();
        return Err(ApiError::Invalid { field: "name", message });
    }
    let host = state.store.host().acting_as(*access.store.actor());
    let due_at = UnixMillis::now().plus(state.settings.deletion_grace);
    let subject = Subject::Organisation(access.store.tenant());
    let row = host.request_deletion(subject, access.person.user, due_at).await?;
    for email in host.owners_of(access.store.tenant()).await? {
        tell(&state, &email, &organisation.name, &row).await?;
    }
    state.data_rights.notify_one();
    Ok((StatusCode::ACCEPTED, Json(deletion_body(&row))))
}

/// Show the deletion of an organisation
#[utoipa::path(
    get, path = "/api/organisations/{id}/deletion", operation_id = "getOrganisationDeletion", tag = "data-rights",
    security(("bearer" = ["organisation:read"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 200, body = DeletionBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "There is no such organisation, or it is not to be deleted."),
    ),
)]
pub(crate) async fn show_of_organisation(
    State(state): State<AppState>,
    access: PersonAccess<may::OrganisationRead>,
    Path(_organisation): Path<TenantId>,
) -> Result<Json<DeletionBody>, ApiError> {
    show(&state, Subject::Organisation(access.store.tenant())).await
}

/// Keep an organisation
///
/// Takes its deletion back.
#[utoipa::path(
    delete, path = "/api/organisations/{id}/deletion", operation_id = "cancelOrganisationDeletion", tag = "data-rights",
    security(("bearer" = ["organisation:delete"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "There is no such organisation, or it is not to be deleted."),
    ),
)]
pub(crate) async fn cancel_of_organisation(
    State(state): State<AppState>,
    access: PersonAccess<may::OrganisationDelete>,
    Path(_organisation): Path<TenantId>,
) -> Result<StatusCode, ApiError> {
    let host = state.store.host().acting_as(*access.store.actor());
    host.cancel_deletion(Subject::Organisation(access.store.tenant())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show(state: &AppState, subject: Subject) -> Result<Json<DeletionBody>, ApiError> {
    let row = state.store.host().deletion(subject).await?;
    let row = row.ok_or(StoreError::NotFound(Missing::Deletion))?;
    Ok(Json(deletion_body(&row)))
}

async fn tell(state: &AppState, email: &str, what: &str, row: &DeletionRow) -> Result<(), ApiError> {
    let head = state.letterhead();
    let (when, link) = (rfc3339(row.due_at), head.page("/"));
    let letter = Letter::DeletionScheduled { host: head.host(), what, when: &when, link: &link };
    state.mail.post(email, &letter).await
}

fn deletion_body(row: &DeletionRow) -> DeletionBody {
    DeletionBody { requested_at: rfc3339(row.requested_at), due_at: rfc3339(row.due_at) }
}
