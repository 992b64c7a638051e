//! An HTTPS server for the hosts of the galleries' manifests that sends back what it was sent, in many forms.

use std::sync::{Arc, Mutex};

use neustream_outbound::{OutboundSettings, ResolveOverride};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The server.
pub struct Mirror {
    /// Settings with which its hosts lead to it.
    pub settings: OutboundSettings,
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
                        let _ = mirror(stream, &seen).await;
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

    /// Heads and bodies of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

async fn mirror(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0_usize)];
    stream.read_exact(&mut body).await?;
    request.extend(body);
    let request = String::from_utf8_lossy(&request).into_owned();
    seen.lock().unwrap().push(request.clone());
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if path == "/silent" {
        // Until the client gives up.
        let _ = stream.read_u8().await;
        return Ok(());
    }
    let authorization =
        head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
    if path == "/chunks" {
        // A secret that is cut into pieces on the wire.
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
        for byte in request.bytes() {
            stream.write_all(&[b"1\r\n", &[byte][..], b"\r\n"].concat()).await?;
            stream.flush().await?;
        }
        stream.write_all(b"0\r\n\r\n").await?;
        return stream.shutdown().await;
    }
    let (status, body) = match path {
        "/elsewhere" => ("302 Found\r\nlocation: https://169.254.169.254/", String::new()),
        "/large" => ("200 OK", "x".repeat((4 << 20) + 1)),
        "/encoded" => ("200 OK", encoded(&request)),
        "/refused" => ("401 Unauthorized", request.clone()),
        _ => ("200 OK", request.clone()),
    };
    let name = authorization.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let head = format!(
        "HTTP/1.1 {status}\r\nx-echo: {authorization}\r\nx-{name}: 1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The request in the forms in which honest servers repeat what they were sent.
fn encoded(request: &str) -> String {
    use std::fmt::Write as _;
    let percent = |is_upper: bool| {
        request.bytes().fold(String::new(), |mut out, byte| {
            let _ = match (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), is_upper) {
                (true, _) => write!(out, "{}", char::from(byte)),
                (false, true) => write!(out, "%{byte:02X}"),
                (false, false) => write!(out, "%{byte:02x}"),
            };
            out
        })
    };
    let json = serde_json::Value::from(request).to_string();
    let hex = request.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let html = request.replace('&', "&amp;").replace('"', "&quot;");
    [percent(true), percent(false), json.replace('/', "\\/"), json, html, hex].join("\n")
}
