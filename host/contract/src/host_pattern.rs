//! Patterns over hosts, as manifests write them: `scheme://host[:port]`.
//!
//! This is the author's side: a pattern is accepted only in its canonical form
//! (lower case, punycode, dotted IPv4), so that what the tenant reads on the
//! permission sheet is what is enforced. Whether something may be dialled, and
//! how URLs of guests are read, is `neustream-outbound`'s affair.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Schemes of push targets, with their ports. RTMPS has none of its own: platforms use that of HTTPS.
pub const PUSH_SCHEMES: [(&str, u16); 2] = [("rtmp", 1935), ("rtmps", 443)];
/// Schemes of requests, with their ports. Secrets go only over the second.
pub const HTTP_SCHEMES: [(&str, u16); 2] = [("http", 80), ("https", 443)];

/// Schemes of sockets that the host keeps open, with their ports; lines have no port of their own, 6697 is IRC's.
pub const CONNECT_SCHEMES: [(&str, u16); 2] = [("wss", 443), ("tls", 6697)];

/// Why a pattern is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostPatternMalformed {
    /// Not `scheme://host[:port]`.
    #[error("`{0}` is not scheme://host or scheme://host:port")]
    Form(String),
    /// Another scheme.
    #[error("the scheme `{0}` is not one of {1}")]
    Scheme(String, String),
    /// Not a host in canonical form.
    #[error("`{0}` is not a host name in lower case (or an address)")]
    Host(String),
    /// Not a port.
    #[error("`{0}` is not a port from 1 to 65535")]
    Port(String),
    /// `*` over too much.
    #[error("`{0}`: a `*` may only be the first label, above at least two others, as in `*.example.com`")]
    Wildcard(String),
}

/// A host, or all names below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    scheme: &'static str,
    is_wildcard: bool,
    host: String,
    port: u16,
}

impl HostPattern {
    /// Reads a pattern whose scheme is one of `schemes`. Without a port the scheme's own is meant, never any.
    pub fn parse(text: &str, schemes: &[(&'static str, u16)]) -> Result<Self, HostPatternMalformed> {
        let form = || HostPatternMalformed::Form(shown(text));
        let (scheme, authority) = text.split_once("://").ok_or_else(form)?;
        let Some((scheme, default_port)) = schemes.iter().find(|(name, _)| *name == scheme) else {
            let known: Vec<_> = schemes.iter().map(|(name, _)| *name).collect();
            return Err(HostPatternMalformed::Scheme(shown(scheme), known.join(", ")));
        };
        if authority.contains(['/', '?', '#', '\\', '@']) {
            return Err(form());
        }
        let host_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match authority[host_end..].find(':') {
            Some(colon) => {
                let port = &authority[host_end + colon + 1..];
                (&authority[..host_end + colon], parse_port(port)?)
            }
            None => (authority, *default_port),
        };
        let (is_wildcard, host) = match host.strip_prefix("*.") {
            Some(below) => (true, below),
            None => (false, host),
        };
        if host.contains('*') || (is_wildcard && (!host.contains('.') || is_address(host))) {
            return Err(HostPatternMalformed::Wildcard(shown(text)));
        }
        if !is_address(host) && !is_host_name(host) {
            return Err(HostPatternMalformed::Host(shown(host)));
        }
        Ok(Self { scheme, is_wildcard, host: host.to_owned(), port })
    }

    /// Whether the host name is meant, whatever the port.
    pub fn covers(&self, host: &str) -> bool {
        if !self.is_wildcard {
            return host == self.host;
        }
        let below = host.strip_suffix(self.host.as_str()).and_then(|labels| labels.strip_suffix('.'));
        below.is_some_and(|labels| !labels.is_empty())
    }

    /// The scheme.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = if self.is_wildcard { "*." } else { "" };
        write!(f, "{}://{wildcard}{}", self.scheme, self.host)?;
        let has_own_port =
            [HTTP_SCHEMES, PUSH_SCHEMES, CONNECT_SCHEMES].concat().contains(&(self.scheme, self.port));
        if has_own_port { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// Whether `text` is a DNS name in ASCII lower case (RFC 1123 2.1, and the underscore that real names have).
pub fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    // A last label of digits would be read as an IPv4 address by some parsers (URL standard, 3.5).
    let last_is_name = text.rsplit('.').next().is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && last_is_name && text.split('.').all(is_label)
}

/// Whether `text` is an address, IPv6 in brackets.
fn is_address(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => text.parse::<Ipv4Addr>().is_ok(),
    }
}

fn parse_port(text: &str) -> Result<u16, HostPatternMalformed> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|port| *port > 0 && is_number)
        .ok_or_else(|| HostPatternMalformed::Port(shown(text)))
}

fn shown(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(text: &str) -> Result<HostPattern, HostPatternMalformed> {
        HostPattern::parse(text, &PUSH_SCHEMES)
    }

    #[test]
    fn the_scheme_gives_the_port_where_none_is_written() {
        assert_eq!(push("rtmp://a.example").unwrap().port(), 1935);
        assert_eq!(push("rtmps://a.example").unwrap().port(), 443);
        assert_eq!(push("rtmp://a.example:80").unwrap().port(), 80);
        assert_eq!(push("rtmp://[::1]:80").unwrap().port(), 80);
        assert_eq!(push("rtmp://[::1]").unwrap().port(), 1935);
    }

    #[test]
    fn patterns_print_as_they_are_written() {
        for text in ["rtmp://a.example", "rtmps://*.a.example", "rtmp://a.example:1936", "rtmp://[::1]"] {
            assert_eq!(push(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wildcard_means_names_below_and_nothing_else() {
        let twitch = push("rtmp://*.twitch.tv").unwrap();
        assert!(twitch.covers("live.twitch.tv") && twitch.covers("live-fra.edge.twitch.tv"));
        for host in ["twitch.tv", "eviltwitch.tv", ".twitch.tv", "live.twitch.tv.evil.example"] {
            assert!(!twitch.covers(host), "{host}");
        }
    }

    #[test]
    fn patterns_that_mean_too_much_or_two_things_are_refused() {
        for pattern in [
            "rtmp://*",
            "rtmp://*.tv",
            "rtmp://a.*.tv",
            "rtmp://*.1.2.3.4",
            "rtmp://a.tv/app",
            "rtmp://a@b.tv",
            "twitch.tv",
            "http://a.tv",
            "rtmp://A.tv",
            "rtmp://a.tv.",
            "rtmp://0x7f000001.1",
            "rtmp://127.1",
            "rtmp://b\u{fc}cher.example",
            "rtmp://a.tv:0",
            "rtmp://a.tv:+1",
            "rtmp://a.tv:",
            "rtmp://",
            "",
        ] {
            assert!(push(pattern).is_err(), "{pattern}");
        }
    }
}
