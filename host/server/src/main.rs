//! The binary `neustream`: configuration, wiring, telemetry, shutdown.

mod addresses;
mod admin;
mod author_key;
mod bundled;
mod changes;
mod chat_store;
mod config;
mod data_lock;
mod directory;
mod filters;
mod hooks;
mod limits;
mod machine;
mod mail;
mod payment_journal;
mod platform;
mod playback;
mod plugin_kv;
mod replay;
mod serve;
mod setup_link;
mod telemetry;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::admin::Place;
use crate::config::Config;

/// Media comes and goes in pieces of 20 kB to megabytes on several threads: this allocator gives back what is free,
/// where the system's keeps a good part of it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Live streams in over RTMP, out to many destinations through sandboxed plugins, HLS for viewers.
#[derive(Parser)]
#[command(name = "neustream", version, about, after_help = SETTINGS_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const SETTINGS_HELP: &str = "Settings come from neustream.toml and NEUSTREAM_* variables; all have defaults.\n\
                             The common ones: NEUSTREAM_HTTP_ADDR, NEUSTREAM_RTMP_ADDR, NEUSTREAM_DATA_DIR,\n\
                             NEUSTREAM_DATABASE_URL, NEUSTREAM_ALLOW_PRIVATE_NETWORKS.";

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Serve {
        /// Settings file; by default neustream.toml in the current folder, if there is one.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    Admin(admin::Admin),
    /// Compile a plugin from standard input to standard output, within limits. The host calls itself for this.
    #[command(hide = true)]
    CompilePlugin,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve { config: config_file } => {
            Config::load(config_file.as_deref()).and_then(|config| serve::run(Place { config, config_file }))
        }
        Command::Admin(admin) => match admin.run() {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::CompilePlugin => return neustream_plugin_wasm::compile_child_main(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("neustream: {error:#}");
            ExitCode::FAILURE
        }
    }
}
