//! Reading the configuration.

use serde::de::DeserializeOwned;

use crate::{Error, Problem, PureHost, PushUrl, invalid_config};

/// The configuration as the type `C`. The host has checked it against the schema, so a failure means that
/// schema and type disagree.
pub fn read_config<C: DeserializeOwned>(host: &impl PureHost) -> Result<C, Error> {
    serde_json::from_str(&host.config()).map_err(|error| {
        // serde's messages of this kind may quote the value, so only its place is passed on.
        Error::InvalidConfig(Problem {
            code: "unreadable".to_owned(),
            message: format!(
                ": the configuration cannot be read (line {}, column {})",
                error.line(),
                error.column()
            ),
            retry_after_ms: None,
        })
    })
}

/// A platform's servers.
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// Its name for people.
    pub name: &'static str,
    /// Its hosts: `name` or `*.name`.
    pub hosts: &'static [&'static str],
    /// Its application.
    pub application: &'static str,
}

impl Platform {
    /// The tenant's own `rtmp_url`, which must be on the platform's hosts.
    pub fn push_url(&self, rtmp_url: &str) -> Result<PushUrl, Error> {
        let refuse = |code: &str, message: &str| invalid_config("/rtmp_url", code, message);
        let url = PushUrl::parse_with_application(rtmp_url, self.application)
            .map_err(|error| refuse(error.code(), &error.to_string()))?;
        if self.has(&url) {
            return Ok(url);
        }
        let message = format!(
            "this is not one of {}'s hosts ({}); use a custom RTMP destination for other servers",
            self.name,
            self.hosts.join(", ")
        );
        Err(refuse("foreign-host", &message))
    }

    /// Whether `url` is on one of the platform's hosts.
    pub fn has(&self, url: &PushUrl) -> bool {
        self.hosts.iter().any(|pattern| url.is_on(pattern))
    }
}
