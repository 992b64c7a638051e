//! What an operator decides about the API.

use std::net::IpAddr;
use std::time::Duration;

use crate::rate_shared::RedisUrl;

/// So many within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub count: u32,
    /// Within which time.
    pub window: Duration,
}

impl Allowance {
    /// So many within a minute.
    pub const fn a_minute(count: u32) -> Self {
        Self { count, window: Duration::from_mins(1) }
    }
}

/// The text is not a list of allowances.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate limit such as `100/15m` or `60/1m, 1000/1h` (count/window in s, m or h), or `off`"
)]
pub struct AllowancesMalformed(String);

/// How many requests are taken, by scope. Several allowances of a scope all hold; without any there is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests without a valid token and requests for a token, of one network.
    pub anonymous: Vec<Allowance>,
    /// Failed sign-ins, of one network to one account.
    pub failed_logins: Vec<Allowance>,
    /// Requests of one person.
    pub user: Vec<Allowance>,
    /// Requests of one API key that has no limits of its own.
    pub key: Vec<Allowance>,
    /// Payments that are begun, confirmed or given back, of one organisation.
    pub payments: Vec<Allowance>,
}

impl Default for RateLimits {
    fn default() -> Self {
        let quarter_hour = Duration::from_mins(15);
        Self {
            anonymous: vec![Allowance { count: 100, window: quarter_hour }],
            failed_logins: vec![Allowance { count: 5, window: quarter_hour }],
            user: vec![Allowance::a_minute(100)],
            key: vec![Allowance::a_minute(60), Allowance { count: 1000, window: Duration::from_hours(1) }],
            payments: vec![Allowance::a_minute(10)],
        }
    }
}

impl RateLimits {
    /// Reads allowances: `100/15m`, or several with commas between them, or `off`.
    ///
    /// # Errors
    /// [`AllowancesMalformed`] for anything else, a count or a window of nothing among them.
    pub fn allowances(text: &str) -> Result<Vec<Allowance>, AllowancesMalformed> {
        if text.trim() == "off" {
            return Ok(Vec::new());
        }
        let each = |entry: &str| allowance(entry.trim()).ok_or_else(|| AllowancesMalformed(text.to_owned()));
        text.split(',').map(each).collect()
    }
}

fn allowance(text: &str) -> Option<Allowance> {
    let (count, window) = text.split_once('/')?;
    let unit_s = match window.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    let number: u64 = window[..window.len() - 1].parse().ok()?;
    let window = Duration::from_secs(number.checked_mul(unit_s)?);
    let count = count.parse().ok()?;
    (count > 0 && !window.is_zero()).then_some(Allowance { count, window })
}

/// The longest that an operator may let playback tokens live.
pub const MAX_PLAYBACK_TOKEN_AGE: Duration = Duration::from_hours(7 * 24);

/// Settings of the API. The default serves a stranger who typed one command.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// `http[s]://host[:port]` under which people reach this host; `None` to take it from every request.
    pub public_url: Option<String>,
    /// The same as far as the host knows it by itself: where links in mail lead when `public_url` is not set.
    pub own_url: String,
    /// `rtmp[s]://host[:port]/live` that encoders are told; `None` to compose it of the request's host and `rtmp_port`.
    pub public_rtmp_url: Option<String>,
    /// The port that RTMP is served on.
    pub rtmp_port: u16,
    /// Whether strangers may open an account.
    pub registration_open: bool,
    /// The reconnect window of a source that does not set its own.
    pub reconnect_window: Duration,
    /// How long a deletion can be taken back.
    pub deletion_grace: Duration,
    /// The longest that a playback token may live, at most [`MAX_PLAYBACK_TOKEN_AGE`].
    pub playback_token_max_age: Duration,
    /// Sources that a tenant may have.
    pub max_sources: u64,
    /// Destinations that a source may have.
    pub max_destinations: u64,
    /// Where a tenant gets more of what is limited.
    pub upgrade_url: Option<String>,
    /// How many requests are taken, by scope.
    pub rate_limits: RateLimits,
    /// Where nodes count together; `None` for one node, which counts in memory.
    pub redis: Option<RedisUrl>,
    /// Webhooks to one installation.
    pub hooks: Allowance,
    /// The largest request body.
    pub body_limit_bytes: usize,
    /// The longest that a request may take, its body included. HLS requests wait as long as playlists need.
    pub request_timeout: Duration,
    /// The longest that an upload of a package may take, until it is looked over.
    pub upload_timeout: Duration,
    /// Origins of other sites whose pages may use the API and Socket.IO.
    pub cors_origins: Vec<String>,
    /// Reverse proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `/metrics` answers others than this machine. It names no tenant's secret, but tells how busy the host is.
    pub metrics_public: bool,
    /// Socket.IO connections of all together.
    pub max_sockets: usize,
    /// Socket.IO connections of one user.
    pub max_sockets_per_user: usize,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            own_url: "http://localhost:3000".to_owned(),
            public_rtmp_url: None,
            rtmp_port: 1935,
            registration_open: true,
            reconnect_window: Duration::from_mins(1),
            deletion_grace: Duration::from_hours(30 * 24),
            playback_token_max_age: Duration::from_hours(24),
            max_sources: 100,
            max_destinations: 50,
            upgrade_url: None,
            rate_limits: RateLimits::default(),
            redis: None,
            hooks: Allowance { count: 1200, window: Duration::from_mins(1) },
            body_limit_bytes: 64 * 1024,
            request_timeout: Duration::from_secs(15),
            upload_timeout: Duration::from_secs(90),
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            metrics_public: false,
            max_sockets: 10_000,
            max_sockets_per_user: 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowances_are_read_from_their_text() {
        let minute = Allowance::a_minute(60);
        let hour = Allowance { count: 1000, window: Duration::from_hours(1) };
        assert_eq!(RateLimits::allowances("60/1m, 1000/1h").unwrap(), [minute, hour]);
        assert_eq!(RateLimits::allowances("60/60s").unwrap(), [minute]);
        assert_eq!(RateLimits::allowances("off").unwrap(), []);
        for text in
            ["", "60", "60/m", "60/1d", "0/1m", "60/0m", "-1/1m", "60/1m,", "60/99999999999999999999h"]
        {
            assert!(RateLimits::allowances(text).is_err(), "{text}");
        }
    }
}
