//! What guests may ask, one file per interface of `wit/host`. Each has two
//! halves: the generated trait, which only turns arguments into a
//! [`HostCall`](crate::HostCall) and passes the door, and the deed behind it.

pub(crate) mod config;
pub(crate) mod crypto;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod telemetry;

use neustream_contract::Value;
use url::form_urlencoded;

use crate::bindings::neustream::host::types::{self, Error, Problem};
use crate::state::CallState;

impl types::Host for CallState {}

pub(crate) fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.to_owned(), message: message.into(), retry_after_ms: None }
}

pub(crate) fn denied(code: &str, message: impl Into<String>) -> Error {
    Error::Denied(problem(code, message))
}

impl From<types::Value> for Value {
    fn from(value: types::Value) -> Self {
        match value {
            types::Value::Plain(text) => Self::Plain(text),
            types::Value::Secret(name) => Self::Secret(name),
            types::Value::Prefixed((text, name)) => Self::Prefixed(text, name),
            types::Value::Basic((user, name)) => Self::Basic(user, name),
        }
    }
}

/// `text` as `application/x-www-form-urlencoded` has it (URL standard, 5.2).
pub(crate) fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
