//! `/api/admin/rollouts`: how far new versions went out by themselves, and letting those go on that were halted.

use axum::extract::State;
use neustream_store::RolloutRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Administrator;
use crate::installations::digest;
use crate::moment::rfc3339;
use crate::state::AppState;

/// How far a version has gone out to installations that are upgraded automatically.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolloutBody {
    /// `sha256:<hex>` of the package.
    digest: String,
    /// `namespace/name`.
    plugin: String,
    /// The ring that it has reached: 1, 10 or 100 (per cent).
    #[schema(example = 10)]
    ring: u64,
    /// Since when (RFC 3339).
    #[schema(format = DateTime)]
    since: String,
    /// Automatic upgrades to it since it began, or was last let go on.
    upgraded: u64,
    /// Automatic rollbacks from it in the same time.
    rolled_back: u64,
    /// Why it goes no further; null while it does.
    halted: Option<String>,
}

/// Show how far a version has gone out
#[utoipa::path(
    get, path = "/api/admin/rollouts/{digest}", operation_id = "getRollout", tag = "administration", security(("bearer" = ["administrator"])),
    params(("digest" = String, Path, description = "`sha256:<hex>` of the package.")),
    responses(
        (status = 200, body = RolloutBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 404, body = ErrorBody, description = "It has not begun to go out."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    _admin: Administrator,
    Path(text): Path<String>,
) -> Result<Json<RolloutBody>, ApiError> {
    rollout_body(state.installations.rollout(&digest(&text)?).await?)
}

/// Let a halted version go on
///
/// It goes on in the ring where it stopped, with a new soak time and fresh counts. Installations that were rolled back
/// from it stay where they are. What is not halted stays as it is.
#[utoipa::path(
    post, path = "/api/admin/rollouts/{digest}/resume", operation_id = "resumeRollout", tag = "administration", security(("bearer" = ["administrator"])),
    params(("digest" = String, Path, description = "`sha256:<hex>` of the package.")),
    responses(
        (status = 200, body = RolloutBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 404, body = ErrorBody, description = "It has not begun to go out."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    Administrator(admin): Administrator,
    Path(text): Path<String>,
) -> Result<Json<RolloutBody>, ApiError> {
    let resumed = state.installations.resume_rollout(&digest(&text)?).await?;
    tracing::info!(by = %admin.user, digest = text, "an administrator let a version go on");
    rollout_body(resumed)
}

fn rollout_body(rollout: Option<RolloutRow>) -> Result<Json<RolloutBody>, ApiError> {
    let rollout = rollout.ok_or(ApiError::NotFound("this version has not begun to go out"))?;
    Ok(Json(RolloutBody {
        digest: rollout.digest,
        plugin: rollout.plugin,
        ring: rollout.ring,
        since: rfc3339(rollout.since),
        upgraded: rollout.upgraded,
        rolled_back: rollout.rolled_back,
        halted: rollout.halted,
    }))
}
