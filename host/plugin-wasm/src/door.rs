//! The one door between guest and host: every import passes [`CallState::pass`].
//!
//! Here a call can be recorded, and a recording can answer in place of the
//! world: replay in the author's tool, shadow runs before an upgrade, appeals
//! of verdicts all stand on that. Secrets never pass: a request names them and
//! they are joined behind the door, and answers have them starred out before
//! they are recorded.

use serde::{Deserialize, Serialize};

use crate::bindings::neustream::host::http::{Request, Response};
use crate::bindings::neustream::host::kv::Entry;
use crate::bindings::neustream::host::telemetry::Level;
use crate::bindings::neustream::host::types::{Error, Problem};
use crate::imports::{config, crypto, http, kv, telemetry};
use crate::state::CallState;

/// What a guest asks of its host, in the words of `wit/host`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum HostCall {
    /// `config.get`
    ConfigGet,
    /// `telemetry.log`
    Log {
        /// How much it matters.
        level: Level,
        /// The line.
        message: String,
        /// Its fields.
        fields: Vec<(String, String)>,
    },
    /// `telemetry.count`
    Count {
        /// The counter.
        metric: String,
        /// What is added.
        delta: u64,
    },
    /// `telemetry.panicked`
    Panicked {
        /// The panic's message.
        message: String,
        /// File and line.
        location: String,
    },
    /// `kv.get`
    KvGet {
        /// The key.
        key: String,
    },
    /// `kv.put`
    KvPut {
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
        /// The revision that must still hold.
        expected: Option<u64>,
        /// How long the value lives.
        ttl_s: Option<u32>,
    },
    /// `kv.delete`
    KvDelete {
        /// The key.
        key: String,
        /// The revision that must still hold.
        expected: u64,
    },
    /// `http.send`
    HttpSend(Request),
    /// `crypto.verify-hmac-sha256`
    VerifyHmac {
        /// The secret's name.
        key: String,
        /// What is authenticated.
        data: Vec<u8>,
        /// The claimed MAC.
        tag: Vec<u8>,
    },
    /// `crypto.hmac-sha256`
    Hmac {
        /// The secret's name.
        key: String,
        /// What is authenticated.
        data: Vec<u8>,
    },
}

/// What the host answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum HostAnswer {
    /// Nothing to say: the call has no result.
    Done,
    /// The configuration.
    Config(String),
    /// `kv.get`
    Entry(Result<Option<Entry>, Error>),
    /// `kv.put`
    Revision(Result<Option<u64>, Error>),
    /// `kv.delete`
    Deleted(Result<bool, Error>),
    /// `http.send`
    Response(Result<Response, Error>),
    /// `crypto.verify-hmac-sha256`
    Verified(Result<bool, Error>),
    /// `crypto.hmac-sha256`
    Mac(Result<Vec<u8>, Error>),
}

/// What the guest is told when a recording answers something else than was asked.
pub(crate) fn diverged() -> Error {
    Error::Other(Problem {
        code: "replay-diverged".to_owned(),
        message: "the recording answers another question".to_owned(),
        retry_after_ms: None,
    })
}

/// Sees every host call of every plugin. Calls of one plugin call come in order, numbered from 0.
pub trait Tape: Send + Sync {
    /// An answer recorded earlier, given in place of the world's; `None` lets the call through.
    fn recorded(&self, call_id: &str, number: u32, asked: &HostCall) -> Option<HostAnswer> {
        let _ = (call_id, number, asked);
        None
    }

    /// Takes note of a call and its answer.
    fn record(&self, call_id: &str, number: u32, asked: &HostCall, answer: &HostAnswer);

    /// The guest's call has ended; its instance is about to be discarded.
    fn ended(&self, call_id: &str) {
        let _ = call_id;
    }
}

impl CallState {
    /// The door: answers `asked`. Only `kv` and `http` ever wait.
    pub(crate) async fn pass(&mut self, asked: HostCall) -> HostAnswer {
        let number = self.host_calls;
        self.host_calls += 1;
        let tape = self.services.tape.clone();
        if let Some(tape) = &tape
            && let Some(answer) = tape.recorded(&self.call_id, number, &asked)
        {
            return answer;
        }
        let answer = match &asked {
            HostCall::ConfigGet => HostAnswer::Config(config::get(self)),
            HostCall::Log { level, message, fields } => {
                telemetry::log(self, *level, message, fields);
                HostAnswer::Done
            }
            HostCall::Count { metric, delta } => {
                telemetry::count(self, metric, *delta);
                HostAnswer::Done
            }
            HostCall::Panicked { message, location } => {
                telemetry::panicked(self, message, location);
                HostAnswer::Done
            }
            HostCall::KvGet { key } => HostAnswer::Entry(kv::get(self, key).await),
            HostCall::KvPut { key, value, expected, ttl_s } => {
                HostAnswer::Revision(kv::put(self, key, value, *expected, *ttl_s).await)
            }
            HostCall::KvDelete { key, expected } => {
                HostAnswer::Deleted(kv::delete(self, key, *expected).await)
            }
            HostCall::HttpSend(request) => HostAnswer::Response(http::send(self, request).await),
            HostCall::VerifyHmac { key, data, tag } => {
                HostAnswer::Verified(crypto::verify(self, key, data, tag))
            }
            HostCall::Hmac { key, data } => HostAnswer::Mac(crypto::mac(self, key, data)),
        };
        if let Some(tape) = &tape {
            tape.record(&self.call_id, number, &asked, &answer);
        }
        answer
    }

    /// [`CallState::pass`] for calls that never wait.
    pub(crate) fn pass_at_once(&mut self, asked: HostCall) -> HostAnswer {
        use futures_util::FutureExt as _;
        self.pass(asked).now_or_never().expect("config, telemetry and crypto answer without waiting")
    }
}
