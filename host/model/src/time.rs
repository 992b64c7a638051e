//! Moments as the API and the database carry them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::{Month, OffsetDateTime};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The wall clock now.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// This moment and `later`.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(later.as_millis()).unwrap_or(u64::MAX)))
    }

    /// This moment and `earlier`; zero where that is no earlier moment, as after a clock was set back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The beginning of its day (UTC).
    #[must_use]
    pub fn day(self) -> Self {
        Self(self.0 - self.0 % DAY_MS)
    }

    /// The beginning of its month (UTC).
    #[must_use]
    pub fn month(self) -> Self {
        let days_before = u64::from(self.calendar().day()) - 1;
        Self(self.day().0.saturating_sub(days_before * DAY_MS))
    }

    /// The same day and time `months` later (UTC); the last day of that month where it has no such day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        let at = self.calendar();
        let count = u64::from(at.month() as u8) - 1 + u64::from(months);
        let year = at.year().saturating_add(i32::try_from(count / 12).unwrap_or(i32::MAX));
        let month = Month::try_from((count % 12) as u8 + 1).unwrap_or(Month::December);
        let day = at.day().min(month.length(year));
        let moved = time::Date::from_calendar_date(year, month, day).map(|date| at.replace_date(date));
        // Beyond the calendar's end there is nothing later.
        let milliseconds = moved.unwrap_or(at).unix_timestamp_nanos() / 1_000_000;
        Self(u64::try_from(milliseconds).unwrap_or(self.0))
    }

    /// Moments beyond the year 9999 come from broken clocks only; they count as the epoch.
    fn calendar(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn at(moment: OffsetDateTime) -> UnixMillis {
        UnixMillis(u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap())
    }

    #[test]
    fn days_and_months_begin_at_midnight() {
        let moment = at(datetime!(2024-01-15 10:00:00.25 UTC));
        assert_eq!(moment.day(), at(datetime!(2024-01-15 0:00 UTC)));
        assert_eq!(moment.month(), at(datetime!(2024-01-01 0:00 UTC)));
        assert_eq!(UnixMillis(0).month(), UnixMillis(0));
        assert_eq!(UnixMillis(u64::MAX).month().0 % DAY_MS, 0);
    }

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_one_of_a_shorter_month() {
        let moment = at(datetime!(2024-01-31 10:00 UTC));
        assert_eq!(moment.plus_months(1), at(datetime!(2024-02-29 10:00 UTC)));
        assert_eq!(moment.plus_months(2), at(datetime!(2024-03-31 10:00 UTC)));
        assert_eq!(moment.plus_months(13), at(datetime!(2025-02-28 10:00 UTC)));
        assert_eq!(moment.plus_months(12), at(datetime!(2025-01-31 10:00 UTC)));
    }

    #[test]
    fn a_clock_that_was_set_back_takes_no_time_away() {
        assert_eq!(UnixMillis(5).since(UnixMillis(3)), Duration::from_millis(2));
        assert_eq!(UnixMillis(3).since(UnixMillis(5)), Duration::ZERO);
    }
}
