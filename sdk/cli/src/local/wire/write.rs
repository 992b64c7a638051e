//! Writing what guests answered and asked as JSON.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use neustream_contract::chat::Problem;
use neustream_contract::{Field, Value as Named};
use neustream_model::Reason;
use serde_json::{Map, Value, json};

/// Bytes: the text where they are one, otherwise `{"base64": "..."}`.
pub fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

/// A value that may name a secret.
pub fn value(value: &Named) -> Value {
    match value {
        Named::Plain(text) => Value::from(text.as_str()),
        Named::Secret(name) => json!({ "secret": name }),
        Named::Prefixed(text, name) => json!({ "prefixed": [text, name] }),
        Named::Basic(user, name) => json!({ "basic": [user, name] }),
    }
}

/// Headers, query parameters, form fields.
pub fn fields(fields: &[Field]) -> Value {
    fields.iter().map(|field| json!([field.name, value(&field.value)])).collect()
}

/// Pairs of texts.
pub fn texts(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(name, value)| json!([name, value])).collect()
}

/// What went wrong; `retry-after-ms` only where it was said.
pub fn problem(problem: &Problem) -> Value {
    reason_and(&problem.reason, problem.retry_after)
}

/// What went wrong, without a time.
pub fn reason(reason: &Reason) -> Value {
    reason_and(reason, None)
}

fn reason_and(reason: &Reason, retry_after: Option<Duration>) -> Value {
    coded(&reason.code, &reason.message, retry_after)
}

/// A `problem` of the interface.
pub fn coded(code: &str, message: &str, retry_after: Option<Duration>) -> Value {
    let mut problem = Map::from_iter([
        ("code".to_owned(), Value::from(code)),
        ("message".to_owned(), Value::from(message)),
    ]);
    if let Some(after) = retry_after {
        problem.insert("retry-after-ms".to_owned(), millis(after));
    }
    Value::Object(problem)
}

/// Milliseconds.
pub fn millis(duration: Duration) -> Value {
    Value::from(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
