//! When to try again.

use std::time::Duration;

/// Attempts that follow each other after about a second, so that a short cut is over soon after it ends.
const QUICK_ATTEMPTS: u32 = 5;
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(30);

/// Waiting time before the attempt after `failures` failures in a row: about 1 s for the first five, then
/// doubling up to 30 s. `jitter` in `0.0..1.0` spreads destinations that fell together, within 1 to 30 s.
pub(crate) fn delay(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(QUICK_ATTEMPTS).min(5);
    let base = LEAST * 2_u32.pow(doublings);
    let spread = if doublings == 0 { 0.1 } else { 0.25 };
    let delay =
        if base >= MOST { MOST.mul_f64(1.0 - spread * jitter) } else { base.mul_f64(1.0 + spread * jitter) };
    delay.clamp(LEAST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_from_one_to_thirty_seconds() {
        let seconds: Vec<_> = (1..=12).map(|failures| delay(failures, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 1, 1, 1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn jitter_stays_within_the_bounds() {
        for failures in 0..100 {
            for jitter in [0.0, 0.5, 0.999] {
                let delay = delay(failures, jitter);
                assert!((LEAST..=MOST).contains(&delay), "{failures} {jitter} {delay:?}");
            }
        }
    }
}
