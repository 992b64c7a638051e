//! What one call used of its limits, told to whoever wants to know: the figures behind an installation's activity,
//! call by call.

use std::time::Duration;

use neustream_contract::CallError;

/// Hears of every call that reached a guest, before its caller does. Trials are not told.
pub trait Observer: Send + Sync {
    /// A call has ended.
    fn called(&self, report: &CallReport<'_>);
}

/// One call.
#[derive(Debug, Clone)]
pub struct CallReport<'a> {
    /// Which function was called.
    pub function: &'static str,
    /// From the call to its answer, waiting included.
    pub took: Duration,
    /// CPU time of instantiation, guest and the crossing of its border.
    pub cpu: Duration,
    /// Host calls of every sort.
    pub host_calls: u32,
    /// Of every limit that the call had.
    pub used: &'a [LimitUse],
    /// How it failed.
    pub error: Option<&'a CallError>,
}

/// How much of a limit a call used, in the limit's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUse {
    /// `memory-bytes`, `cpu-us` or `fuel`, `wall-us`, `requests`, `log-bytes`, `state-bytes`, `kv-bytes`, `kv-keys`.
    pub limit_name: &'static str,
    /// How much of it was used.
    pub amount: u64,
    /// The limit.
    pub limit: u64,
}
