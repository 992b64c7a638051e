//! A key pair outside this machine: sealed with a passphrase, for a safe or another machine.
//!
//! Argon2id makes a key of the passphrase (RFC 9106, second recommended setting: 64 MiB, three passes), AES-256-GCM
//! seals the private half. Everything else in the file stands in the associated data, so a file whose namespace, public
//! half or parameters were changed does not open.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use neustream_model::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Key, check_namespace};
use crate::failure::{Diagnostic, Exit, Failure};
use crate::home;

/// Shorter passphrases are guessed.
pub(crate) const MIN_PASSPHRASE_CHARS: usize = 12;
/// Larger than any sealed key.
pub(crate) const MAX_SEALED_BYTES: u64 = 4096;

const VERSION: u32 = 1;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Whether a key may be sealed with this passphrase.
///
/// # Errors
/// When it is too short.
pub(crate) fn check_passphrase(passphrase: &Secret) -> Result<(), Failure> {
    let chars = passphrase.expose().chars().count();
    if chars >= MIN_PASSPHRASE_CHARS {
        return Ok(());
    }
    let message = format!("The passphrase has {chars} characters; it needs {MIN_PASSPHRASE_CHARS}.");
    let help = "Four or five words that do not belong together are easy to keep and hard to guess.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("passphrase-short", message).help(help)))
}

/// What is written to a file by `key export`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Sealed {
    /// What this is, for whoever finds it.
    #[serde(rename = "neustream-plugin-key")]
    version: u32,
    /// Whose packages it signs.
    pub namespace: String,
    /// `ed25519:<hex>`
    pub public: String,
    created_at: u64,
    kdf: Kdf,
    /// Base64 of 12 bytes.
    nonce: String,
    /// Base64 of the private half and its tag.
    #[serde(rename = "sealed")]
    ciphertext: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Kdf {
    name: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Base64 of 16 bytes.
    salt: String,
}

fn refused(code: &str, message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, Diagnostic::new(code, message))
}

impl Sealed {
    /// Seals `key`.
    ///
    /// # Errors
    /// When the passphrase is too short.
    pub fn of(key: &Key, passphrase: &Secret) -> Result<Self, Failure> {
        check_passphrase(passphrase)?;
        let (salt, nonce): ([u8; 16], [u8; 12]) = (rand::random(), rand::random());
        let kdf = Kdf {
            name: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: BASE64.encode(salt),
        };
        let mut sealed = Self {
            version: VERSION,
            namespace: key.namespace.clone(),
            public: key.public().to_string(),
            created_at: key.created_at.0,
            kdf,
            nonce: BASE64.encode(nonce),
            ciphertext: String::new(),
        };
        let aad = sealed.associated_data();
        let payload = Payload { msg: key.signing.as_bytes(), aad: aad.as_bytes() };
        let cipher = sealed.cipher(passphrase)?;
        let bytes = cipher.encrypt(&Nonce::from(nonce), payload).expect("32 bytes are sealed");
        sealed.ciphertext = BASE64.encode(bytes);
        Ok(sealed)
    }

    /// Reads a sealed key; it is not opened yet.
    ///
    /// # Errors
    /// When it is none, or one of another version.
    pub fn read(text: &[u8]) -> Result<Self, Failure> {
        let sealed: Self = serde_json::from_slice(text).map_err(|_| {
            Failure::new(
                Exit::Usage,
                Diagnostic::new(
                    "key-unreadable",
                    "This is not a key that `neustream-plugin key export` wrote.",
                )
                .help("On the machine that has the key: neustream-plugin key export <NAMESPACE> <FILE>"),
            )
        })?;
        if sealed.version != VERSION || sealed.kdf.name != "argon2id" {
            return Err(refused(
                "key-unreadable",
                "This key was exported by a newer neustream-plugin; update this one.",
            ));
        }
        check_namespace(&sealed.namespace)?;
        Ok(sealed)
    }

    /// Opens it.
    ///
    /// # Errors
    /// When the passphrase is another one, or the file was changed.
    pub fn open(&self, passphrase: &Secret) -> Result<Key, Failure> {
        let wrong = || {
            let message = "The key does not open: the passphrase is another one, or the file was changed.";
            refused("passphrase-wrong", message)
        };
        let nonce: [u8; 12] =
            BASE64.decode(&self.nonce).ok().and_then(|nonce| nonce.try_into().ok()).ok_or_else(wrong)?;
        let bytes = BASE64.decode(&self.ciphertext).map_err(|_| wrong())?;
        let aad = self.associated_data();
        let payload = Payload { msg: &bytes, aad: aad.as_bytes() };
        let private = self.cipher(passphrase)?.decrypt(&Nonce::from(nonce), payload).map_err(|_| wrong())?;
        let private = Zeroizing::new(hex::encode(Zeroizing::new(private).as_slice()));
        Key::of_halves(&self.namespace, &self.public, &private, self.created_at)
            .map_err(|what| refused("key-unreadable", format!("The key cannot be used: {what}.")))
    }

    /// Everything but the sealed bytes, in one fixed form.
    fn associated_data(&self) -> String {
        let Self { version, namespace, public, created_at, kdf, nonce, ciphertext: _ } = self;
        let Kdf { name, memory_kib, passes, lanes, salt } = kdf;
        format!(
            "neustream-plugin-key\n{version}\n{namespace}\n{public}\n{created_at}\n{name}\n{memory_kib}\n{passes}\n\
             {lanes}\n{salt}\n{nonce}"
        )
    }

    fn cipher(&self, passphrase: &Secret) -> Result<Aes256Gcm, Failure> {
        let malformed = || refused("key-unreadable", "The parameters of the exported key are out of range.");
        let kdf = &self.kdf;
        // A file may come from anybody: no more memory and time than four times our own setting.
        let is_bounded = kdf.memory_kib <= 4 * MEMORY_KIB && kdf.passes <= 4 * PASSES && kdf.lanes <= 4;
        let salt = BASE64.decode(&kdf.salt).ok().filter(|salt| (8..=64).contains(&salt.len()) && is_bounded);
        let salt = salt.ok_or_else(malformed)?;
        let params = Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32)).map_err(|_| malformed())?;
        let mut bytes = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, bytes.as_mut_slice())
            .map_err(|_| malformed())?;
        Ok(Aes256Gcm::new(&(*bytes).into()))
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a sealed key has text keys") + "\n"
    }
}

impl Key {
    /// Keeps a key that was opened, unless it is here already; answers whether it is new.
    ///
    /// # Errors
    /// When the namespace has another key.
    pub fn take_in(&self) -> Result<bool, Failure> {
        let _lock = home::Lock::take("keys")?;
        match Self::find(&self.namespace)? {
            None => self.keep().map(|()| true),
            Some(existing) if existing.public() == self.public() => Ok(false),
            Some(existing) => {
                let namespace = &self.namespace;
                let message = format!(
                    "The namespace {namespace} has another key on this machine, {}; the file holds {}. Keys are never \
                     overwritten.",
                    existing.public(),
                    self.public()
                );
                let help = format!(
                    "Keep the one that is here safe (neustream-plugin key export {namespace} <FILE>), then move {} away \
                     and import again.",
                    existing.path()?.display()
                );
                Err(Failure::new(Exit::Usage, Diagnostic::new("key-exists", message).help(help)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use neustream_contract::SigningKey;
    use neustream_model::UnixMillis;

    use super::*;

    fn key() -> Key {
        let signing = SigningKey::from_bytes(&[7; 32]);
        Key { namespace: "acme".to_owned(), created_at: UnixMillis(1_760_000_000_000), signing }
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only_and_shows_nothing_private() {
        let passphrase = Secret::new("correct horse battery");
        let text = Sealed::of(&key(), &passphrase).unwrap().to_text();
        assert!(!text.contains(&hex::encode([7; 32])) && !text.contains(&BASE64.encode([7; 32])), "{text}");
        let sealed = Sealed::read(text.as_bytes()).unwrap();
        assert_eq!(sealed.open(&passphrase).unwrap().public(), key().public());
        let refused = sealed.open(&Secret::new("correct horse batterz")).unwrap_err();
        assert_eq!(refused.diagnostics[0].code, "passphrase-wrong");
    }

    #[test]
    fn a_sealed_key_of_which_anything_was_changed_does_not_open() {
        let passphrase = Secret::new("correct horse battery");
        let text = Sealed::of(&key(), &passphrase).unwrap().to_text();
        for (from, to) in [
            ("\"acme\"", "\"evil\""),
            ("\"passes\": 3", "\"passes\": 2"),
            ("1760000000000", "1760000000001"),
            ("ed25519:e", "ed25519:f"),
        ] {
            assert!(text.contains(from), "{from}: {text}");
            let changed = Sealed::read(text.replace(from, to).as_bytes()).unwrap();
            assert!(changed.open(&passphrase).is_err(), "{to}");
        }
    }

    #[test]
    fn a_short_passphrase_and_parameters_that_would_eat_the_machine_are_refused() {
        let short = Sealed::of(&key(), &Secret::new("short")).unwrap_err();
        assert_eq!(short.diagnostics[0].code, "passphrase-short");
        let text = Sealed::of(&key(), &Secret::new("correct horse battery")).unwrap().to_text();
        let hungry = text.replace("\"memory-kib\": 65536", "\"memory-kib\": 4000000000");
        let refused = Sealed::read(hungry.as_bytes()).unwrap().open(&Secret::new("correct horse battery"));
        assert_eq!(refused.unwrap_err().diagnostics[0].code, "key-unreadable");
    }
}
