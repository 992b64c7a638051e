//! Apps: parts of an organisation with sources, installations and keys of their own.

use neustream_model::{AppId, TenantId, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::row::{flag, moment, optional_moment, parsed, text, to_sql};
use crate::StoreError;

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
