//! Kick: one ingest over TLS, or the URL of the account's own dashboard.
//!
//! Kick runs on Amazon IVS, whose ingest hosts are
//! `<id>.global-contribute.live-video.net` and take RTMPS. The dashboard shows
//! the server without its application `app`, so that is added. Kick publishes no
//! limits. Whether it shows the broadcast is only told to a connected account,
//! so `check` does not know; a broadcast ends with its connection, so `finish`
//! has nothing to do.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, Platform, Target};
use neustream_plugin::{Context, Error, Host, read_config};
use serde::Deserialize;

const KICK: Platform =
    Platform { name: "Kick", hosts: &["*.global-contribute.live-video.net"], application: "app" };

const INGEST: &str = "rtmps://fa723fc1b171.global-contribute.live-video.net/app";

/// The adapter.
#[derive(Debug)]
pub struct Kick;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: Option<String>,
}

impl DestinationAdapter for Kick {
    fn prepare(host: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let url = KICK.push_url_over_tls(config.rtmp_url.as_deref().unwrap_or(INGEST))?;
        Ok(url.into_target())
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin::Value;
    use neustream_plugin::destination::{Health, Protocol};
    use neustream_plugin::testing::{FakeHost, assert_same_hosts, broadcast, config_of_examples};

    use super::*;

    fn prepare(config: &str) -> Result<Target, Error> {
        let host = FakeHost::new(config);
        Kick::prepare(&host, &host.context(), &broadcast())
    }

    #[test]
    fn the_target_is_kicks_ingest_over_tls() {
        let target = prepare("{}").expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.url, "rtmps://fa723fc1b171.global-contribute.live-video.net/app");
        assert_eq!(target.key, Value::secret("stream-key"));
        assert_eq!((target.limits, target.expires_at), (None, None));
    }

    #[test]
    fn the_url_of_the_dashboard_is_taken_with_or_without_the_application() {
        for url in [
            "rtmps://0a1b2c3d4e5f.global-contribute.live-video.net",
            "rtmps://0a1b2c3d4e5f.global-contribute.live-video.net:443/app/",
        ] {
            let target = prepare(&format!(r#"{{"rtmp_url": "{url}"}}"#)).expect("a target");
            assert_eq!(target.url, "rtmps://0a1b2c3d4e5f.global-contribute.live-video.net/app");
        }
    }

    #[test]
    fn a_server_elsewhere_or_without_tls_is_refused_at_its_field() {
        for (url, code) in [
            ("rtmps://global-contribute.live-video.net.evil.net/app", "foreign-host"),
            ("rtmps://169.254.169.254/app", "foreign-host"),
            ("rtmp://x.global-contribute.live-video.net/app", "not-encrypted"),
            ("rtmps://x.global-contribute.live-video.net/app/sk_us-west-2_AbC123", "key-in-url"),
        ] {
            let error = prepare(&format!(r#"{{"rtmp_url": "{url}"}}"#)).expect_err("a refusal");
            assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
            assert_eq!(error.code(), code);
            assert!(error.problem().message.starts_with("/rtmp_url: "), "{url}");
        }
    }

    #[test]
    fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
        assert_same_hosts(include_str!("../plugin.toml"), KICK);
        prepare(&config_of_examples(include_str!("../config.schema.json"))).expect("a target");
    }

    #[test]
    fn without_an_account_the_state_is_unknown_and_ending_succeeds() {
        let host = FakeHost::new("{}");
        assert_eq!(Kick::check(&host, &host.context(), b""), Ok(Health::UNKNOWN));
        assert_eq!(Kick::finish(&host, &host.context(), b""), Ok(()));
    }
}
