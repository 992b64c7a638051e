//! A platform's ingest servers.

use crate::Error;
use crate::destination::{Protocol, PushUrl};

/// The servers of a platform to which a tenant may paste a URL. They stand in the manifest's `[capabilities.push]`, too;
/// [`assert_same_hosts`](crate::testing::assert_same_hosts) compares the two.
///
/// ```
/// use neustream_plugin::destination::Platform;
///
/// const EXAMPLE: Platform =
///     Platform { name: "Example", hosts: &["*.ingest.example"], application: "live" };
///
/// let target = EXAMPLE.push_url("rtmps://eu.ingest.example")?.into_target();
/// assert_eq!(target.url, "rtmps://eu.ingest.example/live");
///
/// let error = EXAMPLE.push_url("rtmps://evil.net/live").unwrap_err();
/// assert_eq!(error.code(), "foreign-host");
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// Its name for people.
    pub name: &'static str,
    /// Its hosts: `name` or `*.name`.
    pub hosts: &'static [&'static str],
    /// Its application, where a pasted URL has none.
    pub application: &'static str,
}

impl Platform {
    /// The tenant's own URL, which must be on the platform's hosts. Its field in the settings is called `rtmp_url`.
    ///
    /// ```
    /// use neustream_plugin::destination::Platform;
    ///
    /// let platform = Platform { name: "Example", hosts: &["ingest.example"], application: "live" };
    /// let error = platform.push_url("rtmps://ingest.example/live?key=abc").unwrap_err();
    /// assert_eq!(error.code(), "key-in-url");
    /// ```
    pub fn push_url(&self, rtmp_url: &str) -> Result<PushUrl, Error> {
        let refuse = |code: &str, message: &str| Error::invalid_config("/rtmp_url", code, message);
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

    /// [`push_url`](Self::push_url) of a platform that takes RTMP over TLS only.
    ///
    /// ```
    /// use neustream_plugin::destination::Platform;
    ///
    /// let platform = Platform { name: "Example", hosts: &["ingest.example"], application: "live" };
    /// let error = platform.push_url_over_tls("rtmp://ingest.example/live").unwrap_err();
    /// assert_eq!(error.problem().message, "/rtmp_url: Example takes rtmps:// only");
    /// ```
    pub fn push_url_over_tls(&self, rtmp_url: &str) -> Result<PushUrl, Error> {
        let url = self.push_url(rtmp_url)?;
        if url.protocol() == Protocol::Rtmps {
            return Ok(url);
        }
        let message = format!("{} takes rtmps:// only", self.name);
        Err(Error::invalid_config("/rtmp_url", "not-encrypted", &message))
    }

    /// Whether `url` is on one of the platform's hosts.
    ///
    /// ```
    /// use neustream_plugin::destination::{Platform, PushUrl};
    ///
    /// let platform = Platform { name: "Example", hosts: &["*.ingest.example"], application: "live" };
    /// assert!(platform.has(&PushUrl::parse("rtmp://eu.ingest.example/live")?));
    /// assert!(!platform.has(&PushUrl::parse("rtmp://ingest.example.evil.net/live")?));
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn has(&self, url: &PushUrl) -> bool {
        self.hosts.iter().any(|pattern| url.is_on(pattern))
    }
}
