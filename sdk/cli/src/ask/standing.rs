//! A question that stands on the terminal: what is shown, and the keys that come.

use std::io::{self, Write as _};

use console::{Key, Term};
use zeroize::Zeroizing;

use super::unread;
use crate::failure::{Diagnostic, Exit, Failure};

/// The longest line, as in the terminal's own editor of lines.
const MAX_LINE_BYTES: usize = 4096;
/// Ends a text elsewhere; here it ends the question as Ctrl-C does.
const CTRL_D: char = '\u{4}';
/// Takes the whole line back.
const CTRL_U: char = '\u{15}';

/// A question until it is answered. Questions are shown on standard error, beside results.
pub(super) struct Standing {
    term: Term,
    _quiet: Quiet,
}

impl Standing {
    pub fn begin(prompt: &str) -> Result<Self, Failure> {
        let standing = Self { term: Term::stderr(), _quiet: Quiet::begin() };
        standing.show(prompt)?;
        Ok(standing)
    }

    pub fn show(&self, text: &str) -> Result<(), Failure> {
        (&self.term).write_all(text.as_bytes()).map_err(|error| unread(&error))
    }

    /// Takes the last lines away again.
    pub fn take_back(&self, lines: usize) -> Result<(), Failure> {
        self.term.clear_last_lines(lines).map_err(|error| unread(&error))
    }

    /// As much of `line` as the terminal shows in one.
    pub fn fitting(&self, line: &str) -> String {
        let (_, columns) = self.term.size();
        line.chars().take(usize::from(columns).saturating_sub(1)).collect()
    }

    /// The next key; Ctrl-C is a failure.
    pub fn key(&self) -> Result<Key, Failure> {
        match self.term.read_key_raw() {
            Ok(Key::CtrlC | Key::Char(CTRL_D)) => {
                self.show("\n")?;
                let ended = Diagnostic::new("interrupted", "Ended at a question, without an answer.");
                Err(Failure::new(Exit::Interrupted, ended))
            }
            Ok(key) => Ok(key),
            Err(error) => Err(unread(&error)),
        }
    }

    /// A line with something in it. It may be a secret, so it is zeroed in the end and never moved to a larger place.
    pub fn line(&self, is_shown: bool) -> Result<Zeroizing<String>, Failure> {
        let mut line = Zeroizing::new(String::with_capacity(MAX_LINE_BYTES));
        let take_back = |chars: usize| {
            let gone = if is_shown { self.term.clear_chars(chars) } else { Ok(()) };
            gone.map_err(|error| unread(&error))
        };
        loop {
            match self.key()? {
                Key::Enter if !line.is_empty() => {
                    self.show("\n")?;
                    return Ok(line);
                }
                Key::Backspace => take_back(usize::from(line.pop().is_some()))?,
                Key::Char(CTRL_U) => {
                    take_back(line.chars().count())?;
                    line.clear();
                }
                Key::Char(char) if !char.is_control() && line.len() + char.len_utf8() <= MAX_LINE_BYTES => {
                    line.push(char);
                    if is_shown {
                        self.show(char.encode_utf8(&mut [0; 4]))?;
                    }
                }
                _ => {}
            }
        }
    }
}

/// While this lives, the terminal shows nothing of what is typed by itself, also between two keys, and hands Ctrl-C
/// over as a key instead of ending the process in the middle of a question.
#[cfg(unix)]
struct Quiet {
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Quiet {
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        // Without its settings, each key is still read unseen.
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut quiet) = before.clone() {
            quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        Self { before }
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Consoles that give keys show none by themselves.
#[cfg(not(unix))]
struct Quiet;

#[cfg(not(unix))]
impl Quiet {
    fn begin() -> Self {
        Self
    }
}
