//! A plugin in the production runtime, on its author's machine.
//!
//! [`LocalHost`] runs one package in `neustream-plugin-wasm` with the limits and rules of production: manifest, grant,
//! configuration, secrets by handle, methods, headers, sizes. What differs stands behind the rules: a [`Platform`]
//! answers the requests that they let through, and guests are told a clock and ids of calls that are the same on every
//! run. A [`Session`] is one installation: calls are made in it one by one, with JSON in and out (see [`wire`]).
//!
//! Absent: drivers. Nothing is pushed, no socket is opened, no timer fires; a transcript says what happens.

mod clock;
mod host;
mod ledger;
mod platform;
mod session;
pub mod wire;

pub use host::{COMPILE_SUBCOMMAND, LocalHost, StartError};
pub use ledger::{Exchange, Usage};
pub use platform::{Platform, Silence};
pub use session::{Called, Session, Settings, SettingsInvalid};
