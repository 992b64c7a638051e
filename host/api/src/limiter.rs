//! So many per key within a window, in memory of this process.
//!
//! Fixed windows per key, which begin with its first request: simple to explain
//! to whoever is refused, and bounded. A key may have several (so many a minute
//! and so many an hour); a request counts in all of them or in none. When more
//! keys come than [`MAX_KEYS`], expired windows go first and then all of them: a
//! flood from that many networks is not what a limit per address can stop.
//! Counts that several nodes share are in `rate_shared`.

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
    allowances: Vec<Allowance>,
    keys: Mutex<HashMap<K, Vec<Window>>>,
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

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Of which allowance.
    pub allowance: Allowance,
    /// How many more are taken in this window.
    pub remaining: u32,
    /// How long until the window ends.
    pub reset: Duration,
}

/// Whether one was taken, and how the tightest window stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Whether there was one to take.
    pub is_admitted: bool,
    /// The window that is used up first; where nothing was left, the one that is so the longest.
    pub tightest: Quota,
}

impl Taken {
    /// Sums up windows: how many were taken of each, this one included where it was admitted, and when it ends.
    /// `None` without windows.
    pub fn of(
        is_admitted: bool,
        windows: impl IntoIterator<Item = (Allowance, u32, Duration)>,
    ) -> Option<Self> {
        let quotas = windows.into_iter().map(|(allowance, taken, reset)| Quota {
            allowance,
            remaining: allowance.count.saturating_sub(taken),
            reset,
        });
        let tightest = quotas.min_by_key(|quota| (quota.remaining, std::cmp::Reverse(quota.reset)))?;
        Some(Self { is_admitted, tightest })
    }
}

impl<K: Eq + Hash> Limiter<K> {
    /// One allowance for every key.
    pub fn new(allowance: Allowance) -> Self {
        Self::with(vec![allowance])
    }

    /// Several allowances for every key, all of which hold. None: no limit, but for keys with allowances of their own
    /// ([`Self::take_of`]).
    pub fn with(allowances: Vec<Allowance>) -> Self {
        Self { allowances, keys: Mutex::default() }
    }

    /// Takes one for `key` at `now`.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Exhausted> {
        match self.take_of(key, &self.allowances, now) {
            Some(Taken { is_admitted: false, tightest }) => Err(Exhausted { retry_after: tightest.reset }),
            _ => Ok(()),
        }
    }

    /// Takes one for `key` at `now`, of these allowances; `None` where there are none, so that there is no limit.
    pub fn take_of(&self, key: K, allowances: &[Allowance], now: Instant) -> Option<Taken> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_KEYS && !keys.contains_key(&key) {
            keys.retain(|_, windows| windows.iter().any(|window| window.ends > now));
            if keys.len() >= MAX_KEYS {
                keys.clear();
            }
        }
        let windows = keys.entry(key).or_default();
        windows.truncate(allowances.len());
        for (index, allowance) in allowances.iter().enumerate() {
            let fresh = Window { ends: now + allowance.window, taken: 0 };
            match windows.get_mut(index) {
                None => windows.push(fresh),
                Some(window) if window.ends <= now => *window = fresh,
                Some(_) => {}
            }
        }
        let is_admitted =
            allowances.iter().zip(&*windows).all(|(allowance, window)| window.taken < allowance.count);
        if is_admitted {
            for window in windows.iter_mut() {
                window.taken += 1;
            }
        }
        let stand = allowances.iter().zip(&*windows);
        Taken::of(is_admitted, stand.map(|(allowance, window)| (*allowance, window.taken, window.ends - now)))
    }

    /// Gives one back that was taken for `key`.
    pub fn give_back(&self, key: &K) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for window in keys.get_mut(key).into_iter().flatten() {
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
    fn a_request_counts_in_all_windows_or_in_none() {
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        let allowances = [Allowance { count: 2, window: minute }, Allowance { count: 3, window: hour }];
        let limiter = Limiter::with(Vec::new());
        let start = Instant::now();
        let take = |after: Duration| limiter.take_of("a", &allowances, start + after).unwrap();

        let first = take(Duration::ZERO);
        assert_eq!((first.is_admitted, first.tightest.remaining), (true, 1));
        assert_eq!(first.tightest.allowance.window, minute);
        assert!(take(Duration::ZERO).is_admitted);
        for _ in 0..10 {
            let refused = take(Duration::from_secs(20));
            assert!(!refused.is_admitted);
            assert_eq!(refused.tightest.reset, Duration::from_secs(40));
        }
        // What was refused in the minute was not taken of the hour.
        let third = take(minute);
        assert_eq!((third.is_admitted, third.tightest.remaining), (true, 0));
        let refused = take(minute);
        assert_eq!((refused.is_admitted, refused.tightest.reset), (false, Duration::from_mins(59)));
    }

    #[test]
    fn without_allowances_there_is_no_limit() {
        assert_eq!(Limiter::with(Vec::new()).take_of("a", &[], Instant::now()), None);
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
        assert!(limiter.keys.lock().unwrap().len() <= MAX_KEYS);
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
