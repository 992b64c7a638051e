//! `/api/installations/{id}/activity`, `/logs` and `/hooks`: what an installation did, and what left the platform.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt as _};
use neustream_contract::{Activity, BreakerState, LogLine};
use neustream_model::{InstallationId, UnixMillis};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::moment::rfc3339;
use crate::state::AppState;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS: u64 = 7;
const MAX_DAYS: u64 = 90;
/// How long a log is followed by one request: no longer than the token that it came with was good for.
const MAX_FOLLOW: Duration = Duration::from_mins(15);

/// What went to one host, and what came back.
#[derive(Serialize, ToSchema)]
pub(crate) struct EgressBody {
    /// The host.
    #[schema(example = "api.example.com")]
    host: String,
    /// Requests made, or connections opened.
    requests: u64,
    /// Bytes sent.
    bytes_out: u64,
    /// Bytes received.
    bytes_in: u64,
    /// Names of the secrets that went along.
    secrets: Vec<String>,
}

/// A trap, a time-out or a limit.
#[derive(Serialize, ToSchema)]
pub(crate) struct FaultBody {
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
    /// Which function was called.
    #[schema(example = "prepare")]
    function: String,
    /// A word for programs.
    #[schema(example = "plugin-trap")]
    code: String,
    /// What happened, in a sentence.
    message: String,
}

/// Whether calls are let through.
#[derive(Serialize, ToSchema)]
pub(crate) struct BreakerBody {
    /// `closed` or `open`.
    #[schema(example = "closed")]
    state: &'static str,
    /// When the next call is let through (RFC 3339).
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// A limit that was used to 80 % or more.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitWarningBody {
    /// Its name.
    #[schema(example = "memory")]
    limit: String,
    /// The most that was used, in the limit's unit.
    used: u64,
    /// The limit.
    max: u64,
    /// When it was last used so far (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
}

/// Figures of some time.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityFiguresBody {
    /// Calls that reached the plugin.
    calls: u64,
    /// Calls that it answered with an error, faults not counted.
    errors: u64,
    /// Traps, time-outs and limits.
    faults: u64,
    /// Time of a call in microseconds: median.
    p50_us: u64,
    /// 95 of 100 calls took at most so long.
    p95_us: u64,
    /// 99 of 100 calls took at most so long.
    p99_us: u64,
    /// CPU time of all calls in microseconds.
    cpu_us: u64,
    /// The most memory that an instance had.
    memory_peak_bytes: u64,
    /// The last fault.
    last_fault: Option<FaultBody>,
    /// What left the platform, by host.
    egress: Vec<EgressBody>,
    /// Limits that were used to 80 % or more.
    warnings: Vec<LimitWarningBody>,
    /// Log lines that were dropped for the rate.
    dropped_log_lines: u64,
}

/// A day.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityDayBody {
    /// When the day began (RFC 3339, UTC).
    #[schema(format = DateTime)]
    day: String,
    #[serde(flatten)]
    figures: ActivityFiguresBody,
}

/// What an installation did.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityBody {
    /// Whether calls are let through now.
    breaker: BreakerBody,
    /// Since the host started.
    live: ActivityFiguresBody,
    /// The days before and today, the latest first.
    days: Vec<ActivityDayBody>,
}

/// How far back.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivityQuery {
    /// How many days, today included: 7 when left out, at most 90.
    days: Option<u64>,
}

/// A line of a log.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogLineBody {
    /// Counts the lines since the host started, from 1.
    number: u64,
    /// When it was written (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
    /// `debug`, `info`, `warn` or `error`.
    #[schema(example = "info")]
    level: String,
    /// The text, with its fields behind it.
    text: String,
}

/// Lines, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogBody {
    lines: Vec<LogLineBody>,
}

/// From where on.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogQuery {
    /// Only lines with a greater number.
    after: Option<u64>,
}

/// A URL that a platform sends webhooks to.
#[derive(Serialize, ToSchema)]
pub(crate) struct HookBody {
    /// The plugin's name of the connection.
    #[schema(example = "payment")]
    connection: String,
    /// The URL. Whoever has it can send to it, so it is for the platform only.
    url: String,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// Webhook URLs, by connection.
#[derive(Serialize, ToSchema)]
pub(crate) struct HooksBody {
    hooks: Vec<HookBody>,
}

/// Show what an installation did
#[utoipa::path(
    get, path = "/api/installations/{id}/activity", operation_id = "getInstallationActivity", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation."), ActivityQuery),
    responses((status = 200, body = ActivityBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn activity(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
    QueryString(query): QueryString<ActivityQuery>,
) -> Result<Json<ActivityBody>, ApiError> {
    let days = query.days.unwrap_or(DEFAULT_DAYS).clamp(1, MAX_DAYS);
    let since = UnixMillis(UnixMillis::now().0.saturating_sub((days - 1) * DAY_MS));
    let report = state.installations.activity(&access.app, id, since).await?;
    let day = |kept: &neustream_installations::KeptDay| ActivityDayBody {
        day: rfc3339(kept.day),
        figures: figures_body(&kept.activity),
    };
    Ok(Json(ActivityBody {
        breaker: breaker_body(report.live.breaker),
        live: figures_body(&report.live),
        days: report.days.iter().map(day).collect(),
    }))
}

/// Read an installation's log
///
/// The last 1000 lines are kept.
#[utoipa::path(
    get, path = "/api/installations/{id}/logs", operation_id = "getInstallationLog", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation."), LogQuery),
    responses((status = 200, body = LogBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn log(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
    QueryString(query): QueryString<LogQuery>,
) -> Result<Json<LogBody>, ApiError> {
    let lines = state.installations.log(&access.app, id).await?;
    let after = query.after.unwrap_or(0);
    let lines = lines.into_iter().filter(|line| line.number > after).map(line_body);
    Ok(Json(LogBody { lines: lines.collect() }))
}

/// Follow an installation's log
///
/// Server-Sent Events named `line`: the kept lines (after `after` or `Last-Event-ID`), then those that are written, each
/// as in the log. It ends after 15 minutes at the latest; ask again with a fresh token. A reader that is too slow misses
/// lines, which their numbers show.
#[utoipa::path(
    get, path = "/api/installations/{id}/logs/stream", operation_id = "followInstallationLog", tag = "installations", security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation."), LogQuery),
    responses(
        (status = 200, content_type = "text/event-stream", body = String),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "You follow too many logs already."),
    ),
)]
pub(crate) async fn follow_log(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    Path(id): Path<InstallationId>,
    QueryString(query): QueryString<LogQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let seat = state.log_followers.sit(access.user).ok_or(ApiError::TooMany { retry_after: MAX_FOLLOW })?;
    // Before the kept lines are read, so that none falls between both.
    let written = state.installations.follow_log(&access.app, id).await?;
    let kept = state.installations.log(&access.app, id).await?;
    let last_event = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut last = query.after.or(last_event).unwrap_or(0);
    let lines = stream::iter(kept).chain(written).filter_map(move |line| {
        let is_new = line.number > last;
        last = last.max(line.number);
        std::future::ready(is_new.then(|| line_event(line)))
    });
    let end = tokio::time::sleep(MAX_FOLLOW);
    let held = lines.take_until(end).map(move |event| {
        let _seat = &seat;
        Ok(event)
    });
    Ok(Sse::new(held).keep_alive(KeepAlive::default()))
}

/// List an installation's webhook URLs
#[utoipa::path(
    get, path = "/api/installations/{id}/hooks", operation_id = "listInstallationHooks", tag = "installations", security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = HooksBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn hooks(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    urls: PublicUrls,
    Path(id): Path<InstallationId>,
) -> Result<Json<HooksBody>, ApiError> {
    let hooks = state.installations.hooks(&access.app, id).await?;
    let hook = |hook: neustream_installations::Hook| HookBody {
        url: urls.hook(&hook.token),
        connection: hook.connection,
        created_at: rfc3339(hook.created_at),
    };
    Ok(Json(HooksBody { hooks: hooks.into_iter().map(hook).collect() }))
}

fn figures_body(activity: &Activity) -> ActivityFiguresBody {
    let fault = |fault: &neustream_contract::Fault| FaultBody {
        at: rfc3339(fault.at),
        function: fault.function.clone(),
        code: fault.reason.code.clone(),
        message: fault.reason.message.clone(),
    };
    ActivityFiguresBody {
        calls: activity.calls,
        errors: activity.errors,
        faults: activity.faults,
        p50_us: activity.p50_us,
        p95_us: activity.p95_us,
        p99_us: activity.p99_us,
        cpu_us: activity.cpu_us,
        memory_peak_bytes: activity.memory_peak_bytes,
        last_fault: activity.last_fault.as_ref().map(fault),
        egress: egress_body(&activity.egress),
        warnings: warnings_body(&activity.warnings),
        dropped_log_lines: activity.dropped_log_lines,
    }
}

fn egress_body(egress: &BTreeMap<String, neustream_contract::Egress>) -> Vec<EgressBody> {
    let body = |(host, egress): (&String, &neustream_contract::Egress)| EgressBody {
        host: host.clone(),
        requests: egress.requests,
        bytes_out: egress.bytes_out,
        bytes_in: egress.bytes_in,
        secrets: egress.secrets.iter().cloned().collect(),
    };
    egress.iter().map(body).collect()
}

fn warnings_body(warnings: &BTreeMap<String, neustream_contract::LimitWarning>) -> Vec<LimitWarningBody> {
    let body = |(limit, warning): (&String, &neustream_contract::LimitWarning)| LimitWarningBody {
        limit: limit.clone(),
        used: warning.used,
        max: warning.limit,
        at: rfc3339(warning.at),
    };
    warnings.iter().map(body).collect()
}

fn breaker_body(breaker: BreakerState) -> BreakerBody {
    match breaker {
        BreakerState::Closed => BreakerBody { state: "closed", until: None },
        BreakerState::Open { until } => BreakerBody { state: "open", until: Some(rfc3339(until)) },
    }
}

fn line_body(line: LogLine) -> LogLineBody {
    LogLineBody { number: line.number, at: rfc3339(line.at), level: line.level, text: line.text }
}

fn line_event(line: LogLine) -> Event {
    let number = line.number;
    let data = serde_json::to_string(&line_body(line)).expect("a line is plain data");
    Event::default().event("line").id(number.to_string()).data(data)
}
