//! API keys: what programs sign in with. Their texts are kept as digests.
//!
//! A key is one thing with an id, scopes and limits; its text changes when it is
//! rotated, and then the former text is taken for a while longer, so that
//! programs can be given the new one without a gap. A key has two texts at most.

use neustream_model::{ApiKeyId, AppId, TenantId, UnixMillis, UserId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::audit::{Entry, Target, changed};
use crate::people::is_not_kept_out;
use crate::row::{moment, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::{AppStanding, AppStore, HostStore, Keyset, LimitKind, Missing, StoreError};

/// Of an organisation. Whoever needs more of them makes one a user, for which keys are not meant.
pub const MAX_API_KEYS: u64 = 200;
/// The last use of a key is noted this coarsely, so that using it seldom writes.
const LAST_USE_MS: u64 = 5 * 60 * 1000;

/// An API key as stored: without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// The key.
    pub id: ApiKeyId,
    /// Its organisation.
    pub tenant_id: TenantId,
    /// Its app.
    pub app_id: AppId,
    /// What people call it.
    pub name: String,
    /// Words of permissions, parted by spaces.
    pub scopes: String,
    /// Requests a minute, where that is fewer than the host allows every key.
    pub per_minute: Option<u64>,
    /// Requests an hour, likewise.
    pub per_hour: Option<u64>,
    /// Who made it.
    pub made_by: UserId,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<UnixMillis>,
}

/// An API key with how its texts begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyInfo {
    /// The key.
    pub row: ApiKeyRow,
    /// How its text begins.
    pub hint: String,
    /// The former text and until when it is taken, for a while after a rotation.
    pub former: Option<FormerText>,
}

/// A text of a key that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerText {
    /// How it begins.
    pub hint: String,
    /// Until when it is taken.
    pub ends_at: UnixMillis,
}

/// An API key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// Words of permissions, parted by spaces.
    pub scopes: String,
    /// Requests a minute, where that is fewer than the host allows every key.
    pub per_minute: Option<u64>,
    /// Requests an hour, likewise.
    pub per_hour: Option<u64>,
    /// Who makes it.
    pub made_by: UserId,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
}

/// A text of a key, as it is kept.
#[derive(Debug, Clone)]
pub struct ApiKeyText {
    /// SHA-256 of the text in hexadecimal.
    pub digest: String,
    /// How it begins.
    pub hint: String,
}

/// What changes about a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ApiKeyChange {
    /// Its name.
    pub name: Option<String>,
    /// Its scopes.
    pub scopes: Option<String>,
    /// Requests a minute; `Some(None)` for what the host allows.
    pub per_minute: Option<Option<u64>>,
    /// Requests an hour; `Some(None)` for what the host allows.
    pub per_hour: Option<Option<u64>>,
    /// When it ends; `Some(None)` for never.
    pub expires_at: Option<Option<UnixMillis>>,
}

/// A key whose text was presented, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyStanding {
    /// The key.
    pub key: ApiKeyRow,
    /// Its app.
    pub app: AppStanding,
}

impl FromRow<'_, AnyRow> for ApiKeyRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            app_id: parsed(row, "app_id")?,
            name: text(row, "name")?,
            scopes: text(row, "scopes")?,
            per_minute: optional_number(row, "per_minute")?,
            per_hour: optional_number(row, "per_hour")?,
            made_by: parsed(row, "made_by")?,
            created_at: moment(row, "created_at")?,
            expires_at: optional_moment(row, "expires_at")?,
            last_used_at: optional_moment(row, "last_used_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for ApiKeyInfo {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let former = match (row.try_get("former_hint")?, optional_moment(row, "former_ends_at")?) {
            (Some(hint), Some(ends_at)) => Some(FormerText { hint, ends_at }),
            _ => None,
        };
        Ok(Self { row: ApiKeyRow::from_row(row)?, hint: text(row, "hint")?, former })
    }
}

impl FromRow<'_, AnyRow> for ApiKeyStanding {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let key = ApiKeyRow::from_row(row)?;
        let is_archived = optional_moment(row, "app_archived_at")?.is_some();
        Ok(Self { app: AppStanding { id: key.app_id, is_archived }, key })
    }
}

/// Keys with the beginnings of their texts; $1 is the organisation, $2 the moment.
const SELECT: &str = "SELECT k.*, s.hint, f.hint AS former_hint, f.ends_at AS former_ends_at FROM api_keys k \
     JOIN api_key_secrets s ON s.key_id = k.id AND s.ends_at IS NULL \
     LEFT JOIN api_key_secrets f ON f.key_id = k.id AND f.ends_at > $2 WHERE k.tenant_id = $1";

impl AppStore {
    /// Makes a key of the app.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when the organisation has [`MAX_API_KEYS`].
    pub async fn create_api_key(
        &self,
        new: &NewApiKey,
        key_text: &ApiKeyText,
        now: UnixMillis,
    ) -> Result<ApiKeyInfo, StoreError> {
        let app = self.app_id().map(|app| app.to_string()).unwrap_or_default();
        within(async {
            let mut transaction = self.begin().await?;
            self.room_for_api_key(&mut transaction).await?;
            let id = ApiKeyId::new();
            sqlx::query(
                "INSERT INTO api_keys (id, tenant_id, app_id, name, scopes, per_minute, per_hour, made_by, \
                 created_at, updated_at, expires_at) VALUES ($1, $2, COALESCE(NULLIF($3, ''), \
                 (SELECT a.id FROM apps a WHERE a.tenant_id = $2 AND a.is_default = 1)), $4, $5, $6, $7, $8, $9, $9, $10)",
            )
            .bind(id.to_string())
            .bind(self.tenant.to_string())
            .bind(app)
            .bind(&new.name)
            .bind(&new.scopes)
            .bind(new.per_minute.map(to_sql))
            .bind(new.per_hour.map(to_sql))
            .bind(new.made_by.to_string())
            .bind(to_sql(now.0))
            .bind(new.expires_at.map(|moment| to_sql(moment.0)))
            .execute(&mut *transaction)
            .await?;
            self.insert_text(&mut transaction, id, key_text, now).await?;
            let made = self.find_api_key(&mut transaction, id, now).await?;
            self.audit(&mut transaction, entry("api_key.create", id).after(shown(&made.row)));
            transaction.commit().await?;
            Ok(made)
        })
        .await
    }

    /// Keys of the app, oldest first.
    pub async fn api_keys(&self, page: &Keyset, now: UnixMillis) -> Result<Vec<ApiKeyInfo>, StoreError> {
        let app = self.app_id().map(|app| app.to_string()).unwrap_or_default();
        within(async {
            let keys = sqlx::query_as(AssertSqlSafe(format!(
                "{SELECT} AND ($3 = '' OR k.app_id = $3) AND k.id > $4 ORDER BY k.id LIMIT $5"
            )))
            .bind(self.tenant.to_string())
            .bind(to_sql(now.0))
            .bind(app)
            .bind(page.above())
            .bind(page.limit())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(keys)
        })
        .await
    }

    /// A key of the app.
    pub async fn api_key(&self, id: ApiKeyId, now: UnixMillis) -> Result<ApiKeyInfo, StoreError> {
        within(async { self.find_api_key(&mut *self.connection().await?, id, now).await }).await
    }

    /// Changes a key of the app.
    pub async fn update_api_key(
        &self,
        id: ApiKeyId,
        change: &ApiKeyChange,
        now: UnixMillis,
    ) -> Result<ApiKeyInfo, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.lock_api_key(&mut transaction, id, now).await?;
            let row = &before.row;
            sqlx::query(
                "UPDATE api_keys SET name = $3, scopes = $4, per_minute = $5, per_hour = $6, expires_at = $7, \
                 updated_at = $8 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(change.name.as_ref().unwrap_or(&row.name))
            .bind(change.scopes.as_ref().unwrap_or(&row.scopes))
            .bind(change.per_minute.unwrap_or(row.per_minute).map(to_sql))
            .bind(change.per_hour.unwrap_or(row.per_hour).map(to_sql))
            .bind(change.expires_at.unwrap_or(row.expires_at).map(|moment| to_sql(moment.0)))
            .bind(to_sql(now.0))
            .execute(&mut *transaction)
            .await?;
            let after = self.find_api_key(&mut transaction, id, now).await?;
            let entry = entry("api_key.update", id).before(shown(row)).after(shown(&after.row));
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Gives a key a new text; the one that it has now is taken until `former_ends_at`, and one before that no more.
    pub async fn rotate_api_key(
        &self,
        id: ApiKeyId,
        key_text: &ApiKeyText,
        former_ends_at: UnixMillis,
        now: UnixMillis,
    ) -> Result<ApiKeyInfo, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.lock_api_key(&mut transaction, id, now).await?;
            sqlx::query(
                "DELETE FROM api_key_secrets WHERE tenant_id = $1 AND key_id = $2 AND ends_at IS NOT NULL",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
            sqlx::query("UPDATE api_key_secrets SET ends_at = $3 WHERE tenant_id = $1 AND key_id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .bind(to_sql(former_ends_at.0))
                .execute(&mut *transaction)
                .await?;
            self.insert_text(&mut transaction, id, key_text, now).await?;
            let after = self.find_api_key(&mut transaction, id, now).await?;
            let what = json!({ "key": changed(), "former_ends_at": former_ends_at.0 });
            self.audit(&mut transaction, entry("api_key.rotate", id).after(what));
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Ends a key of the app, at once.
    pub async fn delete_api_key(&self, id: ApiKeyId, now: UnixMillis) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.lock_api_key(&mut transaction, id, now).await?;
            sqlx::query("DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            self.audit(&mut transaction, entry("api_key.delete", id).before(shown(&before.row)));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn room_for_api_key(&self, transaction: &mut AnyConnection) -> Result<(), StoreError> {
        // Takes the organisation's row lock, so that racing requests are counted one after the other.
        sqlx::query("UPDATE tenants SET name = name WHERE id = $1")
            .bind(self.tenant.to_string())
            .execute(&mut *transaction)
            .await?;
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM api_keys WHERE tenant_id = $1")
            .bind(self.tenant.to_string())
            .fetch_one(transaction)
            .await?;
        let current = u64::try_from(count).unwrap_or(0);
        if current >= MAX_API_KEYS {
            return Err(StoreError::LimitReached { kind: LimitKind::ApiKeys, current, max: MAX_API_KEYS });
        }
        Ok(())
    }

    async fn insert_text(
        &self,
        transaction: &mut AnyConnection,
        id: ApiKeyId,
        key_text: &ApiKeyText,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO api_key_secrets (digest, tenant_id, key_id, hint, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&key_text.digest)
        .bind(self.tenant.to_string())
        .bind(id.to_string())
        .bind(&key_text.hint)
        .bind(to_sql(now.0))
        .execute(transaction)
        .await?;
        Ok(())
    }

    /// The key, which nobody else changes until the transaction ends.
    async fn lock_api_key(
        &self,
        transaction: &mut AnyConnection,
        id: ApiKeyId,
        now: UnixMillis,
    ) -> Result<ApiKeyInfo, StoreError> {
        sqlx::query("UPDATE api_keys SET name = name WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        self.find_api_key(transaction, id, now).await
    }

    async fn find_api_key(
        &self,
        connection: &mut AnyConnection,
        id: ApiKeyId,
        now: UnixMillis,
    ) -> Result<ApiKeyInfo, StoreError> {
        let app = self.app_id().map(|app| app.to_string()).unwrap_or_default();
        sqlx::query_as(AssertSqlSafe(format!("{SELECT} AND ($3 = '' OR k.app_id = $3) AND k.id = $4")))
            .bind(self.tenant.to_string())
            .bind(to_sql(now.0))
            .bind(app)
            .bind(id.to_string())
            .fetch_optional(connection)
            .await?
            .ok_or(StoreError::NotFound(Missing::ApiKey))
    }
}

impl HostStore {
    /// The key whose text has this digest, while it is taken. An unknown and a wrong text look alike: the lookup runs
    /// over digests, of which an attacker cannot choose the bytes.
    pub async fn api_key_by_digest(
        &self,
        digest: &str,
        now: UnixMillis,
    ) -> Result<Option<ApiKeyStanding>, StoreError> {
        within(async {
            let sql = format!(
                "SELECT k.*, a.archived_at AS app_archived_at FROM api_key_secrets s \
                 JOIN api_keys k ON k.id = s.key_id JOIN apps a ON a.id = k.app_id \
                 JOIN tenants t ON t.id = k.tenant_id AND t.provisioning_since IS NULL \
                 WHERE s.digest = $1 AND (s.ends_at IS NULL OR s.ends_at > $2) \
                 AND (k.expires_at IS NULL OR k.expires_at > $2) AND {}",
                is_not_kept_out("k.tenant_id")
            );
            let standing = sqlx::query_as(AssertSqlSafe(sql))
                .bind(digest)
                .bind(to_sql(now.0))
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(standing)
        })
        .await
    }

    /// Notes that a key is used, unless that was noted in the last minutes.
    pub async fn api_key_used(&self, key: &ApiKeyRow, now: UnixMillis) -> Result<(), StoreError> {
        if key.last_used_at.is_some_and(|last| now.0 < last.0 + LAST_USE_MS) {
            return Ok(());
        }
        within(async {
            // Of many requests at the same moment one writes.
            sqlx::query(
                "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
            )
            .bind(key.id.to_string())
            .bind(to_sql(now.0))
            .bind(to_sql(now.0.saturating_sub(LAST_USE_MS)))
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

fn entry(action: &'static str, id: ApiKeyId) -> Entry {
    Entry::new(action, Target::new("api_key", id))
}

/// What the API shows of a key, but for what changes by itself.
fn shown(row: &ApiKeyRow) -> Value {
    json!({
        "name": row.name,
        "app_id": row.app_id,
        "scopes": row.scopes.split_whitespace().collect::<Vec<_>>(),
        "per_minute": row.per_minute,
        "per_hour": row.per_hour,
        "expires_at": row.expires_at.map(|moment| moment.0),
    })
}

fn optional_number(row: &AnyRow, name: &'static str) -> sqlx::Result<Option<u64>> {
    let number: Option<i64> = row.try_get(name)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}
