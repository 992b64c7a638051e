//! Playing transcripts: every call is made, and what happens is shown as it happens.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use neustream_contract::Secrets as Joined;
use neustream_model::Secret;
use serde_json::{Value, json};

use super::{show, with_own, world};
use crate::cli::Run;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::{LocalHost, Settings};
use crate::output::Output;
use crate::recording::{Answers, Origin, Recording, World};
use crate::secrets::Secrets;
use crate::transcript::{Call, Step, Transcript};

/// What was played.
pub(super) struct Played {
    /// For `--json`, one a transcript.
    pub documents: Vec<Value>,
    /// Requests that nobody answered.
    unanswered: Vec<Diagnostic>,
}

impl Played {
    /// Fails where a request had no answer.
    pub fn into_result(self) -> Result<(), Failure> {
        if self.unanswered.is_empty() {
            return Ok(());
        }
        Err(Failure { exit: Exit::Plugin, diagnostics: self.unanswered })
    }
}

/// Plays the transcripts that `args` names in `host`.
///
/// # Errors
/// A transcript that cannot be read or played.
pub(super) fn all(
    host: &mut LocalHost,
    folder: &Path,
    args: &Run,
    output: &Output,
) -> Result<Played, Failure> {
    let world = world(folder, args)?;
    let mut played = Played { documents: Vec::new(), unanswered: Vec::new() };
    for transcript in wanted(folder, args.transcript.as_deref())? {
        one(host, folder, &transcript, world.as_ref(), output, &mut played)?;
    }
    Ok(played)
}

/// The transcript of this name, or all of them.
pub(super) fn wanted(folder: &Path, name: Option<&str>) -> Result<Vec<Transcript>, Failure> {
    let all =
        Transcript::all_of(folder).map_err(|diagnostics| Failure { exit: Exit::Plugin, diagnostics })?;
    let names: Vec<_> = all.iter().map(|transcript| transcript.name.clone()).collect();
    let Some(name) = name else {
        if all.is_empty() {
            let message = "There is nothing to run: transcripts/ has no transcript.";
            let help =
                "Write transcripts/<name>.json: what the plugin is asked, and what its platform answers.";
            return Err(Failure::new(Exit::Usage, Diagnostic::new("no-transcript", message).help(help)));
        }
        return Ok(all);
    };
    let name = name.strip_suffix(".json").unwrap_or(name);
    let one: Vec<_> = all.into_iter().filter(|transcript| transcript.name == name).collect();
    if one.is_empty() {
        let message = format!("There is no transcript {name:?}.");
        let help = format!("There are: {}.", names.join(", "));
        return Err(Failure::new(Exit::Usage, Diagnostic::new("no-transcript", message).help(help)));
    }
    Ok(one)
}

fn one(
    host: &mut LocalHost,
    folder: &Path,
    transcript: &Transcript,
    world: Option<&(World, Secrets)>,
    output: &Output,
    played: &mut Played,
) -> Result<(), Failure> {
    show::title(output, transcript);
    let (settings, answers) = prepared(host, folder, transcript, world)?;
    let mut session = host
        .session(&settings, Arc::new(answers.clone()))
        .map_err(|invalid| wrong(invalid.0.iter().map(|error| transcript.diagnostic(error))))?;
    let mut calls = Vec::new();
    for step in &transcript.steps {
        let call = match step {
            Step::Wait { ms } => {
                session.wait(*ms);
                output.line(format!("  {ms} ms later"));
                continue;
            }
            Step::Call(call) => call,
        };
        answers.begin(&call.http);
        let called = session.call(&call.function, &call.with).map_err(|mut error| {
            error.pointer = format!("{}{}", call.pointer, error.pointer);
            wrong([transcript.diagnostic(&error)])
        })?;
        let heard = answers.take_heard();
        show::call(output, &call.function, &called, &heard);
        let nobody = heard.iter().filter(|heard| heard.origin == Origin::Nobody);
        played.unanswered.extend(nobody.map(|heard| unanswered(transcript, call, &heard.request)));
        calls.push(show::call_document(&call.function, &called, &heard));
    }
    drop(session);
    if let Some(file) =
        answers.with_recording(|recording| recording.keep().map(|file| file.map(Path::to_owned)))?
    {
        output.note(format!("Recorded {}.", file.display()));
    }
    played.documents.push(json!({ "name": transcript.name, "about": transcript.about, "calls": calls }));
    Ok(())
}

/// What an installation has in this run, and what answers its requests.
pub(super) fn prepared(
    host: &LocalHost,
    folder: &Path,
    transcript: &Transcript,
    world: Option<&(World, Secrets)>,
) -> Result<(Settings, Answers), Failure> {
    let recording = Recording::read(folder, &transcript.name)?;
    let mut settings = transcript.settings.clone();
    let Some((world, own)) = world else { return Ok((settings, Answers::new(recording, None))) };
    let texts = settings.secrets.iter().map(|(name, text)| (name.clone(), Secret::new(text.clone())));
    let secrets = with_own(host.manifest(), own, texts.collect());
    settings.secrets = secrets.iter().map(|(name, text)| (name.clone(), text.expose().to_owned())).collect();
    let joined = Joined::new(secrets.into_iter().collect::<BTreeMap<_, _>>());
    Ok((settings, Answers::new(recording, Some((world.clone(), joined)))))
}

fn wrong(diagnostics: impl IntoIterator<Item = Diagnostic>) -> Failure {
    Failure { exit: Exit::Plugin, diagnostics: diagnostics.into_iter().collect() }
}

fn unanswered(transcript: &Transcript, call: &Call, request: &Value) -> Diagnostic {
    let message =
        format!("`{}` asked {}, and nothing answers that here.", call.function, show::request(request));
    Diagnostic::new("request-unanswered", message)
        .at(&transcript.file, Some(transcript.line(&call.pointer)))
        .help("Write the request with its answer into `http` of this step, or ask the platform once with --record.")
}
