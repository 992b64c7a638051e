//! Tables and columns as the database itself tells them, and the connections that look at it directly.
//!
//! What is here serves backups, restores and the doctor: they must see a
//! database as it is, without bringing its schema up to date.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Row};

use crate::migrations::tables_made;
use crate::{SnapshotError, StoreError, StoreSettings};

/// How long a database may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Which of the two databases it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl DatabaseKind {
    /// The name for people and for files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    /// By the scheme of a URL.
    pub(crate) fn of(options: &AnyConnectOptions) -> Result<Self, StoreError> {
        match options.database_url.scheme() {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            other => Err(StoreError::Url(format!("`{other}` is neither `sqlite` nor `postgres`"))),
        }
    }
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A migration that a database has had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its number.
    pub version: i64,
    /// SHA-384 of its text, in hexadecimal.
    pub checksum: String,
}

/// What a column holds. The migrations use these and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Integer,
    Real,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

impl Table {
    /// The columns' names, quoted and parted by commas.
    pub fn column_list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        quoted.join(", ")
    }
}

/// An identifier in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl StoreSettings {
    /// Which database the URL names.
    ///
    /// # Errors
    /// [`StoreError::Url`].
    pub fn kind(&self) -> Result<DatabaseKind, StoreError> {
        DatabaseKind::of(&self.options()?)
    }

    /// The file of a SQLite database; nothing for one in memory and for PostgreSQL.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        if self.kind().ok()? != DatabaseKind::Sqlite {
            return None;
        }
        let options = SqliteConnectOptions::from_str(&self.url).ok()?;
        let path = options.get_filename();
        (!path.as_os_str().is_empty() && !path.to_string_lossy().contains(":memory:"))
            .then(|| path.to_owned())
    }

    /// Makes the file of a SQLite database, empty and for its owner alone, where it is missing.
    pub(crate) fn make_private_file(&self) -> Result<(), StoreError> {
        let Some(file) = self.sqlite_file() else { return Ok(()) };
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made = options.open(&file);
        made.map(drop).map_err(|error| StoreError::Unavailable(format!("{}: {error}", file.display()).into()))
    }

    pub(crate) fn options(&self) -> Result<AnyConnectOptions, StoreError> {
        sqlx::any::install_default_drivers();
        self.url.parse().map_err(|error: sqlx::Error| StoreError::Url(error.to_string()))
    }

    /// One connection of its own, outside of every pool and of its bounds in time; `prepare` is SQL that it
    /// begins with on SQLite.
    pub(crate) async fn direct(&self, prepare: &'static str) -> Result<(AnyPool, DatabaseKind), StoreError> {
        let options = self.options()?;
        let kind = DatabaseKind::of(&options)?;
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ANSWER)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if kind == DatabaseKind::Sqlite {
                        sqlx::raw_sql(prepare).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        Ok((pool, kind))
    }
}

/// The migrations that this database has had, in order; none where it is empty.
pub(crate) async fn applied(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
) -> Result<Vec<AppliedMigration>, SnapshotError> {
    if !table_names(connection, kind).await?.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(Vec::new());
    }
    let rows: Vec<AnyRow> = sqlx::query("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
        .fetch_all(connection)
        .await?;
    let read = |row: &AnyRow| -> Result<AppliedMigration, SnapshotError> {
        let checksum: Vec<u8> = row.try_get("checksum")?;
        Ok(AppliedMigration { version: row.try_get("version")?, checksum: hex::encode(checksum) })
    };
    rows.iter().map(read).collect()
}

/// The tables of Neustream that this database has, in the order of the migrations that make them.
pub(crate) async fn tables(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
) -> Result<Vec<Table>, SnapshotError> {
    let there = table_names(connection, kind).await?;
    let mut tables = Vec::new();
    for name in tables_made().into_iter().filter(|name| there.contains(name)) {
        let columns = columns(connection, kind, &name).await?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

async fn table_names(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
) -> Result<Vec<String>, SnapshotError> {
    let sql = match kind {
        DatabaseKind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        DatabaseKind::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    Ok(sqlx::query_scalar(sql).fetch_all(connection).await?)
}

async fn columns(
    connection: &mut AnyConnection,
    kind: DatabaseKind,
    table: &str,
) -> Result<Vec<Column>, SnapshotError> {
    let sql = match kind {
        DatabaseKind::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
        DatabaseKind::Postgres => {
            "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS type \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 \
             ORDER BY ordinal_position"
        }
    };
    let rows: Vec<AnyRow> = sqlx::query(AssertSqlSafe(sql)).bind(table).fetch_all(connection).await?;
    let read = |row: &AnyRow| -> Result<Column, SnapshotError> {
        let (name, declared): (String, String) = (row.try_get("name")?, row.try_get("type")?);
        let kind = column_kind(&declared).ok_or_else(|| {
            SnapshotError::Unreadable(format!("the column {table}.{name} is of the type `{declared}`"))
        })?;
        Ok(Column { name, kind })
    };
    rows.iter().map(read).collect()
}

fn column_kind(declared: &str) -> Option<ColumnKind> {
    match declared.to_ascii_lowercase().as_str() {
        "text" => Some(ColumnKind::Text),
        "bigint" | "integer" => Some(ColumnKind::Integer),
        "double precision" | "real" => Some(ColumnKind::Real),
        "bytea" | "blob" => Some(ColumnKind::Bytes),
        _ => None,
    }
}
