//! `/api/apps`: parts of an organisation with sources, installations and keys of their own.
//!
//! Whoever has only the default app never meets the word. One that is archived
//! shows what it has, runs nothing and changes nothing; only such a one is deleted.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_model::AppId;
use neustream_store::{AppChange, AppRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Identity;
use crate::moment::rfc3339;
use crate::sources::limited;
use crate::state::AppState;
use crate::text::{description, name};

/// Apps of an organisation: all of them fit into one answer.
const MAX_APPS: u64 = 100;

/// An app to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewAppBody {
    /// Its name.
    #[schema(example = "Concerts", min_length = 1, max_length = 100)]
    name: String,
    /// What you want to note about it.
    #[schema(max_length = 2000)]
    description: Option<String>,
}

/// What changes about an app; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AppChangeBody {
    /// Its name.
    #[schema(example = "Concerts", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Its description.
    #[schema(max_length = 2000)]
    description: Option<String>,
}

/// An app.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppBody {
    /// Its id, for `Neustream-App`.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    #[schema(example = "Concerts")]
    name: String,
    /// Its description; may be empty.
    description: String,
    /// Whether it is acted for by requests that name no app.
    is_default: bool,
    /// Since when it is put away (RFC 3339); null while it is not.
    #[schema(format = DateTime)]
    archived_at: Option<String>,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// One app.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneAppBody {
    app: AppBody,
}

/// Apps, oldest first: all of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppsBody {
    apps: Vec<AppBody>,
}

/// List apps
#[utoipa::path(
    get, path = "/api/apps", operation_id = "listApps", tag = "apps",
    security(("bearer" = ["apps:read"]), ("apiKey" = ["apps:read"])),
    responses(
        (status = 200, body = AppsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    ),
)]
pub(crate) async fn list(access: Access<may::AppsRead>) -> Result<Json<AppsBody>, ApiError> {
    let rows = access.store.apps().await?;
    Ok(Json(AppsBody { apps: rows.iter().map(app_body).collect() }))
}

/// Make an app
#[utoipa::path(
    post, path = "/api/apps", operation_id = "createApp", tag = "apps",
    security(("bearer" = ["apps:write"]), ("apiKey" = ["apps:write"])), request_body = NewAppBody,
    responses(
        (status = 201, body = OneAppBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Your role or key does not have `apps:write`, or the limit is reached."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::AppsWrite>,
    Json(body): Json<NewAppBody>,
) -> Result<(StatusCode, Json<OneAppBody>), ApiError> {
    let name = name("name", &body.name)?;
    let description = description("description", body.description.as_deref().unwrap_or_default())?;
    let made = access.store.create_app(&name, &description, MAX_APPS).await;
    let row = made.map_err(|error| limited(&state, error))?;
    Ok((StatusCode::CREATED, one(&row)))
}

/// Show an app
#[utoipa::path(
    get, path = "/api/apps/{id}", operation_id = "getApp", tag = "apps",
    security(("bearer" = ["apps:read"]), ("apiKey" = ["apps:read"])),
    params(("id" = String, Path, format = Uuid, description = "The app.")),
    responses(
        (status = 200, body = OneAppBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn show(
    access: Access<may::AppsRead>,
    Path(id): Path<AppId>,
) -> Result<Json<OneAppBody>, ApiError> {
    Ok(one(&access.store.app_row(id).await?))
}

/// Change an app
#[utoipa::path(
    patch, path = "/api/apps/{id}", operation_id = "updateApp", tag = "apps",
    security(("bearer" = ["apps:write"]), ("apiKey" = ["apps:write"])), request_body = AppChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The app.")),
    responses(
        (status = 200, body = OneAppBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    access: Access<may::AppsWrite>,
    Path(id): Path<AppId>,
    Json(body): Json<AppChangeBody>,
) -> Result<Json<OneAppBody>, ApiError> {
    let change = AppChange {
        name: body.name.map(|text| name("name", &text)).transpose()?,
        description: body.description.map(|text| description("description", &text)).transpose()?,
    };
    Ok(one(&access.store.update_app(id, &change).await?))
}

/// Archive an app
///
/// What runs of it ends, its stream keys are not taken, its plugins are not called, and nothing of it changes until
/// it is restored.
#[utoipa::path(
    post, path = "/api/apps/{id}/archive", operation_id = "archiveApp", tag = "apps",
    security(("bearer" = ["apps:write"]), ("apiKey" = ["apps:write"])),
    params(("id" = String, Path, format = Uuid, description = "The app.")),
    responses(
        (status = 200, body = OneAppBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It is the default app: `APP_IS_DEFAULT`."),
    ),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    access: Access<may::AppsWrite>,
    Path(id): Path<AppId>,
) -> Result<Json<OneAppBody>, ApiError> {
    let identity = access.into_identity();
    let row = to_the_end(async move {
        let row = identity.store.archive_app(id).await?;
        end_streams(&state, &identity, id).await?;
        state.installations.app_archived(&identity.store.app(id), true).await?;
        Ok(row)
    });
    Ok(one(&row.await?))
}

/// Restore an app
///
/// It takes up where it was put away.
#[utoipa::path(
    post, path = "/api/apps/{id}/restore", operation_id = "restoreApp", tag = "apps",
    security(("bearer" = ["apps:write"]), ("apiKey" = ["apps:write"])),
    params(("id" = String, Path, format = Uuid, description = "The app.")),
    responses(
        (status = 200, body = OneAppBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn restore(
    State(state): State<AppState>,
    access: Access<may::AppsWrite>,
    Path(id): Path<AppId>,
) -> Result<Json<OneAppBody>, ApiError> {
    let identity = access.into_identity();
    let row = to_the_end(async move {
        let row = identity.store.restore_app(id).await?;
        state.installations.app_archived(&identity.store.app(id), false).await?;
        Ok(row)
    });
    Ok(one(&row.await?))
}

/// Delete an app
///
/// With its sources, destinations, installations, and keys; only one that is archived.
#[utoipa::path(
    delete, path = "/api/apps/{id}", operation_id = "deleteApp", tag = "apps",
    security(("bearer" = ["apps:write"]), ("apiKey" = ["apps:write"])),
    params(("id" = String, Path, format = Uuid, description = "The app.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It is the default app, or not archived: `APP_IS_DEFAULT`, `APP_NOT_ARCHIVED`."),
    ),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access<may::AppsWrite>,
    Path(id): Path<AppId>,
) -> Result<StatusCode, ApiError> {
    let identity = access.into_identity();
    to_the_end(async move {
        let app = identity.store.app(id);
        // Only an archived one is emptied. What is done stays done, should the host be killed here: deleting it again
        // goes on.
        let row = identity.store.app_row(id).await?;
        if row.is_default || row.archived_at.is_none() {
            return Ok(identity.store.delete_app(id).await.map(|()| StatusCode::NO_CONTENT)?);
        }
        for source in app.sources().await? {
            app.delete_source(source.row.id).await?;
            state.live.source_deleted(source.row.id).await;
        }
        for installation in app.installations().await? {
            app.delete_installation(installation.row.id).await?;
        }
        identity.store.delete_app(id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Ends what runs of an app.
async fn end_streams(state: &AppState, identity: &Identity, app: AppId) -> Result<(), ApiError> {
    for source in identity.store.app(app).sources().await? {
        state.live.end(source.row.id).await;
    }
    Ok(())
}

fn one(row: &AppRow) -> Json<OneAppBody> {
    Json(OneAppBody { app: app_body(row) })
}

fn app_body(row: &AppRow) -> AppBody {
    AppBody {
        id: row.id.to_string(),
        name: row.name.clone(),
        description: row.description.clone(),
        is_default: row.is_default,
        archived_at: row.archived_at.map(rfc3339),
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    }
}
