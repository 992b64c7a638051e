//! What providers sign.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A webhook, ready to be delivered: any time, in any order, more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// The same with one byte of its body changed.
    #[must_use]
    pub fn altered(mut self) -> Self {
        let last = self.body.len() / 2;
        self.body[last] ^= 1;
        self
    }

    /// The same with another header value.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// HMAC-SHA256 in hexadecimal.
pub fn hmac_hex(key: &str, data: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    let tag = mac.map(|mac| mac.chain_update(data).finalize().into_bytes());
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    tag.map(|tag| tag.iter().flat_map(digits).flatten().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::hmac_hex;

    /// RFC 4231 4.3.
    #[test]
    fn it_is_the_hmac_of_the_rfc() {
        let tag = hmac_hex("Jefe", b"what do ya want for nothing?");
        assert_eq!(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
