//! Second factors: time-based codes (RFC 6238) and the recovery codes for a lost phone.
//!
//! SHA-1, six digits, thirty seconds: what every authenticator app has. A code
//! is taken once and within one step of the clock, so [`Totp::step_of`] says
//! which step it was and the caller remembers it.

use std::fmt;
use std::str::FromStr;

use neustream_model::{Secret, UnixMillis};
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder};

use crate::{Email, TokenDigest};

/// RFC 4226 4, R6: 160 bits are recommended.
const SECRET_BYTES: usize = 20;
/// RFC 6238 5.2: one step back for the delay of people and networks, and one ahead for clocks.
const SKEW_STEPS: u16 = 1;
const STEP_S: u64 = 30;
/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;
/// Wrong codes of one account in [`TOTP_FAILURE_WINDOW`], after which none is looked at (RFC 4226 7.3).
pub const MAX_TOTP_FAILURES: u64 = 5;
/// See [`MAX_TOTP_FAILURES`].
pub const TOTP_FAILURE_WINDOW: std::time::Duration = std::time::Duration::from_mins(15);

/// The secret that a host and an authenticator app share. Prints as stars.
#[derive(Clone)]
pub struct Totp(totp_rs::Totp);

/// The text is not a shared secret of this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a TOTP secret")]
pub struct TotpMalformed;

impl Totp {
    /// A new random secret.
    pub fn generate() -> Self {
        Self::of_bytes(rand::random::<[u8; SECRET_BYTES]>().to_vec(), None)
    }

    fn of_bytes(bytes: Vec<u8>, account: Option<(&str, &str)>) -> Self {
        let (issuer, name) = account.unwrap_or_default();
        Self(
            Builder::new()
                .with_algorithm(Algorithm::SHA1)
                .with_digits(6)
                .with_skew(SKEW_STEPS)
                .with_step_duration(STEP_S)
                .with_issuer(Some(issuer))
                .with_account_name(name)
                .with_secret(bytes)
                .build_noncompliant(),
        )
    }

    /// The secret in base32, for its owner and for keeping it sealed.
    pub fn base32(&self) -> Secret {
        Secret::new(self.0.secret().to_base32())
    }

    /// The `otpauth:` URL that apps read from a QR code, for the account `email` at `issuer` (a name without colons).
    pub fn url(&self, issuer: &str, email: &Email) -> Secret {
        let issuer = issuer.replace(':', " ");
        let named = Self::of_bytes(self.0.secret().as_bytes().to_vec(), Some((&issuer, email.as_str())));
        // An address holds no colon and is not empty, which is all that could be wrong.
        Secret::new(named.0.to_url().unwrap_or_default())
    }

    /// The time step in which `code` is right, if it is within one step of `now`. Spaces in it do not count.
    pub fn step_of(&self, code: &str, now: UnixMillis) -> Option<u64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| self.0.check(&digits, now.0 / 1000)).flatten()
    }

    /// The code of the moment, as an app shows it.
    pub fn code_at(&self, now: UnixMillis) -> String {
        self.0.generate(now.0 / 1000).to_string()
    }
}

impl FromStr for Totp {
    type Err = TotpMalformed;

    /// Reads what [`Totp::base32`] wrote.
    fn from_str(text: &str) -> Result<Self, TotpMalformed> {
        let secret = totp_rs::Secret::try_from_base32(text).map_err(|_| TotpMalformed)?;
        let bytes = secret.as_bytes().to_vec();
        if bytes.len() == SECRET_BYTES { Ok(Self::of_bytes(bytes, None)) } else { Err(TotpMalformed) }
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(***)")
    }
}

/// A code that replaces the second factor, once: 80 random bits as `xxxx-xxxx-xxxx-xxxx`. Prints as stars.
#[derive(Clone)]
pub struct RecoveryCode(Secret);

/// The text is not a recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a recovery code")]
pub struct RecoveryCodeMalformed;

/// Crockford's base32 in lower case: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const RECOVERY_CHARS: usize = 16;

impl RecoveryCode {
    /// A new random code.
    pub fn generate() -> Self {
        let random: [u8; RECOVERY_CHARS] = rand::random();
        let letters: String =
            random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        Self(Secret::new(letters))
    }

    /// The code as people read it.
    pub fn for_people(&self) -> String {
        let letters = self.0.expose();
        [&letters[..4], &letters[4..8], &letters[8..12], &letters[12..]].join("-")
    }

    /// What is stored in place of the code.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&Sha256::digest(self.0.expose().as_bytes()).into())
    }
}

impl FromStr for RecoveryCode {
    type Err = RecoveryCodeMalformed;

    /// Capital letters, spaces and hyphens are as people type them, and `o`, `i`, `l` are read as what they look like.
    fn from_str(text: &str) -> Result<Self, RecoveryCodeMalformed> {
        let mut letters = String::new();
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let letter = match c.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            };
            if letters.len() == RECOVERY_CHARS || !letter.is_ascii() || !ALPHABET.contains(&(letter as u8)) {
                return Err(RecoveryCodeMalformed);
            }
            letters.push(letter);
        }
        if letters.len() == RECOVERY_CHARS {
            Ok(Self(Secret::new(letters)))
        } else {
            Err(RecoveryCodeMalformed)
        }
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// RFC 6238, appendix B: the ASCII text `12345678901234567890`.
    const RFC_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp: Totp = RFC_SECRET.parse().unwrap();
        // The RFC's table has eight digits; six are their end.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = UnixMillis(seconds * 1000);
            assert_eq!(totp.code_at(now), code);
            assert_eq!(totp.step_of(code, now), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_right_for_one_step_before_and_after_its_own() {
        let totp = Totp::generate();
        let now = UnixMillis(1_800_000_000_000);
        let code = totp.code_at(now);
        let step = now.0 / 30_000;
        for seconds in [0, 29, 30, 59] {
            assert_eq!(totp.step_of(&code, now.plus(Duration::from_secs(seconds))), Some(step), "{seconds}");
        }
        assert_eq!(totp.step_of(&code, UnixMillis(now.0 - 30_000)), Some(step));
        for elsewhere in [now.plus(Duration::from_mins(1)), UnixMillis(now.0 - 60_000)] {
            assert_ne!(totp.step_of(&code, elsewhere), Some(step));
        }
    }

    #[test]
    fn a_code_is_six_digits_and_nothing_else() {
        let totp: Totp = RFC_SECRET.parse().unwrap();
        let now = UnixMillis(59_000);
        assert_eq!(totp.step_of(" 287 082 ", now), Some(1));
        for text in ["", "28708", "2870822", "+87082", "２８７０８２", "abcdef", &"2".repeat(10_000)] {
            assert_eq!(totp.step_of(text, now), None, "{text}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_its_url_names_issuer_and_account() {
        let totp = Totp::generate();
        let again: Totp = totp.base32().expose().parse().unwrap();
        assert_eq!(again.code_at(UnixMillis(0)), totp.code_at(UnixMillis(0)));
        let url = totp.url("Neustream: live", &"ada@example.com".parse().unwrap()).expose().to_owned();
        assert!(url.starts_with("otpauth://totp/Neustream%20%20live:ada%40example.com?"), "{url}");
        assert!(url.contains(&format!("secret={}", totp.base32().expose())), "{url}");
        for text in ["", "GEZDGNBV", "not base32!", &RFC_SECRET.repeat(2)] {
            assert!(text.parse::<Totp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_recovery_code_is_known_again_as_people_type_it() {
        let code = RecoveryCode::generate();
        let shown = code.for_people();
        assert_eq!(shown.len(), 19);
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', " "), shown.replace('0', "O")] {
            let read: RecoveryCode = typed.parse().unwrap();
            assert_eq!(read.digest(), code.digest(), "{typed}");
        }
        for text in ["", "1234-5678", "uuuu-uuuu-uuuu-uuuu", &format!("{shown}0"), "äöüß-äöüß-äöüß-äöüß"]
        {
            assert!(text.parse::<RecoveryCode>().is_err(), "{text}");
        }
        assert_ne!(RecoveryCode::generate().digest(), code.digest());
    }

    #[test]
    fn secrets_and_codes_print_as_stars() {
        assert_eq!(format!("{:?}", Totp::generate()), "Totp(***)");
        assert_eq!(format!("{:?}", RecoveryCode::generate()), "RecoveryCode(***)");
    }
}
