//! Nothing reaches an address that was not passed, however it is written or resolved.

mod kit;

use kit::{Names, Server, allow, get, open, strict};
use neustream_outbound::{AddressClass, AllowList, Endpoint, Outbound, OutboundError, OutboundSettings};

/// This machine and its neighbours, written in every way that some parser somewhere understands.
const HOSTS: [&str; 96] = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "2130706433",
    "2130706433.",
    "127.0.0.1.",
    "127.1.",
    "127.00.00.01",
    "127.0.0.1%00",
    "127.0.0.1%2e",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "127．0．0．1",
    "0",
    "0.",
    "0.0.0.0",
    "0x0",
    "00",
    "0.0",
    "0.1.2.3",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost..",
    "a.localhost",
    "loc%61lhost",
    "ｌｏｃａｌｈｏｓｔ",
    "localhost%23",
    "localhost.localdomain",
    "ip6-localhost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::1%25lo]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "::1",
    "[::1",
    "10.0.0.1",
    "10.1",
    "167772161",
    "172.16.0.1",
    "192.168.0.1",
    "192.168.257",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.43518",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[::a9fe:a9fe]",
    "198.18.0.1",
    "192.0.0.192",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "rebind.example.com",
    "mixed.example.com",
    "mapped.example.com",
    "metadata.example.com",
    "zero.example.com",
    "nat64.example.com",
    "sixtofour.example.com",
    "private.example.com",
    "v6.example.com",
    "empty.example.com",
];

fn lying_names() -> Names {
    Names::default()
        .with("localhost", &[&["127.0.0.1", "::1"]])
        .with("a.localhost", &[&["127.0.0.1"]])
        .with("localhost.localdomain", &[&["127.0.0.1"]])
        .with("ip6-localhost", &[&["::1"]])
        .with("rebind.example.com", &[&["127.0.0.1"]])
        .with("mixed.example.com", &[&["1.1.1.1", "127.0.0.1"]])
        .with("mapped.example.com", &[&["::ffff:127.0.0.1"]])
        .with("metadata.example.com", &[&["169.254.169.254"]])
        .with("zero.example.com", &[&["0.0.0.0"]])
        .with("nat64.example.com", &[&["64:ff9b::7f00:1"]])
        .with("sixtofour.example.com", &[&["2002:7f00:1::"]])
        .with("private.example.com", &[&["10.0.0.1"]])
        .with("v6.example.com", &[&["::1"]])
        .with("empty.example.com", &[&[]])
}

fn urls(port: u16) -> Vec<String> {
    let mut urls = Vec::new();
    for host in HOSTS {
        for scheme in ["http", "https", "HTTP"] {
            urls.push(format!("{scheme}://{host}:{port}/"));
            urls.push(format!("{scheme}://user:pass@{host}:{port}/"));
            urls.push(format!("{scheme}://api.example.com@{host}:{port}/"));
            urls.push(format!("{scheme}:{host}:{port}"));
            urls.push(format!("{scheme}:\\\\{host}:{port}/"));
            urls.push(format!("{scheme}:///{host}:{port}/"));
            urls.push(format!("{scheme}://{host}:{port}\\@api.example.com/"));
            urls.push(format!("\t{scheme}://{host}:{port}/"));
        }
        urls.push(format!("rtmp://{host}:{port}/live"));
        urls.push(format!("ftp://{host}:{port}/"));
        urls.push(format!("//{host}:{port}/"));
        urls.push(format!("http://{host}:0{port}/"));
    }
    urls
}

/// An allow-list that names what the URL names, as far as anything understands it: the guard is tested here, not
/// the allow-list.
fn generous(url: &str, port: u16) -> AllowList {
    let names = ["localhost", "*.example.com", "127.0.0.1", "[::1]", "0.0.0.0"];
    let mut patterns: Vec<_> = names
        .iter()
        .flat_map(|name| [format!("http://{name}:{port}"), format!("https://{name}:{port}")])
        .collect();
    patterns.extend(Endpoint::parse(url).map(|endpoint| endpoint.to_string()));
    AllowList::parse(patterns, ["GET"]).expect("patterns")
}

#[tokio::test]
async fn thousands_of_hostile_urls_make_no_connection() {
    let (server, _) = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let outbound = strict(lying_names());
    let urls = urls(server.port());
    assert!(urls.len() > 2000, "{}", urls.len());
    for url in &urls {
        let outcome = outbound.http(&generous(url, server.port()), get(url)).await;
        let error = outcome.expect_err(url);
        assert!(error.is_refusal() || error.code() == "dns-failed", "{url}: {error}");
    }
    prove_that_the_server_counts(&server, 1).await;
}

#[tokio::test]
async fn hostile_hosts_make_no_connection_of_any_kind() {
    let (server, _) = Server::answering("").await;
    let outbound = strict(lying_names());
    for host in HOSTS {
        let error = outbound.connect(host, server.port()).await.expect_err(host);
        assert!(error.is_refusal() || error.code() == "dns-failed", "{host}: {error}");
        assert!(outbound.connect_tls(host, server.port()).await.is_err(), "{host}");
    }
    prove_that_the_server_counts(&server, 1).await;
}

/// Zero means zero only on a server that counts: one connection that is allowed is seen.
async fn prove_that_the_server_counts(server: &Server, expected: usize) {
    let open = open(Names::default());
    let _ = open.http(&allow(server), get(&server.url("/"))).await;
    assert_eq!(server.accepted(), expected);
}

#[tokio::test]
async fn the_systems_resolver_is_guarded_too() {
    let (server, _) = Server::answering("").await;
    let outbound = Outbound::new(OutboundSettings::default()).expect("settings are right");
    let error = outbound.connect("localhost", server.port()).await.expect_err("a refusal");
    assert!(matches!(error, OutboundError::AddressRefused { class: AddressClass::Loopback, .. }), "{error}");
    prove_that_the_server_counts(&server, 1).await;
}

#[tokio::test]
async fn a_name_is_resolved_once_and_the_checked_address_is_dialled() {
    let (server, _) = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    // Whoever asks a second time is led to the metadata service.
    let names = Names::default().with("rebind.example.com", &[&["127.0.0.1"], &["169.254.169.254"]]);
    let outbound = open(names.clone());
    let url = format!("http://rebind.example.com:{}/", server.port());
    let allowed = AllowList::parse([&url[..url.len() - 1]], ["GET"]).expect("a pattern");

    let response = outbound.http(&allowed, get(&url)).await.expect("the first answer is fine");
    assert_eq!((response.status, names.lookups(), server.accepted()), (200, 1, 1));

    let error = outbound.http(&allowed, get(&url)).await.expect_err("the second answer is not");
    assert!(matches!(error, OutboundError::AddressRefused { class: AddressClass::LinkLocal, .. }), "{error}");
    assert_eq!((names.lookups(), server.accepted()), (2, 1));
}

#[tokio::test]
async fn one_bad_address_condemns_the_whole_answer() {
    let names =
        Names::default().with("mixed.example.com", &[&["1.1.1.1", "2606:4700::1", "169.254.169.254"]]);
    for outbound in [strict(names.clone()), open(names)] {
        let error = outbound.connect("mixed.example.com", 443).await.expect_err("a refusal");
        assert_eq!(error.code(), "address-refused");
        assert!(error.to_string().contains("169.254.169.254"), "{error}");
    }
}

#[tokio::test]
async fn metadata_stays_refused_where_private_networks_are_allowed() {
    let outbound = open(Names::default());
    for host in
        ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:169.254.169.254]", "0.0.0.0"]
    {
        assert_eq!(outbound.connect(host, 80).await.expect_err(host).code(), "address-refused", "{host}");
    }
}

#[tokio::test]
async fn the_next_address_is_dialled_when_one_refuses() {
    let (server, _) = Server::answering("").await;
    let names = Names::default().with("two.example.com", &[&["::1", "127.0.0.1"]]);
    let stream = open(names).connect("two.example.com", server.port()).await.expect("the second answers");
    assert_eq!(stream.peer_addr().expect("connected"), server.address);
}

#[tokio::test]
async fn a_port_where_nobody_listens_says_so() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let error =
        open(Names::default()).connect("127.0.0.1", address.port()).await.expect_err("nobody listens");
    assert_eq!(error, OutboundError::ConnectRefused { host: "127.0.0.1".to_owned(), address });
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_failure() {
    let outbound = strict(Names::default().with("empty.example.com", &[&[]]));
    for host in ["unknown.example.com", "empty.example.com"] {
        let error = outbound.connect(host, 443).await.expect_err(host);
        assert!(matches!(&error, OutboundError::DnsFailed { host: named, .. } if named == host), "{error}");
    }
}

#[tokio::test]
async fn an_override_leads_elsewhere_and_is_guarded_all_the_same() {
    let (server, _) = Server::answering("").await;
    let settings = OutboundSettings {
        allow_private_networks: true,
        resolve: vec![format!("ingest.example.com:1935={}", server.address).parse().expect("an override")],
        ..OutboundSettings::default()
    };
    let open = Outbound::with_resolver(settings.clone(), Names::default()).expect("settings are right");
    let stream = open.connect("Ingest.Example.com.", 1935).await.expect("the override");
    assert_eq!(stream.peer_addr().expect("connected"), server.address);
    assert_eq!(
        open.connect("ingest.example.com", 1936).await.expect_err("another port").code(),
        "dns-failed"
    );

    let settings = OutboundSettings { allow_private_networks: false, ..settings };
    let strict = Outbound::with_resolver(settings, Names::default()).expect("settings are right");
    assert_eq!(
        strict.connect("ingest.example.com", 1935).await.expect_err("loopback").code(),
        "address-refused"
    );
}

#[test]
fn urls_are_checked_when_they_are_configured() {
    let strict = strict(Names::default());
    let open = open(Names::default());
    assert_eq!(strict.check_url("rtmps://live.example.com/app").expect("a name passes").port, 443);
    assert_eq!(strict.check_url("rtmp://10.0.0.1/live").expect_err("private").code(), "address-refused");
    assert_eq!(open.check_url("rtmp://10.0.0.1/live").expect("private").port, 1935);
    assert_eq!(
        open.check_url("rtmp://169.254.169.254/live").expect_err("metadata").code(),
        "address-refused"
    );
    assert_eq!(open.check_url("rtmp://0x7f000001/live").expect_err("ambiguous").code(), "host-invalid");
    assert_eq!(open.check_url("srt://example.com").expect_err("unknown").code(), "url-invalid");
}
