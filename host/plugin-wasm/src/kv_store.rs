//! The memory of installations, behind a trait so that a database can take over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use neustream_model::{InstallationId, TenantId, UnixMillis};

/// The largest key in bytes.
pub const MAX_KEY_BYTES: usize = 256;
/// The largest value in bytes.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Keys of one installation.
pub const MAX_KEYS: usize = 1000;

/// Whose memory it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KvOwner {
    /// The tenant.
    pub tenant: TenantId,
    /// Its installation.
    pub installation: InstallationId,
}

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// Its bytes.
    pub value: Vec<u8>,
    /// Grows with every write of the key, and never repeats.
    pub revision: u64,
}

/// A value to be stored.
#[derive(Debug, Clone, Copy)]
pub struct KvWrite<'a> {
    /// The key, at most [`MAX_KEY_BYTES`].
    pub key: &'a str,
    /// The value, at most [`MAX_VALUE_BYTES`].
    pub value: &'a [u8],
    /// The revision that must still hold; `None`: there must be no such key.
    pub expected: Option<u64>,
    /// When the value ends.
    pub expires_at: Option<UnixMillis>,
    /// Bytes of all keys and values together that the owner may have.
    pub max_bytes: usize,
}

/// What an owner keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KvUsage {
    /// Bytes of keys and values.
    pub bytes: usize,
    /// Keys.
    pub keys: usize,
}

/// How a store fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KvError {
    /// The owner's quota would be exceeded.
    #[error("the quota of {max_bytes} bytes and {MAX_KEYS} keys is used up")]
    Quota {
        /// The bytes that were granted.
        max_bytes: usize,
    },
    /// The store itself failed.
    #[error("the store does not answer")]
    Unavailable,
}

/// Keeps the values of installations. Quotas are exact whatever races.
#[async_trait]
pub trait KvStore: Send + Sync {
    /// The value of `key` at `now`.
    async fn get(&self, owner: &KvOwner, key: &str, now: UnixMillis) -> Result<Option<KvEntry>, KvError>;

    /// Compare-and-set: the new revision, or `None` when the race is lost.
    async fn put(&self, owner: &KvOwner, write: KvWrite<'_>, now: UnixMillis)
    -> Result<Option<u64>, KvError>;

    /// Removes `key` if its revision is still `expected`.
    async fn delete(
        &self,
        owner: &KvOwner,
        key: &str,
        expected: u64,
        now: UnixMillis,
    ) -> Result<bool, KvError>;

    /// What the owner keeps at `now`: for the warning at 80 %, so it need not be exact to the byte. A store that
    /// cannot tell answers [`KvError::Unavailable`], and there is no warning.
    async fn usage(&self, owner: &KvOwner, now: UnixMillis) -> Result<KvUsage, KvError> {
        let _ = (owner, now);
        Err(KvError::Unavailable)
    }

    /// Removes everything of `owner`: the installation is no more.
    async fn forget(&self, owner: &KvOwner) -> Result<(), KvError> {
        let _ = owner;
        Ok(())
    }
}

/// Keeps values in this process, until it ends.
#[derive(Debug, Default)]
pub struct MemoryKv(Mutex<MemoryKvState>);

#[derive(Debug, Default)]
struct MemoryKvState {
    spaces: HashMap<KvOwner, HashMap<String, Stored>>,
    /// One counter for all keys: a revision never repeats, not even after a deletion.
    last_revision: u64,
}

#[derive(Debug)]
struct Stored {
    entry: KvEntry,
    expires_at: Option<UnixMillis>,
}

impl Stored {
    fn is_alive(&self, now: UnixMillis) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

impl MemoryKv {
    fn lock(&self) -> std::sync::MutexGuard<'_, MemoryKvState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KvStore for MemoryKv {
    async fn get(&self, owner: &KvOwner, key: &str, now: UnixMillis) -> Result<Option<KvEntry>, KvError> {
        let state = self.lock();
        let stored = state.spaces.get(owner).and_then(|space| space.get(key));
        Ok(stored.filter(|stored| stored.is_alive(now)).map(|stored| stored.entry.clone()))
    }

    async fn put(
        &self,
        owner: &KvOwner,
        write: KvWrite<'_>,
        now: UnixMillis,
    ) -> Result<Option<u64>, KvError> {
        let mut state = self.lock();
        let state = &mut *state;
        let space = state.spaces.entry(owner.clone()).or_default();
        space.retain(|_, stored| stored.is_alive(now));
        if space.get(write.key).map(|stored| stored.entry.revision) != write.expected {
            return Ok(None);
        }
        let others = space.iter().filter(|(key, _)| *key != write.key);
        let used: usize = others.map(|(key, stored)| key.len() + stored.entry.value.len()).sum();
        let keys = space.len() + usize::from(!space.contains_key(write.key));
        if used + write.key.len() + write.value.len() > write.max_bytes || keys > MAX_KEYS {
            return Err(KvError::Quota { max_bytes: write.max_bytes });
        }
        state.last_revision += 1;
        let entry = KvEntry { value: write.value.to_vec(), revision: state.last_revision };
        space.insert(write.key.to_owned(), Stored { entry, expires_at: write.expires_at });
        Ok(Some(state.last_revision))
    }

    async fn delete(
        &self,
        owner: &KvOwner,
        key: &str,
        expected: u64,
        now: UnixMillis,
    ) -> Result<bool, KvError> {
        let mut state = self.lock();
        let Some(space) = state.spaces.get_mut(owner) else { return Ok(false) };
        let is_same =
            space.get(key).is_some_and(|stored| stored.is_alive(now) && stored.entry.revision == expected);
        if is_same {
            space.remove(key);
        }
        if space.is_empty() {
            state.spaces.remove(owner);
        }
        Ok(is_same)
    }

    async fn usage(&self, owner: &KvOwner, now: UnixMillis) -> Result<KvUsage, KvError> {
        let state = self.lock();
        let alive = state.spaces.get(owner).into_iter().flatten().filter(|(_, stored)| stored.is_alive(now));
        Ok(alive.fold(KvUsage::default(), |sum, (key, stored)| KvUsage {
            bytes: sum.bytes + key.len() + stored.entry.value.len(),
            keys: sum.keys + 1,
        }))
    }

    async fn forget(&self, owner: &KvOwner) -> Result<(), KvError> {
        self.lock().spaces.remove(owner);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn owner() -> KvOwner {
        KvOwner { tenant: TenantId::new(), installation: InstallationId::new() }
    }

    fn write<'a>(key: &'a str, value: &'a [u8], expected: Option<u64>) -> KvWrite<'a> {
        KvWrite { key, value, expected, expires_at: None, max_bytes: 1000 }
    }

    const NOW: UnixMillis = UnixMillis(1_000_000);

    #[tokio::test]
    async fn a_write_with_an_old_revision_loses() {
        let (kv, owner) = (MemoryKv::default(), owner());
        let first = kv.put(&owner, write("a", b"1", None), NOW).await.unwrap();
        assert!(first.is_some());
        assert_eq!(kv.put(&owner, write("a", b"2", None), NOW).await, Ok(None));
        let second = kv.put(&owner, write("a", b"2", first), NOW).await.unwrap();
        assert!(second > first);
        assert_eq!(kv.delete(&owner, "a", first.unwrap(), NOW).await, Ok(false));
        assert_eq!(kv.delete(&owner, "a", second.unwrap(), NOW).await, Ok(true));
        assert_eq!(kv.get(&owner, "a", NOW).await, Ok(None));
        assert!(kv.put(&owner, write("a", b"3", None), NOW).await.unwrap() > second);
    }

    #[tokio::test]
    async fn an_expired_value_is_gone_and_frees_its_quota() {
        let (kv, owner) = (MemoryKv::default(), owner());
        let write = KvWrite { expires_at: Some(UnixMillis(NOW.0 + 5000)), ..write("a", &[0; 900], None) };
        kv.put(&owner, write, NOW).await.unwrap();
        assert!(kv.get(&owner, "a", UnixMillis(NOW.0 + 4999)).await.unwrap().is_some());
        assert_eq!(kv.get(&owner, "a", UnixMillis(NOW.0 + 5000)).await, Ok(None));
        let other = self::write("b", &[0; 900], None);
        assert!(kv.put(&owner, other, NOW).await.is_err());
        assert!(kv.put(&owner, other, UnixMillis(NOW.0 + 5000)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn what_is_forgotten_is_gone_and_its_quota_is_free() {
        let (kv, owner) = (MemoryKv::default(), owner());
        kv.put(&owner, write("key", &[0; 900], None), NOW).await.unwrap();
        assert_eq!(kv.usage(&owner, NOW).await, Ok(KvUsage { bytes: 903, keys: 1 }));
        kv.forget(&owner).await.unwrap();
        assert_eq!(kv.get(&owner, "key", NOW).await, Ok(None));
        assert_eq!(kv.usage(&owner, NOW).await, Ok(KvUsage::default()));
    }

    #[tokio::test]
    async fn installations_do_not_see_each_other() {
        let (kv, one) = (MemoryKv::default(), owner());
        kv.put(&one, write("a", b"1", None), NOW).await.unwrap();
        let two = KvOwner { installation: InstallationId::new(), ..one };
        assert_eq!(kv.get(&two, "a", NOW).await, Ok(None));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_quota_is_exact_under_a_hundred_racing_writers() {
        let (kv, owner) = (Arc::new(MemoryKv::default()), owner());
        let writers = (0..100).map(|number| {
            let (kv, owner) = (Arc::clone(&kv), owner.clone());
            tokio::spawn(async move {
                let key = format!("key-{number:03}");
                kv.put(&owner, write(&key, &[0; 33], None), NOW).await.is_ok()
            })
        });
        let mut stored = 0;
        for writer in writers.collect::<Vec<_>>() {
            stored += usize::from(writer.await.unwrap());
        }
        // 40 bytes each, 1000 allowed.
        assert_eq!(stored, 25);
    }
}
