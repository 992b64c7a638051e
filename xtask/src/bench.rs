//! `cargo xtask bench`: release builds, then the load generator measures.

use anyhow::Result;

use crate::command::{announce, cargo, command, run};
use crate::{run as server, setup, workspace};

/// Builds the server and the load generator for release and hands `args` to the latter.
pub fn run_bench(args: &[String]) -> Result<()> {
    let asks_for_help = args.is_empty() || args.iter().any(|arg| arg == "--help" || arg == "-h");
    if asks_for_help {
        let help = ["run", "--quiet", "--package", "neustream-tests", "--bin", "neustream-load"];
        return run(cargo().args(help).args(["--", "bench", "--help"]));
    }
    setup::for_benches()?;
    server::build_server("release")?;
    announce("building the load generator");
    let load_generator = ["build", "--release", "--package", "neustream-tests", "--bin", "neustream-load"];
    run(cargo().args(load_generator))?;
    let mut bench = command(workspace::target_dir().join("release/neustream-load"));
    bench.arg("bench").args(args).arg("--neustream").arg(workspace::server_binary("release"));
    run(&mut bench)
}
