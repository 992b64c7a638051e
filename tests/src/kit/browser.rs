//! The browser and the Socket.IO client, driven by Node.js scripts in `tests/browser`.
//!
//! A script prints one JSON object a line; the test waits for the lines it
//! needs. Packages are fetched once by `npm ci`.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;

use super::program::Program;
use super::tool;

/// A running script.
pub struct Script(Program);

impl Script {
    /// Starts `tests/browser/<name>.mjs` with arguments.
    ///
    /// # Errors
    /// When Node.js or the packages are missing.
    pub fn start(name: &str, arguments: &[&str]) -> Result<Self> {
        let folder = packages()?;
        let mut command = Command::new(tool::node()?);
        command.arg(folder.join(format!("{name}.mjs"))).args(arguments).current_dir(&folder);
        command.env("NEUSTREAM_TEST_CHROMIUM", tool::chromium()?);
        Ok(Self(Program::start(name, command)?))
    }

    /// Waits for the next object that has a field called `field`; gives the object.
    ///
    /// # Errors
    /// When the script ends, or the object does not come in time.
    pub async fn says(&mut self, field: &str, limit: Duration) -> Result<Value> {
        self.says_that(limit, field, |said| said.get(field).is_some()).await
    }

    /// Waits for an object, also among those said before, that `is_it` accepts.
    ///
    /// # Errors
    /// When the script ends, or the object does not come in time.
    pub async fn says_that(
        &mut self,
        limit: Duration,
        what: &str,
        is_it: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let pick = |line: &str| serde_json::from_str(line).ok().filter(|said| is_it(said));
        self.0.line(limit, what, pick).await
    }

    /// Stops running while its connections stay open, as a laptop that is closed.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn freeze(&self) -> Result<()> {
        self.0.signal(Signal::STOP)
    }

    /// Every object that the script printed so far.
    pub fn said(&self) -> Vec<Value> {
        self.0.lines().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Expects that no page broke, broke the content policy, or complained.
    ///
    /// # Errors
    /// When one did; with what it said.
    pub fn expect_no_problem(&self) -> Result<()> {
        let said = self.said();
        let problems: Vec<&Value> = said.iter().filter_map(|said| said.get("problem")).collect();
        ensure!(problems.is_empty(), "the pages complain: {problems:?}");
        Ok(())
    }

    /// Waits for the script's end and expects success.
    ///
    /// # Errors
    /// When it fails or takes longer.
    pub async fn finish(&mut self, limit: Duration) -> Result<()> {
        self.0.succeed(limit).await
    }
}

/// The folder of the scripts, with its packages installed.
fn packages() -> Result<PathBuf> {
    static INSTALLED: OnceLock<Result<(), String>> = OnceLock::new();
    let folder = tool::tests_dir().join("browser");
    let outcome = INSTALLED.get_or_init(|| install().map_err(|error| format!("{error:#}")));
    outcome.as_ref().map_err(|error| anyhow!("{error}"))?;
    Ok(folder)
}

fn install() -> Result<()> {
    let folder = tool::tests_dir().join("browser");
    let written = |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let wanted = written("package-lock.json").context("package-lock.json")?;
    // npm writes this one when everything is in place.
    if written("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let done = std::process::Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .context("start npm")?;
    ensure!(done.status.success(), "npm ci: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
