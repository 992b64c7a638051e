//! Moments as the API writes them.

use neustream_model::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(moment: UnixMillis) -> String {
    // Moments beyond the year 9999 do not exist in RFC 3339; they come from broken clocks only.
    at(moment).format(&Rfc3339).unwrap_or_else(|_| "9999-12-31T23:59:59Z".to_owned())
}

/// Reads RFC 3339; `None` for anything else, and for what was before 1970.
pub(crate) fn from_rfc3339(text: &str) -> Option<UnixMillis> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(UnixMillis)
}

fn at(moment: UnixMillis) -> OffsetDateTime {
    let nanoseconds = i128::from(moment.0) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
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
    fn moments_are_read_in_any_zone() {
        for text in ["2024-01-15T10:00:00.25Z", "2024-01-15T11:00:00.250+01:00"] {
            assert_eq!(from_rfc3339(text), Some(UnixMillis(1_705_312_800_250)), "{text}");
        }
        for text in ["", "2024-01-15", "1705312800", "1969-12-31T23:59:59Z"] {
            assert_eq!(from_rfc3339(text), None, "{text}");
        }
    }
}
