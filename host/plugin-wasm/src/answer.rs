//! What guests answer, made fit for the host: bounded, well-formed, printable where it is shown.
//!
//! Sizes are refused as a limit, forms as an answer that is not one; texts that
//! people read are cleaned and cut instead, since their words are often those
//! of a platform and not the plugin's own.

use std::time::Duration;

use neustream_contract::chat::Problem;
use neustream_contract::{CallError, CallErrorKind, Field, Value};
use neustream_model::Reason;

use crate::bindings::neustream::host::types::{self, Error};
use crate::installation::Used;
use crate::state::CallState;
use crate::text::{code, printable};

/// The longest id of anything.
const MAX_ID_BYTES: usize = 256;
/// The longest URL.
const MAX_URL_BYTES: usize = 2048;
/// Fields of one list.
const MAX_FIELDS: usize = 64;
const MAX_FIELD_NAME_BYTES: usize = 256;
const MAX_FIELD_VALUE_BYTES: usize = 8 * 1024;
/// What a problem says at most.
const MAX_PROBLEM_BYTES: usize = 300;

/// What the guest itself reported.
pub(crate) fn reported(error: Error, state: &CallState) -> CallError {
    let (kind, fallback, problem) = match error {
        Error::Denied(problem) => (CallErrorKind::Denied, "denied", problem),
        Error::InvalidConfig(problem) => (CallErrorKind::InvalidConfig, "config-invalid", problem),
        Error::Unauthorized(problem) => (CallErrorKind::Unauthorized, "unauthorized", problem),
        Error::RateLimited(problem) => (CallErrorKind::RateLimited, "rate-limited", problem),
        Error::Unavailable(problem) => (CallErrorKind::Unavailable, "unavailable", problem),
        Error::Other(problem) => (CallErrorKind::Other, "plugin-error", problem),
    };
    CallError {
        kind,
        code: word_of(&problem.code, fallback, state),
        message: state.starred(printable(&problem.message, 500)),
        retry_after: problem.retry_after_ms.map(|ms| Duration::from_millis(ms.into())),
    }
}

/// An answer that does not keep the interface's rules.
pub(crate) fn invalid(what: &str, problem: &str) -> CallError {
    let message = format!("The plugin's answer cannot be used: {what} {problem}.");
    CallError::new(CallErrorKind::Other, "answer-invalid", message)
}

/// An answer with more than it may have.
pub(crate) fn too_much(what: &str, has: usize, max: usize) -> CallError {
    let message = format!("The plugin answered {has} {what}; {max} are allowed.");
    CallError::new(CallErrorKind::Limit, "answer-too-large", message)
}

/// At most `max` of `what`.
pub(crate) fn at_most(what: &str, has: usize, max: usize) -> Result<(), CallError> {
    if has > max { Err(too_much(what, has, max)) } else { Ok(()) }
}

/// A state of at most `max` bytes; how much of it is used is noted.
pub(crate) fn kept_state(bytes: Vec<u8>, max: usize, state: &mut CallState) -> Result<Vec<u8>, CallError> {
    let used = bytes.len();
    state.kept_state = Some(Used { limit_name: "state-bytes", amount: used as u64, limit: max as u64 });
    if used > max {
        let message = format!("The plugin keeps {used} bytes; {max} are allowed.");
        return Err(CallError::new(CallErrorKind::Limit, "state-too-large", message));
    }
    Ok(bytes)
}

/// A name of something: of the plugin, or of the platform that it speaks to.
pub(crate) fn id(what: &str, text: String) -> Result<String, CallError> {
    if text.is_empty() {
        return Err(invalid(what, "is empty"));
    }
    if text.len() > MAX_ID_BYTES {
        return Err(invalid(what, "is longer than 256 bytes"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(what, "has control characters"));
    }
    Ok(text)
}

/// A word of an open vocabulary, in kebab-case.
pub(crate) fn word(what: &str, text: String) -> Result<String, CallError> {
    if code(&text, "").is_empty() {
        return Err(invalid(what, "is not a kebab-case word of at most 64 characters"));
    }
    Ok(text)
}

/// A URL's length; its host is checked by whoever opens it.
pub(crate) fn url(what: &str, text: String) -> Result<String, CallError> {
    if text.is_empty() || text.len() > MAX_URL_BYTES {
        return Err(invalid(what, "must have from 1 to 2048 bytes"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(invalid(what, "has white space or control characters"));
    }
    Ok(text)
}

/// Headers, query parameters.
pub(crate) fn fields(what: &str, fields: Vec<types::Field>) -> Result<Vec<Field>, CallError> {
    at_most(what, fields.len(), MAX_FIELDS)?;
    fields.into_iter().map(|field| self::field(what, field)).collect()
}

fn field(what: &str, field: types::Field) -> Result<Field, CallError> {
    if field.name.is_empty() || field.name.len() > MAX_FIELD_NAME_BYTES {
        return Err(invalid(what, "have a name that is not from 1 to 256 bytes long"));
    }
    Ok(Field { name: field.name, value: value(what, field.value)? })
}

/// A text that may name a secret.
pub(crate) fn value(what: &str, value: types::Value) -> Result<Value, CallError> {
    let value = Value::from(value);
    let (text, name) = match &value {
        Value::Plain(text) => (text.as_str(), ""),
        Value::Secret(name) => ("", name.as_str()),
        Value::Prefixed(text, name) | Value::Basic(text, name) => (text.as_str(), name.as_str()),
    };
    if text.len() > MAX_FIELD_VALUE_BYTES || name.len() > MAX_FIELD_NAME_BYTES {
        return Err(invalid(what, "have a value that is longer than 8 KiB"));
    }
    Ok(value)
}

/// What went wrong, as people are told.
pub(crate) fn problem(problem: &types::Problem, state: &CallState) -> Problem {
    Problem {
        reason: reason(problem, state),
        retry_after: problem.retry_after_ms.map(|ms| Duration::from_millis(ms.into())),
    }
}

/// [`problem`] without the time.
pub(crate) fn reason(problem: &types::Problem, state: &CallState) -> Reason {
    let message = printable(&problem.message, MAX_PROBLEM_BYTES);
    Reason::new(word_of(&problem.code, "plugin-error", state), state.starred(message))
}

/// A problem's code. One that is none is told in the installation's log, where its author finds it.
fn word_of(text: &str, fallback: &str, state: &CallState) -> String {
    let word = code(text, fallback);
    if word != text {
        let shown = state.starred(printable(text, 64));
        let line = format!(
            "the code `{shown}` is not a kebab-case word of at most 64 characters: `{word}` stands for it"
        );
        state.installation.log("warn", line);
    }
    word
}

/// What the contract has for a guest.
pub(crate) fn told(problem: &Problem) -> types::Problem {
    types::Problem {
        code: problem.reason.code.clone(),
        message: problem.reason.message.clone(),
        retry_after_ms: problem.retry_after.map(|after| u32::try_from(after.as_millis()).unwrap_or(u32::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_words_and_urls_keep_their_forms() {
        assert!(id("the id", "m-1 é".to_owned()).is_ok());
        for bad in [String::new(), "x".repeat(257), "a\nb".to_owned()] {
            assert_eq!(id("the id", bad).unwrap_err().code, "answer-invalid");
        }
        assert!(word("the rule", "caps-lock-2".to_owned()).is_ok());
        for bad in ["", "Caps", "a b", "ä"] {
            assert!(word("the rule", bad.to_owned()).is_err(), "{bad}");
        }
        for bad in [String::new(), "https://a/ b".to_owned(), format!("https://{}", "a".repeat(2048))] {
            assert!(url("the url", bad).is_err());
        }
    }
}
