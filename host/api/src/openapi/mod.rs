//! The OpenAPI document: what stands before its paths, and what makes it whole.
//!
//! The router adds the paths from the annotations of the handlers; `complete` adds what follows from an operation's
//! shape. The document is made once, when the router is.

mod complete;
mod error_codes;
mod samples;
mod shape;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

pub(crate) use complete::completed;

use crate::state::AppState;

/// What the document says before its paths, which the router adds from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Neustream",
        description = "One RTMP stream in, many destinations out, HLS in a browser.\n\n\
            Send `Authorization: Bearer <token>` with an access token (15 minutes, from signing in) or an API key \
            (`nsk_...`). A person acts for the home organisation and its default app, unless `Neustream-Organisation` \
            or `Neustream-App` names another one.\n\n\
            Every error has the body `{\"error\", \"details\", \"code\"}`: a sentence for people, what and where, a word \
            for programs. `x-error-codes` lists the words that an answer can have; docs/API.md explains all of them.\n\n\
            Lists are read page by page: `limit` says how many, `next_cursor` is the next page's `cursor`. \
            A `POST` with an `Idempotency-Key` happens once, however often it is sent.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This host")),
    tags(
        (name = "auth", description = "Accounts, signing in and staying signed in"),
        (name = "api-keys", description = "What programs sign in with"),
        (name = "audit", description = "Who changed what"),
        (name = "organisations", description = "Those that you belong to"),
        (name = "apps", description = "What an organisation divides its sources, installations and keys into"),
        (name = "team", description = "Who belongs to an organisation, and who is invited"),
        (name = "data-rights", description = "What is kept about you: take it along, have it deleted, say how long it stays"),
        (name = "sources", description = "Configured inputs and their stream keys"),
        (name = "destinations", description = "Where a source goes"),
        (name = "streams", description = "What runs now"),
        (name = "subscriptions", description = "Plans, and what you use of yours"),
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
    modifiers(&Schemes),
)]
pub(crate) struct Document;

/// How a request says whom it acts for.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = |format: &str, description: &str| {
            let http = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format(format);
            SecurityScheme::Http(http.description(Some(description)).build())
        };
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", bearer("JWT", "The access token of a person."));
        components.add_security_scheme("apiKey", bearer("nsk", "An API key of an app, with its scopes."));
    }
}

/// The document.
pub(crate) async fn json(State(state): State<AppState>) -> Response {
    ([(CONTENT_TYPE, "application/json")], state.openapi.clone()).into_response()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
