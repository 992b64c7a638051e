//! Every address of the API, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state as with;
use axum::routing::get;
use neustream_contract::package::MAX_PACKAGE_BYTES;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::realtime::realtime;
use crate::state::{ApiParts, AppState};
use crate::{
    auth, catalogue, chat, destinations, development, error, guard, health, hls, hooks, installations,
    installations_activity, installations_upgrade, invitations, measure, moderation, oauth, oauth_clients,
    openapi, pages, partners, payments, publishers, review, rollouts, sources, streams,
};

/// A signed bundle as JSON: some room around what the catalogue takes of the document.
const MAX_BUNDLE_BYTES: usize = 768 * 1024;

/// The whole of HTTP: API, HLS, Socket.IO and pages. Call it within a tokio runtime; the events of Socket.IO stop
/// when the router and its clones are dropped. Serve it with [`crate::serve`].
pub fn router(parts: ApiParts) -> Router {
    let cors = cors(&parts.settings.cors_origins);
    let body_limit = DefaultBodyLimit::max(parts.settings.body_limit_bytes);
    let state = AppState::new(parts, openapi_document());
    let (sockets, telling) = realtime(&state);

    let uploads = Router::from(uploads()).layer(with(state.clone(), guard::in_upload_time));
    let api = Router::from(api())
        .route("/api/openapi.json", get(openapi::json))
        .route("/api/docs", get(pages::reference))
        .layer(body_limit)
        .layer(with(state.clone(), guard::in_time))
        .merge(uploads)
        .layer(from_fn(guard::uncached))
        .layer(with(state.clone(), guard::anonymous));
    let hooks =
        Router::from(hooks()).layer(with(state.clone(), guard::in_time)).layer(from_fn(guard::uncached));
    let playback = Router::from(playback())
        .layer(from_fn(guard::uncached))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]));

    Router::from(host())
        .route("/metrics", get(health::metrics))
        .route("/watch/{playback_id}", get(pages::watch))
        .merge(api)
        .merge(hooks)
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
    let document = api().merge(uploads()).merge(hooks()).merge(playback()).merge(host()).into_openapi();
    let document = serde_json::to_value(document).expect("the document is made of plain data");
    serde_json::to_string_pretty(&openapi::completed(document)).expect("a value is plain data")
}

/// `/api`.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(auth::account::register))
        .routes(routes!(auth::account::setup))
        .routes(routes!(auth::login::login))
        .routes(routes!(auth::tokens::refresh))
        .routes(routes!(auth::tokens::logout))
        .routes(routes!(auth::login::second_factor))
        .routes(routes!(auth::profile::show, auth::profile::update))
        .routes(routes!(auth::email::verify))
        .routes(routes!(auth::email::resend))
        .routes(routes!(auth::email::change))
        .routes(routes!(auth::email::confirm))
        .routes(routes!(auth::password::forgot))
        .routes(routes!(auth::password::reset))
        .routes(routes!(auth::password::change))
        .routes(routes!(auth::second_factor::show, auth::second_factor::begin))
        .routes(routes!(auth::second_factor::confirm))
        .routes(routes!(auth::second_factor::replace_recovery_codes))
        .routes(routes!(auth::second_factor::disable))
        .routes(routes!(auth::sign_ins::list, auth::sign_ins::end_others))
        .routes(routes!(auth::sign_ins::end))
        .routes(routes!(invitations::accept))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::show, sources::update, sources::delete))
        .routes(routes!(sources::rotate_key))
        .routes(routes!(destinations::list, destinations::create))
        .routes(routes!(destinations::update, destinations::delete))
        .routes(routes!(installations::list, installations::create))
        .routes(routes!(installations::show, installations::update, installations::delete))
        .routes(routes!(installations::configure))
        .routes(routes!(installations::set_secrets))
        .routes(routes!(installations::self_test))
        .routes(routes!(installations::enable))
        .routes(routes!(installations::disable))
        .routes(routes!(installations_upgrade::plan, installations_upgrade::upgrade))
        .routes(routes!(installations_upgrade::former, installations_upgrade::roll_back))
        .routes(routes!(installations_activity::activity))
        .routes(routes!(installations_activity::log))
        .routes(routes!(installations_activity::follow_log))
        .routes(routes!(installations_activity::hooks))
        .routes(routes!(oauth::authorize))
        .routes(routes!(oauth::disconnect))
        .routes(routes!(oauth::connections))
        .routes(routes!(oauth::callback))
        .routes(routes!(oauth_clients::list))
        .routes(routes!(oauth_clients::set, oauth_clients::delete))
        .routes(routes!(oauth_clients::list_of_host))
        .routes(routes!(oauth_clients::set_for_host, oauth_clients::delete_of_host))
        .routes(routes!(chat::connector))
        .routes(routes!(chat::messages, chat::send))
        .routes(routes!(chat::remove))
        .routes(routes!(moderation::judge))
        .routes(routes!(moderation::appeal))
        .routes(routes!(payments::create))
        .routes(routes!(payments::list))
        .routes(routes!(payments::show))
        .routes(routes!(payments::confirm))
        .routes(routes!(payments::refund))
        .routes(routes!(streams::info))
        .routes(routes!(streams::active))
        .routes(routes!(streams::end))
        .routes(routes!(streams::update_settings))
        .routes(routes!(catalogue::list))
        .routes(routes!(catalogue::show))
        .routes(routes!(catalogue::show_version))
        .routes(routes!(publishers::list, publishers::create))
        .routes(routes!(publishers::add_key))
        .routes(routes!(publishers::retire_key))
        .routes(routes!(review::queue))
        .routes(routes!(review::show))
        .routes(routes!(review::decide))
        .routes(routes!(review::ceilings, review::set_ceilings))
        .routes(routes!(review::set_plan))
        .routes(routes!(rollouts::show))
        .routes(routes!(rollouts::resume))
        .routes(routes!(partners::create))
        .routes(routes!(partners::allow_list, partners::set_allow_list))
        .routes(routes!(partners::pins, partners::set_pins))
        .routes(routes!(partners::bundles))
        .routes(routes!(partners::create_tenant))
        .routes(routes!(partners::branding))
}

/// `/api`, where bodies are larger and answers take longer than elsewhere.
fn uploads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(catalogue::publish))
        .routes(routes!(development::try_out, development::forget))
        .layer(DefaultBodyLimit::max(MAX_PACKAGE_BYTES))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(partners::put_bundle))
                .layer(DefaultBodyLimit::max(MAX_BUNDLE_BYTES)),
        )
}

/// What viewers fetch without signing in.
fn playback() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(hls::file))
}

/// What platforms send.
fn hooks() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(hooks::deliver)).layer(DefaultBodyLimit::max(hooks::MAX_HOOK_BYTES))
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
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
}
