//! What the hostile guests of all kinds do: deeds by name, one module for what each needs of the host.
//!
//! A *deed* is a word with an argument behind a space. It computes, or asks the host for something, and gives
//! what it learned as bytes, which every gallery hands back in the way of its kind, so that a test can read it.
//! A gallery uses only the modules whose imports its kind has: what is not called is not imported.
//!
//! Built for wasm only: natively there is nothing to attack.

#![cfg(target_arch = "wasm32")]

pub mod asking;
pub mod bindings;
pub mod computing;
pub mod keeping;
pub mod signing;
pub mod telling;

pub use bindings::neustream::host::types::{Context, Error, Field, Problem, Value};

/// What a deed gives; none when the module does not know it.
pub type Outcome = Option<Result<Vec<u8>, Error>>;

/// A deed's word and its argument.
pub fn parsed(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// A failure without a case of its own.
pub fn failure(code: &str, message: &str) -> Error {
    Error::Other(Problem { code: code.to_owned(), message: message.to_owned(), retry_after_ms: None })
}

/// A header, parameter or form field of plain text.
pub fn plain(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: Value::Plain(value.to_owned()) }
}

/// A field with a secret behind a prefix.
pub fn prefixed(name: &str, prefix: &str, secret: &str) -> Field {
    Field { name: name.to_owned(), value: Value::Prefixed((prefix.to_owned(), secret.to_owned())) }
}

/// Errors that would do harm if they were shown as they are: `escapes`, `long`, `unauthorized`, or the code itself.
pub fn lies(kind: &str) -> Error {
    match kind {
        "escapes" => failure("\x1b[31mNot A Code", "\x1b[2J\r\nforged"),
        "long" => failure("long", &"x".repeat(1 << 20)),
        "unauthorized" => Error::Unauthorized(Problem {
            code: "token-expired".to_owned(),
            message: "The platform says that the token is over.".to_owned(),
            retry_after_ms: Some(5000),
        }),
        other => failure("lie", other),
    }
}
