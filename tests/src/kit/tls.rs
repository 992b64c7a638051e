//! A certificate authority of the test's own, which the server is told to trust.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// The authority. Its certificate lies in a file for `NEUSTREAM_OUTBOUND_CA_FILE`.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    key_digest: String,
    folder: TempDir,
}

impl Authority {
    /// Makes a new authority.
    ///
    /// # Errors
    /// When keys cannot be made or the file not written.
    pub fn new() -> Result<Self> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let key_digest = BASE64_STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
        let issuer = CertifiedIssuer::self_signed(parameters, key)?;
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("ca.pem"), issuer.pem())?;
        Ok(Self { issuer, key_digest, folder })
    }

    /// The file with its certificate.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The SHA-256 of its public key (RFC 7469 2.4), by which a browser is told to trust it.
    pub fn key_digest(&self) -> &str {
        &self.key_digest
    }

    /// TLS as the server called `name`. The authority comes along: a browser looks for its key in the chain.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn acceptor(&self, name: &str) -> Result<TlsAcceptor> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &self.issuer)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let configuration = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone(), self.issuer.der().clone()], private)
            .context("a certificate for the stand-in")?;
        Ok(TlsAcceptor::from(Arc::new(configuration)))
    }
}

/// Whether any file below `folder` contains one of `texts`; gives the first find.
///
/// # Errors
/// When a file cannot be read.
pub fn found_in_files(folder: &Path, texts: &[&str]) -> Result<Option<(PathBuf, String)>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = found_in_files(&path, texts)? {
                return Ok(Some(found));
            }
            continue;
        }
        let bytes = fs::read(&path)?;
        for text in texts {
            if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                return Ok(Some((path, (*text).to_owned())));
            }
        }
    }
    Ok(None)
}
