//! Where a Neustream is.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::failure::{Diagnostic, Exit, Failure};

/// The address of a Neustream: `https://live.example.com`, or `http://127.0.0.1:3000`. Two spellings of one address
/// are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress(String);

impl ServerAddress {
    /// The address of `path`, which begins with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Its text, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let url: Url = self.0.parse().expect("it was parsed before");
        match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Whether everything on the way there can be read by whoever is between.
    pub fn is_readable(&self) -> bool {
        self.0.starts_with("http:") && !self.is_loopback()
    }

    /// Refuses to speak where everybody between could listen.
    ///
    /// # Errors
    /// For plain HTTP to another machine.
    pub fn expect_private(&self) -> Result<(), Failure> {
        if !self.is_readable() {
            return Ok(());
        }
        let message = format!("{self} speaks plain HTTP: whoever is between could read your password.");
        let help = "Use its https:// address, or say --allow-http where the way there is your own.";
        Err(Failure::new(Exit::Usage, Diagnostic::new("plain-http", message).help(help)))
    }
}

impl FromStr for ServerAddress {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let malformed = |why: &str| {
            let message = format!("{text:?} is not the address of a Neustream: {why}.");
            let help = "Write it like https://live.example.com or http://127.0.0.1:3000.";
            Failure::new(Exit::Usage, Diagnostic::new("server-address", message).help(help))
        };
        let url: Url = text.trim().parse().map_err(|error: url::ParseError| malformed(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(malformed("it does not begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(malformed("it holds credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(malformed("it has a query or a fragment"));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ServerAddress {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_one_text_however_it_is_written() {
        assert_eq!(address("HTTPS://Live.Example.com:443/"), address("https://live.example.com"));
        assert_eq!(
            address("https://example.com/neu/").join("/api/plugins"),
            "https://example.com/neu/api/plugins"
        );
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for own in ["http://127.0.0.1:3000", "http://localhost:1", "http://[::1]:2", "https://example.com"] {
            assert!(address(own).expect_private().is_ok(), "{own}");
        }
        for others in ["http://example.com", "http://10.0.0.1:3000", "http://localhost.example.com"] {
            let refused = address(others).expect_private().unwrap_err();
            assert_eq!(refused.diagnostics[0].code, "plain-http", "{others}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for wrong in
            ["live.example.com", "ftp://example.com", "https://me:secret@example.com", "https://e.com?a"]
        {
            let refused = wrong.parse::<ServerAddress>().unwrap_err();
            assert_eq!(refused.diagnostics[0].code, "server-address", "{wrong}");
        }
    }
}
