//! Where something may be sent: scheme, host and port, and patterns over them.
//!
//! Invariant: a host is compared only in its canonical form (lower case,
//! punycode, dotted IPv4), so `0x7f000001`, `EXAMPLE.com` and `%65xample.com`
//! cannot slip past a pattern. Absent here: addresses; whether one may be
//! dialled is `neustream-outbound`'s question.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Why a URL or a pattern is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not a URL.
    #[error("not a URL: {0}")]
    NotUrl(#[from] url::ParseError),
    /// A scheme that is not asked for here.
    #[error("the scheme `{0}` is not one of {1}")]
    Scheme(String, String),
    /// User name or password in the URL.
    #[error("credentials in the URL are not allowed")]
    Credentials,
    /// A fragment in the URL.
    #[error("a fragment (`#...`) in the URL is not allowed")]
    Fragment,
    /// White space or control characters.
    #[error("white space and control characters are not allowed in a URL")]
    ControlCharacter,
    /// No host.
    #[error("the URL names no host")]
    NoHost,
    /// `*` stands where it may not, or over too much.
    #[error("`{0}`: a `*` may only be the first label, above at least two others, as in `*.example.com`")]
    Wildcard(String),
    /// A pattern with more than scheme, host and port.
    #[error("`{0}`: a pattern has a scheme, a host and perhaps a port, nothing else")]
    TooMuch(String),
    /// More than 2048 bytes.
    #[error("the URL is longer than 2048 bytes")]
    TooLong,
}

const MAX_URL_BYTES: usize = 2048;

/// The schemes known here with their ports. RTMPS has none of its own: platforms use HTTPS's.
const SCHEMES: [(&str, u16); 4] = [("http", 80), ("https", 443), ("rtmp", 1935), ("rtmps", 443)];

fn default_port(scheme: &str) -> Option<u16> {
    SCHEMES.iter().find(|(name, _)| *name == scheme).map(|(_, port)| *port)
}

/// Scheme, canonical host and port of a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of `url`, and the URL in canonical form. `schemes` are those that are acceptable.
    ///
    /// # Errors
    /// Whatever is not an absolute URL with a host and without credentials and fragment.
    pub fn of(url: &str, schemes: &[&str]) -> Result<(Self, String), OriginError> {
        if url.len() > MAX_URL_BYTES {
            return Err(OriginError::TooLong);
        }
        // The URL standard strips some of these silently; what is stripped cannot be what was checked.
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(OriginError::ControlCharacter);
        }
        let (scheme, rest) = url.split_once(':').ok_or(OriginError::NoHost)?;
        let scheme = scheme.to_ascii_lowercase();
        let Some(default_port) = default_port(&scheme).filter(|_| schemes.contains(&scheme.as_str())) else {
            return Err(OriginError::Scheme(scheme, schemes.join(", ")));
        };
        // `http:///a`, `http:a` and `http:\\a` all name the host `a` to the URL standard: too clever for us.
        let slashes = rest.len() - rest.trim_start_matches('/').len();
        if slashes != 2 || rest.contains('\\') {
            return Err(OriginError::NoHost);
        }
        // Only "special" schemes get their host parsed and normalised by the URL standard, so every scheme is
        // parsed as one of them.
        let parsed = Url::parse(&format!("http:{rest}"))?;
        if !parsed.username().is_empty() || parsed.password().is_some() || rest_has_userinfo(rest) {
            return Err(OriginError::Credentials);
        }
        if parsed.fragment().is_some() {
            return Err(OriginError::Fragment);
        }
        let host = parsed.host_str().ok_or(OriginError::NoHost)?.trim_end_matches('.').to_owned();
        if host.is_empty() {
            return Err(OriginError::NoHost);
        }
        let explicit_port = parsed.port().or_else(|| has_explicit_port(rest).then_some(80));
        let port = explicit_port.unwrap_or(default_port);
        let shown_port = if port == default_port { String::new() } else { format!(":{port}") };
        let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
        let canonical = format!("{scheme}://{host}{shown_port}{}{query}", parsed.path());
        Ok((Self { scheme, host, port }, canonical))
    }

    /// The scheme in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The canonical host; IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own where the URL named none.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// The authority part of `//authority/path?query#fragment`, as written.
fn authority(rest: &str) -> &str {
    rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default()
}

fn rest_has_userinfo(rest: &str) -> bool {
    authority(rest).contains('@')
}

/// Whether a port is written out: the URL parser hides an explicit `:80`, which is not RTMP's default.
fn has_explicit_port(rest: &str) -> bool {
    let authority = authority(rest);
    let after_brackets = authority.rsplit(']').next().unwrap_or_default();
    after_brackets.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if default_port(&self.scheme) == Some(self.port) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// `scheme://host[:port]`, where the host may begin with `*.` for any name below. Without a port the scheme's
/// own is meant, never any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    is_wildcard: bool,
    origin: Origin,
}

impl HostPattern {
    /// Reads a pattern whose scheme is one of `schemes`.
    pub fn parse(text: &str, schemes: &[&str]) -> Result<Self, OriginError> {
        let too_much = || OriginError::TooMuch(text.to_owned());
        let (scheme, authority) = text.split_once("://").ok_or_else(too_much)?;
        if authority.contains(['/', '?', '#', '\\', '@']) {
            return Err(too_much());
        }
        let (is_wildcard, authority) = match authority.strip_prefix("*.") {
            Some(below) => (true, below),
            None => (false, authority),
        };
        if authority.contains('*') || (is_wildcard && !authority.contains('.')) {
            return Err(OriginError::Wildcard(text.to_owned()));
        }
        let (origin, _) = Origin::of(&format!("{scheme}://{authority}/"), schemes)?;
        let is_address = origin.host.starts_with('[') || origin.host.parse::<std::net::Ipv4Addr>().is_ok();
        if is_wildcard && is_address {
            return Err(OriginError::Wildcard(text.to_owned()));
        }
        Ok(Self { is_wildcard, origin })
    }

    /// Whether `origin` is meant.
    pub fn matches(&self, origin: &Origin) -> bool {
        self.origin.scheme == origin.scheme && self.origin.port == origin.port && self.covers(&origin.host)
    }

    /// Whether the host alone is meant, whatever scheme and port.
    pub fn covers(&self, host: &str) -> bool {
        if self.is_wildcard {
            let below = host.strip_suffix(self.origin.host.as_str());
            below.and_then(|labels| labels.strip_suffix('.')).is_some_and(|labels| !labels.is_empty())
        } else {
            host == self.origin.host
        }
    }

    /// The scheme.
    pub fn scheme(&self) -> &str {
        &self.origin.scheme
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.origin.port
    }

    /// The host, with `*.` in front where any name below is meant.
    pub fn host(&self) -> String {
        format!("{}{}", if self.is_wildcard { "*." } else { "" }, self.origin.host)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.origin.to_string();
        let Some((scheme, rest)) = text.split_once("://").filter(|_| self.is_wildcard) else {
            return f.write_str(&text);
        };
        write!(f, "{scheme}://*.{rest}")
    }
}

/// Schemes of push targets.
pub const PUSH_SCHEMES: [&str; 2] = ["rtmp", "rtmps"];
/// Schemes of requests. Secrets go only over the second.
pub const HTTP_SCHEMES: [&str; 2] = ["http", "https"];

/// A host name alone, canonical; what secrets are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl FromStr for HostName {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pattern = HostPattern::parse(&format!("https://{text}"), &HTTP_SCHEMES)?;
        if pattern.is_wildcard || pattern.port() != 443 || text.contains(':') {
            return Err(OriginError::TooMuch(text.to_owned()));
        }
        Ok(Self(pattern.origin.host))
    }
}

impl HostName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(url: &str) -> Result<(Origin, String), OriginError> {
        Origin::of(url, &PUSH_SCHEMES)
    }

    #[test]
    fn hosts_are_compared_in_canonical_form() {
        for (written, host) in [
            ("rtmp://EXAMPLE.com/live", "example.com"),
            ("rtmp://%65xample.com./live", "example.com"),
            ("rtmp://0x7f000001/live", "127.0.0.1"),
            ("rtmp://2130706433/live", "127.0.0.1"),
            ("rtmp://[::FFFF:127.0.0.1]/live", "[::ffff:7f00:1]"),
            ("rtmp://bücher.example/live", "xn--bcher-kva.example"),
        ] {
            assert_eq!(push(written).unwrap().0.host(), host, "{written}");
        }
    }

    #[test]
    fn the_scheme_gives_the_port_where_none_is_written() {
        assert_eq!(push("rtmp://a.example/live").unwrap().0.port(), 1935);
        assert_eq!(push("rtmps://a.example/live").unwrap().0.port(), 443);
        assert_eq!(push("rtmp://a.example:80/live").unwrap().0.port(), 80);
        assert_eq!(push("rtmp://[::1]:80/live").unwrap().0.port(), 80);
        assert_eq!(push("rtmp://[::1]/live").unwrap().0.port(), 1935);
        assert_eq!(push("rtmps://a.example:443/live2").unwrap().1, "rtmps://a.example/live2");
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for url in [
            "rtmp://user@a.example/live",
            "rtmp://a.example:pw@b.example/live",
            "rtmp://a.example\\@b.example/live",
            "rtmp://a.example/live#x",
            "rtmp://a.exa\tmple/live",
            "rtmp:///live",
            "rtmp:a.example/live",
            "http://a.example/live",
            "a.example/live",
            "rtmp://a.example:99999/live",
            "",
        ] {
            assert!(push(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_wildcard_means_names_below_and_nothing_else() {
        let twitch = HostPattern::parse("rtmp://*.twitch.tv", &PUSH_SCHEMES).unwrap();
        let is_allowed = |url: &str| twitch.matches(&push(url).unwrap().0);
        assert!(is_allowed("rtmp://live.twitch.tv/app"));
        assert!(is_allowed("rtmp://live-fra.edge.twitch.tv/app"));
        assert!(!is_allowed("rtmp://twitch.tv/app"));
        assert!(!is_allowed("rtmp://eviltwitch.tv/app"));
        assert!(!is_allowed("rtmp://live.twitch.tv.evil.example/app"));
        assert!(!is_allowed("rtmps://live.twitch.tv/app"));
        assert!(!is_allowed("rtmp://live.twitch.tv:1936/app"));
        assert_eq!(twitch.to_string(), "rtmp://*.twitch.tv");
    }

    #[test]
    fn patterns_that_mean_too_much_are_refused() {
        for pattern in
            ["rtmp://*", "rtmp://*.tv", "rtmp://a.*.tv", "rtmp://a.tv/app", "twitch.tv", "rtmp://*.1.2.3.4"]
        {
            assert!(HostPattern::parse(pattern, &PUSH_SCHEMES).is_err(), "{pattern}");
        }
    }
}
