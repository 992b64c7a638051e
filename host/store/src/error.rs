//! How a call of the store can fail.

use std::borrow::Cow;
use std::fmt;

use crate::SealError;

/// What was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A source of the tenant.
    Source,
    /// A destination of the tenant.
    Destination,
    /// A user.
    User,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::User => "user",
        })
    }
}

/// What a tenant may have only so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Sources of a tenant.
    Sources,
    /// Destinations of a source.
    Destinations,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sources => "sources",
            Self::Destinations => "destinations",
        })
    }
}

/// A call of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, or not in time. The same call may work later.
    #[error("the database is unavailable: {0}")]
    Unavailable(Cow<'static, str>),
    /// There is no such row in this scope.
    #[error("no such {0}")]
    NotFound(Missing),
    /// Somebody has this e-mail address already.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// The tenant has as many as it may have.
    #[error("the limit of {max} {kind} is reached")]
    LimitReached {
        /// Of what.
        kind: LimitKind,
        /// How many there are.
        current: u64,
        /// How many there may be.
        max: u64,
    },
    /// The set-up token is unknown or used, or the host is set up already.
    #[error("the set-up link is not valid (any more)")]
    SetupRefused,
    /// The refresh token is unknown, expired or revoked.
    #[error("the refresh token is not valid (any more)")]
    RefreshTokenRefused,
    /// The refresh token was used before: it leaked, and everything that descends from its sign-in is revoked.
    #[error("the refresh token was used before; the sign-in it belongs to is revoked")]
    RefreshTokenReused,
    /// A secret could not be sealed or unsealed.
    #[error(transparent)]
    Sealing(#[from] SealError),
    /// The database URL is not one that the store can open.
    #[error("the database URL is not usable: {0}")]
    Url(String),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else the database said.
    #[error("the database refused a query")]
    Sql(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let is_outage = match &error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => {
                true
            }
            E::Database(database) => database.code().is_some_and(|code| is_outage_code(&code)),
            _ => false,
        };
        if is_outage { Self::Unavailable(error.to_string().into()) } else { Self::Sql(error) }
    }
}

/// PostgreSQL: classes 08 (connection) and 53 (resources), 57P (shutting down), 58 (system error), 40 (serialisation).
/// SQLite primary result codes: 5 BUSY, 6 LOCKED, 8 READONLY, 10 IOERR, 13 FULL, 14 CANTOPEN; extended ones carry
/// the primary one in their low byte.
fn is_outage_code(code: &str) -> bool {
    if code.len() == 5 && !code.starts_with("00") {
        return ["08", "53", "57P", "58", "40"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::is_outage_code;

    #[test]
    fn outages_are_told_from_mistakes() {
        for outage in ["08006", "57P01", "53300", "5", "517", "10", "13", "1034"] {
            assert!(is_outage_code(outage), "{outage}");
        }
        for mistake in ["23505", "42601", "2067", "1", "787"] {
            assert!(!is_outage_code(mistake), "{mistake}");
        }
    }
}
