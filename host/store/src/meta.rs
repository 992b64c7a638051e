//! What the host keeps about itself: the set-up token, the signing key of access tokens and the key that
//! countersigns plugins.

use neustream_model::{Secret, UnixMillis};

use crate::row::to_sql;
use crate::sealing::Place;
use crate::store::within;
use crate::user::insert_account;
use crate::{Entry, HostStore, NewAccount, StoreError, Target, UserRow};

const SETUP_TOKEN: &str = "setup-token";
const SIGNING_KEY: &str = "signing-key";
const PLATFORM_KEY: &str = "platform-key";
const PLAYBACK_KEY: &str = "playback-key";
const AUTHOR_KEY: &str = "author-key";
/// The word of the role that set-up gives; the role itself lives in `neustream-accounts`.
const ADMIN: &str = "admin";

impl HostStore {
    /// Whether the host still waits for its first administrator.
    pub async fn needs_setup(&self) -> Result<bool, StoreError> {
        within(async {
            let admins: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE role = $1")
                .bind(ADMIN)
                .fetch_one(&self.store.pool)
                .await?;
            Ok(admins == 0)
        })
        .await
    }

    /// While there is no administrator, makes the token with `digest` the one that
    /// [`HostStore::complete_setup`] takes, in place of any former one. False when the host is set up.
    pub async fn offer_setup(&self, digest: &str) -> Result<bool, StoreError> {
        if !self.needs_setup().await? {
            return Ok(false);
        }
        within(async {
            self.put(SETUP_TOKEN, digest).await?;
            Ok(true)
        })
        .await
    }

    /// Consumes the set-up token and makes the first administrator, both or neither.
    ///
    /// # Errors
    /// [`StoreError::SetupRefused`] for a wrong or used token or when there is an administrator,
    /// [`StoreError::EmailTaken`] (the token stays valid then).
    pub async fn complete_setup(&self, digest: &str, account: &NewAccount) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // The row is deleted under a lock: of two racing set-ups one finds nothing.
            let consumed = sqlx::query("DELETE FROM meta WHERE name = $1 AND value = $2")
                .bind(SETUP_TOKEN)
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
            let admins: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE role = $1")
                .bind(ADMIN)
                .fetch_one(&mut *transaction)
                .await?;
            if consumed.rows_affected() == 0 || admins > 0 {
                return Err(StoreError::SetupRefused);
            }
            let user = insert_account(&mut transaction, account).await?;
            let person = self.as_person(user.id);
            person.audit_in(&mut transaction, user.tenant_id, user.account_entry());
            person.audit(&mut transaction, Entry::new("platform.set-up", Target::new("person", user.id)));
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// The key that access tokens are signed with, as text; the first call makes it from `fresh`. It is sealed at
    /// rest and the same for every host on this database.
    pub async fn signing_key(&self, fresh: impl FnOnce() -> Secret) -> Result<Secret, StoreError> {
        self.made_once(SIGNING_KEY, fresh).await
    }

    /// The key that playback tokens are signed with, as text; the first call makes it from `fresh`. It is sealed at
    /// rest and the same for every host on this database.
    pub async fn playback_key(&self, fresh: impl FnOnce() -> Secret) -> Result<Secret, StoreError> {
        self.made_once(PLAYBACK_KEY, fresh).await
    }

    /// The key that countersigns versions of plugins, as text; the first call makes it from `fresh`. It is sealed at
    /// rest and the same for every host on this database.
    pub async fn platform_key(&self, fresh: impl FnOnce() -> Secret) -> Result<Secret, StoreError> {
        self.made_once(PLATFORM_KEY, fresh).await
    }

    /// The key that hides authors' names from moderation filters, as text; the first call makes it from `fresh`. It is
    /// sealed at rest and the same for every host on this database.
    pub async fn author_key(&self, fresh: impl FnOnce() -> Secret) -> Result<Secret, StoreError> {
        self.made_once(AUTHOR_KEY, fresh).await
    }

    async fn made_once(
        &self,
        name: &'static str,
        fresh: impl FnOnce() -> Secret,
    ) -> Result<Secret, StoreError> {
        let place = Place::Meta { name };
        if let Some(sealed) = self.get(name).await? {
            return Ok(self.store.sealing_key.unseal(&place, &sealed)?);
        }
        let sealed = self.store.sealing_key.seal(&place, &fresh())?;
        within(async {
            sqlx::query(
                "INSERT INTO meta (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            )
            .bind(name)
            .bind(sealed)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await?;
        // Whoever came first has made the key that counts.
        let kept = self.get(name).await?.unwrap_or_default();
        Ok(self.store.sealing_key.unseal(&place, &kept)?)
    }

    async fn get(&self, name: &str) -> Result<Option<String>, StoreError> {
        within(async {
            let value = sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(value)
        })
        .await
    }

    async fn put(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO meta (name, value, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(name)
        .bind(value)
        .bind(to_sql(UnixMillis::now().0))
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }
}
