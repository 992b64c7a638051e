//! How long a session was streamed.
//!
//! The amount comes from the monotonic clock alone; the wall clock only says to
//! which day (UTC) it belongs. So a clock that is set changes no amount, and
//! at worst what was streamed since the last look lands on another day.
//! Figures are totals that never fall: whoever is told twice, late or in
//! another order keeps the largest.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use neustream_model::UnixMillis;

/// Counts while a publisher is there. Bounded by the days that a session runs.
#[derive(Debug, Default)]
pub(crate) struct Streamed {
    by_day: BTreeMap<UnixMillis, Duration>,
    /// Up to when it is counted; nothing while nobody publishes.
    counted_until: Option<Instant>,
}

impl Streamed {
    /// Somebody publishes from `now` on.
    pub fn resume(&mut self, now: Instant) {
        self.counted_until.get_or_insert(now);
    }

    /// Nobody publishes any more.
    pub fn pause(&mut self, now: Instant, wall: UnixMillis) {
        self.count(now, wall);
        self.counted_until = None;
    }

    /// Each day's total until `now`, which the wall clock calls `wall`.
    pub fn totals(&mut self, now: Instant, wall: UnixMillis) -> Vec<(UnixMillis, Duration)> {
        self.count(now, wall);
        self.by_day.iter().map(|(day, total)| (*day, *total)).collect()
    }

    fn count(&mut self, now: Instant, wall: UnixMillis) {
        let Some(until) = &mut self.counted_until else { return };
        let mut left = now.saturating_duration_since(*until);
        *until = (*until).max(now);
        // Backwards from `wall`: what lies before midnight belongs to the day before.
        let mut end = wall;
        loop {
            let day = end.day();
            let within = if day.0 == 0 { left } else { left.min(end.since(day)) };
            if !within.is_zero() {
                *self.by_day.entry(day).or_default() += within;
            }
            left -= within;
            if left.is_zero() {
                return;
            }
            // The last millisecond of the day before stands for its end.
            end = UnixMillis(day.0 - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const NOON: UnixMillis = UnixMillis(1_705_320_000_000);

    fn total(streamed: &mut Streamed, now: Instant, wall: UnixMillis) -> Duration {
        streamed.totals(now, wall).into_iter().map(|(_, total)| total).sum()
    }

    #[test]
    fn time_counts_while_somebody_publishes() {
        let (mut streamed, start) = (Streamed::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(streamed.totals(at(5), NOON).is_empty());
        streamed.resume(at(10));
        streamed.resume(at(15));
        streamed.pause(at(20), NOON);
        streamed.pause(at(30), NOON);
        streamed.resume(at(40));
        assert_eq!(total(&mut streamed, at(45), NOON), Duration::from_secs(15));
        assert_eq!(streamed.totals(at(45), NOON), [(NOON.day(), Duration::from_secs(15))]);
    }

    #[test]
    fn what_lies_before_midnight_belongs_to_the_day_before() {
        let (mut streamed, start) = (Streamed::default(), Instant::now());
        streamed.resume(start);
        let after_midnight = NOON.day().plus(DAY).plus(Duration::from_secs(4));
        let totals = streamed.totals(start + Duration::from_secs(10), after_midnight);
        assert_eq!(totals.len(), 2);
        assert_eq!(totals[1], (after_midnight.day(), Duration::from_secs(4)));
        assert_eq!(totals[0].0, NOON.day());
        assert_eq!(totals[0].1, Duration::from_secs(6));
    }

    #[test]
    fn a_clock_that_is_set_changes_no_amount() {
        let (mut streamed, start) = (Streamed::default(), Instant::now());
        let second = Duration::from_secs(1);
        streamed.resume(start);
        let walls =
            [NOON, NOON.plus(DAY), UnixMillis(NOON.0 - 3_600_000), UnixMillis(0), NOON.plus(DAY * 400)];
        for (index, wall) in walls.into_iter().enumerate() {
            let now = start + second * (index as u32 + 1);
            assert_eq!(total(&mut streamed, now, wall), second * (index as u32 + 1));
        }
    }

    #[test]
    fn a_reading_from_the_past_takes_nothing_away_and_counts_nothing_twice() {
        let (mut streamed, start) = (Streamed::default(), Instant::now());
        streamed.resume(start);
        let ten = start + Duration::from_secs(10);
        assert_eq!(total(&mut streamed, ten, NOON), Duration::from_secs(10));
        assert_eq!(total(&mut streamed, start, NOON), Duration::from_secs(10));
        assert_eq!(total(&mut streamed, ten, NOON), Duration::from_secs(10));
    }

    #[test]
    fn days_of_silence_of_the_reader_are_shared_out() {
        let (mut streamed, start) = (Streamed::default(), Instant::now());
        streamed.resume(start);
        let totals = streamed.totals(start + DAY * 3, NOON);
        assert_eq!(totals.iter().map(|(_, total)| *total).sum::<Duration>(), DAY * 3);
        assert_eq!(totals.len(), 4);
        assert!(totals.iter().all(|(day, total)| day.day() == *day && *total <= DAY));
    }
}
