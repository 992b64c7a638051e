//! Who is signed in where, kept in `sessions.json` of the command's own folder.
//!
//! A refresh token is taken once: a second use ends the sign-in at the server. So two processes never exchange the same
//! one: whoever exchanges holds the lock, and looks first whether another has done it meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use neustream_model::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ServerAddress;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::home::{self, Lock};

const FILE: &str = "sessions.json";

/// A sign-in at one server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Session {
    /// Whose it is.
    pub email: String,
    /// What requests carry; lasts minutes.
    #[serde(serialize_with = "exposed", deserialize_with = "hidden")]
    pub access_token: Secret,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires_at: u64,
    /// What it is exchanged with, once; lasts days.
    #[serde(serialize_with = "exposed", deserialize_with = "hidden")]
    pub refresh_token: Secret,
}

/// All sign-ins of this machine's user.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sessions {
    /// The server of the last `login`.
    pub current: Option<String>,
    /// By the server's address.
    #[serde(default)]
    servers: BTreeMap<String, Session>,
}

impl Sessions {
    /// What is kept; nothing where there was no `login`.
    pub fn read() -> Result<Self, Failure> {
        let path = path()?;
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(home::cannot("read", &path, &error)),
        };
        serde_json::from_slice(&text).map_err(|_| {
            // What does not fit is not shown: it may be a token.
            let message = format!("{} is damaged.", path.display());
            let help = "Remove the file and sign in again with `neustream-plugin login`.";
            Failure::new(Exit::Environment, Diagnostic::new("sessions-damaged", message).help(help))
        })
    }

    /// Changes what is kept, alone.
    pub fn change<T>(change: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        let _alone = Lock::take("sessions")?;
        let mut sessions = Self::read()?;
        let changed = change(&mut sessions)?;
        let text = serde_json::to_vec_pretty(&sessions).expect("sessions have text keys only");
        home::write_private(&path()?, &text)?;
        Ok(changed)
    }

    /// The sign-in at `server`.
    pub fn at(&self, server: &ServerAddress) -> Result<&Session, Failure> {
        self.servers.get(server.as_str()).ok_or_else(|| {
            let message = format!("You are not signed in at {server}.");
            not_signed_in(message, server)
        })
    }

    /// Keeps a sign-in, in place of an older one there, and makes its server the current one.
    pub fn sign_in(&mut self, server: &ServerAddress, session: Session) {
        self.current = Some(server.as_str().to_owned());
        self.servers.insert(server.as_str().to_owned(), session);
    }

    /// Keeps a sign-in that was there, with other tokens.
    pub fn replace(&mut self, server: &ServerAddress, session: Session) {
        self.servers.insert(server.as_str().to_owned(), session);
    }
}

/// That somebody has to sign in at `server` first.
pub(super) fn not_signed_in(message: String, server: &ServerAddress) -> Failure {
    let help = format!("Sign in with `neustream-plugin login {server}`.");
    Failure::new(Exit::Server, Diagnostic::new("not-signed-in", message).help(help))
}

fn path() -> Result<PathBuf, Failure> {
    Ok(home::folder()?.join(FILE))
}

fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}
