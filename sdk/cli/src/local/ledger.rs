//! What happens during a call, written down as it happens: requests with their answers, lines for the log, what was
//! used of the limits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use neustream_outbound::{HttpResponse, OutboundError};
use neustream_plugin_wasm::{CallReport, HostAnswer, HostCall, LimitUse, Observer, Tape, host};
use serde_json::Value;

use super::wire;

/// A request of a guest, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The request as the guest named it.
    pub request: Value,
    /// `response` or `fails` with what stands under it; none where the rules refused the request.
    pub reply: Option<(&'static str, Value)>,
    /// Why the rules refused it: a code and a sentence.
    pub refused: Option<(String, String)>,
}

/// What one call used.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Which function was called.
    pub function: &'static str,
    /// From the call to its answer.
    pub took: Duration,
    /// CPU time.
    pub cpu: Duration,
    /// Host calls of every sort.
    pub host_calls: u32,
    /// Of every limit that it had.
    pub used: Vec<LimitUse>,
}

/// What happened since it was last taken.
#[derive(Debug, Default)]
pub(super) struct Happened {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) usage: Vec<Usage>,
    /// What the guest gave to `log`, before the host cleaned it.
    pub(super) said: Vec<String>,
}

/// Sees host calls, exchanges and reports. A guest waits for each request, so there is one under way at most.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    happened: Happened,
    /// A request that was made and has not passed the rules yet.
    asked: Option<Value>,
}

impl Ledger {
    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request is about to meet the rules.
    pub(super) fn asks(&self, request: Value) {
        self.lock().asked = Some(request);
    }

    /// The request has passed the rules.
    pub(super) fn passed(&self) -> Value {
        self.lock().asked.take().unwrap_or_default()
    }

    /// The request was answered.
    pub(super) fn answered(&self, request: Value, answer: &Result<HttpResponse, OutboundError>) {
        let reply = Some(wire::http::recorded(answer));
        self.lock().happened.exchanges.push(Exchange { request, reply, refused: None });
    }

    /// The request has come back; where it had not passed, the rules refused it.
    pub(super) fn came_back(&self, refusal: Option<(String, String)>) {
        let mut written = self.lock();
        if let (Some(request), Some(refusal)) = (written.asked.take(), refusal) {
            let exchange = Exchange { request, reply: None, refused: Some(refusal) };
            written.happened.exchanges.push(exchange);
        }
    }

    /// Takes what happened.
    pub(super) fn take(&self) -> Happened {
        let mut written = self.lock();
        written.asked = None;
        std::mem::take(&mut written.happened)
    }
}

impl Tape for Ledger {
    fn recorded(&self, _: &str, _: u32, asked: &HostCall) -> Option<HostAnswer> {
        match asked {
            HostCall::HttpSend(request) => self.asks(wire::http::request(request)),
            HostCall::Log { message, fields, .. } => {
                let fields = fields.iter().map(|(name, value)| format!(" {name}={value}"));
                let line = format!("{message}{}", fields.collect::<String>());
                self.lock().happened.said.push(line);
            }
            _ => {}
        }
        None
    }

    fn record(&self, _: &str, _: u32, _: &HostCall, answer: &HostAnswer) {
        if let HostAnswer::Response(response) = answer {
            self.came_back(response.as_ref().err().map(refusal));
        }
    }
}

fn refusal(error: &host::Error) -> (String, String) {
    use host::Error::{Denied, InvalidConfig, Other, RateLimited, Unauthorized, Unavailable};
    let (Denied(problem)
    | InvalidConfig(problem)
    | Unauthorized(problem)
    | RateLimited(problem)
    | Unavailable(problem)
    | Other(problem)) = error;
    (problem.code.clone(), problem.message.clone())
}

impl Observer for Ledger {
    fn called(&self, report: &CallReport<'_>) {
        let CallReport { function, took, cpu, host_calls, used, .. } = *report;
        self.lock().happened.usage.push(Usage { function, took, cpu, host_calls, used: used.to_vec() });
    }
}
