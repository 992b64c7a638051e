//! Pushes to a stage of Acme Live, a made-up platform: one ingest host a stage, the key is the tenant's.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, Platform, Target};
use neustream_plugin::{Context, Error, Host, read_config};
use serde::Deserialize;

const ACME: Platform = Platform { name: "Acme Live", hosts: &["*.ingest.acme.example"], application: "live" };

/// The adapter.
#[derive(Debug)]
pub struct Stage;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    stage: Name,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Main,
    Club,
}

impl DestinationAdapter for Stage {
    fn prepare(host: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let url = match config.stage {
            Name::Main => "rtmps://main.ingest.acme.example/live",
            Name::Club => "rtmps://club.ingest.acme.example/live",
        };
        Ok(ACME.push_url(url)?.into_target())
    }
}

neustream_plugin::export_destination!(Stage);

#[cfg(test)]
mod tests {
    use neustream_plugin::Value;
    use neustream_plugin::testing::{FakeHost, assert_same_hosts, broadcast};

    use super::*;

    #[test]
    fn every_stage_has_its_own_ingest_and_the_tenants_key() {
        for (stage, url) in [
            ("main", "rtmps://main.ingest.acme.example/live"),
            ("club", "rtmps://club.ingest.acme.example/live"),
        ] {
            let host = FakeHost::new(format!(r#"{{"stage": "{stage}"}}"#));
            let target = Stage::prepare(&host, &host.context(), &broadcast()).expect("a target");
            assert_eq!(target.url, url);
            assert_eq!(target.key, Value::Secret("stream-key".to_owned()));
        }
    }

    #[test]
    fn the_manifest_names_the_same_hosts() {
        assert_same_hosts(include_str!("../plugin.toml"), ACME);
    }
}
