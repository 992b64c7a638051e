//! `/api/chat`: the chats of a source, in the words of the documents' clients.
//!
//! A chat connector is an installation of a plugin of kind `chat`, and belongs to the app: all of the app's sources have
//! the same connectors. What else there is to an installation (permissions, secrets, upgrades) stands at
//! `/api/installations`; accounts are connected there by consent, never by a pasted token.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_contract::Kind;
use neustream_installations::{Install, InstallationView};
use neustream_model::{InstallationId, SourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::chat::{self, ChatMessagesBody};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::platform;
use crate::state::AppState;

/// A chat that is connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatConnectorBody {
    /// The installation's id, for `/api/installations/{id}`.
    #[schema(format = Uuid)]
    id: String,
    /// The platform; of a plugin of others its id.
    #[schema(example = "twitch")]
    platform: String,
    /// The plugin.
    #[schema(example = "neustream/twitch-chat")]
    plugin: String,
    /// Whether it is switched on.
    is_active: bool,
    /// `ready`, `needs-configuration`, `disabled`, `suspended` or `revoked`.
    #[schema(example = "ready")]
    state: &'static str,
    /// Its configuration, as the plugin's schema has it.
    #[schema(example = json!({ "channel": "mychannel" }))]
    config: Map<String, Value>,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// One connector.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneChatConnectorBody {
    connector: ChatConnectorBody,
}

/// The chats of a source.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatConnectorsBody {
    connectors: Vec<ChatConnectorBody>,
}

/// A chat to be connected.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewChatConnectorBody {
    /// A source of the app that gets it; its other sources have it too.
    #[schema(format = Uuid)]
    source_id: String,
    /// `twitch` or `youtube`.
    #[schema(example = "twitch")]
    platform: String,
    /// What the plugin is to know: its schema is at `GET /api/plugins/neustream/{platform}-chat`.
    #[schema(example = json!({ "channel": "mychannel" }))]
    config: Map<String, Value>,
}

/// List the chats of a source
#[utoipa::path(
    get, path = "/api/chat/connectors/{id}", operation_id = "listChatConnectors", tag = "chat", security(("bearer" = ["chat:read"]), ("apiKey" = ["chat:read"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = ChatConnectorsBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access<may::ChatRead>,
    Path(source): Path<SourceId>,
) -> Result<Json<ChatConnectorsBody>, ApiError> {
    access.app.source(source).await?;
    let installations = state.installations.list(&access.app).await?;
    let connectors = installations.iter().filter(|view| view.kind() == Kind::Chat).map(body).collect();
    Ok(Json(ChatConnectorsBody { connectors }))
}

/// Connect a chat
///
/// Installs the platform's connector, which comes with the host, with everything that it asks for. Where it acts for an
/// account, connect that at `POST /api/installations/{id}/secrets/{name}/authorize`.
#[utoipa::path(
    post, path = "/api/chat/connectors", operation_id = "createChatConnector", tag = "chat", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = NewChatConnectorBody,
    responses(
        (status = 201, body = OneChatConnectorBody),
        (status = 403, body = ErrorBody, description = "The plan has no room for one more (`LIMIT_REACHED`), or you may not."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The connector was suspended or revoked: `PLUGIN_NOT_RUNNABLE`."),
        (status = 422, body = ErrorBody, description = "A field is not valid (`VALIDATION_FAILED`), or the configuration does not fit the plugin's schema (`CONFIG_INVALID`)."),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Json(new): Json<NewChatConnectorBody>,
) -> Result<(StatusCode, Json<OneChatConnectorBody>), ApiError> {
    let invalid = |field, message: String| ApiError::Invalid { field, message };
    let source: SourceId =
        new.source_id.parse().map_err(|_| invalid("source_id", "is not an id".to_owned()))?;
    let plugin = platform::chat_plugin_of(&new.platform)
        .ok_or_else(|| invalid("platform", format!("must be one of {}", platform::chat_words())))?;
    access.app.source(source).await?;
    to_the_end(async move {
        let version = state.catalogue.resolve(access.store.tenant(), plugin, None).await?;
        let grant = neustream_contract::Grant::all_of(&version.package.manifest);
        let ask = Install {
            plugin: plugin.to_owned(),
            grant: grant.keys().map(str::to_owned).collect(),
            config: Some(new.config),
            secrets: BTreeMap::new(),
            is_auto_upgraded: true,
            ..Install::default()
        };
        let made = state.installations.install(&access.app, ask).await;
        let limit_url = state.settings.upgrade_url.as_deref();
        let made = made.map_err(|error| ApiError::from(error).with_upgrade_url(limit_url))?;
        Ok((StatusCode::CREATED, Json(OneChatConnectorBody { connector: body(&made) })))
    })
    .await
}

/// Disconnect a chat
///
/// Removes the installation with what it remembers. Messages that it brought stay.
#[utoipa::path(
    delete, path = "/api/chat/connectors/{id}", operation_id = "deleteChatConnector", tag = "chat", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The connector.")),
    responses((status = 204), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
) -> Result<StatusCode, ApiError> {
    chat::check_chat(&state, &access, id).await?;
    to_the_end(async move {
        state.installations.uninstall(&access.app, id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Read the chats of a source
///
/// Messages of all of its connectors, newest first.
#[utoipa::path(
    get, path = "/api/chat/messages/{sourceId}", operation_id = "listSourceMessages", tag = "chat", security(("bearer" = ["chat:read"]), ("apiKey" = ["chat:read"])),
    params(("sourceId" = String, Path, format = Uuid, description = "The source."), PageQuery),
    responses((status = 200, body = ChatMessagesBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn messages(
    access: Access<may::ChatRead>,
    Path(source): Path<SourceId>,
    page: Page,
) -> Result<Json<ChatMessagesBody>, ApiError> {
    access.app.source(source).await?;
    chat::page_of_messages(&access, None, &page).await
}

fn body(view: &InstallationView) -> ChatConnectorBody {
    ChatConnectorBody {
        id: view.row.id.to_string(),
        platform: platform::chat_word_of(&view.row.plugin).to_owned(),
        plugin: view.row.plugin.clone(),
        is_active: view.row.is_enabled,
        state: view.state().as_str(),
        config: view.config.as_object().cloned().unwrap_or_default(),
        created_at: rfc3339(view.row.created_at),
    }
}
