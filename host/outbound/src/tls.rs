//! Trust roots and the TLS client configuration: rustls with ring, TLS 1.2 and 1.3.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use crate::{Host, OutboundError};

/// Mozilla's roots and, where given, the certificates of `extra_ca_pem`.
pub(crate) fn roots(extra_ca_pem: Option<&[u8]>) -> Result<RootCertStore, OutboundError> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let Some(pem) = extra_ca_pem else {
        return Ok(roots);
    };
    let invalid = |detail: String| OutboundError::SettingInvalid { setting: "extra_ca_pem", detail };
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(invalid("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// A client configuration that offers `alpn`.
pub(crate) fn client_config(roots: RootCertStore, alpn: &[&str]) -> Result<Arc<ClientConfig>, OutboundError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OutboundError::SettingInvalid { setting: "tls", detail: error.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Ok(Arc::new(config))
}

/// The name that the peer's certificate must carry.
pub(crate) fn server_name(host: &Host) -> Result<ServerName<'static>, OutboundError> {
    match host {
        Host::Address(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| OutboundError::HostInvalid {
            host: name.clone(),
            detail: "not a name that a certificate can carry",
        }),
    }
}
