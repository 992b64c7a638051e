//! Passwords: rules after NIST SP 800-63B §3.1.1.2 (length counts, no composition rules), kept as argon2id.

use std::fmt;
use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc};
use neustream_model::Secret;

use crate::Email;

const MIN_CHARS: usize = 10;
/// A bound on the work, far beyond what people type.
const MAX_BYTES: usize = 1024;

/// The second of OWASP's equivalent choices for argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a password with the address in it must have beyond that.
const MIN_OWN_CHARS: usize = 4;

/// A password that meets the rules. Prints as stars.
#[derive(Clone)]
pub struct Password(Secret);

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Too short to resist guessing.
    #[error("the password is too short: at least {MIN_CHARS} characters")]
    TooShort,
    /// Longer than this host hashes.
    #[error("the password is too long: at most {MAX_BYTES} bytes")]
    TooLong,
    /// One character over and over.
    #[error("the password is the same character over and over")]
    Monotonous,
    /// It is the account's own name, or little more than that.
    #[error("the password is little more than the e-mail address")]
    IsEmail,
}

impl Password {
    /// Judges a password that somebody chose for an account.
    pub fn choose(text: &str, email: &Email) -> Result<Self, PasswordRefused> {
        if text.chars().count() < MIN_CHARS {
            return Err(PasswordRefused::TooShort);
        }
        if text.len() > MAX_BYTES {
            return Err(PasswordRefused::TooLong);
        }
        if text.chars().all(|c| text.starts_with(c)) {
            return Err(PasswordRefused::Monotonous);
        }
        let lower = text.to_lowercase();
        let own = lower.replace(email.as_str(), "").replace(email.local(), "");
        if own.len() < lower.len() && own.chars().count() < MIN_OWN_CHARS {
            return Err(PasswordRefused::IsEmail);
        }
        Ok(Self(Secret::new(text)))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// What is stored where there is no password: nothing is the password behind it. Such accounts sign in through a provider
/// or have not accepted their invitation yet.
pub const NO_PASSWORD: &str = "!";

/// What is stored of a password: a PHC string with salt and parameters.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password. Takes tens of milliseconds of CPU and 19 MiB of memory.
    pub fn of(password: &Password) -> Self {
        Self(hash(password.0.expose().as_bytes()))
    }

    /// The PHC string, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// A password that nobody guesses and everybody can type: 24 letters and digits in groups, 118 random bits, without
/// those that look alike.
pub fn generated_password() -> Secret {
    const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut text = String::new();
    for place in 0..24 {
        if place > 0 && place % 6 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]));
    }
    Secret::new(text)
}

/// Whether `text` is the password that `stored` (a PHC string) was made from. `None` stands for a user that does not
/// exist and costs the same time, so that the answer's time tells nothing about who has an account.
pub fn verify_password(text: &str, stored: Option<&str>) -> bool {
    static NOBODYS: LazyLock<String> = LazyLock::new(|| hash(&rand::random::<[u8; 32]>()));

    let text = if text.len() > MAX_BYTES { "" } else { text };
    let parsed = stored.and_then(|stored| phc::PasswordHash::new(stored).ok());
    let is_known = parsed.is_some();
    let Some(compared) = parsed.or_else(|| phc::PasswordHash::new(&NOBODYS).ok()) else {
        return false;
    };
    let is_match = argon2id().verify_password(text.as_bytes(), &compared).is_ok();
    is_match && is_known
}

fn hash(password: &[u8]) -> String {
    // Fails on passwords beyond 4 GiB and without a source of random numbers: neither can go on.
    argon2id().hash_password(password).expect("a bounded password is hashed").to_string()
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constant parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email() -> Email {
        "ada.lovelace@example.com".parse().unwrap()
    }

    fn refused(text: &str) -> PasswordRefused {
        Password::choose(text, &email()).unwrap_err()
    }

    #[test]
    fn a_password_is_known_again_and_others_are_not() {
        let password = Password::choose("correct horse", &email()).unwrap();
        let hash = PasswordHash::of(&password);
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_password("correct horse", Some(hash.as_str())));
        for wrong in ["", "Correct horse", "correct horse ", &"x".repeat(2000)] {
            assert!(!verify_password(wrong, Some(hash.as_str())), "{wrong}");
        }
    }

    #[test]
    fn a_generated_password_meets_the_rules_and_is_never_the_same() {
        let (one, other) = (generated_password(), generated_password());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 27);
        assert!(Password::choose(one.expose(), &email()).is_ok());
    }

    #[test]
    fn nobody_has_no_password() {
        assert!(!verify_password("correct horse", None));
        assert!(!verify_password("correct horse", Some("not a hash")));
        assert!(!verify_password("", None));
    }

    #[test]
    fn every_rule_has_its_own_words() {
        assert_eq!(refused("short"), PasswordRefused::TooShort);
        assert_eq!(refused(&"ab".repeat(513)), PasswordRefused::TooLong);
        assert_eq!(refused("aaaaaaaaaaaa"), PasswordRefused::Monotonous);
        assert_eq!(refused("Ada.Lovelace"), PasswordRefused::IsEmail);
        assert_eq!(refused("ada.lovelace@example.com"), PasswordRefused::IsEmail);
        assert_eq!(refused("Ada.Lovelace@example.com1"), PasswordRefused::IsEmail);
        assert_eq!(refused("1ada.lovelace23"), PasswordRefused::IsEmail);
        assert!(Password::choose("ada.lovelace wrote programs", &email()).is_ok());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Password::choose("пароль-дом", &email()).is_ok());
        assert_eq!(refused("пароль"), PasswordRefused::TooShort);
    }

    #[test]
    fn the_same_password_never_hashes_alike() {
        let password = Password::choose("correct horse", &email()).unwrap();
        assert_ne!(PasswordHash::of(&password).as_str(), PasswordHash::of(&password).as_str());
    }

    #[test]
    fn passwords_and_hashes_print_as_stars() {
        let password = Password::choose("correct horse", &email()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(***)");
        assert_eq!(format!("{:?}", PasswordHash::of(&password)), "PasswordHash(***)");
    }
}
