//! When a running stream is warned, and when it is ended, because its plan's streaming time is used up.

use std::time::{Duration, Instant};

/// How much of the month's streaming time an organisation has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What all of its sources streamed in this month (UTC), this session included.
    pub used: Duration,
    /// What its plan gives it a month; `None` where there is no limit.
    pub limit: Option<Duration>,
}

/// What a session is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// 80 % are used.
    Near,
    /// All is used; the session goes on until this moment.
    Spent(Instant),
    /// The grace period has passed.
    Over,
}

/// Where a session stands. What was told once is not told again, unless more was given meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is enough.
    #[default]
    Within,
    /// 80 % are used.
    Near,
    /// All is used, and this is when the session ends.
    Spent(Instant),
}

impl Allowance {
    /// Whether a stream may begin.
    pub fn has_time_left(&self) -> bool {
        self.limit.is_none_or(|limit| self.used < limit)
    }

    fn is_nearly_spent(&self) -> bool {
        self.limit.is_some_and(|limit| self.used * 5 >= limit * 4)
    }
}

impl Standing {
    /// Takes the present figures; what is new is told.
    pub fn judge(&mut self, allowance: &Allowance, now: Instant, grace: Duration) -> Option<Notice> {
        let before = *self;
        if !allowance.has_time_left() {
            if let Self::Spent(end) = before {
                return (now >= end).then_some(Notice::Over);
            }
            let end = now + grace;
            *self = Self::Spent(end);
            return Some(Notice::Spent(end));
        }
        *self = if allowance.is_nearly_spent() { Self::Near } else { Self::Within };
        (*self == Self::Near && before == Self::Within).then_some(Notice::Near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_mins(5);

    fn of_ten_hours(minutes: u64) -> Allowance {
        Allowance { used: Duration::from_mins(minutes), limit: Some(Duration::from_hours(10)) }
    }

    #[test]
    fn a_stream_is_warned_at_80_and_at_100_percent_once_and_then_ended() {
        let (mut standing, start) = (Standing::default(), Instant::now());
        let mut judge = |minutes, after| standing.judge(&of_ten_hours(minutes), start + after, GRACE);
        assert_eq!(judge(479, Duration::ZERO), None);
        assert_eq!(judge(480, Duration::ZERO), Some(Notice::Near));
        assert_eq!(judge(599, Duration::ZERO), None);
        assert_eq!(judge(600, Duration::ZERO), Some(Notice::Spent(start + GRACE)));
        assert_eq!(judge(604, Duration::from_mins(4)), None);
        assert_eq!(judge(605, GRACE), Some(Notice::Over));
    }

    #[test]
    fn more_hours_or_a_new_month_take_the_warning_back() {
        let (mut standing, start) = (Standing::default(), Instant::now());
        assert!(standing.judge(&of_ten_hours(700), start, GRACE).is_some());
        assert_eq!(standing.judge(&of_ten_hours(1), start + GRACE * 2, GRACE), None);
        assert_eq!(standing, Standing::Within);
        assert_eq!(
            standing.judge(&of_ten_hours(600), start + GRACE * 3, GRACE),
            Some(Notice::Spent(start + GRACE * 4))
        );
    }

    #[test]
    fn without_a_limit_nothing_is_told_and_with_none_at_all_nothing_begins() {
        let unlimited = Allowance { used: Duration::MAX / 8, limit: None };
        assert_eq!(Standing::default().judge(&unlimited, Instant::now(), GRACE), None);
        assert!(unlimited.has_time_left());
        assert!(!Allowance { used: Duration::ZERO, limit: Some(Duration::ZERO) }.has_time_left());
    }
}
