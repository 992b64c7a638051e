//! Measures the plugin platform and prints figures: memory, loading, calls, and how hostile guests end.
//!
//! `cargo xtask plugins`, then `cargo run --release -p neustream-plugin-wasm --example figures`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_model::{InstallationId, Secret, TenantId};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_plugin::destination::{Broadcast, DestinationAdapter, DestinationAdapters as _};
use neustream_plugin::{Call, Grant, Package, PlanCeilings, Secrets};
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings, compile_child_main};

const CHILD: &str = "compile-plugin";
const WARM: &str = "warm";
const BUNDLED: [&str; 5] = ["custom-rtmp", "twitch", "youtube", "facebook", "kick"];

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(CHILD) {
        return compile_child_main();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    match (std::env::args().nth(1).as_deref(), std::env::args().nth(2)) {
        (Some(WARM), Some(data_dir)) => runtime.block_on(measure_warm(Path::new(&data_dir))),
        _ => runtime.block_on(measure()),
    }
    ExitCode::SUCCESS
}

fn start(data_dir: &Path) -> Arc<Plugins> {
    let compiler =
        Compiler { program: std::env::current_exe().expect("this program"), args: vec![CHILD.into()] };
    let outbound = Outbound::new(OutboundSettings::default()).expect("a way out");
    Plugins::new(PluginsSettings::new(data_dir.to_owned(), compiler, outbound)).expect("the platform")
}

fn package(name: &str) -> Bytes {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist");
    let path = dist.join(name).with_added_extension("wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into()
}

fn bundled() -> impl Iterator<Item = Bytes> {
    BUNDLED.iter().map(|name| package(&format!("destinations/{name}")))
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    println!("resident before                     {:>8} kB", resident_kb());
    let plugins = start(folder.path());
    println!("resident with the platform          {:>8} kB", resident_kb());
    for package in bundled() {
        let began = Instant::now();
        let info = plugins.load(package).await.expect("loads");
        println!("compile and load {:<22} {:>8.1} ms", info.id, ms(began.elapsed()));
    }
    // In a process of its own: what a server finds that has run before.
    let program = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(program).arg(WARM).arg(folder.path()).status();
    assert!(status.is_ok_and(|status| status.success()));

    plugins.load(package("hostile/gallery")).await.expect("loads");
    let gallery = Package::read(&package("hostile/gallery")).expect("a package");
    let adapter = plugins.adapter(&gallery.digest).await.expect("an adapter");
    let call = call(&gallery);
    for _ in 0..100 {
        deed(&*adapter, &call, "good x").await;
    }
    let mut times = Vec::new();
    let cpu = process_cpu();
    for _ in 0..10_000 {
        let began = Instant::now();
        deed(&*adapter, &call, "good x").await;
        times.push(began.elapsed());
    }
    let cpu = process_cpu().saturating_sub(cpu) / 10_000;
    times.sort();
    println!("a call, median                      {:>8.1} us", us(times[5000]));
    println!("a call, 99th percentile             {:>8.1} us", us(times[9900]));
    println!("a call, CPU of the whole process    {:>8.1} us", us(cpu));

    let before = resident_kb();
    println!("resident after 10 thousand calls    {before:>8} kB");
    for _ in 0..9 {
        for _ in 0..10_000 {
            deed(&*adapter, &call, "good x").await;
        }
    }
    println!("resident after 100 thousand calls   {:>8} kB", resident_kb());

    for (name, deed_name) in [
        ("endless loop", "loop"),
        ("bulk memory operations", "fill"),
        ("memory bomb", "memory-bomb"),
        ("deep recursion", "recursion"),
        ("list of 20 MiB", "giant-list"),
    ] {
        let mut slowest = Duration::ZERO;
        let cpu = process_cpu();
        for _ in 0..20 {
            let call = Call { installation: InstallationId::new(), ..call.clone() };
            let began = Instant::now();
            deed(&*adapter, &call, deed_name).await;
            slowest = slowest.max(began.elapsed());
        }
        let cpu = process_cpu().saturating_sub(cpu) / 20;
        println!("{name:<27} ended after {slowest:>8.1?} at most, {cpu:>8.1?} of CPU on average");
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let call =
            Call { installation: InstallationId::new(), deadline: Duration::from_millis(50), ..call.clone() };
        let began = Instant::now();
        deed(&*adapter, &call, "loop").await;
        slowest = slowest.max(began.elapsed());
    }
    println!("a deadline of 50 ms         ended after {slowest:>8.1?} at most");
    println!("resident after hostile guests       {:>8} kB", resident_kb());
    println!("largest resident ever               {:>8} kB", status_kb("VmHWM:"));
    println!("address space                       {:>8} kB", status_kb("VmSize:"));
}

async fn measure_warm(data_dir: &Path) {
    let packages: Vec<_> = bundled().collect();
    let before = resident_kb();
    let began = Instant::now();
    let plugins = start(data_dir);
    println!("start the platform again            {:>8.1} ms", ms(began.elapsed()));
    let platform = resident_kb();
    let began = Instant::now();
    for package in packages {
        plugins.load(package).await.expect("loads");
    }
    println!("load five from the warm cache       {:>8.1} ms", ms(began.elapsed()));
    println!("resident: the platform adds         {:>8} kB", platform - before);
    println!("resident: five plugins add          {:>8} kB", resident_kb() - platform);
}

fn call(plugin: &Package) -> Call {
    Call {
        tenant: TenantId::new(),
        installation: InstallationId::new(),
        plugin: plugin.digest,
        grant: Grant::all_of(&plugin.manifest),
        ceilings: PlanCeilings::default(),
        config: "{}".to_owned(),
        secrets: Secrets::new(BTreeMap::from([("stream-key".to_owned(), Secret::new("live_key"))])),
        attempt: 1,
        deadline: Duration::from_secs(10),
    }
}

async fn deed(adapter: &dyn DestinationAdapter, call: &Call, deed: &str) {
    let broadcast = Broadcast { id: "b".to_owned(), title: deed.to_owned(), visibility: "public".to_owned() };
    let _ = std::hint::black_box(adapter.prepare(call, &broadcast).await);
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn process_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn resident_kb() -> u64 {
    status_kb("VmRSS:")
}

fn status_kb(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
