//! Packages that were handed over by the host itself: bundled ones, and an operator's.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use neustream_contract::{Digest, PluginInfo};

use crate::plugin::KnownPlugin;

/// Packages by digest, and the latest of each id.
#[derive(Default)]
pub(crate) struct Registry(RwLock<Packages>);

#[derive(Default)]
struct Packages {
    by_digest: BTreeMap<Digest, Arc<Registered>>,
    /// What was handed over last of each id.
    latest: BTreeMap<String, Vec<Digest>>,
}

/// A package that was read. Its code is loaded when it is first needed.
pub(crate) struct Registered {
    pub(crate) known: Arc<KnownPlugin>,
    pub(crate) component: Bytes,
}

impl Registry {
    /// Takes a package in. The same again changes nothing.
    pub(crate) fn add(&self, known: Arc<KnownPlugin>, component: Bytes) {
        let mut packages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let (digest, id) = (known.package.digest, known.info.id.clone());
        if packages.by_digest.insert(digest, Arc::new(Registered { known, component })).is_none() {
            packages.latest.entry(id).or_default().push(digest);
        }
    }

    /// Takes a package out again.
    pub(crate) fn remove(&self, digest: &Digest) {
        let mut packages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        packages.by_digest.remove(digest);
        packages.latest.retain(|_, digests| {
            digests.retain(|other| other != digest);
            !digests.is_empty()
        });
    }

    pub(crate) fn find(&self, digest: &Digest) -> Option<Arc<Registered>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_digest.get(digest).cloned()
    }

    fn latest(&self, id: &str) -> Option<Arc<Registered>> {
        let packages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        packages.by_digest.get(packages.latest.get(id)?.last()?).cloned()
    }

    /// The latest of each id, by id.
    pub(crate) fn list(&self) -> Vec<PluginInfo> {
        let packages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let latest = packages.latest.values().filter_map(|digests| packages.by_digest.get(digests.last()?));
        latest.map(|registered| registered.known.info.clone()).collect()
    }

    pub(crate) fn info(&self, id: &str) -> Option<PluginInfo> {
        Some(self.latest(id)?.known.info.clone())
    }
}
