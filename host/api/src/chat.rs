//! `/api/installations/{id}/connector` and `/messages`: one platform's chat through an installed connector.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_chat::connector::ConnectorStatus;
use neustream_contract::Kind;
use neustream_model::InstallationId;
use neustream_store::{ChatMessageRow, Entry, Target};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Identity;
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::state::AppState;
use crate::streams::ReasonBody;
use crate::text::word;

/// How a chat connector is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectorBody {
    /// `starting`, `running`, `retrying`, `failed` or `stopped`.
    #[schema(example = "running")]
    state: String,
    /// What is wrong, in the host's words or in the connector's.
    reason: Option<ReasonBody>,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// The package that answered last.
    plugin_digest: Option<String>,
    connections: Vec<ConnectionBody>,
    /// Messages that were stored since the host started.
    messages: u64,
    /// Messages that came again and were dropped.
    duplicates: u64,
    /// Events that were dropped because the connector failed at every attempt.
    poison: u64,
}

/// One connection of a connector.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectionBody {
    /// The connector's name for it.
    id: String,
    /// `websocket`, `line`, `poll` or `webhook`.
    transport: &'static str,
    /// `connecting`, `open`, `waiting` or `denied`.
    state: String,
    /// Why, where there is something to say.
    reason: Option<ReasonBody>,
}

/// A message of a platform's chat.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatMessageBody {
    /// Its id here.
    #[schema(format = Uuid)]
    id: String,
    /// Where it was written.
    #[schema(example = "twitch")]
    platform: String,
    /// The platform's id of it.
    platform_id: String,
    /// The platform's id of who wrote it.
    author_id: String,
    /// The name of who wrote it, as the platform shows it.
    author_name: String,
    /// What was written.
    message_text: String,
    /// `message`, `system`, `action`, `paid`, ...
    kind: String,
    /// What its author is there, such as `moderator`.
    #[schema(example = json!(["moderator"]))]
    roles: Vec<String>,
    /// The platform's id of the message that it answers.
    reply_to: Option<String>,
    /// Emotes, badges, colour, amounts, as the platform names them.
    #[schema(example = json!([["colour", "#1e90ff"]]))]
    extra: Vec<(String, String)>,
    /// When it was written there (RFC 3339).
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When it came here (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was removed there (RFC 3339).
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
}

/// Messages, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatMessagesBody {
    messages: Vec<ChatMessageBody>,
    /// The `cursor` of the next page, of older ones; null on the last.
    next_cursor: Option<String>,
}

/// A message to be written on the platform.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewChatMessageBody {
    /// What is written, from 1 to 4096 bytes.
    #[schema(max_length = 4096, example = "Welcome!")]
    text: String,
    /// The platform's id of the message that it answers.
    reply_to: Option<String>,
}

/// A message that will be written.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueuedMessageBody {
    /// Its id until it is written.
    #[schema(format = Uuid)]
    id: String,
}

/// Show how a chat connector is doing
#[utoipa::path(
    get, path = "/api/installations/{id}/connector", operation_id = "getConnector", tag = "chat", security(("bearer" = ["chat:read"]), ("apiKey" = ["chat:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation of a chat connector.")),
    responses(
        (status = 200, body = ConnectorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It does not run on this host: `CONNECTOR_NOT_RUNNING`."),
    ),
)]
pub(crate) async fn connector(
    State(state): State<AppState>,
    access: Access<may::ChatRead>,
    Path(installation): Path<InstallationId>,
) -> Result<Json<ConnectorBody>, ApiError> {
    check_chat(&state, &access, installation).await?;
    let status = state.chat.status(access.store.tenant(), installation);
    let status = status.ok_or(neustream_chat::connector::SendError::NotRunning)?;
    Ok(Json(connector_body(status)))
}

/// List the messages of a platform's chat
#[utoipa::path(
    get, path = "/api/installations/{id}/messages", operation_id = "listChatMessages", tag = "chat", security(("bearer" = ["chat:read"]), ("apiKey" = ["chat:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation of a chat connector."), PageQuery),
    responses((status = 200, body = ChatMessagesBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn messages(
    State(state): State<AppState>,
    access: Access<may::ChatRead>,
    Path(installation): Path<InstallationId>,
    page: Page,
) -> Result<Json<ChatMessagesBody>, ApiError> {
    check_chat(&state, &access, installation).await?;
    page_of_messages(&access, Some(installation), &page).await
}

/// The latest messages, of one installation or of all of the app.
pub(crate) async fn page_of_messages(
    identity: &Identity,
    installation: Option<InstallationId>,
    page: &Page,
) -> Result<Json<ChatMessagesBody>, ApiError> {
    let before = page.after::<String>()?;
    let rows = identity.app.chat_messages(installation, before.as_deref(), page.limit() + 1).await?;
    let (rows, next_cursor) = page.cut(rows, |row| row.id.clone());
    Ok(Json(ChatMessagesBody { messages: rows.into_iter().map(message_body).collect(), next_cursor }))
}

/// Write a message on the platform
#[utoipa::path(
    post, path = "/api/installations/{id}/messages", operation_id = "sendChatMessage", tag = "chat", security(("bearer" = ["chat:write"]), ("apiKey" = ["chat:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation of a chat connector.")),
    request_body = NewChatMessageBody,
    responses(
        (status = 202, body = QueuedMessageBody, description = "Queued; it is written as soon as the platform takes it."),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The connector does not run: `CONNECTOR_NOT_RUNNING`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    access: Access<may::ChatWrite>,
    Path(installation): Path<InstallationId>,
    Json(body): Json<NewChatMessageBody>,
) -> Result<(StatusCode, Json<QueuedMessageBody>), ApiError> {
    check_chat(&state, &access, installation).await?;
    let id = state.chat.send(access.store.tenant(), installation, &body.text, body.reply_to).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedMessageBody { id })))
}

/// Remove a message on the platform
#[utoipa::path(
    delete, path = "/api/installations/{id}/messages/{message}", operation_id = "removeChatMessage", tag = "chat", security(("bearer" = ["chat:write"]), ("apiKey" = ["chat:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The installation of a chat connector."),
        ("message" = String, Path, description = "The platform's id of the message."),
    ),
    responses(
        (status = 202, description = "The connector was asked; the message disappears when the platform says so."),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The connector does not run: `CONNECTOR_NOT_RUNNING`."),
    ),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    access: Access<may::ChatWrite>,
    Path((installation, message)): Path<(InstallationId, String)>,
) -> Result<StatusCode, ApiError> {
    check_chat(&state, &access, installation).await?;
    state.chat.remove(access.store.tenant(), installation, &message).await?;
    let shown: String = message.chars().take(200).collect();
    let entry = Entry::new("chat-message.remove", Target::new("chat-message", shown));
    access.store.write_down(entry.after(json!({ "installation_id": installation }))).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(crate) async fn check_chat(
    state: &AppState,
    identity: &Identity,
    installation: InstallationId,
) -> Result<(), ApiError> {
    let view = state.installations.show(&identity.app, installation).await?;
    if view.kind() == Kind::Chat {
        Ok(())
    } else {
        Err(ApiError::NotFound("there is no chat connector of this id"))
    }
}

/// A column that holds JSON; one that does not is shown as nothing.
fn stored<T: serde::de::DeserializeOwned + Default>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

fn connector_body(status: ConnectorStatus) -> ConnectorBody {
    let connections = status.connections.into_iter().map(|connection| ConnectionBody {
        id: connection.id,
        transport: connection.transport,
        state: word(connection.state),
        reason: connection.reason.as_ref().map(ReasonBody::from),
    });
    ConnectorBody {
        state: word(status.state),
        reason: status.problem.as_ref().map(ReasonBody::from),
        since: rfc3339(status.since),
        plugin_digest: status.plugin.map(|digest| digest.to_string()),
        connections: connections.collect(),
        messages: status.messages,
        duplicates: status.duplicates,
        poison: status.poison,
    }
}

fn message_body(row: ChatMessageRow) -> ChatMessageBody {
    ChatMessageBody {
        id: row.id,
        platform: row.platform,
        platform_id: row.platform_id,
        author_id: row.author_id,
        author_name: row.author_name,
        message_text: row.message_text,
        kind: row.kind,
        roles: stored(&row.roles),
        reply_to: row.reply_to,
        extra: stored(&row.extra),
        sent_at: row.sent_at.map(rfc3339),
        created_at: rfc3339(row.received_at),
        deleted_at: row.retracted_at.map(rfc3339),
    }
}
