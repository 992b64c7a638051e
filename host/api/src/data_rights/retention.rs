//! `/api/organisations/{id}/retention`: how long an organisation keeps what.

use neustream_model::TenantId;
use neustream_store::Retention;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};

/// Nobody covers tracks of the last weeks.
const LEAST_AUDIT_DAYS: u64 = 90;
/// Bills of a year can be looked at.
const LEAST_SESSIONS_DAYS: u64 = 400;
const MOST_DAYS: u64 = 3650;

/// Days that an organisation keeps what; null for as long as the host does.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit ends the name of a bare number")]
pub(crate) struct RetentionBody {
    /// Messages of chats and recordings of verdicts about them.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650, example = 7)]
    chat_days: Option<u64>,
    /// What installations did.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    activity_days: Option<u64>,
    /// The audit log. What is left of it still verifies.
    #[serde(default)]
    #[schema(minimum = 90, maximum = 3650)]
    audit_days: Option<u64>,
    /// The list of sessions. What was streamed counts for the plan all the same.
    #[serde(default)]
    #[schema(minimum = 400, maximum = 3650)]
    sessions_days: Option<u64>,
}

/// Show how long an organisation keeps what
#[utoipa::path(
    get, path = "/api/organisations/{id}/retention", operation_id = "getRetention", tag = "data-rights",
    security(("bearer" = ["organisation:read"]), ("apiKey" = ["organisation:read"])),
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses((status = 200, body = RetentionBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    access: Access<may::OrganisationRead>,
    Path(_organisation): Path<TenantId>,
) -> Result<Json<RetentionBody>, ApiError> {
    Ok(Json(access.store.retention().await?.into()))
}

/// Set how long an organisation keeps what
///
/// What is older is deleted within an hour, and cannot be brought back.
#[utoipa::path(
    put, path = "/api/organisations/{id}/retention", operation_id = "setRetention", tag = "data-rights",
    security(("bearer" = ["organisation:write"])), request_body = RetentionBody,
    params(("id" = String, Path, format = Uuid, description = "The organisation.")),
    responses(
        (status = 200, body = RetentionBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn set(
    access: Access<may::OrganisationWrite>,
    Path(_organisation): Path<TenantId>,
    Json(body): Json<RetentionBody>,
) -> Result<Json<RetentionBody>, ApiError> {
    let retention = Retention {
        chat_days: days("chat_days", body.chat_days, 1)?,
        activity_days: days("activity_days", body.activity_days, 1)?,
        audit_days: days("audit_days", body.audit_days, LEAST_AUDIT_DAYS)?,
        sessions_days: days("sessions_days", body.sessions_days, LEAST_SESSIONS_DAYS)?,
    };
    access.store.set_retention(&retention).await?;
    Ok(Json(retention.into()))
}

fn days(field: &'static str, days: Option<u64>, least: u64) -> Result<Option<u64>, ApiError> {
    match days {
        Some(days) if !(least..=MOST_DAYS).contains(&days) => {
            Err(ApiError::Invalid { field, message: format!("{least} to {MOST_DAYS} days, or null") })
        }
        days => Ok(days),
    }
}

impl From<Retention> for RetentionBody {
    fn from(retention: Retention) -> Self {
        Self {
            chat_days: retention.chat_days,
            activity_days: retention.activity_days,
            audit_days: retention.audit_days,
            sessions_days: retention.sessions_days,
        }
    }
}
