//! Exports: everything about a person or an organisation, in one archive.
//!
//! What is read is not a list that somebody has to keep up: every table that
//! names the organisation (or the person) is in, with every column but those
//! that hold secrets or digests of them ([`is_secret`]). An archive is kept in
//! parts in the database, so that any node can make it and any can serve it,
//! and is gone when its time is over.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use neustream_model::{DataExportId, Secret, TenantId, UnixMillis, UserId};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};
use tokio::sync::mpsc;

use crate::row::{moment, optional, optional_moment, parsed, text, to_sql};
use crate::schema::{Column, ColumnKind, DatabaseKind, Table, quoted, tables};
use crate::sealing::Place;
use crate::store::within;
use crate::{Entry, HostStore, Missing, StoreError, Target};

/// Bytes of one part of an archive.
pub const EXPORT_PART_BYTES: usize = 1024 * 1024;

/// Exports of one person, or of one organisation, that wait or can be fetched at the same time.
const MAX_EXPORTS: i64 = 5;
/// How long whoever makes an archive is left alone with it.
const LEASE: Duration = Duration::from_mins(10);
/// How often an archive is tried.
const MAX_ATTEMPTS: u64 = 3;

/// Whom an export or a deletion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An organisation.
    Organisation(TenantId),
    /// A person.
    Account(UserId),
}

/// A row of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedRow {
    /// The table that it is of.
    pub table: String,
    /// An object with a field a column.
    pub row: Value,
}

/// An export.
#[derive(Debug, Clone)]
pub struct DataExportRow {
    /// The export.
    pub id: DataExportId,
    /// The organisation that it is about; `None` where it is about `user`.
    pub tenant: Option<TenantId>,
    /// Who asked.
    pub user: UserId,
    /// `waiting`, `ready` or `failed`.
    pub state: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// How large the archive is.
    pub size_bytes: Option<u64>,
    /// SHA-256 of the archive, in hexadecimal.
    pub checksum: Option<String>,
    /// When it was asked for.
    pub requested_at: UnixMillis,
    /// When it was made.
    pub ready_at: Option<UnixMillis>,
    /// When it is deleted.
    pub expires_at: UnixMillis,
    sealed: String,
}

impl FromRow<'_, AnyRow> for DataExportRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let size: Option<i64> = row.try_get("size_bytes")?;
        Ok(Self {
            id: parsed(row, "id")?,
            tenant: optional(row, "tenant_id")?,
            user: parsed(row, "user_id")?,
            state: text(row, "state")?,
            problem: row.try_get("problem")?,
            size_bytes: size.and_then(|size| u64::try_from(size).ok()),
            checksum: row.try_get("checksum")?,
            requested_at: moment(row, "requested_at")?,
            ready_at: optional_moment(row, "ready_at")?,
            expires_at: moment(row, "expires_at")?,
            sealed: text(row, "sealed")?,
        })
    }
}

impl DataExportRow {
    /// Whom it is about.
    pub fn subject(&self) -> Subject {
        self.tenant.map_or(Subject::Account(self.user), Subject::Organisation)
    }
}

/// Whether a column holds a secret, or what a secret is recognised by: it is nobody's data.
pub(crate) fn is_secret(table: &str, column: &str) -> bool {
    const DIGESTS_OF_SECRETS: [&str; 6] =
        ["hooks", "api_key_secrets", "refresh_tokens", "invitations", "recovery_codes", "sign_in_challenges"];
    column.starts_with("sealed")
        || matches!(column, "password_hash" | "key_digest" | "link_digest" | "state_digest" | "last_step")
        || (column == "digest" && (DIGESTS_OF_SECRETS.contains(&table) || table == "team_invitations"))
}

impl HostStore {
    /// Asks for an export: its link's token goes out with the row, sealed, and by `link_digest`.
    ///
    /// # Errors
    /// [`StoreError::TooManyExports`] while the subject has some already.
    pub async fn request_export(
        &self,
        subject: Subject,
        user: UserId,
        link: (&Secret, &str),
        expires_at: UnixMillis,
    ) -> Result<DataExportRow, StoreError> {
        within(async {
            let id = DataExportId::new();
            let tenant = match subject {
                Subject::Organisation(tenant) => Some(tenant.to_string()),
                Subject::Account(_) => None,
            };
            let sealed = self.store.sealing_key.seal(&Place::DataExport { id }, link.0)?;
            let mut transaction = self.begin().await?;
            // Of racing requests one is counted after the other.
            sqlx::query("UPDATE users SET role = role WHERE id = $1")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            let current: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM data_exports WHERE expires_at > $3 AND state <> 'failed' AND \
                 (tenant_id = $1 OR ($1 = '' AND tenant_id IS NULL AND user_id = $2))",
            )
            .bind(tenant.clone().unwrap_or_default())
            .bind(user.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            if current >= MAX_EXPORTS {
                return Err(StoreError::TooManyExports { max: MAX_EXPORTS as u64 });
            }
            let row: DataExportRow = sqlx::query_as(
                "INSERT INTO data_exports (id, tenant_id, user_id, state, lease_until, attempts, link_digest, sealed, \
                 requested_at, expires_at) VALUES ($1, $2, $3, 'waiting', 0, 0, $4, $5, $6, $7) RETURNING *",
            )
            .bind(id.to_string())
            .bind(tenant)
            .bind(user.to_string())
            .bind(link.1)
            .bind(sealed)
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(expires_at.0))
            .fetch_one(&mut *transaction)
            .await?;
            self.audit_of(&mut transaction, subject, Entry::new("data-export.create", Target::new("data-export", id)));
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// The exports of a subject that are not gone yet, the newest first.
    pub async fn exports(&self, subject: Subject) -> Result<Vec<DataExportRow>, StoreError> {
        within(async {
            let (tenant, user) = match subject {
                Subject::Organisation(tenant) => (tenant.to_string(), String::new()),
                Subject::Account(user) => (String::new(), user.to_string()),
            };
            let rows = sqlx::query_as(
                "SELECT * FROM data_exports WHERE expires_at > $3 AND \
                 (tenant_id = $1 OR (tenant_id IS NULL AND user_id = $2)) ORDER BY id DESC LIMIT 50",
            )
            .bind(tenant)
            .bind(user)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// The token of an export's link.
    pub fn export_link(&self, export: &DataExportRow) -> Result<Secret, StoreError> {
        Ok(self.store.sealing_key.unseal(&Place::DataExport { id: export.id }, &export.sealed)?)
    }

    /// The export that a link leads to, while it can be fetched.
    pub async fn export_by_link(&self, digest: &str) -> Result<DataExportRow, StoreError> {
        within(async {
            sqlx::query_as(
                "SELECT * FROM data_exports WHERE link_digest = $1 AND state = 'ready' AND expires_at > $2",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&self.store.pool)
            .await?
            .ok_or(StoreError::NotFound(Missing::DataExport))
        })
        .await
    }

    /// A part of an archive, from 0; `None` beyond the last.
    pub async fn export_part(&self, id: DataExportId, part: u64) -> Result<Option<Vec<u8>>, StoreError> {
        within(async {
            let bytes =
                sqlx::query_scalar("SELECT bytes FROM data_export_parts WHERE export_id = $1 AND part = $2")
                    .bind(id.to_string())
                    .bind(to_sql(part))
                    .fetch_optional(&self.store.pool)
                    .await?;
            Ok(bytes)
        })
        .await
    }

    /// Takes an export that waits, for as long as a lease lasts. One that was tried too often fails.
    pub async fn take_export(&self, now: UnixMillis) -> Result<Option<DataExportRow>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "UPDATE data_exports SET state = 'failed', problem = 'it was tried too often' \
                 WHERE state = 'waiting' AND lease_until <= $1 AND attempts >= $2",
            )
            .bind(to_sql(now.0))
            .bind(to_sql(MAX_ATTEMPTS))
            .execute(&mut *transaction)
            .await?;
            let taken = sqlx::query_as(
                "UPDATE data_exports SET lease_until = $2, attempts = attempts + 1 WHERE id = \
                 (SELECT id FROM data_exports WHERE state = 'waiting' AND lease_until <= $1 ORDER BY id LIMIT 1) \
                 AND lease_until <= $1 RETURNING *",
            )
            .bind(to_sql(now.0))
            .bind(to_sql(now.plus(LEASE).0))
            .fetch_optional(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(taken)
        })
        .await
    }

    /// Keeps a part of an archive that is being made.
    pub async fn put_export_part(&self, id: DataExportId, part: u64, bytes: &[u8]) -> Result<(), StoreError> {
        within(async {
            // An attempt before this one may have left some.
            sqlx::query(
                "INSERT INTO data_export_parts (export_id, part, bytes) VALUES ($1, $2, $3) \
                 ON CONFLICT (export_id, part) DO UPDATE SET bytes = excluded.bytes",
            )
            .bind(id.to_string())
            .bind(to_sql(part))
            .bind(bytes)
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// All parts are there: the export can be fetched.
    pub async fn finish_export(
        &self,
        id: DataExportId,
        size_bytes: u64,
        checksum: &str,
    ) -> Result<(), StoreError> {
        let parts = size_bytes.div_ceil(EXPORT_PART_BYTES as u64);
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query("DELETE FROM data_export_parts WHERE export_id = $1 AND part >= $2")
                .bind(id.to_string())
                .bind(to_sql(parts))
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE data_exports SET state = 'ready', size_bytes = $2, checksum = $3, ready_at = $4 WHERE id = $1",
            )
            .bind(id.to_string())
            .bind(to_sql(size_bytes))
            .bind(checksum)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Deletes exports whose time is over; tells how many.
    pub async fn prune_exports(&self, now: UnixMillis) -> Result<u64, StoreError> {
        within(async {
            let pruned = sqlx::query("DELETE FROM data_exports WHERE expires_at <= $1")
                .bind(to_sql(now.0))
                .execute(&self.store.pool)
                .await?;
            Ok(pruned.rows_affected())
        })
        .await
    }

    /// Sends every row about a subject, table by table, all as they are at one moment; ends early when nobody takes
    /// them.
    pub async fn read_subject(
        &self,
        subject: Subject,
        rows: mpsc::Sender<ExportedRow>,
    ) -> Result<(), StoreError> {
        let begin =
            if self.store.is_sqlite { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        let mut transaction = self.store.pool.begin_with(begin).await?;
        let kind = if self.store.is_sqlite { DatabaseKind::Sqlite } else { DatabaseKind::Postgres };
        let tables = tables(&mut transaction, kind).await.map_err(|error| match error {
            crate::SnapshotError::Store(error) => error,
            other => StoreError::Unavailable(other.to_string().into()),
        })?;
        for (table, condition) in tables.iter().filter_map(|table| Some((table, about(table, subject)?))) {
            let columns: Vec<&Column> =
                table.columns.iter().filter(|column| is_exported(table, column, subject)).collect();
            let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
            let sql = format!("SELECT {} FROM {} WHERE {condition}", names.join(", "), quoted(&table.name));
            let id = match subject {
                Subject::Organisation(tenant) => tenant.to_string(),
                Subject::Account(user) => user.to_string(),
            };
            let mut found = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch(&mut *transaction);
            while let Some(row) = found.try_next().await? {
                let row = ExportedRow { table: table.name.clone(), row: shown(&columns, &row)? };
                if rows.send(row).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Which rows of a table are about a subject; `None` where it has none.
fn about(table: &Table, subject: Subject) -> Option<&'static str> {
    let has = |name: &str| table.columns.iter().any(|column| column.name == name);
    match subject {
        Subject::Organisation(_) => match table.name.as_str() {
            "tenants" => Some("id = $1"),
            "users" => Some("id IN (SELECT user_id FROM memberships WHERE tenant_id = $1)"),
            _ if has("tenant_id") => Some("tenant_id = $1"),
            "plugin_versions" => Some("owner_id = $1"),
            "plugin_kv" => Some("installation_id IN (SELECT id FROM installations WHERE tenant_id = $1)"),
            "ledger_lines" => Some("payment_key IN (SELECT payment_key FROM payments WHERE tenant_id = $1)"),
            "publisher_keys" => Some("namespace IN (SELECT namespace FROM publishers WHERE tenant_id = $1)"),
            "partner_bundles" => Some("partner_id = $1"),
            "allow_lists" | "allowed_plugins" | "plugin_pins" => Some("scope_id = $1"),
            _ => None,
        },
        Subject::Account(_) => match table.name.as_str() {
            "users" => Some("id = $1"),
            "audit_entries" => Some("actor_kind = 'person' AND actor_id = $1"),
            "team_invitations" => Some("email = (SELECT email FROM users WHERE id = $1)"),
            _ if has("user_id") => Some("user_id = $1"),
            _ => None,
        },
    }
}

/// Whether a column is in the export of a subject. Of its people an organisation knows who they are, and no more.
fn is_exported(table: &Table, column: &Column, subject: Subject) -> bool {
    const OF_PEOPLE: [&str; 4] = ["id", "email", "display_name", "created_at"];
    let is_colleague = table.name == "users" && matches!(subject, Subject::Organisation(_));
    !is_secret(&table.name, &column.name)
        && column.kind != ColumnKind::Bytes
        && (!is_colleague || OF_PEOPLE.contains(&column.name.as_str()))
}

fn shown(columns: &[&Column], row: &AnyRow) -> Result<Value, StoreError> {
    let mut object = Map::new();
    for (place, column) in columns.iter().enumerate() {
        let value = match column.kind {
            ColumnKind::Text => row.try_get::<Option<String>, _>(place)?.map(Value::from),
            ColumnKind::Integer => row.try_get::<Option<i64>, _>(place)?.map(Value::from),
            ColumnKind::Real => row.try_get::<Option<f64>, _>(place)?.map(Value::from),
            ColumnKind::Bytes => None,
        };
        object.insert(column.name.clone(), value.unwrap_or_default());
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestStore;

    /// Columns that sound like secrets and are none, each looked at once.
    const HARMLESS: &[&str] = &[
        "installations.digest",
        "installations.avoided_digest",
        "installation_history.digest",
        "chat_connectors.digest",
        "chat_connectors.config_digest",
        "chat_connector_memories.digest",
        "chat_connector_memories.config_digest",
        "plugin_versions.digest",
        "plugin_pins.digest",
        "audit_entries.hash",
        "audit_entries.previous_hash",
        "audit_heads.hash",
        "audit_heads.forgotten_hash",
        "oauth_tenant_clients.secret",
        "oauth_tenant_clients.token_url",
        "oauth_consents.secret",
        "oauth_tokens.secret",
        "oauth_tokens.token_url",
        "payments.payment_key",
        "ledger_lines.payment_key",
        "partner_bundles.key",
        "publisher_keys.key",
        "payments.charge_key",
        "ledger_transfers.payment_key",
        "session_usage.session_id",
    ];

    #[tokio::test]
    async fn nothing_that_sounds_like_a_secret_is_exported_unlooked_at() {
        let t = TestStore::sqlite().await;
        let mut connection = t.store.pool.acquire().await.unwrap();
        let tables = tables(&mut connection, DatabaseKind::Sqlite).await.unwrap();
        let subjects = [Subject::Organisation(TenantId::new()), Subject::Account(UserId::new())];
        let sounds = ["sealed", "digest", "hash", "secret", "token", "password", "_key", "code"];
        let mut suspicious = Vec::new();
        for table in tables.iter().filter(|table| subjects.iter().any(|one| about(table, *one).is_some())) {
            for column in table
                .columns
                .iter()
                .filter(|column| subjects.iter().any(|one| is_exported(table, column, *one)))
            {
                let name = format!("{}.{}", table.name, column.name);
                let is_loud = sounds.iter().any(|sound| column.name.contains(sound));
                if is_loud
                    && column.name != "reason_code"
                    && column.name != "problem_code"
                    && column.name != "flag_code"
                    && !HARMLESS.contains(&name.as_str())
                {
                    suspicious.push(name);
                }
            }
        }
        assert!(suspicious.is_empty(), "look at these, then omit them or add them above: {suspicious:?}");
    }

    #[tokio::test]
    async fn every_table_that_names_an_organisation_is_in_its_export() {
        let t = TestStore::sqlite().await;
        let mut connection = t.store.pool.acquire().await.unwrap();
        for table in tables(&mut connection, DatabaseKind::Sqlite).await.unwrap() {
            let names_one = table.columns.iter().any(|column| column.name == "tenant_id");
            let is_in = about(&table, Subject::Organisation(TenantId::new())).is_some();
            assert!(is_in || !names_one, "{}", table.name);
        }
    }
}
