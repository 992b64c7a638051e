//! Times and bounds of the driver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use neustream_model::UnixMillis;

/// Times and bounds.
#[derive(Debug, Clone)]
pub struct PaymentsSettings {
    /// How long one host works on an entry before others may. Longer than the longest call by [`LEASE_MARGIN`].
    pub lease: Duration,
    /// How long after the last request that could move money a look-up that finds nothing is not believed: the request
    /// may still be on its way.
    pub quiet: Duration,
    /// The first pause after a call that failed or an outcome that is unknown; doubles up to [`Self::pause_most`].
    pub pause_first: Duration,
    /// The longest pause between two attempts.
    pub pause_most: Duration,
    /// The first pause before the provider is asked about a charge that waits for payer or provider, should its
    /// webhook be lost; doubles up to [`Self::poll_most`].
    pub poll_first: Duration,
    /// The longest pause between two such questions.
    pub poll_most: Duration,
    /// How long a charge that waits for its payer is asked about. A webhook counts for ever.
    pub wait_for_payer: Duration,
    /// How often a call that was proven not sent is made again.
    pub attempts: u32,
    /// Entries worked on at the same time by the background task.
    pub at_once: usize,
    /// How often the background task looks for due entries.
    pub tick: Duration,
    /// How long webhook events are remembered; providers repeat them for days.
    pub events_kept: Duration,
}

/// What a lease has more than a call may take, for the journal.
pub const LEASE_MARGIN: Duration = Duration::from_secs(15);

impl Default for PaymentsSettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            quiet: Duration::from_secs(10),
            pause_first: Duration::from_secs(2),
            pause_most: Duration::from_hours(1),
            poll_first: Duration::from_mins(1),
            poll_most: Duration::from_hours(1),
            wait_for_payer: Duration::from_hours(7 * 24),
            attempts: 8,
            at_once: 8,
            tick: Duration::from_secs(1),
            events_kept: Duration::from_hours(90 * 24),
        }
    }
}

impl PaymentsSettings {
    /// The pause after the `failures`-th failure in a row, from 1.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        doubling(self.pause_first, self.pause_most, failures)
    }

    /// The pause after the `looks`-th question in a row, from 1.
    pub(crate) fn poll(&self, looks: u32) -> Duration {
        doubling(self.poll_first, self.poll_most, looks)
    }
}

fn doubling(first: Duration, most: Duration, count: u32) -> Duration {
    let factor = 2_u32.saturating_pow(count.saturating_sub(1).min(20));
    first.saturating_mul(factor).min(most)
}

/// Where the driver reads the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixMillis + Send + Sync>);

impl Clock {
    /// The wall clock.
    pub fn wall() -> Self {
        Self::new(UnixMillis::now)
    }

    /// Any other.
    pub fn new(now: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now.
    pub fn now(&self) -> UnixMillis {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let settings = PaymentsSettings::default();
        assert_eq!(settings.pause(1), Duration::from_secs(2));
        assert_eq!(settings.pause(3), Duration::from_secs(8));
        assert_eq!(settings.pause(u32::MAX), settings.pause_most);
    }
}
