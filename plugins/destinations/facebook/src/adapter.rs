//! Facebook Live: one ingest over TLS, the key pasted from Live Producer.
//!
//! Sources: OBS services.json, "Facebook Live"; Meta's Live Video API overview:
//! a broadcast lasts 8 hours at most, so the target expires then. Facebook takes
//! RTMPS only. Whether it shows the broadcast is only told to a connected
//! account, so `check` does not know; Facebook ends the broadcast itself when
//! the connection ends, so `finish` has nothing to do.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, Limits, Platform, Target};
use neustream_plugin::{Context, Error, Host, read_config};
use serde::Deserialize;

const FACEBOOK: Platform = Platform { name: "Facebook", hosts: &["*.facebook.com"], application: "rtmp" };

const INGEST: &str = "rtmps://rtmp-api.facebook.com/rtmp";

const LIMITS: Limits = Limits { video_kbps: 9000, audio_kbps: 128, keyframe_ms: 2000 };

/// Longest broadcast.
const LIFETIME_MS: u64 = 8 * 60 * 60 * 1000;

/// The adapter.
#[derive(Debug)]
pub struct Facebook;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: Option<String>,
}

impl DestinationAdapter for Facebook {
    fn prepare(host: &impl Host, ctx: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let url = FACEBOOK.push_url_over_tls(config.rtmp_url.as_deref().unwrap_or(INGEST))?;
        Ok(Target {
            limits: Some(LIMITS),
            expires_at: Some(ctx.now.saturating_add(LIFETIME_MS)),
            ..url.into_target()
        })
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
        Facebook::prepare(&host, &host.context(), &broadcast())
    }

    #[test]
    fn the_target_is_facebooks_ingest_over_tls() {
        let target = prepare("{}").expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.url, "rtmps://rtmp-api.facebook.com/rtmp");
        assert_eq!(target.key, Value::secret("stream-key"));
        assert_eq!(target.limits, Some(LIMITS));
    }

    #[test]
    fn the_target_expires_with_the_longest_broadcast() {
        let host = FakeHost::new("{}");
        let ctx = host.context();
        let target = Facebook::prepare(&host, &ctx, &broadcast()).expect("a target");
        assert_eq!(target.expires_at, Some(ctx.now + 8 * 3600 * 1000));
        let ctx = Context { now: u64::MAX, ..ctx };
        let target = Facebook::prepare(&host, &ctx, &broadcast()).expect("a target");
        assert_eq!(target.expires_at, Some(u64::MAX));
    }

    #[test]
    fn the_server_that_live_producer_shows_is_taken() {
        let target =
            prepare(r#"{"rtmp_url": "rtmps://live-api-s.facebook.com:443/rtmp/"}"#).expect("a target");
        assert_eq!(target.url, "rtmps://live-api-s.facebook.com/rtmp");
    }

    #[test]
    fn a_server_elsewhere_or_without_tls_is_refused_at_its_field() {
        for (url, code) in [
            ("rtmps://facebook.com.evil.net/rtmp", "foreign-host"),
            ("rtmps://10.0.0.1/rtmp", "foreign-host"),
            ("rtmp://live-api-s.facebook.com/rtmp", "not-encrypted"),
            ("rtmps://live-api-s.facebook.com/rtmp/FB-10203-0-AbyxQ", "key-in-url"),
        ] {
            let error = prepare(&format!(r#"{{"rtmp_url": "{url}"}}"#)).expect_err("a refusal");
            assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
            assert_eq!(error.code(), code);
            assert!(error.problem().message.starts_with("/rtmp_url: "), "{url}");
        }
    }

    #[test]
    fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
        assert_same_hosts(include_str!("../plugin.toml"), FACEBOOK);
        prepare(&config_of_examples(include_str!("../config.schema.json"))).expect("a target");
    }

    #[test]
    fn without_an_account_the_state_is_unknown_and_ending_succeeds() {
        let host = FakeHost::new("{}");
        assert_eq!(Facebook::check(&host, &host.context(), b""), Ok(Health::UNKNOWN));
        assert_eq!(Facebook::finish(&host, &host.context(), b""), Ok(()));
    }
}
