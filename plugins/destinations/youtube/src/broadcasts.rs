//! One event for one broadcast, whatever answer is lost.
//!
//! Before an event is made, it is noted that it will be; after the answer, its
//! id. A note without an id means that the answer was lost: the event is looked
//! for by the mark in its description before another one is made.

use neustream_plugin::destination::Broadcast;
use neustream_plugin::{Context, Error, Host, Level, json, time};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::api::{Channel, Failure, LiveBroadcast};

/// Longer than any session.
const KEPT_S: u32 = 14 * 24 * 60 * 60;
/// YouTube wants a start in the future; when it really starts is decided by the transition.
const START_IN_MS: u64 = 60 * 1000;
/// The longest title (developers.google.com/youtube/v3/live/docs/liveBroadcasts, `snippet.title`).
const MAX_TITLE_CHARS: usize = 100;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// YouTube's id; none while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// The event of `broadcast`: the one that was made before, or a new one.
pub(crate) fn ensure<H: Host>(
    host: &H,
    ctx: &Context,
    broadcast: &Broadcast,
) -> Result<LiveBroadcast, Failure> {
    let channel = Channel(host);
    let key = key_of(&broadcast.id);
    let entry = host.kv_get(&key).map_err(Failure::Unsent)?;
    let kept = entry.as_ref().map(|entry| json::from::<Kept>(&entry.value).unwrap_or_default());
    let revision = match (entry, kept) {
        (Some(_), Some(Kept { id: Some(id) })) => return still_there(&channel, &id),
        (Some(entry), _) => {
            if let Some(found) = find_marked(&channel, &broadcast.id)? {
                note(host, &key, &found.id, entry.revision);
                return Ok(found);
            }
            entry.revision
        }
        (None, _) => {
            let note = json::to(&Kept::default());
            let revision = host.kv_put(&key, &note, None, Some(KEPT_S)).map_err(Failure::Unsent)?;
            revision.ok_or_else(|| {
                Failure::Unsent(Error::unavailable(
                    "busy",
                    "Another call makes this broadcast; this one tries again.",
                ))
            })?
        }
    };
    match channel.insert_broadcast(&event(ctx, broadcast)) {
        Ok(made) => {
            note(host, &key, &made.id, revision);
            Ok(made)
        }
        Err(failure) => {
            // What did not happen needs no search the next time.
            if failure.is_certain() && host.kv_delete(&key, revision).is_err() {
                host.log(Level::Warn, "the memory of the broadcast cannot be cleared", &[]);
            }
            Err(failure)
        }
    }
}

/// Forgets the event of a broadcast that is over.
pub(crate) fn forget<H: Host>(host: &H, broadcast: &str) -> Result<(), Error> {
    let key = key_of(broadcast);
    if let Some(entry) = host.kv_get(&key)? {
        host.kv_delete(&key, entry.revision)?;
    }
    Ok(())
}

/// A title as YouTube takes it: at most 100 characters, none of `<` and `>`, not empty.
pub(crate) fn title(text: &str) -> String {
    let is_taken = |c: &char| !c.is_control() && !matches!(c, '<' | '>');
    let title: String = text.chars().filter(is_taken).take(MAX_TITLE_CHARS).collect();
    let title = title.trim();
    if title.is_empty() { "Live".to_owned() } else { title.to_owned() }
}

fn still_there<H: Host>(channel: &Channel<'_, H>, id: &str) -> Result<LiveBroadcast, Failure> {
    let ended = |code: &str, message: &str| Failure::Unsent(Error::denied(code, message));
    match channel.broadcast(id, "id,status,contentDetails")? {
        // Somebody ended it in YouTube Studio: making another one would go against them.
        None => {
            Err(ended("broadcast-deleted", "The event was deleted on YouTube; start the broadcast anew."))
        }
        Some(found) if matches!(found.status.life_cycle_status.as_str(), "complete" | "revoked") => {
            Err(ended("broadcast-ended", "The event was ended on YouTube; start the broadcast anew."))
        }
        Some(found) => Ok(found),
    }
}

fn find_marked<H: Host>(channel: &Channel<'_, H>, broadcast: &str) -> Result<Option<LiveBroadcast>, Failure> {
    let mark = mark_of(broadcast);
    let is_marked = |event: &LiveBroadcast| {
        event.snippet.get("description").and_then(Json::as_str).is_some_and(|text| text.contains(&mark))
    };
    match channel.find_broadcast("upcoming", is_marked)? {
        Some(found) => Ok(Some(found)),
        None => channel.find_broadcast("active", is_marked),
    }
}

/// The event as it is made. It neither starts nor stops with its pictures: `check` starts it, `finish` ends it, so a
/// reconnecting encoder does not end it. Without a monitor stream it goes from ready to live at once.
fn event(ctx: &Context, broadcast: &Broadcast) -> Json {
    let privacy = match broadcast.visibility.as_str() {
        known @ ("public" | "unlisted") => known,
        _ => "private",
    };
    json::json!({
        "snippet": {
            "title": title(&broadcast.title),
            "description": mark_of(&broadcast.id),
            "scheduledStartTime": time::to_rfc3339(ctx.now + START_IN_MS),
        },
        "status": { "privacyStatus": privacy },
        "contentDetails": {
            "enableAutoStart": false,
            "enableAutoStop": false,
            "monitorStream": { "enableMonitorStream": false },
        },
    })
}

/// In the description, where viewers see it: so it names nobody.
fn mark_of(broadcast: &str) -> String {
    format!("ref {broadcast}")
}

fn key_of(broadcast: &str) -> String {
    format!("broadcast:{broadcast}")
}

fn note<H: Host>(host: &H, key: &str, id: &str, revision: u64) {
    let note = json::to(&Kept { id: Some(id.to_owned()) });
    if !matches!(host.kv_put(key, &note, Some(revision), Some(KEPT_S)), Ok(Some(_))) {
        host.log(Level::Warn, "the event cannot be remembered; it is looked for when it is needed", &[]);
    }
}
