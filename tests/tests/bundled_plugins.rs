//! The bundled plugins are held to what every author is held to: `neustream-plugin test`, that is the conformance suite
//! of their kind and their own transcripts, in the production runtime with the production limits.

use std::path::{Path, PathBuf};
use std::process::Command;

use neustream_tests::kit::tool::{plugin_command, target_profile_dir, workspace_dir};
use neustream_tests::kit::{Context, Result, ensure};

/// The folders of `plugins/` that hold bundled plugins.
const KINDS: [&str; 4] = ["destinations", "chat", "moderation", "payments"];

/// The packages as they are bundled, not built anew: what is tested here is what is in the binary.
#[test]
fn every_bundled_plugin_passes_the_test_that_its_authors_would_run() -> Result<()> {
    let mut failures = Vec::new();
    for plugin in bundled()? {
        let package = plugin.package();
        ensure!(package.is_file(), "{} is missing: build it with cargo xtask plugins", package.display());
        failures.extend(failure(&plugin.folder, Some(&package))?);
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// From its sources, as a partner would.
#[test]
fn the_partners_own_plugin_passes_it_too() -> Result<()> {
    let failure = failure(&workspace_dir().join("examples/partner-bundle/stage"), None)?;
    ensure!(failure.is_none(), "{}", failure.unwrap_or_default());
    Ok(())
}

/// What `neustream-plugin test` says where it does not pass.
fn failure(project: &Path, package: Option<&Path>) -> Result<Option<String>> {
    let mut test = Command::new(plugin_command()?);
    // What is built here is built beside the tests, so that it is warm the next time.
    test.arg("test")
        .arg(project)
        .env("CARGO_TARGET_DIR", target_profile_dir()?.with_file_name("example-plugins"));
    if let Some(package) = package {
        test.arg("--package").arg(package);
    }
    let output = test.output().context("neustream-plugin cannot be started")?;
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let passed = output.status.success();
    Ok((!passed).then(|| format!("{} ({}):\n{said}{told}", project.display(), output.status)))
}

/// A transcript with calls, not only a folder for one: a plugin that nobody wrote one for passes the test above.
#[test]
fn every_bundled_plugin_has_transcripts_that_succeed_and_that_fail() -> Result<()> {
    for plugin in bundled()? {
        let transcripts = plugin.transcripts()?;
        ensure!(!transcripts.is_empty(), "{} has no transcript", plugin.name());
        let all = transcripts.join("\n");
        ensure!(all.contains("\"answer\":"), "no transcript of {} has an answer", plugin.name());
        // A filter has no way to fail: what it cannot do it leaves to the tenant's default.
        let can_fail = !plugin.folder.starts_with(workspace_dir().join("plugins/moderation"));
        ensure!(
            !can_fail || all.contains("\"error\":") || all.contains("\"failed\":"),
            "no transcript of {} has an error",
            plugin.name()
        );
    }
    Ok(())
}

/// A bundled plugin's project.
struct Plugin {
    folder: PathBuf,
}

/// All of them.
fn bundled() -> Result<Vec<Plugin>> {
    let mut plugins = Vec::new();
    for kind in KINDS {
        let place = workspace_dir().join("plugins").join(kind);
        let entries = std::fs::read_dir(&place).with_context(|| format!("{}", place.display()))?;
        for entry in entries {
            let folder = entry?.path();
            if folder.join("plugin.toml").is_file() {
                plugins.push(Plugin { folder });
            }
        }
    }
    plugins.sort_by(|a, b| a.folder.cmp(&b.folder));
    ensure!(plugins.len() >= 11, "only {} bundled plugins were found", plugins.len());
    Ok(plugins)
}

impl Plugin {
    /// `<kind>/<name>`.
    fn name(&self) -> String {
        let place = self.folder.strip_prefix(workspace_dir().join("plugins")).unwrap_or(&self.folder);
        place.display().to_string()
    }

    fn package(&self) -> PathBuf {
        workspace_dir().join("plugins/dist").join(self.name()).with_added_extension("wasm")
    }

    /// The texts of its transcripts.
    fn transcripts(&self) -> Result<Vec<String>> {
        let folder = self.folder.join("transcripts");
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?;
        let files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        let is_transcript = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "json");
        files.iter().filter(is_transcript).map(|file| read(file)).collect()
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}
