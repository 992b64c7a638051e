//! What those who run the platform do to accounts: keep somebody out, make an administrator, set a password.
//!
//! All of it is in the platform's audit log, and in that of the person's home organisation.

use neustream_model::{SignInId, SourceId, TenantId, UnixMillis, UserId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use crate::audit::{Entry, Target, changed};
use crate::mailed_code::forget_challenges;
use crate::row::{optional_moment, parsed, to_sql};
use crate::second_factor::user_row;
use crate::sign_in::{end_all, insert_sign_in};
use crate::store::within;
use crate::transaction::Transaction;
use crate::user::insert_account;
use crate::{HostStore, Missing, NewAccount, NewMail, NewSignIn, StoreError, UserRow};

/// The word of the platform's role.
const ADMIN: &str = "admin";

/// Whether somebody is kept out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Who.
    pub user: UserId,
    /// Since when; `None` while nothing keeps the person out.
    pub suspended_at: Option<UnixMillis>,
    /// Why.
    pub reason: Option<String>,
}

impl Suspension {
    fn shown(&self) -> Value {
        json!({ "suspended": self.suspended_at.is_some(), "reason": self.reason })
    }
}

impl FromRow<'_, AnyRow> for Suspension {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            user: parsed(row, "id")?,
            suspended_at: optional_moment(row, "suspended_at")?,
            reason: sqlx::Row::try_get(row, "suspension_reason")?,
        })
    }
}

/// SQL: whether an organisation is not kept out. It is while everybody who owns it is.
pub(crate) fn is_not_kept_out(tenant: &str) -> String {
    let owner = |suspended: &str| {
        format!(
            "EXISTS (SELECT 1 FROM memberships o JOIN users w ON w.id = o.user_id WHERE o.tenant_id = {tenant} \
             AND o.role = 'owner' AND w.suspended_at IS {suspended})"
        )
    };
    format!("({} OR NOT {})", owner("NULL"), owner("NOT NULL"))
}

impl HostStore {
    /// Whether somebody is kept out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn suspension(&self, user: UserId) -> Result<Suspension, StoreError> {
        within(async {
            let mut connection = self.store.pool.acquire().await?;
            suspension(&mut connection, user).await
        })
        .await
    }

    /// The sources of the organisations that a person owns and that are kept out with this person.
    pub async fn sources_without_owner(&self, user: UserId) -> Result<Vec<SourceId>, StoreError> {
        within(async {
            let sql = format!(
                "SELECT s.id FROM sources s JOIN memberships m ON m.tenant_id = s.tenant_id \
                 WHERE m.user_id = $1 AND m.role = 'owner' AND NOT {}",
                is_not_kept_out("s.tenant_id")
            );
            let rows: Vec<AnyRow> =
                sqlx::query(AssertSqlSafe(sql)).bind(user.to_string()).fetch_all(&self.store.pool).await?;
            let ids = rows.iter().map(|row| parsed(row, "id"));
            Ok(ids.collect::<sqlx::Result<Vec<SourceId>>>()?)
        })
        .await
    }

    /// Keeps somebody out: every sign-in ends, also those in which the person acts as somebody else. Whoever is kept
    /// out already stays so, with the former reason.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn suspend(
        &self,
        user: UserId,
        reason: &str,
        now: UnixMillis,
    ) -> Result<Suspension, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = suspension(&mut transaction, user).await?;
            if before.suspended_at.is_some() {
                return Ok(before);
            }
            sqlx::query("UPDATE users SET suspended_at = $2, suspension_reason = $3 WHERE id = $1")
                .bind(user.to_string())
                .bind(to_sql(now.0))
                .bind(reason)
                .execute(&mut *transaction)
                .await?;
            end_all(&mut transaction, user, None).await?;
            end_impersonations_by(&mut transaction, user, now).await?;
            forget_challenges(&mut transaction, user).await?;
            let after = suspension(&mut transaction, user).await?;
            let entry = || {
                Entry::new("user.suspend", Target::new("user", user))
                    .before(before.shown())
                    .after(after.shown())
                    .reason(reason)
            };
            self.note_of_person(&mut transaction, user, entry).await?;
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn activate(&self, user: UserId) -> Result<Suspension, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = suspension(&mut transaction, user).await?;
            if before.suspended_at.is_none() {
                return Ok(before);
            }
            sqlx::query("UPDATE users SET suspended_at = NULL, suspension_reason = NULL WHERE id = $1")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            let after = suspension(&mut transaction, user).await?;
            let entry = || {
                Entry::new("user.activate", Target::new("user", user))
                    .before(before.shown())
                    .after(after.shown())
            };
            self.note_of_person(&mut transaction, user, entry).await?;
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Makes an account whose owner runs the platform.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn create_administrator(&self, account: &NewAccount) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let account = NewAccount { role: ADMIN.to_owned(), ..account.clone() };
            let user = insert_account(&mut transaction, &account).await?;
            let entry = || {
                Entry::new("user.create", Target::new("user", user.id)).after(
                    json!({ "email": user.email, "display_name": user.display_name, "platform_role": ADMIN }),
                )
            };
            self.note_of_person(&mut transaction, user.id, entry).await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// Lets an account run the platform.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn make_administrator(&self, user: UserId) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = user_row(&mut transaction, user).await?;
            let after: UserRow = sqlx::query_as("UPDATE users SET role = $2 WHERE id = $1 RETURNING *")
                .bind(user.to_string())
                .bind(ADMIN)
                .fetch_one(&mut *transaction)
                .await?;
            let entry = || {
                Entry::new("user.make-administrator", Target::new("user", user))
                    .before(json!({ "platform_role": before.role }))
                    .after(json!({ "platform_role": after.role }))
            };
            self.note_of_person(&mut transaction, user, entry).await?;
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Sets a password for somebody who lost it, and ends every sign-in. With `second_factor_too` the second factor
    /// is taken away as well.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn reset_password_of(
        &self,
        user: UserId,
        password_hash: &str,
        second_factor_too: bool,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            user_row(&mut transaction, user).await?;
            sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
                .bind(user.to_string())
                .bind(password_hash)
                .execute(&mut *transaction)
                .await?;
            if second_factor_too {
                for sql in [
                    "DELETE FROM totp_secrets WHERE user_id = $1",
                    "DELETE FROM recovery_codes WHERE user_id = $1",
                ] {
                    sqlx::query(sql).bind(user.to_string()).execute(&mut *transaction).await?;
                }
            }
            // A link that was sent before would change the password once more.
            sqlx::query("DELETE FROM mailed_codes WHERE user_id = $1 AND purpose = 'reset-password'")
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            end_all(&mut transaction, user, None).await?;
            forget_challenges(&mut transaction, user).await?;
            let entry = || {
                let mut after = json!({ "password": changed() });
                if second_factor_too {
                    after["second_factor"] = json!(false);
                }
                Entry::new("user.reset-password", Target::new("user", user)).after(after)
            };
            self.note_of_person(&mut transaction, user, entry).await?;
            transaction.commit().await
        })
        .await
    }

    /// Begins a sign-in in which an administrator acts as somebody else, in one organisation, and tells that person by
    /// `mail`. It is in the platform's audit log and in that of the organisation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn begin_impersonation(
        &self,
        sign_in: &NewSignIn,
        organisation: TenantId,
        reason: &str,
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            insert_sign_in(&mut transaction, sign_in, None).await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = || {
                Entry::new("user.impersonate", Target::new("user", sign_in.user))
                    .after(json!({
                        "sign_in": sign_in.id,
                        "organisation": organisation,
                        "until_ms": sign_in.expires_at.0,
                    }))
                    .reason(reason)
            };
            self.audit(&mut transaction, entry());
            self.audit_in(&mut transaction, organisation, entry());
            transaction.commit().await
        })
        .await
    }

    /// Ends an impersonation before its time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when none of this id runs.
    pub async fn end_impersonation(&self, sign_in: SignInId, now: UnixMillis) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row: Option<AnyRow> = sqlx::query(
                "UPDATE sign_ins SET ended_at = $2 WHERE id = $1 AND kind = 'impersonation' AND ended_at IS NULL \
                 AND expires_at > $2 RETURNING user_id, acting_tenant",
            )
            .bind(sign_in.to_string())
            .bind(to_sql(now.0))
            .fetch_optional(&mut *transaction)
            .await?;
            let row = row.ok_or(StoreError::NotFound(Missing::SignIn))?;
            let (user, organisation): (UserId, TenantId) =
                (parsed(&row, "user_id")?, parsed(&row, "acting_tenant")?);
            let entry = || {
                Entry::new("user.end-impersonation", Target::new("user", user)).after(json!({ "sign_in": sign_in }))
            };
            self.audit(&mut transaction, entry());
            self.audit_in(&mut transaction, organisation, entry());
            transaction.commit().await
        })
        .await
    }

    /// An entry in the platform's log and in that of the home of the person it is about.
    async fn note_of_person(
        &self,
        transaction: &mut Transaction,
        user: UserId,
        entry: impl Fn() -> Entry,
    ) -> Result<(), StoreError> {
        let home = user_row(transaction, user).await?.tenant_id;
        self.audit(transaction, entry());
        self.audit_in(transaction, home, entry());
        Ok(())
    }
}

async fn suspension(connection: &mut AnyConnection, user: UserId) -> Result<Suspension, StoreError> {
    sqlx::query_as("SELECT id, suspended_at, suspension_reason FROM users WHERE id = $1")
        .bind(user.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotFound(Missing::User))
}

async fn end_impersonations_by(
    connection: &mut AnyConnection,
    administrator: UserId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sign_ins SET ended_at = $2 WHERE impersonator_id = $1 AND ended_at IS NULL")
        .bind(administrator.to_string())
        .bind(to_sql(now.0))
        .execute(connection)
        .await?;
    Ok(())
}
