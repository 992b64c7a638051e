//! Any RTMP server: what the tenant wrote, checked and in canonical form.
//!
//! RTMP has no way to ask a server whether it shows a stream, so `check` says
//! that it does not know; the host's own count of acknowledged bytes is all
//! there is. A broadcast ends with its connection, so `finish` has nothing to do.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, PushUrl, Target};
use neustream_plugin::{Context, Error, Host, read_config};
use serde::Deserialize;

/// The adapter.
#[derive(Debug)]
pub struct CustomRtmp;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: String,
}

impl DestinationAdapter for CustomRtmp {
    fn prepare(host: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let url = PushUrl::parse(&config.rtmp_url)
            .map_err(|error| Error::invalid_config("/rtmp_url", error.code(), &error.to_string()))?;
        Ok(url.into_target())
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin::Value;
    use neustream_plugin::destination::{Health, Protocol};
    use neustream_plugin::testing::{FakeHost, broadcast, config_of_examples};

    use super::*;

    fn prepare(config: &str) -> Result<Target, Error> {
        let host = FakeHost::new(config);
        CustomRtmp::prepare(&host, &host.context(), &broadcast())
    }

    #[test]
    fn the_target_is_the_configured_server_and_the_pasted_key() {
        let target = prepare(r#"{"rtmp_url": " RTMP://Live.Example.com:1935/app/ "}"#).expect("a target");
        assert_eq!(target.url, "rtmp://live.example.com/app");
        assert_eq!(target.protocol, Protocol::Rtmp);
        assert_eq!(target.key, Value::secret("stream-key"));
        assert_eq!((target.backup_url, target.limits, target.expires_at), (None, None, None));
    }

    #[test]
    fn rtmps_is_pushed_over_tls() {
        let target = prepare(r#"{"rtmp_url": "rtmps://live.example.com/app"}"#).expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
    }

    #[test]
    fn preparing_twice_gives_the_same_target() {
        let config = r#"{"rtmp_url": "rtmp://live.example.com/app"}"#;
        assert_eq!(prepare(config), prepare(config));
    }

    #[test]
    fn a_key_in_the_url_is_refused_and_not_repeated() {
        let error =
            prepare(r#"{"rtmp_url": "rtmp://live.twitch.tv/app/live_123_AbCdEf"}"#).expect_err("a refusal");
        assert!(matches!(error, Error::InvalidConfig(_)));
        assert_eq!(error.code(), "key-in-url");
        assert!(error.problem().message.starts_with("/rtmp_url: "));
        assert!(!error.problem().message.contains("AbCdEf"));
    }

    #[test]
    fn a_url_that_cannot_be_pushed_to_is_an_error_at_its_field() {
        for url in [
            "http://example.com/live",
            "rtmp://example.com",
            "rtmp://a b/live",
            "rtmp://u:p@example.com/live",
        ] {
            let error = prepare(&format!(r#"{{"rtmp_url": "{url}"}}"#)).expect_err("a refusal");
            assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
            assert!(error.problem().message.starts_with("/rtmp_url: "), "{url}");
        }
    }

    #[test]
    fn a_configuration_that_is_not_ours_is_invalid() {
        for config in ["", "{}", "[]", r#"{"rtmp_url": 1}"#, r#"{"rtmp_url": "rtmp://a/b", "x": 1}"#] {
            assert!(matches!(prepare(config), Err(Error::InvalidConfig(_))), "{config}");
        }
    }

    #[test]
    fn the_form_shows_an_example_that_works() {
        prepare(&config_of_examples(include_str!("../config.schema.json"))).expect("a target");
    }

    #[test]
    fn whether_a_server_shows_the_broadcast_is_unknown_and_ending_it_succeeds() {
        let host = FakeHost::new("{}");
        assert_eq!(CustomRtmp::check(&host, &host.context(), b""), Ok(Health::UNKNOWN));
        assert_eq!(CustomRtmp::finish(&host, &host.context(), b""), Ok(()));
    }
}
