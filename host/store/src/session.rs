//! Sessions: the runs of sources, and what was streamed.

use std::collections::BTreeMap;
use std::time::Duration;

use neustream_model::{SessionId, SourceId, TenantId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, number, optional_moment, parsed, to_sql};
use crate::store::within;
use crate::{HostStore, StoreError, TenantStore};

/// One run of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The source that it is a run of; the source may be gone.
    pub source_id: SourceId,
    /// When it began.
    pub started_at: UnixMillis,
    /// When the host last saw it running.
    pub seen_at: UnixMillis,
    /// When it ended; `None` while it runs.
    pub ended_at: Option<UnixMillis>,
}

/// How long a tenant's sources streamed, by source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage(pub BTreeMap<SourceId, Duration>);

impl FromRow<'_, AnyRow> for SessionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            source_id: parsed(row, "source_id")?,
            started_at: moment(row, "started_at")?,
            seen_at: moment(row, "seen_at")?,
            ended_at: optional_moment(row, "ended_at")?,
        })
    }
}

struct UsageRow {
    source_id: SourceId,
    streamed_ms: u64,
}

impl FromRow<'_, AnyRow> for UsageRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { source_id: parsed(row, "source_id")?, streamed_ms: number(row, "streamed_ms")? })
    }
}

impl Usage {
    /// How long `source` streamed.
    pub fn of(&self, source: SourceId) -> Duration {
        self.0.get(&source).copied().unwrap_or_default()
    }

    /// How long all sources streamed together.
    pub fn total(&self) -> Duration {
        self.0.values().sum()
    }
}

impl TenantStore {
    /// The latest sessions of the tenant, newest first.
    pub async fn recent_sessions(&self, limit: u32) -> Result<Vec<SessionRow>, StoreError> {
        within(async {
            let sessions = sqlx::query_as(
                "SELECT * FROM sessions WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2",
            )
            .bind(self.tenant.to_string())
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(sessions)
        })
        .await
    }

    /// How long each source streamed between `from` and `now`; a running session counts up to `now`.
    pub async fn usage(&self, from: UnixMillis, now: UnixMillis) -> Result<Usage, StoreError> {
        within(async {
            let rows: Vec<UsageRow> = sqlx::query_as(
                "SELECT source_id, CAST(SUM(COALESCE(ended_at, $3) - \
                 CASE WHEN started_at < $2 THEN $2 ELSE started_at END) AS BIGINT) AS streamed_ms \
                 FROM sessions WHERE tenant_id = $1 AND started_at < $3 AND COALESCE(ended_at, $3) > $2 \
                 GROUP BY source_id",
            )
            .bind(self.tenant.to_string())
            .bind(to_sql(from.0))
            .bind(to_sql(now.0))
            .fetch_all(&self.store.pool)
            .await?;
            let by_source = |row: UsageRow| (row.source_id, Duration::from_millis(row.streamed_ms));
            Ok(Usage(rows.into_iter().map(by_source).collect()))
        })
        .await
    }
}

impl HostStore {
    /// A session of `source` began. Telling it twice is no error; neither is a source that is gone.
    pub async fn session_started(&self, session: SessionId, source: SourceId) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "INSERT INTO sessions (id, tenant_id, source_id, started_at, seen_at) \
                 SELECT $1, tenant_id, id, $3, $3 FROM sources WHERE id = $2 ON CONFLICT (id) DO NOTHING",
            )
            .bind(session.to_string())
            .bind(source.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// These sessions run now. Told every now and then, it bounds what a killed host forgets.
    pub async fn sessions_seen(&self, sessions: &[SessionId]) -> Result<(), StoreError> {
        within(async {
            let now = to_sql(UnixMillis::now().0);
            let mut transaction = self.store.pool.begin().await?;
            for session in sessions {
                sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL")
                    .bind(session.to_string())
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// A session ended.
    pub async fn session_ended(&self, session: SessionId) -> Result<(), StoreError> {
        within(async {
            sqlx::query("UPDATE sessions SET ended_at = $2, seen_at = $2 WHERE id = $1 AND ended_at IS NULL")
                .bind(session.to_string())
                .bind(to_sql(UnixMillis::now().0))
                .execute(&self.store.pool)
                .await?;
            Ok(())
        })
        .await
    }

    /// Ends the sessions that a killed host left open, at the moment they were last seen; tells how many. Call it at
    /// the start, before ingest begins.
    pub async fn end_abandoned_sessions(&self) -> Result<u64, StoreError> {
        within(async {
            let ended = sqlx::query("UPDATE sessions SET ended_at = seen_at WHERE ended_at IS NULL")
                .execute(&self.store.pool)
                .await?;
            Ok(ended.rows_affected())
        })
        .await
    }
}
