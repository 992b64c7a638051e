//! Stream keys: `sk_<app>_<source>_<64 hex>`.
//!
//! The last part carries 256 random bits; the two middle parts only help a
//! person to see which source a key belongs to. Keys are shown once, stored
//! as SHA-256 digests (a slow hash adds nothing to 256 random bits) and
//! compared in constant time.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{SourceId, TenantId};

/// A well-formed stream key. Prints as stars.
#[derive(Clone)]
pub struct StreamKey(Zeroizing<String>);

/// The text has not the form of a stream key. Does not repeat the text: it may be a real key with a typo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a stream key: expected sk_<app>_<source>_<64 hexadecimal digits>")]
pub struct StreamKeyMalformed;

impl StreamKey {
    /// A new random key for `source` of `tenant`.
    pub fn generate(tenant: TenantId, source: SourceId) -> Self {
        let random: [u8; 32] = rand::random();
        let text = format!("sk_{}_{}_{}", tenant.short(), source.short(), hex::encode(random));
        Self(Zeroizing::new(text))
    }

    /// The key itself, to be shown once to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in place of the key.
    pub fn digest(&self) -> StreamKeyDigest {
        StreamKeyDigest(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl FromStr for StreamKey {
    type Err = StreamKeyMalformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |part: &str| {
            !part.is_empty() && part.len() <= 32 && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let mut parts = text.split('_');
        let well_formed = parts.next() == Some("sk")
            && parts.next().is_some_and(is_word)
            && parts.next().is_some_and(is_word)
            && parts.next().is_some_and(|hex| {
                hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            })
            && parts.next().is_none();
        if well_formed { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(StreamKeyMalformed) }
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(***)")
    }
}

/// SHA-256 of a stream key, as 64 hexadecimal digits. Equality takes constant time.
#[derive(Debug, Clone)]
pub struct StreamKeyDigest(String);

impl StreamKeyDigest {
    /// Wraps a stored digest.
    pub fn from_stored(hex: String) -> Self {
        Self(hex)
    }

    /// The hexadecimal text, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for StreamKeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for StreamKeyDigest {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_parses_and_digests_alike() {
        let key = StreamKey::generate(TenantId::new(), SourceId::new());
        let parsed: StreamKey = key.expose().parse().unwrap();
        assert_eq!(parsed.digest(), key.digest());
        assert_eq!(key.expose().len(), 3 + 8 + 1 + 8 + 1 + 64);
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = StreamKey::generate(TenantId::new(), SourceId::new());
        assert!(!format!("{key:?}").contains(key.expose()));
    }

    #[test]
    fn malformed_keys_are_refused() {
        let hex = "a".repeat(64);
        for text in [
            "",
            "sk",
            "sk_a_b_c",
            &format!("sk_a__{hex}"),
            &format!("pk_a_b_{hex}"),
            &format!("sk_a_b_{hex}_"),
        ] {
            assert!(text.parse::<StreamKey>().is_err(), "{text}");
        }
    }
}
