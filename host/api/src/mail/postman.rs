//! Carries kept mail to the mailer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use neustream_model::{Secret, UnixMillis};
use neustream_store::{DueMail, HostStore, NewMail, StoreError};
use tokio::sync::Notify;

use super::{Letter, Mail, MailError, Mailer};
use crate::error::ApiError;

/// Mails that are carried at the same time.
const AT_ONCE: u32 = 8;
/// A mail belongs to whoever took it for so long: a mailer's minute, and more.
const LEASE: Duration = Duration::from_mins(5);
/// The first pause after a failure; each is four times the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// How often mail of other hosts is looked for, and how long a database that does not answer is left alone.
const IDLE: Duration = Duration::from_secs(30);
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// Where letters are put. Cheap to clone.
#[derive(Clone)]
pub struct Postbox {
    store: HostStore,
    bell: Arc<Notify>,
}

/// Carries letters from the postboxes of this host. Run it once a process.
pub struct Postman {
    postbox: Postbox,
    mailer: Arc<dyn Mailer>,
}

impl Postman {
    /// Carries to `mailer` what is kept in `store`.
    pub fn new(store: HostStore, mailer: Arc<dyn Mailer>) -> Self {
        Self { postbox: Postbox { store, bell: Arc::default() }, mailer }
    }

    /// Where letters are put that this postman carries at once.
    pub fn postbox(&self) -> Postbox {
        self.postbox.clone()
    }

    /// Carries letters until it is dropped.
    pub async fn run(self) {
        loop {
            let wait = match self.carry_due().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "mail waits for the database");
                    AFTER_TROUBLE
                }
            };
            // A bell that rang meanwhile is heard at once.
            let _rang = tokio::time::timeout(wait, self.postbox.bell.notified()).await;
        }
    }

    /// Carries everything that is due; tells how long there is nothing to do.
    async fn carry_due(&self) -> Result<Duration, StoreError> {
        let store = &self.postbox.store;
        loop {
            let due = store.take_due_mails(AT_ONCE, LEASE, UnixMillis::now()).await?;
            if due.is_empty() {
                break;
            }
            for result in join_all(due.iter().map(|mail| self.carry(mail))).await {
                result?;
            }
        }
        let next = store.next_mail_due().await?;
        let wait =
            next.map_or(IDLE, |next| Duration::from_millis(next.0.saturating_sub(UnixMillis::now().0)));
        Ok(wait.min(IDLE))
    }

    async fn carry(&self, due: &DueMail) -> Result<(), StoreError> {
        let store = &self.postbox.store;
        let Ok(mail) = serde_json::from_str::<Mail>(due.content.expose()) else {
            tracing::error!(mail = due.id, letter = due.letter, "a kept mail cannot be read; it is dropped");
            return store.forget_mail(&due.id).await;
        };
        match self.mailer.deliver(&due.id, &due.letter, &mail).await {
            Ok(()) => store.forget_mail(&due.id).await,
            Err(error @ MailError::Refused(_)) => {
                tracing::warn!(mail = due.id, letter = due.letter, %error, "a mail is given up");
                store.forget_mail(&due.id).await
            }
            Err(error @ MailError::Unavailable(_)) => {
                let pause = pause_after(due.attempt);
                let retry_s = pause.as_secs();
                tracing::warn!(mail = due.id, letter = due.letter, %error, retry_s, "a mail was not delivered yet");
                store.postpone_mail(&due.id, UnixMillis::now().plus(pause)).await
            }
        }
    }
}

impl Postbox {
    /// Keeps a letter to `to` until it is delivered.
    pub(crate) async fn post(&self, to: &str, letter: &Letter<'_>) -> Result<(), ApiError> {
        self.store.enqueue_mail(&Self::written(to, letter)).await?;
        self.ring();
        Ok(())
    }

    /// The letter as the store keeps it, for those who keep it together with what it tells of; [`Postbox::ring`]
    /// afterwards.
    pub(crate) fn written(to: &str, letter: &Letter<'_>) -> NewMail {
        let mail = letter.mail(to);
        NewMail {
            letter: letter.name().to_owned(),
            content: Secret::new(serde_json::to_string(&mail).unwrap_or_default()),
            expires_at: UnixMillis::now().plus(letter.lifetime()),
        }
    }

    /// Tells the postman that there is something to carry.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }
}

/// 15 s, 1 min, 4 min, 16 min, then every hour.
fn pause_after(attempt: u64) -> Duration {
    let factor = 4_u32.saturating_pow(u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(10));
    FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let pauses: Vec<u64> = (1..=7).map(|attempt| pause_after(attempt).as_secs()).collect();
        assert_eq!(pauses, [15, 60, 240, 960, 3600, 3600, 3600]);
        assert_eq!(pause_after(u64::MAX), LONGEST_PAUSE);
    }
}
