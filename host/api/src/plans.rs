//! `/api/admin/plans`: what plans there are and who is on them, for those who run the platform.

use axum::extract::State;
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{BillingCycle, Plan, PlanLimits, PlanPrice, PlanRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Administrator;
use crate::state::AppState;
use crate::subscriptions::{PlanLimitsBody, PlanPriceBody, limits_body, price_bodies};
use crate::text::{description, name};

const AUDIENCES: [&str; 3] = ["creator", "viewer", "developer"];
const MAX_FEATURES: usize = 50;
const MAX_PRICES: usize = 50;
const MAX_LIMIT: u64 = 1_000_000;
const MAX_MINOR: u64 = 1_000_000_000_000;
const MAX_POSITION: u64 = 1_000_000;

/// A plan, offered or not.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanDetailBody {
    /// The plan's word.
    #[schema(example = "pro")]
    id: String,
    /// Whether those have it who have no subscription (setting `default_plan`).
    is_default: bool,
    #[serde(flatten)]
    terms: PlanTermsBody,
}

/// What a plan is.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct PlanTermsBody {
    /// Its name.
    #[schema(example = "Pro", min_length = 1, max_length = 100)]
    name: String,
    /// A sentence about it.
    #[serde(default)]
    #[schema(example = "For regular streamers", max_length = 2000)]
    description: String,
    /// `creator` (whoever streams; when left out), `viewer` or `developer`.
    #[serde(default = "creator")]
    #[schema(example = "creator")]
    audience: String,
    #[serde(flatten)]
    limits: PlanLimitsBody,
    /// Words for what else it gives.
    #[serde(default)]
    #[schema(example = json!(["analytics"]), max_items = 50)]
    features: Vec<String>,
    /// What it costs: at most one price a currency and billing cycle.
    #[serde(default)]
    #[schema(max_items = 50)]
    prices: Vec<PlanPriceBody>,
    /// Whether it is shown to everybody.
    #[serde(default)]
    is_offered: bool,
    /// Its place in the list.
    #[serde(default)]
    #[schema(example = 2, maximum = 1_000_000)]
    position: u64,
}

/// Every plan, in the order of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanDetailsBody {
    plans: Vec<PlanDetailBody>,
}

/// One plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnePlanBody {
    plan: PlanDetailBody,
}

/// An organisation's plan.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct PlanBody {
    /// The plan's word.
    #[schema(example = "pro")]
    plan: String,
    /// `monthly` (when left out) or `yearly`.
    #[serde(default = "monthly")]
    #[schema(example = "monthly")]
    billing_cycle: String,
}

fn creator() -> String {
    AUDIENCES[0].to_owned()
}

fn monthly() -> String {
    BillingCycle::Monthly.to_string()
}

/// List every plan
#[utoipa::path(
    get, path = "/api/admin/plans", operation_id = "listAllPlans", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses(
        (status = 200, body = PlanDetailsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    admin: Administrator,
) -> Result<Json<PlanDetailsBody>, ApiError> {
    let plans = admin.host(&state).plans().await?;
    Ok(Json(PlanDetailsBody { plans: plans.into_iter().map(detail).collect() }))
}

/// Make a plan, or change it
///
/// A change holds at once for everybody who is on the plan. Who has more than it gives keeps that, but makes no more.
#[utoipa::path(
    put, path = "/api/admin/plans/{plan}", operation_id = "putPlan", tag = "administration",
    security(("bearer" = ["administrator"])), request_body = PlanTermsBody,
    params(("plan" = String, Path, description = "The plan's word: 1 to 40 of a-z, 0-9 and `-`.", example = "pro")),
    responses(
        (status = 200, body = OnePlanBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    admin: Administrator,
    Path(plan): Path<String>,
    Json(body): Json<PlanTermsBody>,
) -> Result<Json<OnePlanBody>, ApiError> {
    let plan = plan_of(plan_word(&plan)?, body)?;
    let plan = admin.host(&state).put_plan(&plan).await?;
    Ok(Json(OnePlanBody { plan: detail(plan) }))
}

/// Put an organisation on a plan
///
/// From now on, without a payment: a new subscription takes the place of the one it had. A running stream keeps or
/// loses its time accordingly within seconds.
#[utoipa::path(
    put, path = "/api/admin/tenants/{id}/plan", operation_id = "setTenantPlan", tag = "administration",
    security(("bearer" = ["administrator"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    request_body = PlanBody,
    responses(
        (status = 200, body = PlanBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 404, body = ErrorBody, description = "There is no such organisation, or no such plan."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn set_of_tenant(
    State(state): State<AppState>,
    admin: Administrator,
    Path(tenant): Path<TenantId>,
    Json(body): Json<PlanBody>,
) -> Result<Json<PlanBody>, ApiError> {
    let plan = plan_word(&body.plan)?;
    let cycle = cycle("billing_cycle", &body.billing_cycle)?;
    let made = admin.host(&state).set_plan(tenant, &plan, cycle, UnixMillis::now()).await?;
    state.catalogue.forget_ceilings();
    Ok(Json(PlanBody { plan: made.plan, billing_cycle: made.cycle.to_string() }))
}

/// The word of a plan.
pub(crate) fn plan_word(text: &str) -> Result<String, ApiError> {
    let is_word = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if text.is_empty() || text.len() > 40 || !is_word {
        return invalid("plan", "must be 1 to 40 of a-z, 0-9 and `-`");
    }
    Ok(text.to_owned())
}

fn cycle(field: &'static str, text: &str) -> Result<BillingCycle, ApiError> {
    text.parse().map_err(|error: neustream_store::BillingCycleMalformed| ApiError::Invalid {
        field,
        message: error.to_string(),
    })
}

fn plan_of(id: String, body: PlanTermsBody) -> Result<Plan, ApiError> {
    if !AUDIENCES.contains(&body.audience.as_str()) {
        return invalid("audience", "must be `creator`, `viewer` or `developer`");
    }
    if body.features.len() > MAX_FEATURES {
        return invalid("features", "at most 50");
    }
    if body.position > MAX_POSITION {
        return invalid("position", "at most 1000000");
    }
    let row = PlanRow {
        id,
        audience: body.audience,
        name: name("name", &body.name)?,
        description: description("description", &body.description)?,
        features: body.features.iter().map(|word| name("features", word)).collect::<Result<_, _>>()?,
        limits: limits_of(body.limits)?,
        is_offered: body.is_offered,
        is_default: false,
        position: body.position,
    };
    Ok(Plan { row, prices: prices_of(&body.prices)? })
}

fn limits_of(body: PlanLimitsBody) -> Result<PlanLimits, ApiError> {
    let PlanLimitsBody { max_sources, max_destinations, max_streaming_hours_monthly, max_chat_connectors } =
        body;
    for (field, limit) in [
        ("max_sources", max_sources),
        ("max_destinations", max_destinations),
        ("max_streaming_hours_monthly", max_streaming_hours_monthly),
        ("max_chat_connectors", max_chat_connectors),
    ] {
        if limit.is_some_and(|limit| limit > MAX_LIMIT) {
            return invalid(field, "at most 1000000; null for no limit");
        }
    }
    Ok(PlanLimits { max_sources, max_destinations, max_chat_connectors, max_streaming_hours_monthly })
}

fn prices_of(bodies: &[PlanPriceBody]) -> Result<Vec<PlanPrice>, ApiError> {
    if bodies.len() > MAX_PRICES {
        return invalid("prices", "at most 50");
    }
    let mut prices: Vec<PlanPrice> = Vec::with_capacity(bodies.len());
    for body in bodies {
        if body.currency.len() != 3 || !body.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return invalid("prices.currency", "must be three letters of ISO 4217, such as `USD`");
        }
        if body.amount_minor > MAX_MINOR {
            return invalid("prices.amount_minor", "at most 1000000000000");
        }
        let cycle = cycle("prices.billing_cycle", &body.billing_cycle)?;
        if prices.iter().any(|known| known.currency == body.currency && known.cycle == cycle) {
            return invalid("prices", "one price a currency and billing cycle");
        }
        prices.push(PlanPrice { currency: body.currency.clone(), cycle, minor: body.amount_minor });
    }
    Ok(prices)
}

fn invalid<T>(field: &'static str, message: &str) -> Result<T, ApiError> {
    Err(ApiError::Invalid { field, message: message.to_owned() })
}

fn detail(plan: Plan) -> PlanDetailBody {
    let prices = price_bodies(&plan);
    let row = plan.row;
    PlanDetailBody {
        is_default: row.is_default,
        terms: PlanTermsBody {
            limits: limits_body(&row),
            name: row.name,
            description: row.description,
            audience: row.audience,
            features: row.features,
            prices,
            is_offered: row.is_offered,
            position: row.position,
        },
        id: row.id,
    }
}
