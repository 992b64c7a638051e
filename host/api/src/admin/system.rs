//! `/api/admin/system`: whether the host is well, what it lacks, and what it takes.

use axum::extract::State;
use neustream_model::{DestinationState, SessionStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::machine::{CheckStatus, MachineCheck};
use crate::moment::rfc3339;
use crate::state::AppState;

/// One thing that was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemCheckBody {
    /// What, as a word for programs.
    #[schema(example = "disk")]
    code: String,
    /// `ok`, `warning` (the host runs with it, but worse than it could) or `problem`.
    status: CheckStatus,
    /// What was found.
    #[schema(example = "1.2 GiB free at /var/lib/neustream")]
    message: String,
    /// What to do about it; null where all is well.
    #[schema(example = "make room before it runs out")]
    advice: Option<String>,
}

/// The database.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemDatabaseBody {
    /// `sqlite` or `postgresql`.
    #[schema(example = "sqlite")]
    kind: &'static str,
    /// The time of one question and its answer in milliseconds, waiting for a free connection included.
    #[schema(example = 0.2)]
    latency_ms: f64,
}

/// The disk that the data is on.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemDiskBody {
    /// What the host may still write; null where the system does not tell.
    #[schema(example = 21_474_836_480_u64)]
    free_bytes: Option<u64>,
    /// The whole of it.
    #[schema(example = 107_374_182_400_u64)]
    total_bytes: Option<u64>,
}

/// The memory of the host's process.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemMemoryBody {
    /// What of it is held in RAM; null where the system does not tell.
    #[schema(example = 268_435_456_u64)]
    resident_bytes: Option<u64>,
}

/// How the host is doing, for those who run it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemBody {
    /// Version of the host.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// When this node began to serve (RFC 3339).
    #[schema(format = DateTime)]
    started_at: String,
    /// What `neustream admin doctor` looks at, as far as it makes sense while the host serves.
    checks: Vec<SystemCheckBody>,
    /// When those were looked at (RFC 3339): at most a minute ago.
    #[schema(format = DateTime)]
    checked_at: String,
    database: SystemDatabaseBody,
    disk: SystemDiskBody,
    memory: SystemMemoryBody,
    /// CPU time of the host's process since somebody last asked, in per cent of one core.
    #[schema(example = 12.5)]
    cpu_percent: f64,
    /// Sessions that run on this node.
    #[schema(example = 12)]
    sessions: usize,
    /// Destinations of those sessions that are switched on.
    #[schema(example = 30)]
    destinations: usize,
    /// Viewers of those sessions.
    #[schema(example = 250)]
    viewers: u64,
    /// Whether mail leaves the machine; otherwise it goes to the log.
    mail_configured: bool,
    /// `ok`, `unavailable`, or `off` where nodes share none.
    #[schema(example = "off")]
    redis: &'static str,
}

/// Show how the host is doing
///
/// What it lacks with advice, and what it takes: of the node that answers.
#[utoipa::path(
    get, path = "/api/admin/system", operation_id = "getSystem", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses(
        (status = 200, body = SystemBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    admin: Administrator,
) -> Result<Json<SystemBody>, ApiError> {
    let host = admin.host(&state);
    let (looked, latency, redis) = tokio::join!(state.machine.checks(), host.round_trip(), redis(&state));
    let figures = state.machine.figures();
    let sessions = state.live.sessions();
    Ok(Json(SystemBody {
        version: env!("CARGO_PKG_VERSION"),
        started_at: rfc3339(figures.started_at),
        checks: looked.checks.into_iter().map(check).collect(),
        checked_at: rfc3339(looked.checked_at),
        database: SystemDatabaseBody {
            kind: host.database_kind().as_str(),
            latency_ms: latency?.as_secs_f64() * 1e3,
        },
        disk: SystemDiskBody {
            free_bytes: figures.disk.map(|disk| disk.free_bytes),
            total_bytes: figures.disk.map(|disk| disk.total_bytes),
        },
        memory: SystemMemoryBody { resident_bytes: figures.resident_bytes },
        cpu_percent: figures.cpu_percent,
        destinations: sessions.iter().map(destinations_in_use).sum(),
        viewers: sessions.iter().map(|session| session.viewers).sum(),
        sessions: sessions.len(),
        mail_configured: figures.is_mail_configured,
        redis,
    }))
}

fn destinations_in_use(session: &SessionStatus) -> usize {
    session.destinations.iter().filter(|destination| destination.state != DestinationState::Idle).count()
}

async fn redis(state: &AppState) -> &'static str {
    let Some(redis) = &state.settings.redis else { return "off" };
    match redis.ping().await {
        Ok(()) => "ok",
        Err(_) => "unavailable",
    }
}

fn check(check: MachineCheck) -> SystemCheckBody {
    let MachineCheck { code, status, message, advice } = check;
    SystemCheckBody { code, status, message, advice }
}
