//! The publisher's keys on this machine: one ed25519 key pair a namespace, each in a file for its owner only.
//!
//! Hard to get wrong: a key is never overwritten and its private half never printed; a package is signed with the key
//! of its manifest's namespace and no other; a file that others may read is refused. Absent: which key a Neustream
//! accepts for a namespace, which its catalogue decides.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use neustream_contract::{PublisherKey, SigningKey};
use neustream_model::UnixMillis;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Diagnostic, Exit, Failure};
use crate::home;

mod sealed;
mod signing;

pub(crate) use sealed::{MAX_SEALED_BYTES, MIN_PASSPHRASE_CHARS, Sealed, check_passphrase};
pub(crate) use signing::{Signed, sign};

/// A key pair of a namespace. Prints without its private half.
pub(crate) struct Key {
    /// The namespace whose packages it signs.
    pub namespace: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Both halves; wiped from memory when dropped.
    signing: SigningKey,
}

/// The file of a key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    namespace: String,
    /// `ed25519:<hex>`
    public: String,
    /// 64 hexadecimal digits.
    private: String,
    /// Milliseconds since the Unix epoch.
    created_at: u64,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

/// Larger than any key's file.
const MAX_KEY_FILE_BYTES: u64 = 4096;

impl Key {
    /// Makes a key pair for `namespace` and keeps it.
    ///
    /// # Errors
    /// When the namespace has one, or its file cannot be written.
    pub fn make(namespace: &str) -> Result<Self, Failure> {
        check_namespace(namespace)?;
        let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
        let signing = SigningKey::from_bytes(&bytes);
        let key = Self { namespace: namespace.to_owned(), created_at: UnixMillis::now(), signing };
        let _lock = home::Lock::take("keys")?;
        if let Some(existing) = Self::find(namespace)? {
            let message = format!(
                "There is a key for {namespace} already: {}. Keys are never overwritten.",
                existing.public()
            );
            return Err(Failure::new(
                Exit::Usage,
                Diagnostic::new("key-exists", message).help(format!(
                    "Use it: `neustream-plugin sign` does. For a second key of the namespace, keep this one safe first \
                     (neustream-plugin key export {namespace} {namespace}.key), then move {} away.",
                    path_of(namespace)?.display()
                )),
            ));
        }
        key.keep()?;
        Ok(key)
    }

    /// The key of `namespace`.
    ///
    /// # Errors
    /// When there is none, or its file is damaged or not for its owner only.
    pub fn of(namespace: &str) -> Result<Self, Failure> {
        check_namespace(namespace)?;
        Self::find(namespace)?.ok_or_else(|| {
            let message = format!("There is no key for the namespace {namespace} on this machine.");
            let others: Vec<_> = namespaces().unwrap_or_default();
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!(" Keys on this machine: {}.", others.join(", ")),
            };
            let help = format!(
                "neustream-plugin key new {namespace}, or bring it from another machine: neustream-plugin key import \
                 <FILE>"
            );
            Failure::new(Exit::Usage, Diagnostic::new("key-missing", message + &others).help(help))
        })
    }

    /// The key of `namespace`, where there is one.
    ///
    /// # Errors
    /// When its file is damaged or not for its owner only.
    pub fn find(namespace: &str) -> Result<Option<Self>, Failure> {
        let path = path_of(namespace)?;
        let file = match read_private(&path) {
            Ok(text) => text,
            Err(Unreadable::Missing) => return Ok(None),
            Err(Unreadable::Refused(failure)) => return Err(failure),
        };
        let damaged = |what: &str| {
            let message = format!("{} is damaged: {what}.", path.display());
            let help =
                "Take the key from its backup: move the file away, then neustream-plugin key import <FILE>";
            Failure::new(Exit::Environment, Diagnostic::new("key-damaged", message).help(help))
        };
        let file: KeyFile = serde_json::from_slice(&file).map_err(|_| damaged("it is not a key's JSON"))?;
        let key = Self::of_halves(&file.namespace, &file.public, &file.private, file.created_at)
            .map_err(&damaged)?;
        if key.namespace != namespace {
            return Err(damaged(&format!("it holds the key of {}", key.namespace)));
        }
        Ok(Some(key))
    }

    /// Every key on this machine, by namespace.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn all() -> Result<Vec<Self>, Failure> {
        let found: Result<Vec<_>, _> = namespaces()?.iter().map(|namespace| Self::find(namespace)).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    fn of_halves(
        namespace: &str,
        public: &str,
        private: &str,
        created_at: u64,
    ) -> Result<Self, &'static str> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(private, bytes.as_mut_slice()).map_err(|_| "its private half is malformed")?;
        let signing = SigningKey::from_bytes(&bytes);
        if PublisherKey::of(&signing).to_string() != public {
            return Err("its two halves do not belong together");
        }
        Ok(Self { namespace: namespace.to_owned(), created_at: UnixMillis(created_at), signing })
    }

    /// Writes its file. There must be none, which [`home::Lock`] has to hold.
    fn keep(&self) -> Result<(), Failure> {
        let file = KeyFile {
            namespace: self.namespace.clone(),
            public: self.public().to_string(),
            private: hex::encode(self.signing.as_bytes()),
            created_at: self.created_at.0,
        };
        let text = Zeroizing::new(serde_json::to_string_pretty(&file).expect("a key's file has text keys"));
        home::write_private(&path_of(&self.namespace)?, text.as_bytes())
    }

    /// Its public half, which a Neustream is told.
    pub fn public(&self) -> PublisherKey {
        PublisherKey::of(&self.signing)
    }

    /// Where it is kept.
    ///
    /// # Errors
    /// When this machine has no folder for keys.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        path_of(&self.namespace)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("namespace", &self.namespace)
            .field("public", &self.public())
            .finish_non_exhaustive()
    }
}

/// Namespaces are of `a-z`, `0-9` and `-`, as in manifests; they also name the files.
pub(crate) fn check_namespace(namespace: &str) -> Result<(), Failure> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_namespace = (1..=40).contains(&namespace.len())
        && namespace.bytes().next().is_some_and(is_plain)
        && namespace.bytes().all(|byte| is_plain(byte) || byte == b'-');
    if is_namespace {
        return Ok(());
    }
    let message = format!("`{}` is not a namespace.", namespace.escape_debug());
    let help = "A namespace is of a-z, 0-9 and `-`, at most 40 of them: what stands before the `/` in a plugin's id.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("namespace-invalid", message).help(help)))
}

fn folder() -> Result<PathBuf, Failure> {
    Ok(home::folder()?.join("keys"))
}

fn path_of(namespace: &str) -> Result<PathBuf, Failure> {
    Ok(folder()?.join(namespace).with_added_extension("json"))
}

fn namespaces() -> Result<Vec<String>, Failure> {
    let folder = folder()?;
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(home::cannot("read", &folder, &error)),
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut names: Vec<_> =
        names.filter_map(|name| Some(name.to_str()?.strip_suffix(".json")?.to_owned())).collect();
    names.retain(|name| check_namespace(name).is_ok());
    names.sort();
    Ok(names)
}

enum Unreadable {
    Missing,
    Refused(Failure),
}

/// Reads a small file that nobody else may read.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unreadable::Missing),
        Err(error) => return Err(Unreadable::Refused(home::cannot("read", path, &error))),
    };
    check_private(path, &metadata).map_err(Unreadable::Refused)?;
    if !metadata.is_file() || metadata.len() > MAX_KEY_FILE_BYTES {
        let message = format!("{} is no key: it has {} bytes.", path.display(), metadata.len());
        return Err(Unreadable::Refused(Failure::new(
            Exit::Environment,
            Diagnostic::new("key-damaged", message),
        )));
    }
    fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| Unreadable::Refused(home::cannot("read", path, &error)))
}

#[cfg(unix)]
fn check_private(path: &Path, metadata: &fs::Metadata) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    let for_others = mode & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    let message = format!(
        "{} may be read by others (mode {mode:o}), so its key is not used: a signature must be yours alone.",
        path.display()
    );
    let help = format!(
        "chmod 600 {}\nWere others on this machine while it was open, make a new key and tell your Neustream.",
        path.display()
    );
    Err(Failure::new(Exit::Environment, Diagnostic::new("key-exposed", message).help(help)))
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &fs::Metadata) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_without_its_private_half() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = Key { namespace: "acme".to_owned(), created_at: UnixMillis(0), signing };
        let printed = format!("{key:?}");
        assert!(printed.contains("ed25519:") && !printed.contains(&hex::encode([7; 32])), "{printed}");
    }

    #[test]
    fn halves_that_do_not_belong_together_are_no_key() {
        let public = PublisherKey::of(&SigningKey::from_bytes(&[1; 32])).to_string();
        assert!(Key::of_halves("acme", &public, &hex::encode([1; 32]), 0).is_ok());
        assert!(Key::of_halves("acme", &public, &hex::encode([2; 32]), 0).is_err());
        assert!(Key::of_halves("acme", &public, "short", 0).is_err());
    }

    #[test]
    fn a_namespace_is_never_a_path() {
        for namespace in ["", "../acme", "a/b", "Acme", "-a", "a b", &"a".repeat(41)] {
            assert!(check_namespace(namespace).is_err(), "{namespace}");
        }
        assert!(check_namespace("acme-live-2").is_ok());
    }
}
