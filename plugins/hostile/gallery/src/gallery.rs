//! The adapter, and the deeds that only a destination can do.

use neustream_hostile_deeds::{asking, computing, failure, keeping, parsed, signing, telling};
use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Limits, Protocol, Target};
use neustream_plugin::{AuthenticatingHost, Context, Error, Host, Value};

struct Gallery;

neustream_plugin::export_destination!(Gallery);

impl DestinationAdapter for Gallery {
    fn prepare(host: &impl Host, _: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
        perform(host, &broadcast.title)
    }

    fn check(host: &impl Host, _: &Context, state: &[u8]) -> Result<Health, Error> {
        let health = Health { live: Some(true), viewers: Some(7) };
        perform(host, &String::from_utf8_lossy(state)).map(|_| health)
    }

    fn finish(host: &impl Host, _: &Context, state: &[u8]) -> Result<(), Error> {
        perform(host, &String::from_utf8_lossy(state)).map(drop)
    }
}

const PUSH: &str = "rtmp://push.hostile.test/live";

fn perform(host: &impl Host, title: &str) -> Result<Target, Error> {
    let (deed, argument) = parsed(title);
    let stream_key = || Value::secret("stream-key");
    let learned = match deed {
        "giant-list" => vec![1; 20 << 20],
        "big-state" => vec![1; (16 << 10) + 1],
        "echo-secret" => asked(host, "send-header", &format!("api-token {argument}"))?,
        "send-stream-key" => asked(host, "send-header", &format!("stream-key {argument}"))?,
        "mac" => signed(host, "webhook", argument)?,
        "mac-with-stream-key" => signed(host, "stream-key", argument)?,
        "steal-key" => return Ok(target(argument, stream_key(), vec![])),
        "steal-key-by-backup" => {
            return Ok(Target {
                backup_url: Some(argument.to_owned()),
                ..target(PUSH, stream_key(), vec![])
            });
        }
        "token-as-key" => return Ok(target(PUSH, Value::secret("api-token"), vec![])),
        "unknown-key" => return Ok(target(PUSH, Value::secret("nobody-s"), vec![])),
        "basic-key" => {
            return Ok(target(PUSH, Value::basic("u", "stream-key"), vec![]));
        }
        "long-key" => return Ok(target(PUSH, "k".repeat(1 << 20), vec![])),
        "key-with-lines" => return Ok(target(PUSH, "a\r\nb\0c/../d", vec![])),
        "long-url" => return Ok(target(&format!("{PUSH}/{}", "a".repeat(1 << 20)), stream_key(), vec![])),
        "another-scheme" => {
            let protocol = Protocol::Other("\x1b[31mgopher".repeat(1000));
            return Ok(Target { protocol, ..target(PUSH, stream_key(), vec![]) });
        }
        "past" => return Ok(Target { expires_at: Some(0), ..target(PUSH, stream_key(), vec![]) }),
        "never" => return Ok(Target { expires_at: Some(u64::MAX), ..target(PUSH, stream_key(), vec![]) }),
        "odd-limits" => {
            let limits = Limits { video_kbps: 0, audio_kbps: u32::MAX, keyframe_ms: 0 };
            return Ok(Target { limits: Some(limits), ..target(PUSH, stream_key(), vec![]) });
        }
        _ => computing::perform(deed, argument)
            .or_else(|| telling::perform(host, deed, argument))
            .or_else(|| signing::perform(host, deed, argument))
            .or_else(|| keeping::perform(host, deed, argument))
            .or_else(|| asking::perform(host, deed, argument))
            .unwrap_or_else(|| Err(failure("no-such-deed", deed)))?,
    };
    Ok(target(PUSH, stream_key(), learned))
}

fn asked(host: &impl Host, deed: &str, argument: &str) -> Result<Vec<u8>, Error> {
    asking::perform(host, deed, argument).unwrap_or_else(|| Err(failure("no-such-deed", deed)))
}

fn signed(host: &impl AuthenticatingHost, secret: &str, text: &str) -> Result<Vec<u8>, Error> {
    signing::perform(host, "mac", &format!("{secret} {text}"))
        .unwrap_or_else(|| Err(failure("no-such-deed", "mac")))
}

fn target(url: &str, key: impl Into<Value>, state: Vec<u8>) -> Target {
    Target { state, ..Target::new(url, key) }
}
