//! Removing messages: `DELETE helix/moderation/chat` (dev.twitch.tv/docs/api/reference, "Delete Chat Messages");
//! IRC's `/delete` was taken away in 2023. The CLEARMSG that follows retracts the message.
//!
//! Bounded: [`MAX_WAITING`] ids; beyond that the oldest is given up, with a line
//! in the log. Three requests are under way at most, so that one of the host's
//! four stays free.

use std::collections::VecDeque;

use neustream_plugin::chat::{Effect, Request, Response};
use neustream_plugin::{Problem, Value};
use serde::{Deserialize, Serialize};

use crate::connector::ACCOUNT;

const URL: &str = "https://api.twitch.tv/helix/moderation/chat";
/// Ids that may wait.
pub const MAX_WAITING: usize = 64;
const MAX_UNDER_WAY: usize = 3;
/// Helix's bucket refills within a minute.
const PATIENCE_MS: u32 = 60_000;
/// The name of its timer.
pub const ALARM: &str = "removals";
/// What its requests' ids begin with.
const PREFIX: &str = "remove:";

/// Messages that are to be removed, and those that Twitch was asked to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Removals {
    waiting: VecDeque<String>,
    under_way: Vec<String>,
    is_blocked: bool,
}

/// What an answer to a removal says.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone, or was before.
    Done,
    /// Twitch asks for patience, or cannot be reached; it is tried again.
    Later,
    /// Twitch refuses.
    Refused(Problem),
    /// Twitch refuses the credentials.
    Unauthorized(Problem),
}

impl Removals {
    /// Takes a message's id. Gives the id that is given up for it, if one is.
    pub fn take(&mut self, message: String) -> Option<String> {
        if self.waiting.contains(&message) || self.under_way.contains(&message) {
            return None;
        }
        self.waiting.push_back(message);
        if self.waiting.len() > MAX_WAITING { self.waiting.pop_front() } else { None }
    }

    /// Asks Twitch, as soon as it is known which channel it is about and who asks.
    pub fn advance(&mut self, room_id: &str, account_id: &str, effects: &mut Vec<Effect>) {
        if room_id.is_empty() || account_id.is_empty() || self.is_blocked {
            return;
        }
        while self.under_way.len() < MAX_UNDER_WAY {
            let Some(message) = self.waiting.pop_front() else { break };
            effects.push(Effect::Request(request(room_id, account_id, &message)));
            self.under_way.push(message);
        }
    }

    /// The outcome of the request `id`; none when it is about no removal.
    pub fn answered(
        &mut self,
        id: &str,
        outcome: &Result<Response, Problem>,
        effects: &mut Vec<Effect>,
    ) -> Option<Removed> {
        let message = id.strip_prefix(PREFIX)?;
        let index = self.under_way.iter().position(|other| other == message)?;
        let message = self.under_way.swap_remove(index);
        let removed = meaning_of(outcome);
        if removed == Removed::Later {
            self.waiting.push_front(message);
            self.is_blocked = true;
            let asked = outcome.as_ref().ok().and_then(Response::retry_after_ms);
            let after_ms = asked.unwrap_or(PATIENCE_MS).max(1);
            effects.push(Effect::wake_after_ms(ALARM, after_ms));
        }
        Some(removed)
    }

    /// The timer has rung.
    pub fn alarm_rang(&mut self) {
        self.is_blocked = false;
    }
}

fn request(room_id: &str, account_id: &str, message: &str) -> Request {
    Request::new(format!("{PREFIX}{message}"), "DELETE", URL)
        .query("broadcaster_id", room_id)
        .query("moderator_id", account_id)
        .query("message_id", message)
        .bearer(ACCOUNT)
        .header("client-id", Value::secret(format!("{ACCOUNT}.client-id")))
}

fn meaning_of(outcome: &Result<Response, Problem>) -> Removed {
    let Ok(response) = outcome else { return Removed::Later };
    match response.status {
        200..=299 | 404 => Removed::Done,
        401 => Removed::Unauthorized(Problem::new(
            "unauthorized",
            "Twitch does not let the connected account remove messages; connect it again.",
        )),
        429 | 500..=599 => Removed::Later,
        400 => Removed::Refused(Problem::new(
            "not-removed",
            "Twitch does not remove messages of the broadcaster, of moderators, or older than six hours.",
        )),
        403 => Removed::Refused(Problem::new(
            "not-moderator",
            "The connected account does not moderate the channel, so Twitch removes nothing for it.",
        )),
        status => Removed::Refused(Problem::new("platform-error", format!("Twitch answered {status}."))),
    }
}
