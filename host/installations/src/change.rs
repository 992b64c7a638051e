//! What is told when an installation changes.

use neustream_contract::{Fault, Kind};
use neustream_model::{InstallationId, TenantId};
use serde::Serialize;

/// An installation changed. Told after the change is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct InstallationChanged {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub installation: InstallationId,
    /// Its plugin's kind.
    pub kind: Kind,
    /// What changed.
    pub what: Change,
}

/// A plugin failed: it trapped, timed out or met a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationFailed {
    /// Whose installation it is.
    pub tenant: TenantId,
    /// Which.
    pub installation: InstallationId,
    /// The last of its faults since the one before was told.
    pub fault: Fault,
    /// Whether the breaker is open: it is not called for a while.
    pub is_breaker_open: bool,
}

/// What changed about an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Installed,
    /// Its configuration, secrets, grant, name or ring.
    Configured,
    /// It was switched on.
    Enabled,
    /// It was switched off.
    Disabled,
    /// It runs a newer package.
    Upgraded,
    /// It runs a former package.
    RolledBack,
    /// A newer version waits for the tenant's consent.
    UpgradeWaits,
    /// Its package was suspended or revoked, or may run again.
    Standing,
    /// An account was connected. What was refused for want of it may be tried again.
    Connected,
    /// It is no more.
    Uninstalled,
}
