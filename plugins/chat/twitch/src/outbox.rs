//! What the tenant writes: waiting for Twitch's rate limit, then for its confirmation.
//!
//! Twitch takes 20 messages in 30 seconds, 100 from the broadcaster and
//! moderators (dev.twitch.tv/docs/chat/irc, "Rate Limits"), and does not repeat
//! one's own message: a USERSTATE with its id confirms it, a NOTICE refuses it,
//! both in the order of the messages.
//!
//! Bounded: [`MAX_LETTERS`] messages and [`MAX_BYTES`] of text; beyond that the
//! newest is refused with `queue-full`. What waits for five minutes fails with
//! `expired`; what is not confirmed fails with `unconfirmed` and is never
//! written twice.

use std::collections::VecDeque;

use neustream_plugin::Problem;
use neustream_plugin::chat::{Effect, Failure, Outgoing};
use serde::{Deserialize, Serialize};

/// Messages that may be on their way.
pub const MAX_LETTERS: usize = 64;
/// Bytes that they may have together in the state.
const MAX_BYTES: usize = 20 * 1024;
/// Twitch's limit for a message, in characters.
const MAX_CHARACTERS: usize = 500;
/// The window of the rate limit, with a second for what lies between this clock and Twitch's.
const WINDOW_MS: u64 = 31_000;
/// Messages in a window.
const LIMIT: usize = 20;
/// The same for the broadcaster and moderators.
const LIMIT_OF_MODERATORS: usize = 100;
/// How long a message may wait before it is of no use.
const EXPIRES_MS: u64 = 5 * 60 * 1000;
/// How long Twitch may take to confirm one.
const CONFIRMED_IN_MS: u64 = 10_000;
/// How often a message is sent again that Twitch refused for the rate.
const MAX_ATTEMPTS: u8 = 3;

/// The name of its timer.
pub const ALARM: &str = "outbox";

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The host's id.
    pub id: String,
    /// One line.
    pub text: String,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply_to: Option<String>,
    /// When it began to wait where it is.
    at: u64,
    /// When the tenant wrote it.
    written: u64,
    attempts: u8,
}

/// Messages that wait, and those that are sent and not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outbox {
    waiting: VecDeque<Letter>,
    unconfirmed: VecDeque<Letter>,
    /// When the messages of the last window were sent.
    sent_at: VecDeque<u64>,
    /// Twitch asked for patience until then.
    blocked_until: u64,
    /// When the timer rings; 0 when it is not set.
    alarm_at: u64,
    /// Whether the account moderates the channel.
    pub is_moderator: bool,
}

impl Outbox {
    /// Takes a message, or says why not.
    pub fn take(&mut self, outgoing: Outgoing, now: u64) -> Result<(), Failure> {
        let line: String = outgoing.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = line.trim().to_owned();
        if let Some(problem) = self.objection(&text) {
            return Err(Failure { id: outgoing.id, problem });
        }
        // Ids of Twitch are UUIDs; anything else would end the tag.
        let is_id = |id: &String| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let reply_to = outgoing.reply_to.filter(is_id);
        self.waiting.push_back(Letter {
            id: outgoing.id,
            text,
            reply_to,
            at: now,
            written: now,
            attempts: 0,
        });
        Ok(())
    }

    /// Why `text` cannot be written.
    fn objection(&self, text: &str) -> Option<Problem> {
        if text.is_empty() {
            return Some(Problem::new("empty", "There is nothing to write."));
        }
        if text.chars().count() > MAX_CHARACTERS {
            return Some(Problem::new("too-long", "Twitch takes messages of at most 500 characters."));
        }
        if is_command(text) {
            return Some(Problem::new("command", "Twitch takes texts that begin with / or . for commands."));
        }
        let letters = self.waiting.iter().chain(&self.unconfirmed);
        let bytes: usize = letters.clone().map(|letter| bytes_in_state(&letter.text)).sum();
        let has_room = letters.count() < MAX_LETTERS && bytes + bytes_in_state(text) <= MAX_BYTES;
        (!has_room).then(|| Problem::new("queue-full", "Too many messages wait for Twitch's rate limit."))
    }

    /// The message that Twitch has just confirmed.
    pub fn confirm(&mut self) -> Option<Letter> {
        self.unconfirmed.pop_front()
    }

    /// Twitch refused the oldest message that is not confirmed.
    pub fn refuse(&mut self, problem: Problem) -> Option<Effect> {
        self.unconfirmed.pop_front().map(|letter| Effect::failed(&letter.id, problem))
    }

    /// Twitch refused it for the rate: it was not written, so it may be sent again after a window.
    pub fn postpone(&mut self, problem: Problem, now: u64) -> Option<Effect> {
        self.blocked_until = now + WINDOW_MS;
        let letter = self.unconfirmed.pop_front()?;
        if letter.attempts >= MAX_ATTEMPTS {
            return Some(Effect::failed(&letter.id, problem));
        }
        self.waiting.push_front(letter);
        None
    }

    /// The connection is gone: nobody knows what became of the messages that were on it.
    pub fn lose_connection(&mut self, effects: &mut Vec<Effect>) {
        let lost = self.unconfirmed.drain(..);
        effects.extend(lost.map(|letter| Effect::failed(&letter.id, unconfirmed())));
    }

    /// Lets go what may go now, through `transmit`, and sets the timer for what may go later.
    pub fn advance(
        &mut self,
        now: u64,
        is_joined: bool,
        effects: &mut Vec<Effect>,
        transmit: impl Fn(&Letter) -> Effect,
    ) {
        while self.unconfirmed.front().is_some_and(|letter| letter.at + CONFIRMED_IN_MS <= now) {
            effects.extend(self.refuse(unconfirmed()));
        }
        while self.waiting.front().is_some_and(|letter| letter.written + EXPIRES_MS <= now) {
            let expired = Problem::new("expired", "The message waited for five minutes and was given up.");
            effects.extend(self.waiting.pop_front().map(|letter| Effect::failed(&letter.id, expired)));
        }
        while self.sent_at.front().is_some_and(|at| at + WINDOW_MS <= now) {
            self.sent_at.pop_front();
        }
        let limit = if self.is_moderator { LIMIT_OF_MODERATORS } else { LIMIT };
        while is_joined && now >= self.blocked_until && self.sent_at.len() < limit {
            let Some(mut letter) = self.waiting.pop_front() else { break };
            letter.at = now;
            letter.attempts += 1;
            effects.push(transmit(&letter));
            self.sent_at.push_back(now);
            self.unconfirmed.push_back(letter);
        }
        self.set_alarm(now, is_joined, limit, effects);
    }

    fn set_alarm(&mut self, now: u64, is_joined: bool, limit: usize, effects: &mut Vec<Effect>) {
        let confirmation = self.unconfirmed.front().map(|letter| letter.at + CONFIRMED_IN_MS);
        let waiting = self.waiting.front().map(|letter| {
            let expires = letter.written + EXPIRES_MS;
            let freed = self.sent_at.len().checked_sub(limit).and_then(|over| self.sent_at.get(over));
            let free = freed.map_or(0, |at| at + WINDOW_MS).max(self.blocked_until);
            if is_joined { expires.min(free) } else { expires }
        });
        let next = [confirmation, waiting].into_iter().flatten().min().unwrap_or(0);
        if next != self.alarm_at {
            self.alarm_at = next;
            let after_ms = if next == 0 { 0 } else { next.saturating_sub(now).max(1) };
            let after_ms = u32::try_from(after_ms).unwrap_or(u32::MAX);
            effects.push(Effect::wake_after_ms(ALARM, after_ms));
        }
    }

    /// The timer has rung, so it is not set any more.
    pub fn alarm_rang(&mut self) {
        self.alarm_at = 0;
    }
}

/// JSON escapes quotes and backslashes.
fn bytes_in_state(text: &str) -> usize {
    text.len() + text.bytes().filter(|b| matches!(b, b'"' | b'\\')).count()
}

/// `/me` writes an action; every other command is not a message.
fn is_command(text: &str) -> bool {
    let mut characters = text.chars();
    let begins = matches!(characters.next(), Some('/' | '.'));
    begins && characters.next().is_some_and(char::is_alphabetic) && !text.starts_with("/me ")
}

fn unconfirmed() -> Problem {
    Problem::new("unconfirmed", "Twitch did not say whether it took the message.")
}
