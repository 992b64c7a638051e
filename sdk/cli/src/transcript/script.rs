//! A platform that answers as a transcript says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use neustream_outbound::{CheckedRequest, HttpResponse, OutboundError};
use serde_json::Value;

use super::file::Scripted;
use crate::local::Platform;
use crate::local::wire::http::Reply;

/// What a request beyond the announced ones is told.
const UNANNOUNCED: &str = "the transcript announces no further request";

/// Gives its replies one after the other, whatever is asked: what was asked is compared afterwards.
#[derive(Debug, Default)]
pub struct Script(Mutex<VecDeque<Reply>>);

impl Script {
    /// The replies of a step.
    pub fn of(http: &[Scripted]) -> Arc<Self> {
        Self::replies(http.iter().map(|scripted| scripted.reply.clone()))
    }

    /// These replies.
    pub fn replies(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(replies.into_iter().collect())))
    }
}

impl Platform for Script {
    fn answer(
        &self,
        _: &Value,
        request: CheckedRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let host = request.endpoint().host.to_string();
        let timeout = rounded(request.request().limits.timeout);
        let reply = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Box::pin(async move {
            match reply {
                Some(reply) => reply.given(&host, timeout),
                None => Err(OutboundError::HttpFailed { host, detail: UNANNOUNCED.to_owned() }),
            }
        })
    }
}

/// Up to half a second: what is left of a call differs a little on every run, and is told in the time-out's words.
fn rounded(timeout: Duration) -> Duration {
    const STEP_MS: u64 = 500;
    let ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(ms.div_ceil(STEP_MS) * STEP_MS)
}
