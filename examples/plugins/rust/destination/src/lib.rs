//! Sends the broadcast to a channel on Example Live, a made-up platform.

use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Target};
use neustream_plugin::{Context, Error, Host, Request, Value, query, read_config};
use serde::Deserialize;

/// The adapter.
pub struct ExampleLive;

neustream_plugin::export_destination!(ExampleLive);

/// The settings, as `config.schema.json` describes them.
#[derive(Deserialize)]
struct Config {
    channel: String,
    #[serde(default)]
    server: Server,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Server {
    #[default]
    Eu,
    Us,
}

/// What the platform tells about a channel.
#[derive(Deserialize)]
struct Channel {
    live: bool,
    viewers: Option<u64>,
}

impl DestinationAdapter for ExampleLive {
    // Called before every push, also after a lost connection: the same broadcast must give the same target.
    fn prepare(host: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let url = match config.server {
            Server::Eu => "rtmps://eu.ingest.live.example/live",
            Server::Us => "rtmps://us.ingest.live.example/live",
        };
        // An instance lives for one call. What `check` and `finish` need to know, they get from here.
        let state = config.channel.into_bytes();
        Ok(Target {
            state,
            ..Target::new(url, Value::secret("stream-key"))
        })
    }

    // Called now and then while the broadcast runs.
    fn check(host: &impl Host, _: &Context, state: &[u8]) -> Result<Health, Error> {
        let channel = query::escape(&String::from_utf8_lossy(state));
        let request = Request::get(format!("https://api.live.example/v1/channels/{channel}"));
        let response = host.send(&request)?;
        if response.status == 404 {
            return Ok(Health {
                live: Some(false),
                viewers: None,
            });
        }
        let channel: Channel = response.success("Example Live")?.json()?;
        Ok(Health {
            live: Some(channel.live),
            viewers: channel.viewers,
        })
    }

    // `finish` would end the broadcast on the platform. Here it ends with its connection, as the trait's own says.
}

#[cfg(test)]
mod tests {
    use neustream_plugin::destination::Protocol;
    use neustream_plugin::testing::{FakeHost, answer, broadcast, config_of_examples};

    use super::*;

    const SCHEMA: &str = include_str!("../config.schema.json");

    fn prepared(config: &str) -> Target {
        let host = FakeHost::new(config).with_schema(SCHEMA);
        ExampleLive::prepare(&host, &host.context(), &broadcast()).expect("a target")
    }

    fn checked(status: u16, body: &str) -> Result<Health, Error> {
        let request = Request::get("https://api.live.example/v1/channels/ronni");
        let host = FakeHost::new("{}").expect(request, answer(status, &[], body));
        ExampleLive::check(&host, &host.context(), b"ronni")
    }

    #[test]
    fn the_target_is_the_chosen_server_and_the_tenants_key() {
        let target = prepared(r#"{"channel": "ronni", "server": "us"}"#);
        assert_eq!(target.url, "rtmps://us.ingest.live.example/live");
        assert_eq!(target.protocol, Protocol::Rtmps);
        assert_eq!(target.key, Value::secret("stream-key"));
        assert_eq!(target.state, b"ronni");
    }

    #[test]
    fn the_examples_of_the_form_work() {
        let target = prepared(&config_of_examples(SCHEMA));
        assert_eq!(target.url, "rtmps://eu.ingest.live.example/live");
    }

    #[test]
    fn the_platform_tells_how_many_watch() {
        let health = checked(200, r#"{"live": true, "viewers": 12}"#);
        assert_eq!(
            health,
            Ok(Health {
                live: Some(true),
                viewers: Some(12)
            })
        );
    }

    #[test]
    fn a_channel_that_is_not_there_is_not_live() {
        assert_eq!(
            checked(404, ""),
            Ok(Health {
                live: Some(false),
                viewers: None
            })
        );
    }

    #[test]
    fn a_platform_that_fails_is_an_error_and_not_the_end_of_the_broadcast() {
        assert!(matches!(checked(503, ""), Err(Error::Unavailable(_))));
        assert!(matches!(checked(200, "<html>"), Err(Error::Unavailable(_))));
    }
}
