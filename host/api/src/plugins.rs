//! `/api/plugins`: what this host can run.

use axum::extract::State;
use neustream_plugin::PluginInfo;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Identity;
use crate::platform;
use crate::state::AppState;

/// One line of the permission sheet.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionBody {
    /// The capability's word in the manifest.
    #[schema(example = "http")]
    capability: String,
    /// What is permitted, in a sentence.
    summary: String,
    /// Why, in the author's words; may be empty.
    reason: String,
}

/// A secret that the plugin asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginSecretBody {
    /// Its name.
    #[schema(example = "stream-key")]
    name: String,
    /// Its name for people.
    label: String,
    /// Whether the plugin is useless without it.
    required: bool,
}

/// A plugin.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginBody {
    /// `namespace/name`.
    #[schema(example = "neustream/twitch")]
    id: String,
    /// The short word in place of the id, where there is one.
    platform: Option<String>,
    /// Semantic version.
    version: String,
    /// What it is for.
    #[schema(value_type = String, example = "destination")]
    kind: neustream_plugin::Kind,
    /// Its name.
    name: String,
    /// What it does; may be empty.
    description: String,
    /// Who publishes it.
    publisher: String,
    /// What it may do.
    permissions: Vec<PermissionBody>,
    /// The secrets that it asks for.
    secrets: Vec<PluginSecretBody>,
    /// JSON Schema of its configuration.
    config_schema: Value,
    /// `sha256:<hex>` of the package.
    digest: String,
}

/// Plugins, by id.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginsBody {
    plugins: Vec<PluginBody>,
}

/// One plugin.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnePluginBody {
    plugin: PluginBody,
}

/// List plugins
#[utoipa::path(
    get, path = "/api/plugins", operation_id = "listPlugins", tag = "plugins", security(("bearer" = [])),
    responses((status = 200, body = PluginsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(State(state): State<AppState>, _identity: Identity) -> Json<PluginsBody> {
    Json(PluginsBody { plugins: state.plugins.list().into_iter().map(PluginBody::from).collect() })
}

/// Show a plugin
#[utoipa::path(
    get, path = "/api/plugins/{namespace}/{name}", operation_id = "getPlugin", tag = "plugins", security(("bearer" = [])),
    params(
        ("namespace" = String, Path, description = "The first part of its id.", example = "neustream"),
        ("name" = String, Path, description = "The second part of its id.", example = "twitch"),
    ),
    responses((status = 200, body = OnePluginBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    _identity: Identity,
    Path((namespace, name)): Path<(String, String)>,
) -> Result<Json<OnePluginBody>, ApiError> {
    let plugin = state.plugins.find(&format!("{namespace}/{name}"));
    let plugin = plugin.ok_or(ApiError::NotFound("this host has no plugin of that name"))?;
    Ok(Json(OnePluginBody { plugin: plugin.into() }))
}

impl From<PluginInfo> for PluginBody {
    fn from(plugin: PluginInfo) -> Self {
        let word = platform::word_of(&plugin.id);
        let permission = |permission: neustream_plugin::Permission| PermissionBody {
            capability: permission.capability,
            summary: permission.summary,
            reason: permission.reason,
        };
        let secret = |secret: neustream_plugin::SecretInfo| PluginSecretBody {
            name: secret.name,
            label: secret.label,
            required: secret.required,
        };
        Self {
            platform: (word != plugin.id).then(|| word.to_owned()),
            id: plugin.id,
            version: plugin.version,
            kind: plugin.kind,
            name: plugin.name,
            description: plugin.description,
            publisher: plugin.publisher,
            permissions: plugin.permissions.into_iter().map(permission).collect(),
            secrets: plugin.secrets.into_iter().map(secret).collect(),
            config_schema: plugin.config_schema,
            digest: plugin.digest,
        }
    }
}
