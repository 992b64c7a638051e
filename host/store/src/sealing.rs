//! Sealing at rest: AES-256-GCM with the host's master key.
//!
//! A sealed text is `v1.<key id>.<base64 of nonce, ciphertext and tag>`. The
//! associated data names what the secret belongs to, so that a sealed text
//! copied to another tenant, destination or name does not open (NIST SP
//! 800-38D; the 96-bit nonce is random, and one host seals far fewer than the
//! 2^32 texts that this allows). The key id tells a wrong master key from a
//! damaged text.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use neustream_model::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const VERSION: &str = "v1";

/// The master key of this host. Prints as stars.
#[derive(Clone)]
pub struct SealingKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: String,
}

/// The master key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeyError {
    /// The key file cannot be read or written.
    #[error("cannot {action} the master key {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The text is not a key.
    #[error("a master key is 64 hexadecimal digits (32 bytes)")]
    Malformed,
}

/// A secret cannot be sealed or unsealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The secret was sealed with another key.
    #[error("sealed with the master key {sealed_with}, this host has {own}")]
    OtherKey {
        /// Id of the key that it was sealed with.
        sealed_with: String,
        /// Id of the key at hand.
        own: String,
    },
    /// The sealed text is damaged, or belongs elsewhere.
    #[error("a sealed secret is damaged or was moved from where it belongs")]
    Damaged,
    /// The secret cannot be sealed.
    #[error("a secret cannot be sealed")]
    Unsealable,
}

impl SealingKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self::from_bytes(Zeroizing::new(rand::random()))
    }

    /// The key in the file at `path`; without the file, a new key is made and kept there with mode 0600.
    pub fn load_or_create(path: &Path) -> Result<Self, SealingKeyError> {
        let failed = |action| move |source| SealingKeyError::File { path: path.to_owned(), action, source };
        match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text).trim().parse(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Self::generate();
                let text = Zeroizing::new(format!("{}\n", hex::encode(key.bytes.as_slice())));
                write_private(path, text.as_bytes()).map_err(failed("write"))?;
                // Whoever came first has made the key that counts.
                Zeroizing::new(fs::read_to_string(path).map_err(failed("read"))?).trim().parse()
            }
            Err(error) => Err(failed("read")(error)),
        }
    }

    /// What names this key without telling it: eight hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn from_bytes(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest = Sha256::new().chain_update(b"neustream master key id\0").chain_update(*bytes).finalize();
        Self { id: hex::encode(&digest[..4]), bytes }
    }

    /// Seals `secret` for `place`.
    pub(crate) fn seal(&self, place: &Place<'_>, secret: &Secret) -> Result<String, SealError> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let place = place.associated_data();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &place };
        let sealed =
            self.cipher().encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Unsealable)?;
        Ok(format!("{VERSION}.{}.{}", self.id, BASE64.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn unseal(&self, place: &Place<'_>, sealed: &str) -> Result<Secret, SealError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(key), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SealError::Damaged);
        };
        if key != self.id {
            return Err(SealError::OtherKey { sealed_with: key.to_owned(), own: self.id.clone() });
        }
        let body = BASE64.decode(body).map_err(|_| SealError::Damaged)?;
        let (nonce, ciphertext) = body.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Damaged)?;
        let place = place.associated_data();
        let payload = Payload { msg: ciphertext, aad: &place };
        let opened = self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::Damaged)?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| SealError::Damaged)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.bytes).into())
    }
}

impl std::str::FromStr for SealingKey {
    type Err = SealingKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(text, &mut *bytes).map_err(|_| SealingKeyError::Malformed)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}, ***)", self.id)
    }
}

/// What a sealed text belongs to.
pub(crate) enum Place<'a> {
    /// The token of the link of an export.
    DataExport { id: neustream_model::DataExportId },
    /// The secret `name` of a destination.
    Destination {
        tenant: neustream_model::TenantId,
        destination: neustream_model::DestinationId,
        name: &'a str,
    },
    /// The secret `name` of an installation.
    Installation {
        tenant: neustream_model::TenantId,
        installation: neustream_model::InstallationId,
        name: &'a str,
    },
    /// The token of the webhook URL of an installation's `connection`.
    Hook {
        tenant: neustream_model::TenantId,
        installation: neustream_model::InstallationId,
        connection: &'a str,
    },
    /// Receiver and texts of a mail.
    Mail { id: &'a str },
    /// The six digits that a user got by mail.
    MailedCode { user: neustream_model::UserId, purpose: &'a str },
    /// The secret of a user's authenticator app.
    Totp { user: neustream_model::UserId },
    /// What a browser is to bring back.
    Browser { purpose: &'a str },
    /// An entry of the host's own.
    Meta { name: &'a str },
    /// The client secret for a plugin's OAuth provider: a tenant's own, or the operator's.
    OauthClient { tenant: Option<neustream_model::TenantId>, plugin: &'a str, secret: &'a str },
    /// What a consent under way needs.
    OauthConsent {
        tenant: neustream_model::TenantId,
        installation: neustream_model::InstallationId,
        secret: &'a str,
    },
    /// The tokens of an installation.
    OauthTokens {
        tenant: neustream_model::TenantId,
        installation: neustream_model::InstallationId,
        secret: &'a str,
    },
    /// The answer to a request with an idempotency key.
    IdempotentAnswer { tenant: neustream_model::TenantId, digest: &'a str, fingerprint: &'a str },
}

impl Place<'_> {
    /// Unambiguous: ids have a fixed form, and the name comes last.
    fn associated_data(&self) -> Vec<u8> {
        match self {
            Self::DataExport { id } => format!("data-export\0{id}"),
            Self::Destination { tenant, destination, name } => {
                format!("destination\0{tenant}\0{destination}\0{name}")
            }
            Self::Installation { tenant, installation, name } => {
                format!("installation\0{tenant}\0{installation}\0{name}")
            }
            Self::Hook { tenant, installation, connection } => {
                format!("hook\0{tenant}\0{installation}\0{connection}")
            }
            Self::Mail { id } => format!("mail\0{id}"),
            Self::MailedCode { user, purpose } => format!("mailed-code\0{user}\0{purpose}"),
            Self::Totp { user } => format!("totp\0{user}"),
            Self::Browser { purpose } => format!("browser\0{purpose}"),
            Self::Meta { name } => format!("meta\0{name}"),
            Self::OauthClient { tenant: Some(tenant), plugin, secret } => {
                format!("oauth-client\0{tenant}\0{plugin}\0{secret}")
            }
            Self::OauthClient { tenant: None, plugin, secret } => {
                format!("oauth-client\0host\0{plugin}\0{secret}")
            }
            Self::OauthConsent { tenant, installation, secret } => {
                format!("oauth-consent\0{tenant}\0{installation}\0{secret}")
            }
            Self::OauthTokens { tenant, installation, secret } => {
                format!("oauth-tokens\0{tenant}\0{installation}\0{secret}")
            }
            Self::IdempotentAnswer { tenant, digest, fingerprint } => {
                format!("idempotent-answer\0{tenant}\0{digest}\0{fingerprint}")
            }
        }
        .into_bytes()
    }
}

/// Creates `path` for its owner alone; leaves an existing file as it is. The file appears whole or not at all:
/// it is written beside its place and linked into it.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("{:08x}.new", rand::random::<u32>()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use neustream_model::{DestinationId, TenantId};

    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_where_it_belongs() {
        let key = SealingKey::generate();
        let (tenant, destination) = (TenantId::new(), DestinationId::new());
        let place = |tenant, destination, name| Place::Destination { tenant, destination, name };
        let sealed = key.seal(&place(tenant, destination, "stream-key"), &Secret::new("abc")).unwrap();

        assert!(!sealed.contains("abc"));
        assert_eq!(key.unseal(&place(tenant, destination, "stream-key"), &sealed).unwrap().expose(), "abc");
        for elsewhere in [
            place(TenantId::new(), destination, "stream-key"),
            place(tenant, DestinationId::new(), "stream-key"),
            place(tenant, destination, "token"),
            Place::Meta { name: "stream-key" },
        ] {
            assert_eq!(key.unseal(&elsewhere, &sealed), Err(SealError::Damaged));
        }
    }

    #[test]
    fn the_same_secret_never_seals_to_the_same_text() {
        let key = SealingKey::generate();
        let place = Place::Meta { name: "x" };
        let secret = Secret::new("abc");
        assert_ne!(key.seal(&place, &secret), key.seal(&place, &secret));
    }

    #[test]
    fn another_master_key_is_named() {
        let (key, other) = (SealingKey::generate(), SealingKey::generate());
        let place = Place::Meta { name: "x" };
        let sealed = key.seal(&place, &Secret::new("abc")).unwrap();
        let expected = SealError::OtherKey { sealed_with: key.id().to_owned(), own: other.id().to_owned() };
        assert_eq!(other.unseal(&place, &sealed), Err(expected));
    }

    #[test]
    fn damaged_texts_do_not_open() {
        let key = SealingKey::generate();
        let place = Place::Meta { name: "x" };
        let sealed = key.seal(&place, &Secret::new("abc")).unwrap();
        let short = format!("v1.{}.AAAA", key.id());
        let flipped = format!("{}A", &sealed[..sealed.len() - 1]);
        for text in ["", "v1", "v2.a.b", &short, &format!("v1.{}.!", key.id()), &sealed[..sealed.len() - 4]] {
            assert_eq!(key.unseal(&place, text), Err(SealError::Damaged), "{text}");
        }
        assert!(flipped == sealed || key.unseal(&place, &flipped).is_err());
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/master.key");
        let made = SealingKey::load_or_create(&path).unwrap();
        let loaded = SealingKey::load_or_create(&path).unwrap();
        assert_eq!(made.bytes, loaded.bytes);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_key_file_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(SealingKey::load_or_create(&path), Err(SealingKeyError::Malformed)));
    }

    #[test]
    fn a_key_never_prints_itself() {
        let key = SealingKey::generate();
        assert!(!format!("{key:?}").contains(&hex::encode(key.bytes.as_slice())));
    }
}
