//! The URL that media is pushed to: `rtmp[s]://host[:port]/app[/...]`, without the key.
//!
//! People paste the whole publishing URL, key included, into the field for the
//! server. The configuration is shown again and is not sealed, so a URL that
//! carries a key is refused here. Keys are told by their look; what looks like
//! an application passes. The host checks scheme, host and port once more.

use std::fmt;

use crate::Value;
use crate::destination::{Protocol, STREAM_KEY, Target};

/// Longest URL in bytes; the interface's own ceiling.
const MAX_URL_BYTES: usize = 2048;

/// A segment of this length that mixes letters and digits is taken for a key: applications have names.
const KEY_BYTES: usize = 20;

/// Query parameters whose value is a credential.
const KEY_PARAMETERS: [&str; 9] =
    ["key", "streamkey", "stream_key", "stream-key", "token", "auth", "password", "pass", "secret"];

/// A push URL in canonical form: scheme and host in lower case, no default port, no trailing slash.
///
/// ```
/// use neustream_plugin::destination::{PushUrl, PushUrlInvalid};
///
/// let url = PushUrl::parse(" RTMP://Live.Example.com:1935/app/ ")?;
/// assert_eq!(url.to_string(), "rtmp://live.example.com/app");
///
/// // People paste the whole publishing URL. Settings are shown again, keys must not stand in them.
/// let pasted = PushUrl::parse("rtmp://live.example.com/app/live_123_aBcDeF");
/// assert_eq!(pasted, Err(PushUrlInvalid::HoldsKey));
/// # Ok::<(), PushUrlInvalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushUrl {
    is_tls: bool,
    host: String,
    port: u16,
    /// From the first slash: path and query.
    path: String,
}

/// Why a text is no push URL. Never repeats it: it may hold a key.
///
/// ```
/// use neustream_plugin::Error;
/// use neustream_plugin::destination::{PushUrl, PushUrlInvalid};
///
/// let invalid = PushUrl::parse("https://example.com/live").unwrap_err();
/// assert_eq!(invalid, PushUrlInvalid::Scheme);
/// let error = Error::invalid_config("/rtmp_url", invalid.code(), &invalid.to_string());
/// assert_eq!(error.problem().message, "/rtmp_url: the URL must begin with rtmp:// or rtmps://");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushUrlInvalid {
    /// Longer than 2048 bytes.
    TooLong,
    /// White space, control characters, quotes, backslashes or characters outside ASCII.
    Characters,
    /// Neither `rtmp://` nor `rtmps://`.
    Scheme,
    /// `user:password@`.
    Credentials,
    /// No host, or one that is none.
    Host,
    /// Not a number from 1 to 65535.
    Port,
    /// No application after the host.
    NoApplication,
    /// A fragment.
    Fragment,
    /// What looks like a stream key.
    HoldsKey,
    /// `{stream_key}` or the like.
    Placeholder,
}

impl PushUrlInvalid {
    /// Kebab-case code: `key-in-url` or `invalid-url`.
    ///
    /// ```
    /// use neustream_plugin::destination::PushUrlInvalid;
    ///
    /// assert_eq!(PushUrlInvalid::HoldsKey.code(), "key-in-url");
    /// ```
    pub fn code(self) -> &'static str {
        match self {
            Self::HoldsKey => "key-in-url",
            _ => "invalid-url",
        }
    }
}

impl fmt::Display for PushUrlInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the URL is longer than 2048 bytes",
            Self::Characters => "the URL has characters that do not belong there",
            Self::Scheme => "the URL must begin with rtmp:// or rtmps://",
            Self::Credentials => "user name and password do not belong into the URL",
            Self::Host => "the URL has no valid host",
            Self::Port => "the port must be a number from 1 to 65535",
            Self::NoApplication => "the URL must name an application, as in rtmp://host/live",
            Self::Fragment => "the URL must not have a fragment (#...)",
            Self::HoldsKey => {
                "this looks like a stream key; put it into the stream key field, where it is stored encrypted"
            }
            Self::Placeholder => "leave out the placeholder of the key; it is appended by itself",
        })
    }
}

impl PushUrl {
    /// Reads a URL as a person pasted it; white space around it and slashes at its end are dropped.
    ///
    /// ```
    /// use neustream_plugin::destination::PushUrl;
    ///
    /// assert!(PushUrl::parse("rtmps://ingest.example/live").is_ok());
    /// assert!(PushUrl::parse("ingest.example/live").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, PushUrlInvalid> {
        Self::read(text, None)
    }

    /// [`PushUrl::parse`] for a platform with one application: platforms show their server without it.
    ///
    /// ```
    /// use neustream_plugin::destination::PushUrl;
    ///
    /// let url = PushUrl::parse_with_application("rtmps://ingest.example", "app")?;
    /// assert_eq!(url.to_string(), "rtmps://ingest.example/app");
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn parse_with_application(text: &str, application: &str) -> Result<Self, PushUrlInvalid> {
        Self::read(text, Some(application))
    }

    fn read(text: &str, application: Option<&str>) -> Result<Self, PushUrlInvalid> {
        let text = text.trim();
        if text.len() > MAX_URL_BYTES {
            return Err(PushUrlInvalid::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>' | b'`')) {
            return Err(PushUrlInvalid::Characters);
        }
        let (scheme, rest) = text.split_once("://").ok_or(PushUrlInvalid::Scheme)?;
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "rtmp" => false,
            "rtmps" => true,
            _ => return Err(PushUrlInvalid::Scheme),
        };
        if rest.contains('#') {
            return Err(PushUrlInvalid::Fragment);
        }
        let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(authority_end);
        let (host, port) = host_and_port(authority, default_port(is_tls))?;
        let path = match application {
            Some(application) if tail.trim_end_matches('/').is_empty() => format!("/{application}"),
            _ => path(tail)?,
        };
        Ok(Self { is_tls, host, port, path })
    }

    /// Whether the host is `pattern`: a name, or any name below it for `*.name`.
    ///
    /// ```
    /// use neustream_plugin::destination::PushUrl;
    ///
    /// let url = PushUrl::parse("rtmps://eu.ingest.example/live")?;
    /// assert!(url.is_on("*.ingest.example"));
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn is_on(&self, pattern: &str) -> bool {
        match pattern.strip_prefix('*') {
            Some(suffix) => self.host.len() > suffix.len() && self.host.ends_with(suffix),
            None => self.host == pattern,
        }
    }

    /// Whether the port is the usual one: 1935, or 443 with TLS.
    ///
    /// ```
    /// use neustream_plugin::destination::PushUrl;
    ///
    /// assert!(!PushUrl::parse("rtmp://ingest.example:1936/live")?.has_default_port());
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn has_default_port(&self) -> bool {
        self.port == default_port(self.is_tls)
    }

    /// How the host pushes to it.
    ///
    /// ```
    /// use neustream_plugin::destination::{Protocol, PushUrl};
    ///
    /// assert_eq!(PushUrl::parse("rtmps://ingest.example/live")?.protocol(), Protocol::Rtmps);
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn protocol(&self) -> Protocol {
        if self.is_tls { Protocol::Rtmps } else { Protocol::Rtmp }
    }

    /// A target with the pasted stream key (the secret [`STREAM_KEY`]) and nothing else to say.
    ///
    /// ```
    /// use neustream_plugin::Value;
    /// use neustream_plugin::destination::{Limits, PushUrl, Target};
    ///
    /// let target = PushUrl::parse("rtmps://ingest.example/live")?.into_target();
    /// assert_eq!(target.key, Value::secret("stream-key"));
    ///
    /// let limits = Limits { video_kbps: 6000, audio_kbps: 320, keyframe_ms: 2000 };
    /// let target = Target { limits: Some(limits), ..target };
    /// # Ok::<(), neustream_plugin::destination::PushUrlInvalid>(())
    /// ```
    pub fn into_target(self) -> Target {
        Target::new(self.to_string(), Value::secret(STREAM_KEY))
    }
}

impl fmt::Display for PushUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "rtmps" } else { "rtmp" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != default_port(self.is_tls) {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

/// RTMPS has no registered port; 443 is what the platforms and the host use.
fn default_port(is_tls: bool) -> u16 {
    if is_tls { 443 } else { 1935 }
}

fn host_and_port(authority: &str, default_port: u16) -> Result<(String, u16), PushUrlInvalid> {
    if authority.contains('@') {
        return Err(PushUrlInvalid::Credentials);
    }
    let host_end = match (authority.starts_with('['), authority.find(']')) {
        (true, None) => return Err(PushUrlInvalid::Host),
        (_, bracket) => bracket.map_or(0, |bracket| bracket + 1),
    };
    let (host, port) = match authority[host_end..].find(':').map(|at| host_end + at) {
        None => (authority, default_port),
        Some(colon) => {
            let digits = &authority[colon + 1..];
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let port = digits.parse().ok().filter(|port| is_number && *port != 0);
            (&authority[..colon], port.ok_or(PushUrlInvalid::Port)?)
        }
    };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let is_host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').is_some_and(|v6| v6.parse::<std::net::Ipv6Addr>().is_ok()),
        None => host.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        }),
    };
    if is_host { Ok((host.to_owned(), port)) } else { Err(PushUrlInvalid::Host) }
}

/// Path and query without slashes at the end of the path.
fn path(tail: &str) -> Result<String, PushUrlInvalid> {
    let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query)));
    let path = path.trim_end_matches('/');
    let mut segments = path.split('/').skip(1);
    if segments.clone().all(str::is_empty) {
        return Err(PushUrlInvalid::NoApplication);
    }
    if tail.contains(['{', '}']) || tail.contains("STREAM_KEY") {
        return Err(PushUrlInvalid::Placeholder);
    }
    let is_key_parameter = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        KEY_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) || looks_like_key(value)
    };
    // The first segment is the application whatever it looks like: some services hand out random ones.
    let holds_key = segments.nth(1).is_some_and(looks_like_key)
        || segments.any(looks_like_key)
        || query.is_some_and(|query| query.split('&').any(is_key_parameter));
    if holds_key {
        return Err(PushUrlInvalid::HoldsKey);
    }
    Ok(query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

/// Twitch `live_123_abc`, Kick `sk_...`, Facebook `FB-123-0-abc`, YouTube `ab12-cd34-ef56-gh78-ij90`, and any
/// long mixture of letters and digits.
fn looks_like_key(segment: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if !is_word(segment) {
        return false;
    }
    let is_youtube = {
        let groups = segment.split('-');
        groups.clone().count() >= 4 && groups.clone().all(|group| group.len() == 4)
    };
    let rest_of_twitch = segment.strip_prefix("live_").and_then(|rest| rest.split_once('_'));
    let is_twitch = rest_of_twitch.is_some_and(|(id, _)| id.bytes().all(|b| b.is_ascii_digit()));
    let has_digits = segment.bytes().any(|b| b.is_ascii_digit());
    let has_letters = segment.bytes().any(|b| b.is_ascii_alphabetic());
    let is_prefixed = ["sk_", "FB-"].iter().any(|prefix| segment.starts_with(prefix)) && has_digits;
    let is_long = segment.len() >= KEY_BYTES && has_digits && has_letters;
    is_youtube || is_twitch || is_prefixed || is_long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_urls_become_canonical() {
        for (text, expected) in [
            ("rtmp://Example.COM/live", "rtmp://example.com/live"),
            (" rtmp://example.com:1935/live// ", "rtmp://example.com/live"),
            ("RTMPS://example.com:443/app/", "rtmps://example.com/app"),
            ("rtmp://example.com:443/app", "rtmp://example.com:443/app"),
            ("rtmp://example.com./live/event-7", "rtmp://example.com/live/event-7"),
            ("rtmp://[2001:db8::1]:1936/live", "rtmp://[2001:db8::1]:1936/live"),
            ("rtmp://127.0.0.1/live", "rtmp://127.0.0.1/live"),
            ("rtmps://b.rtmps.youtube.com/live2?backup=1", "rtmps://b.rtmps.youtube.com/live2?backup=1"),
            ("rtmp://example.com/live2/_definst_", "rtmp://example.com/live2/_definst_"),
            (
                "rtmp://example.com/0123456789abcdef0123456789abcdef",
                "rtmp://example.com/0123456789abcdef0123456789abcdef",
            ),
        ] {
            assert_eq!(PushUrl::parse(text).expect(text).to_string(), expected);
        }
    }

    #[test]
    fn a_platforms_application_is_added_where_it_is_missing() {
        for text in ["rtmps://x.example", "rtmps://x.example:443/", "rtmps://x.example/app/"] {
            let url = PushUrl::parse_with_application(text, "app").expect(text);
            assert_eq!(url.to_string(), "rtmps://x.example/app");
        }
    }

    #[test]
    fn urls_that_cannot_be_pushed_to_are_refused_with_their_cause() {
        use PushUrlInvalid::*;
        for (text, expected) in [
            ("", Scheme),
            ("example.com/live", Scheme),
            ("http://example.com/live", Scheme),
            ("rtmpt://example.com/live", Scheme),
            ("rtmp:///live", Host),
            ("rtmp://exa..mple/live", Host),
            ("rtmp://a,b/live", Host),
            ("rtmp://[::1/live", Host),
            ("rtmp://user:pw@example.com/live", Credentials),
            ("rtmp://example.com:/live", Port),
            ("rtmp://example.com:0/live", Port),
            ("rtmp://example.com:70000/live", Port),
            ("rtmp://example.com:+1/live", Port),
            ("rtmp://example.com", NoApplication),
            ("rtmp://example.com//", NoApplication),
            ("rtmp://example.com?x=1", NoApplication),
            ("rtmp://example.com/live#x", Fragment),
            ("rtmp://example.com/li ve", Characters),
            ("rtmp://example.com\\live", Characters),
            ("rtmp://exämple.com/live", Characters),
            ("rtmp://example.com/app/{stream_key}", Placeholder),
            ("rtmp://example.com/app/YOUR_STREAM_KEY", Placeholder),
        ] {
            assert_eq!(PushUrl::parse(text), Err(expected), "{text}");
        }
        let long = format!("rtmp://example.com/{}", "a".repeat(3000));
        assert_eq!(PushUrl::parse(&long), Err(TooLong));
    }

    #[test]
    fn a_key_in_the_url_is_noticed() {
        for text in [
            "rtmp://live.twitch.tv/app/live_123456_aBcDeF",
            "rtmps://a.rtmps.youtube.com/live2/ab12-cd34-ef56-gh78-ij90",
            "rtmps://live-api-s.facebook.com:443/rtmp/FB-10203-0-AbyxQ",
            "rtmps://x.global-contribute.live-video.net/app/sk_us-west-2_abc123",
            "rtmp://example.com/live/0123456789abcdef0123456789abcdef",
            "rtmp://example.com/live/instance/a1b2c3d4e5f6g7h8i9j0k1",
            "rtmp://example.com/live?key=abc",
            "rtmp://example.com/live?x=1&Token=abc",
            "rtmp://example.com/live?u=0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(PushUrl::parse(text), Err(PushUrlInvalid::HoldsKey), "{text}");
        }
    }

    #[test]
    fn hosts_match_by_name_or_below_a_wildcard() {
        let url = |host: &str| PushUrl::parse(&format!("rtmp://{host}/app")).expect(host);
        assert!(url("live.twitch.tv").is_on("*.twitch.tv"));
        assert!(url("a.b.twitch.tv").is_on("*.twitch.tv"));
        assert!(url("twitch.tv").is_on("twitch.tv"));
        assert!(!url("twitch.tv").is_on("*.twitch.tv"));
        assert!(!url("eviltwitch.tv").is_on("*.twitch.tv"));
        assert!(!url("live.twitch.tv.evil.net").is_on("*.twitch.tv"));
    }
}
