//! What the hostile guests of all kinds do: deeds by name, one module for what each needs of the host.
//!
//! A *deed* is a word with an argument behind a space. It computes, or asks the host for something, and gives
//! what it learned as bytes, which every gallery hands back in the way of its kind, so that a test can read it.
//! A gallery uses only the modules whose imports its kind has: what is not called is not imported, and the host that
//! each module wants says so in types.
//!
//! Everything goes through the SDK: what an author can do by mistake or on purpose is what the host is tested with.
//!
//! Built for wasm only: natively there is nothing to attack.

#![cfg(target_arch = "wasm32")]

pub mod asking;
pub mod computing;
pub mod keeping;
pub mod signing;
pub mod telling;

use neustream_plugin::{Error, Problem};

/// What a deed gives; none when the module does not know it.
pub type Outcome = Option<Result<Vec<u8>, Error>>;

/// A deed's word and its argument.
pub fn parsed(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// A failure without a case of its own.
pub fn failure(code: &str, message: &str) -> Error {
    Error::other(code, message)
}

/// Errors that would do harm if they were shown as they are: `escapes`, `long`, `unauthorized`, or the code itself.
pub fn lies(kind: &str) -> Error {
    match kind {
        "escapes" => failure("\x1b[31mNot A Code", "\x1b[2J\r\nforged"),
        "long" => failure("long", &"x".repeat(1 << 20)),
        "unauthorized" => {
            let problem = Problem::new("token-expired", "The platform says that the token is over.");
            Error::Unauthorized(problem.after_ms(5000))
        }
        other => failure("lie", other),
    }
}
