//! `neustream-plugin run`: the calls of transcripts in a local host, with what the plugin asks, logs and answers; again
//! on every save.

mod interactive;
mod play;
mod show;

use std::path::Path;

use neustream_contract::{CLIENT_ID_SUFFIX, Kind, Manifest};
use neustream_model::Secret;
use serde_json::{Value, json};

use crate::cli::Run;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::LocalHost;
use crate::output::Output;
use crate::project;
use crate::recording::World;
use crate::secrets::{self, Secrets};
use crate::transcript::FOLDER;
use crate::watch::{Next, Watch, listed};

pub(crate) fn run(args: &Run, output: &Output) -> Result<(), Failure> {
    let project = project::open(&args.project.folder)?;
    let folder = project.folder().to_owned();
    if args.interactive {
        expect_filter(project.manifest())?;
        return interactive::run(args, &folder, output);
    }
    if args.once {
        // A name that is wrong is told before a build.
        play::wanted(&folder, args.transcript.as_deref())?;
        let mut host = built(&folder, output)?;
        let played = play::all(&mut host, &folder, args, output)?;
        output.document(&json!({ "transcripts": played.documents }));
        return played.into_result();
    }
    again_and_again(args, &folder, output)
}

/// Plays, and plays again after every save, until Ctrl-C. What goes wrong is said and waits for the next save.
fn again_and_again(args: &Run, folder: &Path, output: &Output) -> Result<(), Failure> {
    let mut watch = Watch::begin(folder)?;
    let mut host: Option<LocalHost> = None;
    loop {
        if let Err(failure) = play_once(&mut host, folder, args, output) {
            output.setback(&failure);
        }
        output.note("Waiting for a save; Ctrl-C ends.");
        loop {
            match watch.next()? {
                Next::Saved(paths) => {
                    output.note(format!("Saved {}.", listed(&paths)));
                    if paths.iter().any(|path| concerns_build(path)) {
                        host = None;
                    }
                    break;
                }
                Next::Interrupted => return Ok(()),
                Next::Typed(_) | Next::InputEnded => {}
            }
        }
    }
}

fn play_once(
    host: &mut Option<LocalHost>,
    folder: &Path,
    args: &Run,
    output: &Output,
) -> Result<(), Failure> {
    let host = match host {
        Some(host) => host,
        None => host.insert(built(folder, output)?),
    };
    let played = play::all(host, folder, args, output)?;
    output.record(&json!({ "transcripts": played.documents }));
    played.into_result()
}

/// The project as it is now, in a local host.
fn built(folder: &Path, output: &Output) -> Result<LocalHost, Failure> {
    let project = project::open(folder)?;
    let built = project::build(&project, output)?;
    let _progress = output.progress("Loading the package");
    Ok(LocalHost::start(&built.package)?)
}

/// Whether a file is one that the package is made of.
fn concerns_build(path: &Path) -> bool {
    !path.starts_with(FOLDER) && path != Path::new(secrets::FILE)
}

/// The real platform and the author's secrets for it, where `--record` wants them.
fn world(folder: &Path, args: &Run) -> Result<Option<(World, Secrets)>, Failure> {
    if !args.record {
        return Ok(None);
    }
    Ok(Some((World::open()?, Secrets::of(folder)?)))
}

/// The author's own secrets, as far as there are any, in place of a transcript's.
fn with_own(manifest: &Manifest, own: &Secrets, mut texts: Vec<(String, Secret)>) -> Vec<(String, Secret)> {
    for name in manifest.capabilities.secrets.keys() {
        for name in [name.clone(), format!("{name}{CLIENT_ID_SUFFIX}")] {
            if let Some(secret) = own.get(&name) {
                texts.retain(|(known, _)| *known != name);
                texts.push((name, secret));
            }
        }
    }
    texts
}

fn expect_filter(manifest: &Manifest) -> Result<(), Failure> {
    if manifest.kind == Kind::Moderation {
        return Ok(());
    }
    let message =
        format!("{} is a {} plugin; what is typed is for moderation.", manifest.id, manifest.kind.as_str());
    let help = "Run its transcripts, without --interactive.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-a-filter", message).help(help)))
}

/// A member of a JSON object, without the rest.
fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
