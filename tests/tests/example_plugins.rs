//! The example plugins in Rust do what they show: their unit tests pass, and `neustream-plugin test` does, in the
//! production runtime with the production limits. What `new` makes of them is followed by `plugin_paths`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use neustream_tests::kit::tool::{plugin_command, workspace_dir};
use neustream_tests::kit::{Context, Result, ensure};

/// The smallest one of each kind, and one of real-world size.
const EXAMPLES: [&str; 5] = ["rust/destination", "rust/chat", "rust/moderation", "rust/payment", "oauth"];

#[test]
fn every_example_passes_what_its_author_would_run() -> Result<()> {
    for example in EXAMPLES {
        let folder = examples().join(example);
        for arguments in [["fmt", "--check", "--quiet"], ["test", "--locked", "--quiet"]] {
            succeeds(Command::new(env!("CARGO")).args(arguments).current_dir(&folder), &folder)?;
        }
        succeeds(Command::new(plugin_command()?).arg("test").arg(&folder), &folder)?;
    }
    Ok(())
}

#[test]
fn no_example_is_forgotten() -> Result<()> {
    let mut found = vec!["oauth".to_owned()];
    for entry in std::fs::read_dir(examples().join("rust"))? {
        let entry = entry?;
        if entry.path().join("plugin.toml").is_file() {
            found.push(format!("rust/{}", entry.file_name().display()));
        }
    }
    found.sort();
    let mut known = EXAMPLES.map(str::to_owned);
    known.sort();
    ensure!(found == known, "the examples are {found:?}");
    Ok(())
}

/// What an author reads in one language holds in the others: one platform, one behaviour, word for word.
#[test]
fn the_examples_of_a_kind_show_the_same_in_every_language() -> Result<()> {
    for kind in ["destination", "chat", "moderation", "payment"] {
        let rust = transcripts(&examples().join("rust").join(kind))?;
        ensure!(!rust.is_empty(), "rust/{kind} has no transcripts");
        for language in ["javascript", "python"] {
            let other = transcripts(&examples().join(language).join(kind))?;
            for (name, text) in &rust {
                ensure!(
                    other.get(name) == Some(text),
                    "{name} of {language}/{kind} is not that of rust/{kind}: copy the one that is right"
                );
            }
            let further: Vec<_> = other.keys().filter(|name| !rust.contains_key(*name)).collect();
            ensure!(further.is_empty(), "{language}/{kind} has further transcripts: {further:?}");
        }
    }
    Ok(())
}

/// The text of each transcript of a project.
fn transcripts(project: &Path) -> Result<BTreeMap<String, String>> {
    let folder = project.join("transcripts");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut transcripts = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().display().to_string();
        transcripts.insert(name, std::fs::read_to_string(entry.path())?);
    }
    Ok(transcripts)
}

fn examples() -> PathBuf {
    workspace_dir().join("examples/plugins")
}

/// Runs `command`, which builds where the other examples are built, too: they share all that they depend on.
fn succeeds(command: &mut Command, folder: &Path) -> Result<()> {
    command.env("CARGO_TARGET_DIR", workspace_dir().join("target/example-plugins"));
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{} ({}):\n{said}{told}", folder.display(), output.status);
    Ok(())
}
