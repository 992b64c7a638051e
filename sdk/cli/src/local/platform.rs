//! What answers the requests that the rules let through.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use neustream_outbound::{CheckedRequest, HttpResponse, Network, OutboundError};
use serde_json::Value;

use super::ledger::Ledger;

/// Stands for the platforms that a plugin speaks to: a transcript, a recording, or the world.
pub trait Platform: Send + Sync {
    /// Answers a request that kept every rule. `named` is the request as the guest made it, in the form of
    /// transcripts, with secrets by name; `request` is what would leave, with the secrets in it.
    fn answer(
        &self,
        named: &Value,
        request: CheckedRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, OutboundError>>;
}

/// No platform can be reached.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Platform for Silence {
    fn answer(
        &self,
        _: &Value,
        request: CheckedRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let host = request.endpoint().host.to_string();
        let detail = "there is no network here".to_owned();
        Box::pin(async { Err(OutboundError::DnsFailed { host, detail }) })
    }
}

/// The way out of a local host: notes what passes, and asks the session's platform.
pub(super) struct LocalNetwork {
    platform: Mutex<Arc<dyn Platform>>,
    ledger: Arc<Ledger>,
}

impl LocalNetwork {
    pub(super) fn new(ledger: Arc<Ledger>) -> Self {
        Self { platform: Mutex::new(Arc::new(Silence)), ledger }
    }

    pub(super) fn set(&self, platform: Arc<dyn Platform>) {
        *self.platform.lock().unwrap_or_else(PoisonError::into_inner) = platform;
    }
}

impl Network for LocalNetwork {
    fn exchange(&self, request: CheckedRequest) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let platform = Arc::clone(&self.platform.lock().unwrap_or_else(PoisonError::into_inner));
        let ledger = Arc::clone(&self.ledger);
        let named = ledger.passed();
        Box::pin(async move {
            let answer = platform.answer(&named, request).await;
            ledger.answered(named, &answer);
            answer
        })
    }
}
