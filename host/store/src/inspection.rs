//! A look at a database from the outside, for the doctor: it changes nothing, makes nothing and migrates nothing.

use std::time::{Duration, Instant};

use neustream_model::UnixMillis;
use sqlx::AnyConnection;

use crate::migrations::MIGRATIONS;
use crate::row_security::ROLE;
use crate::schema::{DatabaseKind, applied, tables};
use crate::sealing::Place;
use crate::store::within;
use crate::{HostStore, SealError, SnapshotError, StoreError, StoreSettings};

/// The secret that is in every database that was ever served from: it tells whether the master key fits.
const PROBE: &str = "signing-key";

/// How the schema stands to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// There is none yet; the first start makes it.
    Absent,
    /// So many migrations are still to come; the next start makes them.
    Behind(usize),
    /// As this program has it.
    Current,
    /// A newer program has been here; this one does not start on it.
    Ahead,
    /// A migration had another text: another build has been here, and this one does not start on it.
    OtherHistory(i64),
}

/// Whether the second wall between organisations stands (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondWall {
    /// The role is there and this login may take it on.
    pub may_take_role: bool,
    /// This login may make the role.
    pub may_make_role: bool,
    /// Tables that name their tenant.
    pub tables: u64,
    /// Those of them that have a policy which is switched on.
    pub guarded: u64,
    /// The name of this login.
    pub login: String,
}

/// Whether the master key opens what is sealed in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFit {
    /// Nothing is sealed yet.
    Untried,
    /// It fits.
    Fits,
    /// It does not.
    Misfit(SealError),
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Which database it is.
    pub kind: DatabaseKind,
    /// The version of the database's own program.
    pub version: String,
    /// Time of one question and its answer, on an open connection.
    pub latency: Duration,
    /// How the schema stands to this program.
    pub schema: SchemaState,
    /// What the database found wrong with its file (SQLite, [`Closeness::Whole`]); nothing where all is well.
    pub damage: Option<String>,
    /// How far the database's clock is ahead of this machine's, in milliseconds (PostgreSQL).
    pub clock_ahead_ms: Option<i64>,
    /// The latest moment that a server wrote down; a clock that is before it was set back.
    pub last_written: Option<UnixMillis>,
    /// Connections that the database allows, and those that are taken (PostgreSQL).
    pub connections: Option<(u64, u64)>,
    /// The encoding of texts (PostgreSQL).
    pub encoding: Option<String>,
    /// Row-level security (PostgreSQL).
    pub second_wall: Option<SecondWall>,
    /// Whether the master key fits.
    pub key: KeyFit,
}

/// How closely a database is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closeness {
    /// What is answered at once, also by a large database that is at work.
    AtAGlance,
    /// Every page of a SQLite file, too.
    Whole,
}

impl HostStore {
    /// Which database it is.
    pub fn database_kind(&self) -> DatabaseKind {
        if self.store.is_sqlite { DatabaseKind::Sqlite } else { DatabaseKind::Postgres }
    }

    /// The time of one question and its answer, as requests find it: waiting for a free connection is in it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no answer comes.
    pub async fn round_trip(&self) -> Result<Duration, StoreError> {
        let asked = Instant::now();
        within(async {
            sqlx::query("SELECT 1").execute(&self.store.pool).await?;
            Ok(asked.elapsed())
        })
        .await
    }
}

/// Looks at the database.
///
/// # Errors
/// [`SnapshotError::Absent`] for a SQLite file that is not there, otherwise what connecting says.
pub async fn inspect(settings: &StoreSettings, closeness: Closeness) -> Result<Inspection, SnapshotError> {
    if settings.sqlite_file().is_some_and(|file| !file.is_file()) {
        return Err(SnapshotError::Absent);
    }
    let (pool, kind) = settings.direct("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;").await?;
    let mut connection = pool.acquire().await?;
    let version = version(&mut connection, kind).await?;
    let asked = Instant::now();
    sqlx::query("SELECT 1").execute(&mut *connection).await?;
    let latency = asked.elapsed();
    let schema = schema_state(&mut connection, kind).await?;
    let mut found = Inspection {
        kind,
        version,
        latency,
        schema,
        damage: None,
        clock_ahead_ms: None,
        last_written: None,
        connections: None,
        encoding: None,
        second_wall: None,
        key: KeyFit::Untried,
    };
    match kind {
        DatabaseKind::Sqlite if closeness == Closeness::AtAGlance => {}
        DatabaseKind::Sqlite => found.damage = damage(&mut connection).await?,
        DatabaseKind::Postgres => look_at_postgres(&mut connection, &mut found).await?,
    }
    let tables = tables(&mut connection, kind).await?;
    if tables.iter().any(|table| table.name == "meta") {
        found.key = key_fit(&mut connection, settings).await?;
        found.last_written = last_written(&mut connection).await?;
    }
    drop(connection);
    pool.close().await;
    Ok(found)
}

async fn version(connection: &mut AnyConnection, kind: DatabaseKind) -> Result<String, SnapshotError> {
    let sql = match kind {
        DatabaseKind::Sqlite => "SELECT sqlite_version()",
        DatabaseKind::Postgres => "SELECT current_setting('server_version')",
    };
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

async fn schema_state(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
) -> Result<SchemaState, SnapshotError> {
    let applied = applied(connection, kind).await?;
    if applied.is_empty() {
        return Ok(SchemaState::Absent);
    }
    for had in &applied {
        match MIGRATIONS.iter().find(|known| known.version == had.version) {
            None => return Ok(SchemaState::Ahead),
            Some(known) if hex::encode(&known.checksum) != had.checksum => {
                return Ok(SchemaState::OtherHistory(had.version));
            }
            Some(_) => {}
        }
    }
    let missing = MIGRATIONS.iter().count().saturating_sub(applied.len());
    Ok(if missing == 0 { SchemaState::Current } else { SchemaState::Behind(missing) })
}

/// SQLite's own check of its pages.
async fn damage(connection: &mut AnyConnection) -> Result<Option<String>, SnapshotError> {
    let word: String = sqlx::query_scalar("SELECT quick_check FROM pragma_quick_check LIMIT 1")
        .fetch_one(connection)
        .await?;
    Ok((word != "ok").then_some(word))
}

async fn look_at_postgres(
    connection: &mut AnyConnection,
    found: &mut Inspection,
) -> Result<(), SnapshotError> {
    let before = UnixMillis::now().0;
    let theirs: i64 =
        sqlx::query_scalar("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
            .fetch_one(&mut *connection)
            .await?;
    let ours = u64::midpoint(before, UnixMillis::now().0);
    found.clock_ahead_ms = Some(theirs.saturating_sub(i64::try_from(ours).unwrap_or(i64::MAX)));

    let allowed: i64 = sqlx::query_scalar("SELECT CAST(current_setting('max_connections') AS BIGINT)")
        .fetch_one(&mut *connection)
        .await?;
    let taken: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            .fetch_one(&mut *connection)
            .await?;
    found.connections = Some((allowed.unsigned_abs(), taken.unsigned_abs()));
    let encoding: String =
        sqlx::query_scalar("SELECT current_setting('server_encoding')").fetch_one(&mut *connection).await?;
    found.encoding = Some(encoding);
    found.second_wall = Some(row_security(connection).await?);
    Ok(())
}

async fn row_security(connection: &mut AnyConnection) -> Result<SecondWall, SnapshotError> {
    let login: String =
        sqlx::query_scalar("SELECT CAST(current_user AS TEXT)").fetch_one(&mut *connection).await?;
    let may_take: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER')",
    )
    .bind(ROLE)
    .fetch_one(&mut *connection)
    .await?;
    let may_make: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)",
    )
    .fetch_one(&mut *connection)
    .await?;
    let of_tenants = "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = \
                      (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND EXISTS \
                      (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')";
    let tables: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) {of_tenants}")))
        .fetch_one(&mut *connection)
        .await?;
    let guarded: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT COUNT(*) {of_tenants} AND c.relrowsecurity AND EXISTS \
         (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)"
    )))
    .fetch_one(connection)
    .await?;
    Ok(SecondWall {
        may_take_role: may_take > 0,
        may_make_role: may_make > 0,
        tables: tables.unsigned_abs(),
        guarded: guarded.unsigned_abs(),
        login,
    })
}

async fn key_fit(connection: &mut AnyConnection, settings: &StoreSettings) -> Result<KeyFit, SnapshotError> {
    let sealed: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
        .bind(PROBE)
        .fetch_optional(connection)
        .await?;
    let Some(sealed) = sealed else { return Ok(KeyFit::Untried) };
    Ok(match settings.sealing_key.unseal(&Place::Meta { name: PROBE }, &sealed) {
        Ok(_) => KeyFit::Fits,
        Err(error) => KeyFit::Misfit(error),
    })
}

async fn last_written(connection: &mut AnyConnection) -> Result<Option<UnixMillis>, SnapshotError> {
    let latest: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(moment) FROM (SELECT MAX(updated_at) AS moment FROM meta \
         UNION ALL SELECT MAX(seen_at) AS moment FROM sessions UNION ALL SELECT MAX(created_at) AS moment FROM users) t",
    )
    .fetch_one(connection)
    .await?;
    Ok(latest.map(|moment| UnixMillis(moment.unsigned_abs())))
}
