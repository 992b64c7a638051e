//! The OpenAPI document and the page that shows it.

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::state::AppState;

/// What the document says before its paths, which the router adds from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Neustream",
        description = "One RTMP stream in, many destinations out, HLS in a browser. \
            Every error has the body `{\"error\", \"details\", \"code\"}`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "auth", description = "Accounts, signing in and staying signed in"),
        (name = "sources", description = "Configured inputs and their stream keys"),
        (name = "destinations", description = "Where a source goes"),
        (name = "streams", description = "What runs now"),
        (name = "plugins", description = "What you may install, and what you publish"),
        (name = "publishers", description = "Your namespaces, and the keys that sign in them"),
        (name = "partners", description = "Catalogue, bundles and tenants of a partner"),
        (name = "administration", description = "For those who run the platform"),
        (name = "installations", description = "Plugins in your tenant"),
        (name = "chat", description = "Chats of platforms, through installed connectors"),
        (name = "moderation", description = "What your filters say, and why"),
        (name = "payments", description = "Charges and refunds, through installed providers"),
        (name = "hooks", description = "Webhooks of platforms"),
        (name = "playback", description = "HLS, without signing in"),
        (name = "host", description = "How the host is doing"),
    ),
    modifiers(&BearerToken),
)]
pub(crate) struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme =
            SecurityScheme::Http(Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// The document.
pub(crate) async fn json(State(state): State<AppState>) -> Response {
    ([(CONTENT_TYPE, "application/json")], state.openapi.clone()).into_response()
}

/// The document as a page, for people without a tool at hand.
pub(crate) async fn docs(State(state): State<AppState>) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(crate::docs::page(&state.openapi))).into_response()
}
