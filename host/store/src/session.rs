//! Sessions, the runs of sources, and how long each was streamed.
//!
//! What is written down are totals of a session and day (UTC) that only grow:
//! a figure that comes twice, late or in another order counts nothing twice
//! and takes nothing away.

use std::collections::BTreeMap;
use std::time::Duration;

use neustream_model::{SessionId, SourceId, TenantId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, number, optional_moment, parsed, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, StoreError, TenantStore};

/// Sessions that are written in one transaction: other writers get their turn in between.
const WRITTEN_AT_ONCE: usize = 100;

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

/// A session and how long it was streamed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamedSession {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The source that it is a run of.
    pub source: SourceId,
    /// When it began.
    pub started_at: UnixMillis,
    /// Its total of each day (UTC), under the day's beginning.
    pub by_day: Vec<(UnixMillis, Duration)>,
}

/// How long an organisation's sources streamed, by source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage(BTreeMap<SourceId, Streamed>);

/// How long something was streamed, up to what was last written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streamed {
    /// Since the beginning of the day (UTC).
    pub today: Duration,
    /// Since the beginning of the month (UTC).
    pub this_month: Duration,
}

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
    streamed: Streamed,
}

impl FromRow<'_, AnyRow> for UsageRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let today = Duration::from_millis(number(row, "today_ms")?);
        let this_month = Duration::from_millis(number(row, "month_ms")?);
        Ok(Self { source_id: parsed(row, "source_id")?, streamed: Streamed { today, this_month } })
    }
}

impl Usage {
    /// How long `source` streamed.
    pub fn of(&self, source: SourceId) -> Streamed {
        self.0.get(&source).copied().unwrap_or_default()
    }

    /// How long all sources streamed together, those that are gone included.
    pub fn total(&self) -> Streamed {
        let add = |sum: Streamed, one: &Streamed| Streamed {
            today: sum.today + one.today,
            this_month: sum.this_month + one.this_month,
        };
        self.0.values().fold(Streamed::default(), add)
    }
}

impl TenantStore {
    /// The latest sessions of the organisation, newest first.
    pub async fn recent_sessions(&self, limit: u32) -> Result<Vec<SessionRow>, StoreError> {
        within(async {
            let sessions = sqlx::query_as(
                "SELECT * FROM sessions WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2",
            )
            .bind(self.tenant.to_string())
            .bind(i64::from(limit))
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(sessions)
        })
        .await
    }

    /// How long each source streamed on the day and in the month (UTC) of `now`. Of a session that runs, what was last
    /// written down counts.
    pub async fn usage(&self, now: UnixMillis) -> Result<Usage, StoreError> {
        within(async {
            let rows: Vec<UsageRow> = sqlx::query_as(
                "SELECT source_id, CAST(SUM(streamed_ms) AS BIGINT) AS month_ms, \
                 CAST(SUM(CASE WHEN day = $4 THEN streamed_ms ELSE 0 END) AS BIGINT) AS today_ms \
                 FROM session_usage WHERE tenant_id = $1 AND day >= $2 AND day < $3 GROUP BY source_id",
            )
            .bind(self.tenant.to_string())
            .bind(to_sql(now.month().0))
            .bind(to_sql(now.month().plus_months(1).0))
            .bind(to_sql(now.day().0))
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(Usage(rows.into_iter().map(|row| (row.source_id, row.streamed)).collect()))
        })
        .await
    }
}

impl HostStore {
    /// These sessions run at `now`, and were streamed so long. One of an organisation that is gone is left out.
    pub async fn record_sessions(
        &self,
        sessions: &[StreamedSession],
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        for sessions in sessions.chunks(WRITTEN_AT_ONCE) {
            within(async {
                let mut transaction = self.begin().await?;
                for session in sessions {
                    write(&mut transaction, session, now).await?;
                }
                transaction.commit().await
            })
            .await?;
        }
        Ok(())
    }

    /// A session ended, with its last figures.
    pub async fn session_ended(&self, session: &StreamedSession, now: UnixMillis) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            write(&mut transaction, session, now).await?;
            sqlx::query("UPDATE sessions SET ended_at = $2, seen_at = $2 WHERE id = $1 AND ended_at IS NULL")
                .bind(session.id.to_string())
                .bind(to_sql(now.0))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        })
        .await
    }

    /// Ends the sessions that a killed host left open, at the moment they were last seen; tells how many. Call it at
    /// the start, before ingest begins. How long they were streamed is written down already, as of that moment.
    pub async fn end_abandoned_sessions(&self) -> Result<u64, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let ended = sqlx::query("UPDATE sessions SET ended_at = seen_at WHERE ended_at IS NULL")
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(ended.rows_affected())
        })
        .await
    }
}

async fn write(
    transaction: &mut Transaction,
    session: &StreamedSession,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id, tenant_id, source_id, started_at, seen_at) \
         SELECT $1, id, $3, $4, $5 FROM tenants WHERE id = $2 \
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at WHERE sessions.ended_at IS NULL",
    )
    .bind(session.id.to_string())
    .bind(session.tenant.to_string())
    .bind(session.source.to_string())
    .bind(to_sql(session.started_at.0))
    .bind(to_sql(now.0))
    .execute(&mut **transaction)
    .await?;
    for (day, streamed) in &session.by_day {
        sqlx::query(
            "INSERT INTO session_usage (session_id, day, tenant_id, source_id, streamed_ms, updated_at) \
             SELECT $1, $3, id, $4, $5, $6 FROM tenants WHERE id = $2 ON CONFLICT (session_id, day) \
             DO UPDATE SET streamed_ms = excluded.streamed_ms, updated_at = excluded.updated_at \
             WHERE session_usage.streamed_ms < excluded.streamed_ms",
        )
        .bind(session.id.to_string())
        .bind(session.tenant.to_string())
        .bind(to_sql(day.0))
        .bind(session.source.to_string())
        .bind(to_sql(u64::try_from(streamed.as_millis()).unwrap_or(u64::MAX)))
        .bind(to_sql(now.0))
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
