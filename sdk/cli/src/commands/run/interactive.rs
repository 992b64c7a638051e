//! `run --interactive`: every line that is typed is a message, and the filter's verdict is printed. What is saved
//! meanwhile judges the next line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{built, concerns_build, play, show, text_of, world};
use crate::cli::Run;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::{LocalHost, Session};
use crate::output::{Output, Tint};
use crate::recording::{Answers, Origin};
use crate::transcript::Transcript;
use crate::watch::{Next, Watch, listed};

/// The name of the recording where no transcript is named.
const NAME: &str = "interactive";

/// Why a filter is put away.
enum Ended {
    /// There is nothing more to judge.
    Done,
    /// These files were saved.
    Saved(Vec<PathBuf>),
}

pub(super) fn run(args: &Run, folder: &Path, output: &Output) -> Result<(), Failure> {
    let mut watch = Watch::begin(folder)?;
    let mut host = built(folder, output)?;
    output.note("Type a message and press Enter; Ctrl-D ends.");
    watch.listen();
    loop {
        let Ended::Saved(paths) = judging(&mut host, &mut watch, args, folder, output)? else {
            return Ok(());
        };
        output.note(format!("Saved {}.", listed(&paths)));
        if !paths.iter().any(|path| concerns_build(path)) {
            continue;
        }
        match built(folder, output) {
            Ok(rebuilt) => {
                host = rebuilt;
                output.note("Reloaded.");
            }
            Err(failure) => {
                output.setback(&failure);
                output.note("The last good build goes on judging.");
            }
        }
    }
}

fn judging(
    host: &mut LocalHost,
    watch: &mut Watch,
    args: &Run,
    folder: &Path,
    output: &Output,
) -> Result<Ended, Failure> {
    let transcript = circumstances(args, folder)?;
    let (settings, answers) = play::prepared(host, folder, &transcript, world(folder, args)?.as_ref())?;
    let mut session = host.session(&settings, Arc::new(answers.clone())).map_err(|invalid| {
        let diagnostics = invalid.0.iter().map(|error| transcript.diagnostic(error));
        Failure { exit: Exit::Plugin, diagnostics: diagnostics.collect() }
    })?;
    let mut number = 0;
    loop {
        match watch.next()? {
            Next::Typed(text) if text.trim().is_empty() => {}
            Next::Typed(text) => {
                number += 1;
                judge(&mut session, &answers, number, &text, output)?;
            }
            Next::Saved(_) if args.once => {}
            Next::Saved(paths) => return Ok(Ended::Saved(paths)),
            Next::InputEnded | Next::Interrupted => return Ok(Ended::Done),
        }
    }
}

/// Settings and secrets of the transcript that is named, or of the first one.
fn circumstances(args: &Run, folder: &Path) -> Result<Transcript, Failure> {
    if args.transcript.is_none() && Transcript::all_of(folder).is_ok_and(|all| all.is_empty()) {
        let empty = Transcript::parse(format!("{NAME}.json").into(), "{\"steps\": []}".to_owned());
        return empty.map_err(|diagnostics| Failure { exit: Exit::Plugin, diagnostics });
    }
    let mut wanted = play::wanted(folder, args.transcript.as_deref())?;
    let mut first = wanted.swap_remove(0);
    if args.transcript.is_none() {
        NAME.clone_into(&mut first.name);
    }
    Ok(first)
}

fn judge(
    session: &mut Session<'_>,
    answers: &Answers,
    number: u64,
    text: &str,
    output: &Output,
) -> Result<(), Failure> {
    let message = json!({ "id": number.to_string(), "text": text });
    let called = session.call("judge", &json!({ "messages": [message] })).map_err(|error| {
        Failure::new(Exit::Plugin, Diagnostic::new("message", format!("This cannot be judged: {error}.")))
    })?;
    let heard = answers.take_heard();
    output.record(&json!({ "text": text, "judged": show::call_document("judge", &called, &heard) }));
    for line in &called.log {
        output.line(format!("  {} {}", line.level, line.text));
    }
    for heard in heard.iter().filter(|heard| heard.origin == Origin::Nobody) {
        let request = show::request(&heard.request);
        output.note(format!("Nothing answers {request} here; --record asks the platform."));
    }
    match called.outcome.answer().and_then(|verdicts| verdicts.get(0)) {
        Some(verdict) => output.line(shown(output, verdict)),
        None => output.line(output.tinted(Tint::Red, &called.outcome.to_string())),
    }
    if let Some(file) =
        answers.with_recording(|recording| recording.keep().map(|file| file.map(Path::to_owned)))?
    {
        output.note(format!("Recorded {}.", file.display()));
    }
    Ok(())
}

/// `hold  words: The message contains ...`
fn shown(output: &Output, verdict: &Value) -> String {
    let action = match &verdict["action"] {
        Value::String(word) => word.clone(),
        other => other.as_object().and_then(|action| action.iter().next()).map_or_else(
            String::new,
            |(word, payload)| {
                format!("{word} {}", payload.as_str().map_or_else(|| payload.to_string(), str::to_owned))
            },
        ),
    };
    let tint = if action == "allow" { Tint::Green } else { Tint::Yellow };
    let (rule, reason) = (text_of(verdict, "rule"), text_of(verdict, "reason"));
    format!("{}  {rule}: {reason}", output.tinted(tint, &action))
}
