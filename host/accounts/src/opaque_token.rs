//! Opaque tokens: prefix, random part, checksum.
//!
//! The prefix lets secret scanners find a leaked token, the checksum lets
//! them (and us) tell one from a look-alike without a look into the database.
//! Stored is only the digest; SHA-256 suffices for 256 random bits.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use neustream_model::Secret;
use sha2::{Digest, Sha256};

/// How long a refresh token can be exchanged.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_hours(7 * 24);

const RANDOM_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// What is stored in place of a token: SHA-256 as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDigest(String);

impl TokenDigest {
    pub(crate) fn of(sha256: &[u8; 32]) -> Self {
        Self(hex::encode(sha256))
    }

    /// The hexadecimal text, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a token of this kind. Does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0} token")]
pub struct OpaqueTokenMalformed(&'static str);

macro_rules! opaque_token {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Secret);

        impl $name {
            /// A new random token.
            pub fn generate() -> Self {
                Self(Secret::new(compose($prefix, &rand::random())))
            }

            /// The token itself, for its owner.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// What is stored in place of the token.
            pub fn digest(&self) -> TokenDigest {
                TokenDigest(hex::encode(Sha256::digest(self.0.expose().as_bytes())))
            }
        }

        impl FromStr for $name {
            type Err = OpaqueTokenMalformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_well_formed($prefix, text) {
                    Ok(Self(Secret::new(text)))
                } else {
                    Err(OpaqueTokenMalformed($kind))
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

opaque_token!(
    /// Exchanged, once, for an access token and its own successor.
    RefreshToken,
    "nsr_",
    "refresh"
);
opaque_token!(
    /// Opens the set-up page, once.
    SetupToken,
    "nss_",
    "set-up"
);

opaque_token!(
    /// Lets an invited user choose a password, once.
    InvitationToken,
    "nsi_",
    "invitation"
);

opaque_token!(
    /// Proves that somebody reads the mail of an address, once.
    EmailToken,
    "nse_",
    "verification"
);

opaque_token!(
    /// Lets somebody who reads the mail of an account choose a new password, once.
    PasswordResetToken,
    "nsp_",
    "password reset"
);

opaque_token!(
    /// Says that the first factor was proved and the second is owed.
    ChallengeToken,
    "nsc_",
    "challenge"
);

opaque_token!(
    /// Opens an archive, for whoever has the link.
    DownloadToken,
    "nsd_",
    "download"
);

fn compose(prefix: &str, random: &[u8; RANDOM_BYTES]) -> String {
    format!("{prefix}{}{}", hex::encode(random), checksum(prefix, random))
}

fn checksum(prefix: &str, random: &[u8]) -> String {
    let digest = Sha256::new().chain_update(prefix).chain_update(random).finalize();
    hex::encode(&digest[..CHECKSUM_BYTES])
}

fn is_well_formed(prefix: &str, text: &str) -> bool {
    let mut random = [0; RANDOM_BYTES];
    text.strip_prefix(prefix)
        .and_then(|rest| rest.split_at_checked(2 * RANDOM_BYTES))
        .filter(|(body, _)| hex::decode_to_slice(body, &mut random).is_ok())
        .is_some_and(|(body, sum)| body == hex::encode(random) && sum == checksum(prefix, &random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_token_parses_and_digests_alike() {
        let token = RefreshToken::generate();
        let parsed: RefreshToken = token.expose().parse().unwrap();
        assert_eq!(parsed.digest(), token.digest());
        assert!(!token.digest().as_str().contains(token.expose()));
    }

    #[test]
    fn one_kind_is_not_taken_for_another() {
        assert!(SetupToken::generate().expose().parse::<RefreshToken>().is_err());
    }

    #[test]
    fn a_typo_is_told_without_the_database() {
        let token = RefreshToken::generate().expose().to_owned();
        let flipped = if token.ends_with('0') { "1" } else { "0" };
        for text in [
            "",
            "nsr_",
            &token[..token.len() - 1],
            &format!("{}{flipped}", &token[..token.len() - 1]),
            &token.to_uppercase(),
            &format!("{token}0"),
            &format!("nsr_{}", "ü".repeat(60)),
        ] {
            assert!(text.parse::<RefreshToken>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_prints_as_stars() {
        assert_eq!(format!("{:?}", SetupToken::generate()), "SetupToken(***)");
    }
}
