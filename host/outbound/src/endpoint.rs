//! Strict reading of hosts and URLs.
//!
//! Parsers disagree about what `0177.0.0.1`, `1.2.3`, `http:\\host` or
//! `https://a@b` mean, and attackers live off the difference. Whatever has more
//! than one reading is refused here, before anything is resolved. Names go
//! through the WHATWG host parser (IDNA to ASCII); the `url` crate does that
//! only for web schemes, so an RTMP URL's host is parsed here a second time.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use url::Url;

use crate::{AddressPolicy, OutboundError};

/// Longest URL that is looked at, in bytes.
const MAX_URL_BYTES: usize = 8192;

/// A host: a DNS name in ASCII lower case without trailing dot, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name.
    Name(String),
    /// An address literal.
    Address(IpAddr),
}

impl Host {
    /// Reads a host as it stands in a URL (IPv6 with brackets) or alone (IPv6 with or without them).
    ///
    /// # Errors
    /// [`OutboundError::HostInvalid`] for what is no host and for what has more than one reading.
    pub fn parse(text: &str) -> Result<Self, OutboundError> {
        let refuse = |detail| Err(OutboundError::HostInvalid { host: shown(text), detail });
        if text.is_empty() || text.len() > 1024 {
            return refuse("empty or too long");
        }
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            return match address {
                Some(address) => Ok(Self::Address(address.into())),
                None => refuse("not an IPv6 address"),
            };
        }
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self::Address(address.into()));
        }
        if text.contains('%') {
            return refuse("percent-encoded");
        }
        match url::Host::parse(text.strip_suffix('.').unwrap_or(text)) {
            // `127.1`, `0x7f000001`, `0177.0.0.1`, `2130706433`, full-width digits, a trailing dot.
            Ok(url::Host::Ipv4(address)) if address.to_string() != text => {
                refuse("an IPv4 address in an ambiguous form")
            }
            Ok(url::Host::Ipv4(address)) => Ok(Self::Address(address.into())),
            Ok(url::Host::Domain(name)) if is_dns_name(&name) => Ok(Self::Name(name)),
            _ => refuse("not a host name or address"),
        }
    }

    /// Refuses an address literal that `policy` does not pass; a name passes until it is resolved.
    pub fn check(&self, policy: AddressPolicy) -> Result<(), OutboundError> {
        match self {
            Self::Name(_) => Ok(()),
            Self::Address(address) => policy.check(&self.to_string(), *address),
        }
    }
}

/// As in a URL: IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Where a URL leads: scheme, host and port, without user, path and query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// `http`, `https`, `rtmp`, `rtmps`, `wss` or `tls` (lines over TLS, as IRC has them).
    pub scheme: &'static str,
    /// The host.
    pub host: Host,
    /// The port, the scheme's default where the URL has none.
    pub port: u16,
}

impl Endpoint {
    /// Reads `url` strictly: one of the six schemes, no user information, no white space, control character
    /// or backslash, an unambiguous host.
    pub fn parse(url: &str) -> Result<Self, OutboundError> {
        let refuse = |detail| Err(OutboundError::UrlInvalid(detail));
        if url.len() > MAX_URL_BYTES {
            return refuse("longer than 8192 bytes");
        }
        if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return refuse("white space, a control character or a backslash");
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return refuse("not of the form scheme://host/...");
        };
        let Some((scheme, default_port)) = known_scheme(scheme) else {
            return refuse("the scheme is none of http, https, rtmp, rtmps, wss, tls");
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return refuse("user information before the host");
        }
        let (host, port) = split_port(authority, default_port)?;
        Ok(Self { scheme, host: Host::parse(host)?, port })
    }

    /// [`Endpoint::parse`] and the parsed URL, which is made sure to mean the same endpoint.
    pub(crate) fn parse_with_url(text: &str) -> Result<(Self, Url), OutboundError> {
        let endpoint = Self::parse(text)?;
        let url = Url::parse(text).map_err(|_| OutboundError::UrlInvalid("not a URL"))?;
        let host = Host::parse(url.host_str().unwrap_or_default())?;
        let port = url.port().or(known_scheme(url.scheme()).map(|(_, port)| port));
        if url.scheme() != endpoint.scheme || host != endpoint.host || port != Some(endpoint.port) {
            return Err(OutboundError::UrlInvalid("two parsers read its host differently"));
        }
        Ok((endpoint, url))
    }

    /// Whether the port is the scheme's default.
    pub fn has_default_port(&self) -> bool {
        known_scheme(self.scheme).is_some_and(|(_, port)| port == self.port)
    }

    /// Whether TLS wraps the connection.
    pub fn is_tls(&self) -> bool {
        matches!(self.scheme, "https" | "rtmps" | "wss" | "tls")
    }

    /// `host` or `host:port`, as in the Host header (RFC 9112 3.2).
    pub(crate) fn authority(&self) -> String {
        if self.has_default_port() { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// `scheme://host[:port]`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

/// The schemes that leave this host, with their default ports. RTMPS has no registered port; 443 is what every
/// platform uses. Lines over TLS have none either; 6697 is that of IRC (RFC 7194).
pub(crate) fn known_scheme(scheme: &str) -> Option<(&'static str, u16)> {
    [("http", 80), ("https", 443), ("rtmp", 1935), ("rtmps", 443), ("wss", 443), ("tls", 6697)]
        .into_iter()
        .find(|(name, _)| scheme.eq_ignore_ascii_case(name))
}

/// Splits `host[:port]`.
pub(crate) fn split_port(authority: &str, default_port: u16) -> Result<(&str, u16), OutboundError> {
    let host_end = authority.find(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority[host_end..].find(':').map(|at| host_end + at) else {
        return Ok((authority, default_port));
    };
    let port = &authority[colon + 1..];
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        Ok(port @ 1..) if is_number => Ok((&authority[..colon], port)),
        _ => Err(OutboundError::UrlInvalid("the port is not a number from 1 to 65535")),
    }
}

/// RFC 1035 2.3.4 lengths; letters, digits, hyphen, and the underscore that real names have.
fn is_dns_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        })
}

/// `text` as an error may carry it: short, printable, without what stands before an `@`.
fn shown(text: &str) -> String {
    let host = text.rsplit('@').next().unwrap_or_default();
    host.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_one_reading_are_accepted() {
        for (text, expected) in [
            ("example.com", "example.com"),
            ("EXAMPLE.com.", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("a_b.example", "a_b.example"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("2001:DB8::1", "[2001:db8::1]"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(Host::parse(text).expect(text).to_string(), expected);
        }
    }

    #[test]
    fn hosts_with_several_readings_are_refused() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "127.1",
            "0x7f000001",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "127.0.0.01",
            "127.0.0.0x1",
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "１２７.0.0.1",
            "127。0。0。1",
            "⑫7.0.0.1",
            "%31%32%37.0.0.1",
            "localhost%00",
            "[::1",
            "::1]",
            "[127.0.0.1]",
            "[::1%25eth0]",
            "fe80::1%eth0",
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a#b",
            "exa\u{0}mple.com",
            "example.com\n",
            "a,b",
            "*",
            "*.a.com",
            "<a>",
        ] {
            assert!(Host::parse(text).is_err(), "{text:?}");
        }
        assert!(Host::parse(&"a".repeat(64)).is_err());
        assert!(Host::parse(&"a.".repeat(200)).is_err());
    }

    #[test]
    fn endpoints_carry_the_default_port_of_their_scheme() {
        for (url, expected, port) in [
            ("https://Example.com/x?y#z", "https://example.com", 443),
            ("https://example.com:443", "https://example.com", 443),
            ("HTTP://example.com:8080/", "http://example.com:8080", 8080),
            ("rtmp://example.com/app", "rtmp://example.com", 1935),
            ("rtmps://example.com:443/app", "rtmps://example.com", 443),
            ("rtmp://[::1]:1936/app", "rtmp://[::1]:1936", 1936),
        ] {
            let endpoint = Endpoint::parse(url).expect(url);
            assert_eq!((endpoint.to_string().as_str(), endpoint.port), (expected, port));
            assert!(Endpoint::parse_with_url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn urls_that_hide_their_host_are_refused() {
        for url in [
            "",
            "example.com",
            "//example.com",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https:\\\\example.com",
            "https://a\\b",
            "https://user@example.com",
            "https://user:pw@example.com",
            "https://@example.com",
            "https://example.com@127.0.0.1/",
            "https://example.com\t/",
            "https://exa\nmple.com",
            " https://example.com",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:+80",
            "https://example.com:80:80",
            "file:///etc/passwd",
            "gopher://example.com",
            "ftp://example.com",
            "javascript://example.com",
            "data:text/plain,x",
            "https://",
            "https://?",
            "https://#",
            "https://[::1",
            "https://[::1]x",
            "https://[]",
            "https://::1/",
            "rtmp://0x7f000001/app",
            "rtmp://127.1/app",
        ] {
            assert!(Endpoint::parse_with_url(url).is_err(), "{url:?}");
        }
    }
}
