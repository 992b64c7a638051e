//! How long calls take: counts on a logarithmic scale, of fixed size.
//!
//! A bucket is an eighth of an octave, so a percentile is at most 12.5 % above
//! the truth, whatever the number of calls.

use std::time::Duration;

/// Buckets of an octave.
const STEPS: usize = 8;
/// Octaves from 1 us: the last one ends beyond a minute.
const OCTAVES: usize = 26;
const BUCKETS: usize = STEPS * (OCTAVES + 1);

/// Times of calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    /// Made by the first call: most installations rest.
    counts: Option<Box<[u32; BUCKETS]>>,
    total: u64,
}

impl Histogram {
    /// Counts a call that took `time`.
    pub(crate) fn add(&mut self, time: Duration) {
        let counts = self.counts.get_or_insert_with(|| Box::new([0; BUCKETS]));
        let bucket = &mut counts[bucket_of(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))];
        *bucket = bucket.saturating_add(1);
        self.total += 1;
    }

    /// The time in microseconds that `per_cent` of the calls took at most; 0 where there were none.
    pub(crate) fn percentile_us(&self, per_cent: u64) -> u64 {
        let Some(counts) = &self.counts else { return 0 };
        let rank = (self.total * per_cent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return last_us_of(bucket);
            }
        }
        last_us_of(BUCKETS - 1)
    }
}

/// The bucket of a time: below eight microseconds one each, above by the highest set bit and the three below it.
fn bucket_of(us: u64) -> usize {
    if us < STEPS as u64 {
        return us as usize;
    }
    let octave = us.ilog2() as usize - 3;
    let step = (us >> octave) as usize - STEPS;
    (STEPS * (octave + 1) + step).min(BUCKETS - 1)
}

/// The longest time of a bucket.
fn last_us_of(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (octave, step) = (bucket / STEPS - 1, bucket % STEPS);
    (((STEPS + step + 1) as u64) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_lies_in_a_bucket_that_is_at_most_an_eighth_wide() {
        for us in (0..2000).chain((1..60_000_000).step_by(7919)) {
            let last = last_us_of(bucket_of(us));
            assert!(last >= us && last <= us + us / 8, "{us} {last}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_the_calls() {
        let mut times = Histogram::default();
        assert_eq!(times.percentile_us(99), 0);
        for us in 1..=1000 {
            times.add(Duration::from_micros(us));
        }
        for (per_cent, expected) in [(50, 500), (95, 950), (99, 990)] {
            let found = times.percentile_us(per_cent);
            assert!(found >= expected && found <= expected + expected / 8, "{per_cent} {found}");
        }
    }
}
