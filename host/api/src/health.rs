//! `/health` and `/metrics`: how the host is doing, for machines.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::client::peer_of;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// How the host is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthBody {
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    /// `ok` or `unavailable`.
    #[schema(example = "ok")]
    database: &'static str,
    /// Running sessions.
    sessions: usize,
    /// Whether the host waits for its first administrator; null while the database is unavailable.
    setup_required: Option<bool>,
    /// Version of the host.
    version: &'static str,
}

/// Show how the host is doing
///
/// Streams go on while the database is away, and so does this answer, with status 503.
#[utoipa::path(
    get, path = "/health", operation_id = "getHealth", tag = "host",
    responses((status = 200, body = HealthBody), (status = 503, body = HealthBody)),
)]
pub(crate) async fn health(State(state): State<AppState>) -> (StatusCode, Json<HealthBody>) {
    let setup_required = state.store.host().needs_setup().await.ok();
    let (status, word) = match setup_required {
        Some(_) => (StatusCode::OK, "ok"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    let body = HealthBody {
        status: word,
        database: word,
        sessions: state.live.sessions().len(),
        setup_required,
        version: env!("CARGO_PKG_VERSION"),
    };
    (status, Json(body))
}

/// Figures for Prometheus. Unless the operator opened them, they answer this machine only, and nothing that came
/// through a proxy on it: for everyone else the page does not exist.
pub(crate) async fn metrics(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (parts, _) = request.into_parts();
    let is_forwarded = ["forwarded", "x-forwarded-for"].iter().any(|name| parts.headers.contains_key(*name));
    let is_local = peer_of(&parts).is_loopback() && !is_forwarded;
    let hidden = ApiError::NotFound("there is nothing here");
    if !(state.settings.metrics_public || is_local) {
        return Err(hidden);
    }
    let metrics = state.metrics.as_ref().ok_or(hidden)?;
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(CONTENT_TYPE, content_type)], metrics.render()).into_response())
}
