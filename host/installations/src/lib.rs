//! What is installed where, and how it changes.
//!
//! An *installation* is a plugin in a tenant: a package by its digest, the
//! grant (what the tenant accepted of the permissions that the manifest asks
//! for), a configuration, secrets. [`Installations`] makes, changes, upgrades
//! and removes them; as [`neustream_contract::Installed`] it tells every driver
//! what the next call of an installation needs.
//!
//! Invariants: nothing widens a grant but its tenant; an automatic upgrade
//! goes to a verified version only, never away from what a tenant develops, within the grant, with a configuration
//! that the new schema takes and after a replay of what happened; a package
//! that was suspended or revoked is not called; pasted secrets go in and only
//! reach [`neustream_contract::Call`]; rows change by compare-and-set on their
//! revision, so several hosts on one database agree.
//!
//! Time is an argument of everything that waits for it ([`rings`], [`watch`]),
//! so that tests outrun it; [`Installations::run`] reads the clock.
//!
//! Absent: SQL (`neustream-store`), which versions exist and may run
//! (`neustream-catalogue`), HTTP, and any call of a plugin.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod activity;
mod background;
mod cache;
mod change;
mod configure;
mod destinations;
mod development;
mod error;
mod hooks;
mod install;
mod installations;
mod installed;
pub mod oauth;
mod plan;
mod provision;
pub mod rings;
mod shadow;
mod token_source;
mod upgrade;
mod view;
pub mod watch;

pub use activity::{ActivityReport, KeptDay, merged};
pub use change::{Change, InstallationChanged, InstallationFailed};
pub use configure::{Edit, MAX_SECRET_BYTES, checked_secrets};
pub use destinations::{DestinationPlugin, overlaid};
pub use development::{Needs, Sideloaded};
pub use error::InstallationError;
pub use hooks::{Hook, HookOwner};
pub use install::Install;
pub use installations::{Clock, Installations, Parts};
pub use plan::{Package, UpgradePlan};
pub use shadow::{NoReplay, Replayed, ShadowReplay};
pub use token_source::{Consent, NoTokens, TokenSource};
pub use upgrade::{RollbackRequest, UpgradeRequest};
pub use view::{InstallationView, OnFailure, Problem, State};
