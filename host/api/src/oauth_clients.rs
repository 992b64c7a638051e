//! The OAuth clients by which this host, or a tenant of its own, is known at providers.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_installations::oauth::OauthError;
use neustream_model::Secret;
use neustream_store::{OauthClient, OauthClientInfo};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::{Administrator, Identity};
use crate::moment::rfc3339;
use crate::oauth::{redirect_base, redirect_uri};
use crate::state::AppState;

/// Ids, secrets and addresses of providers stay far below.
const MAX_CLIENT_BYTES: usize = 1024;

/// How this host is known at a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientBody {
    /// The id that the provider gave.
    client_id: String,
    /// The secret that the provider gave. It is never shown again.
    #[schema(value_type = String)]
    client_secret: String,
    /// Where the secret may be sent; the token address of the plugin's newest version where nothing is said.
    token_url: Option<String>,
}

/// A client, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientShownBody {
    /// The plugin.
    #[schema(example = "neustream/youtube")]
    plugin: String,
    /// The secret's name in the manifest.
    #[schema(example = "account")]
    secret: String,
    /// The id that the provider gave.
    client_id: String,
    /// Where the client's secret may be sent.
    token_url: String,
    /// What must be registered at the provider, letter by letter.
    redirect_uri: String,
    /// When it was set (RFC 3339).
    updated_at: String,
}

/// Clients, by plugin.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientsBody {
    clients: Vec<ClientShownBody>,
    /// What a provider must know of a client that is not set yet: the address to return to is this, and the plugin's
    /// id and the secret's name behind it, with `/` between.
    #[schema(example = "https://live.example.com/api/oauth/callback")]
    redirect_base: String,
}

/// List your own OAuth clients
#[utoipa::path(
    get, path = "/api/oauth-clients", operation_id = "listOauthClients", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    responses((status = 200, body = ClientsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(
    access: Access<may::PluginsRead>,
    urls: PublicUrls,
) -> Result<Json<ClientsBody>, ApiError> {
    Ok(Json(shown(&access.store.oauth_clients().await?, &urls)))
}

/// Bring your own OAuth client for a plugin
///
/// It is then used in place of the operator's. Accounts that were connected by another client must be connected again.
#[utoipa::path(
    put, path = "/api/oauth-clients/{namespace}/{name}/{secret}", operation_id = "setOauthClient", tag = "installations",
    security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(
        ("namespace" = String, Path, description = "The plugin's namespace."),
        ("name" = String, Path, description = "The plugin's name."),
        ("secret" = String, Path, description = "The secret's name in the manifest."),
    ),
    request_body = ClientBody,
    responses(
        (status = 200, body = ClientsBody, description = "All of them."),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody, description = "A field is not valid (`VALIDATION_FAILED`), or the secret is not connected by consent (`NOT_BY_CONSENT`)."),
    ),
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    urls: PublicUrls,
    Path((namespace, name, secret)): Path<(String, String, String)>,
    Json(body): Json<ClientBody>,
) -> Result<Json<ClientsBody>, ApiError> {
    let plugin = format!("{namespace}/{name}");
    let client = checked_client(&state, &access, &plugin, &secret, body).await?;
    access.store.set_oauth_client(&plugin, &secret, &client).await?;
    Ok(Json(shown(&access.store.oauth_clients().await?, &urls)))
}

/// Remove your own OAuth client for a plugin
#[utoipa::path(
    delete, path = "/api/oauth-clients/{namespace}/{name}/{secret}", operation_id = "deleteOauthClient",
    tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(
        ("namespace" = String, Path, description = "The plugin's namespace."),
        ("name" = String, Path, description = "The plugin's name."),
        ("secret" = String, Path, description = "The secret's name in the manifest."),
    ),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    access: Access<may::PluginsWrite>,
    Path((namespace, name, secret)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let plugin = format!("{namespace}/{name}");
    deleted(access.store.delete_oauth_client(&plugin, &secret).await?)
}

/// List the OAuth clients of this host
#[utoipa::path(
    get, path = "/api/admin/oauth-clients", operation_id = "listHostOauthClients", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses((status = 200, body = ClientsBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
pub(crate) async fn list_of_host(
    State(state): State<AppState>,
    _: Administrator,
    urls: PublicUrls,
) -> Result<Json<ClientsBody>, ApiError> {
    Ok(Json(shown(&state.store.host().oauth_clients().await?, &urls)))
}

/// Set the OAuth client of this host for a plugin
#[utoipa::path(
    put, path = "/api/admin/oauth-clients/{namespace}/{name}/{secret}", operation_id = "setHostOauthClient",
    tag = "administration", security(("bearer" = ["administrator"])),
    params(
        ("namespace" = String, Path, description = "The plugin's namespace."),
        ("name" = String, Path, description = "The plugin's name."),
        ("secret" = String, Path, description = "The secret's name in the manifest."),
    ),
    request_body = ClientBody,
    responses(
        (status = 200, body = ClientsBody, description = "All of them."),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn set_for_host(
    State(state): State<AppState>,
    Administrator(identity): Administrator,
    urls: PublicUrls,
    Path((namespace, name, secret)): Path<(String, String, String)>,
    Json(body): Json<ClientBody>,
) -> Result<Json<ClientsBody>, ApiError> {
    let plugin = format!("{namespace}/{name}");
    let client = checked_client(&state, &identity, &plugin, &secret, body).await?;
    let host = state.store.host();
    host.set_oauth_client(&plugin, &secret, &client).await?;
    Ok(Json(shown(&host.oauth_clients().await?, &urls)))
}

/// Remove the OAuth client of this host for a plugin
#[utoipa::path(
    delete, path = "/api/admin/oauth-clients/{namespace}/{name}/{secret}", operation_id = "deleteHostOauthClient",
    tag = "administration", security(("bearer" = ["administrator"])),
    params(
        ("namespace" = String, Path, description = "The plugin's namespace."),
        ("name" = String, Path, description = "The plugin's name."),
        ("secret" = String, Path, description = "The secret's name in the manifest."),
    ),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn delete_of_host(
    State(state): State<AppState>,
    _: Administrator,
    Path((namespace, name, secret)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let plugin = format!("{namespace}/{name}");
    deleted(state.store.host().delete_oauth_client(&plugin, &secret).await?)
}

fn deleted(was_there: bool) -> Result<StatusCode, ApiError> {
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound("OAuth client")) }
}

/// A client as it may be kept: bound to the token address that the plugin names now, or to the one that was given.
async fn checked_client(
    state: &AppState,
    identity: &Identity,
    plugin: &str,
    secret: &str,
    body: ClientBody,
) -> Result<OauthClient, ApiError> {
    for (field, text) in [("client_id", &body.client_id), ("client_secret", &body.client_secret)] {
        let is_fit =
            (1..=MAX_CLIENT_BYTES).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !is_fit {
            let message = format!("must be 1 to {MAX_CLIENT_BYTES} printable ASCII characters");
            return Err(ApiError::Invalid { field, message });
        }
    }
    let version = state.catalogue.resolve(identity.store.tenant(), plugin, None).await?;
    let capability = version.package.manifest.capabilities.secrets.get(secret);
    let capability = capability.ok_or(ApiError::NotFound("secret of this plugin"))?;
    let own = capability.token_url.clone().ok_or(OauthError::NotOauth)?;
    let token_url = body.token_url.unwrap_or(own);
    if !token_url.starts_with("https://") || token_url.len() > MAX_CLIENT_BYTES {
        let message = "must be an https URL".to_owned();
        return Err(ApiError::Invalid { field: "token_url", message });
    }
    Ok(OauthClient { client_id: body.client_id, client_secret: Secret::new(body.client_secret), token_url })
}

fn shown(clients: &[OauthClientInfo], urls: &PublicUrls) -> ClientsBody {
    let shown = |client: &OauthClientInfo| ClientShownBody {
        plugin: client.plugin.clone(),
        secret: client.secret.clone(),
        client_id: client.client_id.clone(),
        token_url: client.token_url.clone(),
        redirect_uri: redirect_uri(urls, &client.plugin, &client.secret),
        updated_at: rfc3339(client.updated_at),
    };
    ClientsBody { clients: clients.iter().map(shown).collect(), redirect_base: redirect_base(urls) }
}
