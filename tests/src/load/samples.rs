//! Ages of frames and their percentiles.

use std::time::Duration;

/// Bounds the memory of one run; later samples are counted but not kept.
const KEPT: usize = 8_000_000;

/// A bag of durations, kept in microseconds.
#[derive(Debug, Default, Clone)]
pub struct Samples {
    micros: Vec<u32>,
}

impl Samples {
    /// Adds one duration.
    pub fn push(&mut self, duration: Duration) {
        if self.micros.len() < KEPT {
            self.micros.push(duration.as_micros().min(u128::from(u32::MAX)) as u32);
        }
    }

    /// Adds everything of `other`.
    pub fn extend(&mut self, other: &Self) {
        let room = KEPT.saturating_sub(self.micros.len());
        self.micros.extend(other.micros.iter().take(room));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.micros.clear();
    }

    /// How many durations there are.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// Percentiles in milliseconds by the nearest-rank rule, in the order asked for; `None` without samples.
    pub fn percentiles_ms<const N: usize>(&self, percents: [f64; N]) -> [Option<f64>; N] {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        percents.map(|percent| {
            let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
            let value = sorted.get(rank.max(1) - 1)?;
            Some(f64::from(*value) / 1000.0)
        })
    }
}

/// The middle of some figures, between the two middle ones if their number is even; `None` without figures.
pub fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    let upper = *figures.get(figures.len() / 2)?;
    let lower = figures[(figures.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut samples = Samples::default();
        for ms in 1..=100 {
            samples.push(Duration::from_millis(ms));
        }
        assert_eq!(samples.percentiles_ms([50.0, 99.0, 100.0]), [Some(50.0), Some(99.0), Some(100.0)]);
        assert_eq!(Samples::default().percentiles_ms([50.0]), [None]);
    }

    #[test]
    fn the_median_of_two_lies_between_them() {
        assert_eq!(median(vec![3.0, 1.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }
}
