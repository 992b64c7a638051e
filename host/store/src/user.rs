//! Tenants and users.

use neustream_model::{TenantId, UnixMillis, UserId};
use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Transaction};

use crate::row::{moment, parsed, text, to_sql};
use crate::store::within;
use crate::{HostStore, Missing, StoreError, TenantStore};

/// A person who signs in.
#[derive(Clone)]
pub struct UserRow {
    /// The user.
    pub id: UserId,
    /// The tenant that the user acts for.
    pub tenant_id: TenantId,
    /// E-mail address in lower case.
    pub email: String,
    /// The name that people see.
    pub display_name: String,
    /// PHC string; verified by `neustream-accounts`.
    pub password_hash: String,
    /// The role's word; parsed by `neustream-accounts`.
    pub role: String,
    /// When the account was made.
    pub created_at: UnixMillis,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRow")
            .field("id", &self.id)
            .field("tenant_id", &self.tenant_id)
            .finish_non_exhaustive()
    }
}

/// An account to be made: a user and the tenant that the user owns.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// E-mail address in lower case.
    pub email: String,
    /// The name that people see; the tenant is called alike.
    pub display_name: String,
    /// PHC string.
    pub password_hash: String,
    /// The role's word.
    pub role: String,
}

impl FromRow<'_, AnyRow> for UserRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            email: text(row, "email")?,
            display_name: text(row, "display_name")?,
            password_hash: text(row, "password_hash")?,
            role: text(row, "role")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl HostStore {
    /// Makes a tenant and its first user.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn create_account(&self, account: &NewAccount) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.store.pool.begin().await?;
            let user = insert_account(&mut transaction, account).await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// The user with this e-mail address (in lower case).
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        within(async {
            let user = sqlx::query_as("SELECT * FROM users WHERE email = $1")
                .bind(email)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(user)
        })
        .await
    }
}

impl TenantStore {
    /// A user of the tenant.
    pub async fn user(&self, id: UserId) -> Result<UserRow, StoreError> {
        within(async {
            sqlx::query_as("SELECT * FROM users WHERE tenant_id = $1 AND id = $2")
                .bind(self.tenant.to_string())
                .bind(id.to_string())
                .fetch_optional(&self.store.pool)
                .await?
                .ok_or(StoreError::NotFound(Missing::User))
        })
        .await
    }
}

/// Inserts a tenant and its first user.
pub(crate) async fn insert_account(
    transaction: &mut Transaction<'_, Any>,
    account: &NewAccount,
) -> Result<UserRow, StoreError> {
    let tenant = TenantId::new();
    let now = to_sql(UnixMillis::now().0);
    sqlx::query("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(tenant.to_string())
        .bind(&account.display_name)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    let inserted = sqlx::query_as(
        "INSERT INTO users (id, tenant_id, email, display_name, password_hash, role, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind(UserId::new().to_string())
    .bind(tenant.to_string())
    .bind(&account.email)
    .bind(&account.display_name)
    .bind(&account.password_hash)
    .bind(&account.role)
    .bind(now)
    .fetch_one(&mut **transaction)
    .await;
    match inserted {
        // The ids are new, so the e-mail address is the only value that can collide.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(StoreError::EmailTaken),
        other => Ok(other?),
    }
}
