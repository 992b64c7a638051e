//! `/api/plugins/{namespace}/{name}/development`: what a tenant tries out before it publishes.

use std::time::Instant;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use bytes::Bytes;
use neustream_catalogue::{Trial, Version};
use neustream_installations::{Needs, Sideloaded};
use neustream_model::InstallationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::catalogue::{
    PermissionBody, PluginBody, PluginSecretBody, VersionBody, check_is_wasm, permission_body, plugin_body,
    secret_body, version_body,
};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::installations::{InstallationBody, full};
use crate::installations_upgrade::{ConfigErrorBody, config_error_body};
use crate::next_step::{NextBody, next_step};
use crate::state::AppState;

/// What a version needs of its tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct NeedsBody {
    /// Permissions that were neither granted nor declined. Only these keep an installation from running the version:
    /// consent by upgrading to its digest, or by installing it.
    permissions: Vec<PermissionBody>,
    /// What is wrong with the configuration by the version's schema.
    config_errors: Vec<ConfigErrorBody>,
    /// Secrets that it cannot do without and that are not set, or not connected.
    secrets: Vec<PluginSecretBody>,
}

/// A development version and what became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DevelopmentBody {
    plugin: PluginBody,
    /// Its digest is that of your file with your tenant's mark in it; `scan` is the report.
    version: VersionBody,
    /// Your installation of the plugin as it is now; null where there is none.
    installation: Option<InstallationBody>,
    /// Whether the installation runs the version.
    switched: bool,
    /// What is missing before it runs, or works.
    needs: NeedsBody,
    next: NextBody,
}

/// Which installation shall run it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DevelopmentQuery {
    /// The installation; when left out the one that runs a development version of the plugin already, or else the
    /// oldest of the plugin.
    #[param(value_type = Option<String>, format = Uuid)]
    installation: Option<InstallationId>,
}

/// Try out a plugin that you develop
///
/// The body is the package, signed or not. It is looked over like an upload, belongs to your tenant alone, and may come
/// again and again under one version number; the last three are kept. Your installation of the plugin runs it from
/// the next call on where its grant covers it; what else it needs is answered.
#[utoipa::path(
    put, path = "/api/plugins/{namespace}/{name}/development", operation_id = "tryOutPlugin", tag = "plugins", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    params(
        ("namespace" = String, Path, description = "The first part of its id: yours, or nobody's.", example = "acme"),
        ("name" = String, Path, description = "The second part of its id.", example = "odysee"),
        DevelopmentQuery,
    ),
    request_body(content = Vec<u8>, content_type = "application/wasm", description = "The package, at most 20 MiB."),
    responses(
        (status = 200, body = DevelopmentBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "The operator has switched it off (`DEVELOPMENT_OFF`), the namespace is another publisher's (`NAMESPACE_FOREIGN`) or the platform's (`NAMESPACE_RESERVED`), or a limit is reached (`LIMIT_REACHED`)."),
        (status = 404, body = ErrorBody, description = "You have no such installation."),
        (status = 409, body = ErrorBody, description = "This very package was suspended or revoked (`PLUGIN_NOT_RUNNABLE`), or the installation was changed meanwhile (`CHANGED`)."),
        (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "It is no package, is of another plugin, or the scan refused it; `details` tells what and where: the package cannot be read (`PACKAGE_INVALID`), or it is another plugin's (`PLUGIN_OTHER`), or the scan found something (`SCAN_REFUSED`)."),
        (status = 429, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "You upload another one, or too many are being looked over."),
    ),
)]
pub(crate) async fn try_out(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Path((namespace, name)): Path<(String, String)>,
    QueryString(query): QueryString<DevelopmentQuery>,
    request: Request,
) -> Result<Json<DevelopmentBody>, ApiError> {
    check_is_wasm(&request)?;
    let (tenant, actor) = (access.store.tenant(), access.user);
    // Whether it is there comes before what is wrong with the request.
    if let Some(id) = query.installation {
        access.app.installation(id).await?;
    }
    let taken = state.trials.take(tenant, Instant::now());
    taken.map_err(|exhausted| ApiError::TooMany { retry_after: exhausted.retry_after })?;
    // Before the body is read.
    let seat = state.uploads.sit(actor).ok_or(ApiError::Unavailable)?;
    let package = Bytes::from_request(request, &state).await?;
    let catalogue = state.catalogue.clone();
    let (version, sideloaded) = to_the_end(async move {
        let plugin = format!("{namespace}/{name}");
        let version = state.catalogue.try_out(Trial { tenant, actor, plugin, package }).await;
        drop(seat);
        let version = version?;
        let by = actor.to_string();
        let sideloaded = state.installations.sideload(&access.app, query.installation, &version, &by).await?;
        Ok((version, sideloaded))
    })
    .await?;
    let Sideloaded { installation, is_running, needs } = sideloaded;
    Ok(Json(DevelopmentBody {
        plugin: plugin_body(&version, &catalogue.ceilings(tenant).await?),
        needs: needs_body(&version, needs),
        next: next_step(&version),
        installation: installation.as_ref().map(full),
        switched: is_running,
        version: version_body(&version, true),
    }))
}

/// Forget what you tried out
///
/// All development versions of the plugin go.
#[utoipa::path(
    delete, path = "/api/plugins/{namespace}/{name}/development", operation_id = "forgetTrials", tag = "plugins", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    params(
        ("namespace" = String, Path, description = "The first part of its id.", example = "acme"),
        ("name" = String, Path, description = "The second part of its id.", example = "odysee"),
    ),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "You have no development version of it."),
        (status = 409, body = ErrorBody, description = "An installation runs one: roll it back, upgrade it or remove it first (`IN_USE`)."),
    ),
)]
pub(crate) async fn forget(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Path((namespace, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    state.catalogue.forget_trials(access.store.tenant(), &format!("{namespace}/{name}")).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn needs_body(version: &Version, needs: Needs) -> NeedsBody {
    let secrets = version.info().secrets.into_iter().map(secret_body);
    NeedsBody {
        permissions: needs.permissions.into_iter().map(permission_body).collect(),
        config_errors: needs.config_errors.iter().map(config_error_body).collect(),
        secrets: secrets.filter(|secret| needs.secrets.contains(&secret.name)).collect(),
    }
}
