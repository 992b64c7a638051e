//! `/api/auth/exports`, `/api/organisations/{id}/exports`: a copy of everything, as an archive to be fetched.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use neustream_accounts::DownloadToken;
use neustream_model::{Secret, TenantId, UnixMillis, UserId};
use neustream_store::{DataExportRow, EXPORT_PART_BYTES, HostStore, Missing, StoreError, Subject};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{PersonAccess, may};
use crate::auth::{Oneself, Visitor};
use crate::client::PublicUrls;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::state::AppState;

/// How long an archive can be fetched.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// A copy of data.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// `waiting`, `ready` or `failed`.
    #[schema(example = "ready")]
    state: String,
    /// Why it failed; null where it did not.
    problem: Option<String>,
    /// Where the archive is, for whoever has this address; null until it is ready.
    download_url: Option<String>,
    /// How large the archive is.
    size_bytes: Option<u64>,
    /// SHA-256 of the archive, in hexadecimal.
    checksum: Option<String>,
    /// When it was asked for (RFC 3339).
    #[schema(format = DateTime)]
    requested_at: String,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    ready_at: Option<String>,
    /// When it is deleted (RFC 3339).
    #[schema(format = DateTime)]
    expires_at: String,
}

/// One copy.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneExportBody {
    export: ExportBody,
}

/// Copies, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportsBody {
    exports: Vec<ExportBody>,
}

/// Ask for a copy of your data
///
/// Everything that the host keeps about you, as a zip archive of JSON lines. It is made in the background; a mail tells
/// when it can be fetched, which is possible for seven days.
#[utoipa::path(
    post, path = "/api/auth/exports", operation_id = "createOwnExport", tag = "data-rights", security(("bearer" = [])),
    responses(
        (status = 202, body = OneExportBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "There are several already: `TOO_MANY_EXPORTS`."),
    ),
)]
pub(crate) async fn create_own(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
) -> Result<(StatusCode, Json<OneExportBody>), ApiError> {
    let host = visitor.host_as(&state, person.user);
    create(&state, &visitor.urls, &host, Subject::Account(person.user), person.user).await
}

/// List copies of your data
#[utoipa::path(
    get, path = "/api/auth/exports", operation_id = "listOwnExports", tag = "data-rights", security(("bearer" = [])),
    responses(
        (status = 200, body = ExportsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
    ),
)]
pub(crate) async fn list_own(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    urls: PublicUrls,
) -> Result<Json<ExportsBody>, ApiError> {
    list(&urls, &state.store.host(), Subject::Account(person.user)).await
}

/// Ask for a copy of an organisation's data
///
/// Everything that the host keeps about it, as a zip archive of JSON lines: sources, chats, sessions, audit log, team,
/// payments and more. Secrets are not in it. It is made in the background; a mail tells when it can be fetched, which
/// is possible for seven days.
#[utoipa::path(
    post, path = "/api/organisations/{id}/exports", operation_id = "createExport", tag = "data-rights",
    security(("bearer" = ["data:export"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 202, body = OneExportBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "There are several already: `TOO_MANY_EXPORTS`."),
    ),
)]
pub(crate) async fn create_of_organisation(
    State(state): State<AppState>,
    access: PersonAccess<may::DataExport>,
    urls: PublicUrls,
    Path(_organisation): Path<TenantId>,
) -> Result<(StatusCode, Json<OneExportBody>), ApiError> {
    let host = state.store.host().acting_as(*access.store.actor());
    create(&state, &urls, &host, Subject::Organisation(access.store.tenant()), access.person.user).await
}

/// List copies of an organisation's data
#[utoipa::path(
    get, path = "/api/organisations/{id}/exports", operation_id = "listExports", tag = "data-rights",
    security(("bearer" = ["data:export"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses((status = 200, body = ExportsBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn list_of_organisation(
    State(state): State<AppState>,
    access: PersonAccess<may::DataExport>,
    urls: PublicUrls,
    Path(_organisation): Path<TenantId>,
) -> Result<Json<ExportsBody>, ApiError> {
    list(&urls, &state.store.host(), Subject::Organisation(access.store.tenant())).await
}

/// Fetch a copy of data
///
/// With the link of the mail or of the list, which is a secret: whoever has it gets the archive.
#[utoipa::path(
    get, path = "/api/exports/{token}", operation_id = "downloadExport", tag = "data-rights", security(()),
    params(("token" = String, Path, description = "What the link ends with.")),
    responses(
        (status = 200, description = "The archive.", content_type = "application/zip", body = Vec<u8>),
        (status = 404, body = ErrorBody, description = "There is no such archive (any more)."),
    ),
)]
pub(crate) async fn download(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let token: DownloadToken =
        token.parse().map_err(|_| ApiError::from(StoreError::NotFound(Missing::DataExport)))?;
    let host = state.store.host();
    let export = host.export_by_link(token.digest().as_str()).await?;
    let size = export.size_bytes.unwrap_or_default();
    let name = format!("attachment; filename=\"neustream-export-{}.zip\"", export.id);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_LENGTH, HeaderValue::from(size)),
        (CONTENT_DISPOSITION, header(&name)?),
    ];
    Ok((headers, parts(host, &export, size.div_ceil(EXPORT_PART_BYTES as u64))).into_response())
}

/// The archive as it is read, part by part.
fn parts(host: HostStore, export: &DataExportRow, count: u64) -> Body {
    let id = export.id;
    Body::from_stream(stream::unfold(0, move |part| {
        let host = host.clone();
        async move {
            if part >= count {
                return None;
            }
            // An archive that goes meanwhile ends short of the length that was told, which every client notices.
            let bytes = host.export_part(id, part).await.map_err(std::io::Error::other);
            let bytes =
                bytes.and_then(|bytes| bytes.ok_or_else(|| std::io::Error::other("the archive is gone")));
            Some((bytes.map(Bytes::from), part + 1))
        }
    }))
}

fn header(text: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(text).map_err(|error| ApiError::Internal(format!("a header: {error}")))
}

async fn create(
    state: &AppState,
    urls: &PublicUrls,
    host: &HostStore,
    subject: Subject,
    user: UserId,
) -> Result<(StatusCode, Json<OneExportBody>), ApiError> {
    let token = DownloadToken::generate();
    let expires_at = UnixMillis::now().plus(KEPT);
    let (link, digest) = (Secret::new(token.expose()), token.digest());
    let row = host.request_export(subject, user, (&link, digest.as_str()), expires_at).await?;
    state.data_rights.notify_one();
    Ok((StatusCode::ACCEPTED, Json(OneExportBody { export: export_body(urls, host, &row)? })))
}

async fn list(urls: &PublicUrls, host: &HostStore, subject: Subject) -> Result<Json<ExportsBody>, ApiError> {
    let rows = host.exports(subject).await?;
    let exports = rows.iter().map(|row| export_body(urls, host, row)).collect::<Result<_, _>>()?;
    Ok(Json(ExportsBody { exports }))
}

fn export_body(urls: &PublicUrls, host: &HostStore, row: &DataExportRow) -> Result<ExportBody, ApiError> {
    let is_ready = row.state == "ready";
    let link = if is_ready { Some(host.export_link(row)?) } else { None };
    Ok(ExportBody {
        id: row.id.to_string(),
        state: row.state.clone(),
        problem: row.problem.clone(),
        download_url: link.map(|link| format!("{}/api/exports/{}", urls.web(), link.expose())),
        size_bytes: row.size_bytes,
        checksum: row.checksum.clone(),
        requested_at: rfc3339(row.requested_at),
        ready_at: row.ready_at.map(rfc3339),
        expires_at: rfc3339(row.expires_at),
    })
}
