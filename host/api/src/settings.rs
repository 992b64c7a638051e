//! What an operator decides about the API.

use std::net::IpAddr;
use std::time::Duration;

/// So many within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub count: u32,
    /// Within which time.
    pub window: Duration,
}

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
    /// Sources that a tenant may have.
    pub max_sources: u64,
    /// Destinations that a source may have.
    pub max_destinations: u64,
    /// Where a tenant gets more of what is limited.
    pub upgrade_url: Option<String>,
    /// Requests without a token, per address.
    pub anonymous: Allowance,
    /// Failed sign-ins, per address and account.
    pub failed_logins: Allowance,
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
        let quarter_hour = Duration::from_mins(15);
        Self {
            public_url: None,
            own_url: "http://localhost:3000".to_owned(),
            public_rtmp_url: None,
            rtmp_port: 1935,
            registration_open: true,
            reconnect_window: Duration::from_mins(1),
            max_sources: 100,
            max_destinations: 50,
            upgrade_url: None,
            anonymous: Allowance { count: 100, window: quarter_hour },
            failed_logins: Allowance { count: 5, window: quarter_hour },
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
