//! The contract between host and plugins: one trait a kind, manifest, permissions.
//!
//! Features (`live`, `api`) speak to plugins only through this crate, and only
//! `neustream-plugin-wasm` implements it over wasmtime. What is absent here:
//! any runtime, any IO, any word about one platform.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod call;
mod catalogue;
pub mod config;
pub mod destination;
pub mod host_pattern;
pub mod manifest;
pub mod package;
mod value;

pub use call::{Call, CallError, CallErrorKind};
pub use catalogue::{Catalogue, PluginInfo, SecretInfo};
pub use config::ConfigInvalid;
pub use manifest::{Kind, Manifest, Permission};
pub use package::{Package, PackageError};
pub use value::{SecretUnknown, Secrets, Value};
