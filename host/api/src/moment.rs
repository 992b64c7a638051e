//! Moments as the API writes them.

use neustream_model::UnixMillis;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, Time};

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(moment: UnixMillis) -> String {
    // Moments beyond the year 9999 do not exist in RFC 3339; they come from broken clocks only.
    at(moment).format(&Rfc3339).unwrap_or_else(|_| "9999-12-31T23:59:59Z".to_owned())
}

/// The beginning of the UTC day of `moment`.
pub(crate) fn day_of(moment: UnixMillis) -> UnixMillis {
    from(at(moment).replace_time(Time::MIDNIGHT))
}

/// The beginning of the UTC month of `moment`.
pub(crate) fn month_of(moment: UnixMillis) -> UnixMillis {
    let midnight = at(moment).replace_time(Time::MIDNIGHT);
    from(midnight.replace_day(1).unwrap_or(midnight))
}

fn at(moment: UnixMillis) -> OffsetDateTime {
    let nanoseconds = i128::from(moment.0) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn from(moment: OffsetDateTime) -> UnixMillis {
    UnixMillis(u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(rfc3339(UnixMillis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(UnixMillis(1_705_312_800_250)), "2024-01-15T10:00:00.25Z");
    }

    #[test]
    fn days_and_months_begin_at_midnight() {
        let moment = UnixMillis(1_705_312_800_250);
        assert_eq!(rfc3339(day_of(moment)), "2024-01-15T00:00:00Z");
        assert_eq!(rfc3339(month_of(moment)), "2024-01-01T00:00:00Z");
    }
}
