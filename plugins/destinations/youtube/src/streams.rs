//! Reusable streams: where pictures go, one for each event that runs at the same time.
//!
//! A stream may be bound to any number of events, and all of them would show
//! the same pictures; so a stream that an event uses is not given to another.
//! Which are there and who uses them is kept; a stream that was made and whose
//! answer was lost is found again by its title.

use neustream_plugin::{Context, Error, Host, json};
use serde::{Deserialize, Serialize};

use crate::api::{Channel, Failure, LiveStream};

const KEPT: &str = "streams";
/// An event that has used a stream for so long without ending is gone.
const STALE_MS: u64 = 48 * 60 * 60 * 1000;
/// Events of one installation at the same time.
const MAX_STREAMS: usize = 12;
/// Attempts to write what another call writes too.
const ATTEMPTS: usize = 4;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    streams: Vec<KeptStream>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptStream {
    id: String,
    /// The broadcast that uses it, by the host's id.
    #[serde(default)]
    user: Option<String>,
    /// Since when.
    #[serde(default)]
    since: u64,
}

/// The stream of the broadcast `user`: its own, a free one, or a new one.
pub(crate) fn take<H: Host>(host: &H, ctx: &Context, user: &str) -> Result<LiveStream, Failure> {
    for _ in 0..ATTEMPTS {
        let (mut kept, revision) = load(host)?;
        let stream = chosen(host, ctx, user, &mut kept)?;
        if save(host, &kept, revision)? {
            return Ok(stream);
        }
        // Another broadcast has taken one meanwhile, perhaps this one.
    }
    Err(Failure::Unsent(Error::unavailable(
        "busy",
        "Several broadcasts begin at once; this one tries again.",
    )))
}

/// The stream of `user` is free again.
pub(crate) fn release<H: Host>(host: &H, user: &str) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        let (mut kept, revision) = load(host)?;
        let mut own =
            kept.streams.iter_mut().filter(|stream| stream.user.as_deref() == Some(user)).peekable();
        if own.peek().is_none() {
            return Ok(());
        }
        own.for_each(|stream| stream.user = None);
        if save(host, &kept, revision)? {
            return Ok(());
        }
    }
    // It becomes free by its age.
    Ok(())
}

/// Chooses a stream and notes in `kept` that `user` has it.
fn chosen<H: Host>(host: &H, ctx: &Context, user: &str, kept: &mut Kept) -> Result<LiveStream, Failure> {
    let channel = Channel(host);
    let is_own = |stream: &KeptStream| stream.user.as_deref() == Some(user);
    let is_free =
        |stream: &KeptStream| stream.user.is_none() || stream.since.saturating_add(STALE_MS) < ctx.now;
    let mut candidates: Vec<String> =
        kept.streams.iter().filter(|stream| is_own(stream)).map(|stream| stream.id.clone()).collect();
    let is_resumed = !candidates.is_empty();
    candidates.extend(
        kept.streams
            .iter()
            .filter(|stream| !is_own(stream) && is_free(stream))
            .map(|stream| stream.id.clone()),
    );
    for (index, id) in candidates.iter().enumerate() {
        let is_mine = is_resumed && index == 0;
        match channel.stream(id)? {
            // Somebody pushes into it whom this memory does not know.
            Some(stream) if !is_mine && stream.status.stream_status == "active" => {}
            Some(stream) => {
                kept.note(&stream.id, user, ctx.now);
                return Ok(stream);
            }
            None => kept.streams.retain(|kept| kept.id != *id),
        }
    }
    if kept.streams.len() >= MAX_STREAMS {
        let message = format!("{MAX_STREAMS} broadcasts of this account run already.");
        return Err(Failure::Unsent(Error::unavailable("too-many-broadcasts", message)));
    }
    let prefix = title_prefix(ctx);
    let lost = channel.streams()?.into_iter().find(|stream| {
        let is_known = kept.streams.iter().any(|kept| kept.id == stream.id);
        stream.snippet.title.starts_with(&prefix) && !is_known && stream.status.stream_status != "active"
    });
    let stream = match lost {
        Some(stream) => stream,
        None => channel.insert_stream(&format!("{prefix}{}", kept.streams.len() + 1))?,
    };
    kept.note(&stream.id, user, ctx.now);
    Ok(stream)
}

/// In YouTube Studio people see it; by it a lost stream is found.
fn title_prefix(ctx: &Context) -> String {
    let letters: Vec<char> = ctx.installation.chars().filter(char::is_ascii_alphanumeric).collect();
    let last: String = letters[letters.len().saturating_sub(8)..].iter().collect();
    format!("Stream {last}-")
}

impl Kept {
    fn note(&mut self, id: &str, user: &str, now: u64) {
        self.streams.retain(|stream| stream.id != id && stream.user.as_deref() != Some(user));
        self.streams.push(KeptStream { id: id.to_owned(), user: Some(user.to_owned()), since: now });
    }
}

fn load<H: Host>(host: &H) -> Result<(Kept, Option<u64>), Failure> {
    let entry = host.kv_get(KEPT).map_err(Failure::Unsent)?;
    let kept = entry.as_ref().and_then(|entry| json::from(&entry.value).ok());
    Ok((kept.unwrap_or_default(), entry.map(|entry| entry.revision)))
}

/// False when somebody else has written meanwhile.
fn save<H: Host>(host: &H, kept: &Kept, revision: Option<u64>) -> Result<bool, Failure> {
    Ok(host.kv_put(KEPT, &json::to(kept), revision, None).map_err(Failure::Unsent)?.is_some())
}
