//! YouTube Live: a fixed primary and backup ingest, the key pasted from YouTube Studio.
//!
//! Source: OBS services.json, "YouTube - RTMPS". Whether YouTube shows the
//! broadcast is only told to a connected account (`liveBroadcasts.list`), so
//! `check` does not know. With auto-stop, YouTube ends the broadcast itself when
//! the connection ends, so `finish` has nothing to do.

use neustream_plugin_support::{
    Broadcast, Context, DestinationAdapter, Error, Health, Host, Limits, Platform, Target, UNKNOWN,
    read_config,
};
use serde::Deserialize;

const YOUTUBE: Platform =
    Platform { name: "YouTube", hosts: &["*.rtmps.youtube.com", "*.rtmp.youtube.com"], application: "live2" };

const PRIMARY: &str = "rtmps://a.rtmps.youtube.com/live2";
const BACKUP: &str = "rtmps://b.rtmps.youtube.com/live2?backup=1";

const LIMITS: Limits = Limits { video_kbps: 51_000, audio_kbps: 160, keyframe_ms: 2000 };

/// The adapter.
#[derive(Debug)]
pub struct YouTube;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: Option<String>,
}

impl DestinationAdapter for YouTube {
    fn prepare(host: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let backup_url = config.rtmp_url.is_none().then(|| BACKUP.to_owned());
        let url = YOUTUBE.push_url(config.rtmp_url.as_deref().unwrap_or(PRIMARY))?;
        Ok(Target { backup_url, limits: Some(LIMITS), ..url.into_target() })
    }

    fn check(_: &impl Host, _: &Context, _: &[u8]) -> Result<Health, Error> {
        Ok(UNKNOWN)
    }

    fn finish(_: &impl Host, _: &Context, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin_support::stand_in::{
        StandIn, assert_same_hosts, broadcast, config_of_examples, problem,
    };
    use neustream_plugin_support::{Protocol, PushUrl, Value};

    use super::*;

    fn prepare(config: &str) -> Result<Target, Error> {
        let host = StandIn::new(config);
        YouTube::prepare(&host, &host.context(), &broadcast())
    }

    #[test]
    fn the_target_is_the_primary_ingest_over_tls_with_its_backup() {
        let target = prepare("{}").expect("a target");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.url, "rtmps://a.rtmps.youtube.com/live2");
        assert_eq!(target.backup_url.as_deref(), Some("rtmps://b.rtmps.youtube.com/live2?backup=1"));
        assert_eq!(target.key, Value::Secret("stream-key".to_owned()));
        assert_eq!(target.limits.map(|limits| limits.video_kbps), Some(51_000));
        assert_eq!(target.expires_at, None);
    }

    #[test]
    fn the_fixed_ingests_are_on_youtubes_hosts() {
        for url in [PRIMARY, BACKUP] {
            assert!(YOUTUBE.has(&PushUrl::parse(url).expect(url)), "{url}");
        }
    }

    #[test]
    fn another_server_of_youtube_is_taken_without_a_backup() {
        let target = prepare(r#"{"rtmp_url": "rtmp://b.rtmp.youtube.com"}"#).expect("a target");
        assert_eq!((target.url.as_str(), target.backup_url), ("rtmp://b.rtmp.youtube.com/live2", None));
        assert_eq!(target.protocol, Protocol::Rtmp);
    }

    #[test]
    fn a_server_elsewhere_is_refused_at_its_field() {
        for url in
            ["rtmp://rtmp.youtube.com.evil.net/live2", "rtmp://127.0.0.1/live2", "rtmps://youtube.com/live2"]
        {
            let error = prepare(&format!(r#"{{"rtmp_url": "{url}"}}"#)).expect_err("a refusal");
            assert!(matches!(error, Error::InvalidConfig(_)), "{url}");
            assert_eq!(problem(&error).code, "foreign-host");
            assert!(problem(&error).message.starts_with("/rtmp_url: "), "{url}");
        }
    }

    #[test]
    fn a_key_pasted_into_the_url_is_refused() {
        let config = r#"{"rtmp_url": "rtmps://a.rtmps.youtube.com/live2/ab12-cd34-ef56-gh78-ij90"}"#;
        assert_eq!(problem(&prepare(config).expect_err("a refusal")).code, "key-in-url");
    }

    #[test]
    fn the_manifest_names_the_same_hosts_and_the_form_shows_examples_that_work() {
        assert_same_hosts(include_str!("../plugin.toml"), YOUTUBE);
        prepare(&config_of_examples(include_str!("../config.schema.json"))).expect("a target");
    }

    #[test]
    fn without_an_account_the_state_is_unknown_and_ending_succeeds() {
        let host = StandIn::new("{}");
        assert_eq!(YouTube::check(&host, &host.context(), b""), Ok(UNKNOWN));
        assert_eq!(YouTube::finish(&host, &host.context(), b""), Ok(()));
    }
}
