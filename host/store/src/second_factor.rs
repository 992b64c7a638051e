//! Second factors: the secret shared with an authenticator app, recovery codes, and who owes a code.
//!
//! Attempts are counted before a code is looked at, so that guessing at the
//! same time gains nothing, and a time step is used once (RFC 6238 5.2). Which
//! code is right is told by `neustream-accounts`.

use std::time::Duration;

use neustream_model::{Secret, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::mailed_code::forget_challenges;
use crate::row::{number, optional_moment, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::{HostStore, NewMail, StoreError, UserRow};

/// Challenges of one user at a time; the oldest go.
const MAX_CHALLENGES: i64 = 10;

/// The second factor of a person.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// The shared secret in base32.
    pub secret: Secret,
    /// When a first code showed that the app has it; `None` until then, and it is not asked for.
    pub confirmed_at: Option<UnixMillis>,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

struct SecondFactorRow {
    sealed: String,
    confirmed_at: Option<UnixMillis>,
    recovery_codes: u64,
}

impl FromRow<'_, AnyRow> for SecondFactorRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            sealed: text(row, "sealed")?,
            confirmed_at: optional_moment(row, "confirmed_at")?,
            recovery_codes: number(row, "recovery_codes")?,
        })
    }
}

/// Somebody who proved the first factor and owes the second.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Who.
    pub user: UserRow,
    /// How the first factor was proved.
    pub method: String,
}

impl HostStore {
    /// The second factor of a user, confirmed or not.
    pub async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        let row: Option<SecondFactorRow> = within(async {
            let row = sqlx::query_as(
                "SELECT t.*, (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = t.user_id) \
                 AS recovery_codes FROM totp_secrets t WHERE t.user_id = $1",
            )
            .bind(user.to_string())
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await?;
        let open = |row: SecondFactorRow| {
            let secret = self.store.sealing_key.unseal(&Place::Totp { user }, &row.sealed)?;
            let SecondFactorRow { confirmed_at, recovery_codes, .. } = row;
            Ok(SecondFactor { secret, confirmed_at, recovery_codes })
        };
        row.map(open).transpose()
    }

    /// Keeps a secret that is to be confirmed, in place of a former one that was not.
    ///
    /// # Errors
    /// [`StoreError::SecondFactorOn`] when one is confirmed already.
    pub async fn begin_second_factor(&self, user: UserId, secret: &Secret) -> Result<(), StoreError> {
        let sealed = self.store.sealing_key.seal(&Place::Totp { user }, secret)?;
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let kept = sqlx::query(
                "INSERT INTO totp_secrets (user_id, sealed, created_at, last_step, failures, failing_since) \
                 VALUES ($1, $2, $3, 0, 0, 0) ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, \
                 created_at = excluded.created_at WHERE totp_secrets.confirmed_at IS NULL",
            )
            .bind(user.to_string())
            .bind(sealed)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            if kept.rows_affected() == 0 {
                return Err(StoreError::SecondFactorOn);
            }
            let entry = Entry::new("user.begin-second-factor", Target::new("user", user));
            self.audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await
        })
        .await
    }

    /// Turns the second factor on, with the step of the code that confirmed it and the digests of recovery codes;
    /// `mail` tells its owner.
    ///
    /// # Errors
    /// [`StoreError::SecondFactorOn`] when it is on already, [`StoreError::SecondFactorOff`] when it was not begun.
    pub async fn confirm_second_factor(
        &self,
        user: UserId,
        step: u64,
        recovery_digests: &[String],
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let confirmed = sqlx::query(
                "UPDATE totp_secrets SET confirmed_at = $2, last_step = $3, failures = 0 \
                 WHERE user_id = $1 AND confirmed_at IS NULL",
            )
            .bind(user.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(step))
            .execute(&mut *transaction)
            .await?;
            if confirmed.rows_affected() == 0 {
                drop(transaction);
                let is_on = self.second_factor(user).await?.is_some();
                return Err(if is_on { StoreError::SecondFactorOn } else { StoreError::SecondFactorOff });
            }
            replace_codes(&mut transaction, user, recovery_digests).await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = Entry::new("user.enable-second-factor", Target::new("user", user));
            let (before, after) = (json!({ "second_factor": false }), json!({ "second_factor": true }));
            self.audit_in(&mut transaction, row.tenant_id, entry.before(before).after(after));
            transaction.commit().await
        })
        .await
    }

    /// Counts an attempt to prove the second factor. False when there were `max` of them within `window` that nobody
    /// succeeded with: then no code is to be looked at.
    pub async fn count_second_factor_attempt(
        &self,
        user: UserId,
        max: u64,
        window: Duration,
    ) -> Result<bool, StoreError> {
        let now = UnixMillis::now();
        within(async {
            let mut transaction = self.begin().await?;
            let counted = sqlx::query(
                "UPDATE totp_secrets SET failures = CASE WHEN failing_since <= $2 THEN 1 ELSE failures + 1 END, \
                 failing_since = CASE WHEN failing_since <= $2 THEN $3 ELSE failing_since END \
                 WHERE user_id = $1 AND (failures < $4 OR failing_since <= $2)",
            )
            .bind(user.to_string())
            .bind(to_sql(now.0.saturating_sub(window.as_millis() as u64)))
            .bind(to_sql(now.0))
            .bind(to_sql(max))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(counted.rows_affected() > 0)
        })
        .await
    }

    /// Uses a time step whose code was right. False when it, or a later one, was used before.
    pub async fn use_second_factor_step(&self, user: UserId, step: u64) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let used = sqlx::query(
                "UPDATE totp_secrets SET last_step = $2, failures = 0 \
                 WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
            )
            .bind(user.to_string())
            .bind(to_sql(step))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(used.rows_affected() > 0)
        })
        .await
    }

    /// Uses a recovery code; gives how many are left, or nothing when it is none of the user's.
    pub async fn use_recovery_code(&self, user: UserId, digest: &str) -> Result<Option<u64>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let used = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2")
                .bind(user.to_string())
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
            if used.rows_affected() == 0 {
                return Ok(None);
            }
            sqlx::query("UPDATE totp_secrets SET failures = 0 WHERE user_id = $1")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1")
                .bind(user.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let entry = Entry::new("user.use-recovery-code", Target::new("user", user));
            let entry = entry.after(json!({ "recovery_codes": left }));
            self.as_person(user).audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await?;
            Ok(Some(left.unsigned_abs()))
        })
        .await
    }

    /// Gives a user new recovery codes in place of all former ones.
    ///
    /// # Errors
    /// [`StoreError::SecondFactorOff`] when there is no confirmed second factor.
    pub async fn replace_recovery_codes(&self, user: UserId, digests: &[String]) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let is_on: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM totp_secrets WHERE user_id = $1 AND confirmed_at IS NOT NULL",
            )
            .bind(user.to_string())
            .fetch_one(&mut *transaction)
            .await?;
            if is_on == 0 {
                return Err(StoreError::SecondFactorOff);
            }
            replace_codes(&mut transaction, user, digests).await?;
            let entry = Entry::new("user.replace-recovery-codes", Target::new("user", user));
            self.audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await
        })
        .await
    }

    /// Turns the second factor off and forgets its recovery codes; `mail` tells its owner.
    ///
    /// # Errors
    /// [`StoreError::SecondFactorOff`] when there is none.
    pub async fn remove_second_factor(&self, user: UserId, mail: &NewMail) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let removed = sqlx::query("DELETE FROM totp_secrets WHERE user_id = $1")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            if removed.rows_affected() == 0 {
                return Err(StoreError::SecondFactorOff);
            }
            replace_codes(&mut transaction, user, &[]).await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = Entry::new("user.disable-second-factor", Target::new("user", user));
            let (before, after) = (json!({ "second_factor": true }), json!({ "second_factor": false }));
            self.audit_in(&mut transaction, row.tenant_id, entry.before(before).after(after));
            transaction.commit().await
        })
        .await
    }

    /// Keeps that `user` proved the first factor by `method` and owes the second.
    pub async fn begin_challenge(
        &self,
        user: UserId,
        digest: &str,
        method: &str,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "DELETE FROM sign_in_challenges WHERE user_id = $1 AND digest NOT IN (SELECT digest \
                 FROM sign_in_challenges WHERE user_id = $1 AND expires_at > $2 \
                 ORDER BY expires_at DESC LIMIT $3)",
            )
            .bind(user.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .bind(MAX_CHALLENGES - 1)
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "INSERT INTO sign_in_challenges (digest, user_id, method, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(digest)
            .bind(user.to_string())
            .bind(method)
            .bind(to_sql(expires_at.0))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Who owes a second factor by this challenge, while it is valid.
    pub async fn challenge(&self, digest: &str) -> Result<Option<Challenge>, StoreError> {
        within(async {
            let row: Option<AnyRow> = sqlx::query(
                "SELECT u.*, c.method AS challenge_method FROM sign_in_challenges c JOIN users u ON u.id = c.user_id \
                 WHERE c.digest = $1 AND c.expires_at > $2",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&self.store.pool)
            .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Challenge { user: UserRow::from_row(&row)?, method: text(&row, "challenge_method")? }))
        })
        .await
    }

    /// Uses up the challenges of a user: one of them was met. False when there was none with this digest (any more).
    pub async fn meet_challenge(&self, user: UserId, digest: &str) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let met = sqlx::query("DELETE FROM sign_in_challenges WHERE digest = $1 AND user_id = $2")
                .bind(digest)
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            forget_challenges(&mut transaction, user).await?;
            transaction.commit().await?;
            Ok(met.rows_affected() > 0)
        })
        .await
    }
}

/// The user that something is done to.
pub(crate) async fn user_row(connection: &mut AnyConnection, user: UserId) -> Result<UserRow, StoreError> {
    sqlx::query_as("SELECT * FROM users WHERE id = $1")
        .bind(user.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotFound(crate::Missing::User))
}

async fn replace_codes(
    connection: &mut AnyConnection,
    user: UserId,
    digests: &[String],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user.to_string())
        .execute(&mut *connection)
        .await?;
    for digest in digests {
        sqlx::query("INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2)")
            .bind(user.to_string())
            .bind(digest)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
