//! API keys: `nsk_`, 32 random characters, a checksum of 6.
//!
//! The shape is that of other platforms' tokens, so that secret scanners find a
//! leaked key by one pattern (`nsk_[0-9A-Za-z]{38}`) and, with the checksum,
//! without false alarms: CRC-32 (ISO-HDLC) of the random characters in base 62,
//! padded with `0`. The checksum is no defence; it lets us refuse a typo without
//! a look into the database. Stored is only the digest; SHA-256 suffices for
//! 190 random bits.

use std::fmt;
use std::str::FromStr;

use neustream_model::Secret;
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

use crate::TokenDigest;

const PREFIX: &str = "nsk_";
const RANDOM_CHARACTERS: usize = 32;
const CHECKSUM_CHARACTERS: usize = 6;
/// The beginning of a key that may be shown: the prefix and 6 of 32 random characters.
const HINT_BYTES: usize = PREFIX.len() + 6;
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a program signs in with. Prints as stars.
#[derive(Clone)]
pub struct ApiKey(Secret);

/// The text is not an API key. Does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key: expected `nsk_` and 38 letters and digits, the last 6 a checksum of the others")]
pub struct ApiKeyMalformed;

impl ApiKey {
    /// A new random key.
    pub fn generate() -> Self {
        let random: String =
            rand::rng().sample_iter(Alphanumeric).take(RANDOM_CHARACTERS).map(char::from).collect();
        Self(Secret::new(format!("{PREFIX}{random}{}", checksum(&random))))
    }

    /// Whether `text` claims to be an API key: other bearer tokens begin otherwise.
    pub fn is_claimed_by(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The key itself, for its owner.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The beginning of the key, by which people tell their keys apart; too little to guess the rest.
    pub fn hint(&self) -> &str {
        &self.0.expose()[..HINT_BYTES]
    }

    /// What is stored in place of the key.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&Sha256::digest(self.0.expose().as_bytes()).into())
    }
}

impl FromStr for ApiKey {
    type Err = ApiKeyMalformed;

    fn from_str(text: &str) -> Result<Self, ApiKeyMalformed> {
        text.strip_prefix(PREFIX)
            .filter(|rest| rest.len() == RANDOM_CHARACTERS + CHECKSUM_CHARACTERS)
            .filter(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .map(|rest| rest.split_at(RANDOM_CHARACTERS))
            .filter(|(random, sum)| checksum(random) == *sum)
            .map(|_| Self(Secret::new(text)))
            .ok_or(ApiKeyMalformed)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

fn checksum(random: &str) -> String {
    let mut left = crc32fast::hash(random.as_bytes());
    let mut digits = [BASE_62[0]; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE_62[(left % 62) as usize];
        left /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_parses_and_digests_alike() {
        let key = ApiKey::generate();
        let parsed: ApiKey = key.expose().parse().unwrap();
        assert_eq!(parsed.digest(), key.digest());
        assert_eq!(key.expose().len(), 42);
        assert!(key.expose().starts_with(key.hint()));
        assert!(ApiKey::is_claimed_by(key.expose()));
        assert_ne!(key.expose(), ApiKey::generate().expose());
    }

    /// Anyone may have written a scanner by the pattern above: the shape never changes.
    #[test]
    fn the_checksum_is_the_documented_one() {
        // CRC-32/ISO-HDLC of "123456789" is 0xCBF43926 = 3421780262 (the catalogue's check value).
        let mut value = 0_u64;
        for digit in checksum("123456789").bytes() {
            value = value * 62 + BASE_62.iter().position(|known| *known == digit).unwrap() as u64;
        }
        assert_eq!(value, 0xCBF4_3926);
    }

    #[test]
    fn a_typo_is_told_without_the_database() {
        let key = ApiKey::generate().expose().to_owned();
        let mut swapped = key.clone().into_bytes();
        swapped[10] = if swapped[10] == b'a' { b'b' } else { b'a' };
        let swapped = String::from_utf8(swapped).unwrap();
        for text in [
            "",
            "nsk_",
            &key[..41],
            &format!("{key}0"),
            &swapped,
            &key.replace("nsk_", "nsr_"),
            &"ü".repeat(21),
        ] {
            assert_eq!(text.parse::<ApiKey>().unwrap_err(), ApiKeyMalformed, "{text}");
        }
    }

    #[test]
    fn a_key_prints_as_stars() {
        assert_eq!(format!("{:?}", ApiKey::generate()), "ApiKey(***)");
    }
}
