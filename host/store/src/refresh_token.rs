//! Refresh tokens: kept as digests, exchanged once, revoked by family.

use neustream_model::{UnixMillis, UserId};
use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Transaction};

use crate::row::{optional_moment, text, to_sql};
use crate::store::within;
use crate::{HostStore, StoreError, UserRow};

/// A refresh token to be kept.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// When it stops to be valid.
    pub expires_at: UnixMillis,
}

struct Spent {
    family_id: String,
    rotated_at: Option<UnixMillis>,
}

impl FromRow<'_, AnyRow> for Spent {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { family_id: text(row, "family_id")?, rotated_at: optional_moment(row, "rotated_at")? })
    }
}

impl HostStore {
    /// Keeps the first refresh token of a new sign-in of `user`, and forgets expired ones.
    pub async fn begin_refresh_family(
        &self,
        user: UserId,
        token: &NewRefreshToken,
    ) -> Result<(), StoreError> {
        within(async {
            let now = UnixMillis::now();
            let mut transaction = self.store.pool.begin().await?;
            sqlx::query("DELETE FROM refresh_tokens WHERE user_id = $1 AND expires_at <= $2")
                .bind(user.to_string())
                .bind(to_sql(now.0))
                .execute(&mut *transaction)
                .await?;
            let family = format!("{:032x}", rand::random::<u128>());
            insert(&mut transaction, &family, user, token, now).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Exchanges the token with `digest` for `next`; each token once.
    ///
    /// # Errors
    /// [`StoreError::RefreshTokenRefused`] for an unknown, expired or revoked token,
    /// [`StoreError::RefreshTokenReused`] for one that was exchanged before: its family is now revoked.
    pub async fn rotate_refresh_token(
        &self,
        digest: &str,
        next: &NewRefreshToken,
    ) -> Result<UserRow, StoreError> {
        within(async {
            let now = UnixMillis::now();
            let mut transaction = self.store.pool.begin().await?;
            // The condition and the change are one statement: of two racing exchanges one finds nothing.
            let rotated: Option<Spent> = sqlx::query_as(
                "UPDATE refresh_tokens SET rotated_at = $2 WHERE digest = $1 AND rotated_at IS NULL \
                 AND revoked_at IS NULL AND expires_at > $2 RETURNING *",
            )
            .bind(digest)
            .bind(to_sql(now.0))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(rotated) = rotated else {
                let error = refuse(&mut transaction, digest, now).await?;
                transaction.commit().await?;
                return Err(error);
            };
            let user: UserRow = sqlx::query_as(
                "SELECT u.* FROM users u JOIN refresh_tokens t ON t.user_id = u.id WHERE t.digest = $1",
            )
            .bind(digest)
            .fetch_one(&mut *transaction)
            .await?;
            insert(&mut transaction, &rotated.family_id, user.id, next, now).await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// Ends the sign-in that the token with `digest` belongs to. An unknown token is no error.
    pub async fn revoke_refresh_family(&self, digest: &str) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE refresh_tokens SET revoked_at = $2 WHERE revoked_at IS NULL AND family_id IN \
                 (SELECT family_id FROM refresh_tokens WHERE digest = $1)",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

/// Finds out why a token was not exchanged; a spent one revokes its family.
async fn refuse(
    transaction: &mut Transaction<'_, Any>,
    digest: &str,
    now: UnixMillis,
) -> Result<StoreError, StoreError> {
    let spent: Option<Spent> = sqlx::query_as("SELECT * FROM refresh_tokens WHERE digest = $1")
        .bind(digest)
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(Spent { family_id, rotated_at: Some(_) }) = spent else {
        return Ok(StoreError::RefreshTokenRefused);
    };
    sqlx::query("UPDATE refresh_tokens SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL")
        .bind(family_id)
        .bind(to_sql(now.0))
        .execute(&mut **transaction)
        .await?;
    Ok(StoreError::RefreshTokenReused)
}

async fn insert(
    transaction: &mut Transaction<'_, Any>,
    family: &str,
    user: UserId,
    token: &NewRefreshToken,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refresh_tokens (digest, family_id, user_id, issued_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&token.digest)
    .bind(family)
    .bind(user.to_string())
    .bind(to_sql(now.0))
    .bind(to_sql(token.expires_at.0))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
