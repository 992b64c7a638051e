//! Bits per second over the last seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(4);
const SAMPLE_INTERVAL: Duration = Duration::from_millis(900);

/// Turns a growing byte count into a rate.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    samples: VecDeque<(Instant, u64)>,
    rate_bps: u64,
}

impl Meter {
    /// Takes the byte count as of `now`; to be called as often as convenient, it samples about once a second.
    pub fn sample_each_second(&mut self, bytes: u64, now: Instant) {
        if self.samples.back().is_some_and(|(at, _)| now.saturating_duration_since(*at) < SAMPLE_INTERVAL) {
            return;
        }
        self.samples.push_back((now, bytes));
        let is_old = |sample: Option<&(Instant, u64)>| {
            sample.is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW)
        };
        while is_old(self.samples.get(1)) {
            self.samples.pop_front();
        }
        let Some((from, before)) = self.samples.front() else { return };
        let millis = now.saturating_duration_since(*from).as_millis() as u64;
        self.rate_bps = (bytes.saturating_sub(*before) * 8_000).checked_div(millis).unwrap_or(0);
    }

    /// Bits per second over the window.
    pub fn rate(&self) -> u64 {
        self.rate_bps
    }

    /// Forgets everything: the connection is gone.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut meter = Meter::default();
        let start = Instant::now();
        for tenth in 0..200_u32 {
            meter.sample_each_second(u64::from(tenth) * 12_500, start + Duration::from_millis(100) * tenth);
        }
        assert_eq!(meter.rate(), 1_000_000);
    }

    #[test]
    fn a_reset_meter_reads_zero() {
        let mut meter = Meter::default();
        let start = Instant::now();
        meter.sample_each_second(0, start);
        meter.sample_each_second(1_000, start + WINDOW);
        assert!(meter.rate() > 0);
        meter.reset();
        assert_eq!(meter.rate(), 0);
    }
}
