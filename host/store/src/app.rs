//! Apps: parts of an organisation with sources, installations and keys of their own.

use neustream_model::{AppId, TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::organisation::hold_organisation;
use crate::row::{flag, moment, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{LimitKind, Missing, StoreError, TenantStore};

/// What the app is called that an organisation begins with. Whoever has only this one never meets the word.
const DEFAULT_NAME: &str = "Default";

/// An app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// The app.
    pub id: AppId,
    /// Its organisation.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// What people note about it; may be empty.
    pub description: String,
    /// Whether requests that name no app act for it.
    pub is_default: bool,
    /// Since when it is put away.
    pub archived_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for AppRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            name: text(row, "name")?,
            description: text(row, "description")?,
            is_default: flag(row, "is_default")?,
            archived_at: optional_moment(row, "archived_at")?,
            created_at: moment(row, "created_at")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

/// What changes about an app; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct AppChange {
    /// Its name.
    pub name: Option<String>,
    /// Its description.
    pub description: Option<String>,
}

impl AppRow {
    /// As the audit log shows it.
    fn shown(&self) -> Value {
        json!({
            "name": self.name,
            "description": self.description,
            "is_archived": self.archived_at.is_some(),
        })
    }
}

/// SQL that holds where the app named by the column `app` is not archived: nothing of one that is runs.
pub(crate) fn is_not_archived(app: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM apps z WHERE z.id = {app} AND z.archived_at IS NOT NULL)")
}

impl TenantStore {
    /// The apps of the organisation, oldest first.
    pub async fn apps(&self) -> Result<Vec<AppRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as("SELECT * FROM apps WHERE tenant_id = $1 ORDER BY id")
                .bind(self.tenant.to_string())
                .fetch_all(&mut *self.connection().await?)
                .await?;
            Ok(rows)
        })
        .await
    }

    /// An app of the organisation.
    pub async fn app_row(&self, id: AppId) -> Result<AppRow, StoreError> {
        within(async {
            sqlx::query_as("SELECT * FROM apps WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .fetch_optional(&mut *self.connection().await?)
                .await?
                .ok_or(StoreError::NotFound(Missing::App))
        })
        .await
    }

    /// Makes an app; an organisation may have `max`.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`].
    pub async fn create_app(&self, name: &str, description: &str, max: u64) -> Result<AppRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, self.tenant).await?;
            let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM apps WHERE tenant_id = $1")
                .bind(self.tenant.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Apps, current, max });
            }
            let row: AppRow = sqlx::query_as(
                "INSERT INTO apps (id, tenant_id, name, description, is_default, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, 0, $5, $5) RETURNING *",
            )
            .bind(AppId::new().to_string())
            .bind(self.tenant.to_string())
            .bind(name)
            .bind(description)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            let entry = Entry::new("app.create", Target::new("app", row.id));
            self.audit(&mut transaction, entry.after(row.shown()));
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Changes an app.
    pub async fn update_app(&self, id: AppId, change: &AppChange) -> Result<AppRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_app(&mut transaction, id).await?;
            let mut after = before.clone();
            after.name = change.name.clone().unwrap_or(after.name);
            after.description = change.description.clone().unwrap_or(after.description);
            self.write_app(transaction, "app.update", &before, after).await
        })
        .await
    }

    /// Puts an app away: nothing of it runs or changes until it is restored. One that is put away already stays so.
    ///
    /// # Errors
    /// [`StoreError::AppIsDefault`].
    pub async fn archive_app(&self, id: AppId) -> Result<AppRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_app(&mut transaction, id).await?;
            if before.is_default {
                return Err(StoreError::AppIsDefault);
            }
            if before.archived_at.is_some() {
                return Ok(before);
            }
            let after = AppRow { archived_at: Some(UnixMillis::now()), ..before.clone() };
            self.write_app(transaction, "app.archive", &before, after).await
        })
        .await
    }

    /// Takes an app back that was put away.
    pub async fn restore_app(&self, id: AppId) -> Result<AppRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_app(&mut transaction, id).await?;
            if before.archived_at.is_none() {
                return Ok(before);
            }
            let after = AppRow { archived_at: None, ..before.clone() };
            self.write_app(transaction, "app.restore", &before, after).await
        })
        .await
    }

    /// Deletes an app that is put away and empty.
    ///
    /// # Errors
    /// [`StoreError::AppIsDefault`], [`StoreError::AppNotArchived`], [`StoreError::AppInUse`].
    pub async fn delete_app(&self, id: AppId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = self.hold_app(&mut transaction, id).await?;
            if before.is_default {
                return Err(StoreError::AppIsDefault);
            }
            if before.archived_at.is_none() {
                return Err(StoreError::AppNotArchived);
            }
            for table in ["sources", "installations"] {
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = $1 AND app_id = $2");
                // The names are those above.
                let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                    .bind(self.tenant.to_string())
                    .bind(id.to_string())
                    .fetch_one(&mut *transaction)
                    .await?;
                if count > 0 {
                    return Err(StoreError::AppInUse);
                }
            }
            sqlx::query("DELETE FROM apps WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("app.delete", Target::new("app", id));
            self.audit(&mut transaction, entry.before(before.shown()));
            transaction.commit().await
        })
        .await
    }

    async fn hold_app(&self, transaction: &mut Transaction, id: AppId) -> Result<AppRow, StoreError> {
        sqlx::query_as("UPDATE apps SET name = name WHERE tenant_id = $1 AND id = $2 RETURNING *")
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(&mut **transaction)
            .await?
            .ok_or(StoreError::NotFound(Missing::App))
    }

    async fn write_app(
        &self,
        mut transaction: Transaction,
        action: &'static str,
        before: &AppRow,
        after: AppRow,
    ) -> Result<AppRow, StoreError> {
        let row: AppRow = sqlx::query_as(
            "UPDATE apps SET name = $3, description = $4, archived_at = $5, updated_at = $6 \
             WHERE tenant_id = $1 AND id = $2 RETURNING *",
        )
        .bind(self.tenant.to_string())
        .bind(before.id.to_string())
        .bind(&after.name)
        .bind(&after.description)
        .bind(after.archived_at.map(|at| to_sql(at.0)))
        .bind(to_sql(UnixMillis::now().0))
        .fetch_one(&mut *transaction)
        .await?;
        let entry = Entry::new(action, Target::new("app", row.id));
        self.audit(&mut transaction, entry.before(before.shown()).after(row.shown()).only_changes());
        transaction.commit().await?;
        Ok(row)
    }
}

/// Inserts an organisation's first app.
pub(crate) async fn insert_default_app(
    connection: &mut AnyConnection,
    tenant: TenantId,
    now: UnixMillis,
) -> Result<AppId, StoreError> {
    let id = AppId::new();
    sqlx::query(
        "INSERT INTO apps (id, tenant_id, name, description, is_default, created_at, updated_at) \
         VALUES ($1, $2, $3, '', 1, $4, $4)",
    )
    .bind(id.to_string())
    .bind(tenant.to_string())
    .bind(DEFAULT_NAME)
    .bind(to_sql(now.0))
    .execute(&mut *connection)
    .await?;
    Ok(id)
}
