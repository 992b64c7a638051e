//! How people reach what listens here.

use std::net::SocketAddr;

use crate::config::Config;

/// URLs to show and to hand out.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Of pages and API, without a trailing slash.
    pub http: String,
    /// Of RTMP, without application, without a trailing slash.
    pub rtmp: String,
}

impl Addresses {
    /// From what the operator set, else from the addresses that are really bound.
    pub fn new(config: &Config, http: SocketAddr, rtmp: SocketAddr) -> Self {
        let or_bound = |set: &Option<String>, bound: String| {
            set.as_ref().map_or(bound, |url| url.trim_end_matches('/').to_owned())
        };
        Self {
            http: or_bound(&config.public_url, format!("http://{}", reachable(http))),
            rtmp: or_bound(&config.rtmp_public_url, rtmp_url(rtmp)),
        }
    }

    /// The host's name without scheme and port, as mail servers are told.
    pub fn host_name(&self) -> String {
        let authority =
            self.http.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
            _ => authority.to_owned(),
        }
    }
}

fn rtmp_url(address: SocketAddr) -> String {
    if address.port() == 1935 && address.ip().is_unspecified() {
        return "rtmp://localhost".to_owned();
    }
    format!("rtmp://{}", reachable(address))
}

/// An address that listens everywhere is reached here as `localhost`.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
