//! Metrics of calls. A plugin's series are registered once and kept: naming them anew for every call would cost more
//! than a filter's whole call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::{Counter, Histogram, Unit};
use neustream_contract::{CallError, CallErrorKind, PluginInfo};

/// The series of one plugin.
pub(crate) struct Measures {
    plugin: String,
    kind: &'static str,
    /// By function and outcome. Both are words of this crate, so there are few.
    calls: Mutex<HashMap<(&'static str, &'static str), Counter>>,
    times: Mutex<HashMap<&'static str, Histogram>>,
}

impl Measures {
    pub(crate) fn of(info: &PluginInfo) -> Self {
        let (calls, times) = (Mutex::default(), Mutex::default());
        Self { plugin: info.id.clone(), kind: info.kind.as_str(), calls, times }
    }

    /// Counts a call of `function`.
    pub(crate) fn called(&self, function: &'static str, error: Option<&CallError>, took: Duration) {
        let outcome = outcome(error);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = calls.entry((function, outcome)).or_insert_with(|| {
            metrics::counter!(
                "neustream_plugin_calls_total",
                "plugin" => self.plugin.clone(), "kind" => self.kind, "function" => function,
                "outcome" => outcome
            )
        });
        counter.increment(1);
        drop(calls);
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = times.entry(function).or_insert_with(|| {
            metrics::histogram!(
                "neustream_plugin_call_seconds",
                "plugin" => self.plugin.clone(), "kind" => self.kind, "function" => function
            )
        });
        histogram.record(took);
    }
}

fn outcome(error: Option<&CallError>) -> &'static str {
    match error.map(|error| error.kind) {
        None => "ok",
        Some(CallErrorKind::Trap) => "trap",
        Some(CallErrorKind::Timeout) => "timeout",
        Some(CallErrorKind::Limit) => "limit",
        Some(CallErrorKind::BreakerOpen) => "breaker-open",
        Some(_) => "error",
    }
}

/// What the series mean.
pub(crate) fn describe() {
    metrics::describe_counter!("neustream_plugin_calls_total", "Calls of plugins by outcome.");
    metrics::describe_histogram!(
        "neustream_plugin_call_seconds",
        Unit::Seconds,
        "Time of plugin calls, waiting for a place and for hosts included."
    );
    metrics::describe_counter!("neustream_plugin_events_total", "What plugins count themselves.");
}
