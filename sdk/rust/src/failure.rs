//! Failures and values in the interface's words.

use crate::{Error, Field, Problem, Response, Value};

/// A problem that says nothing about when to try again.
pub fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.to_owned(), message: message.into(), retry_after_ms: None }
}

/// A field without a secret.
pub fn plain(name: &str, value: impl Into<String>) -> Field {
    Field { name: name.to_owned(), value: Value::Plain(value.into()) }
}

/// The configuration is wrong at `pointer` (RFC 6901).
pub fn invalid_config(pointer: &str, code: &str, message: &str) -> Error {
    Error::InvalidConfig(problem(code, format!("{pointer}: {message}")))
}

/// The platform could not be reached or answered nonsense.
pub fn unavailable(code: &str, message: impl Into<String>) -> Error {
    Error::Unavailable(problem(code, message))
}

/// What an answer of `platform` that is not a success means.
pub fn error_of_status(platform: &str, response: &Response) -> Error {
    let status = response.status;
    match status {
        401 | 403 => Error::Unauthorized(problem("unauthorized", format!("{platform} answered {status}."))),
        429 => Error::RateLimited(Problem {
            code: "rate-limited".to_owned(),
            message: format!("{platform} asks for patience."),
            retry_after_ms: retry_after_ms(&response.headers),
        }),
        _ => Error::Unavailable(Problem {
            code: "platform-error".to_owned(),
            message: format!("{platform} answered {status}."),
            retry_after_ms: retry_after_ms(&response.headers),
        }),
    }
}

/// `Retry-After` in seconds (RFC 9110 10.2.3); its date form would need a calendar and is passed over.
pub fn retry_after_ms(headers: &[(String, String)]) -> Option<u32> {
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    value.trim().parse::<u32>().ok()?.checked_mul(1000)
}
