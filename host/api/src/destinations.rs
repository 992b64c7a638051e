//! `/api/sources/{id}/destinations`: where a source goes.
//!
//! A destination is prepared by an installation of a plugin; its own
//! configuration and secrets are laid over those of the installation. Without
//! one it gets the tenant's installation of the plugin, which is made where the
//! plugin comes with the host. The short form
//! `{"platform", "rtmp_url", "stream_key"}` says the same: the platform's word
//! stands for a plugin, the URL for the configuration's `rtmp_url`, the key
//! for the secret `stream-key`. Secrets go in and never come out.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_catalogue::{CatalogueError, Version};
use neustream_contract::manifest::SecretKind;
use neustream_installations::{
    DestinationPlugin, InstallationError, InstallationView, checked_secrets, overlaid,
};
use neustream_model::{DestinationId, InstallationId, Secret, SourceId};
use neustream_store::{AppStore, Destination, DestinationChange, Entry, NewDestination, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::platform;
use crate::sources::limited;
use crate::state::AppState;
use crate::text::optional_name;

/// The secret that the short form's `stream_key` stands for.
const STREAM_KEY: &str = "stream-key";
/// The configuration's field that the short form's `rtmp_url` stands for.
const RTMP_URL: &str = "rtmp_url";

/// A destination to be made: `plugin` with `config` and `secrets`, or the short form with `platform`.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewDestinationBody {
    /// The plugin, such as `neustream/twitch`.
    #[schema(example = "neustream/custom-rtmp")]
    plugin: Option<String>,
    /// In place of `plugin`: the installation that prepares it.
    #[schema(format = Uuid)]
    installation_id: Option<String>,
    /// In place of `plugin`: `custom`, `twitch`, `youtube`, `facebook` or `kick`.
    #[schema(example = "custom")]
    platform: Option<String>,
    /// What you call it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Its configuration, laid over that of the installation; together as the plugin's schema says.
    config: Option<Map<String, Value>>,
    /// Its secrets, by name, laid over those of the installation.
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
    /// Another installation of the same plugin.
    #[schema(format = Uuid)]
    installation_id: Option<String>,
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
    pub set: bool,
    /// When it was last set (RFC 3339).
    #[schema(format = DateTime)]
    pub updated_at: String,
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
    /// The installation of the plugin; null only where its plugin is not on this host.
    #[schema(format = Uuid)]
    installation_id: Option<String>,
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
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// List the destinations of a source
#[utoipa::path(
    get, path = "/api/sources/{id}/destinations", operation_id = "listDestinations", tag = "destinations", security(("bearer" = ["sources:read"]), ("apiKey" = ["sources:read"])),
    params(("id" = String, Path, format = Uuid, description = "The source."), PageQuery),
    responses((status = 200, body = DestinationsBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn list(
    access: Access<may::SourcesRead>,
    Path(source): Path<SourceId>,
    page: Page,
) -> Result<Json<DestinationsBody>, ApiError> {
    let destinations = access.app.destinations(source).await?;
    let (destinations, next_cursor) = page.of(destinations, |destination| destination.row.id)?;
    let destinations = destinations.iter().map(destination_body).collect();
    Ok(Json(DestinationsBody { destinations, next_cursor }))
}

/// Add a destination to a source
#[utoipa::path(
    post, path = "/api/sources/{id}/destinations", operation_id = "createDestination", tag = "destinations", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])),
    request_body = NewDestinationBody,
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 201, body = OneDestinationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The limit is reached (`LIMIT_REACHED`)."),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The configuration, a secret or the address is refused: this host does not push to that address (`ADDRESS_REFUSED`), or the configuration does not fit the plugin's schema (`CONFIG_INVALID`)."),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    Path(source): Path<SourceId>,
    Json(body): Json<NewDestinationBody>,
) -> Result<(StatusCode, Json<OneDestinationBody>), ApiError> {
    // Whether the source is there comes before what is wrong with the request.
    access.app.source(source).await?;
    let used = match body.installation_id.as_deref() {
        Some(id) if body.plugin.is_none() && body.platform.is_none() => {
            Used::of(state.installations.for_destination(&access.app, installation_id(id)?).await?)
        }
        Some(_) => return Err(invalid("installation_id", "say it without `plugin` and `platform`")),
        None => {
            let plugin = chosen_plugin(body.plugin.as_deref(), body.platform.as_deref())?;
            used_plugin(&state, &access.app, plugin).await?
        }
    };
    let config = with_rtmp_url(body.config.unwrap_or_default(), body.rtmp_url);
    used.check_config(&state, &config)?;
    let given = body.secrets.unwrap_or_default().into_iter().map(|(name, text)| (name, Some(text))).collect();
    let secrets: BTreeMap<String, Secret> = used
        .checked_secrets(given, body.stream_key)?
        .into_iter()
        .filter_map(|(name, secret)| Some((name, secret?)))
        .collect();
    used.check_required(|name| secrets.contains_key(name))?;
    let mut new = NewDestination {
        installation: None,
        plugin: used.version.id().to_owned(),
        name: optional_name("name", body.name.as_deref().unwrap_or_default())?,
        config: Value::Object(config).to_string(),
        secrets,
        is_active: body.is_active.unwrap_or(true),
    };
    let max = state.settings.max_destinations;
    let destination = to_the_end(async move {
        new.installation = Some(if let Some(installation) = &used.installation {
            installation.id()
        } else {
            let made = state.installations.ensure_for_destination(&access.app, &new.plugin).await;
            let upgrade_url = state.settings.upgrade_url.as_deref();
            made.map_err(|error| ApiError::from(error).with_upgrade_url(upgrade_url))?.id()
        });
        let created = access.app.create_destination(source, &new, max).await;
        let destination = created.map_err(|error| limited(&state, error))?;
        state.live.source_changed(source).await;
        Ok(destination)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(OneDestinationBody { destination: destination_body(&destination) })))
}

/// Change a destination
#[utoipa::path(
    put, path = "/api/sources/destinations/{id}", operation_id = "updateDestination", tag = "destinations", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])),
    request_body = DestinationChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The destination.")),
    responses(
        (status = 200, body = OneDestinationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The configuration, a secret or the address is refused: this host does not push to that address (`ADDRESS_REFUSED`), or the configuration does not fit the plugin's schema (`CONFIG_INVALID`)."),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    Path(id): Path<DestinationId>,
    Json(body): Json<DestinationChangeBody>,
) -> Result<Json<OneDestinationBody>, ApiError> {
    let stored = access.app.destination(id).await?;
    let installation = body.installation_id.as_deref().map(installation_id).transpose()?;
    let used = match installation.or(stored.row.installation) {
        Some(installation) => Used::of(state.installations.for_destination(&access.app, installation).await?),
        None => used_plugin(&state, &access.app, &stored.row.plugin).await?,
    };
    if used.version.id() != stored.row.plugin {
        return Err(invalid("installation_id", "must be an installation of the same plugin"));
    }
    let is_reconfigured = body.config.is_some() || body.rtmp_url.is_some() || installation.is_some();
    let base = body.config.unwrap_or_else(|| config_object(&stored.row.config));
    let config = with_rtmp_url(base, body.rtmp_url);
    if is_reconfigured {
        used.check_config(&state, &config)?;
    }
    let secrets = used.checked_secrets(body.secrets.unwrap_or_default(), body.stream_key)?;
    used.check_required(|name| match secrets.get(name) {
        Some(change) => change.is_some(),
        None => stored.secrets.iter().any(|secret| secret.name == name),
    })?;
    let change = DestinationChange {
        installation: installation.or(used.installation.map(|used| used.id())),
        name: body.name.map(|text| optional_name("name", &text)).transpose()?,
        config: is_reconfigured.then(|| Value::Object(config).to_string()),
        secrets,
        is_active: body.is_active,
    };
    let destination = to_the_end(async move {
        let destination = access.app.update_destination(id, &change).await?;
        state.live.source_changed(destination.row.source_id).await;
        // Whoever saves a destination that waits or has failed wants it tried, even where nothing was changed.
        state.live.retry(destination.row.source_id, id);
        Ok(destination)
    })
    .await?;
    Ok(Json(OneDestinationBody { destination: destination_body(&destination) }))
}

/// Remove a destination
#[utoipa::path(
    delete, path = "/api/sources/destinations/{id}", operation_id = "deleteDestination", tag = "destinations", security(("bearer" = ["sources:write"]), ("apiKey" = ["sources:write"])),
    params(("id" = String, Path, format = Uuid, description = "The destination.")),
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access<may::SourcesWrite>,
    Path(id): Path<DestinationId>,
) -> Result<StatusCode, ApiError> {
    to_the_end(async move {
        let source = access.app.delete_destination(id).await?;
        state.live.source_changed(source).await;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Let a destination try again now
///
/// A destination that waits for its next attempt, or that has failed, tries at once; its plugin is asked anew where to
/// push. One that is live or about to be is left alone.
#[utoipa::path(
    post, path = "/api/sources/destinations/{id}/retry", operation_id = "retryDestination", tag = "destinations", security(("bearer" = ["streams:control"]), ("apiKey" = ["streams:control"])),
    params(("id" = String, Path, format = Uuid, description = "The destination.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Nothing runs: the source is not live, or the destination is switched off: `NOT_LIVE`."),
    ),
)]
pub(crate) async fn retry(
    State(state): State<AppState>,
    access: Access<may::StreamsControl>,
    Path(id): Path<DestinationId>,
) -> Result<StatusCode, ApiError> {
    let destination = access.app.destination(id).await?;
    if !state.live.retry(destination.row.source_id, id) {
        return Err(ApiError::NotLive);
    }
    access.store.write_down(Entry::new("destination.retry", Target::new("destination", id))).await?;
    Ok(StatusCode::NO_CONTENT)
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
        installation_id: row.installation.map(|id| id.to_string()),
        name: row.name.clone(),
        rtmp_url: config.get(RTMP_URL).and_then(Value::as_str).map(str::to_owned),
        config,
        secrets: destination.secrets.iter().map(secret).collect(),
        is_active: row.is_active,
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    }
}

/// What prepares a destination: a version, and the installation that runs it, where there is one already.
struct Used {
    version: Version,
    installation: Option<InstallationView>,
}

impl Used {
    fn of(installation: InstallationView) -> Self {
        Self { version: installation.version.clone(), installation: Some(installation) }
    }

    /// Checks a destination's configuration, together with that of the installation, against the plugin's schema, and
    /// every push address in it.
    fn check_config(&self, state: &AppState, config: &Map<String, Value>) -> Result<(), ApiError> {
        let own = Value::Object(config.clone());
        let config = match &self.installation {
            Some(installation) => overlaid(&installation.config, &own),
            None => own,
        };
        self.version.package.config_schema.validate(&config).map_err(ApiError::ConfigInvalid)?;
        check_addresses(state, config.as_object().unwrap_or(&Map::new()))
    }

    fn checked_secrets(
        &self,
        mut given: BTreeMap<String, Option<String>>,
        stream_key: Option<String>,
    ) -> Result<BTreeMap<String, Option<Secret>>, ApiError> {
        if let Some(key) = stream_key {
            given.insert(STREAM_KEY.to_owned(), Some(key));
        }
        Ok(checked_secrets(&self.version.package.manifest, given)?)
    }

    /// Checks that every pasted secret that the plugin cannot do without is set, here or in the installation. What
    /// comes by consent may come later.
    fn check_required(&self, is_set: impl Fn(&str) -> bool) -> Result<(), ApiError> {
        let is_installed = |name: &str| {
            self.installation.as_ref().is_some_and(|used| used.secrets.iter().any(|set| set.name == name))
        };
        let info = self.version.info();
        let missing = info.secrets.iter().find(|secret| {
            let is_pasted = secret.kind != SecretKind::Oauth2;
            secret.required && is_pasted && !is_set(&secret.name) && !is_installed(&secret.name)
        });
        match missing {
            None => Ok(()),
            Some(missing) => Err(ApiError::Invalid {
                field: "secrets",
                message: format!("{} needs {} ({})", info.id, missing.name, missing.label),
            }),
        }
    }
}

fn chosen_plugin<'a>(plugin: Option<&'a str>, platform: Option<&str>) -> Result<&'a str, ApiError> {
    match (plugin, platform) {
        (Some(plugin), None) => Ok(plugin),
        (None, Some(word)) => match platform::plugin_of(word) {
            Some(plugin) => Ok(plugin),
            None => Err(invalid("platform", &format!("must be one of {}", platform::words()))),
        },
        (Some(_), Some(_)) => Err(invalid("platform", "name either a plugin or a platform")),
        (None, None) => Err(invalid("plugin", "name a plugin (or, in short, a platform)")),
    }
}

/// The plugin `id` for destinations of a tenant.
async fn used_plugin(state: &AppState, app: &AppStore, id: &str) -> Result<Used, ApiError> {
    match state.installations.destination_plugin(app, id).await {
        Ok(DestinationPlugin { version, installation }) => Ok(Used { version, installation }),
        Err(
            InstallationError::NotDestination(_)
            | InstallationError::Catalogue(CatalogueError::PluginUnknown | CatalogueError::VersionUnknown),
        ) => Err(invalid("plugin", "this host has no destination plugin of that name")),
        Err(error) => Err(error.into()),
    }
}

fn installation_id(text: &str) -> Result<InstallationId, ApiError> {
    text.parse().map_err(|error: neustream_model::IdMalformed| invalid("installation_id", &error.to_string()))
}

fn invalid(field: &'static str, message: &str) -> ApiError {
    ApiError::Invalid { field, message: message.to_owned() }
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

/// Checks every push address in a configuration.
pub(crate) fn check_addresses(state: &AppState, config: &Map<String, Value>) -> Result<(), ApiError> {
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
