//! `neustream admin doctor`: looks at everything that a server needs and says what to fix. It changes nothing.
//!
//! A server that serves looks at itself the same way, for `GET /api/admin/system`.

mod database;
mod network;
mod services;
mod system;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use neustream_store::Closeness;
use serde::Serialize;

use super::{Place, settings_file};
use crate::config::Config;

pub use system::disk_space;

/// How long one check of a server that serves may take: whoever asked is waiting.
const PATIENCE: Duration = Duration::from_secs(5);

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
    let mut checks = machine(place);
    checks.extend(database::look(place, Closeness::Whole).await);
    checks.extend(network::ports(place).await);
    checks.extend(addresses(place));
    checks.extend(services::redis(place).await);
    checks.push(services::mail(place).await);
    checks.push(tools::plugin_runtime().await);
    checks.extend(tools::plugin_folder(place));
    checks.push(tools::ffmpeg().await);
    checks
}

/// The same for a server that looks at itself: all at once, each within [`PATIENCE`]. Its own ports are not asked for,
/// and a SQLite file that is at work is not read from end to end.
pub async fn look_while_serving(place: &Place) -> Vec<Check> {
    let advice = "look at its load, and at the way there";
    let (database, redis, mail, plugins, codecs) = tokio::join!(
        within(database::look(place, Closeness::AtAGlance), || vec![late("database", advice)]),
        within(services::redis(place), || Some(late("Redis", advice))),
        within(services::mail(place), || late("mail", advice)),
        within(tools::plugin_runtime(), || late("plugins", "look at the load of this machine")),
        within(tools::ffmpeg(), || late("codecs", "look at the load of this machine")),
    );
    let mut checks = machine(place);
    checks.extend(database);
    checks.extend(addresses(place));
    checks.extend(redis);
    checks.extend([mail, plugins]);
    checks.extend(tools::plugin_folder(place));
    checks.push(codecs);
    checks
}

fn machine(place: &Place) -> Vec<Check> {
    vec![
        settings(place),
        system::data_folder(place),
        system::disk(place),
        system::open_files(),
        system::memory(),
        system::master_key(place),
    ]
}

fn addresses(place: &Place) -> Vec<Check> {
    network::public_address(place).into_iter().chain([network::trusted_certificates(place)]).collect()
}

async fn within<T>(look: impl Future<Output = T>, otherwise: impl FnOnce() -> T) -> T {
    tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| otherwise())
}

fn late(name: &'static str, advice: &str) -> Check {
    Check::warning(name, format!("no answer within {} seconds", PATIENCE.as_secs()), advice)
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
