//! What is printed. For people: results on standard output, progress and what is wrong on standard error. With
//! `--json`: one JSON document on standard output, whatever happens, and nothing else there. What goes on until it is
//! ended (`logs`, and `dev` and `run` without `--once`) prints JSON Lines instead: one object a line, as things happen.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a command prints.
#[derive(Debug, Clone)]
pub struct Output {
    is_json: bool,
    is_quiet: bool,
    /// On standard error.
    has_color: bool,
    /// On standard output.
    has_color_out: bool,
}

/// Colours that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// Wrong.
    Red,
    /// Right.
    Green,
    /// Worth a look.
    Yellow,
    /// Beside the point.
    Dim,
}

impl Output {
    /// An output as the global flags want it.
    pub fn new(is_json: bool, is_quiet: bool, color: Color) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let shown = |is_terminal: bool| match color {
            Color::Always => !is_json,
            Color::Never => false,
            Color::Auto => is_terminal && !no_color && !is_json,
        };
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Self { is_json, is_quiet, has_color: shown(err), has_color_out: shown(out) }
    }

    /// Whether one JSON document is wanted instead of lines.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// A line for people on standard output; nothing with `--json`.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.is_json {
            // Whoever closes the pipe has read enough.
            let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
        }
    }

    /// What goes on, on standard error; nothing with `--quiet` or `--json`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.is_json && !self.is_quiet {
            let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
        }
    }

    /// The result as JSON; nothing without `--json`. The last thing that a command prints.
    pub fn document(&self, document: &impl Serialize) {
        if self.is_json {
            let text = serde_json::to_string_pretty(document).expect("documents have text keys only");
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// One of many results as a line of JSON (JSON Lines); nothing without `--json`.
    pub fn record(&self, record: &impl Serialize) {
        if self.is_json {
            let text = serde_json::to_string(record).expect("records have text keys only");
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// Long work: a spinner on a terminal, a line elsewhere.
    pub fn progress(&self, what: &str) -> Progress {
        if self.is_json || self.is_quiet {
            return Progress(None);
        }
        if !std::io::stderr().is_terminal() {
            self.note(format!("{what} ..."));
            return Progress(None);
        }
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is valid");
        let bar = ProgressBar::new_spinner().with_style(style).with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(Some(bar))
    }

    /// Why the command failed.
    pub fn failure(&self, failure: &Failure) {
        if self.is_json {
            // A command whose own document says what is wrong leaves nothing to add.
            if !failure.diagnostics.is_empty() {
                self.document(&json!({ "failed": failure.exit, "diagnostics": failure.diagnostics }));
            }
            return;
        }
        for diagnostic in &failure.diagnostics {
            let _ = writeln!(std::io::stderr(), "{} {diagnostic}", self.red("error:"));
        }
    }

    /// Why something did not work out in a command that goes on. With `--json`: an object on a line.
    pub fn setback(&self, failure: &Failure) {
        if self.is_json {
            self.record(&json!({ "failed": failure.exit, "diagnostics": failure.diagnostics }));
        } else {
            self.failure(failure);
        }
    }

    /// `text` in red, where colours are shown.
    pub fn red(&self, text: &str) -> String {
        self.colored("31", text)
    }

    /// `text` in green, where colours are shown.
    pub fn green(&self, text: &str) -> String {
        self.colored("32", text)
    }

    /// `text` for [`Self::line`] in a colour, where colours are shown on standard output.
    pub fn tinted(&self, tint: Tint, text: &str) -> String {
        let code = match tint {
            Tint::Red => "31",
            Tint::Green => "32",
            Tint::Yellow => "33",
            Tint::Dim => "2",
        };
        if self.has_color_out { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn colored(&self, code: &str, text: &str) -> String {
        if self.has_color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Long work that goes on until this is dropped.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// Says what goes on now.
    pub fn say(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
