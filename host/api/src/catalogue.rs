//! `/api/plugins`: what a tenant may install, and what it publishes.

use std::time::Duration;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use neustream_catalogue::{Difference, Publication, Search, Version, VersionState, Visibility};
use neustream_contract::{Ceilings, Check, Kind, PlanCeilings, ScanReport, SecretInfo};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::moment::rfc3339;
use crate::next_step::{NextBody, next_step};
use crate::platform;
use crate::state::AppState;

/// Plugins of a page that does not say how many it wants.
const PAGE: u32 = 100;
/// The content type of a package (RFC 9110 §8.3; registered by the WebAssembly working group).
const WASM: &str = "application/wasm";

/// One line of the permission sheet.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionBody {
    /// What a grant of this line holds.
    #[schema(example = json!(["http:https://api.example.com"]))]
    keys: Vec<String>,
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
    pub name: String,
    /// Its name for people.
    label: String,
    /// `string` and `hmac` are pasted, `oauth2` comes by consent.
    #[schema(value_type = String, example = "string")]
    kind: neustream_contract::manifest::SecretKind,
    /// Whether the plugin is useless without it.
    required: bool,
}

/// What one call of a plugin may use; a call that wants more is stopped.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallLimitsBody {
    /// Memory of an instance.
    #[schema(example = 16_777_216)]
    memory_bytes: u64,
    /// Computing time. Filters are held to a number of instructions made from it.
    #[schema(example = 10)]
    cpu_ms: u64,
    /// Time in all.
    #[schema(example = 50)]
    wall_ms: u64,
}

/// A plugin, as one of its versions describes it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginBody {
    /// `namespace/name`.
    #[schema(example = "neustream/twitch")]
    id: String,
    /// The short word in place of the id, where there is one.
    platform: Option<String>,
    /// Semantic version.
    version: String,
    /// What it is for: `destination`, `chat`, `moderation` or `payment`.
    #[schema(value_type = String, example = "destination")]
    kind: Kind,
    /// Its name.
    name: String,
    /// What it does; may be empty.
    description: String,
    /// Who publishes it.
    publisher: String,
    /// SPDX expression.
    license: String,
    /// What this version brings; may be empty.
    changelog: String,
    /// What it may do.
    permissions: Vec<PermissionBody>,
    /// What it gets to see, as words of an open vocabulary such as `chat-messages`. What of it leaves the platform is
    /// one of the permissions.
    #[schema(example = json!(["chat-messages", "chat-authors"]))]
    reads: Vec<String>,
    /// What one call may use on your plan.
    limits: CallLimitsBody,
    /// The secrets that it asks for.
    pub secrets: Vec<PluginSecretBody>,
    /// JSON Schema of its configuration.
    config_schema: Value,
    /// The version of what it remembers; across a change there is no automatic way back.
    state_schema: u32,
    /// `free`, `per-tenant-month` or `usage(<metric>)`.
    pricing: String,
    /// `sha256:<hex>` of the package.
    digest: String,
    /// How far the version is trusted.
    #[schema(example = "verified")]
    state: &'static str,
    /// Who sees the version: `public`, `private`, `partner`, or `development` (its tenant, which tries it out).
    #[schema(example = "public")]
    visibility: &'static str,
}

/// A plugin in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedPluginBody {
    #[serde(flatten)]
    plugin: PluginBody,
    /// Tenants that have it installed.
    installs: u64,
}

/// Plugins, by id.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginsBody {
    plugins: Vec<ListedPluginBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// What a version changes against the one before it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DifferenceBody {
    /// The version before; null for the first.
    before: Option<String>,
    /// Places of the configuration where what fitted before may not fit any more.
    config_breaks: Vec<String>,
    /// The state schema of the version before, where it is another one.
    state_schema_before: Option<u32>,
    /// What it asks for beyond the version before.
    more_permissions: Vec<PermissionBody>,
}

/// One thing that was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckBody {
    /// `structure`, `size`, `imports`, `compile`, `self-test`, ...
    name: String,
    /// What is wrong, as a word for programs; null where nothing is.
    code: Option<String>,
    /// What is wrong, or what was measured, in a sentence; may be empty.
    message: String,
    /// How long it took.
    took_ms: u64,
}

/// A version of a plugin.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Semantic version.
    #[schema(example = "1.4.0")]
    version: String,
    /// `sha256:<hex>` of the package.
    digest: String,
    /// `draft`, `development`, `scanned`, `reviewed`, `verified`, `suspended` or `revoked`.
    #[schema(example = "verified")]
    state: &'static str,
    /// Why it is in this state; may be empty.
    reason: String,
    /// `public`, `private`, `partner` or `development`.
    visibility: &'static str,
    /// What it brings; may be empty.
    changelog: String,
    /// What it changes against the version before.
    difference: DifferenceBody,
    /// Whose key signed it; null for what came with the host.
    signed_by: Option<String>,
    /// Bytes of the package.
    size_bytes: u64,
    /// When it was brought (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When a review was first concluded (RFC 3339).
    #[schema(format = DateTime)]
    verified_at: Option<String>,
    /// What the scan found; only for its publisher and the platform.
    scan: Option<Vec<CheckBody>>,
}

/// How a plugin does over all tenants.
#[derive(Serialize, ToSchema)]
pub(crate) struct FiguresBody {
    /// Tenants that have it installed.
    installs: u64,
    /// Calls of the last 30 days.
    calls_30d: u64,
    /// Traps, time-outs and limits of the last 30 days.
    faults_30d: u64,
}

/// One plugin with its versions.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginDetailBody {
    /// The version that an installation gets that names none.
    plugin: PluginBody,
    /// The versions to choose from, the best first; for its publisher also those that cannot be installed.
    versions: Vec<VersionBody>,
    figures: FiguresBody,
}

/// One version of a plugin.
#[derive(Serialize, ToSchema)]
pub(crate) struct PluginVersionBody {
    plugin: PluginBody,
    version: VersionBody,
    /// What it waits for and who acts; only for its publisher.
    next: Option<NextBody>,
}

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PluginQuery {
    /// A text in id, name, description or publisher.
    q: Option<String>,
    /// `destination`, `chat`, `moderation` or `payment`.
    kind: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, at most 100.
    limit: Option<u32>,
}

/// Who shall see an upload.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// `private` (you; when left out), `public` (everyone, once it is verified) or `partner` (your tenants, once it is
    /// verified).
    visibility: Option<String>,
}

/// List the plugins that you may install
#[utoipa::path(
    get, path = "/api/plugins", operation_id = "listPlugins", tag = "plugins", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(PluginQuery),
    responses((status = 200, body = PluginsBody), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    QueryString(query): QueryString<PluginQuery>,
) -> Result<Json<PluginsBody>, ApiError> {
    let search = Search {
        text: query.q,
        kind: query.kind.as_deref().map(kind).transpose()?,
        after: query.cursor,
        limit: query.limit.unwrap_or(PAGE),
    };
    let page = state.catalogue.list(access.store.tenant(), &search).await?;
    let plan = state.catalogue.ceilings(access.store.tenant()).await?;
    let plugins = page.plugins.iter().map(|listed| ListedPluginBody {
        plugin: plugin_body(&listed.version, &plan),
        installs: listed.installs,
    });
    Ok(Json(PluginsBody { plugins: plugins.collect(), next_cursor: page.next }))
}

/// Show a plugin with its versions
#[utoipa::path(
    get, path = "/api/plugins/{namespace}/{name}", operation_id = "getPlugin", tag = "plugins", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(
        ("namespace" = String, Path, description = "The first part of its id.", example = "neustream"),
        ("name" = String, Path, description = "The second part of its id.", example = "twitch"),
    ),
    responses((status = 200, body = PluginDetailBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path((namespace, name)): Path<(String, String)>,
) -> Result<Json<PluginDetailBody>, ApiError> {
    let tenant = access.store.tenant();
    let detail = state.catalogue.detail(tenant, &format!("{namespace}/{name}")).await?;
    let version = |version: &Version| version_body(version, version.owner == Some(tenant));
    Ok(Json(PluginDetailBody {
        plugin: plugin_body(&detail.version, &state.catalogue.ceilings(tenant).await?),
        versions: detail.versions.iter().map(version).collect(),
        figures: FiguresBody {
            installs: detail.figures.installs,
            calls_30d: detail.figures.calls,
            faults_30d: detail.figures.faults,
        },
    }))
}

/// Show a version of a plugin
#[utoipa::path(
    get, path = "/api/plugins/{namespace}/{name}/versions/{version}", operation_id = "getPluginVersion", tag = "plugins", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(
        ("namespace" = String, Path, description = "The first part of its id.", example = "neustream"),
        ("name" = String, Path, description = "The second part of its id.", example = "twitch"),
        ("version" = String, Path, description = "Semantic version.", example = "1.4.0"),
    ),
    responses((status = 200, body = PluginVersionBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show_version(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path((namespace, name, number)): Path<(String, String, String)>,
) -> Result<Json<PluginVersionBody>, ApiError> {
    let tenant = access.store.tenant();
    let detail = state.catalogue.detail(tenant, &format!("{namespace}/{name}")).await?;
    let found = detail.versions.iter().find(|version| version.number() == number);
    let version = found.ok_or(ApiError::NotFound("this plugin has no version of that name here"))?;
    let is_own = version.owner == Some(tenant);
    Ok(Json(PluginVersionBody {
        plugin: plugin_body(version, &state.catalogue.ceilings(tenant).await?),
        version: version_body(version, is_own),
        next: is_own.then(|| next_step(version)),
    }))
}

/// Publish a version of a plugin
///
/// The body is the package: a WebAssembly component with its manifest, signed with a current key of your namespace. It
/// is looked over before this answers.
#[utoipa::path(
    post, path = "/api/plugins", operation_id = "publishPlugin", tag = "plugins", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/wasm", description = "The signed package, at most 20 MiB."),
    responses(
        (status = 201, body = PluginVersionBody, description = "It is scanned: you may install it. `next` tells what it waits for."),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The namespace is not yours (`NAMESPACE_FOREIGN`) or the platform's (`NAMESPACE_RESERVED`), a limit is reached (`LIMIT_REACHED`), or you are no partner (`NOT_PARTNER`)."),
        (status = 409, body = ErrorBody, description = "The version is not above the others of the plugin (`VERSION_NOT_HIGHER`), or is there with another visibility (`VISIBILITY_FIXED`)."),
        (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "It is no package, is not signed by you, or the scan refused it; `details` tells what and where: it is signed with another key (`KEY_UNKNOWN`), or the package cannot be read (`PACKAGE_INVALID`), or it is not signed (`PACKAGE_UNSIGNED`), or the scan found something (`SCAN_REFUSED`), or a field is not valid (`VALIDATION_FAILED`)."),
        (status = 503, body = ErrorBody, description = "You upload another one, or too many are being looked over."),
    ),
)]
pub(crate) async fn publish(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    QueryString(query): QueryString<UploadQuery>,
    request: Request,
) -> Result<(StatusCode, Json<PluginVersionBody>), ApiError> {
    check_is_wasm(&request)?;
    let visibility = visibility(query.visibility.as_deref())?;
    // Before the body is read.
    let seat = state.uploads.sit(access.user).ok_or(ApiError::Unavailable)?;
    let package = Bytes::from_request(request, &state).await?;
    let (tenant, actor) = (access.store.tenant(), access.user);
    let catalogue = state.catalogue.clone();
    let version = to_the_end(async move {
        let version = state.catalogue.publish(Publication { tenant, actor, visibility, package }).await;
        drop(seat);
        Ok(version?)
    })
    .await?;
    if version.state == VersionState::Draft {
        return Err(ApiError::ScanRefused {
            digest: version.digest().to_string(),
            checks: serde_json::to_value(checks(&version.scan)).unwrap_or_default(),
        });
    }
    let body = PluginVersionBody {
        plugin: plugin_body(&version, &catalogue.ceilings(tenant).await?),
        next: Some(next_step(&version)),
        version: version_body(&version, true),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Whether the body is said to be a package.
pub(crate) fn check_is_wasm(request: &Request) -> Result<(), ApiError> {
    let is_wasm = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == WASM.as_bytes());
    if is_wasm { Ok(()) } else { Err(ApiError::UnsupportedMediaType(WASM)) }
}

/// Who shall see an upload; what is developed is not published.
fn visibility(word: Option<&str>) -> Result<Visibility, ApiError> {
    let known = [Visibility::Private, Visibility::Public, Visibility::Partner];
    let found = match word {
        None => Some(Visibility::Private),
        Some(word) => known.into_iter().find(|visibility| visibility.as_str() == word),
    };
    let message = "must be one of private, public, partner";
    found.ok_or_else(|| ApiError::Invalid { field: "visibility", message: message.to_owned() })
}

/// The kind that a word of a query means.
pub(crate) fn kind(word: &str) -> Result<Kind, ApiError> {
    let known = [Kind::Destination, Kind::Chat, Kind::Moderation, Kind::Payment];
    known.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| ApiError::Invalid {
        field: "kind",
        message: "must be one of destination, chat, moderation, payment".to_owned(),
    })
}

/// A plugin for a tenant with this plan.
pub(crate) fn plugin_body(version: &Version, plan: &PlanCeilings) -> PluginBody {
    let info = version.info();
    let manifest = &version.package.manifest;
    let word = platform::word_of(&info.id);
    PluginBody {
        platform: (word != info.id).then(|| word.to_owned()),
        id: info.id,
        version: info.version,
        kind: info.kind,
        name: info.name,
        description: info.description,
        publisher: info.publisher,
        license: manifest.license.clone(),
        changelog: info.changelog,
        permissions: info.permissions.into_iter().map(permission_body).collect(),
        reads: manifest.data.reads.clone(),
        limits: call_limits_body(Ceilings::of(&version.package, plan)),
        secrets: info.secrets.into_iter().map(secret_body).collect(),
        config_schema: info.config_schema,
        state_schema: info.state_schema,
        pricing: manifest.pricing.model.clone(),
        digest: info.digest,
        state: version.state.as_str(),
        visibility: version.visibility.as_str(),
    }
}

pub(crate) fn secret_body(secret: SecretInfo) -> PluginSecretBody {
    PluginSecretBody { name: secret.name, label: secret.label, kind: secret.kind, required: secret.required }
}

fn call_limits_body(ceilings: Ceilings) -> CallLimitsBody {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    CallLimitsBody {
        memory_bytes: ceilings.memory_bytes as u64,
        cpu_ms: millis(ceilings.cpu),
        wall_ms: millis(ceilings.wall),
    }
}

pub(crate) fn version_body(version: &Version, with_scan: bool) -> VersionBody {
    VersionBody {
        version: version.number().to_owned(),
        digest: version.digest().to_string(),
        state: version.state.as_str(),
        reason: version.reason.clone(),
        visibility: version.visibility.as_str(),
        changelog: version.package.manifest.changelog.clone(),
        difference: difference_body(&version.difference),
        signed_by: version.signed_by.clone(),
        size_bytes: version.size_bytes,
        created_at: rfc3339(version.created_at),
        verified_at: version.verified_at.map(rfc3339),
        scan: with_scan.then(|| checks(&version.scan)),
    }
}

pub(crate) fn permission_body(permission: neustream_contract::Permission) -> PermissionBody {
    PermissionBody {
        keys: permission.keys,
        capability: permission.capability,
        summary: permission.summary,
        reason: permission.reason,
    }
}

fn difference_body(difference: &Difference) -> DifferenceBody {
    DifferenceBody {
        before: difference.before.clone(),
        config_breaks: difference.config_breaks.clone(),
        state_schema_before: difference.state_schema_before,
        more_permissions: difference.more_permissions.iter().cloned().map(permission_body).collect(),
    }
}

/// A report as it is shown.
pub(crate) fn checks(report: &ScanReport) -> Vec<CheckBody> {
    let check = |check: &Check| CheckBody {
        name: check.name.clone(),
        code: check.problem.as_ref().map(|problem| problem.code.clone()),
        message: check.problem.as_ref().map_or(&check.note, |problem| &problem.message).clone(),
        took_ms: u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX),
    };
    report.checks.iter().map(check).collect()
}
