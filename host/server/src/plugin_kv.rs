//! What plugins remember, in the database.

use async_trait::async_trait;
use neustream_model::UnixMillis;
use neustream_plugin_wasm::{KvEntry, KvError, KvOwner, KvStore, KvUsage, KvWrite, MAX_KV_KEYS};
use neustream_store::{HostStore, KvPut, KvPutOutcome, StoreError};

/// The plugins' memory over the store.
pub struct StoreKv(pub HostStore);

#[async_trait]
impl KvStore for StoreKv {
    async fn get(&self, owner: &KvOwner, key: &str, now: UnixMillis) -> Result<Option<KvEntry>, KvError> {
        let row = self.0.kv_get(owner.tenant, owner.installation, key, now).await.map_err(unavailable)?;
        Ok(row.map(|row| KvEntry { value: row.value, revision: row.revision }))
    }

    async fn put(
        &self,
        owner: &KvOwner,
        write: KvWrite<'_>,
        now: UnixMillis,
    ) -> Result<Option<u64>, KvError> {
        let put = KvPut {
            key: write.key,
            value: write.value,
            expected: write.expected,
            expires_at: write.expires_at,
            max_bytes: write.max_bytes as u64,
            max_keys: MAX_KV_KEYS as u64,
        };
        match self.0.kv_put(owner.tenant, owner.installation, put, now).await.map_err(unavailable)? {
            KvPutOutcome::Written(revision) => Ok(Some(revision)),
            KvPutOutcome::RaceLost => Ok(None),
            KvPutOutcome::OverQuota => Err(KvError::Quota { max_bytes: write.max_bytes }),
        }
    }

    async fn delete(
        &self,
        owner: &KvOwner,
        key: &str,
        expected: u64,
        now: UnixMillis,
    ) -> Result<bool, KvError> {
        self.0.kv_delete(owner.tenant, owner.installation, key, expected, now).await.map_err(unavailable)
    }

    async fn usage(&self, owner: &KvOwner, _now: UnixMillis) -> Result<KvUsage, KvError> {
        let (bytes, keys) = self.0.kv_usage(owner.tenant, owner.installation).await.map_err(unavailable)?;
        Ok(KvUsage { bytes: bytes as usize, keys: keys as usize })
    }

    async fn forget(&self, owner: &KvOwner) -> Result<(), KvError> {
        self.0.kv_forget(owner.tenant, owner.installation).await.map_err(unavailable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unavailable(error: StoreError) -> KvError {
    tracing::warn!(%error, "a plugin's memory does not answer");
    KvError::Unavailable
}
