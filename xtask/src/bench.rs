//! `cargo xtask bench`: release builds, then whoever measures.
//!
//! `plugins` is measured in one process by `neustream-plugin-bench`; `hostile` is a thousand hostile packages against a
//! serving host; `api` asks the HTTP API; everything else is the load generator's.

use anyhow::Result;

use crate::command::{announce, cargo, command, run};
use crate::{run as server, setup, workspace};

/// Builds what is measured and what measures for release, and hands `args` on.
pub fn run_bench(args: &[String]) -> Result<()> {
    match args.first().map(String::as_str) {
        Some("plugins") => plugins(&args[1..]),
        Some("hostile") => hostile(&args[1..]),
        Some("api") => api(&args[1..]),
        _ => load(args),
    }
}

/// The runtime of plugins, call by call.
fn plugins(args: &[String]) -> Result<()> {
    server::build_plugins()?;
    announce("building the bench of plugins");
    run(cargo().args(["build", "--release", "--package", "neustream-plugin-bench"]))?;
    run(command(workspace::target_dir().join("release/neustream-plugin-bench")).args(args))
}

/// A thousand hostile packages, uploaded, installed and called through the API while a broadcast runs.
fn hostile(args: &[String]) -> Result<()> {
    setup::ffmpeg_for("The hostile run")?;
    server::build_server("release")?;
    build_load_generator()?;
    let mut hostile = command(workspace::target_dir().join("release/neustream-load"));
    // It takes the server that lies beside it.
    run(hostile.arg("hostile").args(args))
}

/// The HTTP API under a thousand requests a second, on each database.
fn api(args: &[String]) -> Result<()> {
    setup::postgres_for("The bench of the API")?;
    server::build_server("release")?;
    build_load_generator()?;
    let mut api = command(workspace::target_dir().join("release/neustream-load"));
    // It takes the server that lies beside it.
    run(api.arg("api").args(args))
}

/// Neustream beside nginx-rtmp and the kernel's own price.
fn load(args: &[String]) -> Result<()> {
    let asks_for_help = args.is_empty() || args.iter().any(|arg| arg == "--help" || arg == "-h");
    if asks_for_help {
        println!("plugins, hostile and api are benches of their own; those of the load generator:\n");
        let help = ["run", "--quiet", "--package", "neustream-tests", "--bin", "neustream-load"];
        return run(cargo().args(help).args(["--", "bench", "--help"]));
    }
    setup::for_benches()?;
    server::build_server("release")?;
    build_load_generator()?;
    let mut bench = command(workspace::target_dir().join("release/neustream-load"));
    bench.arg("bench").args(args).arg("--neustream").arg(workspace::server_binary("release"));
    run(&mut bench)
}

fn build_load_generator() -> Result<()> {
    announce("building the load generator");
    run(cargo().args(["build", "--release", "--package", "neustream-tests", "--bin", "neustream-load"]))
}
