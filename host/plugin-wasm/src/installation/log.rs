//! An installation's log: the lines that its plugin wrote, and what the host wrote about it.
//!
//! Bounded by lines and bytes (the oldest go first) and by rate (the newest are
//! dropped and counted). Followers read from a ring: one that is slow loses the
//! oldest.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use neustream_contract::LogLine;
use neustream_model::UnixMillis;
use tokio::sync::broadcast;

/// Lines kept of one installation.
pub const MAX_LOG_LINES: usize = 1000;
const MAX_LOG_KEPT_BYTES: usize = 256 * 1024;
const MAX_LOG_BYTES_PER_SECOND: usize = 64 * 1024;
/// Lines that a follower may lag behind.
const FOLLOWED_LINES: usize = 256;

/// The lines of one installation.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: VecDeque<LogLine>,
    kept_bytes: usize,
    last_number: u64,
    /// The running second of the rate limit, and its bytes.
    second: Option<(Instant, usize)>,
    followers: Option<broadcast::Sender<LogLine>>,
}

impl Log {
    /// Writes a line unless the rate is exceeded; tells whether it was written.
    pub(crate) fn write(&mut self, level: &str, text: String, now: Instant) -> bool {
        let (began, bytes) = match self.second {
            Some((began, bytes)) if now.duration_since(began) < Duration::from_secs(1) => (began, bytes),
            _ => (now, 0),
        };
        if bytes + text.len() > MAX_LOG_BYTES_PER_SECOND {
            return false;
        }
        self.second = Some((began, bytes + text.len()));
        self.last_number += 1;
        let line = LogLine { number: self.last_number, at: UnixMillis::now(), level: level.to_owned(), text };
        if let Some(followers) = &self.followers
            && followers.send(line.clone()).is_err()
        {
            self.followers = None;
        }
        self.kept_bytes += kept_bytes(&line);
        self.lines.push_back(line);
        while self.lines.len() > MAX_LOG_LINES || self.kept_bytes > MAX_LOG_KEPT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.kept_bytes -= kept_bytes(&oldest);
        }
        true
    }

    /// The lines that are kept, oldest first.
    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.lines.iter().cloned().collect()
    }

    /// The lines that will be written.
    pub(crate) fn follow(&mut self) -> broadcast::Receiver<LogLine> {
        self.followers.get_or_insert_with(|| broadcast::channel(FOLLOWED_LINES).0).subscribe()
    }
}

/// What a line costs to keep.
fn kept_bytes(line: &LogLine) -> usize {
    line.text.len() + line.level.len() + size_of::<LogLine>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_is_capped_by_rate_number_and_bytes() {
        let mut log = Log::default();
        let start = Instant::now();
        let written = (0..200).filter(|_| log.write("info", "x".repeat(1024), start)).count();
        assert_eq!(written, 64);
        for second in 1..40 {
            for _ in 0..100 {
                log.write("info", "x".repeat(10), start + Duration::from_secs(second));
            }
        }
        let lines = log.lines();
        assert_eq!(lines.len(), MAX_LOG_LINES);
        assert_eq!(lines.last().map(|line| line.number), Some(64 + 3900));
        for second in 40..60 {
            for _ in 0..60 {
                log.write("info", "x".repeat(1024), start + Duration::from_secs(second));
            }
        }
        let bytes: usize = log.lines().iter().map(kept_bytes).sum();
        assert!(bytes <= MAX_LOG_KEPT_BYTES, "{bytes}");
    }

    #[test]
    fn a_slow_follower_loses_the_oldest_lines_and_costs_no_more() {
        let mut log = Log::default();
        let mut lines = log.follow();
        for number in 0..FOLLOWED_LINES + 10 {
            log.write("info", number.to_string(), Instant::now());
        }
        assert_eq!(lines.try_recv(), Err(broadcast::error::TryRecvError::Lagged(10)));
        assert_eq!(lines.try_recv().map(|line| line.number), Ok(11));
        drop(lines);
        log.write("info", "x".to_owned(), Instant::now());
        assert!(log.followers.is_none(), "nobody follows any more");
    }
}
