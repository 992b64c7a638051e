//! `neustream-plugin test`

use std::fs;
use std::path::Path;

use crate::cli::Test;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::LocalHost;
use crate::output::Output;
use crate::project;
use crate::transcript::{Ran, Transcript, run as run_transcript, updated};

pub(crate) fn run(args: &Test, output: &Output) -> Result<(), Failure> {
    let folder = &args.project.folder;
    let package = match &args.package {
        Some(file) => read_package(file)?,
        None => project::build(&project::open(folder)?, output)?.package,
    };
    let transcripts =
        Transcript::all_of(folder).map_err(|diagnostics| Failure { exit: Exit::Plugin, diagnostics })?;
    let mut host = LocalHost::start(&package)?;
    let mut wrong = Vec::new();
    for transcript in transcripts.iter().filter(|transcript| is_wanted(args, &transcript.name)) {
        let ran = run_transcript(&mut host, transcript);
        output.line(format!("{} {}", if ran.is_good() { "ok  " } else { "FAIL" }, transcript.name));
        if args.update
            && let Some(text) = updated(transcript, &ran)
        {
            write(folder, transcript, &text)?;
        }
        wrong.extend(diagnostics(transcript, &ran));
        for difference in &ran.differences {
            difference.lines().iter().for_each(|line| output.line(line));
        }
    }
    if wrong.is_empty() || args.update {
        Ok(())
    } else {
        Err(Failure { exit: Exit::Plugin, diagnostics: wrong })
    }
}

fn is_wanted(args: &Test, name: &str) -> bool {
    args.filter.as_deref().is_none_or(|filter| name.contains(filter))
}

fn read_package(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| {
        let diagnostic = Diagnostic::new("package-unreadable", format!("it cannot be read: {error}"));
        Failure::new(Exit::Usage, diagnostic.at(file, None))
    })
}

fn write(folder: &Path, transcript: &Transcript, text: &str) -> Result<(), Failure> {
    fs::write(folder.join(&transcript.file), text).map_err(|error| {
        let diagnostic = Diagnostic::new("transcript-unwritable", format!("it cannot be written: {error}"));
        Failure::new(Exit::Environment, diagnostic.at(&transcript.file, None))
    })
}

fn diagnostics(transcript: &Transcript, ran: &Ran) -> Vec<Diagnostic> {
    let differs = ran.differences.iter().map(|difference| {
        let line = transcript.line(&difference.pointer);
        Diagnostic::new("transcript-differs", &difference.what).at(&transcript.file, Some(line))
    });
    ran.invalid.iter().cloned().chain(differs).collect()
}
