//! The figures that bound the media path.

use std::time::Duration;

use crate::ring::{Gathering, Retention};

/// Bounds of the media path. The defaults are what `docs/BENCHMARKS.md` and the tests hold it to.
#[derive(Debug, Clone)]
pub struct LiveSettings {
    /// From accepting a socket to an accepted publish or play request.
    pub handshake_timeout: Duration,
    /// A publisher from which nothing comes for this long is gone.
    pub publisher_timeout: Duration,
    /// Sockets that have not been accepted as publisher or player yet.
    pub max_unauthenticated: usize,
    /// Wrong stream keys of one address within a minute before it is refused unheard.
    pub max_key_failures_per_minute: u32,
    /// The ring of a session holds at least this much time, so that a reader may lag without loss.
    pub ring_at_least: Duration,
    /// The ring of a session never holds more bytes.
    pub ring_max_bytes: usize,
    /// A reader further behind than this skips to a keyframe.
    pub max_lag: Duration,
    /// A receiver that takes no byte for this long is given up.
    pub stall_timeout: Duration,
    /// Connecting to a destination, TLS included.
    pub connect_timeout: Duration,
    /// From connected to the destination's consent to publish.
    pub publish_timeout: Duration,
    /// One call of a destination adapter.
    pub adapter_deadline: Duration,
    /// How often the platform is asked how it sees the broadcast.
    pub check_interval: Duration,
    /// How often it is asked until it shows the broadcast.
    pub first_checks: Duration,
    /// HLS packaging stops when nobody asked for this long; it starts with the first request.
    pub hls_idle: Duration,
    /// How long a playlist request may wait for the position that it names.
    pub hls_blocking_timeout: Duration,
    /// Encrypted segments get another key after so many.
    pub hls_segments_per_key: u64,
    /// How often it is looked up whether tenants changed who may watch, for changes that were made on other nodes.
    pub viewers_interval: Duration,
    /// How often it is noted how what runs is doing.
    pub health_interval: Duration,
    /// How often it is written down how long sessions were streamed: what a crash forgets at most.
    pub usage_interval: Duration,
    /// How long a stream goes on when its plan's streaming time is used up.
    pub usage_grace: Duration,
    /// What SIGTERM leaves destinations to be told the end.
    pub drain_timeout: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            publisher_timeout: Duration::from_secs(10),
            max_unauthenticated: 10_000,
            max_key_failures_per_minute: 20,
            ring_at_least: Duration::from_millis(1_500),
            ring_max_bytes: 16 << 20,
            max_lag: Duration::from_millis(1_200),
            stall_timeout: Duration::from_secs(4),
            connect_timeout: Duration::from_secs(4),
            publish_timeout: Duration::from_millis(4_500),
            adapter_deadline: Duration::from_secs(10),
            check_interval: Duration::from_secs(30),
            first_checks: Duration::from_secs(3),
            hls_idle: Duration::from_mins(1),
            hls_blocking_timeout: Duration::from_secs(10),
            hls_segments_per_key: 30,
            viewers_interval: Duration::from_secs(2),
            health_interval: Duration::from_secs(2),
            usage_interval: Duration::from_secs(10),
            usage_grace: Duration::from_mins(5),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

impl LiveSettings {
    pub(crate) fn retention(&self) -> Retention {
        Retention { at_least: self.ring_at_least, max_bytes: self.ring_max_bytes }
    }

    pub(crate) fn gathering() -> Gathering {
        // A system call a receiver costs more than the bytes it carries: what comes within a frame's time travels
        // together. Delay is bounded by it, and a burst holds one or two pictures with their sound.
        Gathering { at_most: Duration::from_millis(33) }
    }
}
