//! What a destination has been sent and has not read, by its own acknowledgements.
//!
//! The kernel of a slow receiver takes data long before the receiver reads it:
//! hundreds of kilobytes, which at a tenth of the bitrate are many seconds.
//! No socket option of ours shortens that. RTMP acknowledgements (5.4.3) count
//! what the receiver has really read, so what is unread divided by the pace of
//! reading is how old the next byte will be when it is read, and the feed stops
//! before that becomes too old. Frames that wait are then skipped in the ring.
//!
//! What is under way on the path is no sign of slowness: the shortest time that
//! an acknowledgement ever took is granted on top.
//!
//! Receivers differ: one that acknowledges in steps of its own is given its
//! step, one that never does is trusted after [`PROBATION`], one that stops
//! is fed again after [`SILENCE`], until it says a word.
//! No clock: `now` is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How old the next byte may become in the receiver's kernel.
const MAX_DELAY: Duration = Duration::from_millis(100);
/// The path is not believed to be longer than this.
const LONGEST_PATH: Duration = Duration::from_secs(1);
/// How long a receiver has to show that it acknowledges, and what it gets until then.
const PROBATION: Duration = Duration::from_secs(1);
const PROBATION_BYTES: u64 = 96 * 1024;
/// A receiver that owes a word for so long is not waited for; shorter than any stall is suffered.
const SILENCE: Duration = Duration::from_secs(3);
/// The step that a receiver is asked for at first, in bytes.
const FIRST_WINDOW: u32 = 32 * 1024;
/// One that keeps up is asked for so many acknowledgements a second, one that is behind for more at its best pace,
/// so that its true pace is known soon.
const WIDE_PER_SECOND: f64 = 8.0;
const NARROW_PER_SECOND: f64 = 40.0;
/// How long a receiver must have kept up before it is asked less often.
const KEEPING_UP: Duration = Duration::from_secs(2);
/// Sends remembered to learn how long acknowledgements take.
const MAX_SENDS: usize = 64;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Flow {
    opened: Instant,
    sent: u64,
    /// Totals after recent sends, to tell when an acknowledged byte left.
    sends: VecDeque<(u64, Instant)>,
    /// What was acknowledged last, and when.
    acknowledged: Option<(u64, Instant)>,
    /// Bytes per second, smoothed, and the best of it.
    pace: f64,
    best_pace: f64,
    /// The shortest time between sending a byte and reading that it was read.
    path: Duration,
    window: u32,
    /// What the last acknowledgements covered each: some receivers keep to a step of their own.
    steps: [u64; 3],
    /// When sending was last held back.
    held_at: Instant,
}

impl Flow {
    pub fn new(now: Instant) -> Self {
        Self {
            opened: now,
            sent: 0,
            sends: VecDeque::new(),
            acknowledged: None,
            pace: 0.0,
            best_pace: 0.0,
            path: LONGEST_PATH,
            window: FIRST_WINDOW,
            steps: [0; 3],
            held_at: now,
        }
    }

    /// So many bytes left in all.
    pub fn note_sent(&mut self, total: u64, now: Instant) {
        if total == self.sent {
            return;
        }
        self.sent = total;
        if self.sends.len() == MAX_SENDS {
            self.sends.pop_front();
        }
        self.sends.push_back((total, now));
    }

    /// The receiver has read so many bytes in all.
    pub fn note_acknowledged(&mut self, total: u64, now: Instant) {
        let (before, since) = self.acknowledged.unwrap_or((0, self.opened));
        let step = total.saturating_sub(before);
        if step == 0 {
            return;
        }
        self.acknowledged = Some((total, now));
        self.steps.rotate_left(1);
        self.steps[2] = step;
        while self.sends.get(1).is_some_and(|(sent, _)| *sent <= total) {
            self.sends.pop_front();
        }
        if let Some((_, left)) = self.sends.front().filter(|(sent, _)| *sent <= total) {
            self.path = self.path.min(now.saturating_duration_since(*left));
        }
        let seconds = now.saturating_duration_since(since).as_secs_f64().max(0.001);
        let measured = step as f64 / seconds;
        self.pace = if self.pace == 0.0 { measured } else { 0.5f64.mul_add(measured, 0.5 * self.pace) };
        self.best_pace = self.best_pace.max(self.pace);
    }

    /// Whether more may be sent now.
    pub fn may_send(&mut self, now: Instant) -> bool {
        let may_send = match self.acknowledged {
            None => self.sent < PROBATION_BYTES || now.saturating_duration_since(self.opened) >= PROBATION,
            Some((acknowledged, at)) => {
                let waited = now.saturating_duration_since(at);
                // The receiver owes no word on what is less than its step.
                let unread = self.sent.saturating_sub(acknowledged).saturating_sub(self.step());
                let granted = self.path + MAX_DELAY;
                unread as f64 <= self.pace_at(waited) * granted.as_secs_f64() || waited >= SILENCE
            }
        };
        if !may_send {
            self.held_at = now;
        }
        may_send
    }

    /// Whether the receiver has shown for a while that it reads what it is sent.
    pub fn keeps_up(&self) -> bool {
        self.acknowledged.is_some_and(|(_, at)| at.saturating_duration_since(self.held_at) >= KEEPING_UP)
    }

    /// When [`Flow::may_send`] changes its answer without an acknowledgement.
    pub fn reconsider_at(&self) -> Instant {
        self.acknowledged.map_or(self.opened + PROBATION, |(_, at)| at + SILENCE)
    }

    /// The window to ask for from now on, when it should change: narrow for a receiver that is behind, wide for one
    /// that keeps up, so that it costs little.
    pub fn change_window(&mut self, now: Instant) -> Option<u32> {
        self.acknowledged?;
        let keeps_up = now.saturating_duration_since(self.held_at) >= KEEPING_UP;
        let wanted = if keeps_up {
            ((self.pace / WIDE_PER_SECOND) as u32).clamp(8 * 1024, 512 * 1024)
        } else {
            ((self.best_pace / NARROW_PER_SECOND) as u32).clamp(4 * 1024, 16 * 1024)
        };
        // Small changes are not worth a message.
        let differs = wanted > self.window.saturating_mul(3) / 2 || wanted < self.window / 2;
        if !differs {
            return None;
        }
        self.window = wanted;
        Some(wanted)
    }

    /// What the receiver reads before it says so: what it was asked for, or more if it keeps to its own step.
    fn step(&self) -> u64 {
        self.steps.into_iter().max().unwrap_or(0).max(u64::from(self.window))
    }

    /// The pace of reading, not better than the silence since the last acknowledgement allows.
    fn pace_at(&self, waited: Duration) -> f64 {
        let silence = waited.saturating_sub(self.path).as_secs_f64();
        let most = self.step() as f64 / silence.max(0.001);
        self.pace.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver that reads at `pace(millis)` bytes a second and acknowledges as asked, over a path of 20 ms each way,
    /// fed `supply` bytes a second in bursts as far as the flow allows. Returns the longest that a byte lay unread after
    /// `from_ms`, and what was sent.
    fn run(pace: impl Fn(u64) -> u64, supply: u64, burst: u64, from_ms: u64) -> (Duration, u64) {
        const PATH_MS: u64 = 20;
        let start = Instant::now();
        let mut flow = Flow::new(start);
        let (mut sent, mut read, mut acknowledged, mut supplied) = (0_u64, 0_u64, 0, 0_u64);
        let mut window = u64::from(FIRST_WINDOW);
        let mut under_way: VecDeque<(u64, u64)> = VecDeque::new();
        let mut words: VecDeque<(u64, u64)> = VecDeque::new();
        let mut arrived = 0;
        let mut greatest = Duration::ZERO;
        for millis in 0..30_000_u64 {
            let now = start + Duration::from_millis(millis);
            while under_way.front().is_some_and(|(at, _)| *at <= millis) {
                arrived = under_way.pop_front().unwrap().1;
            }
            read = (read + pace(millis) / 1_000).min(arrived);
            if read - acknowledged >= window {
                acknowledged = read;
                words.push_back((millis + PATH_MS, read));
            }
            while words.front().is_some_and(|(at, _)| *at <= millis) {
                flow.note_acknowledged(words.pop_front().unwrap().1, now);
                window = flow.change_window(now).map_or(window, u64::from);
            }
            supplied += supply / 1_000;
            // What is not sent within a second is skipped, as in the ring.
            supplied = supplied.min(sent + supply);
            if supplied >= sent + burst && flow.may_send(now) {
                sent += burst;
                under_way.push_back((millis + PATH_MS, sent));
                flow.note_sent(sent, now);
            }
            if millis >= from_ms {
                let unread = Duration::from_secs_f64((arrived - read) as f64 / pace(millis) as f64);
                greatest = greatest.max(unread);
            }
        }
        (greatest, sent)
    }

    #[test]
    fn what_a_slow_receiver_has_not_read_is_bounded_in_time() {
        let (delay, sent) = run(|_| 62_500, 625_000, 20_000, 0);
        assert!(delay < Duration::from_secs(2), "{delay:?}");
        assert!(sent > 62_500 * 25, "its own pace is used: {sent}");
        let (later, _) = run(|_| 62_500, 625_000, 20_000, 5_000);
        assert!(later < Duration::from_millis(1_200), "{later:?}");
    }

    #[test]
    fn a_receiver_that_becomes_slow_is_noticed_before_much_lies_unread() {
        let becomes_slow = |millis| if millis < 10_000 { 6_000_000 } else { 62_500 };
        let (delay, _) = run(becomes_slow, 625_000, 20_000, 10_000);
        assert!(delay < Duration::from_millis(2_900), "{delay:?}");
    }

    #[test]
    fn a_receiver_that_keeps_up_is_never_held_back_for_long() {
        let (_, sent) = run(|_| 6_000_000, 625_000, 20_000, 0);
        assert!(sent >= 625_000 * 29, "{sent}");
    }

    #[test]
    fn a_receiver_that_recovers_gets_everything_again() {
        let recovers = |millis| if millis < 10_000 { 62_500 } else { 6_000_000 };
        let (_, sent) = run(recovers, 625_000, 20_000, 0);
        assert!(sent >= 625_000 * 19, "{sent}");
    }

    #[test]
    fn a_receiver_that_never_acknowledges_is_trusted_after_its_probation() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        flow.note_sent(PROBATION_BYTES, start);
        assert!(!flow.may_send(start));
        let later = flow.reconsider_at();
        assert!(flow.may_send(later));
        flow.note_sent(100 << 20, later);
        assert!(flow.may_send(later));
    }

    #[test]
    fn a_receiver_with_a_step_of_its_own_is_given_it() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        let (mut sent, mut acknowledged, mut held) = (0, 0, 0);
        for millis in 0..20_000_u64 {
            let now = start + Duration::from_millis(millis);
            if sent - acknowledged >= 256_000 {
                acknowledged = sent;
                flow.note_acknowledged(acknowledged, now);
            }
            let _ = flow.change_window(now);
            if millis * 250 > sent {
                if flow.may_send(now) {
                    sent += 8_000;
                    flow.note_sent(sent, now);
                } else {
                    held += 1;
                }
            }
        }
        assert!(held < 1_500, "held back for {held} ms in all");
        assert!(sent > 250 * 19_900, "{sent}");
    }

    #[test]
    fn a_receiver_that_stops_acknowledging_is_not_waited_for() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        flow.note_acknowledged(40_000, start + Duration::from_millis(100));
        flow.note_sent(1 << 20, start);
        assert!(!flow.may_send(start + Duration::from_millis(200)));
        assert!(flow.may_send(flow.reconsider_at()));
        flow.note_sent(1 << 24, start);
        assert!(flow.may_send(start + Duration::from_mins(1)));
    }

    #[test]
    fn a_receiver_that_keeps_up_is_asked_less_often() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        for tenth in 1..=50_u32 {
            flow.note_acknowledged(u64::from(tenth) * 62_500, start + Duration::from_millis(100) * tenth);
        }
        assert_eq!(flow.change_window(start + Duration::from_secs(5)), Some(78_125));
        assert_eq!(flow.change_window(start + Duration::from_secs(5)), None);
    }
}
