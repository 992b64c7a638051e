//! What the tenant writes and removes: requests, three under way at most.
//!
//! YouTube shows one's own messages among the others, so writing one only says
//! `sent`; it is published when it is read.
//!
//! Bounded: [`MAX_WAITING`] errands; beyond that the newest message is refused
//! with `queue-full`, the newest removal with a line in the log.

use std::collections::VecDeque;

use neustream_plugin::Problem;
use neustream_plugin::chat::{Effect, Failure, Outgoing, Response};
use serde::{Deserialize, Serialize};

use crate::api::{self, Meaning};

/// Errands that may wait.
pub const MAX_WAITING: usize = 32;
const MAX_UNDER_WAY: usize = 3;
/// YouTube's limit for a message, in characters.
const MAX_CHARACTERS: usize = 200;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// Write this text.
    Write {
        /// The host's id.
        id: String,
        /// One line.
        text: String,
    },
    /// Remove the message with this id.
    Remove(String),
}

/// Errands that wait, and those under way by the numbers of their requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Errands {
    waiting: VecDeque<Errand>,
    under_way: Vec<(u32, Errand)>,
    next: u32,
}

impl Errands {
    /// Takes a message, or says why not.
    pub fn write(&mut self, outgoing: Outgoing, has_chat: bool) -> Result<(), Failure> {
        let line: String = outgoing.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = line.trim().to_owned();
        if let Some(problem) = self.objection(&text, has_chat) {
            return Err(Failure { id: outgoing.id, problem });
        }
        self.waiting.push_back(Errand::Write { id: outgoing.id, text });
        Ok(())
    }

    /// Why `text` cannot be written.
    fn objection(&self, text: &str, has_chat: bool) -> Option<Problem> {
        if text.is_empty() {
            return Some(Problem::new("empty", "There is nothing to write."));
        }
        if text.chars().count() > MAX_CHARACTERS {
            return Some(Problem::new("too-long", "YouTube takes messages of at most 200 characters."));
        }
        if !has_chat {
            let message = "No broadcast is running whose chat could be written into.";
            return Some(Problem::new("no-broadcast", message));
        }
        let is_full = self.waiting.len() >= MAX_WAITING;
        is_full.then(|| Problem::new("queue-full", "Too many messages wait for YouTube."))
    }

    /// Takes a removal; false when too many wait.
    pub fn remove(&mut self, message: String) -> bool {
        let removal = Errand::Remove(message);
        let is_known =
            self.waiting.contains(&removal) || self.under_way.iter().any(|(_, errand)| *errand == removal);
        let has_room = self.waiting.len() < MAX_WAITING;
        if has_room && !is_known {
            self.waiting.push_back(removal);
        }
        has_room
    }

    /// Sends out what may go.
    pub fn advance(&mut self, chat: &str, effects: &mut Vec<Effect>) {
        while self.under_way.len() < MAX_UNDER_WAY {
            let Some(errand) = self.waiting.pop_front() else { break };
            let id = format!("errand:{}", self.next);
            let request = match &errand {
                Errand::Write { text, .. } => api::write(id, chat, text),
                Errand::Remove(message) => api::remove(id, message),
            };
            effects.push(Effect::Request(request));
            self.under_way.push((self.next, errand));
            self.next = self.next.wrapping_add(1);
        }
    }

    /// The chat is over: what waits to be written has no place any more.
    pub fn lose_chat(&mut self, effects: &mut Vec<Effect>) {
        let ended = || Problem::new("chat-ended", "The broadcast's chat has ended.");
        self.waiting.retain(|errand| match errand {
            Errand::Write { id, .. } => {
                effects.push(Effect::failed(id, ended()));
                false
            }
            Errand::Remove(_) => true,
        });
    }

    /// The outcome of the request `id`. Gives what a refusal means, where the tenant should know.
    pub fn answered(
        &mut self,
        id: &str,
        outcome: &Result<Response, Problem>,
        effects: &mut Vec<Effect>,
    ) -> Option<Meaning> {
        let number: u32 = id.strip_prefix("errand:")?.parse().ok()?;
        let index = self.under_way.iter().position(|(other, _)| *other == number)?;
        let (_, errand) = self.under_way.remove(index);
        let is_done = outcome.as_ref().is_ok_and(Response::is_success);
        match errand {
            Errand::Write { id, .. } if is_done => effects.push(Effect::Sent(id)),
            Errand::Write { id, .. } => {
                let meaning = api::meaning(outcome);
                let problem = match (&meaning, outcome) {
                    // It may have been written; nobody knows, so it is not written again.
                    (Meaning::Unavailable(_), _) | (_, Err(_)) => {
                        Problem::new("unconfirmed", "YouTube did not say whether it took the message.")
                    }
                    _ => meaning.clone().problem(),
                };
                effects.push(Effect::failed(id, problem));
                return Some(meaning);
            }
            // What YouTube does not have needs no removal.
            Errand::Remove(_) if is_done => {}
            Errand::Remove(_) => {
                return Some(api::meaning(outcome)).filter(|meaning| *meaning != Meaning::Ended);
            }
        }
        None
    }
}
