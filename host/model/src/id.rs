//! Typed identifiers: UUIDv7 (RFC 9562 §5.7), so they sort by creation time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id: expected a UUID")]
pub struct IdMalformed {
    kind: &'static str,
    text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, later than every id made before it on this machine.
            #[expect(clippy::new_without_default, reason = "a fresh id is not a default value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The last eight hexadecimal digits: random, fit for people to compare, not unique.
            pub fn short(&self) -> String {
                let text = self.0.simple().to_string();
                text[24..].to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdMalformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let malformed = || IdMalformed { kind: $kind, text: text.chars().take(64).collect() };
                Uuid::try_parse(text).map(Self).map_err(|_| malformed())
            }
        }
    };
}

id!(
    /// A customer (in the API: an organisation): owner of sources, destinations and installations.
    TenantId,
    "tenant"
);
id!(
    /// A person who signs in.
    UserId,
    "user"
);
id!(
    /// An app of an organisation: what sources, installations and API keys belong to.
    AppId,
    "app"
);
id!(
    /// A sign-in of a person: what its tokens descend from.
    SignInId,
    "sign-in"
);
id!(
    /// An API key.
    ApiKeyId,
    "API key"
);
id!(
    /// An invitation into a team.
    TeamInvitationId,
    "invitation"
);
id!(
    /// What puts an organisation on a plan.
    SubscriptionId,
    "subscription"
);
id!(
    /// A configured input.
    SourceId,
    "source"
);
id!(
    /// One output of a source.
    DestinationId,
    "destination"
);
id!(
    /// One run of a source.
    SessionId,
    "session"
);
id!(
    /// A copy of what the host keeps about somebody.
    DataExportId,
    "data export"
);
id!(
    /// A playback token.
    PlaybackTokenId,
    "playback token"
);
id!(
    /// A plugin in a tenant.
    InstallationId,
    "installation"
);
id!(
    /// One request of the API, as its answer, the log and the audit log name it.
    RequestId,
    "request"
);
id!(
    /// One running of a request with an idempotency key.
    ClaimId,
    "claim"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = SourceId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_wrong_id_says_what_was_expected() {
        let error = "12".parse::<SourceId>().unwrap_err();
        assert_eq!(error.to_string(), "`12` is not a source id: expected a UUID");
    }
}
