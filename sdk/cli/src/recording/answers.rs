//! The order in which transcript, recording and platform are asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use neustream_contract::Secrets;
use neustream_outbound::{CheckedRequest, HttpResponse, OutboundError};
use serde_json::Value;

use super::{Recording, World};
use crate::local::Platform;
use crate::local::wire::http::{Reply, recorded};
use crate::transcript::Scripted;

/// Who answered a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// The transcript.
    Transcript,
    /// A recording.
    Recording,
    /// The platform itself.
    Platform,
    /// Nobody.
    Nobody,
}

/// A request that was made.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// As the plugin named it.
    pub request: Value,
    /// Who answered.
    pub origin: Origin,
}

/// Answers the requests of one run of a transcript.
#[derive(Clone)]
pub(crate) struct Answers {
    world: Option<(World, Secrets)>,
    state: Arc<Mutex<State>>,
}

struct State {
    script: VecDeque<Reply>,
    recording: Recording,
    heard: Vec<Heard>,
}

impl Answers {
    /// Answers of the recording; where `world` is given, it is asked for what was not recorded yet, with these secrets.
    pub fn new(recording: Recording, world: Option<(World, Secrets)>) -> Self {
        let state = State { script: VecDeque::new(), recording, heard: Vec::new() };
        Self { world, state: Arc::new(Mutex::new(state)) }
    }

    /// The answers of the transcript for the next call, which come first.
    pub fn begin(&self, http: &[Scripted]) {
        self.lock().script = http.iter().map(|scripted| scripted.reply.clone()).collect();
    }

    /// The requests since this was last asked, in order.
    pub fn take_heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.lock().heard)
    }

    /// The recording, to be kept.
    pub fn with_recording<T>(&self, then: impl FnOnce(&mut Recording) -> T) -> T {
        then(&mut self.lock().recording)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform for Answers {
    fn answer(
        &self,
        named: &Value,
        request: CheckedRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let mut state = self.lock();
        let known = match state.script.pop_front() {
            Some(reply) => Some((reply, Origin::Transcript)),
            None => state.recording.next_reply(named).map(|reply| (reply, Origin::Recording)),
        };
        let origin = match (&known, &self.world) {
            (Some((_, origin)), _) => *origin,
            (None, Some(_)) => Origin::Platform,
            (None, None) => Origin::Nobody,
        };
        state.heard.push(Heard { request: named.clone(), origin });
        drop(state);

        let host = request.endpoint().host.to_string();
        let timeout: Duration = request.request().limits.timeout;
        match (known, &self.world) {
            (Some((reply, _)), _) => Box::pin(async move { reply.given(&host, timeout) }),
            (None, Some((world, secrets))) => {
                let asked = world.ask(request, secrets);
                let (answers, named) = (self.clone(), named.clone());
                Box::pin(async move {
                    let answer = asked.await;
                    // A platform that is away today is no answer to be repeated.
                    if let ("response", response) = recorded(&answer) {
                        answers.lock().recording.add(named, response);
                    }
                    answer
                })
            }
            (None, None) => {
                let detail = "nothing answers this request here".to_owned();
                Box::pin(async move { Err(OutboundError::HttpFailed { host, detail }) })
            }
        }
    }
}
