//! Filling a database from a snapshot, in one transaction: all of it or nothing.
//!
//! The schema is made as it was where the snapshot was taken, filled, checked,
//! and then brought up to date like that of any database of an older version.
//! A snapshot of one kind of database fills the other one as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction};

use crate::migrations::{MIGRATIONS, tables_made};
use crate::schema::{AppliedMigration, ColumnKind, DatabaseKind, Table, applied, quoted, tables};
use crate::snapshot::BYTES_KEY;
use crate::{SnapshotError, StoreError, StoreSettings};

/// Values of one INSERT; SQLite takes 32,766, PostgreSQL 65,535.
const VALUES_AT_ONCE: usize = 2_000;

/// A database that is being filled. Dropping it leaves the database as it was.
#[derive(Debug)]
pub struct Restoration {
    transaction: Transaction<'static, Any>,
    pool: AnyPool,
    kind: DatabaseKind,
    tables: Vec<Table>,
    /// Taken off on PostgreSQL while rows come in any order: SQL that puts them back.
    foreign_keys: Vec<String>,
}

impl Restoration {
    /// Makes the schema of `migrations`, empty. What is there already goes, if it may.
    ///
    /// # Errors
    /// [`SnapshotError::NotEmpty`] unless `overwrite`, [`SnapshotError::InUse`] when others are connected
    /// (PostgreSQL; a SQLite file does not tell), [`SnapshotError::Newer`], [`SnapshotError::OtherHistory`].
    pub async fn begin(
        settings: &StoreSettings,
        migrations: &[AppliedMigration],
        overwrite: bool,
    ) -> Result<Self, SnapshotError> {
        let level = known_level(migrations)?;
        settings.make_private_file()?;
        // Rows come in any order: SQLite checks what they name at the end.
        let (pool, kind) = settings
            .direct(
                "PRAGMA busy_timeout = 700; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;",
            )
            .await?;
        let begin = if kind == DatabaseKind::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let mut transaction = pool.begin_with(begin).await?;
        make_room(&mut transaction, kind, overwrite).await?;
        MIGRATIONS.run_to(level, &mut *transaction).await.map_err(StoreError::Migration)?;
        let foreign_keys = match kind {
            DatabaseKind::Sqlite => Vec::new(),
            DatabaseKind::Postgres => take_off_foreign_keys(&mut transaction).await?,
        };
        let tables = tables(&mut transaction, kind).await?;
        // What migrations put there comes from the snapshot, too, as it was.
        for table in &tables {
            let sql = format!("DELETE FROM {}", quoted(&table.name));
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
        }
        Ok(Self { transaction, pool, kind, tables, foreign_keys })
    }

    /// Puts in the rows of a piece; answers how many.
    ///
    /// # Errors
    /// [`SnapshotError::Malformed`].
    pub async fn put(&mut self, table: &str, lines: &str) -> Result<u64, SnapshotError> {
        let table = self
            .tables
            .iter()
            .find(|known| known.name == table)
            .ok_or_else(|| malformed(table, 1, "the schema has no such table"))?;
        let mut lines = lines.lines().enumerate();
        let columns = columns_of(table, lines.next().map_or("", |(_, line)| line))?;
        let mut rows = Vec::new();
        let mut count = 0;
        let at_once = (VALUES_AT_ONCE / table.columns.len().max(1)).max(1);
        for (number, line) in lines {
            rows.push(row_of(table, &columns, number + 1, line)?);
            count += 1;
            if rows.len() == at_once {
                insert(&mut self.transaction, table, &columns, std::mem::take(&mut rows)).await?;
            }
        }
        if !rows.is_empty() {
            insert(&mut self.transaction, table, &columns, rows).await?;
        }
        Ok(count)
    }

    /// Checks that no row names a missing one, brings the schema up to date, and makes it so.
    ///
    /// # Errors
    /// [`SnapshotError::Dangling`]; then nothing has changed.
    pub async fn finish(mut self) -> Result<(), SnapshotError> {
        match self.kind {
            DatabaseKind::Sqlite => check_foreign_keys(&mut self.transaction).await?,
            DatabaseKind::Postgres => {
                for sql in self.foreign_keys {
                    sqlx::query(AssertSqlSafe(sql.clone()))
                        .execute(&mut *self.transaction)
                        .await
                        .map_err(|error| dangling(&sql, &error).unwrap_or_else(|| error.into()))?;
                }
            }
        }
        MIGRATIONS.run(&mut *self.transaction).await.map_err(StoreError::Migration)?;
        self.transaction.commit().await?;
        self.pool.close().await;
        Ok(())
    }
}

/// The last of `migrations`, if this program knows all of them as they are.
fn known_level(migrations: &[AppliedMigration]) -> Result<i64, SnapshotError> {
    let own = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    for theirs in migrations {
        let known = MIGRATIONS.iter().find(|migration| migration.version == theirs.version);
        let known = known.ok_or(SnapshotError::Newer { theirs: theirs.version, own })?;
        if hex::encode(&known.checksum) != theirs.checksum {
            return Err(SnapshotError::OtherHistory(theirs.version));
        }
    }
    migrations.iter().map(|migration| migration.version).max().ok_or(SnapshotError::Absent)
}

/// Drops every table of Neustream. Others are left alone.
async fn make_room(
    transaction: &mut Transaction<'static, Any>,
    kind: DatabaseKind,
    overwrite: bool,
) -> Result<(), SnapshotError> {
    if kind == DatabaseKind::Postgres {
        let others: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        .fetch_one(&mut **transaction)
        .await?;
        if others > 0 {
            return Err(SnapshotError::InUse(others.unsigned_abs()));
        }
    }
    if applied(transaction, kind).await?.is_empty() {
        return Ok(());
    }
    if !overwrite {
        let people = count(transaction, kind, "users").await?;
        let organisations = count(transaction, kind, "tenants").await?;
        return Err(SnapshotError::NotEmpty { people, organisations });
    }
    let cascade = if kind == DatabaseKind::Postgres { " CASCADE" } else { "" };
    for name in tables_made().iter().rev().map(String::as_str).chain(["_sqlx_migrations"]) {
        let sql = format!("DROP TABLE IF EXISTS {}{cascade}", quoted(name));
        sqlx::query(AssertSqlSafe(sql)).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn count(
    transaction: &mut Transaction<'static, Any>,
    kind: DatabaseKind,
    table: &str,
) -> Result<u64, SnapshotError> {
    if !tables(transaction, kind).await?.iter().any(|known| known.name == table) {
        return Ok(0);
    }
    let sql = format!("SELECT COUNT(*) FROM {}", quoted(table));
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **transaction).await?;
    Ok(count.unsigned_abs())
}

/// Drops every foreign key; answers the SQL that makes them again.
async fn take_off_foreign_keys(
    transaction: &mut Transaction<'static, Any>,
) -> Result<Vec<String>, SnapshotError> {
    let rows: Vec<AnyRow> = sqlx::query(
        "SELECT CAST(CAST(conrelid AS regclass) AS TEXT) AS owner, CAST(conname AS TEXT) AS name, \
         pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'f' \
         AND connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) ORDER BY oid",
    )
    .fetch_all(&mut **transaction)
    .await?;
    let mut made_again = Vec::new();
    for row in rows {
        // `owner` is quoted by the database itself where that is needed.
        let owner: String = row.try_get("owner")?;
        let name = quoted(&row.try_get::<String, _>("name")?);
        let definition: String = row.try_get("definition")?;
        sqlx::query(AssertSqlSafe(format!("ALTER TABLE {owner} DROP CONSTRAINT {name}")))
            .execute(&mut **transaction)
            .await?;
        made_again.push(format!("ALTER TABLE {owner} ADD CONSTRAINT {name} {definition}"));
    }
    Ok(made_again)
}

async fn check_foreign_keys(transaction: &mut Transaction<'static, Any>) -> Result<(), SnapshotError> {
    let violation: Option<AnyRow> =
        sqlx::query("SELECT \"table\" AS owner, \"parent\" AS parent FROM pragma_foreign_key_check LIMIT 1")
            .fetch_optional(&mut **transaction)
            .await?;
    match violation {
        None => Ok(()),
        Some(row) => {
            Err(SnapshotError::Dangling { table: row.try_get("owner")?, parent: row.try_get("parent")? })
        }
    }
}

/// PostgreSQL 23503: the foreign key that `sql` makes does not hold.
fn dangling(sql: &str, error: &sqlx::Error) -> Option<SnapshotError> {
    if error.as_database_error()?.code().as_deref() != Some("23503") {
        return None;
    }
    let after = |word: &str| {
        let name = sql.split_once(word)?.1.split([' ', '(']).next()?;
        Some(name.trim_matches('"').to_owned())
    };
    Some(SnapshotError::Dangling { table: after("ALTER TABLE ")?, parent: after("REFERENCES ")? })
}

fn malformed(table: &str, line: usize, what: impl Into<String>) -> SnapshotError {
    SnapshotError::Malformed { table: table.to_owned(), line, what: what.into() }
}

/// The kinds of the columns that the first line of a piece names, in its order.
fn columns_of(table: &Table, line: &str) -> Result<Vec<(String, ColumnKind)>, SnapshotError> {
    let names: Vec<String> = serde_json::from_str(line)
        .map_err(|error| malformed(&table.name, 1, format!("not a list of columns: {error}")))?;
    let known = |name: String| match table.columns.iter().find(|column| column.name == name) {
        Some(column) => Ok((name, column.kind)),
        None => Err(malformed(&table.name, 1, format!("the schema has no column `{name}`"))),
    };
    names.into_iter().map(known).collect()
}

fn row_of(
    table: &Table,
    columns: &[(String, ColumnKind)],
    number: usize,
    line: &str,
) -> Result<Vec<Value>, SnapshotError> {
    let row: Vec<Value> = serde_json::from_str(line)
        .map_err(|error| malformed(&table.name, number, format!("not a row: {error}")))?;
    if row.len() != columns.len() {
        return Err(malformed(
            &table.name,
            number,
            format!("{} values for {} columns", row.len(), columns.len()),
        ));
    }
    for (value, (name, kind)) in row.iter().zip(columns) {
        let fits = match kind {
            _ if value.is_null() => true,
            ColumnKind::Text => value.is_string(),
            ColumnKind::Integer => value.is_i64(),
            ColumnKind::Real => value.is_number(),
            ColumnKind::Bytes => bytes_of(value).is_some(),
        };
        if !fits {
            return Err(malformed(&table.name, number, format!("the value of `{name}` is of another type")));
        }
    }
    Ok(row)
}

fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    BASE64.decode(value.get(BYTES_KEY)?.as_str()?).ok()
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    table: &Table,
    columns: &[(String, ColumnKind)],
    rows: Vec<Vec<Value>>,
) -> Result<(), SnapshotError> {
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let mut place = 0;
    let mut tuple = || {
        let places: Vec<String> = columns
            .iter()
            .map(|_| {
                place += 1;
                format!("${place}")
            })
            .collect();
        format!("({})", places.join(", "))
    };
    let tuples: Vec<String> = rows.iter().map(|_| tuple()).collect();
    let sql =
        format!("INSERT INTO {} ({}) VALUES {}", quoted(&table.name), names.join(", "), tuples.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for row in rows {
        for (value, (_, kind)) in row.into_iter().zip(columns) {
            query = bound(query, value, *kind);
        }
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// A null has its column's type: PostgreSQL insists.
fn bound(
    query: Query<'_, Any, AnyArguments>,
    value: Value,
    kind: ColumnKind,
) -> Query<'_, Any, AnyArguments> {
    match kind {
        ColumnKind::Text => query.bind(match value {
            Value::String(text) => Some(text),
            _ => None,
        }),
        ColumnKind::Integer => query.bind(value.as_i64()),
        ColumnKind::Real => query.bind(value.as_f64()),
        ColumnKind::Bytes => query.bind(bytes_of(&value)),
    }
}
