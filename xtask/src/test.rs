//! `cargo xtask test`: set-up, then every check and test, then one line that adds them up.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{announce, cargo, command, run, shown};
use crate::setup::TestTools;
use crate::tally::Tally;
use crate::{pages, run as server, setup, workspace};

/// Tells the tests where the ffmpeg is that speaks enhanced RTMP.
const CURRENT_FFMPEG_VARIABLE: &str = "NEUSTREAM_TEST_FFMPEG9";

/// Runs everything, or with a filter only the Rust tests whose names contain it.
pub fn run_tests(filter: Option<&str>) -> Result<()> {
    let tools = setup::for_tests()?;
    server::build_embedded()?;
    // Packages that only other systems need, too: a test reads the whole graph without a network.
    run(cargo().args(["fetch", "--quiet"]))?;
    announce("building the workspace");
    // All targets at once: the binary that behaviour tests start is built with the features of the tests.
    run(cargo().args(["build", "--workspace", "--all-targets"]))?;

    let mut report = Report::default();
    report.step(with_tools(cargo().args(["test", "--workspace", "--no-fail-fast"]).args(filter), &tools))?;
    // In a build folder of its own: both workspaces compile the crates that the bench of plugins calls natively.
    let plugins =
        ["test", "--manifest-path", "plugins/Cargo.toml", "--workspace", "--no-fail-fast", "--target-dir"];
    report.step(cargo().args(plugins).arg(workspace::target_dir().join("plugins")).args(filter))?;
    if filter.is_none() {
        report.step(pages::npm().args(["run", "--silent", "check"]))?;
        report.step(pages::npm().args(["run", "--silent", "test"]).env("NO_COLOR", "1"))?;
        report.step(command("npm").args(["--prefix", "sdk/js", "--silent", "test"]).env("NO_COLOR", "1"))?;
        report.step(command(&tools.python).arg("sdk/python/check.py"))?;
        report.step(cargo().args(["fmt", "--all", "--check"]))?;
        report.step(cargo().args(["fmt", "--manifest-path", "plugins/Cargo.toml", "--all", "--check"]))?;
        let lints = ["--", "-D", "warnings"];
        report.step(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets"]).args(lints))?;
    }
    report.finish()
}

fn with_tools<'a>(command: &'a mut Command, tools: &TestTools) -> &'a mut Command {
    command.env(CURRENT_FFMPEG_VARIABLE, &tools.current_ffmpeg)
}

/// What ran so far.
#[derive(Default)]
struct Report {
    tally: Tally,
    failed_steps: Vec<String>,
    /// How long each step took.
    took: Vec<(String, Duration)>,
}

impl Report {
    /// Runs one runner to its end, shows its output and counts; a failure does not stop the next step.
    fn step(&mut self, command: &mut Command) -> Result<()> {
        let line = shown(command);
        announce(&line);
        let began = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("`{line}` cannot be started"))?;
        let mut tally = Tally::default();
        let output = child.stdout.take().expect("the output is piped");
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("the output of a test runner cannot be read")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally.read_line(&line);
        }
        let status = child.wait().with_context(|| format!("`{line}` cannot be awaited"))?;
        self.took.push((line.clone(), began.elapsed()));
        if !status.success() {
            self.failed_steps.push(line);
            // A check, or a runner that broke before it could count.
            tally.failed = tally.failed.max(1);
        }
        self.tally.add(tally);
        Ok(())
    }

    /// Prints the summary; an error when anything failed.
    fn finish(self) -> Result<()> {
        let Tally { passed, failed } = self.tally;
        for (step, took) in &self.took {
            eprintln!("{:>5} s: {step}", took.as_secs());
        }
        for step in &self.failed_steps {
            eprintln!("failed: {step}");
        }
        println!("\n{passed} passed, {failed} failed");
        if failed > 0 || !self.failed_steps.is_empty() {
            bail!("not everything passed");
        }
        Ok(())
    }
}
