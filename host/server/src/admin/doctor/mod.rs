//! `neustream admin doctor`: looks at everything that a server needs and says what to fix. It changes nothing.

mod database;
mod network;
mod services;
mod system;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::{Place, settings_file};
use crate::config::Config;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Print JSON: `{"checks": [{"name", "verdict", "found", "advice"}], "problems", "warnings"}`.
    #[arg(long)]
    json: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The server runs with it, but worse than it could.
    Warning,
    /// The server does not run with it, or loses something.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it; nothing where all is well.
    pub advice: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    checks: &'a [Check],
    problems: usize,
    warnings: usize,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, found: found.into(), advice: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    fn problem(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Problem, found: found.into(), advice: Some(advice.into()) }
    }
}

impl Doctor {
    /// Runs the command: exit code 0 without problems, 1 with some. Warnings do not count.
    pub async fn run(self, config: anyhow::Result<Config>, config_file: Option<PathBuf>) -> ExitCode {
        let checks = match config {
            Ok(config) => look(&Place { config, config_file }).await,
            Err(error) => vec![Check::problem(
                "settings",
                format!("{error:#}"),
                "neustream.example.toml explains every setting; nothing else was checked",
            )],
        };
        let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
        let report =
            Report { checks: &checks, problems: count(Verdict::Problem), warnings: count(Verdict::Warning) };
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default());
        } else {
            print(&report);
        }
        if report.problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

async fn look(place: &Place) -> Vec<Check> {
    let mut checks = vec![settings(place)];
    checks.push(system::data_folder(place));
    checks.push(system::disk(place));
    checks.push(system::open_files());
    checks.push(system::memory());
    checks.push(system::master_key(place));
    checks.extend(database::look(place).await);
    checks.extend(network::ports(place).await);
    checks.extend(network::public_address(place));
    checks.push(network::trusted_certificates(place));
    checks.extend(services::redis(place).await);
    checks.push(services::mail(place).await);
    checks.push(tools::plugin_runtime().await);
    checks.extend(tools::plugin_folder(place));
    checks.push(tools::ffmpeg().await);
    checks
}

/// They were read already: here stands where they came from.
fn settings(place: &Place) -> Check {
    let variables =
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NEUSTREAM_")).count();
    let file = settings_file(place.config_file.as_deref())
        .map_or_else(|| "no settings file".to_owned(), |file| file.display().to_string());
    Check::ok("settings", format!("{file}, {variables} variables"))
}

fn print(report: &Report<'_>) {
    let width = report.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in report.checks {
        let verdict = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "PROBLEM",
        };
        println!("{verdict:<8} {:<width$}  {}", check.name, check.found);
        if let Some(advice) = &check.advice {
            println!("{:<8} {:<width$}  -> {advice}", "", "");
        }
    }
    println!();
    println!("checks: {}, problems: {}, warnings: {}", report.checks.len(), report.problems, report.warnings);
}
