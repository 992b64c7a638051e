//! Mail: letters are written, kept, and carried out by a postman.
//!
//! A handler posts a [`Letter`]; it is kept in the database, sealed, often in
//! the transaction of what it tells of. The [`Postman`] carries what is due to
//! the operator's [`Mailer`], again and again until a letter is delivered,
//! refused for good, or too late. No handler waits for a mail server, so
//! neither its slowness nor the time of an answer tells who has an account.
//!
//! Words are data: `en.toml`. Absent: SMTP (the server wires a mailer), and
//! mail in other languages (a file each, when there are readers).

mod letter;
mod letterhead;
mod postman;
mod words;

use async_trait::async_trait;

pub(crate) use letter::Letter;
pub(crate) use letterhead::Letterhead;
pub use postman::{Postbox, Postman};

/// A mail as it is carried. Prints neither receiver nor text.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mail {
    /// The receiver's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text, for programs that show no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// What the receiver is to open, for the log of a host without a mail server.
    pub link: Option<String>,
    /// What the receiver is to type, for the same log.
    pub code: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a mail was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The mail server will never take it.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
    /// The mail server cannot be reached or does not take it now.
    #[error("the mail server does not take it now: {0}")]
    Unavailable(String),
}

/// Hands mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Delivers one mail. `id` is the same in every attempt, so that a receiver can tell a second copy. Takes at most
    /// a minute.
    ///
    /// # Errors
    /// [`MailError::Unavailable`] when it may be tried again.
    async fn deliver(&self, id: &str, letter: &str, mail: &Mail) -> Result<(), MailError>;
}
