//! What is listened on, and how people are told to reach it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Check;
use crate::admin::Place;

const ANSWER: Duration = Duration::from_secs(3);

/// Both ports: free, or taken by a server that runs already.
pub async fn ports(place: &Place) -> Vec<Check> {
    let (http, rtmp) = (place.config.http_addr, place.config.rtmp_addr);
    let is_running = serves(http).await;
    vec![
        port("HTTP port", "http_addr", http, is_running).await,
        port("RTMP port", "rtmp_addr", rtmp, is_running).await,
    ]
}

async fn port(name: &'static str, setting: &str, address: SocketAddr, is_running: bool) -> Check {
    match TcpListener::bind(address).await {
        Ok(_) => Check::ok(name, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_running => {
            Check::ok(name, format!("{address} is held by a Neustream that runs"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Check::problem(
            name,
            format!("{address} is taken by another program"),
            format!("`ss -ltnp 'sport = :{}'` names it; stop it, or set `{setting}`", address.port()),
        ),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Check::problem(
            name,
            format!("{address} needs more rights"),
            format!(
                "set `{setting}` to a port above 1023 and let a proxy or a firewall rule lead there, \
                 or give the program CAP_NET_BIND_SERVICE"
            ),
        ),
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => Check::problem(
            name,
            format!("{} is no address of this machine", address.ip()),
            format!("set `{setting}` to one of `ip addr`, or to 0.0.0.0:{}", address.port()),
        ),
        Err(error) => Check::problem(name, format!("{address}: {error}"), format!("set `{setting}`")),
    }
}

/// Whether Neustream itself answers there.
async fn serves(address: SocketAddr) -> bool {
    let ask = async {
        let reached = if address.ip().is_unspecified() {
            SocketAddr::from(([127, 0, 0, 1], address.port()))
        } else {
            address
        };
        let mut socket = TcpStream::connect(reached).await.ok()?;
        socket
            .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .ok()?;
        let mut answer = Vec::new();
        socket.take(64 * 1024).read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8_lossy(&answer);
        Some(answer.contains("\"status\"") && answer.contains("\"database\""))
    };
    tokio::time::timeout(ANSWER, ask).await.ok().flatten().unwrap_or(false)
}

/// What people are told, where it was set.
pub fn public_address(place: &Place) -> Option<Check> {
    let name = "public address";
    let Some(url) = &place.config.public_url else {
        return place.config.http_addr.ip().is_unspecified().then(|| {
            Check::warning(
                name,
                "`public_url` is not set: links in mails and invitations say localhost",
                "set it to the address under which people reach the pages, such as https://live.example.com",
            )
        });
    };
    if url.starts_with("http://") && !url.starts_with("http://localhost") && !url.starts_with("http://127.") {
        return Some(Check::warning(
            name,
            format!("{url} is not encrypted: passwords and tokens can be read on the way"),
            "put a proxy with TLS in front and set `public_url` to its https:// address",
        ));
    }
    if place.config.trusted_proxies.is_empty() && url.starts_with("https://") {
        return Some(Check::warning(
            name,
            format!(
                "{url} is a proxy's, but `trusted_proxies` is empty: all people share one address and its limits"
            ),
            "set `trusted_proxies` to the proxy's address, such as 127.0.0.1",
        ));
    }
    Some(Check::ok(name, url.clone()))
}

/// The certificates and fixed addresses for the way out.
pub fn trusted_certificates(place: &Place) -> Check {
    let name = "way out";
    let checked =
        place.config.outbound().and_then(|outbound| Ok(neustream_outbound::Outbound::new(outbound)?));
    match checked {
        Ok(_) if place.config.allow_private_networks => Check::warning(
            name,
            "destinations and plugins may reach private addresses of this network",
            "unset `allow_private_networks` unless your receivers are there",
        ),
        Ok(_) => {
            Check::ok(name, "certificates and fixed addresses can be read; private addresses are refused")
        }
        Err(error) => {
            Check::problem(name, format!("{error:#}"), "mend `outbound_ca_file` or `outbound_resolve`")
        }
    }
}
