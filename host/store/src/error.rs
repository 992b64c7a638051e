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
    /// A living sign-in of the user.
    SignIn,
    /// An account at a provider that the user signs in with.
    UserIdentity,
    /// An app of the organisation.
    App,
    /// A member of the organisation.
    Member,
    /// An invitation into the organisation's team.
    Invitation,
    /// An installation of the tenant.
    Installation,
    /// A package that an installation ran before.
    FormerPackage,
    /// A tenant.
    Tenant,
    /// A plan.
    Plan,
    /// An export.
    DataExport,
    /// A deletion that waits.
    Deletion,
    /// A version of a plugin.
    PluginVersion,
    /// The bytes of a package.
    Package,
    /// A namespace of the tenant.
    Publisher,
    /// A key of a namespace.
    PublisherKey,
    /// A bundle of the partner.
    Bundle,
    /// An API key of the app.
    ApiKey,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::User => "user",
            Self::SignIn => "sign-in",
            Self::UserIdentity => "account at this provider",
            Self::App => "app",
            Self::Member => "member",
            Self::Invitation => "invitation",
            Self::Tenant => "tenant",
            Self::Plan => "plan",
            Self::DataExport => "export",
            Self::Deletion => "deletion",
            Self::PluginVersion => "version of a plugin",
            Self::Package => "package",
            Self::Publisher => "namespace of yours",
            Self::PublisherKey => "key of this namespace",
            Self::Bundle => "bundle",
            Self::ApiKey => "API key",
            Self::Installation => "installation",
            Self::FormerPackage => "former package",
        })
    }
}

/// What a tenant may have only so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Sources of a tenant.
    Sources,
    /// Destinations of a source, or of a tenant.
    Destinations,
    /// Installations of chat connectors.
    ChatConnectors,
    /// Namespaces of a tenant.
    Namespaces,
    /// Keys of a namespace, retired ones included.
    Keys,
    /// Versions of plugins that a tenant published.
    Versions,
    /// Bytes of the development versions that installations of a tenant run.
    DevelopmentBytes,
    /// Development versions that installations of a tenant run.
    DevelopmentVersions,
    /// Installations of a tenant.
    Installations,
    /// Organisations that a person belongs to.
    Organisations,
    /// Apps of an organisation.
    Apps,
    /// Invitations of an organisation.
    Invitations,
    /// Mails of the host that wait to be sent.
    Mails,
    /// API keys of a tenant.
    ApiKeys,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sources => "sources",
            Self::Destinations => "destinations",
            Self::ChatConnectors => "chat connectors",
            Self::Namespaces => "namespaces",
            Self::Keys => "keys",
            Self::Versions => "versions",
            Self::DevelopmentBytes => "bytes of development versions",
            Self::DevelopmentVersions => "development versions",
            Self::Installations => "installations",
            Self::Organisations => "organisations",
            Self::Apps => "apps",
            Self::Invitations => "invitations",
            Self::Mails => "mails that wait",
            Self::ApiKeys => "API keys",
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
    /// The organisation is on the default plan: there is no subscription to change.
    #[error("the organisation has no subscription")]
    NotSubscribed,
    /// More playback tokens were revoked singly than are kept.
    #[error("at most {max} revocations of a source are kept: revoke all of its playback tokens instead")]
    TooManyRevocations {
        /// How many are kept.
        max: u64,
    },
    /// Destinations still use the installation.
    #[error("{0} destinations use the installation: remove them first, or let them use another one")]
    InUse(u64),
    /// Installations still run it.
    #[error("{0} installations run it: let them run another version first")]
    Running(u64),
    /// Somebody else changed the row since it was read.
    #[error("the {0} was changed meanwhile")]
    Changed(Missing),
    /// Somebody has this namespace already.
    #[error("the namespace is taken")]
    NamespaceTaken,
    /// The key was retired: what it may have lost stays lost.
    #[error("the key was retired and does not come back")]
    KeyRetired,
    /// A version is not above the others of its plugin, or is one of them with other bytes.
    #[error("the version {version} must be higher than {highest}, which is there already")]
    VersionNotHigher {
        /// The version that was brought.
        version: String,
        /// The highest version of the plugin.
        highest: String,
    },
    /// A version is not in the state that was expected: somebody else was first.
    #[error("the version is {now} now")]
    StateChanged {
        /// The state that it is in.
        now: String,
    },
    /// Another request with the same idempotency key took this one's place before it changed anything.
    #[error("another request with the same Idempotency-Key is being run")]
    ClaimLost,
    /// Only an owner makes and unmakes owners.
    #[error("only an owner decides who owns the organisation")]
    OwnerNeeded,
    /// A subject has several exports already.
    #[error("there are {max} exports already: wait until one of them is gone")]
    TooManyExports {
        /// How many there may be.
        max: u64,
    },
    /// Somebody must run the platform.
    #[error("nobody else runs the platform: make somebody else an administrator first")]
    LastAdministrator,
    /// An organisation always has an owner.
    #[error("the organisation would have no owner: make somebody else its owner first")]
    LastOwner,
    /// The person belongs to the organisation already.
    #[error("this person belongs to the organisation already")]
    AlreadyMember,
    /// The invitation is for another address than the account's.
    #[error("the invitation is for another e-mail address than that of this account")]
    InvitationForOther,
    /// The default app is neither archived nor deleted.
    #[error("it is the default app, which stays")]
    AppIsDefault,
    /// Only what is put away is deleted.
    #[error("the app is in use: archive it first")]
    AppNotArchived,
    /// Something was made in the app meanwhile.
    #[error("the app still has sources or installations: delete them first")]
    AppInUse,
    /// The invitation is unknown, used or expired.
    #[error("the invitation is not valid (any more)")]
    InvitationRefused,
    /// A mailed code or link is wrong, unknown, used or expired.
    #[error("the code or link is not valid (any more)")]
    CodeRefused,
    /// The second factor is on already.
    #[error("a second factor is on already: turn it off first")]
    SecondFactorOn,
    /// There is no second factor, or it is not confirmed.
    #[error("there is no second factor: begin with it first")]
    SecondFactorOff,
    /// The account at a provider belongs to somebody already, or the user has another one there.
    #[error("that account is connected to somebody already, or you have another one at this provider")]
    IdentityTaken,
    /// Nothing would be left to sign in with.
    #[error("nothing would be left to sign in with: set a password first")]
    LastWayIn,
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
