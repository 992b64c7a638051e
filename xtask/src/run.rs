//! `cargo xtask run`: from a fresh clone to a serving binary.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::command::{announce, cargo, run};
use crate::{pages, plugins, setup, workspace};

/// Builds everything and becomes `neustream serve`; returns only on failure.
pub fn serve(args: &[String]) -> Result<()> {
    build_server("dev")?;
    let binary = workspace::server_binary("debug");
    let error = Command::new(&binary).arg("serve").args(args).exec();
    Err(error).with_context(|| format!("{} cannot be started", binary.display()))
}

/// Builds what the binary embeds.
pub fn build_embedded() -> Result<()> {
    setup::rust_target()?;
    // npm waits for the network while cargo compiles, so both run at once.
    thread::scope(|scope| {
        let pages = scope.spawn(pages::build);
        let plugins = plugins::build_all();
        pages.join().map_err(|_| anyhow!("the build of the pages panicked"))?.and(plugins)
    })
}

/// Builds the pages, the plugins and then the server that embeds both, in `profile` (`dev` or `release`).
pub fn build_server(profile: &str) -> Result<()> {
    build_embedded()?;
    announce("building neustream");
    run(cargo().args(["build", "--package", "neustream", "--profile", profile]))
}

/// Builds every bundled plugin.
pub fn build_plugins() -> Result<()> {
    setup::rust_target()?;
    plugins::build_all()
}
