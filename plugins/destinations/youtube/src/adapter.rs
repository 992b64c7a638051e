//! YouTube Live, in one of two ways.
//!
//! With a connected account the adapter makes an event and a stream, binds
//! them, takes the event live when its pictures arrive, and ends it. Without
//! one it pushes to the fixed ingests (OBS services.json, "YouTube - RTMPS")
//! with a key pasted from YouTube Studio, and neither sees nor ends anything:
//! YouTube does by itself.

use neustream_plugin::destination::{
    Broadcast, DestinationAdapter, DestinationMetadata, Health, Limits, Platform, PushUrl, Target,
};
use neustream_plugin::{Context, Error, Host, Level, json, read_config};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::api::{Channel, LiveStream};
use crate::{broadcasts, health, streams};

pub(crate) const YOUTUBE: Platform =
    Platform { name: "YouTube", hosts: &["*.rtmps.youtube.com", "*.rtmp.youtube.com"], application: "live2" };

pub(crate) const PRIMARY: &str = "rtmps://a.rtmps.youtube.com/live2";
pub(crate) const BACKUP: &str = "rtmps://b.rtmps.youtube.com/live2?backup=1";

const LIMITS: Limits = Limits { video_kbps: 51_000, audio_kbps: 160, keyframe_ms: 2000 };

/// The adapter.
#[derive(Debug)]
pub struct YouTube;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: Option<String>,
}

/// What is remembered of a broadcast: empty with a pasted key.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// The host's id.
    broadcast: String,
    /// YouTube's.
    event: String,
    /// YouTube's.
    stream: String,
}

impl DestinationAdapter for YouTube {
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        if let Some(rtmp_url) = &config.rtmp_url {
            return Ok(Target { limits: Some(LIMITS), ..YOUTUBE.push_url(rtmp_url)?.into_target() });
        }
        let stream = match streams::take(host, ctx, &broadcast.id) {
            Ok(stream) => stream,
            Err(failure) if failure.is_without_account() => return with_pasted_key(),
            Err(failure) => return Err(failure.into()),
        };
        let event = broadcasts::ensure(host, ctx, broadcast)?;
        if event.content_details.bound_stream_id.as_ref() != Some(&stream.id) {
            Channel(host).bind(&event.id, &stream.id)?;
        }
        let (broadcast, stream_id) = (broadcast.id.clone(), stream.id.clone());
        let state = State { broadcast, event: event.id, stream: stream_id };
        target_of(stream, &state)
    }

    fn check(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<Health, Error> {
        match State::read(state) {
            Some(state) => health::look(host, ctx, &state.event, &state.stream),
            // Whether YouTube shows the broadcast is only told to an account.
            None => Ok(Health::UNKNOWN),
        }
    }

    fn finish(host: &impl Host, _: &Context, state: &[u8]) -> Result<(), Error> {
        let Some(state) = State::read(state) else { return Ok(()) };
        health::end(host, &state.event)?;
        let cleared = streams::release(host, &state.broadcast)
            .and_then(|()| broadcasts::forget(host, &state.broadcast));
        if cleared.is_err() {
            host.log(Level::Warn, "the memory of the broadcast cannot be cleared", &[]);
        }
        Ok(())
    }
}

impl DestinationMetadata for YouTube {
    fn retitle(host: &impl Host, _: &Context, state: &[u8], title: &str) -> Result<(), Error> {
        let Some(state) = State::read(state) else {
            let message = "Connect a YouTube account to change the title from here.";
            return Err(Error::other("account-needed", message));
        };
        let channel = Channel(host);
        let found = channel.broadcast(&state.event, "id,snippet")?;
        let snippet = found.map(|found| found.snippet).unwrap_or_default();
        // The update replaces the whole part, so what is not sent is deleted.
        let mut kept: serde_json::Map<String, Json> =
            ["description", "scheduledStartTime", "scheduledEndTime"]
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), snippet.get(*name)?.clone())))
                .collect();
        if !kept.contains_key("scheduledStartTime") {
            return Err(Error::unavailable("malformed", "YouTube does not tell the event as it is."));
        }
        kept.insert("title".to_owned(), Json::String(broadcasts::title(title)));
        channel.update_snippet(&state.event, &Json::Object(kept))?;
        Ok(())
    }
}

impl State {
    fn read(state: &[u8]) -> Option<Self> {
        json::from(state).ok()
    }
}

fn with_pasted_key() -> Result<Target, Error> {
    let target = YOUTUBE.push_url(PRIMARY)?.into_target();
    Ok(Target { backup_url: Some(BACKUP.to_owned()), limits: Some(LIMITS), ..target })
}

/// The stream's own addresses, over TLS.
///
/// Its name, the key, comes from YouTube's answer, so it passes through the guest as a plain value. No secret of the
/// tenant does: the account's token stays with the host, and the key is worth this one stream.
fn target_of(stream: LiveStream, state: &State) -> Result<Target, Error> {
    let info = stream.cdn.ingestion_info;
    let is_on_youtube = |url: &String| PushUrl::parse(url).is_ok_and(|url| YOUTUBE.has(&url));
    if info.stream_name.is_empty() || !is_on_youtube(&info.rtmps_ingestion_address) {
        return Err(Error::unavailable("malformed", "YouTube names no server for this broadcast."));
    }
    Ok(Target {
        backup_url: info.rtmps_backup_ingestion_address.filter(is_on_youtube),
        limits: Some(LIMITS),
        state: json::to(state),
        ..Target::new(info.rtmps_ingestion_address, info.stream_name)
    })
}

#[cfg(test)]
mod tests;
