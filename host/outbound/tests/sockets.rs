//! Sockets that stay open: to granted endpoints only, with a peer that keeps to the protocol.

mod kit;

use std::sync::Arc;

use kit::Names;
use neustream_contract::{Grant, Manifest};
use neustream_model::Secret;
use neustream_outbound::{
    Incoming, Outbound, OutboundError, OutboundSettings, Rules, SocketError, SocketLimits, WebSocketRequest,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const MANIFEST: &str = "schema = 1\nid = \"a/b\"\nversion = \"1.0.0\"\nkind = \"chat\"\nname = \"B\"\nlicense = \"MIT\"\n\
    [capabilities.connect]\nhosts = [\"wss://chat.example.com\", \"tls://chat.example.com:6697\"]\nreason = \"x\"\n";

fn rules() -> Rules {
    let manifest = Manifest::from_toml(MANIFEST).expect("a manifest");
    Rules::of(&manifest, &Grant::all_of(&manifest)).expect("rules")
}

/// A TLS server as `chat.example.com`, and the way there.
async fn chat<H, F>(handler: H) -> (kit::Server, Outbound)
where
    H: Fn(TlsStream<TcpStream>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, ca_key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["chat.example.com".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("key and certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = kit::Server::start(move |stream| {
        let (acceptor, handler) = (acceptor.clone(), handler.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                handler(stream).await;
            }
        }
    })
    .await;
    let to = |port| format!("chat.example.com:{port}={}", server.address).parse().expect("an override");
    let settings = OutboundSettings {
        allow_private_networks: true,
        extra_ca_pem: Some(authority.pem().into_bytes()),
        resolve: vec![to(443), to(6697)],
    };
    let outbound = Outbound::with_resolver(settings, Names::default()).expect("settings are right");
    (server, outbound)
}

async fn head(stream: &mut TlsStream<TcpStream>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a whole head"));
    }
    String::from_utf8(head).expect("ASCII")
}

/// What RFC 6455 4.2.2 wants answered, with more headers behind.
fn agreed(head: &str, more: &str) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).expect("a key");
    assert_eq!(BASE64_STANDARD.decode(key).expect("base64").len(), 16);
    let accept =
        Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    let accept = BASE64_STANDARD.encode(accept);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {accept}\r\n{more}\r\n"
    )
}

fn request(headers: &[(&str, &str)]) -> WebSocketRequest {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    WebSocketRequest {
        url: "wss://chat.example.com/ws?a=b".to_owned(),
        headers: headers.collect(),
        limits: SocketLimits::default(),
    }
}

/// Opens a WebSocket to a server that answers its handshake with what `answer` makes of it.
async fn opened(answer: fn(&str) -> String, headers: &[(&str, &str)]) -> Result<(), SocketError> {
    let (_server, outbound) = chat(move |mut stream| async move {
        let head = head(&mut stream).await;
        let _ = stream.write_all(answer(&head).as_bytes()).await;
        let _ = stream.read_u8().await;
    })
    .await;
    outbound.websocket(&rules(), request(headers)).await.map(drop)
}

#[tokio::test]
async fn a_handshake_says_what_rfc_6455_wants_and_messages_pass_both_ways() {
    let (_server, outbound) = chat(|mut stream| async move {
        let head = head(&mut stream).await;
        assert!(head.starts_with("GET /ws?a=b HTTP/1.1\r\n"), "{head}");
        for line in [
            "host: chat.example.com",
            "upgrade: websocket",
            "connection: Upgrade",
            "sec-websocket-version: 13",
            "x-token: abc",
        ] {
            assert!(head.lines().any(|one| one == line), "{line} in {head}");
        }
        // A text message right behind the answer, as servers send it.
        let mut answer = agreed(&head, "").into_bytes();
        answer.extend_from_slice(b"\x81\x05hello");
        stream.write_all(&answer).await.expect("written");
        // The client's message is masked (RFC 6455 5.3).
        let mut frame = [0; 8];
        stream.read_exact(&mut frame).await.expect("a frame");
        assert_eq!((frame[0], frame[1]), (0x81, 0x82));
        assert_eq!([frame[6] ^ frame[2], frame[7] ^ frame[3]], *b"hi");
        // Close with 4001.
        stream.write_all(b"\x88\x02\x0f\xa1").await.expect("written");
        let _ = stream.read_u8().await;
    })
    .await;
    let mut socket = outbound.websocket(&rules(), request(&[("x-token", "abc")])).await.expect("a WebSocket");
    assert_eq!(socket.next().await, Ok(Incoming::Text("hello".to_owned())));
    socket.send_text(&Secret::new("hi")).await.expect("sent");
    let closed = socket.next().await.expect_err("it is closed");
    assert_eq!(closed, SocketError::Closed { host: "chat.example.com".to_owned(), code: Some(4001) });
}

#[tokio::test]
async fn answers_that_rfc_6455_forbids_are_refused() {
    let malformed = |outcome: Result<(), SocketError>| {
        assert!(matches!(&outcome, Err(SocketError::Malformed { .. })), "{outcome:?}");
    };
    malformed(opened(|head| agreed(head, "sec-websocket-extensions: permessage-deflate\r\n"), &[]).await);
    malformed(opened(|head| agreed(head, "sec-websocket-protocol: chat\r\n"), &[]).await);
    malformed(opened(|head| agreed(head, ""), &[("sec-websocket-protocol", "chat")]).await);
    malformed(opened(|head| agreed(head, "").replace("accept: ", "accept: x"), &[]).await);
    malformed(opened(|head| agreed(head, "").replace("upgrade: websocket", "upgrade: h2c"), &[]).await);
    let chosen = opened(
        |head| agreed(head, "sec-websocket-protocol: chat\r\n"),
        &[("sec-websocket-protocol", "other, chat")],
    );
    assert_eq!(chosen.await, Ok(()));
    let refused =
        opened(|_| "HTTP/1.1 429 No\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n".to_owned(), &[]);
    assert!(matches!(
        refused.await,
        Err(SocketError::Refused { status: 429, retry_after: Some(wait), .. }) if wait.as_secs() == 7
    ));
}

#[tokio::test]
async fn endpoints_schemes_and_headers_that_were_not_granted_open_no_socket() {
    let (server, outbound) = chat(|_| async {}).await;
    let denied = |url: &str| WebSocketRequest { url: url.to_owned(), ..request(&[]) };
    for url in [
        "wss://other.example.com/",
        "wss://chat.example.com:8443/",
        "https://chat.example.com/",
        "tls://chat.example.com:6697",
    ] {
        let error = outbound.websocket(&rules(), denied(url)).await.expect_err(url);
        assert!(error.is_refusal(), "{url}: {error}");
    }
    for name in ["Sec-WebSocket-Key", "sec-websocket-extensions", "host", "connection", "upgrade"] {
        let error = outbound.websocket(&rules(), request(&[(name, "x")])).await.expect_err(name);
        assert!(
            matches!(&error, SocketError::Outbound(OutboundError::HeaderDenied { .. })),
            "{name}: {error}"
        );
    }
    for url in ["tls://chat.example.com:6698", "tls://other.example.com:6697", "wss://chat.example.com"] {
        let error = outbound.lines(&rules(), url, SocketLimits::default()).await.expect_err(url);
        assert!(error.is_refusal(), "{url}: {error}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn lines_come_whole_and_go_one_at_a_time() {
    let (_server, outbound) = chat(|mut stream| async move {
        let mut line = [0; 7];
        stream.read_exact(&mut line).await.expect("a line");
        assert_eq!(&line, b"NICK a\r");
        stream.write_all(b"\none\r\n\r\ntwo\nth").await.expect("written");
        stream.write_all(b"ree\xff\r\nhalf").await.expect("written");
        let _ = stream.shutdown().await;
    })
    .await;
    let limits = SocketLimits { message_bytes: 20, ..SocketLimits::default() };
    let mut lines = outbound.lines(&rules(), "tls://chat.example.com:6697", limits).await.expect("lines");
    for text in ["QUIT\r\nNICK", "a\nb", "a\0b", &"x".repeat(21)] {
        let refused = lines.send_text(&Secret::new(text)).await;
        assert!(matches!(refused, Err(SocketError::Unsendable(_))), "{text:?}");
    }
    lines.send_text(&Secret::new("NICK a")).await.expect("sent");
    for expected in ["one", "two", "three\u{fffd}"] {
        assert_eq!(lines.next().await, Ok(Incoming::Text(expected.to_owned())));
    }
    assert!(matches!(lines.next().await, Err(SocketError::Closed { .. })), "half a line is none");
}

#[tokio::test]
async fn a_line_that_does_not_end_is_given_up() {
    let (_server, outbound) = chat(|mut stream| async move {
        let _ = stream.write_all(&vec![b'x'; 50_000]).await;
        let _ = stream.read_u8().await;
    })
    .await;
    let limits = SocketLimits { message_bytes: 1000, ..SocketLimits::default() };
    let mut lines = outbound.lines(&rules(), "tls://chat.example.com:6697", limits).await.expect("lines");
    assert_eq!(lines.next().await.expect_err("too long").code(), "too-large");
}
