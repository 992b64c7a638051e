//! The life of a broadcast: created at its first `prepare`, found again at every other, ended by `finish`.

use neustream_plugin::destination::{
    Broadcast, DestinationAdapter, DestinationMetadata, Health, Limits, Platform, Target,
};
use neustream_plugin::{Context, Error, Host, json, read_config, time};
use serde::{Deserialize, Serialize};

use crate::api::{self, Api, Wanted};
use crate::memory::{self, Memo};

/// Where Aurora may send us; the manifest's `[capabilities.push]` says the same.
pub(crate) const INGESTS: Platform = Platform {
    name: "Aurora",
    hosts: &["*.ingest.aurora.example"],
    application: "live",
};

/// From Aurora's documentation.
const LIMITS: Limits = Limits {
    video_kbps: 9000,
    audio_kbps: 256,
    keyframe_ms: 2000,
};

const MAX_TITLE_CHARS: usize = 100;

/// The adapter.
#[derive(Debug)]
pub struct Aurora;

#[derive(Deserialize)]
struct Config {
    #[serde(default = "live")]
    default_title: String,
    #[serde(default = "yes")]
    keep_recording: bool,
}

fn live() -> String {
    "Live".to_owned()
}

fn yes() -> bool {
    true
}

/// What `check`, `retitle` and `finish` get to know.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Our id of the broadcast.
    pub ours: String,
    /// Aurora's.
    pub theirs: String,
}

impl DestinationAdapter for Aurora {
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
        let config: Config = read_config(host)?;
        let api = Api { host, ctx };
        let theirs = match memory::recall(host, &broadcast.id)? {
            // Begun before: the connection was lost, or this server was started again.
            Some(Memo::Created(id)) => api.broadcast(&id)?,
            // Asked for, and the answer was lost: it may be there.
            Some(Memo::Asked) => match api.find(&broadcast.id)? {
                Some(found) => found,
                None => api.create(&wanted(&config, broadcast))?,
            },
            None => {
                memory::remember(host, &broadcast.id, &Memo::Asked)?;
                api.create(&wanted(&config, broadcast))?
            }
        };
        memory::remember(host, &broadcast.id, &Memo::Created(theirs.id.clone()))?;
        target(broadcast, theirs)
    }

    fn check(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<Health, Error> {
        let state: State = json::from(state)?;
        let status = Api { host, ctx }.status(&state.theirs)?;
        Ok(Health {
            live: Some(status.is_live()),
            viewers: status.viewers,
        })
    }

    fn finish(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<(), Error> {
        let state: State = json::from(state)?;
        Api { host, ctx }.end(&state.theirs)?;
        memory::forget(host, &state.ours);
        Ok(())
    }
}

impl DestinationMetadata for Aurora {
    fn retitle(host: &impl Host, ctx: &Context, state: &[u8], title: &str) -> Result<(), Error> {
        let state: State = json::from(state)?;
        let title = shown(title)
            .ok_or_else(|| Error::other("title-empty", "Aurora takes no empty title."))?;
        Api { host, ctx }.retitle(&state.theirs, &title)
    }
}

fn wanted(config: &Config, broadcast: &Broadcast) -> Wanted {
    let visibility = match broadcast.visibility.as_str() {
        known @ ("public" | "unlisted") => known,
        // Whoever does not know a word treats it as private.
        _ => "private",
    };
    Wanted {
        reference: broadcast.id.clone(),
        title: shown(&broadcast.title).unwrap_or_else(|| config.default_title.clone()),
        visibility: visibility.to_owned(),
        keep: config.keep_recording,
    }
}

/// A title as Aurora takes it; none where nothing is left of it.
fn shown(title: &str) -> Option<String> {
    let title: String = title
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_TITLE_CHARS)
        .collect();
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

fn target(broadcast: &Broadcast, theirs: api::Broadcast) -> Result<Target, Error> {
    if theirs.state == api::State::Ended {
        let message = "The broadcast was ended on Aurora; end it here, too, to begin another one.";
        return Err(Error::denied("broadcast-ended", message));
    }
    // The host checks every URL against the manifest. Checked here, the tenant reads whose mistake it is.
    let malformed = || {
        Error::unavailable(
            "malformed",
            "Aurora names a server that is none of its own.",
        )
    };
    let url = INGESTS
        .push_url(&theirs.ingest.url)
        .map_err(|_| malformed())?;
    let backup_url = theirs
        .ingest
        .backup_url
        .map(|url| INGESTS.push_url(&url))
        .transpose();
    let state = State {
        ours: broadcast.id.clone(),
        theirs: theirs.id,
    };
    Ok(Target {
        backup_url: backup_url
            .map_err(|_| malformed())?
            .map(|url| url.to_string()),
        limits: Some(LIMITS),
        // When it goes stale, the host calls `prepare` again.
        expires_at: theirs
            .ingest
            .expires_at
            .as_deref()
            .and_then(time::of_rfc3339),
        state: json::to(&state),
        // The key is no secret of the tenant's: it comes with Aurora's answer, for this broadcast.
        ..Target::new(url.to_string(), theirs.ingest.key)
    })
}
