//! Twitch: an ingest of its public list; key and title by a connected account, or the key pasted from the creator
//! dashboard.
//!
//! The list is kept for an hour, so a broadcast rarely waits for it; when it
//! cannot be had, an older one or Twitch's global ingest serves. A list never
//! stops a broadcast, and neither does a title. Limits: OBS services.json,
//! "Twitch". Whether Twitch shows the channel is only told to an account, so
//! without one `check` does not know; a broadcast ends with its connection, so
//! `finish` has nothing to do.

use neustream_plugin::destination::{
    Broadcast, DestinationAdapter, DestinationMetadata, Health, Limits, Platform, PushUrl, STREAM_KEY, Target,
};
use neustream_plugin::{Context, Error, Host, Level, Request, Value, json, read_config};
use serde::{Deserialize, Serialize};

use crate::helix::{self, Helix};
use crate::ingests::Ingests;

pub(crate) const TWITCH: Platform = Platform {
    name: "Twitch",
    hosts: &["*.contribute.live-video.net", "*.global-contribute.live-video.net", "*.twitch.tv"],
    application: "app",
};

/// The entry `Default` of the list: Twitch leads it to a near server.
const GLOBAL_INGEST: &str = "rtmps://ingest.global-contribute.live-video.net/app";

/// Public, without authentication (dev.twitch.tv/docs/video-broadcast/reference).
const LIST_URL: &str = "https://ingest.twitch.tv/ingests";
const LIST_TIMEOUT_MS: u32 = 3000;

/// Where the list is kept, and for how long: fresh for an hour, better than nothing for a week.
const KEPT_LIST: &str = "ingests";
const FRESH_MS: u64 = 60 * 60 * 1000;
const KEPT_S: u32 = 7 * 24 * 60 * 60;

/// What the host puts in the place of a secret that comes back.
const STARS: &str = "***";

const LIMITS: Limits = Limits { video_kbps: 6000, audio_kbps: 320, keyframe_ms: 2000 };

/// The adapter.
#[derive(Debug)]
pub struct Twitch;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rtmp_url: Option<String>,
    ingest: Option<String>,
}

/// What is remembered of a broadcast: empty with a pasted key.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// Twitch's id of the channel.
    user: String,
}

impl DestinationAdapter for Twitch {
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let place = place(host, ctx, &config)?;
        let Some(user) = Helix(host).user(ctx)? else { return Ok(place) };
        if let Some(title) = helix::title(&broadcast.title) {
            match Helix(host).set_title(ctx, &user, &title) {
                Err(error @ Error::Unauthorized(_)) => return Err(error),
                Err(error) => {
                    let fields = [("code", error.code())];
                    host.log(Level::Warn, "Twitch does not take the title; the broadcast goes on", &fields);
                }
                Ok(()) => {}
            }
        }
        // The key comes from Twitch's answer, so it passes through the guest as a plain value. No secret of the tenant
        // does: the account's token stays with the host, which puts stars where an answer repeats a secret. So stars are
        // the key that the tenant has pasted as well.
        let key = match Helix(host).stream_key(ctx, &user)? {
            stars if stars == STARS => Value::secret(STREAM_KEY),
            key => key.into(),
        };
        Ok(Target { key, state: json::to(&State { user }), ..place })
    }

    fn check(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<Health, Error> {
        let Some(state) = State::read(state) else { return Ok(Health::UNKNOWN) };
        let viewers = Helix(host).viewers(ctx, &state.user)?;
        Ok(Health { live: Some(viewers.is_some()), viewers })
    }
}

impl DestinationMetadata for Twitch {
    fn retitle(host: &impl Host, ctx: &Context, state: &[u8], title: &str) -> Result<(), Error> {
        let Some(state) = State::read(state) else {
            let message = "Connect a Twitch account to change the title from here.";
            return Err(Error::other("account-needed", message));
        };
        let title =
            helix::title(title).ok_or_else(|| Error::other("title-empty", "Twitch takes no empty title."))?;
        Helix(host).set_title(ctx, &state.user, &title)
    }
}

impl State {
    fn read(state: &[u8]) -> Option<Self> {
        json::from(state).ok()
    }
}

/// Where to push, with the pasted key.
fn place(host: &impl Host, ctx: &Context, config: &Config) -> Result<Target, Error> {
    if let Some(rtmp_url) = &config.rtmp_url {
        return Ok(Target { limits: Some(LIMITS), ..TWITCH.push_url(rtmp_url)?.into_target() });
    }
    let ingests = ingests(host, ctx);
    let preferred = config.ingest.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let first = preferred.and_then(|name| ingests.called(name));
    if let (Some(name), None) = (preferred, first) {
        let fields = [("ingest", name)];
        host.log(Level::Warn, "Twitch lists no such ingest now; the recommended one is used", &fields);
    }
    let Some(first) = first.or_else(|| ingests.recommended()) else {
        let global = TWITCH.push_url(GLOBAL_INGEST)?;
        return Ok(Target { limits: Some(LIMITS), ..global.into_target() });
    };
    let backup_url = ingests.other_than(first).map(|second| second.url.clone());
    Ok(Target { backup_url, limits: Some(LIMITS), ..TWITCH.push_url(&first.url)?.into_target() })
}

/// The list: kept and fresh, or fetched, or kept and old, or empty.
fn ingests(host: &impl Host, ctx: &Context) -> Ingests {
    let entry = host.kv_get(KEPT_LIST).unwrap_or_else(|_| {
        host.log(Level::Warn, "the kept list of ingests cannot be read", &[]);
        None
    });
    let kept = entry.as_ref().and_then(|entry| Ingests::from_kept(&entry.value));
    if let Some(kept) = &kept
        && ctx.now.checked_sub(kept.fetched_at).is_some_and(|age| age < FRESH_MS)
    {
        return kept.clone();
    }
    match fetch(host, ctx.now) {
        Ok(list) => {
            let revision = entry.map(|entry| entry.revision);
            // A lost race means that another call has just stored the same list.
            if host.kv_put(KEPT_LIST, &list.to_kept(), revision, Some(KEPT_S)).is_err() {
                host.log(Level::Warn, "the list of ingests cannot be kept", &[]);
            }
            list
        }
        Err(error) => {
            let instead = if kept.is_some() { "an older list" } else { "the global ingest" };
            let fields = [("code", error.code()), ("instead", instead)];
            host.log(Level::Warn, "Twitch's list of ingests cannot be had", &fields);
            kept.unwrap_or_default()
        }
    }
}

fn fetch(host: &impl Host, now: u64) -> Result<Ingests, Error> {
    let request = Request::get(LIST_URL).header("accept", "application/json").timeout_ms(LIST_TIMEOUT_MS);
    let list = Ingests::from_answer(&host.send(&request)?.success("Twitch")?, now)?;
    if list.recommended().is_none() {
        return Err(Error::unavailable("empty", "Twitch's list of ingests names no usable one."));
    }
    Ok(list)
}

/// Whether `url` is one that the list may name.
pub(crate) fn is_usable(url: &PushUrl) -> bool {
    TWITCH.has(url) && url.has_default_port()
}

#[cfg(test)]
mod tests;
