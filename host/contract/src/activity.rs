//! What an installation did: calls, faults, and what left the platform.

use std::collections::{BTreeMap, BTreeSet};

use neustream_model::{Reason, UnixMillis};
use serde::{Deserialize, Serialize};

/// What an installation did since the host started (or since the last time that somebody took it away to keep it).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Calls that reached the plugin.
    pub calls: u64,
    /// Calls that it answered with an error, faults not counted.
    pub errors: u64,
    /// Traps, time-outs and limits.
    pub faults: u64,
    /// Time of calls in microseconds, host calls included: median.
    pub p50_us: u64,
    /// 95 of 100 calls took at most so long.
    pub p95_us: u64,
    /// 99 of 100 calls took at most so long.
    pub p99_us: u64,
    /// CPU time of all calls in microseconds.
    pub cpu_us: u64,
    /// The most memory that an instance had.
    pub memory_peak_bytes: u64,
    /// The last fault.
    pub last_fault: Option<Fault>,
    /// The breaker.
    pub breaker: BreakerState,
    /// What left the platform, by host.
    pub egress: BTreeMap<String, Egress>,
    /// Limits that were used to 80 % or more, by name.
    pub warnings: BTreeMap<String, LimitWarning>,
    /// Log lines that were dropped for the rate.
    pub dropped_log_lines: u64,
}

/// A trap, a time-out or a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// When.
    pub at: UnixMillis,
    /// Which function was called.
    pub function: String,
    /// What happened.
    pub reason: Reason,
}

/// Whether calls are let through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum BreakerState {
    /// They are.
    #[default]
    Closed,
    /// They are not, until a probe at this time.
    Open {
        /// When the next call is let through.
        until: UnixMillis,
    },
}

/// What went to one host, and what came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Egress {
    /// Requests made, or connections opened.
    pub requests: u64,
    /// Bytes sent: URLs, headers and bodies, or messages.
    pub bytes_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Names of secrets that went along.
    pub secrets: BTreeSet<String>,
}

/// A limit that came near.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitWarning {
    /// The most that was used, in the limit's unit.
    pub used: u64,
    /// The limit.
    pub limit: u64,
    /// When it was last used to 80 % or more.
    pub at: UnixMillis,
}

/// A line of an installation's log, already printable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Counts the installation's lines since the host started, from 1.
    pub number: u64,
    /// When it was written.
    pub at: UnixMillis,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The text, with its fields behind it.
    pub text: String,
}
