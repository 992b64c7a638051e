//! Deletion of organisations and accounts: asked for, taken back, and done when the time of grace is over.
//!
//! Doing it can be interrupted anywhere and begun again: what is large goes in
//! steps, the rest in one transaction that also ends the request. The books of
//! payments stay (they cannot be deleted), without the payer's name; so does
//! that it happened, in the platform's audit log.

use neustream_model::{TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::data_export::Subject;
use crate::membership::OWNER;
use crate::organisation::hold_organisation;
use crate::row::{moment, parsed, text, to_sql};
use crate::schema::{DatabaseKind, quoted, tables};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, HostStore, Missing, StoreError, Target};

/// Rows that are deleted in one step of what may be large.
const ROWS_AT_ONCE: i64 = 2000;
/// What may be large, each with its key.
const LARGE: [(&str, &str); 4] = [
    ("chat_messages", "id"),
    ("moderation_recordings", "id"),
    ("audit_entries", "sequence"),
    ("sessions", "id"),
];
/// The books, which stay.
const BOOKS: [&str; 2] = ["payments", "ledger_transfers"];

/// A deletion that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionRow {
    /// Whom it is about.
    pub subject: Subject,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: UnixMillis,
    /// When it is done.
    pub due_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for DeletionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let subject = match text(row, "kind")?.as_str() {
            "organisation" => Subject::Organisation(parsed(row, "subject_id")?),
            _ => Subject::Account(parsed(row, "subject_id")?),
        };
        Ok(Self {
            subject,
            requested_by: parsed(row, "requested_by")?,
            requested_at: moment(row, "requested_at")?,
            due_at: moment(row, "due_at")?,
        })
    }
}

impl Subject {
    /// Its kind's word, which is also its word in the audit log, and its id.
    fn key(self) -> (&'static str, String) {
        match self {
            Self::Organisation(tenant) => ("organisation", tenant.to_string()),
            Self::Account(user) => ("account", user.to_string()),
        }
    }
}

impl HostStore {
    /// What is done to an organisation is in its own chain; what is done to an account, in the platform's.
    pub(crate) fn audit_of(&self, transaction: &mut Transaction, subject: Subject, entry: Entry) {
        match subject {
            Subject::Organisation(tenant) => self.audit_in(transaction, tenant, entry),
            Subject::Account(_) => self.audit(transaction, entry),
        }
    }

    /// Asks for a deletion. Asked for again it keeps its time.
    ///
    /// # Errors
    /// [`StoreError::LastOwner`] for an account without which an organisation with other members has no owner,
    /// [`StoreError::LastAdministrator`] for that of the only one who runs the platform.
    pub async fn request_deletion(
        &self,
        subject: Subject,
        by: UserId,
        due_at: UnixMillis,
    ) -> Result<DeletionRow, StoreError> {
        let (kind, id) = subject.key();
        within(async {
            let mut transaction = self.begin().await?;
            match subject {
                Subject::Organisation(tenant) => {
                    hold_organisation(&mut transaction, tenant).await?;
                }
                Subject::Account(user) => may_go(&mut transaction, user).await?,
            }
            sqlx::query(
                "INSERT INTO deletions (kind, subject_id, requested_by, requested_at, due_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, subject_id) DO NOTHING",
            )
            .bind(kind)
            .bind(&id)
            .bind(by.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(due_at.0))
            .execute(&mut *transaction)
            .await?;
            let row: DeletionRow =
                sqlx::query_as("SELECT * FROM deletions WHERE kind = $1 AND subject_id = $2")
                    .bind(kind)
                    .bind(&id)
                    .fetch_one(&mut *transaction)
                    .await?;
            let action = match subject {
                Subject::Organisation(_) => "organisation.request-deletion",
                Subject::Account(_) => "account.request-deletion",
            };
            let entry = Entry::new(action, Target::new(kind, &id)).after(json!({ "due_at": row.due_at.0 }));
            self.audit_of(&mut transaction, subject, entry);
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Takes a deletion back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn cancel_deletion(&self, subject: Subject) -> Result<(), StoreError> {
        let (kind, id) = subject.key();
        within(async {
            let mut transaction = self.begin().await?;
            let cancelled = sqlx::query("DELETE FROM deletions WHERE kind = $1 AND subject_id = $2")
                .bind(kind)
                .bind(&id)
                .execute(&mut *transaction)
                .await?;
            if cancelled.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::Deletion));
            }
            let action = match subject {
                Subject::Organisation(_) => "organisation.cancel-deletion",
                Subject::Account(_) => "account.cancel-deletion",
            };
            self.audit_of(&mut transaction, subject, Entry::new(action, Target::new(kind, &id)));
            transaction.commit().await
        })
        .await
    }

    /// The deletion of a subject, where one waits.
    pub async fn deletion(&self, subject: Subject) -> Result<Option<DeletionRow>, StoreError> {
        let (kind, id) = subject.key();
        within(async {
            let row = sqlx::query_as("SELECT * FROM deletions WHERE kind = $1 AND subject_id = $2")
                .bind(kind)
                .bind(id)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(row)
        })
        .await
    }

    /// Deletions whose time has come, organisations first.
    pub async fn due_deletions(&self, now: UnixMillis) -> Result<Vec<DeletionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM deletions WHERE due_at <= $1 ORDER BY kind DESC, due_at LIMIT 50",
            )
            .bind(to_sql(now.0))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Deletes everything of an organisation. Nothing of it may run any more. Members who are at home nowhere else get
    /// a home of their own.
    pub async fn purge_organisation(&self, tenant: TenantId) -> Result<(), StoreError> {
        for (table, key) in LARGE {
            while self.delete_some(table, key, tenant).await? == ROWS_AT_ONCE as u64 {}
        }
        within(async {
            let mut transaction = self.begin().await?;
            match hold_organisation(&mut transaction, tenant).await {
                Ok(_) => self.purge_held(&mut transaction, tenant).await?,
                // It went before, and only the request is left.
                Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
            end_request(&mut transaction, Subject::Organisation(tenant)).await?;
            self.audit(
                &mut transaction,
                Entry::new("organisation.purge", Target::new("organisation", tenant)),
            );
            transaction.commit().await
        })
        .await
    }

    /// Deletes a person: the account, its memberships and its sign-ins. Organisations that have no other member are
    /// due for deletion with it.
    ///
    /// # Errors
    /// As [`HostStore::request_deletion`]: others may have left since.
    pub async fn purge_account(&self, user: UserId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            match may_go(&mut transaction, user).await {
                Ok(()) => {
                    sqlx::query(
                        "INSERT INTO deletions (kind, subject_id, requested_by, requested_at, due_at) \
                         SELECT 'organisation', m.tenant_id, $1, $2, $2 FROM memberships m WHERE m.user_id = $1 \
                         AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.tenant_id = m.tenant_id \
                         AND o.user_id <> $1) \
                         ON CONFLICT (kind, subject_id) DO UPDATE SET due_at = excluded.due_at",
                    )
                    .bind(user.to_string())
                    .bind(to_sql(UnixMillis::now().0))
                    .execute(&mut *transaction)
                    .await?;
                    sqlx::query("DELETE FROM users WHERE id = $1")
                        .bind(user.to_string())
                        .execute(&mut *transaction)
                        .await?;
                }
                Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
            end_request(&mut transaction, Subject::Account(user)).await?;
            self.audit(&mut transaction, Entry::new("account.purge", Target::new("account", user)));
            transaction.commit().await
        })
        .await
    }

    async fn delete_some(&self, table: &str, key: &str, tenant: TenantId) -> Result<u64, StoreError> {
        within(async {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant_id = $1 AND {key} IN \
                 (SELECT {key} FROM {table} WHERE tenant_id = $1 LIMIT {ROWS_AT_ONCE})"
            );
            let deleted =
                sqlx::query(AssertSqlSafe(sql)).bind(tenant.to_string()).execute(&self.store.pool).await?;
            Ok(deleted.rows_affected())
        })
        .await
    }

    async fn purge_held(&self, transaction: &mut Transaction, tenant: TenantId) -> Result<(), StoreError> {
        self.move_everybody_home(transaction, tenant).await?;
        let id = tenant.to_string();
        let kind = if self.store.is_sqlite { DatabaseKind::Sqlite } else { DatabaseKind::Postgres };
        let tables = tables(transaction, kind).await.map_err(|error| match error {
            crate::SnapshotError::Store(error) => error,
            other => StoreError::Unavailable(other.to_string().into()),
        })?;
        let of_tenant = tables.iter().filter(|table| {
            table.columns.iter().any(|column| column.name == "tenant_id")
                && !BOOKS.contains(&table.name.as_str())
                // Versions of plugins that others run outlive who published them (migration 0005).
                && !matches!(table.name.as_str(), "publishers" | "users")
        });
        // What names others goes first: later tables name earlier ones, but for these.
        let names: Vec<&str> = of_tenant.map(|table| table.name.as_str()).rev().collect();
        let first = ["destination_secrets", "destinations", "installations", "sources"];
        for table in first.iter().copied().chain(names.into_iter().filter(|name| !first.contains(name))) {
            let sql = format!("DELETE FROM {} WHERE tenant_id = $1", quoted(table));
            sqlx::query(AssertSqlSafe(sql)).bind(&id).execute(&mut **transaction).await?;
        }
        let booked: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM payments WHERE tenant_id = $1")
            .bind(&id)
            .fetch_one(&mut **transaction)
            .await?;
        if booked == 0 {
            sqlx::query("DELETE FROM tenants WHERE id = $1").bind(&id).execute(&mut **transaction).await?;
            return Ok(());
        }
        sqlx::query(
            "UPDATE payments SET payer_ref = NULL, return_url = NULL, action = NULL, description = NULL \
             WHERE tenant_id = $1",
        )
        .bind(&id)
        .execute(&mut **transaction)
        .await?;
        sqlx::query("UPDATE tenants SET name = '', branding = NULL WHERE id = $1")
            .bind(&id)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    /// Nobody goes with the organisation: a person without another one gets one.
    async fn move_everybody_home(
        &self,
        transaction: &mut Transaction,
        tenant: TenantId,
    ) -> Result<(), StoreError> {
        let id = tenant.to_string();
        sqlx::query("DELETE FROM memberships WHERE tenant_id = $1")
            .bind(&id)
            .execute(&mut **transaction)
            .await?;
        let people: Vec<(String, String)> =
            sqlx::query_as("SELECT id, display_name FROM users WHERE tenant_id = $1")
                .bind(&id)
                .fetch_all(&mut **transaction)
                .await?;
        for (user, name) in people {
            let user = user.parse().map_err(|_| StoreError::NotFound(Missing::User))?;
            self.move_to_another_home(transaction, tenant, user, &name).await?;
        }
        Ok(())
    }
}

/// Whether an account may go: no organisation with other members loses its last owner, and the platform not its last
/// administrator.
async fn may_go(transaction: &mut Transaction, user: UserId) -> Result<(), StoreError> {
    let id = user.to_string();
    let role: Option<String> =
        sqlx::query_scalar("UPDATE users SET role = role WHERE id = $1 RETURNING role")
            .bind(&id)
            .fetch_optional(&mut **transaction)
            .await?;
    let role = role.ok_or(StoreError::NotFound(Missing::User))?;
    let administrators: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE role = 'admin' AND id <> $1")
            .bind(&id)
            .fetch_one(&mut **transaction)
            .await?;
    if role == "admin" && administrators == 0 {
        return Err(StoreError::LastAdministrator);
    }
    let orphaned: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM memberships m WHERE m.user_id = $1 AND m.role = $2 AND EXISTS \
         (SELECT 1 FROM memberships o WHERE o.tenant_id = m.tenant_id AND o.user_id <> $1) AND NOT EXISTS \
         (SELECT 1 FROM memberships o WHERE o.tenant_id = m.tenant_id AND o.user_id <> $1 AND o.role = $2)",
    )
    .bind(&id)
    .bind(OWNER)
    .fetch_one(&mut **transaction)
    .await?;
    if orphaned > 0 { Err(StoreError::LastOwner) } else { Ok(()) }
}

async fn end_request(transaction: &mut Transaction, subject: Subject) -> Result<(), StoreError> {
    let (kind, id) = subject.key();
    sqlx::query("DELETE FROM deletions WHERE kind = $1 AND subject_id = $2")
        .bind(kind)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
