//! Who asks, and under which name this host was reached.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;

use crate::state::AppState;

/// The address of the client: the peer of the socket or, when that is a trusted proxy, the last address before the
/// trusted ones in `X-Forwarded-For`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub IpAddr);

/// The URLs under which people reach this host.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrls {
    /// `http[s]://host[:port]`.
    web: String,
    /// `rtmp[s]://host[:port]/live`.
    pub rtmp: String,
}

impl PublicUrls {
    /// Where players find the stream `playback_id`.
    pub fn hls(&self, playback_id: &neustream_model::PlaybackId) -> String {
        format!("{}/hls/{playback_id}/index.m3u8", self.web)
    }

    /// The page that shows the stream `playback_id`.
    pub fn watch(&self, playback_id: &neustream_model::PlaybackId) -> String {
        format!("{}/watch/{playback_id}", self.web)
    }

    /// The player of the stream `playback_id`, for frames on other sites.
    pub fn embed(&self, playback_id: &neustream_model::PlaybackId) -> String {
        format!("{}/embed/{playback_id}", self.web)
    }

    /// Where players find the stream `playback_id` with a playback token. The addresses in playlists are relative, so
    /// they carry the token on by themselves, and a playlist is the same for every viewer.
    pub fn hls_with(&self, playback_id: &neustream_model::PlaybackId, token: &str) -> String {
        format!("{}/hls/{playback_id}/{token}/index.m3u8", self.web)
    }

    /// The page that shows the stream `playback_id` with a playback token, in the part of the address that browsers
    /// send to nobody.
    pub fn watch_with(&self, playback_id: &neustream_model::PlaybackId, token: &str) -> String {
        format!("{}/watch/{playback_id}#token={token}", self.web)
    }

    /// Where RTMP players find the stream `playback_id` with a playback token.
    pub fn rtmp_playback(&self, playback_id: &neustream_model::PlaybackId, token: &str) -> String {
        let host = self.rtmp.strip_suffix("/live").unwrap_or(&self.rtmp);
        format!("{host}/play/{playback_id}?token={token}")
    }

    /// The page where an invited user chooses a password.
    pub fn invitation(&self, token: &neustream_accounts::InvitationToken) -> String {
        format!("{}/invitation?token={}", self.web, token.expose())
    }

    /// Where a platform sends the webhooks for this token.
    pub fn hook(&self, token: &neustream_model::Secret) -> String {
        format!("{}/hooks/{}", self.web, token.expose())
    }

    /// `http[s]://host[:port]`.
    pub fn web(&self) -> &str {
        &self.web
    }

    /// Whether people reach this host over TLS.
    pub fn is_https(&self) -> bool {
        self.web.starts_with("https://")
    }
}

#[cfg(test)]
impl PublicUrls {
    /// The URLs of a host that is reached at `web`.
    pub fn at(web: &str) -> Self {
        Self { web: web.to_owned(), rtmp: "rtmp://localhost/live".to_owned() }
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(client_address(parts, &state.settings.trusted_proxies))
    }
}

impl FromRequestParts<AppState> for PublicUrls {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let settings = &state.settings;
        let is_proxied = settings.trusted_proxies.contains(&peer_of(parts));
        let forwarded = |name| if is_proxied { header(&parts.headers, name) } else { None };
        let host = forwarded("x-forwarded-host")
            .or_else(|| header(&parts.headers, HOST.as_str()))
            .filter(|host| is_authority(host))
            .unwrap_or("localhost");
        let scheme = if forwarded("x-forwarded-proto") == Some("https") { "https" } else { "http" };
        let web = match &settings.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{host}"),
        };
        let rtmp = settings.public_rtmp_url.clone().unwrap_or_else(|| {
            format!("rtmp://{}:{}/live", without_port(authority_of(&web)), settings.rtmp_port)
        });
        Ok(Self { web, rtmp })
    }
}

/// See [`ClientAddress`].
pub(crate) fn client_address(parts: &Parts, trusted: &[IpAddr]) -> ClientAddress {
    let peer = peer_of(parts);
    if !trusted.contains(&peer) {
        return ClientAddress(peer);
    }
    let hops = parts.headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    let first_untrusted = hops
        .flat_map(|value| value.rsplit(','))
        .map_while(|hop| hop.trim().parse::<IpAddr>().ok())
        .map(|hop| hop.to_canonical())
        .find(|hop| !trusted.contains(hop));
    ClientAddress(first_untrusted.unwrap_or(peer))
}

/// The other end of the socket. Without one (in tests that have no socket) it is the unspecified address.
pub(crate) fn peer_of(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// What a `Host` header may hold; anything else must not get into the URLs that we hand out.
fn is_authority(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !text.is_empty() && text.len() <= 255 && text.bytes().all(is_allowed)
}

fn authority_of(url: &str) -> &str {
    url.split("://").nth(1).unwrap_or(url).split('/').next().unwrap_or_default()
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn address(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = Request::builder().uri("/");
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        client_address(&parts, &trusted).0.to_string()
    }

    #[test]
    fn a_strangers_claim_is_not_believed() {
        assert_eq!(address("192.0.2.1", &["10.0.0.1"], &[]), "192.0.2.1");
        assert_eq!(address("192.0.2.1", &["10.0.0.1"], &["192.0.2.9"]), "192.0.2.1");
    }

    #[test]
    fn behind_proxies_the_last_untrusted_hop_counts() {
        let proxies = ["10.0.0.1", "10.0.0.2"];
        assert_eq!(address("10.0.0.1", &["203.0.113.7"], &proxies), "203.0.113.7");
        assert_eq!(address("10.0.0.1", &["6.6.6.6, 203.0.113.7, 10.0.0.2"], &proxies), "203.0.113.7");
        assert_eq!(address("10.0.0.1", &["6.6.6.6", "203.0.113.7"], &proxies), "203.0.113.7");
        assert_eq!(address("10.0.0.1", &["203.0.113.7, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &[], &proxies), "10.0.0.1");
    }

    #[test]
    fn ports_are_taken_off_names_and_addresses() {
        assert_eq!(without_port("example.com:3000"), "example.com");
        assert_eq!(without_port("example.com"), "example.com");
        assert_eq!(without_port("[::1]:3000"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
    }

    #[test]
    fn a_hostile_host_header_gets_nowhere() {
        for host in ["", "a b", "evil\"><script>", "a/../b", "user@host"] {
            assert!(!is_authority(host), "{host}");
        }
    }
}
