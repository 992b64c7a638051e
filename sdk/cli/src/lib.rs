//! The command `neustream-plugin`: a plugin author's way from nothing to a signed, tested, installed plugin.
//!
//! | Module | Concept |
//! |---|---|
//! | [`cli`] | every command and flag |
//! | `commands/*` | one file a command: reads its flags, calls the rooms below, prints |
//! | `project` | a project opened and built, with what is wrong as a failure |
//! | `template` | projects to begin with |
//! | `sheet` | what a package is: permissions, interfaces, sizes |
//! | [`local`] | a plugin in the production runtime on this machine |
//! | [`transcript`] | what an installation is asked, what its platform answers, what must come |
//! | [`conformance`] | what is asked of every plugin of a kind |
//! | `recording` | what answers requests while a plugin is run: transcript, recording, platform |
//! | `remote` | a Neustream: sessions, requests, refusals, logs |
//! | `secrets` | an author's secrets for trying a plugin |
//! | `ask` | questions on a terminal |
//! | `watch` | what a command that goes on waits for: saves, Ctrl-C, typed lines |
//! | `output` | what is printed, for people or as JSON; progress |
//! | `failure` | why a command failed, as an exit code with diagnostics |
//! | `keys` | the publisher's keys: kept, sealed for elsewhere, used for signing |
//! | `home` | the folder of keys and sessions, for their owner only |
//!
//! A plugin runs here in the production runtime (`neustream-plugin-wasm`) with the production limits, so what
//! passes here behaves the same on a server.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

use std::process::ExitCode;

use clap::Parser as _;

mod ask;
pub mod cli;
mod commands;
pub mod conformance;
pub mod failure;
mod home;
mod keys;
pub mod local;
pub mod output;
mod project;
mod recording;
mod remote;
mod secrets;
mod sheet;
mod template;
pub mod transcript;
mod watch;

use cli::{Cli, Command};
use output::Output;

/// Reads the command line, does what it says, and answers the exit code (see [`failure::Exit`]).
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::CompilePlugin) {
        return neustream_plugin_wasm::compile_child_main();
    }
    let output = Output::new(cli.json, cli.quiet, cli.color);
    let done = match &cli.command {
        Command::New(args) => commands::new::run(args, &output),
        Command::Build(args) => commands::build::run(args, &output),
        Command::Test(args) => commands::test::run(args, &output),
        Command::Run(args) => commands::run::run(args, &output),
        Command::Inspect(args) => commands::inspect::run(args, &output),
        Command::Key(args) => commands::key::run(args, &output),
        Command::Sign(args) => commands::sign::run(args, &output),
        Command::Login(args) => commands::login::run(args, &output),
        Command::Publish(args) => commands::publish::run(args, &output),
        Command::Dev(args) => commands::dev::run(args, &output),
        Command::Logs(args) => commands::logs::run(args, &output),
        Command::Api(args) => commands::api::run(args, &output),
        Command::Completions(args) => commands::completions::run(args, &output),
        Command::CompilePlugin => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}
