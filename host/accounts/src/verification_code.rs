//! Six digits that come by mail.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use neustream_model::Secret;

/// How long a mailed code and its link prove an address.
pub const VERIFICATION_LIFETIME: Duration = Duration::from_hours(24);
/// How long the link of a forgotten password works.
pub const PASSWORD_RESET_LIFETIME: Duration = Duration::from_hours(1);
/// Wrong guesses of the six digits, after which only the link works.
pub const MAX_CODE_FAILURES: u64 = 5;

const DIGITS: usize = 6;

/// A verification code. Prints as stars.
#[derive(Clone)]
pub struct VerificationCode(Secret);

/// The text is not a verification code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a verification code has {DIGITS} digits")]
pub struct VerificationCodeMalformed;

impl VerificationCode {
    /// A new random code, leading zeros included.
    pub fn generate() -> Self {
        Self(Secret::new(format!("{:06}", rand::random_range(0..1_000_000))))
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for VerificationCode {
    type Err = VerificationCodeMalformed;

    /// Spaces do not count.
    fn from_str(text: &str) -> Result<Self, VerificationCodeMalformed> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
        if digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(Secret::new(digits)))
        } else {
            Err(VerificationCodeMalformed)
        }
    }
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerificationCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_whatever_comes() {
        for _ in 0..1000 {
            let code = VerificationCode::generate();
            assert_eq!(code.expose().parse::<VerificationCode>().unwrap().expose(), code.expose());
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        assert_eq!(" 012 345".parse::<VerificationCode>().unwrap().expose(), "012345");
        for text in ["", "12345", "1234567", "12345a", "-12345", "１２３４５６"] {
            assert!(text.parse::<VerificationCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_code_prints_as_stars() {
        assert_eq!(format!("{:?}", VerificationCode::generate()), "VerificationCode(***)");
    }
}
