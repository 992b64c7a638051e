//! `/api/sources/{id}/pre-flight`: whether a source is ready to go on air, and what to mend if not.
//!
//! What the encoder sends is judged here; whether destinations would take it,
//! the media path asks. Words are codes with a sentence each: who shows them
//! may have better ones.

mod destinations;
mod encoder;

use std::time::Instant;

use axum::extract::State;
use neustream_model::{DestinationId, SourceId, StreamState, UnixMillis};
use neustream_store::PlanUse;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use crate::access::{Access, may};
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::streams::hours;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckResult {
    /// Nothing to do.
    Ok,
    /// It works, and could be better.
    Warning,
    /// It will not work before it is mended.
    Problem,
    /// It cannot be told now, mostly because no encoder is connected.
    Unknown,
}

/// The unit of a check's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckUnit {
    /// Bits per second.
    Bps,
    /// Milliseconds.
    Ms,
    /// Pixels.
    Px,
    /// Hours.
    Hours,
}

fn actual_schema() -> Object {
    figure_schema("What was measured: a number or a text.", 8300)
}

fn limit_schema() -> Object {
    figure_schema("What it may be at most: a number or a text.", 2000)
}

/// A number, a text, or nothing.
fn figure_schema(description: &str, example: u64) -> Object {
    let kinds = vec![Type::Number, Type::String, Type::Null];
    ObjectBuilder::new()
        .schema_type(SchemaType::Array(kinds))
        .description(Some(description))
        .examples([example])
        .build()
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PreFlightCheckBody {
    /// `encoder-connected`, `video-codec`, `resolution`, `video-bitrate`, `keyframe-interval`, `audio-present`,
    /// `audio-codec`, `audio-bitrate`, `frame-rate`, `streaming-hours`, `destination-enabled`, `plugin-ready`,
    /// `account-connected` or `key-accepted`.
    #[schema(example = "keyframe-interval")]
    code: &'static str,
    /// `ok`, `warning`, `problem` or `unknown`.
    status: CheckResult,
    /// The destination whose limit or answer it is; null where it is about the source itself.
    #[schema(format = Uuid)]
    destination_id: Option<String>,
    /// What was found, in a sentence.
    #[schema(example = "Keyframes come every 8.3 s; this destination accepts at most 2 s.")]
    message: String,
    #[schema(schema_with = actual_schema)]
    actual: Value,
    #[schema(schema_with = limit_schema)]
    limit: Value,
    /// The unit of both: `bps`, `ms`, `px`, `hours`, or null.
    unit: Option<CheckUnit>,
}

/// Whether a source is ready to go on air.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreFlightBody {
    /// When it was looked at (RFC 3339).
    #[schema(format = DateTime)]
    checked_at: String,
    /// Whether nothing is a `problem`.
    is_ready: bool,
    /// What was looked at: the source first, then each destination.
    checks: Vec<PreFlightCheckBody>,
}

/// Check whether a source is ready to go on air
///
/// What the encoder sends is held against what each destination accepts; each destination that is switched on is asked
/// where it would be pushed to, and the server there whether it takes a publication under the key (it gets no media, and
/// nobody sees it). A destination that is live has answered already. Takes up to 8 seconds. At most 30 a minute.
#[utoipa::path(
    post, path = "/api/sources/{id}/pre-flight", operation_id = "checkSource", tag = "sources", security(("bearer" = ["streams:control"]), ("apiKey" = ["streams:control"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 200, body = PreFlightBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody),
    ),
)]
pub(crate) async fn check(
    State(state): State<AppState>,
    access: Access<may::StreamsControl>,
    Path(source): Path<SourceId>,
) -> Result<Json<PreFlightBody>, ApiError> {
    access.app.source(source).await?;
    let taken = state.pre_flights.take(access.tenant(), Instant::now());
    taken.map_err(|exhausted| ApiError::TooMany { retry_after: exhausted.retry_after })?;
    to_the_end(async move {
        let now = UnixMillis::now();
        let (stored, plan) = tokio::try_join!(access.app.destinations(source), access.store.plan_use(now))?;
        let probes = state.live.probe(source).await.map_err(|_| ApiError::Unavailable)?;
        let session = state.live.session(source);
        let connected = session.as_ref().filter(|session| is_connected(session.state));
        let mut checks = encoder::checks(session.as_ref());
        checks.push(streaming_hours(&plan));
        checks.extend(destinations::checks(&state, &access.app, &stored, &probes, connected).await);
        let is_ready = checks.iter().all(|check| check.status != CheckResult::Problem);
        Ok(Json(PreFlightBody { checked_at: rfc3339(now), is_ready, checks }))
    })
    .await
}

/// Whether an encoder is there.
fn is_connected(state: StreamState) -> bool {
    matches!(state, StreamState::Starting | StreamState::Live)
}

/// Whether the plan still gives time this month.
fn streaming_hours(plan: &PlanUse) -> PreFlightCheckBody {
    let used = hours(plan.streamed);
    let limit = plan.plan.limits.max_streaming_hours_monthly;
    let check = PreFlightCheckBody::new("streaming-hours").actual(used).unit(CheckUnit::Hours);
    match limit {
        None => check.ok("The plan sets no limit to streaming hours."),
        Some(limit) => {
            let check = check.limit(limit);
            if used >= limit as f64 {
                check.problem(format!("This month's {limit} streaming hours of the plan are used up."))
            } else if used >= limit as f64 * 0.8 {
                check.warning(format!("{used} of this month's {limit} streaming hours are used."))
            } else {
                check.ok(format!("{used} of this month's {limit} streaming hours are used."))
            }
        }
    }
}

impl PreFlightCheckBody {
    fn new(code: &'static str) -> Self {
        Self {
            code,
            status: CheckResult::Unknown,
            destination_id: None,
            message: String::new(),
            actual: Value::Null,
            limit: Value::Null,
            unit: None,
        }
    }

    fn of(mut self, destination: DestinationId) -> Self {
        self.destination_id = Some(destination.to_string());
        self
    }

    fn actual(mut self, actual: impl Into<Value>) -> Self {
        self.actual = actual.into();
        self
    }

    fn limit(mut self, limit: impl Into<Value>) -> Self {
        self.limit = limit.into();
        self
    }

    fn unit(mut self, unit: CheckUnit) -> Self {
        self.unit = Some(unit);
        self
    }

    fn ok(self, message: impl Into<String>) -> Self {
        self.found(CheckResult::Ok, message)
    }

    fn warning(self, message: impl Into<String>) -> Self {
        self.found(CheckResult::Warning, message)
    }

    fn problem(self, message: impl Into<String>) -> Self {
        self.found(CheckResult::Problem, message)
    }

    fn unknown(self, message: impl Into<String>) -> Self {
        self.found(CheckResult::Unknown, message)
    }

    fn found(self, status: CheckResult, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), ..self }
    }
}
