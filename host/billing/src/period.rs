//! Billing periods: counted from the day on which a subscription began.

use neustream_model::UnixMillis;

/// For a guess that is never too late.
const LONGEST_MONTH_MS: u64 = 31 * 24 * 60 * 60 * 1000;

/// From one payment to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub start: UnixMillis,
    /// The first moment after it.
    pub end: UnixMillis,
}

impl Period {
    /// The period of `now`, where each has `months` months and the first begins at `first`. What begins on a 31st
    /// goes on at the last day of shorter months, and on the 31st again after them. Before `first` it is the first.
    pub fn of(first: UnixMillis, months: u32, now: UnixMillis) -> Self {
        let months = months.max(1);
        let start_of = |count: u32| first.plus_months(count.saturating_mul(months));
        let passed = now.0.saturating_sub(first.0) / LONGEST_MONTH_MS / u64::from(months);
        let mut count = u32::try_from(passed).unwrap_or(u32::MAX);
        // The guess is at most some periods early; beyond the calendar's end all of them are one.
        while start_of(count + 1) <= now && start_of(count + 1) > start_of(count) {
            count += 1;
        }
        Self { start: start_of(count), end: start_of(count + 1) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2024-01-31 10:00 UTC.
    const FIRST: UnixMillis = UnixMillis(1_706_695_200_000);
    const HOUR_MS: u64 = 3_600_000;

    #[test]
    fn periods_follow_each_other_without_a_gap() {
        let first = Period::of(FIRST, 1, FIRST);
        assert_eq!(first.start, FIRST);
        // The last of February 2024.
        assert_eq!(first.end, UnixMillis(FIRST.0 + 29 * 24 * HOUR_MS));
        let second = Period::of(FIRST, 1, first.end);
        assert_eq!((second.start, second.end), (first.end, FIRST.plus_months(2)));
        assert_eq!(Period::of(FIRST, 1, UnixMillis(first.end.0 - 1)), first);
    }

    #[test]
    fn a_year_is_a_year() {
        let year = Period::of(FIRST, 12, UnixMillis(FIRST.0 + 400 * 24 * HOUR_MS));
        assert_eq!((year.start, year.end), (FIRST.plus_months(12), FIRST.plus_months(24)));
    }

    proptest! {
        #[test]
        fn now_is_in_its_period(after_h in 0..500_000_u64, months in 1..25_u32) {
            let now = UnixMillis(FIRST.0 + after_h * HOUR_MS);
            let period = Period::of(FIRST, months, now);
            prop_assert!(period.start <= now && now < period.end, "{period:?} is not that of {now:?}");
        }
    }
}
