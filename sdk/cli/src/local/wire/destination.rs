//! `neustream:destination`.

use neustream_contract::destination::{Broadcast, Health, Limits, Protocol, Target};
use serde_json::{Value, json};

use super::write::{bytes, millis, value};
use super::{At, Read};

/// `broadcast`
pub fn broadcast(at: &At<'_>) -> Read<Broadcast> {
    let at = at.clone().with_keys(&["id", "title", "visibility"])?;
    let text = |key| at.field(key).and_then(|field| field.text());
    Ok(Broadcast { id: text("id")?, title: text("title")?, visibility: text("visibility")? })
}

/// `target`
pub fn target(target: &Target) -> Value {
    json!({
        "protocol": protocol(&target.protocol),
        "url": target.url,
        "backup-url": target.backup_url,
        "key": value(&target.key),
        "limits": target.limits.as_ref().map(limits),
        "expires-at": target.expires_at.map(|at| at.0),
        "state": bytes(&target.state),
    })
}

fn protocol(protocol: &Protocol) -> Value {
    match protocol {
        Protocol::Rtmp => Value::from("rtmp"),
        Protocol::Rtmps => Value::from("rtmps"),
        Protocol::Other(name) => json!({ "other": name }),
    }
}

fn limits(limits: &Limits) -> Value {
    json!({
        "video-kbps": limits.video_kbps,
        "audio-kbps": limits.audio_kbps,
        "keyframe-ms": millis(limits.keyframe),
    })
}

/// `health`
pub fn health(health: Health) -> Value {
    json!({ "live": health.live, "viewers": health.viewers })
}
