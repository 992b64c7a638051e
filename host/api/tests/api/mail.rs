//! A mailer that keeps what it is given.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use neustream_api::{Mail, MailError, Mailer};
use tokio::sync::Notify;

/// Takes every mail, or none while it is down.
#[derive(Default)]
pub struct Letterbox {
    mails: Mutex<Vec<(String, Mail)>>,
    arrived: Notify,
}

#[async_trait]
impl Mailer for Letterbox {
    async fn deliver(&self, _id: &str, letter: &str, mail: &Mail) -> Result<(), MailError> {
        self.mails.lock().unwrap().push((letter.to_owned(), mail.clone()));
        self.arrived.notify_waiters();
        Ok(())
    }
}

impl Letterbox {
    /// Takes the oldest letter of this name to `to` out of the box, waiting for it.
    pub async fn take(&self, to: &str, letter: &str) -> Mail {
        let taken = async {
            loop {
                let mut arrived = std::pin::pin!(self.arrived.notified());
                arrived.as_mut().enable();
                if let Some(mail) = self.take_now(to, letter) {
                    return mail;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), taken)
            .await
            .unwrap_or_else(|_| panic!("no letter {letter} came to {to}"))
    }

    /// How many letters of this name have come to `to` and were not taken.
    pub fn count(&self, to: &str, letter: &str) -> usize {
        self.mails.lock().unwrap().iter().filter(|(name, mail)| name == letter && mail.to == to).count()
    }

    fn take_now(&self, to: &str, letter: &str) -> Option<Mail> {
        let mut mails = self.mails.lock().unwrap();
        let found = mails.iter().position(|(name, mail)| name == letter && mail.to == to)?;
        Some(mails.remove(found).1)
    }
}

/// The token in the link of a mail.
pub fn token_of(mail: &Mail) -> String {
    let link = mail.link.as_deref().unwrap();
    link.split_once("token=").unwrap().1.to_owned()
}
