//! Finding the running broadcast, reading its chat page by page, noticing its end.
//!
//! Every answer decides when the next question is asked, by `reopen` with
//! another interval: YouTube's `pollingIntervalMillis` after a page, longer after
//! a failure. A page is asked for by its token until it has been read.

use neustream_plugin::chat::{Answer, ChatConnector, Effect, Event, Response, Step, is_id};
use neustream_plugin::{AuthenticatingHost, Context, Error, Level, Problem, read_config};
use serde::Deserialize;

use crate::answers::{self, Broadcasts, Page};
use crate::api::{self, Meaning, POLL};
use crate::messages::{self, Told};
use crate::state::State;

/// Where YouTube does not say how long to wait.
const INTERVAL_MS: u32 = 5_000;
/// The longest that YouTube may ask to wait.
const MAX_INTERVAL_MS: u32 = 5 * 60_000;
/// The host asks no sooner than this.
const MIN_INTERVAL_MS: u32 = 500;
/// After the first failure in a row; doubled with each, up to [`MAX_INTERVAL_MS`].
const PATIENCE_MS: u32 = 5_000;
/// The quota is counted by the day; asking costs some of it even when it is refused.
const QUOTA_PATIENCE_MS: u32 = 15 * 60_000;
/// The host may have a fresh token by then.
const LOGIN_AGAIN_MS: u32 = 60_000;

/// The longest token of a page that is kept; YouTube's have some 100 bytes.
const MAX_TOKEN_BYTES: usize = 2048;

/// The connector.
#[derive(Debug)]
pub struct YouTubeChat;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    video: Option<String>,
    #[serde(default = "a_minute")]
    search_seconds: u32,
    #[serde(default = "a_second")]
    poll_seconds: u32,
}

fn a_minute() -> u32 {
    60
}

fn a_second() -> u32 {
    1
}

impl Config {
    fn read(host: &impl AuthenticatingHost) -> Result<Self, Error> {
        let mut config: Self = read_config(host)?;
        config.video = match config.video.as_deref().map(str::trim).filter(|video| !video.is_empty()) {
            Some(video) => Some(video_id(video).ok_or_else(|| {
                Error::invalid_config(
                    "/video",
                    "invalid-video",
                    "this is neither a video's id nor its address",
                )
            })?),
            None => None,
        };
        Ok(config)
    }

    fn search_ms(&self) -> u32 {
        self.search_seconds.saturating_mul(1000).max(MIN_INTERVAL_MS)
    }

    /// The pace of reading: YouTube's, and no faster than the tenant wants.
    fn reading_ms(&self, asked_ms: u32) -> u32 {
        asked_ms.max(self.poll_seconds.saturating_mul(1000)).max(MIN_INTERVAL_MS)
    }
}

/// The id in `watch?v=`, `youtu.be/`, `/live/`, `/embed/`, `/shorts/`, or the id itself.
fn video_id(text: &str) -> Option<String> {
    let is_id = |id: &str| {
        id.len() == 11 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if is_id(text) {
        return Some(text.to_owned());
    }
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, path) = rest.split_once('/')?;
    let is_youtube = matches!(host, "youtu.be" | "youtube.com") || host.ends_with(".youtube.com");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let in_query = query.split(['&', '#']).find_map(|parameter| parameter.strip_prefix("v="));
    let id = in_query.or_else(|| path.trim_end_matches('/').rsplit('/').next())?;
    (is_youtube && is_id(id)).then(|| id.to_owned())
}

impl ChatConnector for YouTubeChat {
    fn open(host: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
        let config = Config::read(host)?;
        let mut call = Call { host, state: State::new(config.video.clone()), config, effects: Vec::new() };
        call.search_after(call.config.search_ms());
        Ok(call.step())
    }

    fn handle(
        host: &impl AuthenticatingHost,
        _: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        let config = Config::read(host)?;
        let known = State::read(state);
        let is_known = known.is_some();
        let state = known.unwrap_or_else(|| State::new(config.video.clone()));
        let mut call = Call { host, config, state, effects: Vec::new() };
        if !is_known {
            host.log(Level::Warn, "the state was written by another version; the search begins anew", &[]);
            call.search_after(call.config.search_ms());
        } else if call.state.video != call.config.video {
            call.state.video.clone_from(&call.config.video);
            call.state.errands.lose_chat(&mut call.effects);
            call.search_after(call.config.reading_ms(call.state.interval_ms));
        }
        for event in events {
            call.event(event);
        }
        Ok(call.step())
    }
}

/// One call: the state that moves on, and what the host is to do.
struct Call<'a, H> {
    host: &'a H,
    config: Config,
    state: State,
    effects: Vec<Effect>,
}

impl<H: AuthenticatingHost> Call<'_, H> {
    fn step(mut self) -> Step {
        self.state.errands.advance(&self.state.chat, &mut self.effects);
        Step { state: self.state.write(), effects: self.effects }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Answered(answer) => self.answered(&answer),
            Event::Send(outgoing) => {
                let has_chat = self.state.is_reading;
                let refused = self.state.errands.write(outgoing, has_chat).err();
                self.effects.extend(refused.map(Effect::Failed));
            }
            Event::Remove(message) => {
                if !self.state.errands.remove(message) {
                    self.host.log(Level::Warn, "too many removals wait; one was given up", &[]);
                }
            }
            // Polls have neither frames nor ends, and no timer is set.
            Event::Opened(_)
            | Event::Received(_)
            | Event::Closed(_)
            | Event::Delivered(_)
            | Event::Timer(_) => {}
        }
    }

    fn answered(&mut self, answer: &Answer) {
        if answer.id == POLL {
            if self.state.is_reading {
                self.page(&answer.outcome);
            } else {
                self.found(&answer.outcome);
            }
            return;
        }
        match self.state.errands.answered(&answer.id, &answer.outcome, &mut self.effects) {
            Some(Meaning::Unauthorized(problem) | Meaning::QuotaExceeded(problem)) => {
                self.tell(Some(problem));
            }
            Some(meaning) => {
                let problem = meaning.problem();
                self.host.log(Level::Warn, &problem.message, &[("code", &problem.code)]);
            }
            None => {}
        }
    }

    fn search_after(&mut self, interval_ms: u32) {
        self.state.is_reading = false;
        self.effects.push(Effect::Reopen(api::search(self.state.video.as_deref(), interval_ms)));
    }

    /// Back to looking for a broadcast. Not at once: YouTube goes on to list one for a while after its end.
    fn leave_chat(&mut self) {
        self.state.failures = 0;
        self.state.errands.lose_chat(&mut self.effects);
        self.search_after(self.config.search_ms());
    }

    fn found(&mut self, outcome: &Result<Response, Problem>) {
        let broadcasts: Broadcasts = match read(outcome) {
            // The answer to a question for a page of before.
            Ok(Broadcasts { kind, .. }) if kind == answers::PAGE => {
                return self.search_after(self.config.reading_ms(self.state.interval_ms));
            }
            Ok(broadcasts) => broadcasts,
            Err(meaning) => {
                let interval_ms = self.patience(&meaning).max(self.config.search_ms());
                self.tell(Some(meaning.problem()));
                return self.search_after(interval_ms);
            }
        };
        self.state.failures = 0;
        let Some(chat) =
            broadcasts.items.iter().find_map(|broadcast| broadcast.chat().filter(|id| is_id(id)))
        else {
            let message = match self.state.video {
                Some(_) => "The video has no live chat now.",
                None => "No broadcast is running on the connected YouTube channel.",
            };
            self.tell(Some(Problem::new("waiting-for-broadcast", message)));
            return self.search_after(self.config.search_ms());
        };
        if self.state.chat != chat {
            chat.clone_into(&mut self.state.chat);
            self.state.page_token = None;
        }
        self.state.is_reading = true;
        self.read_after(MIN_INTERVAL_MS);
    }

    /// Asks for the next page after the interval.
    fn read_after(&mut self, interval_ms: u32) {
        self.state.interval_ms = interval_ms;
        let token = self.state.page_token.as_deref();
        let interval_ms = self.config.reading_ms(interval_ms);
        self.effects.push(Effect::Reopen(api::read(&self.state.chat, token, interval_ms)));
    }

    fn page(&mut self, outcome: &Result<Response, Problem>) {
        let page: Page = match read(outcome) {
            // The answer to a search of before.
            Ok(Page { kind, .. }) if !kind.is_empty() && kind != answers::PAGE => {
                let interval_ms = self.state.interval_ms;
                return self.read_after(interval_ms);
            }
            Ok(page) => page,
            Err(meaning) => return self.no_page(meaning),
        };
        self.state.failures = 0;
        self.tell(None);
        // YouTube keeps a chat that nobody writes into open after the broadcast.
        let mut is_over = page.offline_at.is_some() && page.items.is_empty();
        for item in page.items {
            match messages::told(item) {
                Told::Written(message) => {
                    self.state.recent.remember(&message.id, &message.author_id);
                    self.effects.push(Effect::Publish(message));
                }
                Told::Removed(id) if !is_id(&id) => {}
                Told::Removed(id) => {
                    self.state.recent.forget(&id);
                    self.effects.push(Effect::Retract(id));
                }
                Told::Banned(channel) => {
                    let taken = self.state.recent.take_of(&channel);
                    self.effects.extend(taken.into_iter().map(Effect::Retract));
                }
                Told::Ended => is_over = true,
                Told::Nothing => {}
            }
        }
        // Without a token the next question would bring the same page; the host drops what it has.
        if let Some(token) = page.next_page_token.filter(|token| token.len() <= MAX_TOKEN_BYTES) {
            self.state.page_token = Some(token);
        }
        if is_over {
            return self.leave_chat();
        }
        let asked = page.polling_interval_millis.and_then(|ms| u32::try_from(ms).ok());
        self.read_after(asked.unwrap_or(INTERVAL_MS).min(MAX_INTERVAL_MS));
    }

    fn no_page(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Ended => self.leave_chat(),
            Meaning::TokenInvalid => {
                self.host.log(
                    Level::Warn,
                    "YouTube lost the place in the chat; it is read from its beginning",
                    &[],
                );
                self.state.page_token = None;
                let interval_ms = self.state.interval_ms;
                self.read_after(interval_ms);
            }
            meaning => {
                let interval_ms = self.patience(&meaning).max(self.state.interval_ms);
                self.tell(Some(meaning.problem()));
                let interval = self.state.interval_ms;
                self.read_after(interval_ms);
                self.state.interval_ms = interval;
            }
        }
    }

    /// How long to leave YouTube alone after a failure.
    fn patience(&mut self, meaning: &Meaning) -> u32 {
        let doublings = self.state.failures.min(6);
        self.state.failures = self.state.failures.saturating_add(1);
        let doubled_ms = (PATIENCE_MS << doublings).min(MAX_INTERVAL_MS);
        match meaning {
            Meaning::QuotaExceeded(problem) => problem.retry_after_ms.unwrap_or(0).max(QUOTA_PATIENCE_MS),
            Meaning::Unauthorized(_) => LOGIN_AGAIN_MS.max(doubled_ms),
            Meaning::TooFast(problem) | Meaning::Unavailable(problem) => {
                problem.retry_after_ms.unwrap_or(0).max(doubled_ms)
            }
            _ => doubled_ms,
        }
    }

    /// Tells the tenant how the connector is doing, once.
    fn tell(&mut self, problem: Option<Problem>) {
        let code = problem.as_ref().map_or_else(|| "well".to_owned(), |problem| problem.code.clone());
        if self.state.told.as_ref() != Some(&code) {
            self.state.told = Some(code);
            self.effects.push(Effect::Status(problem));
        }
    }
}

/// An answer of 200 as `T`, or what it means that there is none.
fn read<T: for<'de> Deserialize<'de>>(outcome: &Result<Response, Problem>) -> Result<T, Meaning> {
    match outcome {
        Ok(response) if response.status == 200 => {
            response.json().map_err(|error| Meaning::Unavailable(error.into_problem()))
        }
        outcome => Err(api::meaning(outcome)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_is_named_by_its_id_or_any_of_its_addresses() {
        for text in [
            "dQw4w9WgXcQ",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=1",
            "youtu.be/dQw4w9WgXcQ?si=x",
            "https://youtube.com/live/dQw4w9WgXcQ?feature=share",
            "https://m.youtube.com/live/dQw4w9WgXcQ/",
            "https://www.youtube.com/embed/dQw4w9WgXcQ",
        ] {
            assert_eq!(video_id(text).as_deref(), Some("dQw4w9WgXcQ"), "{text}");
        }
        for text in
            ["", "short", "https://example.com/watch?v=dQw4w9WgXcQ", "https://youtube.com/@channel", "a/b"]
        {
            assert_eq!(video_id(text), None, "{text}");
        }
    }
}
