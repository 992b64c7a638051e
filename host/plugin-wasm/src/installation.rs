//! What the host remembers of an installation: its breaker and its log.
//!
//! Both are bounded: 1000 lines and 256 KiB of log, and as many installations
//! as [`Installations`] keeps; the one that was quiet for longest goes first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_model::{InstallationId, TenantId};
use neustream_plugin::LogLine;

use crate::bindings::neustream::host::telemetry::Level;

/// Lines kept of one installation.
pub const MAX_LOG_LINES: usize = 1000;
const MAX_LOG_KEPT_BYTES: usize = 256 * 1024;
const MAX_LOG_BYTES_PER_SECOND: usize = 64 * 1024;
const MAX_INSTALLATIONS: usize = 10_000;

/// Faults that open the breaker, and the time within which they count.
const BREAKER_FAULTS: usize = 5;
const BREAKER_WINDOW: Duration = Duration::from_mins(1);
/// How long it stays open at first; it doubles with every failed probe.
const BREAKER_OPEN: Duration = Duration::from_secs(30);
const BREAKER_OPEN_MAX: Duration = Duration::from_mins(10);

/// What a line costs to keep.
fn kept_bytes(line: &LogLine) -> usize {
    line.text.len() + line.level.len() + size_of::<LogLine>()
}

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
    lines: VecDeque<LogLine>,
    kept_bytes: usize,
    dropped_lines: u64,
    /// The running second of the rate limit, and its bytes.
    second: Option<(Instant, usize)>,
}

impl Installation {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line unless the rate is exceeded; tells whether it was written.
    pub(crate) fn log(&self, line: LogLine, now: Instant) -> bool {
        let mut state = self.lock();
        let (began, bytes) = match state.second {
            Some((began, bytes)) if now.duration_since(began) < Duration::from_secs(1) => (began, bytes),
            _ => (now, 0),
        };
        if bytes + line.text.len() > MAX_LOG_BYTES_PER_SECOND {
            state.dropped_lines += 1;
            return false;
        }
        state.second = Some((began, bytes + line.text.len()));
        state.kept_bytes += kept_bytes(&line);
        state.lines.push_back(line);
        while state.lines.len() > MAX_LOG_LINES || state.kept_bytes > MAX_LOG_KEPT_BYTES {
            let Some(oldest) = state.lines.pop_front() else { break };
            state.kept_bytes -= kept_bytes(&oldest);
        }
        true
    }

    /// Notes a line that was dropped elsewhere.
    pub(crate) fn note_dropped(&self) {
        self.lock().dropped_lines += 1;
    }

    /// The lines that are kept, oldest first, and how many were dropped for the rate.
    pub(crate) fn lines(&self) -> (Vec<LogLine>, u64) {
        let state = self.lock();
        (state.lines.iter().cloned().collect(), state.dropped_lines)
    }

    /// Whether a call may be made: when not, how long the breaker stays open.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        self.lock().breaker.admit(now)
    }

    /// Tells the breaker how a call went. Answers whether it opened.
    pub(crate) fn called(&self, is_fault: bool, now: Instant) -> bool {
        self.lock().breaker.called(is_fault, now)
    }
}

/// Opens after [`BREAKER_FAULTS`] within [`BREAKER_WINDOW`]; then lets one call probe at a time.
#[derive(Debug, Default)]
struct Breaker {
    faults: VecDeque<Instant>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Instant,
    for_how_long: Duration,
    is_probing: bool,
}

impl Breaker {
    fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if now < open.until {
            return Err(open.until - now);
        }
        // A probe that never comes back (its caller went away) must not keep the breaker open for ever: the
        // next one is let through after the same time.
        open.until = now + open.for_how_long;
        open.is_probing = true;
        Ok(())
    }

    fn called(&mut self, is_fault: bool, now: Instant) -> bool {
        if let Some(open) = &mut self.open {
            if !is_fault {
                *self = Self::default();
                return false;
            }
            if open.is_probing {
                open.is_probing = false;
                open.for_how_long = (open.for_how_long * 2).min(BREAKER_OPEN_MAX);
                open.until = now + open.for_how_long;
            }
            return false;
        }
        if !is_fault {
            return false;
        }
        self.faults.push_back(now);
        while self.faults.front().is_some_and(|at| now.duration_since(*at) > BREAKER_WINDOW) {
            self.faults.pop_front();
        }
        if self.faults.len() < BREAKER_FAULTS {
            return false;
        }
        self.faults.clear();
        self.open = Some(Open { until: now + BREAKER_OPEN, for_how_long: BREAKER_OPEN, is_probing: false });
        true
    }
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
    /// The installation, made when it is new.
    pub(crate) fn of(&self, tenant: TenantId, installation: InstallationId, now: Instant) -> Arc<Installation> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(tenant, installation)).map(|known| Arc::clone(&known.installation))
    }
}

#[cfg(test)]
mod tests {
    use neustream_model::UnixMillis;

    use super::*;

    fn line(bytes: usize) -> LogLine {
        LogLine { number: 0, at: UnixMillis(0), level: "info".to_owned(), text: "x".repeat(bytes) }
    }

    #[test]
    fn the_breaker_opens_after_five_faults_and_closes_after_a_good_probe() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        for fault in 0..5 {
            assert_eq!(breaker.admit(start), Ok(()));
            assert_eq!(breaker.called(true, start), fault == 4);
        }
        assert_eq!(breaker.admit(start), Err(BREAKER_OPEN));
        let later = start + BREAKER_OPEN;
        assert_eq!(breaker.admit(later), Ok(()));
        assert!(breaker.admit(later).is_err(), "one probe at a time");
        breaker.called(false, later);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[test]
    fn a_failed_probe_keeps_it_open_for_longer() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        for _ in 0..5 {
            breaker.called(true, start);
        }
        let later = start + BREAKER_OPEN;
        assert_eq!(breaker.admit(later), Ok(()));
        breaker.called(true, later);
        assert_eq!(breaker.admit(later), Err(BREAKER_OPEN * 2));
    }

    #[test]
    fn faults_that_are_far_apart_do_not_open_it() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        for fault in 0..20 {
            let at = start + Duration::from_secs(20) * fault;
            assert_eq!(breaker.admit(at), Ok(()));
            assert!(!breaker.called(true, at));
        }
    }

    #[test]
    fn a_flood_of_lines_is_capped_by_rate_number_and_bytes() {
        let installation = Installation::default();
        let start = Instant::now();
        let written = (0..200).filter(|_| installation.log(line(1024), start)).count();
        assert_eq!(written, 64);
        for second in 1..40 {
            for _ in 0..100 {
                installation.log(line(10), start + Duration::from_secs(second));
            }
        }
        let (lines, dropped) = installation.lines();
        assert_eq!((lines.len(), dropped), (MAX_LOG_LINES, 136));
    }

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
}
