//! So many per key within a window, in memory of this process.
//!
//! A fixed window per key: simple to explain to whoever is refused, and
//! bounded. When more keys come than [`MAX_KEYS`], expired windows go first
//! and then all of them: a flood from that many networks is not what a limit
//! per address can stop. Several nodes each keep their own count.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Allowance;

/// How many keys are remembered.
const MAX_KEYS: usize = 50_000;

/// Counts per key.
pub(crate) struct Limiter<K> {
    allowance: Allowance,
    windows: Mutex<HashMap<K, Window>>,
}

struct Window {
    ends: Instant,
    taken: u32,
}

/// Nothing is left in this window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    /// How long until there is.
    pub retry_after: Duration,
}

impl<K: Eq + Hash> Limiter<K> {
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance, windows: Mutex::default() }
    }

    /// Takes one for `key` at `now`.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Exhausted> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_KEYS && !windows.contains_key(&key) {
            windows.retain(|_, window| window.ends > now);
            if windows.len() >= MAX_KEYS {
                windows.clear();
            }
        }
        let fresh = Window { ends: now + self.allowance.window, taken: 0 };
        let window = windows.entry(key).or_insert(fresh);
        if window.ends <= now {
            *window = Window { ends: now + self.allowance.window, taken: 0 };
        }
        if window.taken >= self.allowance.count {
            return Err(Exhausted { retry_after: window.ends - now });
        }
        window.taken += 1;
        Ok(())
    }

    /// Gives one back that was taken for `key`.
    pub fn give_back(&self, key: &K) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(key) {
            window.taken = window.taken.saturating_sub(1);
        }
    }
}

/// The part of an address that one customer of a network holds: the whole of IPv4, the first 64 bits of IPv6.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(15);

    fn limiter<K: Eq + Hash>(count: u32) -> Limiter<K> {
        Limiter::new(Allowance { count, window: WINDOW })
    }

    #[test]
    fn a_key_has_its_allowance_in_every_window() {
        let limiter = limiter(2);
        let start = Instant::now();
        assert!(limiter.take("a", start).is_ok());
        assert!(limiter.take("a", start + Duration::from_mins(5)).is_ok());
        let refused = limiter.take("a", start + Duration::from_mins(10)).unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_mins(5));
        assert!(limiter.take("b", start + Duration::from_mins(10)).is_ok());
        assert!(limiter.take("a", start + WINDOW).is_ok());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let limiter = limiter(1);
        let now = Instant::now();
        assert!(limiter.take("a", now).is_ok());
        limiter.give_back(&"a");
        limiter.give_back(&"a");
        assert!(limiter.take("a", now).is_ok());
        assert!(limiter.take("a", now).is_err());
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let limiter = limiter(1);
        let now = Instant::now();
        for key in 0..MAX_KEYS + 10 {
            assert!(limiter.take(key, now).is_ok());
        }
        assert!(limiter.windows.lock().unwrap().len() <= MAX_KEYS);
    }

    #[test]
    fn addresses_of_one_customer_count_together() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
