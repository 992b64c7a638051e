//! What the kernel says about a process and its descendants, and the few limits a run sets for itself.
//!
//! CPU time is `utime + stime + cutime + cstime` of `/proc/PID/stat` over the whole tree: threads are in it, and
//! a child that ended moves from its own row into its parent's, so differences stay right.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// `USER_HZ`: what `/proc` counts CPU time in, on every Linux that this runs on.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time and memory of a process tree.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// User and system time so far.
    pub cpu: Duration,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
}

/// The usage of `pid` with all its threads and descendants.
pub fn usage_of_tree(pid: u32) -> Result<Usage> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut ticks_of: HashMap<u32, u64> = HashMap::new();
    for entry in fs::read_dir("/proc").context("/proc")? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        let Ok(member) = name.parse::<u32>() else { continue };
        let Some((parent, ticks)) = parent_and_ticks(member) else { continue };
        children.entry(parent).or_default().push(member);
        ticks_of.insert(member, ticks);
    }
    ensure!(ticks_of.contains_key(&pid), "process {pid} is gone");
    let mut usage = Usage::default();
    let mut tree = vec![pid];
    while let Some(member) = tree.pop() {
        let ticks = ticks_of.get(&member).copied().unwrap_or(0);
        usage.cpu += Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND);
        usage.resident_bytes += resident_bytes(member);
        tree.extend(children.remove(&member).unwrap_or_default());
    }
    Ok(usage)
}

/// The CPU time of this process.
pub fn own_cpu() -> Duration {
    let ticks = parent_and_ticks(std::process::id()).map_or(0, |(_, ticks)| ticks);
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// Ties this process to one core through `taskset`.
pub fn pin_self(core: usize) -> Result<()> {
    let status = Command::new("taskset")
        .args(["-c", "-p", &core.to_string(), &std::process::id().to_string()])
        .stdout(std::process::Stdio::null())
        .status()
        .context("taskset (Debian: util-linux)")?;
    ensure!(
        status.success(),
        "core {core} cannot be had: two cores are needed, see --server-core and --load-core"
    );
    Ok(())
}

/// Raises the number of open files to the hard limit; servers started later inherit it.
pub fn raise_open_files(wanted: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    ensure!(hard >= wanted, "{wanted} open files are needed, the hard limit is {hard}");
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
        .context("RLIMIT_NOFILE")
}

/// The parent and the ticks of one process: fields 4 and 14 to 17 of its `stat`, counted behind the name, which
/// may hold anything.
fn parent_and_ticks(pid: u32) -> Option<(u32, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = behind_name.split_ascii_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some((parent, ticks))
}

fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory() {
        let usage = usage_of_tree(std::process::id()).expect("own usage");
        assert!(usage.resident_bytes > 100_000);
    }
}
