//! Dates as `EXT-X-PROGRAM-DATE-TIME` spells them (ISO 8601, UTC, milliseconds).

use std::fmt;

/// Milliseconds since the Unix epoch, displayed as `2026-11-20T05:11:01.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UtcDate(pub(crate) u64);

impl fmt::Display for UtcDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MS_PER_DAY: u64 = 86_400_000;
        /// 9999-12-31: years stay at four digits.
        const LAST_DAY: u64 = 2_932_896;
        let day = (self.0 / MS_PER_DAY).min(LAST_DAY);
        let ms = self.0 % MS_PER_DAY;
        let (year, month, date) = civil(day);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
    }
}

/// Year, month and day of a day since 1970-01-01. Years begin in March here, so that the leap day is the
/// last of its year and month lengths follow one formula.
fn civil(day: u64) -> (u64, u64, u64) {
    const DAYS_PER_ERA: u64 = 146_097; // 400 years
    const MARCH_0000: u64 = 719_468; // days from 0000-03-01 to 1970-01-01
    let day = day + MARCH_0000;
    let era = day / DAYS_PER_ERA;
    let of_era = day % DAYS_PER_ERA;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (DAYS_PER_ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(UtcDate(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(UtcDate(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
        assert_eq!(UtcDate(1_795_151_461_042).to_string(), "2026-11-20T05:11:01.042Z");
        assert_eq!(UtcDate(u64::MAX).to_string().len(), 24);
    }
}
