//! `/api/sources`: configured inputs and their stream keys.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_model::{SecondPublisher, SourceId, StreamKey, UnixMillis, Visibility};
use neustream_store::{NewSource, Source, SourceChange, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::state::AppState;
use crate::subscriptions::{LimitsBody, limits_left};
use crate::text::{description, name};

/// Longer, and a stream that is over would stay open at its destinations.
const MAX_RECONNECT_WINDOW_S: u64 = 3600;

/// What a second publisher meets on a live key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SecondPublisherBody {
    /// It is refused; the running stream goes on.
    Reject,
    /// It takes over; the former publisher is disconnected.
    Replace,
}

/// Who may watch a source.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VisibilityBody {
    /// Everyone; it is listed while it is live.
    Public,
    /// Everyone who knows its address.
    Unlisted,
    /// Who has a playback token of it.
    TokenOnly,
}

/// A source to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewSourceBody {
    /// Its name, which is also the title of its broadcasts.
    #[schema(example = "Gaming Stream", min_length = 1, max_length = 100)]
    name: String,
    /// What you want to note about it.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// What a second publisher meets; `reject` when left out.
    second_publisher: Option<SecondPublisherBody>,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    #[schema(maximum = 3600)]
    reconnect_window_s: Option<u64>,
    /// Who may watch; `unlisted` when left out.
    visibility: Option<VisibilityBody>,
    /// Whether segments of its HLS stream are encrypted (AES-128); not when left out.
    is_encrypted: Option<bool>,
}

/// What changes about a source; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SourceChangeBody {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Its description.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// What a second publisher meets.
    second_publisher: Option<SecondPublisherBody>,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    #[schema(maximum = 3600)]
    reconnect_window_s: Option<u64>,
    /// Who may watch. Viewers of a running stream who may not any more are sent away.
    visibility: Option<VisibilityBody>,
    /// Whether segments of its HLS stream are encrypted (AES-128). Holds from the next segment on.
    is_encrypted: Option<bool>,
}

/// A source.
#[derive(Serialize, ToSchema)]
pub(crate) struct SourceBody {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The same as `id`.
    #[schema(format = Uuid)]
    uuid: String,
    /// Its name.
    name: String,
    /// Its description; may be empty.
    description: String,
    /// The stream key, shown when it is made or rotated and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_key: Option<String>,
    /// Its public name for viewers.
    playback_id: String,
    /// Whether a session runs.
    is_active: bool,
    /// What a second publisher meets.
    second_publisher: SecondPublisherBody,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    reconnect_window_s: u64,
    /// Who may watch.
    visibility: VisibilityBody,
    /// Whether segments of its HLS stream are encrypted (AES-128).
    is_encrypted: bool,
    /// How many destinations it has.
    destinations_count: u64,
    /// How many chat connectors its app has.
    chat_connectors_count: u64,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// Where encoders publish; the stream key is the stream's name there.
    #[schema(example = "rtmp://stream.example.com:1935/live")]
    rtmp_url: String,
    /// Where players find the stream.
    playback_url: String,
    /// The page that shows the stream.
    watch_url: String,
}

/// One source.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneSourceBody {
    source: SourceBody,
}

/// A new source.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedSourceBody {
    source: SourceBody,
    limits: LimitsBody,
}

/// Sources, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SourcesBody {
    sources: Vec<SourceBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// List sources
#[utoipa::path(
    get, path = "/api/sources", operation_id = "listSources", tag = "sources", security(("bearer" = ["sources:read"]), ("apiKey" = ["sources:read"])),
    params(PageQuery),
    responses((status = 200, body = SourcesBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access<may::SourcesRead>,
    urls: PublicUrls,
    page: Page,
) -> Result<Json<SourcesBody>, ApiError> {
    let (sources, next_cursor) = page.of(access.app.sources().await?, |source| source.row.id)?;
    let sources = sources.iter().map(|source| source_body(&state, &urls, source, None)).collect();
    Ok(Json(SourcesBody { sources, next_cursor }))
}

/// Make a source
///
/// The answer shows the stream key; it is not shown again.
#[utoipa::path(
    post, path = "/api/sources", operation_id = "createSource", tag = "sources", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])), request_body = NewSourceBody,
    responses(
        (status = 201, body = CreatedSourceBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The limit is reached (`LIMIT_REACHED`): details hold `current`, `max` and `upgrade_url`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    urls: PublicUrls,
    Json(body): Json<NewSourceBody>,
) -> Result<(StatusCode, Json<CreatedSourceBody>), ApiError> {
    let default_window = state.settings.reconnect_window.as_secs();
    let new = NewSource {
        name: name("name", &body.name)?,
        description: description("description", body.description.as_deref().unwrap_or_default())?,
        second_publisher: body.second_publisher.map(SecondPublisher::from).unwrap_or_default(),
        reconnect_window_s: reconnect_window(body.reconnect_window_s)?.unwrap_or(default_window),
        visibility: body.visibility.map(Visibility::from).unwrap_or_default(),
        is_encrypted: body.is_encrypted.unwrap_or(false),
    };
    let max = state.settings.max_sources;
    let (source, key) = access.app.create_source(&new, max).await.map_err(|error| limited(&state, error))?;
    let limits = limits_left(&access.store.plan_use(UnixMillis::now()).await?, max);
    let source = source_body(&state, &urls, &source, Some(&key));
    Ok((StatusCode::CREATED, Json(CreatedSourceBody { source, limits })))
}

/// Show a source
#[utoipa::path(
    get, path = "/api/sources/{id}", operation_id = "getSource", tag = "sources", security(("bearer" = ["sources:read"]), ("apiKey" = ["sources:read"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = OneSourceBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access<may::SourcesRead>,
    urls: PublicUrls,
    Path(id): Path<SourceId>,
) -> Result<Json<OneSourceBody>, ApiError> {
    let source = access.app.source(id).await?;
    Ok(Json(OneSourceBody { source: source_body(&state, &urls, &source, None) }))
}

/// Change a source
#[utoipa::path(
    put, path = "/api/sources/{id}", operation_id = "updateSource", tag = "sources", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])), request_body = SourceChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 200, body = OneSourceBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    urls: PublicUrls,
    Path(id): Path<SourceId>,
    Json(body): Json<SourceChangeBody>,
) -> Result<Json<OneSourceBody>, ApiError> {
    let change = SourceChange {
        name: body.name.map(|text| name("name", &text)).transpose()?,
        description: body.description.map(|text| description("description", &text)).transpose()?,
        second_publisher: body.second_publisher.map(SecondPublisher::from),
        reconnect_window_s: reconnect_window(body.reconnect_window_s)?,
        visibility: body.visibility.map(Visibility::from),
        is_encrypted: body.is_encrypted,
    };
    let live = state.live.clone();
    let source = to_the_end(async move {
        let source = access.app.update_source(id, &change).await?;
        live.source_changed(id).await;
        Ok(source)
    })
    .await?;
    Ok(Json(OneSourceBody { source: source_body(&state, &urls, &source, None) }))
}

/// Delete a source
///
/// A running session ends; destinations and their secrets are deleted too.
#[utoipa::path(
    delete, path = "/api/sources/{id}", operation_id = "deleteSource", tag = "sources", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    Path(id): Path<SourceId>,
) -> Result<StatusCode, ApiError> {
    let live = state.live.clone();
    to_the_end(async move {
        access.app.delete_source(id).await?;
        live.source_deleted(id).await;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Give a source a new stream key
///
/// The former key is void at once and its publisher is disconnected. The answer shows the new key; it is not shown
/// again.
#[utoipa::path(
    post, path = "/api/sources/{id}/rotate-key", operation_id = "rotateStreamKey", tag = "sources", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = OneSourceBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn rotate_key(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    urls: PublicUrls,
    Path(id): Path<SourceId>,
) -> Result<Json<OneSourceBody>, ApiError> {
    let live = state.live.clone();
    let (source, key) = to_the_end(async move {
        let key = access.app.rotate_stream_key(id).await?;
        live.key_rotated(id).await;
        Ok((access.app.source(id).await?, key))
    })
    .await?;
    Ok(Json(OneSourceBody { source: source_body(&state, &urls, &source, Some(&key)) }))
}

/// A source as the API shows it.
pub(crate) fn source_body(
    state: &AppState,
    urls: &PublicUrls,
    source: &Source,
    key: Option<&StreamKey>,
) -> SourceBody {
    let row = &source.row;
    SourceBody {
        id: row.id.to_string(),
        uuid: row.id.to_string(),
        name: row.name.clone(),
        description: row.description.clone(),
        stream_key: key.map(|key| key.expose().to_owned()),
        playback_id: row.playback_id.to_string(),
        is_active: state.live.session(row.id).is_some(),
        second_publisher: row.second_publisher.into(),
        reconnect_window_s: row.reconnect_window_s,
        visibility: row.visibility.into(),
        is_encrypted: row.is_encrypted,
        destinations_count: source.destinations_count,
        chat_connectors_count: source.chat_connectors_count,
        created_at: rfc3339(row.created_at),
        rtmp_url: urls.rtmp.clone(),
        playback_url: urls.hls(&row.playback_id),
        watch_url: urls.watch(&row.playback_id),
    }
}

/// Tells whoever meets a limit where there is more.
pub(crate) fn limited(state: &AppState, error: StoreError) -> ApiError {
    ApiError::Store { error, upgrade_url: state.settings.upgrade_url.clone() }
}

fn reconnect_window(seconds: Option<u64>) -> Result<Option<u64>, ApiError> {
    match seconds {
        Some(seconds) if seconds > MAX_RECONNECT_WINDOW_S => Err(ApiError::Invalid {
            field: "reconnect_window_s",
            message: format!("at most {MAX_RECONNECT_WINDOW_S} seconds"),
        }),
        other => Ok(other),
    }
}

impl From<VisibilityBody> for Visibility {
    fn from(body: VisibilityBody) -> Self {
        match body {
            VisibilityBody::Public => Self::Public,
            VisibilityBody::Unlisted => Self::Unlisted,
            VisibilityBody::TokenOnly => Self::TokenOnly,
        }
    }
}

impl From<Visibility> for VisibilityBody {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => Self::Public,
            Visibility::Unlisted => Self::Unlisted,
            Visibility::TokenOnly => Self::TokenOnly,
        }
    }
}

impl From<SecondPublisherBody> for SecondPublisher {
    fn from(body: SecondPublisherBody) -> Self {
        match body {
            SecondPublisherBody::Reject => Self::Reject,
            SecondPublisherBody::Replace => Self::Replace,
        }
    }
}

impl From<SecondPublisher> for SecondPublisherBody {
    fn from(policy: SecondPublisher) -> Self {
        match policy {
            SecondPublisher::Reject => Self::Reject,
            SecondPublisher::Replace => Self::Replace,
        }
    }
}
