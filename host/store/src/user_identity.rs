//! Accounts at other providers with which somebody signs in.

use neustream_model::{UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::row::{moment, text, to_sql};
use crate::second_factor::user_row;
use crate::store::within;
use crate::user::insert_account;
use crate::{HostStore, Missing, NewAccount, NewMail, StoreError, UserRow};

/// An account at a provider, to be connected.
#[derive(Debug, Clone)]
pub struct NewUserIdentity {
    /// The provider's name, such as `google`.
    pub provider: String,
    /// The provider's name for the account, which never changes (OpenID Connect Core 5.7).
    pub subject: String,
    /// The address there; may be empty.
    pub email: String,
}

/// A connected account at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentityRow {
    /// The provider's name, such as `google`.
    pub provider: String,
    /// The provider's name for the account.
    pub subject: String,
    /// The address there, for people to tell accounts apart; may be empty.
    pub email: String,
    /// When it was connected.
    pub created_at: UnixMillis,
    /// When somebody last signed in with it.
    pub last_used_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for UserIdentityRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            provider: text(row, "provider")?,
            subject: text(row, "subject")?,
            email: text(row, "email")?,
            created_at: moment(row, "created_at")?,
            last_used_at: moment(row, "last_used_at")?,
        })
    }
}

impl HostStore {
    /// The user who signs in with this account, noted as used now.
    pub async fn user_by_identity(
        &self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<UserRow>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let user: Option<UserRow> = sqlx::query_as(
                "SELECT u.* FROM users u JOIN user_identities i ON i.user_id = u.id \
                 WHERE i.provider = $1 AND i.subject = $2",
            )
            .bind(provider)
            .bind(subject)
            .fetch_optional(&mut *transaction)
            .await?;
            sqlx::query("UPDATE user_identities SET last_used_at = $3 WHERE provider = $1 AND subject = $2")
                .bind(provider)
                .bind(subject)
                .bind(to_sql(UnixMillis::now().0))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// The accounts that a user signs in with, by provider.
    pub async fn user_identities(&self, user: UserId) -> Result<Vec<UserIdentityRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as("SELECT * FROM user_identities WHERE user_id = $1 ORDER BY provider")
                .bind(user.to_string())
                .fetch_all(&self.store.pool)
                .await?;
            Ok(rows)
        })
        .await
    }

    /// Makes an account whose owner signs in with `identity`. Its address counts as proved.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`], [`StoreError::IdentityTaken`].
    pub async fn create_account_with_identity(
        &self,
        account: &NewAccount,
        identity: &NewUserIdentity,
    ) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let made = insert_account(&mut transaction, account).await?;
            let user: UserRow =
                sqlx::query_as("UPDATE users SET email_verified_at = $2 WHERE id = $1 RETURNING *")
                    .bind(made.id.to_string())
                    .bind(to_sql(UnixMillis::now().0))
                    .fetch_one(&mut *transaction)
                    .await?;
            insert_identity(&mut transaction, user.id, identity).await?;
            let entry = Entry::new("user.create", Target::new("user", user.id)).after(json!({
                "email": user.email, "display_name": user.display_name, "provider": identity.provider,
            }));
            self.as_person(user.id).audit_in(&mut transaction, user.tenant_id, entry);
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// Lets a user sign in with an account at a provider; `mail` tells about it.
    ///
    /// # Errors
    /// [`StoreError::IdentityTaken`] when somebody has that account already, or the user another one at the provider.
    pub async fn connect_identity(
        &self,
        user: UserId,
        identity: &NewUserIdentity,
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            insert_identity(&mut transaction, user, identity).await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = Entry::new("user.connect-identity", Target::new("user", user))
                .after(json!({ "provider": identity.provider, "email": identity.email }));
            self.as_person(user).audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await
        })
        .await
    }

    /// Lets a user sign in with an account at a provider no more; `mail` tells about it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, [`StoreError::LastWayIn`] when nothing else would be left to sign
    /// in with: `no_password` is what an account without a password has in place of its hash.
    pub async fn disconnect_identity(
        &self,
        user: UserId,
        provider: &str,
        no_password: &str,
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Locks the row on PostgreSQL: of two that each leave the other one way in, one waits and sees.
            sqlx::query("UPDATE users SET email = email WHERE id = $1")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            let row = user_row(&mut transaction, user).await?;
            let known: Vec<UserIdentityRow> =
                sqlx::query_as("SELECT * FROM user_identities WHERE user_id = $1")
                    .bind(user.to_string())
                    .fetch_all(&mut *transaction)
                    .await?;
            let gone = known.iter().find(|identity| identity.provider == provider);
            let gone = gone.ok_or(StoreError::NotFound(Missing::UserIdentity))?;
            if known.len() == 1 && row.password_hash == no_password {
                return Err(StoreError::LastWayIn);
            }
            sqlx::query("DELETE FROM user_identities WHERE user_id = $1 AND provider = $2")
                .bind(user.to_string())
                .bind(provider)
                .execute(&mut *transaction)
                .await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = Entry::new("user.disconnect-identity", Target::new("user", user))
                .before(json!({ "provider": provider, "email": gone.email }));
            self.audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await
        })
        .await
    }

    /// Seals what a browser is to bring back: nobody else can read or make it.
    ///
    /// # Errors
    /// [`StoreError::Sealing`].
    pub fn seal_for_browser(
        &self,
        purpose: &str,
        secret: &neustream_model::Secret,
    ) -> Result<String, StoreError> {
        Ok(self.store.sealing_key.seal(&crate::sealing::Place::Browser { purpose }, secret)?)
    }

    /// What [`HostStore::seal_for_browser`] sealed for this purpose; nothing for any other text.
    pub fn unseal_from_browser(&self, purpose: &str, sealed: &str) -> Option<neustream_model::Secret> {
        self.store.sealing_key.unseal(&crate::sealing::Place::Browser { purpose }, sealed).ok()
    }
}

async fn insert_identity(
    connection: &mut AnyConnection,
    user: UserId,
    identity: &NewUserIdentity,
) -> Result<(), StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO user_identities (provider, subject, user_id, email, created_at, last_used_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(&identity.provider)
    .bind(&identity.subject)
    .bind(user.to_string())
    .bind(&identity.email)
    .bind(to_sql(UnixMillis::now().0))
    .execute(connection)
    .await;
    match inserted {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(StoreError::IdentityTaken),
        other => Ok(other.map(drop)?),
    }
}
