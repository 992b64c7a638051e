//! `neustream-stage`: furnishes a platform whose every page has something to show, and lets a script of `tests/browser`
//! look at it; without one it waits for a person to look, until Ctrl-C.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::stage::Stage;

/// The longest that a script may look.
const LOOKING: Duration = Duration::from_mins(20);

/// Furnishes a platform for the dashboard's screens.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// A script of `tests/browser`, such as `pictures`.
    script: Option<String>,
    /// Handed to it behind what it is told of the stage.
    arguments: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<()> {
    let stage = Stage::set().await?;
    let told = stage.told.to_string();
    let Some(script) = cli.script else {
        println!("{told}");
        return Ok(tokio::signal::ctrl_c().await?);
    };
    let arguments: Vec<&str> =
        [told.as_str()].into_iter().chain(cli.arguments.iter().map(String::as_str)).collect();
    let mut looking = Script::start(&script, &arguments)?;
    let finished = looking.finish(LOOKING).await;
    for said in looking.said() {
        println!("{said}");
    }
    finished
}
