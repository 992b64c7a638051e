//! E-mail addresses, as far as a server can judge them without sending a letter.

use std::fmt;
use std::str::FromStr;

/// RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;
/// RFC 5321 §4.5.3.1.3, less the angle brackets of a path.
const MAX_BYTES: usize = 254;
/// RFC 1035 §2.3.4.
const MAX_LABEL_BYTES: usize = 63;

/// A plausible e-mail address in lower case: `local@domain`, without quoting, comments or IP literals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailMalformed {
    /// There is not exactly one `@` with something on both sides.
    #[error("an e-mail address has the form name@example.com")]
    Form,
    /// The address is longer than mail systems carry.
    #[error("the e-mail address is too long (at most 64 characters before the @, 254 in all)")]
    TooLong,
    /// The part before the `@` holds what mail systems do not carry.
    #[error("the part before the @ holds a character that is not allowed there")]
    Local,
    /// The part after the `@` is not a domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl Email {
    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl FromStr for Email {
    type Err = EmailMalformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(EmailMalformed::Form)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailMalformed::Form);
        }
        if text.len() > MAX_BYTES || local.len() > MAX_LOCAL_BYTES {
            return Err(EmailMalformed::TooLong);
        }
        if !local.split('.').all(is_atom) {
            return Err(EmailMalformed::Local);
        }
        if !domain.split('.').all(is_label) {
            return Err(EmailMalformed::Domain);
        }
        Ok(Self(text.to_lowercase()))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 5322 §3.2.3, and letters beyond ASCII as RFC 6532 allows them.
fn is_atom(text: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    !text.is_empty() && text.chars().all(is_allowed)
}

fn is_label(text: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || c == '-';
    !text.is_empty()
        && text.len() <= MAX_LABEL_BYTES
        && text.chars().all(is_allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_kept_in_lower_case() {
        let email: Email = " Ada.Lovelace+tv@Example.COM ".parse().unwrap();
        assert_eq!(email.as_str(), "ada.lovelace+tv@example.com");
        assert_eq!(email.local(), "ada.lovelace+tv");
    }

    #[test]
    fn plausible_addresses_are_taken() {
        for text in ["a@b", "admin@localhost", "o'brien@example.co.uk", "jürgen@bücher.example"] {
            assert!(text.parse::<Email>().is_ok(), "{text}");
        }
    }

    #[test]
    fn every_mistake_has_its_own_words() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}", "b.".repeat(130));
        for (text, error) in [
            ("", EmailMalformed::Form),
            ("ada", EmailMalformed::Form),
            ("@example.com", EmailMalformed::Form),
            ("ada@", EmailMalformed::Form),
            ("a@b@c", EmailMalformed::Form),
            (long_local.as_str(), EmailMalformed::TooLong),
            (long.as_str(), EmailMalformed::TooLong),
            ("a b@example.com", EmailMalformed::Local),
            ("a..b@example.com", EmailMalformed::Local),
            ("<script>@example.com", EmailMalformed::Local),
            ("ada@example..com", EmailMalformed::Domain),
            ("ada@-example.com", EmailMalformed::Domain),
            ("ada@[127.0.0.1]", EmailMalformed::Domain),
            ("ada@exa\nmple.com", EmailMalformed::Domain),
        ] {
            assert_eq!(text.parse::<Email>(), Err(error), "{text}");
        }
    }
}
