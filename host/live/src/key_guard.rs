//! Refuses addresses that guess stream keys.
//!
//! A key has 256 random bits, so this is not what keeps guessers out; it keeps
//! their load away from the directory. The table is bounded: when it is full,
//! the address that failed longest ago is forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_mins(1);
const MAX_ADDRESSES: usize = 10_000;

/// Counts failures per address within a minute.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    allowed: u32,
    failures: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl KeyGuard {
    /// Allows `allowed` failures a minute.
    pub fn new(allowed: u32) -> Self {
        Self { allowed, failures: Mutex::default() }
    }

    /// Whether `address` may try.
    pub fn may_try(&self, address: IpAddr, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(&network(address)).is_none_or(|(since, count)| {
            *count < self.allowed || now.saturating_duration_since(*since) >= WINDOW
        })
    }

    /// Notes a wrong key from `address`.
    pub fn note_failure(&self, address: IpAddr, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_ADDRESSES && !failures.contains_key(&network(address)) {
            let oldest = failures.iter().min_by_key(|(_, (since, _))| *since).map(|(address, _)| *address);
            oldest.map(|address| failures.remove(&address));
        }
        let entry = failures.entry(network(address)).or_insert((now, 0));
        if now.saturating_duration_since(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

/// An IPv6 customer holds at least a /64: its addresses count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()), IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_refused_after_its_failures_and_heard_again_a_minute_later() {
        let guard = KeyGuard::new(3);
        let address = IpAddr::from([192, 0, 2, 1]);
        let now = Instant::now();
        for _ in 0..3 {
            assert!(guard.may_try(address, now));
            guard.note_failure(address, now);
        }
        assert!(!guard.may_try(address, now));
        assert!(guard.may_try(IpAddr::from([192, 0, 2, 2]), now));
        assert!(guard.may_try(address, now + WINDOW));
    }

    #[test]
    fn the_table_is_bounded() {
        let guard = KeyGuard::new(3);
        let now = Instant::now();
        for index in 0..MAX_ADDRESSES as u32 + 10 {
            guard.note_failure(IpAddr::from(index.to_be_bytes()), now);
        }
        assert_eq!(guard.failures.lock().unwrap().len(), MAX_ADDRESSES);
    }
}
