//! Names of entries and of those who work on them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

const CHARGE: &str = "nsc-";
const REFUND: &str = "nsr-";

/// The name of a charge or refund, stable over every attempt: `nsc-` or `nsr-` and 32 hexadecimal digits of a UUIDv7
/// (RFC 9562 5.7), so 36 characters of the 40 that a provider takes. Sorts by the time it was made.
///
/// It is the idempotency key toward the provider and what a look-up asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentKey(String);

/// A text that no host made as a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the key of a charge or refund")]
pub struct KeyMalformed;

impl PaymentKey {
    /// The key of a new charge.
    pub fn new_charge() -> Self {
        Self(format!("{CHARGE}{}", Uuid::now_v7().simple()))
    }

    /// The key of a new refund.
    pub fn new_refund() -> Self {
        Self(format!("{REFUND}{}", Uuid::now_v7().simple()))
    }

    /// Whether it names a refund.
    pub fn is_refund(&self) -> bool {
        self.0.starts_with(REFUND)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PaymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PaymentKey {
    type Err = KeyMalformed;

    fn from_str(text: &str) -> Result<Self, KeyMalformed> {
        let digits = text.strip_prefix(CHARGE).or_else(|| text.strip_prefix(REFUND)).ok_or(KeyMalformed)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() == 32 && digits.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyMalformed)
        }
    }
}

impl TryFrom<String> for PaymentKey {
    type Error = KeyMalformed;

    fn try_from(text: String) -> Result<Self, KeyMalformed> {
        text.parse()
    }
}

impl From<PaymentKey> for String {
    fn from(key: PaymentKey) -> Self {
        key.0
    }
}

/// Who holds a lease: one piece of work of one host. Another piece of work on the same host is another holder, and so is
/// a host that starts again: both wait like everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder(pub String);

impl Holder {
    /// A holder that nobody was before.
    #[expect(clippy::new_without_default, reason = "a fresh holder is not a default value")]
    pub fn new() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_fits_what_the_contract_promises_and_reads_back() {
        for key in [PaymentKey::new_charge(), PaymentKey::new_refund()] {
            assert!(key.as_str().len() <= 40);
            assert!(
                key.as_str().bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                "{key}"
            );
            assert_eq!(key.as_str().parse(), Ok(key));
        }
    }

    #[test]
    fn keys_sort_by_the_time_they_were_made() {
        let keys: Vec<_> = (0..50).map(|_| PaymentKey::new_charge()).collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn foreign_texts_are_no_keys() {
        let long = format!("nsc-{}", "0".repeat(33));
        for text in [
            "",
            "nsc-",
            "order_1",
            "nsc-0000000000000000000000000000000G",
            &long,
            "nsc-../../../../../../../../../../../x",
        ] {
            assert_eq!(text.parse::<PaymentKey>(), Err(KeyMalformed), "{text}");
        }
    }
}
