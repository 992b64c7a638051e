//! `/api/installations/{id}/upgrade` and `/rollback`: which version an installation runs.

use axum::extract::State;
use neustream_installations::{Replayed, RollbackRequest, UpgradePlan, UpgradeRequest};
use neustream_model::InstallationId;
use neustream_store::FormerPackage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::catalogue::{PermissionBody, permission_body};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::installations::{OneInstallationBody, digest, one};
use crate::moment::rfc3339;
use crate::state::AppState;

/// A package.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackageBody {
    /// Its version.
    #[schema(example = "1.4.0")]
    version: String,
    /// `sha256:<hex>`.
    digest: String,
}

/// A place of a configuration that is wrong.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConfigErrorBody {
    /// JSON pointer (RFC 6901); empty for the whole.
    #[schema(example = "/channel")]
    pub pointer: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// How the state schema changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct StateSchemaBody {
    /// The schema of the state that is kept now.
    from: u32,
    /// The schema that the version writes.
    to: u32,
}

/// How the new version did with what happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayBody {
    /// `nothing-recorded`, `passed` or `failed`.
    #[schema(example = "passed")]
    outcome: &'static str,
    /// How many events it was given.
    events: u64,
    /// Why it failed.
    message: Option<String>,
}

/// What an upgrade would change.
#[derive(Serialize, ToSchema)]
pub(crate) struct UpgradeBody {
    /// What the installation runs.
    from: PackageBody,
    /// What it would run.
    to: PackageBody,
    /// What the version brings; may be empty.
    changelog: String,
    /// Whether it needs no consent of yours.
    automatic: bool,
    /// What it asks for that you neither granted nor declined before: answer with `grant`.
    permissions: Vec<PermissionBody>,
    /// What is wrong with the configuration by the new schema.
    config_errors: Vec<ConfigErrorBody>,
    /// Secrets that it cannot do without and the former version could.
    missing_secrets: Vec<String>,
    /// How what it remembers changes: there is no automatic way back then.
    state_schema: Option<StateSchemaBody>,
    /// How it did with what happened before.
    replay: ReplayBody,
}

/// The upgrade that waits, if one does.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneUpgradeBody {
    upgrade: Option<UpgradeBody>,
}

/// Which version.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UpgradeQuery {
    /// Semantic version; the newest that you may install when left out.
    version: Option<String>,
}

/// An upgrade to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct UpgradeRequestBody {
    /// The version; the newest that you may install when left out.
    version: Option<String>,
    /// In place of `version`: `sha256:<hex>` of the package.
    digest: Option<String>,
    /// Your consent: the keys of the plan's permissions that you grant. What you leave out is declined.
    grant: Option<Vec<String>>,
    /// Whether to go on although configuration or secrets do not fit or the replay failed. It is no consent to
    /// permissions.
    force: Option<bool>,
}

/// A rollback to be made.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct RollbackRequestBody {
    /// `sha256:<hex>` of a former package; the latest when left out.
    digest: Option<String>,
    /// Whether to go back across a change of the state schema.
    force: Option<bool>,
}

/// A package that the installation can go back to.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormerPackageBody {
    /// Its version.
    version: String,
    /// `sha256:<hex>`.
    digest: String,
    /// Its state schema.
    state_schema: u64,
    /// When it was replaced (RFC 3339).
    #[schema(format = DateTime)]
    replaced_at: String,
    /// What replaced it: `ring`, `watch` or a user's id.
    replaced_by: String,
}

/// The packages to go back to, the latest first: at most two.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormerPackagesBody {
    former: Vec<FormerPackageBody>,
}

/// Show what an upgrade would change
#[utoipa::path(
    get, path = "/api/installations/{id}/upgrade", operation_id = "planUpgrade", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation."), UpgradeQuery),
    responses((status = 200, body = OneUpgradeBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn plan(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
    QueryString(query): QueryString<UpgradeQuery>,
) -> Result<Json<OneUpgradeBody>, ApiError> {
    let plan = state.installations.upgrade_plan(&access.app, id, query.version.as_deref()).await?;
    Ok(Json(OneUpgradeBody { upgrade: plan.as_ref().map(upgrade_body) }))
}

/// Upgrade an installation
///
/// It holds from the plugin's next call on. The former package is kept with configuration and grant.
#[utoipa::path(
    post, path = "/api/installations/{id}/upgrade", operation_id = "upgradeInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = Option<UpgradeRequestBody>,
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Nothing newer (`NOTHING_NEWER`), it needs your consent (`CONSENT_NEEDED`: details hold the plan), it cannot be used (`PLUGIN_NOT_USABLE`, `PLUGIN_NOT_RUNNABLE`), or it was changed meanwhile (`CHANGED`)."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn upgrade(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
    body: Option<Json<UpgradeRequestBody>>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    let Json(body) = body.unwrap_or(Json(UpgradeRequestBody::default()));
    let ask = UpgradeRequest {
        version: body.version,
        digest: body.digest.as_deref().map(digest).transpose()?,
        grant: body.grant,
        force: body.force.unwrap_or(false),
        by: access.user.to_string(),
    };
    let upgraded = to_the_end(async move { Ok(state.installations.upgrade(&access.app, id, ask).await?) });
    Ok(one(&upgraded.await?))
}

/// List the packages to go back to
#[utoipa::path(
    get, path = "/api/installations/{id}/rollback", operation_id = "listFormerPackages", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = FormerPackagesBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn former(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
) -> Result<Json<FormerPackagesBody>, ApiError> {
    access.app.installation(id).await?;
    let former = state.installations.former_packages(&access.app, id).await?;
    Ok(Json(FormerPackagesBody { former: former.into_iter().map(former_body).collect() }))
}

/// Go back to a former package
///
/// With it comes the configuration of that time. What you have withdrawn from the grant since stays withdrawn.
#[utoipa::path(
    post, path = "/api/installations/{id}/rollback", operation_id = "rollBackInstallation", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    request_body = Option<RollbackRequestBody>,
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses(
        (status = 200, body = OneInstallationBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "There is no such package (`NOTHING_FORMER`), it was suspended or revoked (`PLUGIN_NOT_RUNNABLE`, `PLUGIN_NOT_USABLE`), the state schema changed since (`STATE_SCHEMA`), or it was changed meanwhile (`CHANGED`)."),
    ),
)]
pub(crate) async fn roll_back(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path(id): Path<InstallationId>,
    body: Option<Json<RollbackRequestBody>>,
) -> Result<Json<OneInstallationBody>, ApiError> {
    let Json(body) = body.unwrap_or(Json(RollbackRequestBody::default()));
    let ask = RollbackRequest {
        digest: body.digest,
        force: body.force.unwrap_or(false),
        by: access.user.to_string(),
    };
    let back = to_the_end(async move { Ok(state.installations.roll_back(&access.app, id, ask).await?) });
    Ok(one(&back.await?))
}

/// A plan as the API shows it.
pub(crate) fn upgrade_body(plan: &UpgradePlan) -> UpgradeBody {
    let package = |package: &neustream_installations::Package| PackageBody {
        version: package.version.clone(),
        digest: package.digest.to_string(),
    };
    let (outcome, events, message) = match &plan.replay {
        Replayed::NothingRecorded => ("nothing-recorded", 0, None),
        Replayed::Passed { events } => ("passed", *events, None),
        Replayed::Failed(reason) => ("failed", 0, Some(reason.message.clone())),
    };
    UpgradeBody {
        from: package(&plan.from),
        to: package(&plan.to),
        changelog: plan.changelog.clone(),
        automatic: plan.is_automatic(),
        permissions: plan.permissions.iter().cloned().map(permission_body).collect(),
        config_errors: plan.config_errors.iter().map(config_error_body).collect(),
        missing_secrets: plan.missing_secrets.clone(),
        state_schema: plan.state_schema.map(|(from, to)| StateSchemaBody { from, to }),
        replay: ReplayBody { outcome, events, message },
    }
}

pub(crate) fn config_error_body(error: &neustream_contract::ConfigInvalid) -> ConfigErrorBody {
    ConfigErrorBody { pointer: error.pointer.clone(), message: error.message.clone() }
}

fn former_body(former: FormerPackage) -> FormerPackageBody {
    FormerPackageBody {
        version: former.version,
        digest: former.digest,
        state_schema: former.state_schema,
        replaced_at: rfc3339(former.replaced_at),
        replaced_by: former.replaced_by,
    }
}
