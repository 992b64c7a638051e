//! `/api/admin/stats`: the platform in figures.

use axum::extract::State;
use neustream_model::UnixMillis;
use neustream_store::REVENUE_CURRENCY;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::state::AppState;
use crate::streams::hours;

/// Figures of the platform; days are UTC's.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatsBody {
    /// Accounts.
    #[schema(example = 1250)]
    total_users: u64,
    /// People who signed in, or came back with a sign-in, today.
    #[schema(example = 45)]
    active_users_today: u64,
    /// Sources.
    #[schema(example = 2100)]
    total_streams: u64,
    /// Sessions that run on this node.
    #[schema(example = 12)]
    active_streams: usize,
    /// Subscriptions, ended ones included.
    #[schema(example = 340)]
    total_subscriptions: u64,
    /// Those that hold now.
    #[schema(example = 315)]
    active_subscriptions: u64,
    /// What those are worth a month at list price, in minor units of `monthly_revenue_currency`; a twelfth of a yearly
    /// price.
    #[schema(example = 25000)]
    monthly_revenue: u64,
    /// ISO 4217.
    #[schema(example = "USD")]
    monthly_revenue_currency: &'static str,
    /// Hours that were streamed today, up to some seconds ago.
    #[schema(example = 125.5)]
    streaming_hours_today: f64,
}

/// Figures of the platform.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlatformStatsBody {
    stats: StatsBody,
}

/// Show figures of the platform
#[utoipa::path(
    get, path = "/api/admin/stats", operation_id = "getPlatformStats", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses(
        (status = 200, body = PlatformStatsBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    admin: Administrator,
) -> Result<Json<PlatformStatsBody>, ApiError> {
    let figures = admin.host(&state).platform_figures(UnixMillis::now()).await?;
    Ok(Json(PlatformStatsBody {
        stats: StatsBody {
            total_users: figures.users,
            active_users_today: figures.users_active_today,
            total_streams: figures.sources,
            active_streams: state.live.sessions().len(),
            total_subscriptions: figures.subscriptions,
            active_subscriptions: figures.subscriptions_active,
            monthly_revenue: figures.monthly_revenue_minor,
            monthly_revenue_currency: REVENUE_CURRENCY,
            streaming_hours_today: hours(figures.streamed_today),
        },
    }))
}
