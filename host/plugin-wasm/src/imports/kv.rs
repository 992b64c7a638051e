//! `neustream:host/kv`: the installation's memory, over [`KvStore`](crate::KvStore).

use std::sync::Arc;
use std::time::Duration;

use crate::bindings::neustream::host::kv::{Entry, Host};
use crate::bindings::neustream::host::types::Error;
use crate::door::{HostAnswer, HostCall, diverged};
use crate::imports::{denied, problem};
use crate::kv_store::{KvError, KvOwner, KvWrite, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use crate::state::CallState;

impl Host for CallState {
    async fn get(&mut self, key: String) -> Result<Option<Entry>, Error> {
        match self.pass(HostCall::KvGet { key }).await {
            HostAnswer::Entry(entry) => entry,
            _ => Err(diverged()),
        }
    }

    async fn put(
        &mut self,
        key: String,
        value: Vec<u8>,
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error> {
        match self.pass(HostCall::KvPut { key, value, expected, ttl_s }).await {
            HostAnswer::Revision(revision) => revision,
            _ => Err(diverged()),
        }
    }

    async fn delete(&mut self, key: String, expected: u64) -> Result<bool, Error> {
        match self.pass(HostCall::KvDelete { key, expected }).await {
            HostAnswer::Deleted(is_deleted) => is_deleted,
            _ => Err(diverged()),
        }
    }
}

pub(crate) async fn get(state: &CallState, key: &str) -> Result<Option<Entry>, Error> {
    max_bytes(state)?;
    check_key(key)?;
    let entry = state
        .services
        .kv
        .get(&owner(state), key, state.services.clock.now())
        .await
        .map_err(|e| failed(&e))?;
    Ok(entry.map(|entry| Entry { value: entry.value, revision: entry.revision }))
}

pub(crate) async fn put(
    state: &mut CallState,
    key: &str,
    value: &[u8],
    expected: Option<u64>,
    ttl_s: Option<u32>,
) -> Result<Option<u64>, Error> {
    let max_bytes = max_bytes(state)?;
    check_key(key)?;
    if value.len() > MAX_VALUE_BYTES {
        let message = format!("a value of {} bytes; {MAX_VALUE_BYTES} are allowed", value.len());
        return Err(Error::Other(problem("too-large", message)));
    }
    let now = state.services.clock.now();
    let expires_at = ttl_s.map(|seconds| now.plus(Duration::from_secs(seconds.into())));
    let write = KvWrite { key, value, expected, expires_at, max_bytes };
    let (kv, owner) = (Arc::clone(&state.services.kv), owner(state));
    let revision = kv.put(&owner, write, now).await.map_err(|e| failed(&e))?;
    if revision.is_some() {
        // For the warning at 80 %: that it cannot be had is no reason to fail.
        state.kv_usage = kv.usage(&owner, now).await.ok();
    }
    Ok(revision)
}

pub(crate) async fn delete(state: &CallState, key: &str, expected: u64) -> Result<bool, Error> {
    max_bytes(state)?;
    check_key(key)?;
    let now = state.services.clock.now();
    state.services.kv.delete(&owner(state), key, expected, now).await.map_err(|e| failed(&e))
}

fn owner(state: &CallState) -> KvOwner {
    KvOwner { tenant: state.call.tenant, installation: state.call.installation }
}

fn max_bytes(state: &CallState) -> Result<usize, Error> {
    let granted = state.rules.kv_max_bytes();
    granted.ok_or_else(|| denied("kv-denied", "the manifest has no [capabilities.kv]"))
}

fn check_key(key: &str) -> Result<(), Error> {
    if (1..=MAX_KEY_BYTES).contains(&key.len()) {
        return Ok(());
    }
    let message = format!("a key of {} bytes; from 1 to {MAX_KEY_BYTES} are allowed", key.len());
    Err(Error::Other(problem("key-length", message)))
}

fn failed(error: &KvError) -> Error {
    match error {
        KvError::Quota { .. } => Error::Other(problem("quota", error.to_string())),
        KvError::Unavailable => Error::Unavailable(problem("kv-unavailable", error.to_string())),
    }
}
