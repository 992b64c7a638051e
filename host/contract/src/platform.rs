//! What the runtime of plugins does besides calling them.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use neustream_model::{InstallationId, Reason, TenantId};
use serde::{Deserialize, Serialize};

use crate::{Activity, Call, CallError, Digest, Egress, LogLine};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `structure`, `size`, `imports`, `exports`, `compile`, `self-test`, `config`, `secrets`, ...
    pub name: String,
    /// What is wrong; none where nothing is.
    pub problem: Option<Reason>,
    /// What was measured, in a sentence; may be empty.
    pub note: String,
    /// How long it took.
    pub took: Duration,
}

/// What a scan or a self-test found, in the order of the checks. It ends with the first that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanReport {
    /// The checks.
    pub checks: Vec<Check>,
}

impl ScanReport {
    /// The first problem.
    pub fn problem(&self) -> Option<&Reason> {
        self.checks.iter().find_map(|check| check.problem.as_ref())
    }
}

/// Where packages come from, by digest.
#[async_trait]
pub trait PackageSource: Send + Sync {
    /// The package's bytes; none where it is not known or may not run.
    ///
    /// # Errors
    /// A sentence, when the answer cannot be had now.
    async fn package(&self, plugin: &Digest) -> Result<Option<Bytes>, String>;
}

/// The runtime of plugins, as the catalogue, installations and API see it.
#[async_trait]
pub trait PluginPlatform: Send + Sync {
    /// Looks a package over as an upload is: structure, size, imports against manifest and host, exports, compiling
    /// in a child process, and a call without a network in which it must answer something.
    async fn scan(&self, package: Bytes) -> ScanReport;

    /// Looks an installation over: configuration, secrets, and a call without a network.
    async fn self_test(&self, call: &Call) -> ScanReport;

    /// Makes a plugin ready, so that its first call does not wait for compilation.
    async fn make_ready(&self, plugin: &Digest) -> Result<(), CallError>;

    /// Ends the running calls of a package and refuses later ones with the code `plugin-<state>`, until
    /// [`PluginPlatform::permit`].
    fn forbid(&self, plugin: &Digest, reason: Reason);

    /// Takes [`PluginPlatform::forbid`] back.
    fn permit(&self, plugin: &Digest);

    /// What an installation did since the host started.
    fn activity(&self, tenant: TenantId, installation: InstallationId) -> Activity;

    /// Takes what installations did since this was last called, to be kept elsewhere. Figures that are not sums
    /// (percentiles, peaks) are those of that time.
    fn take_activity(&self) -> Vec<(TenantId, InstallationId, Activity)>;

    /// Notes what a driver sent and received for an installation, so that all that leaves is in one list.
    fn note_egress(&self, tenant: TenantId, installation: InstallationId, host: &str, traffic: Egress);

    /// The lines of an installation's log that are kept, oldest first.
    fn log(&self, tenant: TenantId, installation: InstallationId) -> Vec<LogLine>;

    /// The lines that will be written. A slow reader loses the oldest.
    fn follow_log(&self, tenant: TenantId, installation: InstallationId) -> BoxStream<'static, LogLine>;

    /// Closes an installation's breaker: its tenant has changed something.
    fn reset_breaker(&self, tenant: TenantId, installation: InstallationId);

    /// Forgets an installation that is no more: activity, log, memory.
    async fn forget(&self, tenant: TenantId, installation: InstallationId);
}
