//! The bounds of one connector's driver.

use std::time::Duration;

/// How patient and how large a driver is. The defaults are those of the contract; tests are less patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectorSettings {
    /// The shortest wait before something is tried again.
    pub backoff_least: Duration,
    /// The longest.
    pub backoff_most: Duration,
    /// A connection that lasted so long was a good one: its back-off begins anew.
    pub steady_after: Duration,
    /// Silence after which a WebSocket is pinged.
    pub ping_after: Duration,
    /// Silence after which a WebSocket is dead.
    pub dead_after: Duration,
    /// Silence after which a connection of lines is dead (IRC servers ping every few minutes).
    pub line_dead_after: Duration,
    /// The shortest interval of a poll.
    pub poll_least: Duration,
    /// Time for one poll or request.
    pub request_timeout: Duration,
    /// Largest message or line of a socket, in bytes.
    pub message_bytes: usize,
    /// Most events of one batch.
    pub batch_events: usize,
    /// Most bytes of one batch; a single event may be larger.
    pub batch_bytes: usize,
    /// Bytes of events that wait for their step. Beyond, sockets are not read: nothing is dropped.
    pub waiting_bytes: usize,
    /// Attempts at an event that is alone in its batch before it is dropped as poison.
    pub attempts: u32,
    /// Attempts that do not count among these, because they say little about the event: the plugin asked for patience,
    /// or the host was late.
    pub patience: u32,
    /// Outgoing messages that wait to be written; one more is refused.
    pub outgoing_most: u32,
    /// Age at which an outgoing message is not written any more: nobody wants an old answer.
    pub outgoing_expires: Duration,
    /// How long a webhook waits for its commit before the platform is told to try again.
    pub delivery_timeout: Duration,
    /// How often the installation is looked at without being asked to.
    pub recheck_every: Duration,
    /// Steps that are kept for a shadow replay.
    pub recorded_steps: usize,
    /// Bytes of steps that are kept for a shadow replay.
    pub recorded_bytes: usize,
    /// How often these steps are written to the store, so that a restart does not forget them.
    pub record_every: Duration,
}

impl Default for ConnectorSettings {
    fn default() -> Self {
        Self {
            backoff_least: Duration::from_secs(1),
            backoff_most: Duration::from_mins(1),
            steady_after: Duration::from_secs(30),
            ping_after: Duration::from_secs(20),
            dead_after: Duration::from_secs(40),
            line_dead_after: Duration::from_mins(10),
            poll_least: Duration::from_millis(500),
            request_timeout: Duration::from_secs(10),
            message_bytes: 256 * 1024,
            batch_events: 64,
            batch_bytes: 256 * 1024,
            waiting_bytes: 1024 * 1024,
            attempts: 3,
            patience: 10,
            outgoing_most: 100,
            outgoing_expires: Duration::from_mins(10),
            delivery_timeout: Duration::from_secs(10),
            recheck_every: Duration::from_mins(1),
            recorded_steps: 256,
            recorded_bytes: 512 * 1024,
            record_every: Duration::from_mins(1),
        }
    }
}

impl ConnectorSettings {
    /// The wait after `failures` failures in a row: doubled from the least to the most, less up to a quarter by
    /// `jitter` in `0.0..1.0`, so that connectors that fell together do not come back together.
    pub(crate) fn backoff(&self, failures: u32, jitter: f64) -> Duration {
        let doubled = self.backoff_least.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let delay = doubled.min(self.backoff_most).mul_f64(1.0 - 0.25 * jitter);
        delay.max(self.backoff_least)
    }

    /// [`ConnectorSettings::backoff`] with a jitter drawn now.
    pub(crate) fn backoff_now(&self, failures: u32) -> Duration {
        self.backoff(failures, rand::random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_second_to_a_minute_and_jitter_stays_within() {
        let settings = ConnectorSettings::default();
        let seconds: Vec<_> = (1..=9).map(|failures| settings.backoff(failures, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        for failures in 0..100 {
            for jitter in [0.0, 0.5, 0.999] {
                let delay = settings.backoff(failures, jitter);
                assert!(
                    (settings.backoff_least..=settings.backoff_most).contains(&delay),
                    "{failures} {jitter}"
                );
            }
        }
    }
}
