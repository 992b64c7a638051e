//! Every address of the API, on one screen.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, Request};
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state as with;
use axum::routing::get;
use neustream_contract::package::MAX_PACKAGE_BYTES;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::data_rights::{deletion, exports, retention};
use crate::idempotency::{IDEMPOTENCY_KEY, REPLAYED};
use crate::identity::{APP, ORGANISATION};
use crate::rate_guard::{LIMIT, POLICY, REMAINING, RESET};
use crate::realtime::realtime;
use crate::request_id::REQUEST_ID;
use crate::state::{ApiParts, AppState};
use crate::{
    acting, admin, api_keys, apps, audit_export, audit_log, auth, catalogue, chat, chat_connectors,
    compression, destinations, development, error, guard, health, hls, hooks, idempotency, installations,
    installations_activity, installations_upgrade, invitations, live_streams, maintenance, measure,
    moderation, oauth, oauth_clients, oembed, openapi, organisations, pages, partners, payments, plans,
    playback_tokens, pre_flight, publishers, rate_guard, request_id, review, rollouts, sources,
    stream_health, streams, subscriptions, team, team_invitations,
};

/// How long a browser remembers what another site's pages may ask.
const PREFLIGHT_AGE: Duration = Duration::from_hours(1);
/// A signed bundle as JSON: some room around what the catalogue takes of the document.
const MAX_BUNDLE_BYTES: usize = 768 * 1024;

/// The whole of HTTP: API, HLS, Socket.IO and pages. Call it within a tokio runtime; the events of Socket.IO stop
/// when the router and its clones are dropped. Serve it with [`crate::serve`].
pub fn router(parts: ApiParts) -> Router {
    let cors = cors(&parts.settings.cors_origins);
    let body_limit = DefaultBodyLimit::max(parts.settings.body_limit_bytes);
    let state = AppState::new(parts, openapi_document());
    let (sockets, telling) = realtime(&state);

    let uploads = Router::from(uploads())
        .layer(with(state.clone(), acting::as_caller))
        .layer(with(state.clone(), guard::in_upload_time));
    let api = Router::from(api())
        .route("/api/openapi.json", get(openapi::json))
        .route("/api/docs", get(pages::reference))
        // The innermost: it knows what the others found out about the caller.
        .layer(with(state.clone(), acting::as_caller))
        .layer(with(state.clone(), idempotency::once))
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(guard::gzip_alone))
                .layer(RequestDecompressionLayer::new())
                .map_request(|request: Request<_>| request.map(Body::new)),
        )
        .layer(body_limit)
        .layer(with(state.clone(), guard::in_time))
        .merge(uploads)
        .layer(from_fn(guard::uncached))
        .layer(with(state.clone(), maintenance::doorkeeper))
        .layer(with(state.clone(), rate_guard::limited));
    let hooks =
        Router::from(hooks()).layer(with(state.clone(), guard::in_time)).layer(from_fn(guard::uncached));
    let playback = Router::from(playback())
        .route("/oembed", get(oembed::answer))
        .layer(from_fn(guard::uncached))
        .layer(from_fn(guard::for_every_site))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]));

    Router::from(host())
        .route("/metrics", get(health::metrics))
        .route("/watch/{playback_id}", get(pages::watch))
        .route("/embed/{playback_id}", get(pages::embed))
        .merge(api)
        .merge(hooks)
        .merge(playback)
        .fallback(pages::fallback)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(compression::of_answers())
        .layer(from_fn(measure::requests))
        .layer(sockets)
        .layer(cors)
        .layer(CatchPanicLayer::custom(error::after_panic))
        .layer(with(state.clone(), guard::strict))
        .layer(with(state.clone(), request_id::identified))
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
        .routes(routes!(audit_log::list))
        .routes(routes!(audit_log::verify))
        .routes(routes!(audit_export::export))
        .routes(routes!(audit_log::list_of_platform))
        .routes(routes!(audit_log::verify_of_platform))
        .routes(routes!(audit_export::export_of_platform))
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
        .routes(routes!(auth::identities::list))
        .routes(routes!(auth::identities::connect, auth::identities::disconnect))
        .routes(routes!(auth::providers::list))
        .routes(routes!(auth::providers::begin))
        .routes(routes!(auth::providers::callback))
        .routes(routes!(invitations::accept))
        .routes(routes!(invitations::preview))
        .routes(routes!(admin::stats::show))
        .routes(routes!(admin::system::show))
        .routes(routes!(admin::users::list))
        .routes(routes!(admin::users::suspend))
        .routes(routes!(admin::users::activate))
        .routes(routes!(admin::impersonation::begin))
        .routes(routes!(admin::impersonation::end))
        .routes(routes!(admin::sources::list))
        .routes(routes!(admin::subscriptions::list))
        .routes(routes!(admin::settings::show, admin::settings::update))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::show, api_keys::update, api_keys::delete))
        .routes(routes!(api_keys::rotate))
        .routes(routes!(organisations::list, organisations::create))
        .routes(routes!(organisations::show, organisations::update))
        .routes(routes!(organisations::leave))
        .routes(routes!(apps::list, apps::create))
        .routes(routes!(apps::show, apps::update, apps::delete))
        .routes(routes!(apps::archive))
        .routes(routes!(apps::restore))
        .routes(routes!(team::list))
        .routes(routes!(team::show, team::update, team::remove))
        .routes(routes!(team::hand_over))
        .routes(routes!(team_invitations::list, team_invitations::create))
        .routes(routes!(team_invitations::revoke))
        .routes(routes!(team_invitations::resend))
        .routes(routes!(team_invitations::join))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::show, sources::update, sources::delete))
        .routes(routes!(sources::rotate_key))
        .routes(routes!(playback_tokens::create, playback_tokens::revoke))
        .routes(routes!(playback_tokens::revoke_one))
        .routes(routes!(exports::list_own, exports::create_own))
        .routes(routes!(exports::list_of_organisation, exports::create_of_organisation))
        .routes(routes!(exports::download))
        .routes(routes!(deletion::show_own, deletion::request_own, deletion::cancel_own))
        .routes(routes!(
            deletion::show_of_organisation,
            deletion::request_of_organisation,
            deletion::cancel_of_organisation
        ))
        .routes(routes!(retention::show, retention::set))
        .routes(routes!(destinations::list, destinations::create))
        .routes(routes!(destinations::update, destinations::delete))
        .routes(routes!(destinations::retry))
        .routes(routes!(pre_flight::check))
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
        .routes(routes!(chat_connectors::list))
        .routes(routes!(chat_connectors::create))
        .routes(routes!(chat_connectors::delete))
        .routes(routes!(chat_connectors::messages))
        .routes(routes!(moderation::judge))
        .routes(routes!(moderation::appeal))
        .routes(routes!(payments::create))
        .routes(routes!(payments::list))
        .routes(routes!(payments::show))
        .routes(routes!(payments::confirm))
        .routes(routes!(payments::refund))
        .routes(routes!(streams::info))
        .routes(routes!(streams::active))
        .routes(routes!(live_streams::list))
        .routes(routes!(streams::start, streams::end))
        .routes(routes!(streams::update_settings))
        .routes(routes!(stream_health::show))
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
        .routes(routes!(plans::list))
        .routes(routes!(plans::put))
        .routes(routes!(plans::set_of_tenant))
        .routes(routes!(subscriptions::plans))
        .routes(routes!(subscriptions::mine))
        .routes(routes!(subscriptions::check))
        .routes(routes!(subscriptions::cancel))
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
    OpenApiRouter::new().routes(routes!(hls::file)).routes(routes!(hls::file_with_token))
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
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            CONTENT_ENCODING,
            IDEMPOTENCY_KEY,
            HeaderName::from_static(ORGANISATION),
            HeaderName::from_static(APP),
        ])
        .expose_headers([LOCATION, RETRY_AFTER, REQUEST_ID, REPLAYED, LIMIT, REMAINING, RESET, POLICY])
        .max_age(PREFLIGHT_AGE)
}
