//! Stops calling what keeps failing, and tries it again from time to time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use neustream_contract::BreakerState;
use neustream_model::UnixMillis;

/// Faults that open the breaker, and the time within which they count.
const BREAKER_FAULTS: usize = 5;
const BREAKER_WINDOW: Duration = Duration::from_mins(1);
/// How long it stays open at first; it doubles with every failed probe.
const BREAKER_OPEN: Duration = Duration::from_secs(30);
const BREAKER_OPEN_MAX: Duration = Duration::from_mins(10);

/// Opens after [`BREAKER_FAULTS`] within [`BREAKER_WINDOW`]; then lets one call probe at a time.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
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
    /// Whether a call may be made: when not, how long the breaker stays open.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
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

    /// Notes how a call went. Answers whether the breaker opened.
    pub(crate) fn called(&mut self, is_fault: bool, now: Instant) -> bool {
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

    /// What people are shown.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match &self.open {
            None => BreakerState::Closed,
            Some(open) => {
                let until = UnixMillis::now().plus(open.until.saturating_duration_since(now));
                BreakerState::Open { until }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_breaker_opens_after_five_faults_and_closes_after_a_good_probe() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        for fault in 0..5 {
            assert_eq!(breaker.admit(start), Ok(()));
            assert_eq!(breaker.called(true, start), fault == 4);
        }
        assert_eq!(breaker.admit(start), Err(BREAKER_OPEN));
        assert!(matches!(breaker.state(start), BreakerState::Open { .. }));
        let later = start + BREAKER_OPEN;
        assert_eq!(breaker.admit(later), Ok(()));
        assert!(breaker.admit(later).is_err(), "one probe at a time");
        breaker.called(false, later);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.state(later), BreakerState::Closed);
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
}
