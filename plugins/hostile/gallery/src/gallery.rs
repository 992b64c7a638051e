//! The adapter, and the deeds that only a destination can do.

use neustream_hostile_deeds::{
    Context, Error, Value, asking, computing, failure, keeping, parsed, signing, telling,
};

use crate::bindings::exports::neustream::destination::adapter::{
    Broadcast, Guest, Health, Limits, Protocol, Target,
};

struct Gallery;

crate::bindings::export!(Gallery with_types_in crate::bindings);

impl Guest for Gallery {
    fn prepare(_: Context, broadcast: Broadcast) -> Result<Target, Error> {
        perform(&broadcast.title)
    }

    fn check(_: Context, state: Vec<u8>) -> Result<Health, Error> {
        perform(&String::from_utf8_lossy(&state)).map(|_| Health { live: Some(true), viewers: Some(7) })
    }

    fn finish(_: Context, state: Vec<u8>) -> Result<(), Error> {
        perform(&String::from_utf8_lossy(&state)).map(|_| ())
    }
}

const PUSH: &str = "rtmp://push.hostile.test/live";

fn perform(title: &str) -> Result<Target, Error> {
    let (deed, argument) = parsed(title);
    let stream_key = || Value::Secret("stream-key".to_owned());
    let learned = match deed {
        "giant-list" => vec![1; 20 << 20],
        "big-state" => vec![1; (16 << 10) + 1],
        "echo-secret" => asked("send-header", &format!("api-token {argument}"))?,
        "send-stream-key" => asked("send-header", &format!("stream-key {argument}"))?,
        "mac" => signed("webhook", argument)?,
        "mac-with-stream-key" => signed("stream-key", argument)?,
        "steal-key" => return Ok(target(argument, stream_key(), vec![])),
        "steal-key-by-backup" => {
            return Ok(Target {
                backup_url: Some(argument.to_owned()),
                ..target(PUSH, stream_key(), vec![])
            });
        }
        "token-as-key" => return Ok(target(PUSH, Value::Secret("api-token".to_owned()), vec![])),
        "unknown-key" => return Ok(target(PUSH, Value::Secret("nobody-s".to_owned()), vec![])),
        "basic-key" => {
            return Ok(target(PUSH, Value::Basic(("u".to_owned(), "stream-key".to_owned())), vec![]));
        }
        "long-key" => return Ok(target(PUSH, Value::Plain("k".repeat(1 << 20)), vec![])),
        "key-with-lines" => return Ok(target(PUSH, Value::Plain("a\r\nb\0c/../d".to_owned()), vec![])),
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
            .or_else(|| telling::perform(deed, argument))
            .or_else(|| signing::perform(deed, argument))
            .or_else(|| keeping::perform(deed, argument))
            .or_else(|| asking::perform(deed, argument))
            .unwrap_or_else(|| Err(failure("no-such-deed", deed)))?,
    };
    Ok(target(PUSH, stream_key(), learned))
}

fn asked(deed: &str, argument: &str) -> Result<Vec<u8>, Error> {
    asking::perform(deed, argument).unwrap_or_else(|| Err(failure("no-such-deed", deed)))
}

fn signed(secret: &str, text: &str) -> Result<Vec<u8>, Error> {
    signing::perform("mac", &format!("{secret} {text}"))
        .unwrap_or_else(|| Err(failure("no-such-deed", "mac")))
}

fn target(url: &str, key: Value, state: Vec<u8>) -> Target {
    let protocol = if url.starts_with("rtmps") { Protocol::Rtmps } else { Protocol::Rtmp };
    Target { protocol, url: url.to_owned(), backup_url: None, key, limits: None, expires_at: None, state }
}
