//! The messages of late, by author: platforms take back all messages of somebody who was banned, and name the
//! person only.
//!
//! One text with a line a message, so that a state with it is read and written
//! at the cost of a copy. The oldest lines are dropped beyond a bound.

use serde::{Deserialize, Serialize};

/// Bytes that are remembered: about 200 messages of Twitch, 100 of YouTube.
const MAX_BYTES: usize = 10 * 1024;

/// What separates message and author; neither platform has it in an id.
const SEPARATOR: char = ' ';

/// Ids of the newest messages with the ids of their authors, as a part of a connector's state.
///
/// ```
/// use neustream_plugin::chat::{Effect, Recent};
///
/// let mut recent = Recent::default();
/// recent.remember("m-1", "ronni");
/// recent.remember("m-2", "ronni");
/// // The platform says that ronni was banned.
/// let effects: Vec<_> = recent.take_of("ronni").into_iter().map(Effect::Retract).collect();
/// assert_eq!(effects.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recent(String);

impl Recent {
    /// Remembers a message. Ids that would break the lines are passed over.
    ///
    /// ```
    /// let mut recent = neustream_plugin::chat::Recent::default();
    /// recent.remember("m-1", "ronni");
    /// assert_eq!(recent.take_all(), ["m-1"]);
    /// ```
    pub fn remember(&mut self, message: &str, author: &str) {
        let is_plain =
            |id: &str| !id.is_empty() && id.len() <= 256 && id.bytes().all(|b| b.is_ascii_graphic());
        if !is_plain(message) || !is_plain(author) {
            return;
        }
        self.0.extend([message, " ", author, "\n"]);
        if self.0.len() > MAX_BYTES {
            let beyond = self.0.len() - MAX_BYTES;
            let cut = self.0[beyond..].find('\n').map_or(self.0.len(), |end| beyond + end + 1);
            self.0.drain(..cut);
        }
    }

    /// Forgets one message.
    ///
    /// ```
    /// let mut recent = neustream_plugin::chat::Recent::default();
    /// recent.remember("m-1", "ronni");
    /// recent.forget("m-1");
    /// assert!(recent.take_all().is_empty());
    /// ```
    pub fn forget(&mut self, message: &str) {
        self.take(|id, _| id == message);
    }

    /// The messages of `author`, oldest first, which are forgotten.
    ///
    /// ```
    /// let mut recent = neustream_plugin::chat::Recent::default();
    /// recent.remember("m-1", "ronni");
    /// assert_eq!(recent.take_of("ronni"), ["m-1"]);
    /// assert!(recent.take_of("ronni").is_empty());
    /// ```
    pub fn take_of(&mut self, author: &str) -> Vec<String> {
        self.take(|_, by| by == author)
    }

    /// All messages, oldest first, which are forgotten.
    ///
    /// ```
    /// let mut recent = neustream_plugin::chat::Recent::default();
    /// recent.remember("m-1", "ronni");
    /// assert_eq!(recent.take_all(), ["m-1"]);
    /// ```
    pub fn take_all(&mut self) -> Vec<String> {
        self.take(|_, _| true)
    }

    fn take(&mut self, is_wanted: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let mut taken = Vec::new();
        let mut kept = String::with_capacity(self.0.len());
        for line in self.0.lines() {
            match line.split_once(SEPARATOR) {
                Some((id, author)) if is_wanted(id, author) => taken.push(id.to_owned()),
                _ => kept.extend([line, "\n"]),
            }
        }
        self.0 = kept;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_by_their_author_once() {
        let mut recent = Recent::default();
        recent.remember("a", "1");
        recent.remember("b", "2");
        recent.remember("c", "1");
        assert_eq!(recent.take_of("1"), ["a", "c"]);
        assert_eq!(recent.take_of("1"), Vec::<String>::new());
        assert_eq!(recent.take_all(), ["b"]);
    }

    #[test]
    fn the_oldest_are_forgotten_beyond_the_bound() {
        let mut recent = Recent::default();
        for number in 0..10_000 {
            recent.remember(&format!("message-{number}"), "author");
            assert!(recent.0.len() <= MAX_BYTES);
        }
        let messages = recent.take_all();
        assert_eq!(messages.last().map(String::as_str), Some("message-9999"));
        assert!(messages.len() > 300);
    }

    #[test]
    fn ids_that_would_break_the_lines_are_passed_over() {
        let mut recent = Recent::default();
        for id in ["", "a b", "a\nb", "ä", &"x".repeat(300)] {
            recent.remember(id, "1");
            recent.remember("a", id);
        }
        assert_eq!(recent.take_all(), Vec::<String>::new());
    }
}
