//! Questions on a terminal. Where there is none, a flag must have answered.
//!
//! Ctrl-C at a question ends the command with [`Exit::Interrupted`], by the way of every other failure, and gives the
//! terminal back as it was.

mod standing;

use std::io::{self, BufRead as _, IsTerminal as _};

use console::Key;
use neustream_model::Secret;
use zeroize::Zeroizing;

use self::standing::Standing;
use crate::failure::{Diagnostic, Exit, Failure};

/// Whether somebody is there to be asked.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A question that is answered with yes or no. Without a terminal it fails, and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked, or nobody wants to answer.
pub(crate) fn confirm(question: &str, code: &str, flag: &str) -> Result<bool, Failure> {
    expect_terminal(code, question, flag)?;
    let standing = Standing::begin(&format!("{question} [y/n] "))?;
    loop {
        let (answer, word) = match standing.key()? {
            Key::Char('y' | 'Y') => (true, "yes"),
            Key::Char('n' | 'N') => (false, "no"),
            _ => continue,
        };
        standing.show(&format!("{word}\n"))?;
        return Ok(answer);
    }
}

/// A line of text that `check` takes; what it does not take is told, and asked for again. Without a terminal it fails,
/// and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked, or nobody wants to answer.
pub(crate) fn text(
    question: &str,
    flag: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, Failure> {
    expect_terminal("not-given", question, flag)?;
    let prompt = format!("{question}: ");
    let standing = Standing::begin(&prompt)?;
    loop {
        let line = standing.line(true)?;
        match check(&line) {
            Ok(()) => return Ok(line.to_string()),
            Err(why) => standing.show(&format!("{why}\n{prompt}"))?,
        }
    }
}

/// A secret, typed without being shown. Without a terminal it fails, and `flag` is the advice.
///
/// # Errors
/// When nobody can be asked, or nobody wants to answer.
pub(crate) fn secret(question: &str, flag: &str) -> Result<Secret, Failure> {
    expect_terminal("not-given", question, flag)?;
    let standing = Standing::begin(&format!("{question} (not shown): "))?;
    Ok(Secret::new(standing.line(false)?.as_str()))
}

/// One of `items`, each of which begins with its own word: its place. The caller knows that there is a terminal.
///
/// # Errors
/// When nobody wants to answer.
pub(crate) fn choose(question: &str, items: &[&str]) -> Result<usize, Failure> {
    let standing = Standing::begin("")?;
    let prompt = format!("{question} (arrow keys or a first letter, then Enter)");
    standing.show(&(standing.fitting(&prompt) + "\n"))?;
    let (count, mut chosen) = (items.len(), 0);
    loop {
        let list = items.iter().enumerate().map(|(place, item)| {
            let mark = if place == chosen { '>' } else { ' ' };
            standing.fitting(&format!("{mark} {item}")) + "\n"
        });
        standing.show(&list.collect::<String>())?;
        match standing.key()? {
            Key::ArrowDown | Key::Tab => chosen = (chosen + 1) % count,
            Key::ArrowUp | Key::BackTab => chosen = (chosen + count - 1) % count,
            Key::Char(letter) => chosen = beginning_with(letter, items).unwrap_or(chosen),
            Key::Enter => {
                standing.take_back(count + 1)?;
                let word = items[chosen].split_whitespace().next().unwrap_or_default();
                standing.show(&format!("{question} {word}\n"))?;
                return Ok(chosen);
            }
            _ => {}
        }
        standing.take_back(count)?;
    }
}

fn beginning_with(letter: char, items: &[&str]) -> Option<usize> {
    items.iter().position(|item| item.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter)))
}

/// The first line of standard input: `--password-stdin` and the like. `what` is what it should be.
///
/// # Errors
/// When there is none.
pub(crate) fn piped(what: &str) -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).map_err(|error| unread(&error))?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        let message = format!("There is no {what} on standard input.");
        let help = "Pipe it in: its first line is taken.";
        return Err(Failure::new(Exit::Usage, Diagnostic::new("not-given", message).help(help)));
    }
    Ok(Secret::new(text))
}

/// What was typed could not be read.
fn unread(error: &io::Error) -> Failure {
    Failure::new(
        Exit::Environment,
        Diagnostic::new("terminal", format!("Cannot read what you type: {error}.")),
    )
}

fn expect_terminal(code: &str, question: &str, flag: &str) -> Result<(), Failure> {
    if is_terminal() {
        return Ok(());
    }
    let message = format!("This cannot be asked without a terminal: {question}");
    Err(Failure::new(Exit::Usage, Diagnostic::new(code, message).help(flag)))
}
