//! The public name of a source for viewers; it says nothing about the stream key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH: usize = 16;

/// Sixteen characters of an alphabet without look-alikes (80 random bits).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaybackId(String);

/// The text is not a playback id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a playback id: expected 16 lower-case letters and digits")]
pub struct PlaybackIdMalformed;

impl PlaybackId {
    /// A new random id.
    pub fn generate() -> Self {
        let random: [u8; LENGTH] = rand::random();
        Self(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PlaybackId {
    type Err = PlaybackIdMalformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(PlaybackIdMalformed) }
    }
}

impl TryFrom<String> for PlaybackId {
    type Error = PlaybackIdMalformed;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PlaybackId> for String {
    fn from(id: PlaybackId) -> Self {
        id.0
    }
}

impl fmt::Display for PlaybackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_id_parses() {
        let id = PlaybackId::generate();
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn paths_are_not_ids() {
        assert!("../../etc/passwd".parse::<PlaybackId>().is_err());
    }
}
