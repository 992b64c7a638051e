//! What proves that somebody reads the mail of an address: a link, and six digits for those who type.
//!
//! One of a purpose at a time, used once. Guesses of the digits are counted
//! before they are looked at, so that guessing at the same time gains nothing.

use std::time::Duration;

use neustream_model::{Secret, TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};
use subtle::ConstantTimeEq;

use crate::audit::{Entry, Target, changed};
use crate::row::{parsed, text, to_sql};
use crate::sealing::Place;
use crate::sign_in::end_all;
use crate::store::within;
use crate::{HostStore, NewMail, StoreError, UserRow};

/// What a mailed code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// The address of the account.
    VerifyEmail,
    /// A new address, which the account then has.
    ChangeEmail,
    /// A new password.
    ResetPassword,
}

impl CodePurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ChangeEmail => "change-email",
            Self::ResetPassword => "reset-password",
        }
    }
}

/// A code to be mailed.
#[derive(Debug, Clone)]
pub struct NewMailedCode {
    /// Whose account it is for.
    pub user: UserId,
    /// What it is for.
    pub purpose: CodePurpose,
    /// The address that it goes to, in lower case.
    pub email: String,
    /// SHA-256 of the link's token in hexadecimal.
    pub link_digest: String,
    /// The six digits, where they count.
    pub code: Option<Secret>,
    /// When it stops to be valid.
    pub expires_at: UnixMillis,
}

/// An address that was proved.
#[derive(Debug, Clone)]
pub struct ConfirmedEmail {
    /// The account as it is now.
    pub user: UserRow,
    /// The address that it had before, where that was another one.
    pub former_email: Option<String>,
}

struct CodeRow {
    user: UserId,
    tenant: TenantId,
    purpose: String,
    email: String,
    account_email: String,
    sealed_code: Option<String>,
}

impl FromRow<'_, AnyRow> for CodeRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            user: parsed(row, "user_id")?,
            tenant: parsed(row, "tenant_id")?,
            purpose: text(row, "purpose")?,
            email: text(row, "email")?,
            account_email: text(row, "account_email")?,
            sealed_code: sqlx::Row::try_get(row, "sealed_code")?,
        })
    }
}

/// A code with what it needs to know of its user.
const SELECT: &str = "SELECT c.*, u.tenant_id, u.email AS account_email FROM mailed_codes c \
                      JOIN users u ON u.id = c.user_id";

impl HostStore {
    /// Keeps a code in place of the former one of its purpose, and the mail that tells it. False, and nothing
    /// changes, when the former one was sent less than `pause` ago.
    pub async fn send_mailed_code(
        &self,
        new: &NewMailedCode,
        mail: &NewMail,
        pause: Duration,
    ) -> Result<bool, StoreError> {
        let now = UnixMillis::now();
        let place = Place::MailedCode { user: new.user, purpose: new.purpose.as_str() };
        let sealed = new.code.as_ref().map(|code| self.store.sealing_key.seal(&place, code)).transpose()?;
        within(async {
            let mut transaction = self.begin().await?;
            let kept = sqlx::query(
                "INSERT INTO mailed_codes (user_id, purpose, email, link_digest, sealed_code, failures, sent_at, \
                 expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7) ON CONFLICT (user_id, purpose) DO UPDATE SET \
                 email = excluded.email, link_digest = excluded.link_digest, \
                 sealed_code = excluded.sealed_code, failures = 0, sent_at = excluded.sent_at, \
                 expires_at = excluded.expires_at WHERE mailed_codes.sent_at <= $8",
            )
            .bind(new.user.to_string())
            .bind(new.purpose.as_str())
            .bind(&new.email)
            .bind(&new.link_digest)
            .bind(sealed)
            .bind(to_sql(now.0))
            .bind(to_sql(new.expires_at.0))
            .bind(to_sql(now.0.saturating_sub(pause.as_millis() as u64)))
            .execute(&mut *transaction)
            .await?;
            if kept.rows_affected() == 0 {
                return Ok(false);
            }
            self.insert_mail(&mut transaction, mail).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Uses the link of a code for the account's address or a new one.
    ///
    /// # Errors
    /// [`StoreError::CodeRefused`] when it is unknown, used or expired, [`StoreError::EmailTaken`] when somebody else
    /// has the new address meanwhile.
    pub async fn confirm_email_by_link(&self, digest: &str) -> Result<ConfirmedEmail, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let code: Option<CodeRow> = sqlx::query_as(concat_select(
                " WHERE c.link_digest = $1 AND c.expires_at > $2 AND c.purpose <> 'reset-password'",
            ))
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&mut *transaction)
            .await?;
            let code = code.ok_or(StoreError::CodeRefused)?;
            let confirmed = self.confirm_email(&mut transaction, &code).await?;
            transaction.commit().await?;
            Ok(confirmed)
        })
        .await
    }

    /// Uses the six digits of a code for `email`: of whichever account has that address or, for a new address, of
    /// `user`.
    ///
    /// # Errors
    /// [`StoreError::CodeRefused`] when they are wrong, were guessed at `max_failures` times, or there is no code;
    /// [`StoreError::EmailTaken`] when somebody else has the new address meanwhile.
    pub async fn confirm_email_by_code(
        &self,
        email: &str,
        user: Option<UserId>,
        code: &Secret,
        max_failures: u64,
    ) -> Result<ConfirmedEmail, StoreError> {
        let purpose = if user.is_some() { CodePurpose::ChangeEmail } else { CodePurpose::VerifyEmail };
        within(async {
            let mut transaction = self.begin().await?;
            // Counted first: those who guess at the same time are counted too.
            let counted: Option<String> = sqlx::query_scalar(
                "UPDATE mailed_codes SET failures = failures + 1 WHERE email = $1 AND purpose = $2 \
                 AND expires_at > $3 AND failures < $4 AND ($5 = '' OR user_id = $5) \
                 AND ($5 <> '' OR user_id IN (SELECT id FROM users WHERE email = $1)) RETURNING user_id",
            )
            .bind(email)
            .bind(purpose.as_str())
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(max_failures))
            .bind(user.map(|user| user.to_string()).unwrap_or_default())
            .fetch_optional(&mut *transaction)
            .await?;
            let owner = counted.ok_or(StoreError::CodeRefused)?;
            let found: CodeRow = sqlx::query_as(concat_select(" WHERE c.user_id = $1 AND c.purpose = $2"))
                .bind(owner)
                .bind(purpose.as_str())
                .fetch_one(&mut *transaction)
                .await?;
            if !self.is_code(&found, purpose, code)? {
                transaction.commit().await?;
                return Err(StoreError::CodeRefused);
            }
            let confirmed = self.confirm_email(&mut transaction, &found).await?;
            transaction.commit().await?;
            Ok(confirmed)
        })
        .await
    }

    /// The account that a link for a new password belongs to, while it is valid.
    ///
    /// # Errors
    /// [`StoreError::CodeRefused`] when it is unknown, used or expired.
    pub async fn password_reset_user(&self, digest: &str) -> Result<UserRow, StoreError> {
        within(async {
            sqlx::query_as(
                "SELECT u.* FROM users u JOIN mailed_codes c ON c.user_id = u.id WHERE c.link_digest = $1 \
                 AND c.expires_at > $2 AND c.purpose = 'reset-password' AND c.email = u.email",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&self.store.pool)
            .await?
            .ok_or(StoreError::CodeRefused)
        })
        .await
    }

    /// Uses a link for a new password: sets it, ends every sign-in, and takes the address as proved. Where nobody
    /// had proved it before, whatever a stranger may have left to come back with goes too: the second factor and
    /// accounts at other providers.
    ///
    /// # Errors
    /// As [`HostStore::password_reset_user`].
    pub async fn reset_password(&self, digest: &str, password_hash: &str) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // The row is deleted under a lock: of two that race one finds nothing.
            let user: Option<String> = sqlx::query_scalar(
                "DELETE FROM mailed_codes WHERE link_digest = $1 AND expires_at > $2 \
                 AND purpose = 'reset-password' AND email = (SELECT u.email FROM users u \
                 WHERE u.id = mailed_codes.user_id) RETURNING user_id",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&mut *transaction)
            .await?;
            let user = user.ok_or(StoreError::CodeRefused)?;
            let was_proved: Option<i64> =
                sqlx::query_scalar("SELECT email_verified_at FROM users WHERE id = $1")
                    .bind(&user)
                    .fetch_one(&mut *transaction)
                    .await?;
            if was_proved.is_none() {
                for sql in [
                    "DELETE FROM totp_secrets WHERE user_id = $1",
                    "DELETE FROM recovery_codes WHERE user_id = $1",
                    "DELETE FROM user_identities WHERE user_id = $1",
                ] {
                    sqlx::query(sql).bind(&user).execute(&mut *transaction).await?;
                }
            }
            let row: UserRow = sqlx::query_as(
                "UPDATE users SET password_hash = $2, email_verified_at = COALESCE(email_verified_at, $3) \
                 WHERE id = $1 RETURNING *",
            )
            .bind(user)
            .bind(password_hash)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            end_all(&mut transaction, row.id, None).await?;
            forget_challenges(&mut transaction, row.id).await?;
            let entry = Entry::new("user.reset-password", Target::new("user", row.id));
            let entry = entry.after(json!({ "password": changed() }));
            self.as_person(row.id).audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    fn is_code(&self, row: &CodeRow, purpose: CodePurpose, given: &Secret) -> Result<bool, StoreError> {
        let Some(sealed) = &row.sealed_code else { return Ok(false) };
        let place = Place::MailedCode { user: row.user, purpose: purpose.as_str() };
        let known = self.store.sealing_key.unseal(&place, sealed)?;
        Ok(known.expose().as_bytes().ct_eq(given.expose().as_bytes()).into())
    }

    /// The address of `code` is proved: it is, or becomes, the account's.
    async fn confirm_email(
        &self,
        transaction: &mut crate::transaction::Transaction,
        code: &CodeRow,
    ) -> Result<ConfirmedEmail, StoreError> {
        let used = sqlx::query("DELETE FROM mailed_codes WHERE user_id = $1 AND purpose = $2 AND email = $3")
            .bind(code.user.to_string())
            .bind(&code.purpose)
            .bind(&code.email)
            .execute(&mut **transaction)
            .await?;
        // A code for an address that the account has not (any more) proves nothing.
        let is_change = code.purpose == CodePurpose::ChangeEmail.as_str();
        if used.rows_affected() == 0 || (!is_change && code.email != code.account_email) {
            return Err(StoreError::CodeRefused);
        }
        let changed: sqlx::Result<UserRow> =
            sqlx::query_as("UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1 RETURNING *")
                .bind(code.user.to_string())
                .bind(&code.email)
                .bind(to_sql(UnixMillis::now().0))
                .fetch_one(&mut **transaction)
                .await;
        let user = match changed {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(StoreError::EmailTaken);
            }
            other => other?,
        };
        let target = Target::new("user", user.id);
        let entry = if is_change {
            forget_codes(transaction, user.id).await?;
            Entry::new("user.change-email", target)
                .before(json!({ "email": code.account_email }))
                .after(json!({ "email": user.email }))
        } else {
            Entry::new("user.verify-email", target).after(json!({ "email": user.email }))
        };
        self.as_person(user.id).audit_in(transaction, code.tenant, entry);
        let former_email = (user.email != code.account_email).then(|| code.account_email.clone());
        Ok(ConfirmedEmail { user, former_email })
    }
}

/// Codes that went to an address that is the account's no more.
async fn forget_codes(connection: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM mailed_codes WHERE user_id = $1")
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whoever proved the former password owes the second factor no more: they begin again.
pub(crate) async fn forget_challenges(
    connection: &mut AnyConnection,
    user: UserId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_challenges WHERE user_id = $1")
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

fn concat_select(condition: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{SELECT}{condition}"))
}
