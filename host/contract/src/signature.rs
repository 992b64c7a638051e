//! The publisher's signature of a package: ed25519 (RFC 8032) over the digest.
//!
//! The section holds the 32 bytes of the public key and the 64 of the
//! signature. What is signed is a fixed text and the digest's 32 bytes, so a
//! signature made for anything else is never one of a package. Whose key it
//! is, and whether it may publish in the manifest's namespace, is decided by
//! the catalogue.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::package::{Digest, Package, PackageError, SIGNATURE_SECTION, append_section};

/// What stands before the digest in the signed text.
const DOMAIN: &[u8] = b"neustream-plugin-v1\0";

/// Why a signature is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not 96 bytes, or not a key.
    #[error("the signature is malformed: expected 32 bytes of a key and 64 of a signature")]
    Malformed,
    /// Another package, or another key.
    #[error("the signature is not one of this package: it was changed after signing")]
    Wrong,
    /// The package is signed already.
    #[error("the package is signed already")]
    Twice,
    /// A key's text.
    #[error("not a publisher key: expected `ed25519:` and 64 hexadecimal digits")]
    KeyMalformed,
}

/// A publisher's public key. Prints as `ed25519:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublisherKey(VerifyingKey);

/// A verified signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Whose it is.
    pub key: PublisherKey,
}

impl Signature {
    /// Reads the section's `data` and verifies it.
    pub(crate) fn verified(data: &[u8], digest: &Digest) -> Result<Self, SignatureError> {
        let (key, signature) = data.split_first_chunk::<32>().ok_or(SignatureError::Malformed)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError::Malformed)?;
        let signature =
            ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureError::Malformed)?;
        // Strict: keys of small order, for which one signature fits many texts, are refused.
        key.verify_strict(&signed_text(digest), &signature).map_err(|_| SignatureError::Wrong)?;
        Ok(Self { key: PublisherKey(key) })
    }
}

/// Signs a package that is not signed yet.
///
/// # Errors
/// [`SignatureError::Twice`], or whatever keeps `package` from being one.
pub fn sign(mut package: Vec<u8>, key: &SigningKey) -> Result<Vec<u8>, PackageError> {
    let read = Package::read(&package)?;
    if read.signature.is_some() {
        return Err(SignatureError::Twice.into());
    }
    let signature = key.sign(&signed_text(&read.digest));
    let section = [&key.verifying_key().to_bytes()[..], &signature.to_bytes()].concat();
    append_section(&mut package, SIGNATURE_SECTION, &section);
    Ok(package)
}

fn signed_text(digest: &Digest) -> Vec<u8> {
    [DOMAIN, digest.as_bytes()].concat()
}

impl PublisherKey {
    /// The public half of `key`.
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// Whether `signature` is this key's, of `text` in the context `domain`. For documents other than packages:
    /// bundles, countersignatures.
    pub fn has_signed(&self, domain: &str, text: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(&document(domain, text), &signature).is_ok())
    }
}

/// Signs `text` in the context `domain`; see [`PublisherKey::has_signed`].
pub fn sign_document(key: &SigningKey, domain: &str, text: &[u8]) -> [u8; 64] {
    key.sign(&document(domain, text)).to_bytes()
}

fn document(domain: &str, text: &[u8]) -> Vec<u8> {
    [domain.as_bytes(), b"\0", text].concat()
}

impl fmt::Display for PublisherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", hex::encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublisherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublisherKey {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let digits = text.strip_prefix("ed25519:").ok_or(SignatureError::KeyMalformed)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| SignatureError::KeyMalformed)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| SignatureError::KeyMalformed)?;
        if key.is_weak() {
            return Err(SignatureError::KeyMalformed);
        }
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;
    use crate::package::pack;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn package() -> Vec<u8> {
        let manifest = "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"moderation\"\nname = \"B\"\nlicense = \"MIT\"\n";
        pack(b"\0asm\x0d\0\x01\0".to_vec(), &Manifest::from_toml(manifest).unwrap(), None).unwrap()
    }

    #[test]
    fn a_signed_package_names_its_signer_and_keeps_its_digest() {
        let signed = Package::read(&sign(package(), &key(1)).unwrap()).unwrap();
        assert_eq!(signed.signature.unwrap().key, PublisherKey::of(&key(1)));
        assert_eq!(signed.digest, Package::read(&package()).unwrap().digest);
    }

    #[test]
    fn every_changed_byte_of_a_signed_package_is_noticed() {
        let signed = sign(package(), &key(1)).unwrap();
        for index in 0..signed.len() {
            let mut changed = signed.clone();
            changed[index] ^= 1;
            let is_trusted = Package::read(&changed).is_ok_and(|package| package.signature.is_some());
            assert!(!is_trusted, "byte {index}");
        }
    }

    #[test]
    fn nothing_may_follow_the_signature_and_nobody_signs_twice() {
        let signed = sign(package(), &key(1)).unwrap();
        assert_eq!(sign(signed.clone(), &key(2)), Err(SignatureError::Twice.into()));
        let mut longer = signed;
        append_section(&mut longer, "more", b"code");
        assert_eq!(Package::read(&longer).unwrap_err(), PackageError::AfterSignature);
    }

    #[test]
    fn a_key_reads_back_from_its_text_and_weak_keys_are_refused() {
        let public = PublisherKey::of(&key(3));
        assert_eq!(public.to_string().parse(), Ok(public));
        let identity = format!("ed25519:01{}", "00".repeat(31));
        assert_eq!(identity.parse::<PublisherKey>(), Err(SignatureError::KeyMalformed));
    }

    #[test]
    fn a_documents_signature_holds_in_its_own_context_only() {
        let signature = sign_document(&key(4), "neustream-bundle-v1", b"text");
        let public = PublisherKey::of(&key(4));
        assert!(public.has_signed("neustream-bundle-v1", b"text", &signature));
        assert!(!public.has_signed("neustream-verdict-v1", b"text", &signature));
        assert!(!public.has_signed("neustream-bundle-v1", b"tex", &signature));
    }
}
