//! `/api/admin/subscriptions`: who subscribed to what.

use axum::extract::State;
use neustream_model::UnixMillis;
use neustream_store::SubscriptionListed;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Numbered, NumberedPageQuery, OwnerBody, PaginationBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::moment::rfc3339;
use crate::state::AppState;

/// An organisation's subscription.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedSubscriptionBody {
    /// The subscription's id.
    #[schema(format = Uuid)]
    id: String,
    /// Who subscribed.
    organisation: OwnerBody,
    /// The plan's word.
    #[schema(example = "pro")]
    plan: String,
    /// The plan's name.
    #[schema(example = "Pro")]
    plan_name: String,
    /// `active`, `past_due` where a payment is late, `cancelled` once it is to end, `ended`.
    #[schema(example = "active")]
    status: &'static str,
    /// `monthly` or `yearly`.
    #[schema(example = "monthly")]
    billing_cycle: &'static str,
    /// When it began (RFC 3339).
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ends, or ended (RFC 3339); null while it goes on.
    ends_at: Option<String>,
}

/// A page of subscriptions, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedSubscriptionsBody {
    subscriptions: Vec<ListedSubscriptionBody>,
    pagination: PaginationBody,
}

/// List subscriptions of everybody
#[utoipa::path(
    get, path = "/api/admin/subscriptions", operation_id = "listAllSubscriptions", tag = "administration",
    security(("bearer" = ["administrator"])), params(NumberedPageQuery),
    responses(
        (status = 200, body = ListedSubscriptionsBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    admin: Administrator,
    Numbered(page): Numbered,
) -> Result<Json<ListedSubscriptionsBody>, ApiError> {
    let listed = admin.host(&state).subscriptions_of_all(page).await?;
    let pagination = PaginationBody::new(page, listed.total);
    let now = UnixMillis::now();
    let subscriptions = listed.rows.into_iter().map(|row| body(row, now)).collect();
    Ok(Json(ListedSubscriptionsBody { subscriptions, pagination }))
}

fn body(row: SubscriptionListed, now: UnixMillis) -> ListedSubscriptionBody {
    let held = row.subscription;
    let status = match held.ends_at {
        Some(end) if end <= now => "ended",
        Some(_) => "cancelled",
        None if held.is_past_due => "past_due",
        None => "active",
    };
    ListedSubscriptionBody {
        id: held.id.to_string(),
        organisation: OwnerBody::new(row.organisation, row.organisation_name),
        plan: held.plan,
        plan_name: row.plan_name,
        status,
        billing_cycle: held.cycle.as_str(),
        started_at: rfc3339(held.started_at),
        ends_at: held.ends_at.map(rfc3339),
    }
}
