//! Compiled components on disk: `<data_dir>/plugin-cache/<digest>-<engine>.artifact`.
//!
//! Invariant: bytes are given to `Component::deserialize` only after their MAC,
//! made with a key that this host generated itself, was found right over the
//! bytes, the component's digest and the engine's compatibility hash. A file
//! that was forged, corrupted, renamed or made by another engine is compiled
//! anew. The bytes are checked and loaded from the same buffer, so nobody can
//! exchange the file in between.

use std::fs;
use std::hash::{Hash as _, Hasher};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use neustream_contract::package::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::MAX_ARTIFACT_MIB;
use crate::error::StartError;

const MAGIC: &[u8; 8] = b"NSARTIF1";
const MAC_BYTES: usize = 32;
/// Files kept; the oldest go first.
const MAX_FILES: usize = 256;

/// The cache of compiled components.
pub(crate) struct Artifacts {
    folder: PathBuf,
    key: [u8; 32],
    /// Digest of the engine's compatibility hash.
    engine: [u8; 32],
}

impl Artifacts {
    /// Opens the cache below `data_dir`, making folder and key where they are missing.
    pub(crate) fn open(data_dir: &Path, engine: &Engine) -> Result<Self, StartError> {
        let folder = data_dir.join("plugin-cache");
        let at = |path: &Path| {
            let path = path.display().to_string();
            move |error| StartError::Cache { path, error }
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(at(&folder))?;
        let key_path = data_dir.join("plugin-cache.key");
        let key = read_or_make_key(&key_path).map_err(at(&key_path))?;
        let mut hasher = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { folder, key, engine: hasher.0.finalize().into() })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{}-{}.artifact", digest.to_hex(), hex::encode(&self.engine[..8])))
    }

    /// The compiled component, if an authentic artifact is there.
    pub(crate) fn load(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(digest);
        let bytes = match read_bounded(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a compiled plugin cannot be read; compiling anew");
                return None;
            }
        };
        let artifact = self.authenticated(&bytes, digest).or_else(|| {
            tracing::warn!(path = %path.display(), "a compiled plugin is not authentic; compiling anew");
            None
        })?;
        match deserialize(engine, artifact) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a compiled plugin does not load; compiling anew");
                None
            }
        }
    }

    /// Authenticates a fresh artifact, keeps it, and loads it. Where it cannot be kept, it is loaded all the same.
    pub(crate) fn keep(
        &self,
        engine: &Engine,
        digest: &Digest,
        artifact: &[u8],
    ) -> wasmtime::Result<Component> {
        let component = deserialize(engine, artifact)?;
        let path = self.path(digest);
        if let Err(error) = self.write(&path, digest, artifact) {
            tracing::warn!(path = %path.display(), %error, "a compiled plugin cannot be kept");
        }
        Ok(component)
    }

    fn write(&self, path: &Path, digest: &Digest, artifact: &[u8]) -> io::Result<()> {
        let partial = path.with_extension("partial");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(MAGIC)?;
        file.write_all(&self.mac(digest, artifact).finalize().into_bytes())?;
        file.write_all(artifact)?;
        drop(file);
        fs::rename(&partial, path)?;
        self.prune()
    }

    /// Removes the oldest files above [`MAX_FILES`].
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(MAX_FILES)) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn mac(&self, digest: &Digest, artifact: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes any key");
        mac.update(MAGIC);
        mac.update(digest.as_bytes());
        mac.update(&self.engine);
        mac.update(artifact);
        mac
    }

    /// The artifact within `bytes`, if its MAC is right.
    fn authenticated<'a>(&self, bytes: &'a [u8], digest: &Digest) -> Option<&'a [u8]> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (mac, artifact) = rest.split_at_checked(MAC_BYTES)?;
        self.mac(digest, artifact).verify_slice(mac).ok()?;
        Some(artifact)
    }
}

/// Loads machine code. Callers hand over what [`Artifacts::authenticated`] passed or what the compiling child has
/// just answered, never anything else.
#[allow(unsafe_code, reason = "wasmtime cannot check machine code, so loading it is unsafe")]
fn deserialize(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `artifact` was made by `Engine::precompile_component` in our own child process: either it has
    // just come through the pipe from there, or its MAC proves that this host stored it unchanged since. The
    // engine checks by itself that version and settings fit. The function is private to this file, and both of
    // its callers stand above.
    unsafe { Component::deserialize(engine, artifact) }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    file.take((MAX_ARTIFACT_MIB as u64) << 21).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The key that authenticates artifacts: 32 random bytes that only this host's user can read.
fn read_or_make_key(path: &Path) -> io::Result<[u8; 32]> {
    match fs::read(path) {
        Ok(bytes) => {
            let mode = fs::metadata(path)?.permissions().mode();
            if mode & 0o077 != 0 {
                // Whoever could read it could have forged artifacts: it is worth nothing any more.
                tracing::warn!(path = %path.display(), "others can read the plugin cache's key; making a new one");
                return make_key(path);
            }
            if let Ok(key) = <[u8; 32]>::try_from(bytes) {
                return Ok(key);
            }
            tracing::warn!(path = %path.display(), "the plugin cache's key is damaged; making a new one");
            make_key(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(path),
        Err(error) => Err(error),
    }
}

fn make_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    let partial = path.with_extension("partial");
    let _ = fs::remove_file(&partial);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    Ok(key)
}

/// Feeds what hashes itself into SHA-256: the compatibility hash must be the same in every process.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        u64::from_le_bytes(digest[..8].try_into().expect("eight of 32 bytes"))
    }
}
