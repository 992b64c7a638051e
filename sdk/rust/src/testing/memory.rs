//! A memory with revisions, expiry and ceilings, like that of the host.

use std::collections::BTreeMap;

use crate::{Entry, Error};

const MAX_KEY_BYTES: usize = 256;
const MAX_VALUE_BYTES: usize = 64 * 1024;
const MAX_KEYS: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Memory {
    by_key: BTreeMap<String, Stored>,
    last_revision: u64,
    pub(super) is_full: bool,
}

#[derive(Debug)]
struct Stored {
    entry: Entry,
    expires_ms: Option<u64>,
}

impl Memory {
    pub(super) fn get(&mut self, key: &str, now_ms: u64) -> Option<Entry> {
        self.by_key.retain(|_, stored| stored.expires_ms.is_none_or(|at| at > now_ms));
        self.by_key.get(key).map(|stored| stored.entry.clone())
    }

    pub(super) fn put(
        &mut self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        expires_ms: Option<u64>,
        now_ms: u64,
    ) -> Result<Option<u64>, Error> {
        assert!(key.len() <= MAX_KEY_BYTES, "the key has {} bytes, at most {MAX_KEY_BYTES}", key.len());
        assert!(
            value.len() <= MAX_VALUE_BYTES,
            "the value has {} bytes, at most {MAX_VALUE_BYTES}",
            value.len()
        );
        if self.get(key, now_ms).map(|entry| entry.revision) != expected {
            return Ok(None);
        }
        if expected.is_none() && self.by_key.len() >= MAX_KEYS {
            return Err(Error::other("quota", "the memory is full"));
        }
        Ok(Some(self.store(key, value, expires_ms)))
    }

    pub(super) fn store(&mut self, key: &str, value: &[u8], expires_ms: Option<u64>) -> u64 {
        self.last_revision += 1;
        let entry = Entry { value: value.to_vec(), revision: self.last_revision };
        self.by_key.insert(key.to_owned(), Stored { entry, expires_ms });
        self.last_revision
    }

    pub(super) fn delete(&mut self, key: &str, expected: u64, now_ms: u64) -> bool {
        let is_same = self.get(key, now_ms).is_some_and(|entry| entry.revision == expected);
        if is_same {
            self.by_key.remove(key);
        }
        is_same
    }
}
