//! Every request has an id: its answer, the log and the audit log name it alike.
//!
//! The id is ours, so that nobody writes what they like into the audit log; only
//! a trusted proxy's `X-Request-Id` is taken over, where it is a UUID.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use neustream_model::RequestId;
use tracing::Instrument as _;

use crate::client::peer_of;
use crate::state::AppState;

/// Names the request in its answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id, and what is logged about it a span.
pub(crate) async fn identified(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_proxied = state.settings.trusted_proxies.contains(&peer_of(&parts));
    let told = parts.headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()?.parse().ok());
    let id: RequestId = told.filter(|_| is_proxied).unwrap_or_else(RequestId::new);
    parts.extensions.insert(id);
    let span = tracing::info_span!("request", id = %id);
    let mut response = next.run(Request::from_parts(parts, body)).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
