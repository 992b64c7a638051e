//! One exchange: what goes out is checked, what comes back is bounded.

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use kit::{Names, Server, allow, get, open, read_request, with_header};
use neustream_outbound::{AllowList, HttpLimits, HttpRequest, OutboundError};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn within(request: HttpRequest, timeout_ms: u64) -> HttpRequest {
    let limits = HttpLimits { timeout: Duration::from_millis(timeout_ms), ..request.limits };
    HttpRequest { limits, ..request }
}

fn at_most(request: HttpRequest, response_body_bytes: usize) -> HttpRequest {
    let limits = HttpLimits { response_body_bytes, ..request.limits };
    HttpRequest { limits, ..request }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_written() {
    let (server, requests) = Server::answering(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Twice: a\r\nx-twice: b\r\ncontent-length: 2\r\n\r\n{}",
    )
    .await;
    let request = HttpRequest {
        method: "POST".to_owned(),
        body: Bytes::from_static(b"title=x"),
        ..get(&server.url("/v1/a%20b?q=1&r=%2F#fragment"))
    };
    let request = with_header(request, "Authorization", "Bearer s3cret");
    let response = open(Names::default()).http(&allow(&server), request).await.expect("an answer");

    assert_eq!((response.status, &response.body[..]), (201, &b"{}"[..]));
    assert_eq!(response.header("content-type"), Some("application/json"));
    let twice: Vec<_> = response.headers.iter().filter(|(name, _)| name == "x-twice").collect();
    assert_eq!(twice.len(), 2);
    let request = requests.lock().expect("no panic while held").remove(0);
    let mut lines: Vec<_> = request.split("\r\n").collect();
    assert_eq!(lines.remove(0), "POST /v1/a%20b?q=1&r=%2F HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: {}", server.address);
    let expected = [
        "",
        "authorization: Bearer s3cret",
        "content-length: 7",
        &host,
        "title=x",
        "user-agent: Neustream/0.1.0",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_plugin_may_name_itself() {
    let (server, requests) = Server::answering(EMPTY).await;
    let request = with_header(get(&server.url("/")), "User-Agent", "acme/1.0");
    open(Names::default()).http(&allow(&server), request).await.expect("an answer");
    let request = requests.lock().expect("no panic while held").remove(0);
    assert!(request.contains("user-agent: acme/1.0\r\n") && !request.contains("Neustream"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (elsewhere, _) = Server::answering(EMPTY).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url("/latest/meta-data")
    );
    let (server, _) = Server::answering(redirect).await;
    let outbound = open(Names::default());
    let response = outbound.http(&allow(&server), get(&server.url("/"))).await.expect("an answer");
    assert_eq!(response.status, 302);
    outbound.http(&allow(&elsewhere), get(&elsewhere.url("/"))).await.expect("an answer");
    assert_eq!(elsewhere.accepted(), 1, "only the connection of the line above");
}

#[tokio::test]
async fn what_was_not_granted_is_refused_before_any_connection() {
    let (server, _) = Server::answering(EMPTY).await;
    let outbound = open(Names::default().with("localhost", &[&["127.0.0.1"]]));
    let allowed = allow(&server);
    let ours = server.url("/");
    let elsewhere = format!("http://localhost:{}/", server.port());
    let encrypted = ours.replace("http:", "https:");
    for url in [&elsewhere, &encrypted, &ours.replace(':', ":1")] {
        assert!(outbound.http(&allowed, get(url)).await.is_err(), "{url}");
    }
    assert_eq!(outbound.http(&allowed, get(&elsewhere)).await.expect_err("a refusal").code(), "host-denied");
    assert_eq!(
        outbound.http(&AllowList::default(), get(&ours)).await.expect_err("nothing").code(),
        "host-denied"
    );
    for method in ["DELETE", "CONNECT", "TRACE", "get", "GET ", "G\r\nET", ""] {
        let request = HttpRequest { method: method.to_owned(), ..get(&ours) };
        assert_eq!(
            outbound.http(&allowed, request).await.expect_err(method).code(),
            "method-denied",
            "{method:?}"
        );
    }
    for name in [
        "Host",
        "host",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Content-Length",
        "Upgrade",
        "Expect",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "Proxy-Connection",
        "proxy-anything",
    ] {
        let request = with_header(get(&ours), name, "x");
        assert_eq!(outbound.http(&allowed, request).await.expect_err(name).code(), "header-denied", "{name}");
    }
    for (name, value) in
        [("", "x"), ("a b", "x"), ("a:b", "x"), ("a\r\nb", "x"), ("a", "x\r\ny: z"), ("a", "x\0")]
    {
        let request = with_header(get(&ours), name, value);
        let error = outbound.http(&allowed, request).await.expect_err(name);
        assert_eq!(error.code(), "header-invalid", "{name:?} {value:?}");
    }
    let mut many = get(&ours);
    for number in 0..65 {
        many = with_header(many, &format!("x-{number}"), "x");
    }
    assert_eq!(outbound.http(&allowed, many).await.expect_err("too many").code(), "header-denied");
    let large = HttpRequest { body: Bytes::from(vec![0; 1024 * 1024 + 1]), ..get(&ours) };
    let error = outbound.http(&allowed, large).await.expect_err("too large");
    assert_eq!(error, OutboundError::BodyTooLarge { direction: "request", limit: 1024 * 1024 });

    outbound.http(&allowed, get(&ours)).await.expect("an answer");
    assert_eq!(server.accepted(), 1, "only the connection of the line above");
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_not_read() {
    let (server, _) = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx").await;
    let request = at_most(get(&server.url("/")), 1000);
    let error = open(Names::default()).http(&allow(&server), request).await.expect_err("too large");
    assert_eq!(error, OutboundError::BodyTooLarge { direction: "response", limit: 1000 });
}

#[tokio::test]
async fn an_endless_body_is_cut_off_and_its_sender_disconnected() {
    let sent = Arc::new(AtomicUsize::new(0));
    let closed = Arc::new(Notify::new());
    let (count, notice) = (Arc::clone(&sent), Arc::clone(&closed));
    let server = Server::start(move |mut stream| {
        let (count, notice) = (Arc::clone(&count), Arc::clone(&notice));
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            while stream.write_all(&[b"1000\r\n".as_slice(), &[7; 4096], b"\r\n"].concat()).await.is_ok() {
                count.fetch_add(4096, Ordering::SeqCst);
            }
            notice.notify_one();
        }
    })
    .await;
    let request = at_most(get(&server.url("/")), 100_000);
    let error = open(Names::default()).http(&allow(&server), request).await.expect_err("too large");
    assert_eq!(error.code(), "body-too-large");
    closed.notified().await;
    assert!(sent.load(Ordering::SeqCst) < 32 * 1024 * 1024, "more than sockets can hold");
}

#[tokio::test]
async fn a_body_of_exactly_the_ceiling_passes() {
    let (server, _) = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
    let outbound = open(Names::default());
    let response =
        outbound.http(&allow(&server), at_most(get(&server.url("/")), 5)).await.expect("an answer");
    assert_eq!(&response.body[..], b"hello");
    assert!(outbound.http(&allow(&server), at_most(get(&server.url("/")), 4)).await.is_err());
}

#[tokio::test]
async fn a_content_coding_is_passed_on_and_not_undone() {
    let gzip = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00";
    let (server, requests) = Server::answering(gzip.to_vec()).await;
    let outbound = open(Names::default());
    let response = outbound.http(&allow(&server), get(&server.url("/"))).await.expect("an answer");
    assert_eq!(&response.body[..], b"\x1f\x8b\x08\x00");
    assert!(!requests.lock().expect("no panic while held")[0].contains("accept-encoding"));
}

#[tokio::test]
async fn whoever_is_slow_at_any_stage_is_left() {
    for said in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow",
    ] {
        let server = Server::start(move |mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(said.as_bytes()).await;
            // Silent until the other side hangs up.
            let _ = read_request(&mut stream).await;
        })
        .await;
        let request = within(get(&server.url("/")), 150);
        let error = open(Names::default()).http(&allow(&server), request).await.expect_err("too slow");
        let after = Duration::from_millis(150);
        assert_eq!(error, OutboundError::TimedOut { host: "127.0.0.1".to_owned(), after }, "{said:?}");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_speak_http_is_an_error() {
    let headers = |count: usize| "x: y\r\n".repeat(count);
    for answer in [
        String::new(),
        "garbage".to_owned(),
        "SSH-2.0-OpenSSH\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", headers(101)),
        format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(200_000)),
    ] {
        let (server, _) = Server::answering(answer.clone()).await;
        let outcome = open(Names::default()).http(&allow(&server), get(&server.url("/"))).await;
        assert_eq!(outcome.expect_err("not HTTP").code(), "http-failed", "{answer:.60}");
    }
}

#[tokio::test]
async fn no_error_and_no_debug_text_repeats_a_secret() {
    let (server, _) = Server::answering("garbage").await;
    let outbound = open(Names::default());
    let texts = |request: HttpRequest| {
        let (outbound, allowed) = (outbound.clone(), allow(&server));
        async move {
            let shown = format!("{request:?}");
            let error = outbound.http(&allowed, request).await.expect_err("an error");
            format!("{shown} {error} {error:?}")
        }
    };
    let bare = with_header(get(&server.url("/s3cret?key=s3cret")), "authorization", "s3cret");
    for request in [
        bare.clone(),
        with_header(bare.clone(), "x", "s3cret\n"),
        HttpRequest { url: "https://user:s3cret@example.com/".to_owned(), ..bare.clone() },
        HttpRequest { url: "https://example.com/?key=s3cret".to_owned(), ..bare.clone() },
        HttpRequest { url: "https://exa mple.com/?key=s3cret".to_owned(), ..bare.clone() },
        HttpRequest { method: "DELETE".to_owned(), ..bare },
    ] {
        let text = texts(request).await;
        assert!(!text.contains("s3cret"), "{text}");
    }
    let error = outbound.connect("user:s3cret@example.com", 443).await.expect_err("no host");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}
