//! The whole database as it is at one moment, table by table, in a form that
//! both databases can be filled from.
//!
//! One transaction reads everything, so the picture is consistent while a
//! server goes on writing (SQLite: a reader of the write-ahead log;
//! PostgreSQL: REPEATABLE READ), and nobody waits for it. The schema stays as
//! it is. What was sealed stays sealed.
//!
//! A table comes in pieces of JSON lines: the first line has the names of the
//! columns, every other one a row: texts, numbers, null, and `{"b64": ...}`
//! for bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction};

use crate::schema::{AppliedMigration, ColumnKind, DatabaseKind, Table, applied, quoted, tables};
use crate::{StoreError, StoreSettings};

/// Bytes after which a piece ends; one row may make it longer.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// The key of bytes in a row.
pub(crate) const BYTES_KEY: &str = "b64";

/// A database could not be copied out, or not be filled.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The database does not answer or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no database of Neustream.
    #[error("there is no database of Neustream here yet")]
    Absent,
    /// A table holds what no migration puts there.
    #[error("the database holds what this program does not know: {0}")]
    Unreadable(String),
    /// The database that is to be filled has something in it.
    #[error("the database is in use already (people: {people}, organisations: {organisations})")]
    NotEmpty {
        /// How many people it knows.
        people: u64,
        /// How many organisations.
        organisations: u64,
    },
    /// Somebody else is connected to the database that is to be filled.
    #[error("{0} other connections use the database: stop every server on it first")]
    InUse(u64),
    /// The snapshot is of a schema that this program does not know.
    #[error(
        "the snapshot has the schema {theirs}, this program knows up to {own}: use the version that made it, or a later one"
    )]
    Newer {
        /// The snapshot's last migration.
        theirs: i64,
        /// The last one of this program.
        own: i64,
    },
    /// A migration has another text here than where the snapshot was made.
    #[error("migration {0} is not the one that the snapshot was made with: another build made it")]
    OtherHistory(i64),
    /// A piece of a snapshot cannot be read.
    #[error("the snapshot is damaged: table {table}, line {line}: {what}")]
    Malformed {
        /// The table.
        table: String,
        /// The line of the piece, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A row names another one that is not there.
    #[error("the snapshot is not whole: a row of {table} names a row of {parent} that is missing")]
    Dangling {
        /// Whose row.
        table: String,
        /// Where the other one is missing.
        parent: String,
    },
}

impl From<sqlx::Error> for SnapshotError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A part of a table.
#[derive(Debug)]
pub struct Piece {
    /// JSON lines.
    pub lines: String,
    /// Its rows: one less than its lines.
    pub rows: u64,
}

/// The database at one moment.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Any>,
    pool: AnyPool,
    kind: DatabaseKind,
    migrations: Vec<AppliedMigration>,
    tables: Vec<Table>,
}

impl Snapshot {
    /// Takes the picture. The database must be there: a SQLite file is not made.
    ///
    /// # Errors
    /// [`SnapshotError::Absent`] where there is no database of Neustream, [`StoreError::Unavailable`].
    pub async fn take(settings: &StoreSettings) -> Result<Self, SnapshotError> {
        if let Some(file) = settings.sqlite_file()
            && !file.is_file()
        {
            return Err(SnapshotError::Absent);
        }
        let (pool, kind) =
            settings.direct("PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF;").await?;
        let begin = match kind {
            DatabaseKind::Sqlite => "BEGIN",
            DatabaseKind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        };
        let mut transaction = pool.begin_with(begin).await?;
        if kind == DatabaseKind::Postgres {
            // Rather an error than a table of which a policy hides rows.
            sqlx::query("SET LOCAL row_security = off").execute(&mut *transaction).await?;
        }
        let migrations = applied(&mut transaction, kind).await?;
        let tables = tables(&mut transaction, kind).await?;
        if migrations.is_empty() || tables.is_empty() {
            return Err(SnapshotError::Absent);
        }
        Ok(Self { transaction, pool, kind, migrations, tables })
    }

    /// Which database it is of.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// What its schema has been through.
    pub fn migrations(&self) -> &[AppliedMigration] {
        &self.migrations
    }

    /// Its tables, in the order in which they were made.
    pub fn tables(&self) -> Vec<String> {
        self.tables.iter().map(|table| table.name.clone()).collect()
    }

    /// Reads a table; `keep` gets it piece by piece (at least one, though without rows). Answers the number of rows.
    ///
    /// # Errors
    /// What `keep` answers; [`SnapshotError::Unreadable`] for a value that is not of its column's type.
    pub async fn read<E: From<SnapshotError>>(
        &mut self,
        table: &str,
        mut keep: impl FnMut(Piece) -> Result<(), E>,
    ) -> Result<u64, E> {
        let table = self.tables.iter().find(|known| known.name == table);
        let table = table.ok_or_else(|| SnapshotError::Unreadable("no such table".to_owned()))?;
        let sql = format!("SELECT {} FROM {}", table.column_list(), quoted(&table.name));
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *self.transaction);
        let mut total = 0;
        let mut piece = header(table);
        while let Some(row) = rows.try_next().await.map_err(SnapshotError::from)? {
            piece.lines.push_str(&line(table, &row)?);
            piece.lines.push('\n');
            piece.rows += 1;
            total += 1;
            if piece.lines.len() >= PIECE_BYTES {
                keep(std::mem::replace(&mut piece, header(table)))?;
            }
        }
        if piece.rows > 0 || total == 0 {
            keep(piece)?;
        }
        Ok(total)
    }

    /// Lets go of the database.
    pub async fn close(self) -> Result<(), SnapshotError> {
        self.transaction.rollback().await?;
        self.pool.close().await;
        Ok(())
    }
}

fn header(table: &Table) -> Piece {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    Piece { lines: format!("{}\n", json!(names)), rows: 0 }
}

fn line(table: &Table, row: &AnyRow) -> Result<String, SnapshotError> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (place, column) in table.columns.iter().enumerate() {
        let value = match column.kind {
            ColumnKind::Text => row.try_get::<Option<String>, _>(place).map(Value::from),
            ColumnKind::Integer => row.try_get::<Option<i64>, _>(place).map(Value::from),
            ColumnKind::Real => row.try_get::<Option<f64>, _>(place).map(Value::from),
            ColumnKind::Bytes => row
                .try_get::<Option<Vec<u8>>, _>(place)
                .map(|bytes| bytes.map_or(Value::Null, |bytes| json!({ BYTES_KEY: BASE64.encode(bytes) }))),
        };
        values.push(value.map_err(|error| {
            SnapshotError::Unreadable(format!("a value of {}.{}: {error}", table.name, column.name))
        })?);
    }
    Ok(Value::Array(values).to_string())
}
