//! Mail on its way: kept until it is delivered or given up.
//!
//! Whoever takes a mail leases it, so that two hosts do not send it at once and
//! one that dies loses nothing: it may come twice, never not at all. Receivers
//! and texts are sealed, because the links in them are secrets.

use std::time::Duration;

use neustream_model::{Secret, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};
use uuid::Uuid;

use crate::row::{moment, number, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::{HostStore, LimitKind, StoreError};

/// Mails that wait; more are refused, because something is wrong then.
const MAX_WAITING: i64 = 20_000;

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// What it says, for the log.
    pub letter: String,
    /// Receiver, subject and texts, in the sender's own form.
    pub content: Secret,
    /// When it is too late to send it.
    pub expires_at: UnixMillis,
}

/// A mail that is to be sent now, leased to whoever took it.
#[derive(Debug, Clone)]
pub struct DueMail {
    /// Its id: fit for a `Message-ID`, the same in every attempt.
    pub id: String,
    /// What it says, for the log.
    pub letter: String,
    /// Receiver, subject and texts, in the sender's own form.
    pub content: Secret,
    /// Which attempt this is, from 1.
    pub attempt: u64,
    /// When it is too late to send it.
    pub expires_at: UnixMillis,
}

struct MailRow {
    id: String,
    letter: String,
    sealed: String,
    attempts: u64,
    expires_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for MailRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: text(row, "id")?,
            letter: text(row, "letter")?,
            sealed: text(row, "sealed")?,
            attempts: number(row, "attempts")?,
            expires_at: moment(row, "expires_at")?,
        })
    }
}

impl HostStore {
    /// Keeps a mail to be sent.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`] when too many wait already.
    pub async fn enqueue_mail(&self, mail: &NewMail) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            self.insert_mail(&mut transaction, mail).await?;
            transaction.commit().await
        })
        .await
    }

    /// Keeps a mail to be sent, together with what it tells of.
    pub(crate) async fn insert_mail(
        &self,
        connection: &mut AnyConnection,
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        let id = Uuid::now_v7().simple().to_string();
        let sealed = self.store.sealing_key.seal(&Place::Mail { id: &id }, &mail.content)?;
        let waiting: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM mails").fetch_one(&mut *connection).await?;
        if waiting >= MAX_WAITING {
            let (current, max) = (waiting.unsigned_abs(), MAX_WAITING.unsigned_abs());
            return Err(StoreError::LimitReached { kind: LimitKind::Mails, current, max });
        }
        let now = UnixMillis::now();
        sqlx::query(
            "INSERT INTO mails (id, letter, sealed, created_at, due_at, attempts, expires_at) \
             VALUES ($1, $2, $3, $4, $4, 0, $5)",
        )
        .bind(&id)
        .bind(&mail.letter)
        .bind(sealed)
        .bind(to_sql(now.0))
        .bind(to_sql(mail.expires_at.0))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Takes up to `count` mails that are due at `now`, for the time of `lease`; forgets those that came too late.
    pub async fn take_due_mails(
        &self,
        count: u32,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<DueMail>, StoreError> {
        let rows: Vec<MailRow> = within(async {
            let mut transaction = self.begin().await?;
            sqlx::query("DELETE FROM mails WHERE expires_at <= $1 AND due_at <= $1")
                .bind(to_sql(now.0))
                .execute(&mut *transaction)
                .await?;
            // The outer condition counts: of two that choose the same rows the second finds them leased.
            let rows = sqlx::query_as(
                "UPDATE mails SET due_at = $2, attempts = attempts + 1 WHERE due_at <= $1 AND id IN \
                 (SELECT id FROM mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3) RETURNING *",
            )
            .bind(to_sql(now.0))
            .bind(to_sql(now.plus(lease).0))
            .bind(i64::from(count))
            .fetch_all(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(rows)
        })
        .await?;
        let due = |row: MailRow| {
            let content = self.store.sealing_key.unseal(&Place::Mail { id: &row.id }, &row.sealed)?;
            let MailRow { id, letter, attempts, expires_at, .. } = row;
            Ok(DueMail { id, letter, content, attempt: attempts, expires_at })
        };
        rows.into_iter().map(due).collect()
    }

    /// Forgets a mail: it was delivered, or nobody will ever take it.
    pub async fn forget_mail(&self, id: &str) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query("DELETE FROM mails WHERE id = $1").bind(id).execute(&mut *transaction).await?;
            transaction.commit().await
        })
        .await
    }

    /// Puts a mail off until `due_at`.
    pub async fn postpone_mail(&self, id: &str, due_at: UnixMillis) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query("UPDATE mails SET due_at = $2 WHERE id = $1")
                .bind(id)
                .bind(to_sql(due_at.0))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        })
        .await
    }

    /// When the next mail is due, if there is one.
    pub async fn next_mail_due(&self) -> Result<Option<UnixMillis>, StoreError> {
        within(async {
            let due: Option<i64> =
                sqlx::query_scalar("SELECT MIN(due_at) FROM mails").fetch_one(&self.store.pool).await?;
            Ok(due.and_then(|due| u64::try_from(due).ok()).map(UnixMillis))
        })
        .await
    }
}
