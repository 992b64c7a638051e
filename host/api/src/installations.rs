//! `/api/installations`: plugins in a tenant.
//!
//! What an installation may do is what its tenant granted, key by key. Secrets
//! go in and never come out. Upgrades stand in `installations_upgrade`, what it
//! did in `installations_activity`.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_contract::{Digest, Kind};
use neustream_installations::rings::Ring;
use neustream_installations::{Edit, Install, InstallationView, OnFailure, Problem};
use neustream_model::InstallationId;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::catalogue::{CheckBody, PermissionBody, checks, permission_body};
use crate::completion::to_the_end;
use crate::destinations::{SecretBody, check_addresses};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::state::AppState;
use crate::text::optional_name;

/// A plugin to be installed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewInstallationBody {
    /// The plugin.
    #[schema(example = "neustream/twitch-chat")]
    plugin: String,
    /// Its version; the newest that you may install when left out.
    #[schema(example = "1.4.0")]
    version: Option<String>,
    /// In place of `version`: `sha256:<hex>` of the package.
    digest: Option<String>,
    /// The permission keys that you grant, of those that the plugin's `permissions` name. What you leave out is denied.
    #[schema(example = json!(["http:https://api.example.com"]))]
    grant: Vec<String>,
    /// Its configuration, as the plugin's schema says; may come later.
    config: Option<Map<String, Value>>,
    /// Its secrets, by name; may come later.
    secrets: Option<BTreeMap<String, String>>,
    /// What you call it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// For moderation: what becomes of messages that it does not judge; `hold` when left out.
    #[schema(value_type = Option<String>, example = "hold")]
    on_failure: Option<OnFailure>,
    /// How early it gets new versions: 1, 10 or 100 (per cent); the host chooses when left out.
    ring: Option<u64>,
    /// Whether new versions come by themselves, where they need no consent; true when left out.
    auto_upgrade: Option<bool>,
}

/// What changes about an installation; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct InstallationChangeBody {
    /// What you call it.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// All permission keys that you grant from now on.
    grant: Option<Vec<String>>,
    /// For moderation: what becomes of messages that it does not judge.
    #[schema(value_type = Option<String>, example = "hold")]
    on_failure: Option<OnFailure>,
    /// For moderation: its place among your filters; lower ones judge first.
    position: Option<u32>,
    /// 1, 10 or 100; null lets the host choose.
    #[serde(default, deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null is told from what is left out")]
    #[schema(value_type = Option<u64>)]
    ring: Option<Option<u64>>,
    /// Whether new versions come by themselves, where they need no consent.
    auto_upgrade: Option<bool>,
}

/// What an installation lacks.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// `config-invalid`, `secret-missing` or `consent-missing`.
    #[schema(example = "config-invalid")]
    code: &'static str,
    /// JSON pointer (RFC 6901) into the configuration, or the secret's name.
    #[schema(example = "/channel")]
    place: String,
    /// What is wrong, in a sentence.
    message: String,
}

/// One line of the permission sheet, and whether it was granted.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantedPermissionBody {
    #[serde(flatten)]
    permission: PermissionBody,
    /// Whether all keys of the line are granted.
    granted: bool,
}

/// A plugin in your tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstallationBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The plugin.
    #[schema(example = "neustream/twitch-chat")]
    plugin: String,
    /// The plugin's name.
    plugin_name: String,
    /// What it is for: `destination`, `chat`, `moderation` or `payment`.
    #[schema(value_type = String, example = "chat")]
    kind: Kind,
    /// What you call it; may be empty.
    name: String,
    /// The version that it runs.
    version: String,
    /// `sha256:<hex>` of the package that it runs.
    digest: String,
    /// Whether it runs a version that you develop: no ring, no review, yours alone.
    development: bool,
    /// `ready`, `needs-configuration`, `disabled`, `suspended` or `revoked`.
    #[schema(example = "ready")]
    state: &'static str,
    /// Why the package was suspended or revoked; may be empty.
    reason: String,
    /// What it lacks.
    problems: Vec<ProblemBody>,
    /// Whether it is switched on.
    enabled: bool,
    /// The permission keys that are granted.
    grant: Vec<String>,
    /// What the plugin asks for.
    permissions: Vec<GrantedPermissionBody>,
    /// Its configuration.
    config: Map<String, Value>,
    /// JSON Schema of its configuration; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    config_schema: Option<Value>,
    /// Which pasted secrets are set, by name.
    secrets: BTreeMap<String, SecretBody>,
    /// The secrets that you have connected an account for.
    connected: Vec<String>,
    /// For moderation: what becomes of messages that it does not judge.
    #[schema(value_type = Option<String>, example = "hold")]
    on_failure: Option<OnFailure>,
    /// For moderation: its place among your filters; lower ones judge first.
    position: Option<u64>,
    /// How early it gets new versions: 1, 10 or 100 (per cent).
    ring: u64,
    /// Whether you chose the ring.
    ring_chosen: bool,
    /// Whether new versions come by themselves, where they need no consent.
    auto_upgrade: bool,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// One installation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneInstallationBody {
    pub installation: InstallationBody,
}

/// Installations, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstallationsBody {
    installations: Vec<InstallationBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// What a self-test found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SelfTestBody {
    /// Whether nothing was found.
    passed: bool,
    /// The checks in their order; the last one is the one that failed, if any did.
    checks: Vec<CheckBody>,
}

/// List installations
#[utoipa::path(
    get, path = "/api/installations", operation_id = "listInstallations", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(PageQuery),
    responses((status = 200, body = InstallationsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    page: Page,
) -> Result<Json<InstallationsBody>, ApiError> {
    let installations = state.installations.list(&access.app).await?;
    let (installations, next_cursor) = page.of(installations, |installation| installation.row.id)?;
    let installations = installations.iter().map(installation_body).collect();
    Ok(Json(InstallationsBody { installations, next_cursor }))
}

/// Install a plugin
///
/// It may do what `grant` holds and nothing else. Configuration and secrets may come later.
#[utoipa::path(
    post, path = "/api/installations", operation_id = "createInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = NewInstallationBody,
    responses(
        (status = 201, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The limit is reached (`LIMIT_REACHED`: details hold `current`, `max` and `upgrade_url`), or your partner does not let it be installed (`PLUGIN_NOT_ALLOWED`)."),
        (status = 404, body = ErrorBody, description = "There is no such plugin or version for you."),
        (status = 409, body = ErrorBody, description = "The version was suspended or revoked: `PLUGIN_NOT_RUNNABLE`."),
        (status = 422, body = ErrorBody, description = "Grant, configuration or a secret is refused; for the configuration, details hold every error with its JSON pointer: the configuration does not fit the plugin's schema (`CONFIG_INVALID`)."),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Json(body): Json<NewInstallationBody>,
) -> Result<(StatusCode, Json<OneInstallationBody>), ApiError> {
    if let Some(config) = &body.config {
        check_addresses(&state, config)?;
    }
    let digest = body.digest.as_deref().map(digest).transpose()?;
    let ask = Install {
        plugin: body.plugin,
        version: body.version,
        digest,
        grant: body.grant,
        config: body.config,
        secrets: body.secrets.unwrap_or_default(),
        name: optional_name("name", body.name.as_deref().unwrap_or_default())?,
        on_failure: body.on_failure.unwrap_or_default(),
        ring: body.ring.map(ring).transpose()?,
        is_auto_upgraded: body.auto_upgrade.unwrap_or(true),
    };
    let made = to_the_end(async move {
        let made = state.installations.install(&access.app, ask).await;
        made.map_err(|error| ApiError::from(error).with_upgrade_url(state.settings.upgrade_url.as_deref()))
    })
    .await?;
    Ok((StatusCode::CREATED, one(&made)))
}

/// Show an installation
#[utoipa::path(
    get, path = "/api/installations/{id}", operation_id = "getInstallation", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = OneInstallationBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    Ok(one(&state.installations.show(&access.app, id).await?))
}

/// Change an installation
#[utoipa::path(
    patch, path = "/api/installations/{id}", operation_id = "updateInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = InstallationChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It was changed meanwhile: `CHANGED`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
    Json(body): Json<InstallationChangeBody>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    let edit = Edit {
        name: body.name.map(|text| optional_name("name", &text)).transpose()?,
        grant: body.grant,
        on_failure: body.on_failure,
        position: body.position.map(u64::from),
        ring: body.ring.map(|percent| percent.map(ring).transpose()).transpose()?,
        is_auto_upgraded: body.auto_upgrade,
    };
    let edited = to_the_end(async move { Ok(state.installations.edit(&access.app, id, edit).await?) });
    Ok(one(&edited.await?))
}

/// Uninstall a plugin
///
/// Its secrets, memory, webhook URLs and figures are forgotten.
#[utoipa::path(
    delete, path = "/api/installations/{id}", operation_id = "deleteInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Destinations use it: `IN_USE`."),
    ),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
) -> Result<StatusCode, ApiError> {
    to_the_end(async move {
        state.installations.uninstall(&access.app, id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Configure an installation
///
/// The body is the whole new configuration.
#[utoipa::path(
    put, path = "/api/installations/{id}/config", operation_id = "configureInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = Map<String, Value>,
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It was changed meanwhile: `CHANGED`."),
        (status = 422, body = ErrorBody, description = "The configuration does not fit the plugin's schema (`CONFIG_INVALID`; details hold every error, `[{\"pointer\", \"message\"}]`, with JSON pointers, RFC 6901), or this host does not push to that address (`ADDRESS_REFUSED`)."),
    ),
)]
pub(crate) async fn configure(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
    Json(config): Json<Map<String, Value>>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    // Whether it is there comes before what is wrong with the request.
    access.app.installation(id).await?;
    check_addresses(&state, &config)?;
    let configured =
        to_the_end(async move { Ok(state.installations.configure(&access.app, id, config).await?) });
    Ok(one(&configured.await?))
}

/// Set or remove secrets
///
/// Null removes a secret; those that are not named stay. No secret is ever shown.
#[utoipa::path(
    put, path = "/api/installations/{id}/secrets", operation_id = "setInstallationSecrets", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = BTreeMap<String, Option<String>>,
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn set_secrets(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
    Json(secrets): Json<BTreeMap<String, Option<String>>>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    let changed =
        to_the_end(async move { Ok(state.installations.set_secrets(&access.app, id, secrets).await?) });
    Ok(one(&changed.await?))
}

/// Test an installation
///
/// Looks at configuration and secrets and calls the plugin without a network.
#[utoipa::path(
    post, path = "/api/installations/{id}/self-test", operation_id = "testInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = SelfTestBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The package was suspended or revoked: `PLUGIN_NOT_RUNNABLE`."),
    ),
)]
pub(crate) async fn self_test(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
) -> Result<Json<SelfTestBody>, ApiError> {
    let report = state.installations.self_test(&access.app, id).await?;
    Ok(Json(SelfTestBody { passed: report.problem().is_none(), checks: checks(&report) }))
}

/// Switch an installation on
#[utoipa::path(
    post, path = "/api/installations/{id}/enable", operation_id = "enableInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = OneInstallationBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn enable(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    set_enabled(state, access, id, true).await
}

/// Switch an installation off
///
/// It acts at once: the plugin is not called again.
#[utoipa::path(
    post, path = "/api/installations/{id}/disable", operation_id = "disableInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = OneInstallationBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn disable(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    set_enabled(state, access, id, false).await
}

async fn set_enabled(
    state: AppState,
    access: Access<may::PluginsWrite>,
    id: InstallationId,
    is_enabled: bool,
) -> Result<Json<OneInstallationBody>, ApiError> {
    let changed =
        to_the_end(async move { Ok(state.installations.set_enabled(&access.app, id, is_enabled).await?) });
    Ok(one(&changed.await?))
}

pub(crate) fn one(view: &InstallationView) -> Json<OneInstallationBody> {
    Json(OneInstallationBody { installation: full(view) })
}

/// An installation with everything.
pub(crate) fn full(view: &InstallationView) -> InstallationBody {
    let config_schema = Some(view.version.package.config_schema.schema().clone());
    InstallationBody { config_schema, ..installation_body(view) }
}

/// An installation as lists show it.
fn installation_body(view: &InstallationView) -> InstallationBody {
    let row = &view.row;
    let manifest = &view.version.package.manifest;
    let is_filter = view.kind() == Kind::Moderation;
    let permission = |permission: neustream_contract::Permission| GrantedPermissionBody {
        granted: permission.keys.iter().all(|key| view.grant.covers(key)),
        permission: permission_body(permission),
    };
    let secret = |secret: &neustream_store::SecretInfo| {
        (secret.name.clone(), SecretBody { set: true, updated_at: rfc3339(secret.updated_at) })
    };
    InstallationBody {
        id: row.id.to_string(),
        plugin: row.plugin.clone(),
        plugin_name: manifest.name.clone(),
        kind: view.kind(),
        name: row.name.clone(),
        version: row.version.clone(),
        digest: row.digest.clone(),
        development: view.version.is_development(),
        state: view.state().as_str(),
        reason: if view.version.state.may_run() { String::new() } else { view.version.reason.clone() },
        problems: view.problems().into_iter().map(problem_body).collect(),
        enabled: row.is_enabled,
        grant: view.grant.keys().map(str::to_owned).collect(),
        permissions: manifest.permissions().into_iter().map(permission).collect(),
        config: view.config.as_object().cloned().unwrap_or_default(),
        config_schema: None,
        secrets: view.secrets.iter().map(secret).collect(),
        connected: view.connected.iter().cloned().collect(),
        on_failure: is_filter.then(|| view.on_failure()),
        position: is_filter.then_some(row.position),
        ring: view.ring().percent(),
        ring_chosen: row.ring.is_some(),
        auto_upgrade: row.is_auto_upgraded,
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    }
}

fn problem_body(problem: Problem) -> ProblemBody {
    match problem {
        Problem::Config(error) => {
            ProblemBody { code: "config-invalid", place: error.pointer, message: error.message }
        }
        Problem::SecretMissing(name) => {
            ProblemBody { code: "secret-missing", message: format!("set the secret {name}"), place: name }
        }
        Problem::ConsentMissing(name) => ProblemBody {
            code: "consent-missing",
            message: format!("connect your account ({name})"),
            place: name,
        },
    }
}

pub(crate) fn digest(text: &str) -> Result<Digest, ApiError> {
    text.parse()
        .map_err(|error: neustream_contract::package::DigestMalformed| invalid("digest", &error.to_string()))
}

fn ring(percent: u64) -> Result<Ring, ApiError> {
    Ring::of_percent(percent).ok_or_else(|| invalid("ring", "must be 1, 10 or 100"))
}

fn invalid(field: &'static str, message: &str) -> ApiError {
    ApiError::Invalid { field, message: message.to_owned() }
}

/// A field that may be null: what is left out is told from null.
#[expect(clippy::option_option, reason = "null is told from what is left out")]
fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
