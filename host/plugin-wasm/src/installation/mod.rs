//! What the host remembers of an installation: its breaker, its log, what it did.
//!
//! All of it is bounded, and so is the number of installations that are
//! remembered: the one that was quiet for longest goes first.

mod breaker;
mod histogram;
mod log;
mod tally;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_contract::{Activity, Digest, Egress, Fault, LogLine};
use neustream_model::{InstallationId, TenantId, UnixMillis};
use tokio::sync::broadcast;

use crate::bindings::neustream::host::telemetry::Level;
use breaker::Breaker;
use log::Log;
pub use log::MAX_LOG_LINES;
use tally::Tally;
pub(crate) use tally::{Ending, Used};

const MAX_INSTALLATIONS: usize = 10_000;
/// How often a limit that came near is told in the log.
const WARNING_LINE_EVERY: Duration = Duration::from_mins(1);

/// The word of a level.
pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// One installation of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Installation(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    log: Log,
    since_start: Tally,
    untaken: Tally,
    last_warning: Option<Instant>,
    /// The configuration that was found valid last, and for which package.
    valid_config: Option<(Digest, String)>,
}

/// A call that reached the plugin, as it is noted.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) ending: Ending,
    pub(crate) took: Duration,
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: usize,
    /// Of every limit that the call had.
    pub(crate) used: Vec<Used>,
}

impl Installation {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line unless the rate is exceeded; tells whether it was written.
    pub(crate) fn log(&self, level: &str, text: String) -> bool {
        let mut state = self.lock();
        let is_written = state.log.write(level, text, Instant::now());
        if !is_written {
            state.dropped_line();
        }
        is_written
    }

    /// Notes a line that was dropped elsewhere.
    pub(crate) fn note_dropped(&self) {
        self.lock().dropped_line();
    }

    /// The lines that are kept, oldest first.
    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.lock().log.lines()
    }

    /// The lines that will be written.
    pub(crate) fn follow(&self) -> broadcast::Receiver<LogLine> {
        self.lock().log.follow()
    }

    /// Whether a call may be made: when not, how long the breaker stays open.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        self.lock().breaker.admit(now)
    }

    /// Closes the breaker.
    pub(crate) fn reset_breaker(&self) {
        self.lock().breaker = Breaker::default();
    }

    /// Whether `config` was found valid for `plugin` before.
    pub(crate) fn is_valid_config(&self, plugin: &Digest, config: &str) -> bool {
        let state = self.lock();
        state.valid_config.as_ref().is_some_and(|(known, valid)| known == plugin && valid == config)
    }

    /// Remembers that `config` is valid for `plugin`.
    pub(crate) fn note_valid_config(&self, plugin: Digest, config: &str) {
        self.lock().valid_config = Some((plugin, config.to_owned()));
    }

    /// Notes a call. Answers whether the breaker opened by it.
    pub(crate) fn finished(&self, finished: &Finished) -> bool {
        let (now, at) = (Instant::now(), UnixMillis::now());
        let mut state = self.lock();
        let Finished { ending, took, cpu, memory_bytes, used } = finished;
        state.since_start.called(ending, *took, *cpu, *memory_bytes);
        state.untaken.called(ending, *took, *cpu, *memory_bytes);
        let mut near = used.iter().filter(|used| used.is_near()).peekable();
        let is_line_due = near.peek().is_some()
            && state.last_warning.is_none_or(|last| now.duration_since(last) >= WARNING_LINE_EVERY);
        if is_line_due {
            state.last_warning = Some(now);
            let told = |used: &Used| format!("{} {} of {}", used.limit_name, used.amount, used.limit);
            let all: Vec<_> = near.clone().map(told).collect();
            state.log.write("warn", format!("a call came near its limits: {}", all.join(", ")), now);
        }
        for used in near {
            state.since_start.warned(*used, at);
            state.untaken.warned(*used, at);
        }
        let is_fault = matches!(ending, Ending::Fault(_));
        state.breaker.called(is_fault, now)
    }

    /// Notes what went to a host and came back.
    pub(crate) fn sent(&self, host: &str, traffic: &Egress) {
        let mut state = self.lock();
        state.since_start.sent(host, traffic);
        state.untaken.sent(host, traffic);
    }

    /// What it did since the host started.
    pub(crate) fn activity(&self) -> Activity {
        let state = self.lock();
        state.since_start.activity(state.breaker.state(Instant::now()))
    }

    /// What it did since this was last asked; none for nothing.
    pub(crate) fn take_activity(&self) -> Option<Activity> {
        let mut state = self.lock();
        if state.untaken.is_empty() {
            return None;
        }
        let taken = std::mem::take(&mut state.untaken);
        Some(taken.activity(state.breaker.state(Instant::now())))
    }
}

impl State {
    fn dropped_line(&mut self) {
        self.since_start.dropped_line();
        self.untaken.dropped_line();
    }
}

/// The fault of a call.
pub(crate) fn fault(function: &str, error: &neustream_contract::CallError) -> Fault {
    Fault { at: UnixMillis::now(), function: function.to_owned(), reason: error.reason() }
}

/// All installations that were called of late.
#[derive(Debug, Default)]
pub(crate) struct Installations(Mutex<HashMap<Key, Known>>);

type Key = (TenantId, InstallationId);

#[derive(Debug)]
struct Known {
    installation: Arc<Installation>,
    last_used: Instant,
}

impl Installations {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The installation, made when it is new.
    pub(crate) fn of(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        now: Instant,
    ) -> Arc<Installation> {
        let mut all = self.lock();
        let key = (tenant, installation);
        if !all.contains_key(&key) && all.len() >= MAX_INSTALLATIONS {
            let oldest = all.iter().min_by_key(|(_, known)| known.last_used).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
        }
        let known = all.entry(key).or_insert_with(|| Known { installation: Arc::default(), last_used: now });
        known.last_used = now;
        Arc::clone(&known.installation)
    }

    /// The installation, if it was called of late.
    pub(crate) fn find(&self, tenant: TenantId, installation: InstallationId) -> Option<Arc<Installation>> {
        self.lock().get(&(tenant, installation)).map(|known| Arc::clone(&known.installation))
    }

    /// What each did since this was last asked.
    pub(crate) fn take_activity(&self) -> Vec<(TenantId, InstallationId, Activity)> {
        let all: Vec<_> =
            self.lock().iter().map(|(key, known)| (*key, Arc::clone(&known.installation))).collect();
        all.into_iter()
            .filter_map(|((tenant, id), installation)| Some((tenant, id, installation.take_activity()?)))
            .collect()
    }

    /// Forgets an installation.
    pub(crate) fn forget(&self, tenant: TenantId, installation: InstallationId) {
        self.lock().remove(&(tenant, installation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installations_are_bounded_and_the_quietest_goes_first() {
        let all = Installations::default();
        let (tenant, start) = (TenantId::new(), Instant::now());
        let ids: Vec<_> = (0..=MAX_INSTALLATIONS).map(|_| InstallationId::new()).collect();
        for (number, id) in ids.iter().enumerate() {
            all.of(tenant, *id, start + Duration::from_millis(number as u64));
        }
        assert!(all.find(tenant, ids[0]).is_none());
        assert!(all.find(tenant, ids[1]).is_some());
    }

    #[test]
    fn a_limit_that_comes_near_is_told_once_a_minute() {
        let installation = Installation::default();
        let used = vec![Used { limit_name: "requests", amount: 19, limit: 20 }];
        let finished = Finished {
            ending: Ending::Good,
            took: Duration::from_millis(1),
            cpu: Duration::ZERO,
            memory_bytes: 0,
            used,
        };
        for _ in 0..10 {
            installation.finished(&finished);
        }
        let lines = installation.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].level.as_str(), lines[0].number), ("warn", 1));
        assert!(lines[0].text.contains("requests 19 of 20"), "{}", lines[0].text);
    }

    #[test]
    fn what_was_taken_is_not_told_again_and_the_whole_stays() {
        let all = Installations::default();
        let (tenant, id) = (TenantId::new(), InstallationId::new());
        let installation = all.of(tenant, id, Instant::now());
        installation.sent("api.example.com", &Egress { requests: 2, ..Egress::default() });
        let taken = all.take_activity();
        assert_eq!((taken.len(), taken[0].2.egress["api.example.com"].requests), (1, 2));
        assert_eq!(all.take_activity(), []);
        assert_eq!(installation.activity().egress["api.example.com"].requests, 2);
    }
}
