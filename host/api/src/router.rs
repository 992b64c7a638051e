//! Every address of the API, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state as with;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::realtime::realtime;
use crate::state::{ApiParts, AppState};
use crate::{
    auth, destinations, error, guard, health, hls, measure, openapi, pages, plugins, sources, streams,
};

/// The whole of HTTP: API, HLS, Socket.IO and pages. Call it within a tokio runtime; the events of Socket.IO stop
/// when the router and its clones are dropped. Serve it with [`crate::serve`].
pub fn router(parts: ApiParts) -> Router {
    let (sockets, telling) = realtime(&parts);
    let cors = cors(&parts.settings.cors_origins);
    let body_limit = DefaultBodyLimit::max(parts.settings.body_limit_bytes);
    let state = AppState::new(parts, openapi_document());

    let api = Router::from(api())
        .route("/api/openapi.json", get(openapi::json))
        .route("/api/docs", get(openapi::docs))
        .layer(body_limit)
        .layer(with(state.clone(), guard::in_time))
        .layer(from_fn(guard::uncached))
        .layer(with(state.clone(), guard::anonymous));
    let playback = Router::from(playback())
        .layer(from_fn(guard::uncached))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]));

    Router::from(host())
        .route("/metrics", get(health::metrics))
        .route("/watch/{playback_id}", get(pages::watch))
        .merge(api)
        .merge(playback)
        .fallback(pages::fallback)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn(measure::requests))
        .layer(sockets)
        .layer(cors)
        .layer(with(state.clone(), guard::strict))
        .layer(CatchPanicLayer::custom(error::after_panic))
        .layer(axum::Extension(Arc::new(telling)))
        .with_state(state)
}

/// The OpenAPI document of the API as pretty JSON, for snapshots and client generators.
pub fn openapi_document() -> String {
    let document = api().merge(playback()).merge(host()).into_openapi();
    document.to_pretty_json().expect("the document is made of plain data")
}

/// `/api`.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(auth::register))
        .routes(routes!(auth::setup))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::profile))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::show, sources::update, sources::delete))
        .routes(routes!(sources::rotate_key))
        .routes(routes!(destinations::list, destinations::create))
        .routes(routes!(destinations::update, destinations::delete))
        .routes(routes!(streams::info))
        .routes(routes!(streams::active))
        .routes(routes!(streams::end))
        .routes(routes!(streams::update_settings))
        .routes(routes!(plugins::list))
        .routes(routes!(plugins::show))
}

/// What viewers fetch without signing in.
fn playback() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(hls::file))
}

/// What machines ask the host.
fn host() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health::health))
}

/// Other sites' pages use the API only where the operator named them; tokens travel in a header, so no credentials
/// of the browser are let through.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
}
