//! Which origins and methods a plugin was granted.

use std::fmt;
use std::str::FromStr;

use crate::endpoint::{known_scheme, split_port};
use crate::{Endpoint, Host, OutboundError};

/// Methods that can be granted. CONNECT and TRACE cannot.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// An origin (`https://api.example.com`, `https://api.example.com:8443`) or all origins below a domain
/// (`https://*.example.com`: one label or more, not the domain itself).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginPattern {
    scheme: &'static str,
    host: HostPattern,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostPattern {
    Exactly(Host),
    Below(String),
}

/// A pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a host pattern: {detail}")]
pub struct PatternInvalid {
    /// The pattern as written.
    pub pattern: String,
    /// What is wrong.
    pub detail: String,
}

impl OriginPattern {
    /// Whether `endpoint` is one of the origins meant.
    pub fn matches(&self, endpoint: &Endpoint) -> bool {
        let host = match (&self.host, &endpoint.host) {
            (HostPattern::Exactly(expected), host) => expected == host,
            (HostPattern::Below(domain), Host::Name(name)) => {
                name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            (HostPattern::Below(_), Host::Address(_)) => false,
        };
        host && self.scheme == endpoint.scheme && self.port == endpoint.port
    }
}

impl FromStr for OriginPattern {
    type Err = PatternInvalid;

    fn from_str(pattern: &str) -> Result<Self, PatternInvalid> {
        let refuse = |detail: &str| PatternInvalid { pattern: pattern.to_owned(), detail: detail.to_owned() };
        let (scheme, authority) = pattern.split_once("://").ok_or_else(|| refuse("not scheme://host"))?;
        let (scheme, default_port) = known_scheme(scheme)
            .ok_or_else(|| refuse("the scheme is none of http, https, rtmp, rtmps, wss, tls"))?;
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(refuse("more than scheme, host and port"));
        }
        let (host, port) = split_port(authority, default_port).map_err(|error| refuse(&error.to_string()))?;
        let (domain, is_wildcard) = host.strip_prefix("*.").map_or((host, false), |domain| (domain, true));
        let host = match Host::parse(domain).map_err(|error| refuse(&error.to_string()))? {
            host if !is_wildcard => HostPattern::Exactly(host),
            Host::Name(domain) if domain.contains('.') => HostPattern::Below(domain),
            _ => return Err(refuse("a wildcard needs a domain of two labels or more")),
        };
        Ok(Self { scheme, host, port })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default_port = known_scheme(self.scheme).map(|(_, port)| port);
        write!(f, "{}://", self.scheme)?;
        match &self.host {
            HostPattern::Exactly(host) => host.fmt(f)?,
            HostPattern::Below(domain) => write!(f, "*.{domain}")?,
        }
        if default_port == Some(self.port) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// The origins and methods that may be asked over HTTP. Empty allows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowList {
    origins: Vec<OriginPattern>,
    methods: Vec<&'static str>,
}

impl AllowList {
    /// Reads patterns (see [`OriginPattern`]) and methods (`GET`, `POST`, ... in upper case).
    pub fn parse<O: AsRef<str>, M: AsRef<str>>(
        origins: impl IntoIterator<Item = O>,
        methods: impl IntoIterator<Item = M>,
    ) -> Result<Self, PatternInvalid> {
        let origins =
            origins.into_iter().map(|origin| origin.as_ref().parse()).collect::<Result<Vec<_>, _>>()?;
        let methods =
            methods.into_iter().map(|method| known_method(method.as_ref())).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { origins, methods })
    }

    /// Whether `endpoint` may be asked.
    pub fn permits(&self, endpoint: &Endpoint) -> bool {
        self.origins.iter().any(|origin| origin.matches(endpoint))
    }

    /// Refuses a method or an origin that was not granted. Methods are compared exactly (RFC 9110 9.1).
    pub(crate) fn check(&self, method: &str, endpoint: &Endpoint) -> Result<(), OutboundError> {
        if !self.permits(endpoint) {
            return Err(OutboundError::HostDenied { origin: endpoint.to_string() });
        }
        if !self.methods.contains(&method) {
            let method = method.chars().filter(char::is_ascii_graphic).take(20).collect();
            return Err(OutboundError::MethodDenied { method });
        }
        Ok(())
    }
}

fn known_method(method: &str) -> Result<&'static str, PatternInvalid> {
    METHODS.into_iter().find(|known| *known == method).ok_or_else(|| PatternInvalid {
        pattern: method.to_owned(),
        detail: format!("the method is none of {}", METHODS.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(pattern: &str, url: &str) -> bool {
        let list = AllowList::parse([pattern], ["GET"]).expect(pattern);
        list.permits(&Endpoint::parse(url).expect(url))
    }

    #[test]
    fn an_exact_origin_means_scheme_host_and_port() {
        assert!(permits("https://api.example.com", "https://API.example.com./x?y"));
        assert!(permits("https://api.example.com:8443", "https://api.example.com:8443/"));
        for url in [
            "http://api.example.com",
            "https://api.example.com:8443",
            "https://example.com",
            "https://x.api.example.com",
            "https://api.example.com.evil.net",
            "https://evil-api.example.com",
            "https://93.184.216.34",
        ] {
            assert!(!permits("https://api.example.com", url), "{url}");
        }
    }

    #[test]
    fn a_wildcard_means_one_label_or_more_below_the_domain() {
        for url in ["https://a.example.com", "https://a.b.example.com/"] {
            assert!(permits("https://*.example.com", url), "{url}");
        }
        for url in [
            "https://example.com",
            "https://badexample.com",
            "https://example.com.evil.net",
            "http://a.example.com",
            "https://a.example.com:444",
        ] {
            assert!(!permits("https://*.example.com", url), "{url}");
        }
    }

    #[test]
    fn patterns_without_bounds_are_refused() {
        for pattern in [
            "*",
            "https://*",
            "https://*.com",
            "https://*.",
            "https://*.*.com",
            "https://a.*.com",
            "https://a*.example.com",
            "https://*.127.0.0.1",
            "https://*.10.0.0.1",
            "api.example.com",
            "https://example.com/",
            "https://example.com/path",
            "https://user@example.com",
            "ftp://example.com",
            "https://",
            "https://0x7f000001",
            "https://example.com:0",
        ] {
            assert!(pattern.parse::<OriginPattern>().is_err(), "{pattern}");
        }
        for method in ["CONNECT", "TRACE", "get", "*", ""] {
            assert!(AllowList::parse(["https://a.example"], [method]).is_err(), "{method}");
        }
    }

    #[test]
    fn patterns_print_as_they_are_written() {
        for pattern in
            ["https://a.example", "https://*.a.example", "https://a.example:8443", "rtmps://*.a.example"]
        {
            assert_eq!(pattern.parse::<OriginPattern>().expect(pattern).to_string(), pattern);
        }
    }
}
