//! The contract between host and plugins: one trait a kind, manifest, permissions.
//!
//! Features (`live`, `api`) speak to plugins only through this crate, and only
//! `neustream-plugin-wasm` implements it over wasmtime. What is absent here:
//! any runtime, any IO, any word about one platform.

mod call;
pub mod destination;
mod value;

pub use call::{Call, CallError, CallErrorKind};
pub use value::{SecretUnknown, Secrets, Value};
