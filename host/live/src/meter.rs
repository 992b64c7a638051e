//! What comes in a second, over the last seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(4);
const SAMPLE_INTERVAL: Duration = Duration::from_millis(900);

/// Turns a growing count of bytes, or of pictures, into a rate.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    samples: VecDeque<(Instant, u64)>,
    per_second: Option<f64>,
}

impl Meter {
    /// Takes the count as of `now`; to be called as often as convenient, it samples about once a second.
    pub fn sample_each_second(&mut self, count: u64, now: Instant) {
        if self.samples.back().is_some_and(|(at, _)| now.saturating_duration_since(*at) < SAMPLE_INTERVAL) {
            return;
        }
        self.samples.push_back((now, count));
        let is_old = |sample: Option<&(Instant, u64)>| {
            sample.is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW)
        };
        while is_old(self.samples.get(1)) {
            self.samples.pop_front();
        }
        let Some((from, before)) = self.samples.front() else { return };
        let millis = now.saturating_duration_since(*from).as_millis() as u64;
        self.per_second =
            (millis > 0).then(|| count.saturating_sub(*before) as f64 * 1_000.0 / millis as f64);
    }

    /// Bits per second over the window, of a count of bytes.
    pub fn bps(&self) -> u64 {
        (self.per_second.unwrap_or_default() * 8.0).round() as u64
    }

    /// How many came in a second, over the window; nothing before there are two samples.
    pub fn per_second(&self) -> Option<f64> {
        self.per_second
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
        assert_eq!(meter.bps(), 1_000_000);
    }

    #[test]
    fn pictures_are_counted_like_bytes_and_silence_brings_the_rate_down() {
        let mut meter = Meter::default();
        let start = Instant::now();
        assert_eq!(meter.per_second(), None);
        for second in 0..=4_u32 {
            meter.sample_each_second(u64::from(second) * 30, start + Duration::from_secs(1) * second);
        }
        assert_eq!(meter.per_second(), Some(30.0));
        for second in 5..=9_u32 {
            meter.sample_each_second(120, start + Duration::from_secs(1) * second);
        }
        assert_eq!(meter.per_second(), Some(0.0));
    }

    #[test]
    fn a_reset_meter_reads_zero() {
        let mut meter = Meter::default();
        let start = Instant::now();
        meter.sample_each_second(0, start);
        meter.sample_each_second(1_000, start + WINDOW);
        assert!(meter.bps() > 0);
        meter.reset();
        assert_eq!(meter.bps(), 0);
    }
}
