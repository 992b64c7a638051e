//! Semantic versions as texts that sort alike (SemVer 2.0.0, 11).
//!
//! The text is hexadecimal, so that it sorts in the same order under every
//! collation of either database.

use semver::{Prerelease, Version};

/// Begins what a version without a pre-release ends with: above everything that a pre-release begins with.
const RELEASE: u8 = b'~';
/// Ends an identifier: below every character of one, so that fewer identifiers sort below more.
const END: u8 = b'!';

/// A text that sorts as `version` does. Build metadata does not count.
pub(crate) fn precedence(version: &Version) -> String {
    let mut key = Vec::new();
    for number in [version.major, version.minor, version.patch] {
        key.extend_from_slice(&number.to_be_bytes());
    }
    if version.pre == Prerelease::EMPTY {
        key.push(RELEASE);
    } else {
        for identifier in version.pre.split('.') {
            // Numbers are below words (11.4.3). They have no leading zeros, so the longer one is the larger.
            if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
                key.push(b'0');
                key.extend_from_slice(&(identifier.len() as u32).to_be_bytes());
            } else {
                key.push(b'1');
            }
            key.extend_from_slice(identifier.as_bytes());
            key.push(END);
        }
    }
    hex::encode(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_semantic_versions_do() {
        let sorted = [
            "0.9.10",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2.0",
            "1.10.0",
            "2.0.0-x",
            "2.0.0",
            "10.0.0",
        ];
        let keys: Vec<_> = sorted.iter().map(|text| precedence(&text.parse().unwrap())).collect();
        for (index, pair) in keys.windows(2).enumerate() {
            assert!(pair[0] < pair[1], "{} is not below {}", sorted[index], sorted[index + 1]);
        }
        let versions: Vec<Version> = sorted.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted(), "the list itself is in order");
    }

    #[test]
    fn build_metadata_makes_no_difference() {
        let of = |text: &str| precedence(&text.parse().unwrap());
        assert_eq!(of("1.0.0+one"), of("1.0.0+two"));
    }
}
