//! Sources: configured inputs.

use neustream_model::{
    AppId, PlaybackId, SecondPublisher, SourceId, StreamKey, StreamKeyDigest, TenantId, UnixMillis,
    Visibility,
};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::app::is_not_archived;
use crate::people::is_not_kept_out;
use crate::quota::Quota;
use crate::row::{flag, moment, number, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, HostStore, Missing, StoreError, Target, TenantStore, changed};

/// A source as stored. The stream key is not in it: only its digest is kept.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// The source.
    pub id: SourceId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The app that it belongs to.
    pub app_id: AppId,
    /// Its name.
    pub name: String,
    /// What the tenant notes about it; may be empty.
    pub description: String,
    /// Digest of its stream key.
    pub key_digest: StreamKeyDigest,
    /// Its public name for viewers.
    pub playback_id: PlaybackId,
    /// What a second publisher meets.
    pub second_publisher: SecondPublisher,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    pub reconnect_window_s: u64,
    /// Who may watch.
    pub visibility: Visibility,
    /// Whether its segments are encrypted.
    pub is_encrypted: bool,
    /// Grows with every change of who may watch and how.
    pub viewing_revision: u64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}

/// A source with what is counted about it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The source.
    pub row: SourceRow,
    /// How many destinations it has, switched-off ones included.
    pub destinations_count: u64,
    /// How many chat connectors its app has, switched-off ones included.
    pub chat_connectors_count: u64,
}

/// A row of `sources s` with what is counted of it.
macro_rules! counted_sources {
    ($rest:literal) => {
        concat!(
            "SELECT s.*, (SELECT COUNT(*) FROM destinations d WHERE d.source_id = s.id) AS destinations_count, \
             (SELECT COUNT(*) FROM installations i WHERE i.tenant_id = s.tenant_id AND i.app_id = s.app_id \
             AND i.kind = 'chat') AS chat_connectors_count FROM sources s ",
            $rest
        )
    };
}

/// A source to be made.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Its name.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// What a second publisher meets.
    pub second_publisher: SecondPublisher,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    pub reconnect_window_s: u64,
    /// Who may watch.
    pub visibility: Visibility,
    /// Whether its segments are encrypted.
    pub is_encrypted: bool,
}

/// What changes about a source; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct SourceChange {
    /// Its name.
    pub name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// What a second publisher meets.
    pub second_publisher: Option<SecondPublisher>,
    /// Seconds that destinations and viewers are kept when the publisher vanishes.
    pub reconnect_window_s: Option<u64>,
    /// Who may watch.
    pub visibility: Option<Visibility>,
    /// Whether its segments are encrypted.
    pub is_encrypted: Option<bool>,
}

impl FromRow<'_, AnyRow> for SourceRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let second_publisher = match row.try_get("second_publisher")? {
            "replace" => SecondPublisher::Replace,
            // What this version does not know must not let a stranger take a stream over.
            _ => SecondPublisher::Reject,
        };
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            app_id: parsed(row, "app_id")?,
            name: text(row, "name")?,
            description: text(row, "description")?,
            key_digest: StreamKeyDigest::from_stored(text(row, "key_digest")?),
            playback_id: parsed(row, "playback_id")?,
            second_publisher,
            reconnect_window_s: number(row, "reconnect_window_s")?,
            visibility: Visibility::from_stored(row.try_get("visibility")?),
            is_encrypted: flag(row, "is_encrypted")?,
            viewing_revision: number(row, "viewing_revision")?,
            created_at: moment(row, "created_at")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for Source {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            row: SourceRow::from_row(row)?,
            destinations_count: number(row, "destinations_count")?,
            chat_connectors_count: number(row, "chat_connectors_count")?,
        })
    }
}

impl SourceRow {
    /// What the audit log shows of it.
    fn shown(&self) -> Value {
        json!({
            "name": self.name,
            "description": self.description,
            "second_publisher": self.second_publisher.as_str(),
            "reconnect_window_s": self.reconnect_window_s,
            "visibility": self.visibility.as_str(),
            "is_encrypted": self.is_encrypted,
        })
    }
}

impl TenantStore {
    /// Makes a source and its stream key, which is told now and never again.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when the tenant has `max` sources already.
    pub async fn create_source(&self, new: &NewSource, max: u64) -> Result<(Source, StreamKey), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.lock_organisation(&mut transaction).await?;
            self.room_for(&mut transaction, Quota::Sources, Some(max)).await?;
            let id = SourceId::new();
            let key = StreamKey::generate(self.tenant, id);
            let row: SourceRow = sqlx::query_as(
                "INSERT INTO sources (id, tenant_id, name, description, key_digest, playback_id, \
                 second_publisher, reconnect_window_s, created_at, updated_at, visibility, is_encrypted, app_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, \
                 COALESCE($12, (SELECT a.id FROM apps a WHERE a.tenant_id = $2 AND a.is_default = 1))) RETURNING *",
            )
            .bind(id.to_string())
            .bind(self.tenant.to_string())
            .bind(&new.name)
            .bind(&new.description)
            .bind(key.digest().as_str())
            .bind(PlaybackId::generate().as_str())
            .bind(new.second_publisher.as_str())
            .bind(to_sql(new.reconnect_window_s))
            .bind(to_sql(UnixMillis::now().0))
            .bind(new.visibility.as_str())
            .bind(i64::from(new.is_encrypted))
            .bind(self.app_text())
            .fetch_one(&mut *transaction)
            .await?;
            let entry = Entry::new("source.create", Target::new("source", id));
            self.audit(&mut transaction, entry.after(row.shown()));
            let source = self.source_in(&mut transaction, id).await?;
            transaction.commit().await?;
            Ok((source, key))
        })
        .await
    }

    /// Every source of the tenant, oldest first.
    pub async fn sources(&self) -> Result<Vec<Source>, StoreError> {
        within(async {
            let sources = sqlx::query_as(counted_sources!(
                "WHERE s.tenant_id = $1 AND s.app_id = COALESCE($2, s.app_id) ORDER BY s.id"
            ))
            .bind(self.tenant.to_string())
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(sources)
        })
        .await
    }

    /// A source of the tenant.
    pub async fn source(&self, id: SourceId) -> Result<Source, StoreError> {
        within(async { self.source_in(&mut *self.connection().await?, id).await }).await
    }

    /// Changes a source.
    pub async fn update_source(&self, id: SourceId, change: &SourceChange) -> Result<Source, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_source(&mut transaction, id).await?;
            sqlx::query(
                "UPDATE sources SET name = COALESCE($3, name), description = COALESCE($4, description), \
                 second_publisher = COALESCE($5, second_publisher), \
                 reconnect_window_s = COALESCE($6, reconnect_window_s), updated_at = $7, \
                 visibility = COALESCE($8, visibility), is_encrypted = COALESCE($9, is_encrypted), \
                 viewing_revision = viewing_revision + 1 \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(change.name.as_deref())
            .bind(change.description.as_deref())
            .bind(change.second_publisher.map(SecondPublisher::as_str))
            .bind(change.reconnect_window_s.map(to_sql))
            .bind(to_sql(UnixMillis::now().0))
            .bind(change.visibility.map(Visibility::as_str))
            .bind(change.is_encrypted.map(i64::from))
            .execute(&mut *transaction)
            .await?;
            let source = self.source_in(&mut transaction, id).await?;
            let entry = Entry::new("source.update", Target::new("source", id));
            let entry = entry.before(before.shown()).after(source.row.shown()).only_changes();
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(source)
        })
        .await
    }

    /// Gives a source a new stream key, which is told now and never again; the former one is unknown from now on.
    pub async fn rotate_stream_key(&self, id: SourceId) -> Result<StreamKey, StoreError> {
        let key = StreamKey::generate(self.tenant, id);
        within(async {
            let mut transaction = self.begin().await?;
            self.hold_source(&mut transaction, id).await?;
            sqlx::query(
                "UPDATE sources SET key_digest = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(key.digest().as_str())
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            let entry = Entry::new("source.rotate-key", Target::new("source", id));
            self.audit(&mut transaction, entry.after(json!({ "stream_key": changed() })));
            transaction.commit().await?;
            Ok(key)
        })
        .await
    }

    /// Deletes a source with its destinations and their secrets.
    pub async fn delete_source(&self, id: SourceId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_source(&mut transaction, id).await?;
            sqlx::query("DELETE FROM sources WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("source.delete", Target::new("source", id));
            self.audit(&mut transaction, entry.before(before.shown()));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// A source as it is, whose row nobody else changes until the transaction ends.
    pub(crate) async fn hold_source(
        &self,
        transaction: &mut Transaction,
        id: SourceId,
    ) -> Result<SourceRow, StoreError> {
        sqlx::query_as(
            "UPDATE sources SET name = name \
             WHERE tenant_id = $1 AND id = $2 AND app_id = COALESCE($3, app_id) RETURNING *",
        )
        .bind(self.tenant.to_string())
        .bind(id.to_string())
        .bind(self.app_text())
        .fetch_optional(&mut **transaction)
        .await?
        .ok_or(StoreError::NotFound(Missing::Source))
    }

    async fn source_in(&self, connection: &mut AnyConnection, id: SourceId) -> Result<Source, StoreError> {
        sqlx::query_as(counted_sources!(
            "WHERE s.tenant_id = $1 AND s.id = $2 AND s.app_id = COALESCE($3, s.app_id)"
        ))
        .bind(self.tenant.to_string())
        .bind(id.to_string())
        .bind(self.app_text())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotFound(Missing::Source))
    }
}

impl HostStore {
    /// The source whose stream key has this digest. An unknown and a wrong key look alike: the lookup runs over
    /// digests, of which an attacker cannot choose the bytes, and the match is confirmed in constant time. A source of
    /// an archived app is not found.
    pub async fn source_by_key_digest(
        &self,
        digest: &StreamKeyDigest,
    ) -> Result<Option<SourceRow>, StoreError> {
        within(async {
            let sql = format!(
                "SELECT * FROM sources WHERE key_digest = $1 AND {} AND {}",
                is_not_kept_out("sources.tenant_id"),
                is_not_archived("sources.app_id")
            );
            let found: Option<SourceRow> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(digest.as_str())
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(found.filter(|source| source.key_digest == *digest))
        })
        .await
    }

    /// A source of any tenant.
    pub async fn source_by_id(&self, id: SourceId) -> Result<Option<SourceRow>, StoreError> {
        within(async {
            let source = sqlx::query_as("SELECT * FROM sources WHERE id = $1")
                .bind(id.to_string())
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(source)
        })
        .await
    }

    /// The source with this public name.
    pub async fn source_by_playback_id(&self, id: &PlaybackId) -> Result<Option<SourceRow>, StoreError> {
        within(async {
            let source = sqlx::query_as("SELECT * FROM sources WHERE playback_id = $1")
                .bind(id.as_str())
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(source)
        })
        .await
    }
}
