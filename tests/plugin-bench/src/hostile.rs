//! How hostile guests end: within their budget and their deadline, whatever they do.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use neustream_contract::Call;
use neustream_contract::destination::DestinationAdapters as _;

use crate::Extent;
use crate::latency::broadcast;
use crate::platform::{call, elsewhere, package, process_cpu, start};
use crate::report::{Report, ms};

/// CPU time that a destination's call may use.
const CPU_BUDGET: Duration = Duration::from_millis(100);
/// What a call may take beyond its deadline.
const OVERTIME_MS: f64 = 20.0;

const ROUNDS: usize = 20;

/// What a guest does, in words and as a deed of the gallery.
const DEEDS: [(&str, &str); 7] = [
    ("Endless loop", "loop"),
    ("Bulk memory fills without end", "fill"),
    ("Bulk memory copies without end", "copy"),
    ("Host calls without end", "call-flood"),
    ("Memory bomb", "memory-bomb"),
    ("Deep recursion", "recursion"),
    ("A list of 20 MiB", "giant-list"),
];

/// Each deed in an installation of its own, so that no breaker stops it.
pub async fn measure(report: &mut Report, extent: Extent) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugins = start(folder.path())?;
    let gallery = package("hostile/gallery")?;
    plugins.load(gallery.clone()).await?;
    let call = call(&gallery, "{}")?;
    let rounds = if extent.is_quick { 3 } else { ROUNDS };
    for (what, deed) in DEEDS {
        let mut slowest = Duration::ZERO;
        let mut most_cpu = Duration::ZERO;
        for _ in 0..rounds {
            let (cpu, began) = (process_cpu(), Instant::now());
            fails(&plugins, &elsewhere(&call), deed).await?;
            slowest = slowest.max(began.elapsed());
            most_cpu = most_cpu.max(process_cpu().saturating_sub(cpu));
        }
        report.note(what, format!("ended within {}", ms(slowest)));
        let over = most_cpu.saturating_sub(CPU_BUDGET).as_secs_f64() * 1e3;
        report.hold(&format!("{what}: CPU beyond the budget of 100 ms, at most"), over, OVERTIME_MS, "ms");
    }
    for deed in ["loop", "fill", "copy"] {
        let deadline = Duration::from_millis(50);
        let mut latest = Duration::ZERO;
        for _ in 0..rounds {
            let call = Call { deadline, ..elsewhere(&call) };
            let began = Instant::now();
            fails(&plugins, &call, deed).await?;
            latest = latest.max(began.elapsed());
        }
        let over = latest.saturating_sub(deadline).as_secs_f64() * 1e3;
        report.hold(&format!("A deadline of 50 ms for `{deed}`: ended later by"), over, OVERTIME_MS, "ms");
    }
    Ok(())
}

async fn fails(plugins: &neustream_plugin_wasm::Plugins, call: &Call, deed: &str) -> Result<()> {
    let adapter = plugins.adapter(&call.plugin).await?;
    let ended = adapter.prepare(call, &broadcast(deed)).await;
    ensure!(ended.is_err(), "`{deed}` went through");
    Ok(())
}
