//! What an installation did: the figures behind [`Activity`].

use std::collections::BTreeMap;
use std::time::Duration;

use neustream_contract::{Activity, BreakerState, Egress, Fault, LimitWarning};
use neustream_model::UnixMillis;

use super::histogram::Histogram;

/// Hosts that are told apart; what goes to more of them is counted together under [`OTHER_HOSTS`].
const MAX_HOSTS: usize = 64;
/// Where a wildcard in the manifest let a plugin reach very many hosts.
const OTHER_HOSTS: &str = "(others)";
/// From how much of a limit on a warning is given.
const WARNING_PERCENT: u64 = 80;

pub(crate) use crate::report::LimitUse as Used;

impl Used {
    /// Whether a warning is due.
    pub(crate) fn is_near(&self) -> bool {
        self.limit > 0 && self.amount.saturating_mul(100) >= self.limit.saturating_mul(WARNING_PERCENT)
    }
}

/// How a call went.
#[derive(Debug)]
pub(crate) enum Ending {
    Good,
    /// The guest answered an error.
    Error,
    /// A trap, a time-out or a limit.
    Fault(Fault),
}

/// Sums, and what is known of a span of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    calls: u64,
    errors: u64,
    faults: u64,
    times: Histogram,
    cpu_us: u64,
    memory_peak_bytes: u64,
    last_fault: Option<Fault>,
    egress: BTreeMap<String, Egress>,
    warnings: BTreeMap<&'static str, LimitWarning>,
    dropped_log_lines: u64,
}

impl Tally {
    /// Notes a call that reached the plugin.
    pub(crate) fn called(&mut self, ending: &Ending, took: Duration, cpu: Duration, memory_bytes: usize) {
        self.calls += 1;
        self.times.add(took);
        self.cpu_us += u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX);
        self.memory_peak_bytes = self.memory_peak_bytes.max(memory_bytes as u64);
        match ending {
            Ending::Good => {}
            Ending::Error => self.errors += 1,
            Ending::Fault(fault) => {
                self.faults += 1;
                self.last_fault = Some(fault.clone());
            }
        }
    }

    /// Notes a limit that came near.
    pub(crate) fn warned(&mut self, used: Used, at: UnixMillis) {
        let warning = LimitWarning { used: used.amount, limit: used.limit, at };
        let known = self.warnings.entry(used.limit_name).or_insert_with(|| warning.clone());
        let most = known.used.max(used.amount);
        *known = LimitWarning { used: most, ..warning };
    }

    /// Notes what went to a host and came back.
    pub(crate) fn sent(&mut self, host: &str, traffic: &Egress) {
        let is_new = !self.egress.contains_key(host);
        let host = if is_new && self.egress.len() >= MAX_HOSTS { OTHER_HOSTS } else { host };
        let sum = self.egress.entry(host.to_owned()).or_default();
        sum.requests += traffic.requests;
        sum.bytes_out += traffic.bytes_out;
        sum.bytes_in += traffic.bytes_in;
        sum.secrets.extend(traffic.secrets.iter().cloned());
    }

    pub(crate) fn dropped_line(&mut self) {
        self.dropped_log_lines += 1;
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.calls == 0 && self.egress.is_empty() && self.dropped_log_lines == 0
    }

    /// The figures as they are told.
    pub(crate) fn activity(&self, breaker: BreakerState) -> Activity {
        Activity {
            calls: self.calls,
            errors: self.errors,
            faults: self.faults,
            p50_us: self.times.percentile_us(50),
            p95_us: self.times.percentile_us(95),
            p99_us: self.times.percentile_us(99),
            cpu_us: self.cpu_us,
            memory_peak_bytes: self.memory_peak_bytes,
            last_fault: self.last_fault.clone(),
            breaker,
            egress: self.egress.clone(),
            warnings: self
                .warnings
                .iter()
                .map(|(name, warning)| ((*name).to_owned(), warning.clone()))
                .collect(),
            dropped_log_lines: self.dropped_log_lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_reaches_very_many_hosts_is_counted_in_bounded_space() {
        let mut tally = Tally::default();
        for number in 0..1000 {
            let traffic = Egress { requests: 1, bytes_out: 10, ..Egress::default() };
            tally.sent(&format!("{number}.example.com"), &traffic);
        }
        let egress = tally.activity(BreakerState::Closed).egress;
        assert_eq!(egress.len(), MAX_HOSTS + 1);
        assert_eq!(egress.values().map(|egress| egress.requests).sum::<u64>(), 1000);
        assert_eq!(egress[OTHER_HOSTS].bytes_out, 9360);
    }

    #[test]
    fn a_warning_keeps_the_most_that_was_used() {
        let mut tally = Tally::default();
        for amount in [85, 97, 90] {
            let used = Used { limit_name: "requests", amount, limit: 100 };
            assert!(used.is_near());
            tally.warned(used, UnixMillis(1));
        }
        assert!(!Used { limit_name: "requests", amount: 79, limit: 100 }.is_near());
        assert_eq!(tally.activity(BreakerState::Closed).warnings["requests"].used, 97);
    }
}
