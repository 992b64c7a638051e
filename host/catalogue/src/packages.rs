//! Versions by digest, and the bytes of those that may run.
//!
//! Versions are kept in memory once read, because drivers ask before every
//! call. What is kept is dropped when a version changes; a reading that was
//! overtaken by a change is not kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use bytes::Bytes;
use neustream_contract::{Digest, PackageSource};
use neustream_store::{HostStore, Missing, PluginVersionRow, Store, StoreError};

use crate::countersignature::PlatformKey;
use crate::{CatalogueError, Version};

/// Versions kept in memory, of some 10 kB each. When there are more, all are dropped and read again as needed.
const MAX_KEPT: usize = 2048;

/// The versions of this database. Cheap to clone.
#[derive(Clone)]
pub struct Packages(Arc<Shared>);

struct Shared {
    store: Store,
    key: PlatformKey,
    may_develop: bool,
    kept: RwLock<HashMap<Digest, Version>>,
    /// Grows with every change that is noticed.
    changes: AtomicU64,
}

impl Packages {
    /// The versions in `store`. The first call on a database makes the platform's key.
    pub async fn open(store: Store) -> Result<Self, CatalogueError> {
        Self::opened(store, true).await
    }

    /// As [`Packages::open`], where no development version is taken and none runs.
    pub async fn open_without_development(store: Store) -> Result<Self, CatalogueError> {
        Self::opened(store, false).await
    }

    async fn opened(store: Store, may_develop: bool) -> Result<Self, CatalogueError> {
        let key = PlatformKey::load(&store.host()).await?;
        let (kept, changes) = (RwLock::default(), AtomicU64::new(0));
        Ok(Self(Arc::new(Shared { store, key, may_develop, kept, changes })))
    }

    /// The version with this digest, whatever its state.
    ///
    /// # Errors
    /// [`CatalogueError::VersionUnknown`], [`CatalogueError::Damaged`], [`CatalogueError::Store`].
    pub async fn version(&self, digest: &Digest) -> Result<Version, CatalogueError> {
        if let Some(version) = self.0.kept.read().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(version.clone());
        }
        let changes = self.0.changes.load(Ordering::Acquire);
        let row = self.0.store.host().plugin_version(&digest.to_string()).await.map_err(unknown_version)?;
        let version = self.read(&row)?;
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        // Under the lock, so that a change that is noticed from here on finds what it must drop.
        if self.0.changes.load(Ordering::Acquire) == changes {
            kept.insert(*digest, version.clone());
        }
        Ok(version)
    }

    /// Reads a row.
    pub(crate) fn read(&self, row: &PluginVersionRow) -> Result<Version, CatalogueError> {
        Version::of(row, &self.0.key, self.0.may_develop)
    }

    /// A version has changed.
    pub(crate) fn changed(&self, digest: &Digest) {
        self.0.changes.fetch_add(1, Ordering::AcqRel);
        self.0.kept.write().unwrap_or_else(PoisonError::into_inner).remove(digest);
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn host(&self) -> HostStore {
        self.0.store.host()
    }

    pub(crate) fn may_develop(&self) -> bool {
        self.0.may_develop
    }

    pub(crate) fn key(&self) -> &PlatformKey {
        &self.0.key
    }

    /// The bytes of a version that may run: the package up to its signature.
    ///
    /// # Errors
    /// As [`Version::check_runnable`]; [`CatalogueError::Damaged`] when the bytes are not those of the digest.
    pub async fn runnable_package(&self, digest: &Digest) -> Result<Bytes, CatalogueError> {
        let version = self.version(digest).await?;
        version.check_runnable()?;
        let content = self.host().package(&digest.to_string(), version.size_bytes).await?;
        if Digest::of(&content) != *digest {
            return Err(CatalogueError::Damaged { digest: *digest, what: "the package" });
        }
        Ok(content.into())
    }
}

#[async_trait]
impl PackageSource for Packages {
    async fn package(&self, plugin: &Digest) -> Result<Option<Bytes>, String> {
        match self.runnable_package(plugin).await {
            Ok(content) => Ok(Some(content)),
            Err(
                CatalogueError::VersionUnknown
                | CatalogueError::NotRunnable { .. }
                | CatalogueError::DevelopmentOff,
            ) => Ok(None),
            Err(error) => {
                tracing::error!(%plugin, error = &error as &dyn std::error::Error, "a package cannot be handed out");
                Err(error.to_string())
            }
        }
    }
}

impl fmt::Debug for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Packages").field(&self.0.key).finish()
    }
}

pub(crate) fn unknown_version(error: StoreError) -> CatalogueError {
    match error {
        StoreError::NotFound(Missing::PluginVersion) => CatalogueError::VersionUnknown,
        other => other.into(),
    }
}
