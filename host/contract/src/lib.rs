//! The contract between host and plugins: one trait a kind, manifest, permissions.
//!
//! One kind is one module: [`destination`], [`chat`], [`moderation`], [`payment`],
//! each with its trait and the trait that finds implementations by digest.
//! [`Installed`] tells what a call of an installation needs, [`PluginPlatform`]
//! what the runtime does besides calling.
//!
//! Features (`live`, `chat`, `billing`, `api`) speak to plugins only through this crate, and only
//! `neustream-plugin-wasm` implements it over wasmtime. What is absent here:
//! any runtime, any IO, any word about one platform.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod activity;
mod call;
mod ceilings;
pub mod chat;
pub mod config;
pub mod destination;
pub mod grant;
pub mod host_pattern;
mod info;
mod installed;
mod interface;
pub mod manifest;
pub mod moderation;
pub mod package;
pub mod payment;
mod platform;
mod signature;
mod value;

pub use activity::{Activity, BreakerState, Egress, Fault, LimitWarning, LogLine};
pub use call::{Call, CallError, CallErrorKind};
pub use ceilings::{Ceilings, MAX_MEMORY_BYTES, PlanCeilings};
pub use config::ConfigInvalid;
pub use ed25519_dalek::SigningKey;
pub use grant::Grant;
pub use info::{PluginInfo, SecretInfo};
pub use installed::Installed;
pub use interface::{HOST_PACKAGE, PLATFORM_VERSION};
pub use manifest::{Kind, Manifest, Permission, canonical_json};
pub use package::{Digest, Package, PackageError};
pub use platform::{Check, PackageSource, PluginPlatform, ScanReport};
pub use signature::{PublisherKey, Signature, SignatureError, sign, sign_document};
pub use value::{CLIENT_ID_SUFFIX, Field, SecretUnknown, Secrets, Value};
