//! The runtime as a server starts it, and calls of what it runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use neustream_contract::{Call, Grant, Package, PlanCeilings, Secrets};
use neustream_model::{InstallationId, Secret, TenantId};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings};
use rustix::time::{ClockId, clock_gettime};

use crate::CHILD;

/// Every plugin that comes with the house, of all kinds.
pub const BUNDLED: [&str; 11] = [
    "destinations/custom-rtmp",
    "destinations/facebook",
    "destinations/kick",
    "destinations/twitch",
    "destinations/youtube",
    "chat/twitch",
    "chat/youtube",
    "moderation/blocklist",
    "moderation/links-and-caps",
    "payments/razorpay",
    "payments/stripe",
];

/// Starts the runtime with its files in `data_dir`.
pub fn start(data_dir: &Path) -> Result<Arc<Plugins>> {
    let compiler = Compiler { program: std::env::current_exe()?, args: vec![CHILD.into()] };
    let outbound = Outbound::new(OutboundSettings::default()).context("a way out")?;
    Ok(Plugins::new(PluginsSettings::new(data_dir.to_owned(), compiler, outbound))?)
}

/// A package such as `chat/twitch`.
pub fn package(name: &str) -> Result<Bytes> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist");
    let path = dist.join(name).with_added_extension("wasm");
    let bytes = std::fs::read(&path);
    Ok(bytes.with_context(|| format!("{}: run `cargo xtask plugins`", path.display()))?.into())
}

/// A call for a new installation of a new tenant that granted everything and has every secret that is needed.
pub fn call(package: &[u8], config: &str) -> Result<Call> {
    let package = Package::read(package)?;
    let secrets = package.manifest.capabilities.secrets.keys();
    let secrets = secrets.map(|name| (name.clone(), Secret::new("a-secret-of-a-bench")));
    Ok(Call {
        tenant: TenantId::new(),
        installation: InstallationId::new(),
        plugin: package.digest,
        grant: Grant::all_of(&package.manifest),
        ceilings: PlanCeilings::default(),
        config: config.to_owned(),
        secrets: Secrets::new(secrets.collect::<BTreeMap<_, _>>()),
        attempt: 1,
        deadline: Duration::from_secs(10),
    })
}

/// The same for another installation of another tenant.
pub fn elsewhere(call: &Call) -> Call {
    Call { tenant: TenantId::new(), installation: InstallationId::new(), ..call.clone() }
}

/// CPU time of this process.
pub fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Resident memory of this process in kB.
pub fn resident_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
