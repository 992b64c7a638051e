//! Tenants and users.

use neustream_model::{TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::membership::{OWNER, insert_membership};
use crate::organisation::insert_organisation;
use crate::row::{moment, optional_moment, parsed, text, to_sql};
use crate::store::within;
use crate::{Entry, HostStore, Missing, StoreError, Target, TenantStore};

/// A person who signs in.
#[derive(Clone)]
pub struct UserRow {
    /// The user.
    pub id: UserId,
    /// The home of the user: the organisation that a request acts for when it names none.
    pub tenant_id: TenantId,
    /// E-mail address in lower case.
    pub email: String,
    /// The name that people see.
    pub display_name: String,
    /// PHC string; verified by `neustream-accounts`.
    pub password_hash: String,
    /// The role's word; parsed by `neustream-accounts`.
    pub role: String,
    /// When somebody proved to read the mail of the address; `None` until then.
    pub email_verified_at: Option<UnixMillis>,
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
            email_verified_at: optional_moment(row, "email_verified_at")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl UserRow {
    /// What the audit log of the home organisation begins with.
    pub(crate) fn account_entry(&self) -> Entry {
        let shown = json!({ "owner": self.display_name });
        Entry::new("organisation.create", Target::new("organisation", self.tenant_id)).after(shown)
    }
}

impl HostStore {
    /// Makes a tenant and its first user.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn create_account(&self, account: &NewAccount) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let user = insert_account(&mut transaction, account).await?;
            self.as_person(user.id).audit_in(&mut transaction, user.tenant_id, user.account_entry());
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// A user.
    pub async fn user(&self, id: UserId) -> Result<UserRow, StoreError> {
        within(async {
            sqlx::query_as("SELECT * FROM users WHERE id = $1")
                .bind(id.to_string())
                .fetch_optional(&self.store.pool)
                .await?
                .ok_or(StoreError::NotFound(Missing::User))
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
    /// A member of the organisation.
    pub async fn user(&self, id: UserId) -> Result<UserRow, StoreError> {
        within(async {
            sqlx::query_as(
                "SELECT u.* FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.tenant_id = $1 AND u.id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(&mut *self.connection().await?)
            .await?
            .ok_or(StoreError::NotFound(Missing::User))
        })
        .await
    }
}

/// Inserts an organisation with its default app, and its first user, who owns it.
pub(crate) async fn insert_account(
    connection: &mut AnyConnection,
    account: &NewAccount,
) -> Result<UserRow, StoreError> {
    let now = UnixMillis::now();
    let organisation = insert_organisation(connection, &account.display_name, now).await?;
    let user = insert_user(connection, organisation.id, account, now).await?;
    insert_membership(connection, organisation.id, user.id, OWNER, now).await?;
    Ok(user)
}

/// Inserts a user whose home is `home`.
pub(crate) async fn insert_user(
    connection: &mut AnyConnection,
    home: TenantId,
    account: &NewAccount,
    now: UnixMillis,
) -> Result<UserRow, StoreError> {
    let inserted = sqlx::query_as(
        "INSERT INTO users (id, tenant_id, email, display_name, password_hash, role, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind(UserId::new().to_string())
    .bind(home.to_string())
    .bind(&account.email)
    .bind(&account.display_name)
    .bind(&account.password_hash)
    .bind(&account.role)
    .bind(to_sql(now.0))
    .fetch_one(connection)
    .await;
    match inserted {
        // The id is new, so the e-mail address is the only value that can collide.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(StoreError::EmailTaken),
        other => Ok(other?),
    }
}
