//! `/api/sources/{id}/destinations`: where a source goes.
//!
//! A destination is a plugin with a configuration and secrets. The short form
//! `{"platform", "rtmp_url", "stream_key"}` says the same: the platform's word
//! stands for a plugin, the URL for the configuration's `rtmp_url`, the key
//! for the secret `stream-key`. Secrets go in and never come out.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_model::{DestinationId, Secret, SourceId};
use neustream_plugin::{Kind, PluginInfo};
use neustream_store::{Destination, DestinationChange, NewDestination};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Identity;
use crate::moment::rfc3339;
use crate::platform;
use crate::sources::limited;
use crate::state::AppState;
use crate::text::optional_name;

/// The secret that the short form's `stream_key` stands for.
const STREAM_KEY: &str = "stream-key";
/// The configuration's field that the short form's `rtmp_url` stands for.
const RTMP_URL: &str = "rtmp_url";
const MAX_SECRET_BYTES: usize = 4096;

/// A destination to be made: `plugin` with `config` and `secrets`, or the short form with `platform`.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewDestinationBody {
    /// The plugin, such as `neustream/twitch`.
    #[schema(example = "neustream/custom-rtmp")]
    plugin: Option<String>,
    /// In place of `plugin`: `custom`, `twitch`, `youtube`, `facebook` or `kick`.
    #[schema(example = "custom")]
    platform: Option<String>,
    /// What you call it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Its configuration, as the plugin's schema says.
    config: Option<Map<String, Value>>,
    /// Its secrets, by name.
    secrets: Option<BTreeMap<String, String>>,
    /// In place of `config`: the server to push to.
    #[schema(example = "rtmp://live.example.com/app")]
    rtmp_url: Option<String>,
    /// In place of `secrets`: the key that the platform gave you.
    stream_key: Option<String>,
    /// Whether it is switched on; true when left out.
    is_active: Option<bool>,
}

/// What changes about a destination; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DestinationChangeBody {
    /// What you call it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Its whole new configuration.
    config: Option<Map<String, Value>>,
    /// Secrets to be set, or removed where the value is null; others stay.
    secrets: Option<BTreeMap<String, Option<String>>>,
    /// The server to push to, changed in the configuration.
    rtmp_url: Option<String>,
    /// The secret `stream-key`.
    stream_key: Option<String>,
    /// Whether it is switched on.
    is_active: Option<bool>,
}

/// That a secret is set; never its value.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecretBody {
    /// Always true.
    set: bool,
    /// When it was last set (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A destination.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationBody {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The source that it is an output of.
    #[schema(format = Uuid)]
    source_id: String,
    /// The platform's word, or the plugin's id where it has none.
    #[schema(example = "twitch")]
    platform: String,
    /// The plugin that prepares it.
    #[schema(example = "neustream/twitch")]
    plugin: String,
    /// What you call it; may be empty.
    name: String,
    /// The configuration's `rtmp_url`.
    rtmp_url: Option<String>,
    /// Its configuration.
    config: Map<String, Value>,
    /// Which secrets are set, by name.
    secrets: BTreeMap<String, SecretBody>,
    /// Whether it is switched on.
    is_active: bool,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// One destination.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneDestinationBody {
    destination: DestinationBody,
}

/// Destinations, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationsBody {
    destinations: Vec<DestinationBody>,
}

/// List the destinations of a source
#[utoipa::path(
    get, path = "/api/sources/{id}/destinations", operation_id = "listDestinations", tag = "destinations", security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = DestinationsBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn list(
    identity: Identity,
    Path(source): Path<SourceId>,
) -> Result<Json<DestinationsBody>, ApiError> {
    let destinations = identity.store.destinations(source).await?;
    Ok(Json(DestinationsBody { destinations: destinations.iter().map(destination_body).collect() }))
}

/// Add a destination to a source
#[utoipa::path(
    post, path = "/api/sources/{id}/destinations", operation_id = "createDestination", tag = "destinations", security(("bearer" = [])),
    request_body = NewDestinationBody,
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 201, body = OneDestinationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The limit is reached."),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The configuration, a secret or the address is refused."),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    identity: Identity,
    Path(source): Path<SourceId>,
    Json(body): Json<NewDestinationBody>,
) -> Result<(StatusCode, Json<OneDestinationBody>), ApiError> {
    // Whether the source is there comes before what is wrong with the request.
    identity.store.source(source).await?;
    let plugin = chosen_plugin(&state, body.plugin.as_deref(), body.platform.as_deref())?;
    let config = with_rtmp_url(body.config.unwrap_or_default(), body.rtmp_url);
    check_config(&state, &plugin, &config)?;
    let given = body.secrets.unwrap_or_default().into_iter().map(|(name, text)| (name, Some(text))).collect();
    let secrets: BTreeMap<String, Secret> = checked_secrets(&plugin, given, body.stream_key)?
        .into_iter()
        .filter_map(|(name, secret)| Some((name, secret?)))
        .collect();
    check_required(&plugin, |name| secrets.contains_key(name))?;
    let new = NewDestination {
        plugin: plugin.id,
        name: optional_name("name", body.name.as_deref().unwrap_or_default())?,
        config: Value::Object(config).to_string(),
        secrets,
        is_active: body.is_active.unwrap_or(true),
    };
    let max = state.settings.max_destinations;
    let destination = to_the_end(async move {
        let created = identity.store.create_destination(source, &new, max).await;
        let destination = created.map_err(|error| limited(&state, error))?;
        state.live.source_changed(source).await;
        Ok(destination)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(OneDestinationBody { destination: destination_body(&destination) })))
}

/// Change a destination
#[utoipa::path(
    put, path = "/api/sources/destinations/{id}", operation_id = "updateDestination", tag = "destinations", security(("bearer" = [])),
    request_body = DestinationChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The destination.")),
    responses(
        (status = 200, body = OneDestinationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The configuration, a secret or the address is refused."),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<DestinationId>,
    Json(body): Json<DestinationChangeBody>,
) -> Result<Json<OneDestinationBody>, ApiError> {
    let stored = identity.store.destination(id).await?;
    let plugin = find_plugin(&state, &stored.row.plugin)?;
    let config = if body.config.is_some() || body.rtmp_url.is_some() {
        let base = body.config.unwrap_or_else(|| config_object(&stored.row.config));
        let config = with_rtmp_url(base, body.rtmp_url);
        check_config(&state, &plugin, &config)?;
        Some(Value::Object(config).to_string())
    } else {
        None
    };
    let secrets = checked_secrets(&plugin, body.secrets.unwrap_or_default(), body.stream_key)?;
    check_required(&plugin, |name| match secrets.get(name) {
        Some(change) => change.is_some(),
        None => stored.secrets.iter().any(|secret| secret.name == name),
    })?;
    let change = DestinationChange {
        name: body.name.map(|text| optional_name("name", &text)).transpose()?,
        config,
        secrets,
        is_active: body.is_active,
    };
    let destination = to_the_end(async move {
        let destination = identity.store.update_destination(id, &change).await?;
        state.live.source_changed(destination.row.source_id).await;
        Ok(destination)
    })
    .await?;
    Ok(Json(OneDestinationBody { destination: destination_body(&destination) }))
}

/// Remove a destination
#[utoipa::path(
    delete, path = "/api/sources/destinations/{id}", operation_id = "deleteDestination", tag = "destinations", security(("bearer" = [])),
    params(("id" = String, Path, format = Uuid, description = "The destination.")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<DestinationId>,
) -> Result<StatusCode, ApiError> {
    to_the_end(async move {
        let source = identity.store.delete_destination(id).await?;
        state.live.source_changed(source).await;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// A destination as the API shows it.
pub(crate) fn destination_body(destination: &Destination) -> DestinationBody {
    let row = &destination.row;
    let config = config_object(&row.config);
    let secret = |secret: &neustream_store::SecretInfo| {
        (secret.name.clone(), SecretBody { set: true, updated_at: rfc3339(secret.updated_at) })
    };
    DestinationBody {
        id: row.id.to_string(),
        source_id: row.source_id.to_string(),
        platform: platform::word_of(&row.plugin).to_owned(),
        plugin: row.plugin.clone(),
        name: row.name.clone(),
        rtmp_url: config.get(RTMP_URL).and_then(Value::as_str).map(str::to_owned),
        config,
        secrets: destination.secrets.iter().map(secret).collect(),
        is_active: row.is_active,
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    }
}

fn chosen_plugin(
    state: &AppState,
    plugin: Option<&str>,
    platform: Option<&str>,
) -> Result<PluginInfo, ApiError> {
    let invalid = |field, message| Err(ApiError::Invalid { field, message });
    match (plugin, platform) {
        (Some(plugin), None) => find_plugin(state, plugin),
        (None, Some(word)) => match platform::plugin_of(word) {
            Some(plugin) => find_plugin(state, plugin),
            None => invalid("platform", format!("must be one of {}", platform::words())),
        },
        (None, None) => invalid("plugin", "name a plugin (or, in short, a platform)".to_owned()),
        (Some(_), Some(_)) => invalid("platform", "name either a plugin or a platform".to_owned()),
    }
}

fn find_plugin(state: &AppState, id: &str) -> Result<PluginInfo, ApiError> {
    let found = state.plugins.find(id).filter(|plugin| plugin.kind == Kind::Destination);
    found.ok_or_else(|| ApiError::Invalid {
        field: "plugin",
        message: "this host has no destination plugin of that name".to_owned(),
    })
}

fn with_rtmp_url(mut config: Map<String, Value>, rtmp_url: Option<String>) -> Map<String, Value> {
    if let Some(url) = rtmp_url {
        config.insert(RTMP_URL.to_owned(), Value::String(url.trim().to_owned()));
    }
    config
}

fn config_object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Checks a configuration against the plugin's schema, and every push address in it.
fn check_config(state: &AppState, plugin: &PluginInfo, config: &Map<String, Value>) -> Result<(), ApiError> {
    let value = Value::Object(config.clone());
    state.plugins.validate_config(&plugin.id, &value).map_err(ApiError::ConfigInvalid)?;
    for (field, value) in config {
        let Value::String(text) = value else { continue };
        let scheme = text.split("://").next().unwrap_or_default();
        if !["rtmp", "rtmps"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            continue;
        }
        (state.check_destination_url)(text)
            .map_err(|message| ApiError::AddressRefused { field: format!("config.{field}"), message })?;
    }
    Ok(())
}

/// Checks the names against the plugin's manifest and the texts for what no key holds.
fn checked_secrets(
    plugin: &PluginInfo,
    mut given: BTreeMap<String, Option<String>>,
    stream_key: Option<String>,
) -> Result<BTreeMap<String, Option<Secret>>, ApiError> {
    if let Some(key) = stream_key {
        given.insert(STREAM_KEY.to_owned(), Some(key));
    }
    let invalid = |message: String| Err(ApiError::Invalid { field: "secrets", message });
    let mut secrets = BTreeMap::new();
    for (name, text) in given {
        if !plugin.secrets.iter().any(|secret| secret.name == name) {
            // The name is not repeated: people paste keys into the wrong field.
            return invalid(format!("{} takes: {}", plugin.id, secret_names(plugin)));
        }
        let secret = match text.as_deref().map(str::trim) {
            None => None,
            Some("") => return invalid(format!("{name} must not be empty")),
            Some(text) if text.len() > MAX_SECRET_BYTES => {
                return invalid(format!("{name} has more than {MAX_SECRET_BYTES} bytes"));
            }
            Some(text) if text.chars().any(char::is_control) => {
                return invalid(format!("{name} must be one line without control characters"));
            }
            Some(text) => Some(Secret::new(text)),
        };
        secrets.insert(name, secret);
    }
    Ok(secrets)
}

fn check_required(plugin: &PluginInfo, is_set: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    match plugin.secrets.iter().find(|secret| secret.required && !is_set(&secret.name)) {
        None => Ok(()),
        Some(missing) => Err(ApiError::Invalid {
            field: "secrets",
            message: format!("{} needs {} ({})", plugin.id, missing.name, missing.label),
        }),
    }
}

fn secret_names(plugin: &PluginInfo) -> String {
    let names: Vec<_> = plugin.secrets.iter().map(|secret| secret.name.as_str()).collect();
    if names.is_empty() { "no secrets".to_owned() } else { names.join(", ") }
}
