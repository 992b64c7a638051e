//! The peer proves who it is, or nothing is said to it.

mod kit;

use std::sync::Arc;

use kit::{Names, get, open};
use neustream_outbound::{AllowList, Outbound, OutboundError, OutboundSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A server that proves to be `name` and answers each connection with an empty HTTP response.
    async fn server(&self, name: &str) -> kit::Server {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("key and certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        kit::Server::start(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4];
                if stream.read_exact(&mut request).await.is_ok() {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
                    let _ = stream.shutdown().await;
                }
            }
        })
        .await
    }
}

/// A host that trusts `authority` and finds `ingest.example.com:443` at `server`.
fn outbound(authority: Option<&Authority>, server: &kit::Server) -> Outbound {
    let settings = OutboundSettings {
        allow_private_networks: true,
        extra_ca_pem: authority.map(Authority::pem),
        resolve: vec![format!("ingest.example.com:443={}", server.address).parse().expect("an override")],
    };
    Outbound::with_resolver(settings, Names::default()).expect("settings are right")
}

fn assert_tls_failed<T>(outcome: Result<T, OutboundError>) {
    let error = outcome.err().expect("the handshake fails");
    assert!(
        matches!(&error, OutboundError::TlsFailed { host, .. } if host == "ingest.example.com"),
        "{error}"
    );
}

#[tokio::test]
async fn a_trusted_peer_with_the_right_name_is_talked_to() {
    let authority = Authority::new();
    let server = authority.server("ingest.example.com").await;
    let outbound = outbound(Some(&authority), &server);
    let mut stream = outbound.connect_tls("ingest.example.com", 443).await.expect("a handshake");
    stream.write_all(b"ping").await.expect("the peer reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the peer answers");
    assert!(answer.ends_with("ok"));
}

#[tokio::test]
async fn https_speaks_http_over_the_same_trust() {
    let authority = Authority::new();
    let server = authority.server("ingest.example.com").await;
    let allowed = AllowList::parse(["https://*.example.com"], ["GET"]).expect("a pattern");
    let request = get("https://ingest.example.com/ingests");
    let response = outbound(Some(&authority), &server).http(&allowed, request).await.expect("an answer");
    assert_eq!((response.status, &response.body[..]), (200, &b"ok"[..]));
}

#[tokio::test]
async fn another_name_is_refused() {
    let authority = Authority::new();
    let server = authority.server("evil.example.net").await;
    assert_tls_failed(outbound(Some(&authority), &server).connect_tls("ingest.example.com", 443).await);
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = theirs.server("ingest.example.com").await;
    for trusted in [None, Some(&ours)] {
        assert_tls_failed(outbound(trusted, &server).connect_tls("ingest.example.com", 443).await);
    }
}

#[tokio::test]
async fn a_peer_without_tls_is_an_error() {
    let authority = Authority::new();
    let server = kit::Server::start(|mut stream| async move {
        let _ = stream.write_all(b"220 mail.example.com ESMTP\r\n").await;
    })
    .await;
    assert_tls_failed(outbound(Some(&authority), &server).connect_tls("ingest.example.com", 443).await);
}

#[tokio::test]
async fn an_address_needs_a_certificate_for_the_address() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1").await;
    let settings = OutboundSettings {
        allow_private_networks: true,
        extra_ca_pem: Some(authority.pem()),
        ..OutboundSettings::default()
    };
    let trusting = Outbound::with_resolver(settings, Names::default()).expect("settings are right");
    trusting.connect_tls("127.0.0.1", server.port()).await.expect("a handshake");
    assert_eq!(
        open(Names::default()).connect_tls("127.0.0.1", server.port()).await.err().map(|e| e.code()),
        Some("tls-failed")
    );
}

#[test]
fn certificates_that_cannot_be_read_stop_the_start() {
    for pem in [&b""[..], b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings = OutboundSettings { extra_ca_pem: Some(pem.to_vec()), ..OutboundSettings::default() };
        let error = Outbound::new(settings).expect_err("not a certificate");
        assert!(matches!(error, OutboundError::SettingInvalid { setting: "extra_ca_pem", .. }), "{error}");
    }
}
