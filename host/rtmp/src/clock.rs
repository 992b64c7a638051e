//! Timestamps beyond their 32 bits.
//!
//! RTMP counts milliseconds modulo 2^32 (49.7 days) and some encoders, ignorant of extended timestamps,
//! modulo 2^24 (4 h 39 min). A [`Clock`] continues both without a jump. It tolerates what publishers do:
//! sound and picture out of step, small steps back, even a restart at 0, which is passed on as it is.
//! Making a timeline that never goes back is absent: that is the broadcast's business.

/// Two times that are this close belong together, whatever the bits in between say.
const NEAR_MS: i64 = 60_000;

const WRAP_24: i64 = 1 << 24;

/// Unwraps the timestamps of one publisher, all tracks together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    last: Option<i64>,
    /// What 24-bit wraps have added to the publisher's own count.
    added: i64,
}

impl Clock {
    /// The time of `timestamp` on a scale that does not wrap.
    pub fn unwrap(&mut self, timestamp: u32) -> u64 {
        let Some(last) = self.last else {
            self.last = Some(i64::from(timestamp));
            return u64::from(timestamp);
        };
        let step = i64::from(timestamp.wrapping_sub((last - self.added) as u32) as i32);
        let is_near = |step: i64| step.abs() <= NEAR_MS;
        let wrapped = if is_near(step) {
            0
        } else if is_near(step + WRAP_24) {
            WRAP_24
        } else if is_near(step - WRAP_24) && self.added >= WRAP_24 {
            // A straggler from before the wrap.
            -WRAP_24
        } else {
            0
        };
        self.added += wrapped;
        let step = step + wrapped;
        let now = (last + step).max(0);
        // A time before the beginning moves the scale, so that later steps stay right.
        self.added += now - (last + step);
        self.last = Some(now);
        now as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unwrapped(timestamps: impl IntoIterator<Item = u32>) -> Vec<u64> {
        let mut clock = Clock::default();
        timestamps.into_iter().map(|timestamp| clock.unwrap(timestamp)).collect()
    }

    proptest! {
        #[test]
        fn time_continues_through_32_bit_wraps(start in 0..u32::MAX - 200_000, steps in prop::collection::vec(-500_i64..60_000, 1..200)) {
            let mut time = i64::from(start) + 500 * 200;
            let times: Vec<i64> = steps.iter().map(|step| { time += step; time }).collect();
            let got = unwrapped(times.iter().map(|time| *time as u32));
            let offset = times[0] - got[0] as i64;
            let back: Vec<i64> = got.iter().map(|time| *time as i64 + offset).collect();
            prop_assert_eq!(back, times);
        }

        #[test]
        fn any_sequence_of_timestamps_is_survived(timestamps in prop::collection::vec(any::<u32>(), 0..200)) {
            unwrapped(timestamps);
        }
    }

    #[test]
    fn an_encoder_that_wraps_at_24_bits_goes_on_without_a_jump() {
        let out_of_step = [16_777_190, 16_777_205, 5, 16_777_210, 25, 30, 45];
        let last: u64 = 1 << 24;
        assert_eq!(
            unwrapped(out_of_step),
            [last - 26, last - 11, last + 5, last - 6, last + 25, last + 30, last + 45]
        );
    }

    #[test]
    fn an_encoder_that_wraps_at_24_bits_twice_goes_on_twice() {
        let day = (0..3_000_u64).map(|n| n * 20_000);
        assert_eq!(unwrapped(day.clone().map(|time| (time % (1 << 24)) as u32)), day.collect::<Vec<_>>());
    }

    #[test]
    fn the_24_bit_boundary_is_nothing_special_to_an_honest_encoder() {
        assert_eq!(
            unwrapped([16_777_200, 16_777_214, 16_777_215, 16_777_216, 16_777_230]),
            [16_777_200, 16_777_214, 16_777_215, 16_777_216, 16_777_230]
        );
    }

    #[test]
    fn a_restart_at_zero_is_passed_on() {
        assert_eq!(unwrapped([3_000_000, 3_000_020, 0, 20]), [3_000_000, 3_000_020, 0, 20]);
    }

    #[test]
    fn a_step_before_the_beginning_stays_at_zero_and_steps_stay_right() {
        assert_eq!(unwrapped([0, 20, 4_294_967_286, 14]), [0, 20, 0, 24]);
    }
}
