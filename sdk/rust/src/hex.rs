//! Hexadecimal digits, as most platforms write the signature of a webhook.
//!
//! ```
//! use neustream_plugin::testing::FakeHost;
//! use neustream_plugin::{AuthenticatingHost, hex};
//!
//! let host = FakeHost::new("{}").with_secret("webhook-secret", "whsec_1");
//! let signature = hex::encode(&host.hmac_sha256("webhook-secret", b"the raw body")?);
//!
//! let tag = hex::decode(&signature).unwrap();
//! assert!(host.verify_hmac_sha256("webhook-secret", b"the raw body", &tag)?);
//! # Ok::<(), neustream_plugin::Error>(())
//! ```

use std::fmt::Write as _;

/// The bytes of an even number of digits of either case; none where something else is among them.
///
/// ```
/// use neustream_plugin::hex;
///
/// assert_eq!(hex::decode("00fF"), Some(vec![0, 255]));
/// assert_eq!(hex::decode("0"), None);
/// assert_eq!(hex::decode("0x"), None);
/// ```
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.as_bytes().chunks(2).map(|pair| byte(pair[0], pair[1])).collect()
}

/// Two digits a byte, in lower case.
///
/// ```
/// use neustream_plugin::hex;
///
/// assert_eq!(hex::encode(&[0, 255]), "00ff");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String does not fail.
        let _infallible = write!(digits, "{byte:02x}");
    }
    digits
}

pub(crate) fn byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_written_and_nothing_else_is() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert_eq!(decode(""), Some(Vec::new()));
        for wrong in ["0", "0g", "+1", " 1", "é", "éé"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
