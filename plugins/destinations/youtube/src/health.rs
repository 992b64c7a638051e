//! How YouTube sees the event, asked as rarely as its quota wants.

use neustream_plugin::destination::Health;
use neustream_plugin::{Context, Error, Host, json};
use serde::{Deserialize, Serialize};

use crate::api::{Channel, Failure, LiveBroadcast};

/// A live event is looked at once a minute: a day of it costs 1440 of the project's 10,000 units.
const FRESH_MS: u64 = 60 * 1000;
const KEPT_S: u32 = 24 * 60 * 60;
const NOT_YET: Health = Health { live: Some(false), viewers: None };

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    at: u64,
    viewers: Option<u64>,
}

/// The health of an event; one that is ready and gets pictures is taken live.
pub(crate) fn look<H: Host>(host: &H, ctx: &Context, event: &str, stream: &str) -> Result<Health, Error> {
    let key = format!("live:{event}");
    let entry = host.kv_get(&key)?;
    let kept = entry.as_ref().and_then(|entry| json::from::<Kept>(&entry.value).ok());
    if let Some(kept) = &kept
        && ctx.now.checked_sub(kept.at).is_some_and(|age| age < FRESH_MS)
    {
        return Ok(Health { live: Some(true), viewers: kept.viewers });
    }
    let channel = Channel(host);
    if kept.is_none() && !is_live(&channel, event, stream)? {
        return Ok(NOT_YET);
    }
    let Some(details) = channel.video(event)?.map(|video| video.live_streaming_details) else {
        return Ok(NOT_YET);
    };
    if details.actual_end_time.is_some() {
        return Ok(NOT_YET);
    }
    let viewers = details.concurrent_viewers.and_then(|text| text.parse().ok());
    let note = json::to(&Kept { at: ctx.now, viewers });
    // A lost race means that another call has just noted the same.
    host.kv_put(&key, &note, entry.map(|entry| entry.revision), Some(KEPT_S))?;
    Ok(Health { live: Some(true), viewers })
}

/// Whether the event is live; where only the transition is missing, it is asked for.
fn is_live<H: Host>(channel: &Channel<'_, H>, event: &str, stream: &str) -> Result<bool, Failure> {
    let Some(found) = channel.broadcast(event, "id,status")? else { return Ok(false) };
    match found.status.life_cycle_status.as_str() {
        "live" => Ok(true),
        status @ ("created" | "ready" | "testing") => {
            let stream = channel.stream(stream)?;
            if stream.is_none_or(|stream| stream.status.stream_status != "active") {
                return Ok(false);
            }
            let outcome = match go(channel, event, "live") {
                // A channel whose events have a monitor stream must pass through testing.
                Err(failure) if failure.is("invalidTransition") && status != "testing" => {
                    go(channel, event, "testing")
                }
                other => other,
            };
            match outcome {
                Ok(made) => Ok(made.is_some_and(|made| made.status.life_cycle_status == "live")),
                // YouTube does not see the pictures yet, or is at it already.
                Err(failure) if failure.is("errorStreamInactive") || failure.is("invalidTransition") => {
                    Ok(false)
                }
                Err(failure) => Err(failure),
            }
        }
        _ => Ok(false),
    }
}

/// A transition; none where it is under way already.
fn go<H: Host>(
    channel: &Channel<'_, H>,
    event: &str,
    status: &str,
) -> Result<Option<LiveBroadcast>, Failure> {
    match channel.transition(event, status) {
        Ok(made) => Ok(Some(made)),
        Err(failure) if failure.is("redundantTransition") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Ends the event. One that never began is taken away again; one that is over is a success.
pub(crate) fn end<H: Host>(host: &H, event: &str) -> Result<(), Error> {
    let channel = Channel(host);
    match channel.transition(event, "complete") {
        Ok(_) => Ok(()),
        Err(failure) if failure.is("redundantTransition") || failure.is_missing() => Ok(()),
        Err(failure) if failure.is("invalidTransition") || failure.is("errorStreamInactive") => {
            let found = channel.broadcast(event, "id,status")?;
            let status = found.map(|found| found.status.life_cycle_status).unwrap_or_default();
            match status.as_str() {
                "" | "complete" | "revoked" => Ok(()),
                "created" | "ready" => match channel.delete_broadcast(event) {
                    Err(failure) if !failure.is_missing() => Err(failure.into()),
                    _ => Ok(()),
                },
                _ => Err(failure.into()),
            }
        }
        Err(failure) => Err(failure.into()),
    }
}
