//! Moments as platforms write them. All are milliseconds since the Unix epoch, like `ctx.now`, the only clock that
//! a plugin has.
//!
//! ```
//! use neustream_plugin::time;
//!
//! let now = 1_760_000_000_000;
//! let in_an_hour = time::to_rfc3339(now + 3_600_000);
//! assert_eq!(in_an_hour, "2025-10-09T09:53:20Z");
//! assert_eq!(time::of_rfc3339(&in_an_hour), Some(now + 3_600_000));
//! ```

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `millis` as an RFC 3339 timestamp in UTC, `2026-11-20T08:15:30Z`, without fractions.
///
/// ```
/// use neustream_plugin::time;
///
/// assert_eq!(time::to_rfc3339(0), "1970-01-01T00:00:00Z");
/// ```
pub fn to_rfc3339(millis: u64) -> String {
    let seconds = millis / 1000;
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// An RFC 3339 timestamp with any offset and fraction; none when the text is none, or before 1970.
///
/// ```
/// use neustream_plugin::time;
///
/// assert_eq!(time::of_rfc3339("2023-05-20T19:30:05.123456+02:00"), Some(1_684_603_805_123));
/// assert_eq!(time::of_rfc3339("yesterday"), None);
/// ```
pub fn of_rfc3339(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, offset_minutes) = split_offset(time)?;
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let seconds = since_epoch(year, month, day, seconds)? - offset_minutes * 60;
    u64::try_from(seconds * 1000 + thousandths(fraction)?).ok()
}

/// The date of an HTTP header (RFC 9110, 5.6.7) in the form that servers send, `Fri, 20 Nov 2026 08:15:30 GMT`.
///
/// ```
/// use neustream_plugin::time;
///
/// assert_eq!(time::of_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
/// ```
pub fn of_http_date(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.splitn(4, ' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month).map(|(number, _)| number)?;
    u64::try_from(since_epoch(number(year)?, month, number(day)?, time)? * 1000).ok()
}

/// Seconds since the Unix epoch of a date and `HH:MM:SS` in UTC.
fn since_epoch(year: i64, month: i64, day: i64, time: &str) -> Option<i64> {
    let mut time = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let is_valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    is_valid.then(|| ((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// The time and its offset from UTC in minutes.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = hours * 60 + minutes;
    Some((&time[..at], if time.as_bytes()[at] == b'-' { -offset } else { offset }))
}

fn thousandths(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain([b'0'; 3]).take(3);
    Some(digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// Days from 1970-01-01 in the Gregorian calendar. The year begins in March, so that the leap day is its last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// The Gregorian date of a day since 1970-01-01: days are counted from 1 March of the year 0, so that leap days are
/// last in their year, and months of 153 days in five repeat.
fn civil(days: u64) -> (u64, u64, u64) {
    const FROM_YEAR_0: u64 = 719_468;
    const DAYS_IN_400_YEARS: u64 = 146_097;
    let days = days + FROM_YEAR_0;
    let (era, day_of_era) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them_and_read_again() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59Z"),
            (1_760_000_000_000, "2025-10-09T08:53:20Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(to_rfc3339(millis), expected);
            assert_eq!(of_rfc3339(expected), Some(millis));
        }
    }

    #[test]
    fn timestamps_have_offsets_and_fractions() {
        for (text, expected) in [
            ("2000-02-29T12:00:00.5Z", 951_825_600_500),
            ("2023-05-20T17:30:05.123456+00:00", 1_684_603_805_123),
            ("2023-05-20T19:30:05.123456+02:00", 1_684_603_805_123),
            ("2023-05-20 12:00:05.1-05:30", 1_684_603_805_100),
            ("2024-12-31T23:59:60Z", 1_735_689_600_000),
        ] {
            assert_eq!(of_rfc3339(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in [
            "",
            "yesterday",
            "2023-05-20",
            "2023-13-20T00:00:00Z",
            "2023-05-20T24:00:00Z",
            "2023-05-20T00:00Z",
            "2023-05-20T00:00:00",
            "2023-05-20T00:00:00.xZ",
            "2023-05-20T00:00:00.Z",
            "2023-05-20T00:00:00+99999999999999999:00",
            "2023-05-20T-1:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
        ] {
            assert_eq!(of_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_form_that_servers_send_is_a_date() {
        assert_eq!(of_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        for text in [
            "",
            "soon",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 6 X 1994 0:0:0 GMT",
        ] {
            assert_eq!(of_http_date(text), None, "{text}");
        }
    }
}
