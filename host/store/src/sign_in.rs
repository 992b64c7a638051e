//! Sign-ins: who is signed in where, and the refresh tokens of each.
//!
//! A refresh token is kept as a digest and exchanged once. One that comes a
//! second time has leaked, and ends its sign-in. Access tokens are not kept;
//! they name their sign-in and end with it (see `standing`).

use std::net::IpAddr;

use neustream_model::{SignInId, TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::row::{moment, optional_moment, parsed, text, to_sql};
use crate::second_factor::user_row;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, Missing, StoreError, UserRow};

/// Living sign-ins of one user; the one that was not seen for longest ends when there would be more.
const MAX_SIGN_INS: i64 = 100;

/// As whom somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInKind {
    /// As oneself.
    Person,
    /// As an administrator in the place of the user.
    Impersonation {
        /// Who that is.
        impersonator: UserId,
        /// The one organisation that is acted for.
        tenant: TenantId,
    },
}

/// A sign-in to be kept.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// Its id.
    pub id: SignInId,
    /// Whose it is.
    pub user: UserId,
    /// As whom.
    pub kind: SignInKind,
    /// How: `password`, `link`, or a provider's name.
    pub method: String,
    /// What the browser or program calls itself.
    pub device: String,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

/// A refresh token to be kept.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// When it stops to be valid.
    pub expires_at: UnixMillis,
}

/// A living sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// Its id.
    pub id: SignInId,
    /// Whose it is.
    pub user: UserId,
    /// As whom.
    pub kind: SignInKind,
    /// How: `password`, `link`, or a provider's name.
    pub method: String,
    /// What the browser or program calls itself.
    pub device: String,
    /// Where it was last seen from.
    pub address: Option<IpAddr>,
    /// When it began.
    pub created_at: UnixMillis,
    /// When it last exchanged a refresh token.
    pub last_seen_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for SignInRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let kind = match text(row, "kind")?.as_str() {
            "impersonation" => SignInKind::Impersonation {
                impersonator: parsed(row, "impersonator_id")?,
                tenant: parsed(row, "acting_tenant")?,
            },
            _ => SignInKind::Person,
        };
        let address: Option<String> = sqlx::Row::try_get(row, "address")?;
        Ok(Self {
            id: parsed(row, "id")?,
            user: parsed(row, "user_id")?,
            kind,
            method: text(row, "method")?,
            device: text(row, "device")?,
            address: address.and_then(|address| address.parse().ok()),
            created_at: moment(row, "created_at")?,
            last_seen_at: moment(row, "last_seen_at")?,
            expires_at: moment(row, "expires_at")?,
        })
    }
}

struct Spent {
    sign_in: SignInId,
    rotated_at: Option<UnixMillis>,
}

impl FromRow<'_, AnyRow> for Spent {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { sign_in: parsed(row, "family_id")?, rotated_at: optional_moment(row, "rotated_at")? })
    }
}

impl HostStore {
    /// Keeps a sign-in with its first refresh token (an impersonation has none), and forgets what has expired.
    pub async fn begin_sign_in(
        &self,
        new: &NewSignIn,
        token: Option<&NewRefreshToken>,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            insert_sign_in(&mut transaction, new, token).await?;
            let tenant = user_row(&mut transaction, new.user).await?.tenant_id;
            let entry = Entry::new("sign-in.create", Target::new("sign-in", new.id))
                .after(json!({ "user": new.user, "method": new.method, "device": new.device }));
            self.as_person(new.user).audit_in(&mut transaction, tenant, entry);
            transaction.commit().await
        })
        .await
    }

    /// Exchanges the refresh token with `digest` for `next`; each token once. The sign-in was seen at `address`, and
    /// lives as long as the new token.
    ///
    /// # Errors
    /// [`StoreError::RefreshTokenRefused`] for an unknown, expired or revoked token,
    /// [`StoreError::RefreshTokenReused`] for one that was exchanged before: its sign-in has ended now.
    pub async fn rotate_refresh_token(
        &self,
        digest: &str,
        next: &NewRefreshToken,
        address: Option<IpAddr>,
    ) -> Result<(UserRow, SignInId), StoreError> {
        within(async {
            let now = UnixMillis::now();
            let mut transaction = self.begin().await?;
            // The condition and the change are one statement: of two racing exchanges one finds nothing.
            let rotated: Option<Spent> = sqlx::query_as(
                "UPDATE refresh_tokens SET rotated_at = $2 WHERE digest = $1 AND rotated_at IS NULL \
                 AND revoked_at IS NULL AND expires_at > $2 AND EXISTS (SELECT 1 FROM sign_ins s \
                 WHERE s.id = refresh_tokens.family_id AND s.ended_at IS NULL) RETURNING *",
            )
            .bind(digest)
            .bind(to_sql(now.0))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(Spent { sign_in, .. }) = rotated else {
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
            insert_token(&mut transaction, sign_in, user.id, next, now).await?;
            sqlx::query(
                "UPDATE sign_ins SET last_seen_at = $2, expires_at = $3, address = COALESCE($4, address) \
                 WHERE id = $1",
            )
            .bind(sign_in.to_string())
            .bind(to_sql(now.0))
            .bind(to_sql(next.expires_at.0))
            .bind(address.map(|address| address.to_string()))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok((user, sign_in))
        })
        .await
    }

    /// Ends the sign-in that the refresh token with `digest` belongs to; gives whose it was. An unknown token is no
    /// error.
    pub async fn end_sign_in_of(&self, digest: &str) -> Result<Option<(UserId, SignInId)>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let ended: Option<SignInRow> = sqlx::query_as(
                "UPDATE sign_ins SET ended_at = $2 WHERE ended_at IS NULL AND id IN \
                 (SELECT family_id FROM refresh_tokens WHERE digest = $1) RETURNING *",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(ended) = ended else { return Ok(None) };
            self.note_end(&mut transaction, ended.user, Some(ended.id)).await?;
            transaction.commit().await?;
            Ok(Some((ended.user, ended.id)))
        })
        .await
    }

    /// The living sign-ins of a user, the one that was seen last first.
    pub async fn sign_ins(&self, user: UserId) -> Result<Vec<SignInRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM sign_ins WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 \
                 ORDER BY last_seen_at DESC, id DESC",
            )
            .bind(user.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Ends one sign-in of a user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the user has none of this id.
    pub async fn end_sign_in(&self, user: UserId, id: SignInId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let ended = sqlx::query(
                "UPDATE sign_ins SET ended_at = $3 WHERE user_id = $1 AND id = $2 AND ended_at IS NULL",
            )
            .bind(user.to_string())
            .bind(id.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            if ended.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::SignIn));
            }
            self.note_end(&mut transaction, user, Some(id)).await?;
            transaction.commit().await
        })
        .await
    }

    /// Ends the sign-ins of a user, all but `kept`; gives how many.
    pub async fn end_sign_ins(&self, user: UserId, kept: Option<SignInId>) -> Result<u64, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let ended = end_all(&mut transaction, user, kept).await?;
            if ended > 0 {
                self.note_end(&mut transaction, user, None).await?;
            }
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// Leaves an entry about one sign-in that was ended, or about all (others).
    async fn note_end(
        &self,
        transaction: &mut Transaction,
        user: UserId,
        id: Option<SignInId>,
    ) -> Result<(), StoreError> {
        let tenant = user_row(transaction, user).await?.tenant_id;
        let entry = match id {
            Some(id) => Entry::new("sign-in.end", Target::new("sign-in", id)),
            None => Entry::new("sign-in.end-all", Target::new("user", user)),
        };
        self.as_person(user).audit_in(transaction, tenant, entry);
        Ok(())
    }
}

/// Ends the sign-ins of a user, all but `kept`; gives how many.
pub(crate) async fn end_all(
    connection: &mut AnyConnection,
    user: UserId,
    kept: Option<SignInId>,
) -> Result<u64, StoreError> {
    let ended =
        sqlx::query("UPDATE sign_ins SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL")
            .bind(user.to_string())
            .bind(kept.map_or_else(String::new, |id| id.to_string()))
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *connection)
            .await?;
    Ok(ended.rows_affected())
}

/// See [`HostStore::begin_sign_in`].
pub(crate) async fn insert_sign_in(
    connection: &mut AnyConnection,
    new: &NewSignIn,
    token: Option<&NewRefreshToken>,
) -> Result<(), StoreError> {
    let now = UnixMillis::now();
    forget_expired(connection, new.user, now).await?;
    let (kind, impersonator, tenant) = match new.kind {
        SignInKind::Person => ("person", None, None),
        SignInKind::Impersonation { impersonator, tenant } => {
            ("impersonation", Some(impersonator.to_string()), Some(tenant.to_string()))
        }
    };
    sqlx::query(
        "INSERT INTO sign_ins (id, user_id, kind, impersonator_id, acting_tenant, method, device, address, \
         created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
    )
    .bind(new.id.to_string())
    .bind(new.user.to_string())
    .bind(kind)
    .bind(impersonator)
    .bind(tenant)
    .bind(&new.method)
    .bind(&new.device)
    .bind(new.address.map(|address| address.to_string()))
    .bind(to_sql(now.0))
    .bind(to_sql(new.expires_at.0))
    .execute(&mut *connection)
    .await?;
    if let Some(token) = token {
        insert_token(connection, new.id, new.user, token, now).await?;
    }
    Ok(())
}

async fn forget_expired(
    connection: &mut AnyConnection,
    user: UserId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM refresh_tokens WHERE user_id = $1 AND expires_at <= $2",
        "DELETE FROM sign_ins WHERE user_id = $1 AND expires_at <= $2",
    ] {
        sqlx::query(sql).bind(user.to_string()).bind(to_sql(now.0)).execute(&mut *connection).await?;
    }
    sqlx::query(
        "UPDATE sign_ins SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id NOT IN \
         (SELECT id FROM sign_ins WHERE user_id = $1 AND ended_at IS NULL \
         ORDER BY last_seen_at DESC, id DESC LIMIT $3)",
    )
    .bind(user.to_string())
    .bind(to_sql(now.0))
    .bind(MAX_SIGN_INS - 1)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Finds out why a token was not exchanged; a spent one ends its sign-in.
async fn refuse(
    connection: &mut AnyConnection,
    digest: &str,
    now: UnixMillis,
) -> Result<StoreError, StoreError> {
    let spent: Option<Spent> = sqlx::query_as("SELECT * FROM refresh_tokens WHERE digest = $1")
        .bind(digest)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(Spent { sign_in, rotated_at: Some(_) }) = spent else {
        return Ok(StoreError::RefreshTokenRefused);
    };
    sqlx::query("UPDATE sign_ins SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(sign_in.to_string())
        .bind(to_sql(now.0))
        .execute(&mut *connection)
        .await?;
    Ok(StoreError::RefreshTokenReused)
}

async fn insert_token(
    connection: &mut AnyConnection,
    sign_in: SignInId,
    user: UserId,
    token: &NewRefreshToken,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refresh_tokens (digest, family_id, user_id, issued_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&token.digest)
    .bind(sign_in.to_string())
    .bind(user.to_string())
    .bind(to_sql(now.0))
    .bind(to_sql(token.expires_at.0))
    .execute(&mut *connection)
    .await?;
    Ok(())
}
