//! Settings: `neustream.toml`, then `NEUSTREAM_*` variables, which win.
//!
//! Every setting is described in `neustream.example.toml`, which a test holds
//! against this file. A wrong or unknown setting stops the start with a message
//! that names it and where it came from.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use neustream_api::MAX_PLAYBACK_TOKEN_AGE;
use neustream_api::{RateLimits, RedisUrl};
use neustream_model::Secret;
use neustream_outbound::{OutboundSettings, ResolveOverride};
use neustream_store::{SealingKey, StoreSettings};
use serde::{Deserialize, Serialize};

/// Prefix of the environment variables.
const PREFIX: &str = "NEUSTREAM_";
/// Variables with the prefix that are for the tests, not for the host.
const TEST_PREFIX: &str = "test_";
/// Read when it is there and no other file is named.
pub const DEFAULT_FILE: &str = "neustream.toml";

/// Everything an operator can set. All of it has a default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API, the pages and HLS are served.
    pub http_addr: SocketAddr,
    /// Where RTMP is accepted.
    pub rtmp_addr: SocketAddr,
    /// Database file, keys and caches.
    pub data_dir: PathBuf,
    /// `sqlite:` or `postgres:` URL; by default a SQLite file in the data folder.
    pub database_url: Option<String>,
    /// Lets destinations and plugins reach loopback and private addresses.
    pub allow_private_networks: bool,
    /// How people reach `http_addr`, such as `https://live.example.com`; by default derived from the address.
    pub public_url: Option<String>,
    /// How encoders reach `rtmp_addr`, such as `rtmp://live.example.com`; by default derived from the address.
    pub rtmp_public_url: Option<String>,
    /// Whether anybody may register an account.
    pub registrations_open: bool,
    /// Certificates (PEM file) that are trusted besides Mozilla's roots.
    pub outbound_ca_file: Option<PathBuf>,
    /// Hosts with a fixed address: `host:port=ip:port`, separated by commas.
    pub outbound_resolve: String,
    /// A folder with more plugins (`*.wasm`) to load at the start, for development and private builds.
    pub plugin_dir: Option<PathBuf>,
    /// Whether tenants may try out plugins that they develop, unsigned and for themselves alone.
    pub plugin_development: bool,
    /// Reconnect window of new sources, in seconds.
    pub reconnect_window_s: u64,
    /// Days in which a deletion of an organisation or an account can be taken back.
    pub deletion_grace_days: u64,
    /// The longest that a playback token may live, in seconds.
    pub playback_token_max_age_s: u64,
    /// The plan of organisations that have no subscription.
    pub default_plan: String,
    /// Where people get more of what their plan limits.
    pub upgrade_url: Option<String>,
    /// Seconds that a stream goes on when its plan's streaming time is used up.
    pub streaming_grace_s: u64,
    /// How often it is written down how long streams run, in seconds.
    pub usage_interval_s: u64,
    /// Whether `/metrics` answers others than this machine.
    pub metrics_public: bool,
    /// Addresses of reverse proxies whose `X-Forwarded-*` headers are believed, separated by commas.
    pub trusted_proxies: String,
    /// Origins of other sites whose pages may use the API, separated by commas.
    pub cors_origins: String,
    /// `redis:` or `rediss:` URL where several nodes count requests together.
    pub redis_url: Option<SecretSetting>,
    /// Requests without a valid token, of one network: `count/window`, several with commas, or `off`.
    pub rate_limit_anonymous: String,
    /// Failed sign-ins, of one network to one account.
    pub rate_limit_failed_logins: String,
    /// Requests of one person.
    pub rate_limit_user: String,
    /// Requests of one API key.
    pub rate_limit_key: String,
    /// Payments of one organisation.
    pub rate_limit_payments: String,
    /// Socket.IO connections of one person.
    pub sockets_per_user: usize,
    /// The mail server (SMTP) that mail goes through; without one, what would be mailed goes to the log.
    pub smtp_host: Option<String>,
    /// Its port; by default 587, 465 or 25, as `smtp_encryption` says.
    pub smtp_port: Option<u16>,
    /// How the conversation with it is kept secret.
    pub smtp_encryption: SmtpEncryption,
    /// Whom the host signs in as there.
    pub smtp_username: Option<String>,
    /// The password for it.
    pub smtp_password: Option<SecretSetting>,
    /// The sender of mail; by default `neustream@` and the name of `public_url`.
    pub mail_from: Option<String>,
    /// The client of this host at Google, with which people sign in.
    pub google_client_id: Option<String>,
    /// Its secret.
    pub google_client_secret: Option<SecretSetting>,
    /// The client of this host at Twitch, with which people sign in.
    pub twitch_client_id: Option<String>,
    /// Its secret.
    pub twitch_client_secret: Option<SecretSetting>,
    /// Log filter in the syntax of tracing-subscriber's `EnvFilter`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
}

/// A setting that is not shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretSetting(String);

impl SecretSetting {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret as the rest of the house keeps it.
    pub fn secret(&self) -> Secret {
        Secret::new(self.0.clone())
    }
}

impl std::fmt::Debug for SecretSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// How the conversation with a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpEncryption {
    /// It begins in the clear and changes to TLS before anything is told (RFC 3207).
    Starttls,
    /// It is TLS from the first byte on (RFC 8314).
    Tls,
    /// Not at all: for a mail server on this machine.
    None,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http_addr: SocketAddr::from(([0, 0, 0, 0], 3000)),
            rtmp_addr: SocketAddr::from(([0, 0, 0, 0], 1935)),
            data_dir: PathBuf::from("./data"),
            database_url: None,
            allow_private_networks: false,
            public_url: None,
            rtmp_public_url: None,
            registrations_open: true,
            outbound_ca_file: None,
            outbound_resolve: String::new(),
            plugin_dir: None,
            plugin_development: true,
            reconnect_window_s: 60,
            deletion_grace_days: 30,
            playback_token_max_age_s: 86_400,
            default_plan: "unlimited".to_owned(),
            upgrade_url: None,
            streaming_grace_s: 300,
            usage_interval_s: 10,
            metrics_public: false,
            trusted_proxies: String::new(),
            cors_origins: String::new(),
            redis_url: None,
            rate_limit_anonymous: "100/15m".to_owned(),
            rate_limit_failed_logins: "5/15m".to_owned(),
            rate_limit_user: "100/1m".to_owned(),
            rate_limit_key: "60/1m, 1000/1h".to_owned(),
            rate_limit_payments: "10/1m".to_owned(),
            sockets_per_user: 5,
            smtp_host: None,
            smtp_port: None,
            smtp_encryption: SmtpEncryption::Starttls,
            smtp_username: None,
            smtp_password: None,
            mail_from: None,
            google_client_id: None,
            google_client_secret: None,
            twitch_client_id: None,
            twitch_client_secret: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads the settings; `file` must exist when it is named.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(file) = file
            && !file.is_file()
        {
            bail!("the settings file {} does not exist", file.display());
        }
        let is_for_tests = |name: &str| name.to_ascii_lowercase().starts_with(TEST_PREFIX);
        let environment = Env::prefixed(PREFIX).filter(move |name| !is_for_tests(name.as_str()));
        let figment = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file.unwrap_or(Path::new(DEFAULT_FILE))))
            .merge(environment);
        let config: Self =
            figment.extract().map_err(|error| anyhow::anyhow!("wrong setting: {}", explain(&error)))?;
        config.check()?;
        Ok(config)
    }

    /// What the outbound door is opened with.
    pub fn outbound(&self) -> anyhow::Result<OutboundSettings> {
        let extra_ca_pem = match &self.outbound_ca_file {
            Some(path) => Some(std::fs::read(path).with_context(|| {
                format!("wrong setting `outbound_ca_file`: {} cannot be read", path.display())
            })?),
            None => None,
        };
        Ok(OutboundSettings {
            allow_private_networks: self.allow_private_networks,
            extra_ca_pem,
            resolve: self.resolve_overrides()?,
        })
    }

    /// How the database is reached.
    pub fn store_settings(&self, key: SealingKey) -> StoreSettings {
        match &self.database_url {
            Some(url) => StoreSettings::by_url(url.clone(), key),
            None => StoreSettings::sqlite_in(&self.data_dir, key),
        }
    }

    /// The proxies whose word counts.
    pub fn trusted_proxies(&self) -> anyhow::Result<Vec<IpAddr>> {
        let parse = |entry: &str| {
            entry
                .parse()
                .map_err(|_| anyhow::anyhow!("wrong setting `trusted_proxies`: `{entry}` is not an address"))
        };
        entries(&self.trusted_proxies).map(parse).collect()
    }

    /// The sites whose pages may use the API.
    pub fn cors_origins(&self) -> Vec<String> {
        entries(&self.cors_origins).map(str::to_owned).collect()
    }

    /// How many requests are taken, by scope.
    pub fn rate_limits(&self) -> anyhow::Result<RateLimits> {
        let parse = |name: &str, text: &str| {
            RateLimits::allowances(text).map_err(|error| anyhow::anyhow!("wrong setting `{name}`: {error}"))
        };
        Ok(RateLimits {
            anonymous: parse("rate_limit_anonymous", &self.rate_limit_anonymous)?,
            failed_logins: parse("rate_limit_failed_logins", &self.rate_limit_failed_logins)?,
            user: parse("rate_limit_user", &self.rate_limit_user)?,
            key: parse("rate_limit_key", &self.rate_limit_key)?,
            payments: parse("rate_limit_payments", &self.rate_limit_payments)?,
        })
    }

    /// The Redis that nodes share.
    pub fn redis(&self) -> anyhow::Result<Option<RedisUrl>> {
        let parse = |url: &SecretSetting| {
            url.expose().parse().map_err(|error| anyhow::anyhow!("wrong setting `redis_url`: {error}"))
        };
        self.redis_url.as_ref().map(parse).transpose()
    }

    fn resolve_overrides(&self) -> anyhow::Result<Vec<ResolveOverride>> {
        let parse = |entry: &str| {
            entry.parse().map_err(|error| anyhow::anyhow!("wrong setting `outbound_resolve`: {error}"))
        };
        entries(&self.outbound_resolve).map(parse).collect()
    }

    /// Clients at the providers that people sign in with: name, id and secret.
    pub fn sign_in_clients(&self) -> Vec<(&'static str, String, Secret)> {
        let pairs = [
            ("google", &self.google_client_id, &self.google_client_secret),
            ("twitch", &self.twitch_client_id, &self.twitch_client_secret),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, id, secret)| Some((name, id.clone()?, secret.as_ref()?.secret())))
            .collect()
    }

    /// A secret needs its other half, and a password a conversation that nobody overhears.
    fn check_identity(&self) -> anyhow::Result<()> {
        for (name, other, is_whole) in [
            (
                "google_client_id",
                "google_client_secret",
                self.google_client_id.is_some() == self.google_client_secret.is_some(),
            ),
            (
                "twitch_client_id",
                "twitch_client_secret",
                self.twitch_client_id.is_some() == self.twitch_client_secret.is_some(),
            ),
            ("smtp_username", "smtp_password", self.smtp_username.is_some() == self.smtp_password.is_some()),
        ] {
            if !is_whole {
                bail!("wrong setting `{name}`: it goes together with `{other}`, set both or neither");
            }
        }
        let is_local = self.smtp_host.as_deref().is_none_or(|host| {
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        });
        if self.smtp_encryption == SmtpEncryption::None && self.smtp_password.is_some() && !is_local {
            bail!(
                "wrong setting `smtp_encryption`: a password does not go to another machine without encryption"
            );
        }
        Ok(())
    }

    fn check(&self) -> anyhow::Result<()> {
        self.check_identity()?;
        self.resolve_overrides()?;
        self.trusted_proxies()?;
        self.rate_limits()?;
        self.redis()?;
        for (name, url, schemes) in [
            ("public_url", &self.public_url, ["http://", "https://"]),
            ("rtmp_public_url", &self.rtmp_public_url, ["rtmp://", "rtmps://"]),
        ] {
            if let Some(url) = url
                && !schemes.iter().any(|scheme| url.starts_with(scheme))
            {
                bail!("wrong setting `{name}`: `{url}` does not begin with {}", schemes.join(" or "));
            }
        }
        if let Some(url) = &self.database_url
            && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
        {
            // The URL may carry a password: it is not repeated.
            bail!("wrong setting `database_url`: it begins neither with `sqlite:` nor with `postgres:`");
        }
        if self.deletion_grace_days > 365 {
            bail!("wrong setting `deletion_grace_days`: it is 0 to 365 days");
        }
        if !(1..=MAX_PLAYBACK_TOKEN_AGE.as_secs()).contains(&self.playback_token_max_age_s) {
            bail!(
                "wrong setting `playback_token_max_age_s`: it is 1 to {} seconds",
                MAX_PLAYBACK_TOKEN_AGE.as_secs()
            );
        }
        if !(1..=60).contains(&self.usage_interval_s) {
            bail!("wrong setting `usage_interval_s`: it is 1 to 60 seconds");
        }
        if self.log.parse::<tracing_subscriber::EnvFilter>().is_err() {
            bail!("wrong setting `log`: `{}` is not a log filter", self.log);
        }
        Ok(())
    }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Every error of figment with the setting and its origin, the first line of each.
fn explain(error: &figment::Error) -> String {
    let describe = |error: figment::Error| {
        let name = error.path.join(".");
        let origin = error.metadata.as_ref().map(|metadata| format!(" (from {})", metadata.name));
        if name.is_empty() {
            format!("{}{}", error.kind, origin.unwrap_or_default())
        } else {
            format!("`{name}`{}: {}", origin.unwrap_or_default(), error.kind)
        }
    };
    error.clone().into_iter().map(describe).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::result_large_err,
    reason = "a test that panics has failed; the large error is figment's"
)]
mod tests {
    use figment::Jail;

    use super::*;

    #[test]
    fn without_settings_the_defaults_hold() {
        Jail::expect_with(|_| {
            let config = Config::load(None).unwrap();
            assert_eq!(config.http_addr.port(), 3000);
            assert!(!config.allow_private_networks);
            Ok(())
        });
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        Jail::expect_with(|jail| {
            jail.create_file("neustream.toml", "http_addr = \"127.0.0.1:1\"\nlog = \"debug\"")?;
            jail.set_env("NEUSTREAM_HTTP_ADDR", "127.0.0.1:2");
            jail.set_env("NEUSTREAM_TEST_FFMPEG9", "/usr/bin/ffmpeg");
            let config = Config::load(None).unwrap();
            assert_eq!(config.http_addr.port(), 2);
            assert_eq!(config.log, "debug");
            Ok(())
        });
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (name, value, expected) in [
            ("NEUSTREAM_HTTP_ADDR", "nonsense", "http_addr"),
            ("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "perhaps", "allow_private_networks"),
            ("NEUSTREAM_OUTBOUND_RESOLVE", "a=b", "outbound_resolve"),
            ("NEUSTREAM_DATABASE_URL", "mysql://user:hunter2@host/db", "database_url"),
            ("NEUSTREAM_RATE_LIMIT_USER", "100", "rate_limit_user"),
            ("NEUSTREAM_REDIS_URL", "http://:hunter2@redis", "redis_url"),
            ("NEUSTREAM_HTP_ADDR", "127.0.0.1:2", "htp_addr"),
            ("NEUSTREAM_GOOGLE_CLIENT_SECRET", "GOCSPX-hunter2", "google_client_secret"),
            ("NEUSTREAM_SMTP_PASSWORD", "hunter2", "smtp_password"),
            ("NEUSTREAM_SMTP_ENCRYPTION", "ssl", "smtp_encryption"),
            ("NEUSTREAM_USAGE_INTERVAL_S", "0", "usage_interval_s"),
            ("NEUSTREAM_PLAYBACK_TOKEN_MAX_AGE_S", "999999999", "playback_token_max_age_s"),
        ] {
            Jail::expect_with(|jail| {
                jail.set_env(name, value);
                let error = format!("{:#}", Config::load(None).unwrap_err());
                assert!(error.contains(expected), "{error}");
                assert!(!error.contains("hunter2"), "{error}");
                Ok(())
            });
        }
    }

    #[test]
    fn the_example_file_documents_every_setting_and_parses() {
        let example = include_str!("../../../neustream.example.toml");
        let defaults =
            toml::Value::try_from(Config { database_url: Some("x".into()), ..Config::default() }).unwrap();
        let optional = [
            "upgrade_url",
            "smtp_host",
            "smtp_port",
            "smtp_username",
            "smtp_password",
            "mail_from",
            "google_client_id",
            "google_client_secret",
            "twitch_client_id",
            "twitch_client_secret",
            "redis_url",
            "public_url",
            "rtmp_public_url",
            "outbound_ca_file",
            "plugin_dir",
        ];
        for name in defaults.as_table().unwrap().keys().map(String::as_str).chain(optional) {
            let documented =
                example.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} =")));
            assert!(documented, "neustream.example.toml does not document `{name}`");
            assert!(
                example.contains(&format!("NEUSTREAM_{}", name.to_uppercase())),
                "no variable named for `{name}`"
            );
        }
    }
}
