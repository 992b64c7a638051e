//! What a destination has been sent and has not read, by its own acknowledgements.
//!
//! The kernel of a slow receiver takes data long before the receiver reads it:
//! hundreds of kilobytes, which at a tenth of the bitrate are many seconds.
//! No socket option of ours shortens that. RTMP acknowledgements (5.4.3) count
//! what the receiver has really read, so what is unread divided by the pace of
//! reading is how old the next byte will be when it is read, and the feed stops
//! before that becomes too old. Frames that wait are then skipped in the ring.
//!
//! Receivers differ: one that acknowledges in steps of its own is given its
//! step, one that never does is trusted after [`PROBATION`], one that stops
//! after [`SILENCE`].
//! No clock: `now` is an argument.

use std::time::{Duration, Instant};

/// How old the next byte may become between us and the receiver's reader.
const MAX_DELAY: Duration = Duration::from_millis(500);
/// How long a receiver has to show that it acknowledges, and what it gets until then.
const PROBATION: Duration = Duration::from_secs(1);
/// A receiver that owes a word for so long will not say it: it acknowledged once by chance.
const SILENCE: Duration = Duration::from_secs(2);
const PROBATION_BYTES: u64 = 160 * 1024;
/// Acknowledgements that a receiver is asked for, in bytes: at first, of one that is behind, of one that keeps up.
const FIRST_WINDOW: u32 = 32 * 1024;
const NARROW_WINDOW: u32 = 16 * 1024;
const WIDEST_WINDOW: u32 = 512 * 1024;
/// One that keeps up acknowledges about so many times a second.
const ACKNOWLEDGEMENTS_PER_SECOND: u32 = 4;
/// How long a receiver must have kept up before it is asked less often.
const KEEPING_UP: Duration = Duration::from_secs(2);

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Flow {
    opened: Instant,
    sent: u64,
    /// What was acknowledged last, and when.
    acknowledged: Option<(u64, Instant)>,
    bytes_per_second: f64,
    window: u32,
    /// What the last acknowledgements covered each: some receivers keep to a step of their own.
    steps: [u64; 3],
    /// The receiver has acknowledged and stopped doing so: its word is not waited for any more.
    is_mute: bool,
    /// When sending was last held back.
    held_at: Instant,
}

impl Flow {
    pub fn new(now: Instant) -> Self {
        Self {
            opened: now,
            sent: 0,
            acknowledged: None,
            bytes_per_second: 0.0,
            window: FIRST_WINDOW,
            steps: [0; 3],
            is_mute: false,
            held_at: now,
        }
    }

    /// So many bytes left in all.
    pub fn note_sent(&mut self, total: u64) {
        self.sent = total;
    }

    /// The receiver has read so many bytes in all.
    pub fn note_acknowledged(&mut self, total: u64, now: Instant) {
        let (before, since) = self.acknowledged.unwrap_or((0, self.opened));
        self.acknowledged = Some((total, now));
        self.steps.rotate_left(1);
        self.steps[2] = total.saturating_sub(before);
        let seconds = now.saturating_duration_since(since).as_secs_f64().max(0.001);
        let measured = total.saturating_sub(before) as f64 / seconds;
        let is_first = self.bytes_per_second == 0.0;
        self.bytes_per_second =
            if is_first { measured } else { 0.5f64.mul_add(measured, 0.5 * self.bytes_per_second) };
    }

    /// Whether more may be sent now.
    pub fn may_send(&mut self, now: Instant) -> bool {
        let may_send = match self.acknowledged {
            None => self.sent < PROBATION_BYTES || now.saturating_duration_since(self.opened) >= PROBATION,
            Some(_) if self.is_mute => true,
            Some((acknowledged, at)) => {
                // The receiver owes no word on what is less than its step.
                let unread = self.sent.saturating_sub(acknowledged).saturating_sub(self.step());
                let may_send = unread as f64 <= self.bytes_per_second * MAX_DELAY.as_secs_f64();
                self.is_mute = !may_send && now.saturating_duration_since(at) >= SILENCE;
                may_send || self.is_mute
            }
        };
        if !may_send {
            self.held_at = now;
        }
        may_send
    }

    /// What the receiver reads before it says so: what it was asked for, or more if it keeps to its own step.
    fn step(&self) -> u64 {
        self.steps.into_iter().max().unwrap_or(0).max(u64::from(self.window))
    }

    /// Whether the receiver has shown for a while that it reads what it is sent.
    pub fn keeps_up(&self) -> bool {
        self.acknowledged.is_some_and(|(_, at)| at.saturating_duration_since(self.held_at) >= KEEPING_UP)
    }

    /// When [`Flow::may_send`] changes its answer without an acknowledgement.
    pub fn reconsider_at(&self) -> Instant {
        self.acknowledged.map_or(self.opened + PROBATION, |(_, at)| at + SILENCE)
    }

    /// The window to ask for from now on, when it should change: narrow for a receiver that is behind, so that its
    /// pace is known well, wide for one that keeps up, so that it costs little.
    pub fn change_window(&mut self, now: Instant) -> Option<u32> {
        self.acknowledged?;
        let keeps_up = now.saturating_duration_since(self.held_at) >= KEEPING_UP;
        let wide =
            (self.bytes_per_second as u32 / ACKNOWLEDGEMENTS_PER_SECOND).clamp(FIRST_WINDOW, WIDEST_WINDOW);
        let wanted = if keeps_up { wide } else { NARROW_WINDOW };
        // Small changes are not worth a message.
        let differs = wanted > self.window.saturating_mul(2) || wanted < self.window / 2;
        if !differs {
            return None;
        }
        self.window = wanted;
        Some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver that reads `pace` bytes a second and acknowledges every window, fed whatever the flow allows.
    fn greatest_delay(pace: u64, supply: u64, burst: u64) -> (Duration, u64) {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        let (mut sent, mut read, mut acknowledged) = (0, 0, 0);
        let mut window = u64::from(FIRST_WINDOW);
        let mut greatest = Duration::ZERO;
        for millis in 0..20_000_u64 {
            let now = start + Duration::from_millis(millis);
            read = (read + pace / 1_000).min(sent);
            if read - acknowledged >= window {
                acknowledged = read;
                flow.note_acknowledged(read, now);
            }
            if let Some(asked) = flow.change_window(now) {
                window = u64::from(asked);
            }
            let is_due = millis * supply / 1_000 > sent;
            if is_due && flow.may_send(now) {
                sent += burst;
                flow.note_sent(sent);
            }
            greatest = greatest.max(Duration::from_secs_f64((sent - read) as f64 / pace as f64));
        }
        (greatest, sent)
    }

    #[test]
    fn what_a_slow_receiver_has_not_read_is_bounded_in_time() {
        let (delay, sent) = greatest_delay(62_500, 625_000, 20_000);
        assert!(delay < Duration::from_millis(3_000), "{delay:?}");
        assert!(sent > 62_500 * 18, "its own pace is used: {sent}");
    }

    #[test]
    fn a_receiver_that_keeps_up_is_never_held_back_for_long() {
        let (_, sent) = greatest_delay(6_000_000, 625_000, 20_000);
        assert!(sent >= 625_000 * 19, "{sent}");
    }

    #[test]
    fn a_receiver_that_never_acknowledges_is_trusted_after_its_probation() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        flow.note_sent(PROBATION_BYTES);
        assert!(!flow.may_send(start));
        let later = flow.reconsider_at();
        assert!(flow.may_send(later));
        flow.note_sent(100 << 20);
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
                    flow.note_sent(sent);
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
        flow.note_sent(1 << 20);
        assert!(!flow.may_send(start + Duration::from_millis(200)));
        assert!(flow.may_send(flow.reconsider_at()));
        flow.note_sent(1 << 24);
        assert!(flow.may_send(start + Duration::from_secs(60)));
    }

    #[test]
    fn a_receiver_that_keeps_up_is_asked_less_often() {
        let start = Instant::now();
        let mut flow = Flow::new(start);
        for tenth in 1..=50_u32 {
            flow.note_acknowledged(u64::from(tenth) * 62_500, start + Duration::from_millis(100) * tenth);
        }
        assert_eq!(flow.change_window(start + Duration::from_secs(5)), Some(625_000 / 4));
        assert_eq!(flow.change_window(start + Duration::from_secs(5)), None);
    }
}
