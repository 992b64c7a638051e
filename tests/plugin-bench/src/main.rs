//! Measures the plugin runtime in one process on one core, and holds it to its goals.
//!
//! `cargo xtask bench plugins` builds it for release, with the bundled plugins and the hostile galleries, and runs it.
//! What is measured is what a driver sees: the call through the contract's traits, admission, Store, guest, answer and
//! discarding. The allocator is that of the server.
//!
//! Options: `--quick` takes a hundredth of the samples; `--core N` runs on another core than 0; `--only TEXT` measures
//! only calls of plugins whose name contains the text, for a profiler.

mod hostile;
mod latency;
mod memory;
mod native;
mod platform;
mod report;
mod starting;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use neustream_plugin_wasm::compile_child_main;
use rustix::thread::{CpuSet, sched_setaffinity};

use report::Report;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The first argument of the child that compiles.
const CHILD: &str = "compile-plugin";
/// The first argument of the child that starts where another has compiled before.
const WARM: &str = "warm";

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    is_quick: bool,
}

impl Extent {
    /// `usual`, or a hundredth of it.
    fn of(self, usual: usize) -> usize {
        if self.is_quick { (usual / 100).max(10) } else { usual }
    }
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == CHILD) {
        return Ok(compile_child_main());
    }
    let after = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let core = after("--core").map_or(Ok(0), |core| core.parse()).context("--core takes a number")?;
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).with_context(|| format!("core {core} cannot be had"))?;
    // One thread for the drivers, as a server with one core has it; the runtime of plugins brings its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    if let Some(data_dir) = after(WARM) {
        runtime.block_on(starting::measure_again(Path::new(data_dir)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let extent = Extent { is_quick: arguments.iter().any(|argument| argument == "--quick") };
    let mut report = Report::new(core);
    match after("--only") {
        Some(name) => runtime.block_on(latency::measure(&mut report, extent, name))?,
        None => runtime.block_on(measure(&mut report, extent))?,
    }
    print!("{}", report.to_markdown());
    Ok(if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(report: &mut Report, extent: Extent) -> Result<()> {
    starting::measure(report).await?;
    latency::measure(report, extent, "").await?;
    native::measure(report, extent);
    memory::measure(report, extent).await?;
    hostile::measure(report, extent).await
}
