//! Questions on a terminal. Where there is none, a flag must have answered.

use std::io::{self, BufRead as _, IsTerminal as _};

use dialoguer::{Confirm, Input, Password};
use neustream_model::Secret;
use zeroize::Zeroizing;

use crate::failure::{Diagnostic, Exit, Failure};

/// Whether somebody is there to be asked.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A question that is answered with yes or no. Without a terminal it fails, and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked.
pub(crate) fn confirm(question: &str, code: &str, flag: &str) -> Result<bool, Failure> {
    if !is_terminal() {
        return Err(unasked(code, question, flag));
    }
    Confirm::new().with_prompt(question).interact().map_err(|error| unread(&error))
}

/// A line of text. Without a terminal it fails, and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked.
pub(crate) fn text(question: &str, flag: &str) -> Result<String, Failure> {
    if !is_terminal() {
        return Err(unasked("not-given", question, flag));
    }
    Input::new().with_prompt(question).interact_text().map_err(|error| unread(&error))
}

/// A secret, typed without being shown. Without a terminal it fails, and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked.
pub(crate) fn secret(question: &str, flag: &str) -> Result<Secret, Failure> {
    if !is_terminal() {
        return Err(unasked("not-given", question, flag));
    }
    let typed = Password::new().with_prompt(question).interact();
    typed.map(Secret::new).map_err(|error| unread(&error))
}

/// The first line of standard input: `--password-stdin` and the like. `what` is what it should be.
///
/// # Errors
/// When there is none.
pub(crate) fn piped(what: &str) -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).map_err(|error| unread(&error.into()))?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        let message = format!("There is no {what} on standard input.");
        let help = "Pipe it in: its first line is taken.";
        return Err(Failure::new(Exit::Usage, Diagnostic::new("not-given", message).help(help)));
    }
    Ok(Secret::new(text))
}

/// What was typed could not be read.
pub(crate) fn unread(error: &dialoguer::Error) -> Failure {
    Failure::new(
        Exit::Environment,
        Diagnostic::new("terminal", format!("Cannot read what you type: {error}.")),
    )
}

fn unasked(code: &str, question: &str, flag: &str) -> Failure {
    let message = format!("This cannot be asked without a terminal: {question}");
    Failure::new(Exit::Usage, Diagnostic::new(code, message).help(flag))
}
