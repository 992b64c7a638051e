//! What the API needs of the machine that the host runs on.

use async_trait::async_trait;
use neustream_model::UnixMillis;
use serde::Serialize;
use utoipa::ToSchema;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// The host runs with it, but worse than it could.
    Warning,
    /// Something is lost, or soon will be.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineCheck {
    /// What, as a word for programs, such as `data-folder`.
    pub code: String,
    /// How it is.
    pub status: CheckStatus,
    /// What was found.
    pub message: String,
    /// What to do about it; nothing where all is well.
    pub advice: Option<String>,
}

/// Everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineChecks {
    /// One thing each.
    pub checks: Vec<MachineCheck>,
    /// When.
    pub checked_at: UnixMillis,
}

/// What the host takes and has, now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MachineFigures {
    /// When the host began to serve.
    pub started_at: UnixMillis,
    /// What is free where the data is, and how much there is at all; nothing where the system does not tell.
    pub disk: Option<DiskSpace>,
    /// Memory of the process that is held in RAM; nothing where the system does not tell.
    pub resident_bytes: Option<u64>,
    /// CPU time of the process since it was last asked for, in per cent of one core.
    pub cpu_percent: f64,
    /// Whether mail leaves the machine; otherwise it goes to the log.
    pub is_mail_configured: bool,
}

/// Room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// What the host may still write.
    pub free_bytes: u64,
    /// The whole of it.
    pub total_bytes: u64,
}

/// The machine as the API sees it: the one that the host runs on, or a stand-in in tests.
#[async_trait]
pub trait Machine: Send + Sync + 'static {
    /// What was found when it was last looked over, which is not long ago.
    async fn checks(&self) -> MachineChecks;
    /// What is measured at once.
    fn figures(&self) -> MachineFigures;
}
