//! Signing a package, with the key of its manifest's namespace and no other.

use neustream_contract::{Digest, Package, PackageError, PublisherKey};

use super::Key;
use crate::failure::{Diagnostic, Exit, Failure};

/// A package with its publisher's signature.
#[derive(Debug)]
pub(crate) struct Signed {
    /// The file.
    pub package: Vec<u8>,
    /// What it says about itself.
    pub id: String,
    /// Its version.
    pub version: String,
    /// What the signature is of: the same as without it.
    pub digest: Digest,
    /// Whose it is.
    pub key: PublisherKey,
    /// Whether this key had signed it before: the file is as it was.
    pub is_unchanged: bool,
}

/// Signs `package` with this machine's key of its namespace. One that this key has signed stays as it is.
///
/// # Errors
/// When it is no package, the namespace has no key here, or somebody else has signed it.
pub(crate) fn sign(package: Vec<u8>) -> Result<Signed, Failure> {
    let read = Package::read(&package).map_err(|error| unsignable(&error))?;
    let (id, version) = (read.manifest.id.clone(), read.manifest.version.clone());
    let namespace = id.split_once('/').map_or(id.as_str(), |(namespace, _)| namespace);
    let key = Key::of(namespace)?;
    let public = key.public();
    let signed = |package, is_unchanged| Signed {
        package,
        id,
        version,
        digest: read.digest,
        key: public,
        is_unchanged,
    };
    match read.signature {
        None => {
            let package =
                neustream_contract::sign(package, &key.signing).map_err(|error| unsignable(&error))?;
            Ok(signed(package, false))
        }
        Some(signature) if signature.key == public => Ok(signed(package, true)),
        Some(signature) => {
            let message = format!(
                "The package is signed by another key, {}; the key of its namespace here is {public}.",
                signature.key
            );
            let help =
                "Build it again (neustream-plugin build), which gives it without a signature, then sign.";
            Err(Failure::new(Exit::Plugin, Diagnostic::new("signed-by-other", message).help(help)))
        }
    }
}

/// What keeps a file from being signed.
fn unsignable(error: &PackageError) -> Failure {
    let message = format!("This cannot be signed: {error}.");
    let help = "Build it: neustream-plugin build";
    Failure::new(Exit::Plugin, Diagnostic::new("package-invalid", message).help(help))
}
