//! A component of a former version is loaded, called and answers as it did: in the production runtime, with the
//! production limits.

use std::fs;
use std::path::Path;

use neustream_plugin_cli::failure::Diagnostic;
use neustream_plugin_cli::local::{COMPILE_SUBCOMMAND, LocalHost};
use neustream_plugin_cli::transcript::{self, Transcript};
use neustream_plugin_wasm::Compiler;
use neustream_tests::kit::tool::plugin_command;
use neustream_tests::kit::{Context, Result, bail, ensure};

use crate::versions;

/// What every version has at least one of; `destination-with-metadata` is the one with an optional export.
const KINDS: [&str; 5] = ["chat", "destination", "destination-with-metadata", "moderation", "payment"];

#[test]
fn frozen_components_are_loaded_and_answer_as_recorded() -> Result<()> {
    for version in versions()? {
        for kind in KINDS {
            let folder = version.join("components").join(kind);
            answers_as_recorded(&folder).with_context(|| folder.display().to_string())?;
        }
    }
    Ok(())
}

#[test]
fn another_answer_than_the_recorded_one_is_noticed() -> Result<()> {
    let folder = versions()?.pop().context("a version")?.join("components/moderation");
    let mut host = started(&folder)?;
    for mut transcript in transcripts(&folder)? {
        for step in &mut transcript.steps {
            if let transcript::Step::Call(call) = step
                && let Some(expected) = &mut call.expected
            {
                expected.value = serde_json::json!([]);
            }
        }
        ensure!(!transcript::run(&mut host, &transcript).is_good(), "{} still passes", transcript.name);
    }
    Ok(())
}

fn answers_as_recorded(folder: &Path) -> Result<()> {
    let mut host = started(folder)?;
    let transcripts = transcripts(folder)?;
    ensure!(!transcripts.is_empty(), "there is no transcript");
    for transcript in transcripts {
        let ran = transcript::run(&mut host, &transcript);
        if let Some(difference) = ran.differences.first() {
            bail!(
                "{}: {} (at {})\n{}",
                transcript.name,
                difference.what,
                difference.pointer,
                difference.lines().join("\n")
            );
        }
        ensure!(ran.is_good(), "{}: {}", transcript.name, told(&ran.invalid));
        ensure!(!ran.calls.is_empty(), "{} calls nothing", transcript.name);
    }
    Ok(())
}

fn started(folder: &Path) -> Result<LocalHost> {
    let package = fs::read(folder.join("package.wasm")).context("package.wasm")?;
    let compiler = Compiler { program: plugin_command()?, args: vec![COMPILE_SUBCOMMAND.into()] };
    LocalHost::start_with(&package, compiler).context("the package does not load any more")
}

fn transcripts(folder: &Path) -> Result<Vec<Transcript>> {
    match Transcript::all_of(folder) {
        Ok(transcripts) => Ok(transcripts),
        Err(diagnostics) => bail!("{}", told(&diagnostics)),
    }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect::<Vec<_>>().join("\n")
}
