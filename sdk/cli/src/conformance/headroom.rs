//! How much of each limit a project's transcripts use.

use std::collections::BTreeMap;

use super::bench::{Bench, place};
use crate::local::Usage;

/// From how much of a limit on a server warns.
pub const WARNING_PERCENT: u64 = 80;

/// The most that was used of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headroom {
    /// `memory-bytes`, `cpu-us`, `fuel`, `wall-us`, `requests`, `log-bytes`, `state-bytes`, `kv-bytes`, `kv-keys`.
    pub limit_name: &'static str,
    /// The most that a call used.
    pub used: u64,
    /// The limit.
    pub limit: u64,
    /// Which call that was.
    pub place: String,
}

impl Headroom {
    /// How much of the limit was used.
    pub fn percent(&self) -> u64 {
        self.used.saturating_mul(100).checked_div(self.limit).unwrap_or(0)
    }

    /// Figures and unit as people read them: `0.4 of 32.0 MiB`.
    pub fn figures(&self) -> String {
        let (unit, scale) = match self.limit_name.rsplit('-').next() {
            Some("bytes") if self.limit >= 1 << 20 => ("MiB", f64::from(1 << 20)),
            Some("bytes") => ("KiB", 1024.0),
            Some("us") => ("ms", 1000.0),
            Some("fuel") => ("million instructions", 1e6),
            _ => return format!("{} of {}", self.used, self.limit),
        };
        format!("{:.1} of {:.1} {unit}", self.used as f64 / scale, self.limit as f64 / scale)
    }
}

/// The most that was used of each limit, by its name. Times are the least of three runs where they come near: a busy
/// machine is not the plugin's fault.
pub fn headroom(bench: &mut Bench<'_>) -> Vec<Headroom> {
    let mut most = BTreeMap::new();
    for (transcript, ran) in bench.all() {
        let calls: Vec<_> = ran.calls.iter().map(|step| (step.step, &step.called.usage)).collect();
        let is_near = |usage: &Usage| {
            usage.used.iter().any(|used| is_time(used.limit_name) && near(used.amount, used.limit))
        };
        let again = if calls.iter().any(|(_, usage)| usage.iter().any(is_near)) {
            (0..2).map(|_| bench.play(&transcript.settings, &transcript.steps)).collect()
        } else {
            Vec::new()
        };
        for (call, (step, usage)) in calls.into_iter().enumerate() {
            for (index, usage) in usage.iter().enumerate() {
                for used in &usage.used {
                    let others =
                        again.iter().filter_map(|run: &Vec<_>| same(run.get(call)?, index, used.limit_name));
                    let amount = others.fold(used.amount, u64::min);
                    let place = place(transcript, step, usage.function);
                    note(&mut most, used.limit_name, amount, used.limit, &place);
                }
            }
        }
    }
    most.into_values().collect()
}

fn same(called: &crate::local::Called, index: usize, limit_name: &str) -> Option<u64> {
    let used = called.usage.get(index)?.used.iter().find(|used| used.limit_name == limit_name)?;
    is_time(limit_name).then_some(used.amount)
}

fn is_time(limit_name: &str) -> bool {
    matches!(limit_name, "cpu-us" | "wall-us")
}

fn near(amount: u64, limit: u64) -> bool {
    amount.saturating_mul(100) >= limit.saturating_mul(WARNING_PERCENT)
}

fn note(
    most: &mut BTreeMap<&'static str, Headroom>,
    limit_name: &'static str,
    used: u64,
    limit: u64,
    place: &str,
) {
    let known = most.get(limit_name).map_or(0, |known| known.used);
    if used >= known {
        most.insert(limit_name, Headroom { limit_name, used, limit, place: place.to_owned() });
    }
}
