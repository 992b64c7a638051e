//! What calls need, kept for a moment.
//!
//! A driver asks for every call, and a busy chat calls a hundred times a
//! second. Changes by this host are seen at once; changes by another host on
//! the same database within [`LIFETIME`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_model::{InstallationId, TenantId};

/// How long an entry holds.
const LIFETIME: Duration = Duration::from_secs(1);
/// Entries at the same time; beyond, stale ones go first and then all.
const MAX_ENTRIES: usize = 10_000;

type Key = (TenantId, InstallationId);

/// Entries by installation.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    entries: Mutex<HashMap<Key, (Instant, Arc<T>)>>,
    /// Grows with every change, so that what was read before a change is not kept after it.
    changes: AtomicU64,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { entries: Mutex::default(), changes: AtomicU64::new(0) }
    }
}

/// A reading that began when so many changes had been made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading(u64);

impl<T> Cache<T> {
    /// The entry, if it is fresh at `now`.
    pub fn get(&self, tenant: TenantId, installation: InstallationId, now: Instant) -> Option<Arc<T>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, entry) = entries.get(&(tenant, installation))?;
        (now.saturating_duration_since(*made) < LIFETIME).then(|| Arc::clone(entry))
    }

    /// To be asked before the database is.
    pub fn reading(&self) -> Reading {
        Reading(self.changes.load(Ordering::Acquire))
    }

    /// Keeps what was read, unless something changed meanwhile.
    pub fn keep(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        entry: &Arc<T>,
        reading: Reading,
        now: Instant,
    ) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if self.changes.load(Ordering::Acquire) != reading.0 {
            return;
        }
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|_, (made, _)| now.saturating_duration_since(*made) < LIFETIME);
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
        }
        entries.insert((tenant, installation), (now, Arc::clone(entry)));
    }

    /// Forgets an installation that changed.
    pub fn forget(&self, tenant: TenantId, installation: InstallationId) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::AcqRel);
        entries.remove(&(tenant, installation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        (TenantId::new(), InstallationId::new())
    }

    #[test]
    fn an_entry_holds_for_its_lifetime() {
        let (cache, (tenant, id), now) = (Cache::default(), key(), Instant::now());
        cache.keep(tenant, id, &Arc::new(1), cache.reading(), now);
        assert_eq!(cache.get(tenant, id, now).as_deref(), Some(&1));
        assert_eq!(cache.get(TenantId::new(), id, now), None);
        assert_eq!(cache.get(tenant, id, now + LIFETIME), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let (cache, (tenant, id), now) = (Cache::default(), key(), Instant::now());
        let reading = cache.reading();
        cache.forget(tenant, id);
        cache.keep(tenant, id, &Arc::new(1), reading, now);
        assert_eq!(cache.get(tenant, id, now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (cache, now) = (Cache::default(), Instant::now());
        for _ in 0..MAX_ENTRIES + 10 {
            let (tenant, id) = key();
            cache.keep(tenant, id, &Arc::new(()), cache.reading(), now);
        }
        assert!(cache.entries.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
