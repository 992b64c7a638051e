//! Publishers: who may publish under which namespace, and with which keys.

use neustream_model::{TenantId, UnixMillis};
use serde_json::json;
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::{Entry, HostStore, LimitKind, Missing, StoreError, Target, TenantStore};

/// A namespace and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherRow {
    /// The first part of the ids of its plugins.
    pub namespace: String,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// When it was taken.
    pub created_at: UnixMillis,
}

/// A key that signs packages of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherKeyRow {
    /// The namespace.
    pub namespace: String,
    /// `ed25519:<hex>`.
    pub key: String,
    /// Since when it signs.
    pub added_at: UnixMillis,
    /// Since when it does not any more.
    pub retired_at: Option<UnixMillis>,
}

/// A namespace with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The namespace.
    pub row: PublisherRow,
    /// Its keys, oldest first, retired ones included.
    pub keys: Vec<PublisherKeyRow>,
}

impl FromRow<'_, AnyRow> for PublisherRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            namespace: text(row, "namespace")?,
            tenant_id: parsed(row, "tenant_id")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for PublisherKeyRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            namespace: text(row, "namespace")?,
            key: text(row, "key")?,
            added_at: moment(row, "added_at")?,
            retired_at: optional_moment(row, "retired_at")?,
        })
    }
}

impl Publisher {
    /// Whether `key` signs for the namespace now.
    pub fn has_current_key(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known.key == key && known.retired_at.is_none())
    }
}

impl TenantStore {
    /// The tenant's namespaces, by name.
    pub async fn publishers(&self) -> Result<Vec<Publisher>, StoreError> {
        within(async {
            let rows: Vec<PublisherRow> =
                sqlx::query_as("SELECT * FROM publishers WHERE tenant_id = $1 ORDER BY namespace")
                    .bind(self.tenant.to_string())
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            let keys: Vec<PublisherKeyRow> = sqlx::query_as(
                "SELECT k.* FROM publisher_keys k JOIN publishers p ON p.namespace = k.namespace \
                 WHERE p.tenant_id = $1 ORDER BY k.added_at, k.key",
            )
            .bind(self.tenant.to_string())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            let with_keys = |row: PublisherRow| {
                let own = keys.iter().filter(|key| key.namespace == row.namespace).cloned().collect();
                Publisher { row, keys: own }
            };
            Ok(rows.into_iter().map(with_keys).collect())
        })
        .await
    }

    /// The tenant's namespace of this name.
    pub async fn publisher(&self, namespace: &str) -> Result<Publisher, StoreError> {
        let mut all = self.publishers().await?;
        let found = all.iter().position(|publisher| publisher.row.namespace == namespace);
        found.map(|index| all.swap_remove(index)).ok_or(StoreError::NotFound(Missing::Publisher))
    }

    /// Takes a namespace, with its first key.
    ///
    /// # Errors
    /// [`StoreError::NamespaceTaken`], [`StoreError::LimitReached`] when the tenant has `max` namespaces already.
    pub async fn create_publisher(
        &self,
        namespace: &str,
        key: &str,
        max: u64,
    ) -> Result<Publisher, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Takes the tenant's row lock, so that racing requests are counted one after the other.
            sqlx::query("UPDATE tenants SET name = name WHERE id = $1")
                .bind(self.tenant.to_string())
                .execute(&mut *transaction)
                .await?;
            let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM publishers WHERE tenant_id = $1")
                .bind(self.tenant.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Namespaces, current, max });
            }
            let now = to_sql(UnixMillis::now().0);
            let inserted: Option<PublisherRow> = sqlx::query_as(
                "INSERT INTO publishers (namespace, tenant_id, created_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (namespace) DO NOTHING RETURNING *",
            )
            .bind(namespace)
            .bind(self.tenant.to_string())
            .bind(now)
            .fetch_optional(&mut *transaction)
            .await?;
            let row = inserted.ok_or(StoreError::NamespaceTaken)?;
            let first = sqlx::query_as(
                "INSERT INTO publisher_keys (namespace, key, added_at) VALUES ($1, $2, $3) RETURNING *",
            )
            .bind(namespace)
            .bind(key)
            .bind(now)
            .fetch_one(&mut *transaction)
            .await?;
            let entry = Entry::new("publisher.create", Target::new("publisher", namespace));
            self.audit(&mut transaction, entry.after(json!({ "key": key })));
            transaction.commit().await?;
            Ok(Publisher { row, keys: vec![first] })
        })
        .await
    }

    /// Adds a key to a namespace of the tenant. Adding a current one again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::KeyRetired`] for a key that was retired: it does not come back.
    /// [`StoreError::LimitReached`] when the namespace has had `max` keys.
    pub async fn add_publisher_key(
        &self,
        namespace: &str,
        key: &str,
        max: u64,
    ) -> Result<Publisher, StoreError> {
        let publisher = self.publisher(namespace).await?;
        if let Some(known) = publisher.keys.iter().find(|known| known.key == key) {
            return if known.retired_at.is_some() { Err(StoreError::KeyRetired) } else { Ok(publisher) };
        }
        let current = publisher.keys.len() as u64;
        if current >= max {
            return Err(StoreError::LimitReached { kind: LimitKind::Keys, current, max });
        }
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "INSERT INTO publisher_keys (namespace, key, added_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (namespace, key) DO NOTHING",
            )
            .bind(namespace)
            .bind(key)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            let entry = Entry::new("publisher.add-key", Target::new("publisher", namespace));
            self.audit(&mut transaction, entry.after(json!({ "key": key })));
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        self.publisher(namespace).await
    }

    /// Retires a key of a namespace of the tenant: it signs nothing more. What it signed stays.
    pub async fn retire_publisher_key(&self, namespace: &str, key: &str) -> Result<Publisher, StoreError> {
        self.publisher(namespace).await?;
        within(async {
            let mut transaction = self.begin().await?;
            let result = sqlx::query(
                "UPDATE publisher_keys SET retired_at = COALESCE(retired_at, $3) WHERE namespace = $1 AND key = $2",
            )
            .bind(namespace)
            .bind(key)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            if result.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::PublisherKey));
            }
            let entry = Entry::new("publisher.retire-key", Target::new("publisher", namespace));
            self.audit(&mut transaction, entry.before(json!({ "key": key })));
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        self.publisher(namespace).await
    }
}

impl HostStore {
    /// Who holds a namespace.
    pub async fn publisher_of(&self, namespace: &str) -> Result<Option<PublisherRow>, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM publishers WHERE namespace = $1")
                .bind(namespace)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(row)
        })
        .await
    }
}
