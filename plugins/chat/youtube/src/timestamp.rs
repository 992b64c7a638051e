//! RFC 3339 timestamps, as YouTube writes them: `2026-11-20T08:15:30.123456+00:00`.

/// Milliseconds since the Unix epoch; none when the text is no timestamp after 1970.
pub fn millis(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, offset_minutes) = split_offset(time)?;
    let mut time = time.splitn(3, ':');
    let hour: i64 = time.next()?.parse().ok()?;
    let minute: i64 = time.next()?.parse().ok()?;
    let (second, fraction) = time.next().map(|rest| rest.split_once('.').unwrap_or((rest, "")))?;
    let second: i64 = second.parse().ok()?;
    let is_valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !is_valid {
        return None;
    }
    let minutes = (days_since_epoch(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    u64::try_from((minutes * 60 + second) * 1000 + thousandths(fraction)?).ok()
}

/// The time and its offset from UTC in minutes.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let offset = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    Some((&time[..at], if time.as_bytes()[at] == b'-' { -offset } else { offset }))
}

fn thousandths(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_become_milliseconds() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00.5Z", 951_825_600_500),
            ("2023-05-20T17:30:05.123456+00:00", 1_684_603_805_123),
            ("2023-05-20T19:30:05.123456+02:00", 1_684_603_805_123),
            ("2023-05-20T12:00:05.1-05:30", 1_684_603_805_100),
            ("2024-12-31T23:59:60Z", 1_735_689_600_000),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
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
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
