//! `/api/admin`: what the platform decides about versions, plans and tenants. For administrators only.

use axum::extract::State;
use neustream_catalogue::{Decision, Transition, Version, VersionState, WordUnknown};
use neustream_contract::{Digest, PlanCeilings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::{PluginBody, VersionBody, plugin_body, version_body};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::identity::Administrator;
use crate::moment::rfc3339;
use crate::plans::plan_word;
use crate::state::AppState;

const PAGE: u32 = 50;
const MAX_PAGE: u32 = 100;

/// A version under review.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewedVersionBody {
    plugin: PluginBody,
    version: VersionBody,
    /// The tenant that published it; null for what came with the host.
    #[schema(format = Uuid)]
    owner_id: Option<String>,
}

/// Versions in a state.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewQueueBody {
    versions: Vec<ReviewedVersionBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// A change of a version's state.
#[derive(Serialize, ToSchema)]
pub(crate) struct TransitionBody {
    /// The state before; null for the first.
    from: Option<&'static str>,
    /// The state after. A draft that stays one was refused by the scan.
    to: &'static str,
    /// Why; may be empty.
    reason: String,
    /// The user who decided; null for the host.
    #[schema(format = Uuid)]
    actor_id: Option<String>,
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
}

/// A version with its history.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewBody {
    #[serde(flatten)]
    version: ReviewedVersionBody,
    /// What happened to it, oldest first.
    history: Vec<TransitionBody>,
}

/// A decision.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DecisionBody {
    /// Why; needed to suspend, reinstate and revoke. Shown to whoever has the plugin installed.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Which versions.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewQuery {
    /// `draft`, `development`, `scanned` (what waits for a review; when left out), `reviewed`, `verified`, `suspended` or `revoked`.
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, at most 100.
    limit: Option<u32>,
}

/// Factors of the ceilings of a plan's tenants. What is left out has its default.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CeilingsBody {
    /// CPU time of a call, in per cent of its kind's.
    #[schema(minimum = 10, maximum = 400, example = 100)]
    cpu_percent: u32,
    /// Wall-clock time of a call, in per cent of its kind's.
    #[schema(minimum = 10, maximum = 400, example = 100)]
    wall_percent: u32,
    /// Memory of an instance, in per cent of its kind's.
    #[schema(minimum = 10, maximum = 400, example = 100)]
    memory_percent: u32,
    /// Calls of a tenant at the same time.
    #[schema(minimum = 1, maximum = 64, example = 4)]
    calls: u32,
    /// Installations of a tenant.
    #[schema(minimum = 1, maximum = 1000, example = 50)]
    installations: u32,
}

/// A plan's ceilings.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanCeilingsBody {
    /// The plan.
    #[schema(example = "free")]
    plan: String,
    ceilings: CeilingsBody,
}

/// List versions by state
#[utoipa::path(
    get, path = "/api/admin/plugins", operation_id = "listReviewQueue", tag = "administration", security(("bearer" = ["administrator"])),
    params(ReviewQuery),
    responses(
        (status = 200, body = ReviewQueueBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn queue(
    State(state): State<AppState>,
    _admin: Administrator,
    QueryString(query): QueryString<ReviewQuery>,
) -> Result<Json<ReviewQueueBody>, ApiError> {
    let wanted = match query.state.as_deref() {
        None => VersionState::Scanned,
        Some(word) => word
            .parse()
            .map_err(|error: WordUnknown| ApiError::Invalid { field: "state", message: error.to_string() })?,
    };
    let after = query.cursor.as_deref().map(digest).transpose()?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE);
    let mut versions = state.catalogue.in_state(wanted, after.as_ref(), limit + 1).await?;
    let has_more = versions.len() > limit as usize;
    versions.truncate(limit as usize);
    let next = versions.last().map(|version| version.digest().to_string()).filter(|_| has_more);
    Ok(Json(ReviewQueueBody { versions: versions.iter().map(reviewed_body).collect(), next_cursor: next }))
}

/// Show a version and its history
#[utoipa::path(
    get, path = "/api/admin/plugins/{digest}", operation_id = "getReview", tag = "administration", security(("bearer" = ["administrator"])),
    params(("digest" = String, Path, description = "`sha256:<hex>` of the package.")),
    responses(
        (status = 200, body = ReviewBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    _admin: Administrator,
    Path(text): Path<String>,
) -> Result<Json<ReviewBody>, ApiError> {
    let digest = digest(&text)?;
    let version = state.catalogue.version(&digest).await?;
    review_body(&state, &version).await
}

/// Decide about a version
///
/// A suspended or revoked version stops on every host within 5 seconds.
#[utoipa::path(
    post, path = "/api/admin/plugins/{digest}/{decision}", operation_id = "decideVersion", tag = "administration", security(("bearer" = ["administrator"])),
    params(
        ("digest" = String, Path, description = "`sha256:<hex>` of the package."),
        ("decision" = String, Path, description = "`review`, `verify`, `suspend`, `reinstate` or `revoke`.", example = "suspend"),
    ),
    request_body = DecisionBody,
    responses(
        (status = 200, body = ReviewBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The version's state does not allow it (`DECISION_ILLEGAL`), or another reviewer decided meanwhile (`STATE_CHANGED`)."),
        (status = 422, body = ErrorBody, description = "A reason is needed."),
    ),
)]
pub(crate) async fn decide(
    State(state): State<AppState>,
    Administrator(admin): Administrator,
    Path((text, decision)): Path<(String, String)>,
    Json(body): Json<DecisionBody>,
) -> Result<Json<ReviewBody>, ApiError> {
    let all = [Decision::Review, Decision::Verify, Decision::Suspend, Decision::Reinstate, Decision::Revoke];
    let decision = all.into_iter().find(|known| known.to_string() == decision);
    let decision = decision.ok_or(ApiError::NotFound("there is no such decision"))?;
    let digest = digest(&text)?;
    let reason = body.reason.unwrap_or_default();
    let version = to_the_end({
        let state = state.clone();
        async move { Ok(state.catalogue.decide(&digest, decision, &reason, admin.user).await?) }
    })
    .await?;
    tracing::info!(%digest, %decision, by = %admin.user, "an administrator decided about a version");
    review_body(&state, &version).await
}

/// Show the ceilings of a plan
#[utoipa::path(
    get, path = "/api/admin/plans/{plan}/ceilings", operation_id = "getPlanCeilings", tag = "administration", security(("bearer" = ["administrator"])),
    params(("plan" = String, Path, description = "The plan.", example = "free")),
    responses(
        (status = 200, body = PlanCeilingsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
    ),
)]
pub(crate) async fn ceilings(
    State(state): State<AppState>,
    _admin: Administrator,
    Path(plan): Path<String>,
) -> Result<Json<PlanCeilingsBody>, ApiError> {
    let plan = plan_word(&plan)?;
    let ceilings = state.catalogue.ceilings_of_plan(&plan).await?;
    Ok(Json(PlanCeilingsBody { plan, ceilings: ceilings.into() }))
}

/// Set the ceilings of a plan
#[utoipa::path(
    put, path = "/api/admin/plans/{plan}/ceilings", operation_id = "setPlanCeilings", tag = "administration", security(("bearer" = ["administrator"])),
    params(("plan" = String, Path, description = "The plan.", example = "free")),
    request_body = CeilingsBody,
    responses(
        (status = 200, body = PlanCeilingsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn set_ceilings(
    State(state): State<AppState>,
    _admin: Administrator,
    Path(plan): Path<String>,
    Json(body): Json<CeilingsBody>,
) -> Result<Json<PlanCeilingsBody>, ApiError> {
    let plan = plan_word(&plan)?;
    let ceilings = PlanCeilings::from(body);
    if let Some((field, message)) = ceilings.problem() {
        return Err(ApiError::Invalid { field, message: message.to_owned() });
    }
    state.catalogue.set_ceilings_of_plan(&plan, ceilings).await?;
    Ok(Json(PlanCeilingsBody { plan, ceilings: ceilings.into() }))
}

fn digest(text: &str) -> Result<Digest, ApiError> {
    let malformed =
        |error: neustream_contract::package::DigestMalformed| ApiError::Malformed(error.to_string());
    text.parse().map_err(malformed)
}

fn reviewed_body(version: &Version) -> ReviewedVersionBody {
    ReviewedVersionBody {
        plugin: plugin_body(version, &PlanCeilings::default()),
        version: version_body(version, true),
        owner_id: version.owner.map(|owner| owner.to_string()),
    }
}

async fn review_body(state: &AppState, version: &Version) -> Result<Json<ReviewBody>, ApiError> {
    let transition = |transition: Transition| TransitionBody {
        from: transition.from.map(VersionState::as_str),
        to: transition.to.as_str(),
        reason: transition.reason,
        actor_id: transition.actor.map(|actor| actor.to_string()),
        at: rfc3339(transition.at),
    };
    let history = state.catalogue.history(&version.digest()).await?;
    Ok(Json(ReviewBody {
        version: reviewed_body(version),
        history: history.into_iter().map(transition).collect(),
    }))
}

impl Default for CeilingsBody {
    fn default() -> Self {
        PlanCeilings::default().into()
    }
}

impl From<PlanCeilings> for CeilingsBody {
    fn from(ceilings: PlanCeilings) -> Self {
        let PlanCeilings { cpu_percent, wall_percent, memory_percent, calls, installations } = ceilings;
        Self { cpu_percent, wall_percent, memory_percent, calls, installations }
    }
}

impl From<CeilingsBody> for PlanCeilings {
    fn from(body: CeilingsBody) -> Self {
        let CeilingsBody { cpu_percent, wall_percent, memory_percent, calls, installations } = body;
        Self { cpu_percent, wall_percent, memory_percent, calls, installations }
    }
}
