//! Set-up and orchestration of the workspace: `cargo xtask run | demo | test | bench | ...`.
//!
//! One command takes a fresh clone to a running server or to a full test run. Everything here can be done by
//! hand with cargo and npm; nothing here is part of the product.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod bundle;
mod clients;
mod command;
mod demo;
mod demo_api;
mod pages;
mod plugins;
mod run;
mod screens;
mod setup;
mod stamp;
mod tally;
mod test;
mod workspace;

/// Set-up and orchestration of the Neustream workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set everything up, build it and serve in the foreground.
    Run {
        /// Passed on to `neustream serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Like `run`, with a demo account, a test pattern, two local destinations and a player's address.
    Demo,
    /// Set up what tests need, then run every check and test.
    Test {
        /// Run only the Rust tests whose name contains this.
        filter: Option<String>,
    },
    /// Build for release and measure (`relay`, `fanout`, `plugins`, `hostile`, ...; `--help` lists them).
    Bench {
        /// Passed on to `neustream-load bench`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Publish a partner's plugins and bundle to a running server, and make a tenant with it.
    Bundle(bundle::Options),
    /// Write the clients of the API anew from its OpenAPI document (`sdk/client-js`, `sdk/client-python`).
    Clients {
        /// Only look whether they are what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Build every bundled plugin into a component.
    Plugins,
    /// Build the dashboard and the viewer page.
    Pages,
    /// Take the pictures of `docs/screens` anew, of every screen of the dashboard.
    Screens {
        /// Only this screen, such as `overview`.
        name: Option<String>,
    },
    /// Install what tests need and build what they start, so that plain `cargo test` works.
    Setup,
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Run { args } => run::serve(&args),
        Task::Demo => demo::run_demo(),
        Task::Test { filter } => test::run_tests(filter.as_deref()),
        Task::Bench { args } => bench::run_bench(&args),
        Task::Bundle(options) => bundle::provision(&options),
        Task::Clients { check } => clients::generate(check),
        Task::Plugins => run::build_plugins(),
        Task::Pages => pages::build(),
        Task::Screens { name } => screens::take(name.as_deref()),
        Task::Setup => setup::for_tests().and_then(|_| run::build_server("dev")),
    }
}
