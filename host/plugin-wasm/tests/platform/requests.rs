//! Requests of guests: only where the manifest says, with secrets that they never see.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use neustream_contract::{Call, CallErrorKind};
use neustream_outbound::{OutboundSettings, ResolveOverride};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::kit::{API_TOKEN, Platform};

/// An HTTPS server for every host of the gallery's manifest that answers with what it was sent.
pub struct Mirror {
    settings: OutboundSettings,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    pub async fn start() -> Self {
        let hosts = ["api.hostile.test", "other.hostile.test"];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(hosts.map(str::to_owned)).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("key and certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (secure, plain) = (listener().await, listener().await);
        let at = |host: &str, port, listener: &TcpListener| ResolveOverride {
            host: host.to_owned(),
            port,
            address: listener.local_addr().expect("an address"),
        };
        let settings = OutboundSettings {
            allow_private_networks: true,
            extra_ca_pem: Some(cert.pem().into_bytes()),
            resolve: vec![
                at(hosts[0], 443, &secure),
                at(hosts[1], 443, &secure),
                at("plain.hostile.test", 80, &plain),
            ],
        };
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = secure.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        mirror(stream, &seen).await;
                    }
                });
            }
        });
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = plain.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move { mirror(stream, &seen).await });
            }
        });
        Self { settings, requests }
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub async fn gallery(&self) -> Platform {
        Platform::with_gallery(self.settings.clone()).await
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

async fn mirror(mut stream: impl AsyncRead + AsyncWrite + Unpin, seen: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    seen.lock().unwrap().push(request.clone());
    if request.starts_with("GET /silent") {
        // Until the client gives up.
        let _ = stream.read(&mut byte).await;
        return;
    }
    let (status, body) = if request.starts_with("GET /elsewhere") {
        ("302 Found\r\nlocation: https://169.254.169.254/", String::new())
    } else if request.starts_with("GET /large") {
        ("200 OK", "x".repeat((4 << 20) + 1))
    } else {
        ("200 OK", request.clone())
    };
    let token = request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
    let head = format!("HTTP/1.1 {status}\r\nx-echo: {token}\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

#[tokio::test]
async fn a_secret_reaches_its_host_and_its_echo_does_not_reach_the_guest() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let learned = platform.learned("echo-secret https://api.hostile.test/me").await;
    assert!(mirror.requests()[0].contains(&format!("authorization: Bearer {API_TOKEN}\r\n")));
    assert!(!learned.contains("token/with"), "{learned}");
    assert!(
        learned.contains("x-echo: Bearer ***") && learned.contains("authorization: Bearer ***"),
        "{learned}"
    );
}

#[tokio::test]
async fn a_secret_goes_to_no_host_that_it_is_not_bound_to() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    for deed in [
        "echo-secret https://other.hostile.test/me",
        "echo-secret http://plain.hostile.test/me",
        "send-stream-key https://api.hostile.test/me",
    ] {
        let error = platform.deed(deed).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Denied, "secret-denied"), "{deed}");
    }
    assert_eq!(mirror.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_host_outside_the_manifest_is_denied_without_a_connection() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    for url in [
        "https://evil.example/",
        "https://api.hostile.test:8443/",
        "http://api.hostile.test/",
        "https://x.api.hostile.test/",
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "https://api.hostile.test@evil.example/",
        "https://evil.example\\@api.hostile.test/",
        "file:///etc/passwd",
        "gopher://api.hostile.test/",
        "",
    ] {
        let error = platform.deed(&format!("get {url}")).await.unwrap_err();
        assert_eq!(error.kind, CallErrorKind::Denied, "{url}: {error}");
    }
    assert_eq!(mirror.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_allowed_name_that_leads_inside_is_refused() {
    let mirror = Mirror::start().await;
    let settings = OutboundSettings { allow_private_networks: false, ..mirror.settings.clone() };
    let platform = Platform::with_gallery(settings).await;
    let error = platform.deed("get https://api.hostile.test/").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Denied, "address-refused"));
    assert_eq!(mirror.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn redirects_are_answers_and_are_not_followed() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let learned = platform.learned("get https://api.hostile.test/elsewhere").await;
    assert!(learned.starts_with("302\n") && learned.contains("location: https://169.254.169.254/"));
    assert_eq!(mirror.requests().len(), 1);
}

#[tokio::test]
async fn headers_of_the_connection_and_smuggled_lines_are_refused() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    for (deed, code) in [("hidden-header", "header-denied"), ("smuggle", "header-invalid")] {
        let error = platform.deed(&format!("{deed} https://api.hostile.test/")).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Denied, code));
    }
    assert_eq!(mirror.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn bodies_have_their_ceilings_in_both_directions() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let error = platform.deed("big-body https://api.hostile.test/").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Other, "too-large"));
    let error = platform.deed("get https://api.hostile.test/large").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unavailable, "too-large"));
}

#[tokio::test]
async fn the_twenty_first_request_of_a_call_is_refused() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let learned = platform.learned("many-requests http://plain.hostile.test/").await;
    assert_eq!(learned, "20 too-many-requests");
    assert_eq!(mirror.requests().len(), 20);
}

#[tokio::test]
async fn a_host_that_never_answers_costs_one_deadline() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let call = Call { deadline: Duration::from_millis(300), ..platform.call() };
    let began = Instant::now();
    let error = platform.deed_of(&call, "get https://api.hostile.test/silent").await.unwrap_err();
    let took = began.elapsed();
    assert!(matches!(error.code.as_str(), "plugin-timeout" | "timed-out"), "{error}");
    assert!(took >= Duration::from_millis(250) && took < Duration::from_secs(3), "{took:?}");
    println!("a deadline of 300 ms ended after {took:?}");
}

#[tokio::test]
async fn waiting_does_not_cost_cpu_budget() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let call = Call { deadline: Duration::from_millis(700), ..platform.call() };
    let error = platform.deed_of(&call, "get https://api.hostile.test/silent").await.unwrap_err();
    assert_ne!(error.code, "plugin-cpu");
}
