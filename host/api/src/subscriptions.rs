//! `/api/subscriptions`: the plans that are offered, and what an organisation uses of its own.

use std::time::Duration;

use axum::extract::State;
use neustream_billing::Period;
use neustream_model::UnixMillis;
use neustream_store::{BillingCycle, Plan, PlanRow, PlanUse, SubscriptionRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::streams::hours;

/// The audience of the plans of organisations that stream.
const CREATORS: &str = "creator";

/// What a plan costs in one currency for one billing cycle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanPriceBody {
    /// ISO 4217.
    #[schema(example = "USD", pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// `monthly` or `yearly`.
    #[schema(example = "monthly")]
    pub billing_cycle: String,
    /// In the currency's minor unit: 999 are 9.99 US dollars.
    #[schema(example = 999, maximum = 1_000_000_000_000_u64)]
    pub amount_minor: u64,
}

/// A plan that is offered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedPlanBody {
    /// The plan's word.
    #[schema(example = "pro")]
    id: String,
    /// Its name.
    #[schema(example = "Pro")]
    name: String,
    /// A sentence about it.
    #[schema(example = "For regular streamers")]
    description: String,
    /// US dollars a month; null where it has no such price.
    #[schema(example = 9.99)]
    price_monthly: Option<f64>,
    /// US dollars a year.
    #[schema(example = 99.99)]
    price_yearly: Option<f64>,
    /// Indian rupees a month.
    #[schema(example = 799.0)]
    price_monthly_inr: Option<f64>,
    /// Indian rupees a year.
    #[schema(example = 7999.0)]
    price_yearly_inr: Option<f64>,
    /// Every price, in minor units.
    prices: Vec<PlanPriceBody>,
    #[serde(flatten)]
    limits: PlanLimitsBody,
    /// Words for what else it gives.
    #[schema(example = json!(["priority_support", "analytics"]))]
    features: Vec<String>,
}

/// How much of everything a plan gives; null where there is no limit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the documents' API")]
pub(crate) struct PlanLimitsBody {
    /// Sources, of all apps.
    #[schema(example = 3, maximum = 1_000_000)]
    pub max_sources: Option<u64>,
    /// Destinations, of all sources together.
    #[schema(example = 10, maximum = 1_000_000)]
    pub max_destinations: Option<u64>,
    /// Hours that all sources together may stream in a month (UTC).
    #[schema(example = 200, maximum = 1_000_000)]
    pub max_streaming_hours_monthly: Option<u64>,
    /// Installations of chat connectors.
    #[schema(example = 6, maximum = 1_000_000)]
    pub max_chat_connectors: Option<u64>,
}

/// The plans that are offered, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferedPlansBody {
    plans: Vec<OfferedPlanBody>,
}

/// The plan of a subscription.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubscribedPlanBody {
    /// The plan's word.
    #[schema(example = "pro")]
    id: String,
    /// Its name.
    #[schema(example = "Pro")]
    name: String,
    #[serde(flatten)]
    limits: PlanLimitsBody,
}

/// What puts the organisation on its plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubscriptionBody {
    /// The subscription; null on the plan that everybody has who subscribed to none.
    #[schema(format = Uuid)]
    id: Option<String>,
    plan: SubscribedPlanBody,
    /// `active`, or `past_due` where a payment is late; the plan holds with both.
    #[schema(example = "active")]
    status: &'static str,
    /// `monthly` or `yearly`.
    #[schema(example = "monthly")]
    billing_cycle: &'static str,
    /// When the present period began (RFC 3339).
    #[schema(format = DateTime)]
    current_period_start: String,
    /// When it ends (RFC 3339).
    #[schema(format = DateTime)]
    current_period_end: String,
    /// Whether the subscription ends with it.
    cancel_at_period_end: bool,
}

/// What the organisation uses of its plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanUsageBody {
    /// Sources, of all apps.
    #[schema(example = 2)]
    sources_used: u64,
    /// Destinations, of all sources, switched-off ones included.
    #[schema(example = 6)]
    destinations_used: u64,
    /// Installations of chat connectors.
    #[schema(example = 1)]
    chat_connectors_used: u64,
    /// Hours that were streamed in this month (UTC), to within some seconds.
    #[schema(example = 45.5)]
    streaming_hours_used: f64,
    /// When the hours count from nothing again (RFC 3339).
    #[schema(format = DateTime)]
    streaming_hours_reset_at: String,
}

/// The organisation's subscription and usage.
#[derive(Serialize, ToSchema)]
pub(crate) struct MySubscriptionBody {
    subscription: SubscriptionBody,
    usage: PlanUsageBody,
}

/// What somebody is about to do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckedOperation {
    /// Make a source.
    CreateSource,
    /// Add a destination.
    CreateDestination,
    /// Install a chat connector.
    CreateChatConnector,
    /// Begin to stream.
    StartStream,
}

/// A question about limits.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CheckLimitsBody {
    operation: CheckedOperation,
}

/// The limits that an operation meets; null where there is none.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum CheckedLimitsBody {
    /// Of sources.
    Sources {
        /// How many there may be.
        #[schema(example = 3)]
        max_sources: Option<u64>,
        /// How many there are.
        #[schema(example = 2)]
        current_sources: u64,
        /// How many more there may be.
        #[schema(example = 1)]
        sources_remaining: Option<u64>,
    },
    /// Of destinations.
    Destinations {
        /// How many there may be.
        max_destinations: Option<u64>,
        /// How many there are.
        current_destinations: u64,
        /// How many more there may be.
        destinations_remaining: Option<u64>,
    },
    /// Of chat connectors.
    ChatConnectors {
        /// How many there may be.
        max_chat_connectors: Option<u64>,
        /// How many there are.
        current_chat_connectors: u64,
        /// How many more there may be.
        chat_connectors_remaining: Option<u64>,
    },
    /// Of streaming time.
    Streaming {
        /// Hours a month.
        max_streaming_hours_monthly: Option<u64>,
        /// Hours that were streamed in this month (UTC).
        current_streaming_hours: f64,
        /// Hours that are left in this month.
        streaming_hours_remaining: Option<f64>,
    },
}

/// Whether there is room.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckedBody {
    /// Whether the operation would be let through now.
    allowed: bool,
    limits: CheckedLimitsBody,
    /// Where there is more, when it would not be; null where nobody said.
    #[schema(example = "/dashboard/subscription")]
    upgrade_url: Option<String>,
}

/// What the organisation may still make; null where there is no limit.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the documents' API")]
pub(crate) struct LimitsBody {
    /// Sources.
    #[schema(example = 0)]
    sources_remaining: Option<u64>,
    /// Destinations, of all sources together.
    #[schema(example = 8)]
    destinations_remaining: Option<u64>,
    /// Hours that may still be streamed in this month (UTC).
    #[schema(example = 185.0)]
    streaming_hours_remaining: Option<f64>,
}

/// List the plans that are offered
///
/// Anybody may ask. Prices are data of the host; `prices` holds them in minor units.
#[utoipa::path(
    get, path = "/api/subscriptions/plans", operation_id = "listPlans", tag = "subscriptions", security(()),
    responses((status = 200, body = OfferedPlansBody)),
)]
pub(crate) async fn plans(State(state): State<AppState>) -> Result<Json<OfferedPlansBody>, ApiError> {
    let plans = state.store.host().plans().await?;
    let offered = plans.into_iter().filter(|plan| plan.row.is_offered && plan.row.audience == CREATORS);
    Ok(Json(OfferedPlansBody { plans: offered.map(offered_plan).collect() }))
}

/// Show the organisation's subscription and usage
#[utoipa::path(
    get, path = "/api/subscriptions/my-subscription", operation_id = "getMySubscription", tag = "subscriptions",
    security(("bearer" = ["billing:read"]), ("apiKey" = ["billing:read"])),
    responses((status = 200, body = MySubscriptionBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn mine(access: Access<may::BillingRead>) -> Result<Json<MySubscriptionBody>, ApiError> {
    let now = UnixMillis::now();
    Ok(Json(my_subscription(&access.store.plan_use(now).await?, now)))
}

/// Ask whether there is room for one more
///
/// The answer is of this moment: whoever makes something may still meet the limit, as others make things too.
#[utoipa::path(
    post, path = "/api/subscriptions/check-limits", operation_id = "checkLimits", tag = "subscriptions",
    security(("bearer" = ["billing:read"]), ("apiKey" = ["billing:read"])), request_body = CheckLimitsBody,
    responses((status = 200, body = CheckedBody), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)),
)]
pub(crate) async fn check(
    State(state): State<AppState>,
    access: Access<may::BillingRead>,
    Json(body): Json<CheckLimitsBody>,
) -> Result<Json<CheckedBody>, ApiError> {
    let used = access.store.plan_use(UnixMillis::now()).await?;
    let (allowed, limits) = checked(&used, body.operation, state.settings.max_sources);
    let upgrade_url = if allowed { None } else { state.settings.upgrade_url.clone() };
    Ok(Json(CheckedBody { allowed, limits, upgrade_url }))
}

/// Cancel the subscription
///
/// It holds to the end of its period; then the organisation is on the plan of those who have none. Cancelling twice
/// changes nothing.
#[utoipa::path(
    post, path = "/api/subscriptions/cancel", operation_id = "cancelSubscription", tag = "subscriptions",
    security(("bearer" = ["billing:write"])),
    responses(
        (status = 200, body = MySubscriptionBody),
        (status = 401, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "There is nothing to cancel: `NOT_SUBSCRIBED`."),
    ),
)]
pub(crate) async fn cancel(access: Access<may::BillingWrite>) -> Result<Json<MySubscriptionBody>, ApiError> {
    let now = UnixMillis::now();
    access.store.cancel_subscription(now, |row| period_of(row, now).end).await?;
    Ok(Json(my_subscription(&access.store.plan_use(now).await?, now)))
}

/// What the organisation may still make. `host_max` bounds its sources whatever the plan says.
pub(crate) fn limits_left(used: &PlanUse, host_max: u64) -> LimitsBody {
    let limits = &used.plan.limits;
    LimitsBody {
        sources_remaining: left(Some(max_sources(used, host_max)), used.sources),
        destinations_remaining: left(limits.max_destinations, used.destinations),
        streaming_hours_remaining: hours_left(used),
    }
}

fn checked(used: &PlanUse, operation: CheckedOperation, host_max: u64) -> (bool, CheckedLimitsBody) {
    let limits = &used.plan.limits;
    match operation {
        CheckedOperation::CreateSource => {
            let max_sources = Some(max_sources(used, host_max));
            let sources_remaining = left(max_sources, used.sources);
            let body =
                CheckedLimitsBody::Sources { max_sources, current_sources: used.sources, sources_remaining };
            (sources_remaining != Some(0), body)
        }
        CheckedOperation::CreateDestination => {
            let destinations_remaining = left(limits.max_destinations, used.destinations);
            let body = CheckedLimitsBody::Destinations {
                max_destinations: limits.max_destinations,
                current_destinations: used.destinations,
                destinations_remaining,
            };
            (destinations_remaining != Some(0), body)
        }
        CheckedOperation::CreateChatConnector => {
            let chat_connectors_remaining = left(limits.max_chat_connectors, used.chat_connectors);
            let body = CheckedLimitsBody::ChatConnectors {
                max_chat_connectors: limits.max_chat_connectors,
                current_chat_connectors: used.chat_connectors,
                chat_connectors_remaining,
            };
            (chat_connectors_remaining != Some(0), body)
        }
        CheckedOperation::StartStream => {
            let time_left = streaming_time_left(used);
            let body = CheckedLimitsBody::Streaming {
                max_streaming_hours_monthly: limits.max_streaming_hours_monthly,
                current_streaming_hours: hours(used.streamed),
                streaming_hours_remaining: hours_left(used),
            };
            (time_left != Some(Duration::ZERO), body)
        }
    }
}

fn max_sources(used: &PlanUse, host_max: u64) -> u64 {
    used.plan.limits.max_sources.map_or(host_max, |max| max.min(host_max))
}

fn left(max: Option<u64>, current: u64) -> Option<u64> {
    max.map(|max| max.saturating_sub(current))
}

fn streaming_time_left(used: &PlanUse) -> Option<Duration> {
    let max = used.plan.limits.max_streaming_hours_monthly?;
    Some(Duration::from_secs(max.saturating_mul(3600)).saturating_sub(used.streamed))
}

fn hours_left(used: &PlanUse) -> Option<f64> {
    streaming_time_left(used).map(hours)
}

fn period_of(row: &SubscriptionRow, now: UnixMillis) -> Period {
    Period::of(row.started_at, row.cycle.months(), now)
}

fn my_subscription(used: &PlanUse, now: UnixMillis) -> MySubscriptionBody {
    let held = used.subscription.as_ref();
    // Without a subscription there is nothing but the month that hours are counted in.
    let month = Period { start: now.month(), end: now.month().plus_months(1) };
    let period = held.map_or(month, |row| period_of(row, now));
    let subscription = SubscriptionBody {
        id: held.map(|row| row.id.to_string()),
        plan: subscribed_plan(&used.plan),
        status: if held.is_some_and(|row| row.is_past_due) { "past_due" } else { "active" },
        billing_cycle: held.map_or(BillingCycle::Monthly, |row| row.cycle).as_str(),
        current_period_start: rfc3339(period.start),
        current_period_end: rfc3339(held.and_then(|row| row.ends_at).unwrap_or(period.end)),
        cancel_at_period_end: held.is_some_and(|row| row.ends_at.is_some()),
    };
    let usage = PlanUsageBody {
        sources_used: used.sources,
        destinations_used: used.destinations,
        chat_connectors_used: used.chat_connectors,
        streaming_hours_used: hours(used.streamed),
        streaming_hours_reset_at: rfc3339(month.end),
    };
    MySubscriptionBody { subscription, usage }
}

fn subscribed_plan(plan: &PlanRow) -> SubscribedPlanBody {
    SubscribedPlanBody { id: plan.id.clone(), name: plan.name.clone(), limits: limits_body(plan) }
}

fn offered_plan(plan: Plan) -> OfferedPlanBody {
    let price = |currency: &str, cycle: BillingCycle| {
        let found = plan.prices.iter().find(|price| price.currency == currency && price.cycle == cycle);
        // Both currencies have a hundred minor units.
        found.map(|price| price.minor as f64 / 100.0)
    };
    OfferedPlanBody {
        price_monthly: price("USD", BillingCycle::Monthly),
        price_yearly: price("USD", BillingCycle::Yearly),
        price_monthly_inr: price("INR", BillingCycle::Monthly),
        price_yearly_inr: price("INR", BillingCycle::Yearly),
        prices: price_bodies(&plan),
        limits: limits_body(&plan.row),
        id: plan.row.id,
        name: plan.row.name,
        description: plan.row.description,
        features: plan.row.features,
    }
}

/// Every price of a plan.
pub(crate) fn price_bodies(plan: &Plan) -> Vec<PlanPriceBody> {
    let body = |price: &neustream_store::PlanPrice| PlanPriceBody {
        currency: price.currency.clone(),
        billing_cycle: price.cycle.to_string(),
        amount_minor: price.minor,
    };
    plan.prices.iter().map(body).collect()
}

/// How much a plan gives.
pub(crate) fn limits_body(plan: &PlanRow) -> PlanLimitsBody {
    let neustream_store::PlanLimits {
        max_sources,
        max_destinations,
        max_chat_connectors,
        max_streaming_hours_monthly,
    } = plan.limits;
    PlanLimitsBody { max_sources, max_destinations, max_streaming_hours_monthly, max_chat_connectors }
}
