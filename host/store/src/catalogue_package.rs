//! Packages, content-addressed: what is stored under a digest has that digest.
//!
//! A package lies in parts of 1 MiB, so that each statement is a short one and
//! no other writer of a SQLite file waits for 20 MiB. A package that was not
//! written to its end has fewer bytes than its version says, and is not given
//! out.

use crate::row::to_sql;
use crate::store::within;
use crate::{HostStore, Missing, StoreError};

/// Bytes of a part; the last one may have fewer.
pub const PACKAGE_PART_BYTES: usize = 1024 * 1024;

impl HostStore {
    /// Keeps a package. Doing it again changes nothing.
    pub async fn put_package(&self, digest: &str, content: &[u8]) -> Result<(), StoreError> {
        for (part, bytes) in content.chunks(PACKAGE_PART_BYTES).enumerate() {
            within(async {
                sqlx::query(
                    "INSERT INTO packages (digest, part, bytes) VALUES ($1, $2, $3) \
                     ON CONFLICT (digest, part) DO NOTHING",
                )
                .bind(digest)
                .bind(to_sql(part as u64))
                .bind(bytes)
                .execute(&self.store.pool)
                .await?;
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// The package with this digest, of which the version says that it has `size` bytes.
    pub async fn package(&self, digest: &str, size: u64) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from(size).map_err(|_| StoreError::NotFound(Missing::Package))?;
        let mut content = Vec::with_capacity(size);
        for part in 0..size.div_ceil(PACKAGE_PART_BYTES) {
            let bytes: Option<Vec<u8>> = within(async {
                let bytes = sqlx::query_scalar("SELECT bytes FROM packages WHERE digest = $1 AND part = $2")
                    .bind(digest)
                    .bind(to_sql(part as u64))
                    .fetch_optional(&self.store.pool)
                    .await?;
                Ok(bytes)
            })
            .await?;
            content.extend(bytes.ok_or(StoreError::NotFound(Missing::Package))?);
        }
        if content.len() == size { Ok(content) } else { Err(StoreError::NotFound(Missing::Package)) }
    }
}
