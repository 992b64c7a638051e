//! Failures in the interface's words.

use crate::{Error, Problem, Response};

fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.to_owned(), message: message.into(), retry_after_ms: None }
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
            retry_after_ms: retry_after_ms(response),
        }),
        _ => Error::Unavailable(Problem {
            code: "platform-error".to_owned(),
            message: format!("{platform} answered {status}."),
            retry_after_ms: retry_after_ms(response),
        }),
    }
}

/// `Retry-After` in seconds (RFC 9110 10.2.3); its date form would need a clock and is passed over.
fn retry_after_ms(response: &Response) -> Option<u32> {
    let (_, value) = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    value.trim().parse::<u32>().ok()?.checked_mul(1000)
}
