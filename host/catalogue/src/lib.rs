//! What plugins exist: publishers, versions and their states, packages, partners and bundles.
//!
//! [`Packages`] hands a version's bytes to the runtime, [`Catalogue`] is for
//! everything else: publishing, reviewing, listing. [`Partners`] lets a partner
//! give its tenants a private catalogue and a bundle to begin with.
//!
//! Invariants: a version runs only while its state allows it and the
//! platform's countersignature fits it, so a row that was edited in the
//! database runs nothing; what is stored under a digest has that digest; every
//! change of a state is recorded with its reason and actor, reaches every host
//! on the database within [`POLL`] and a query, and stops what runs there.
//!
//! The server wires it so, because the runtime needs packages before there is
//! anything to catalogue:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # async fn wire(
//! #     store: neustream_store::Store,
//! #     runtime: impl Fn(Arc<dyn neustream_contract::PackageSource>) -> Arc<dyn neustream_contract::PluginPlatform>,
//! #     bundled: Vec<bytes::Bytes>,
//! # ) -> Result<(), neustream_catalogue::CatalogueError> {
//! use neustream_catalogue::{Catalogue, Packages};
//!
//! let packages = Packages::open(store).await?;
//! let platform = runtime(Arc::new(packages.clone()));
//! let catalogue = Catalogue::open(packages, platform).await?;
//! for package in bundled {
//!     catalogue.adopt(package).await?;
//! }
//! // Ends when its task is dropped.
//! tokio::spawn({
//!     let catalogue = catalogue.clone();
//!     async move { catalogue.follow().await }
//! });
//! # Ok(())
//! # }
//! ```
//!
//! Absent: what is installed where (`neustream-installations`), calling
//! plugins, HTTP, SQL.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod bundle;
mod catalogue;
mod countersignature;
mod development;
mod difference;
mod error;
mod listing;
mod packages;
mod partners;
mod precedence;
mod publish;
mod review;
#[cfg(feature = "testing")]
pub mod testing;
mod version;

pub use bundle::{Branding, Bundle, BundleError, BundledPlugin, Colours, SignedBundle};
pub use catalogue::{Catalogue, POLL, VersionChanged};
pub use development::Trial;
pub use difference::Difference;
pub use error::CatalogueError;
pub use listing::{Detail, Listed, Page, Search};
pub use packages::Packages;
pub use partners::{FirstUser, Partners, PluginToInstall, Provision, ProvisionError};
pub use publish::Publication;
pub use review::{Decision, Transition};
pub use version::{Version, VersionState, Visibility, WordUnknown};
