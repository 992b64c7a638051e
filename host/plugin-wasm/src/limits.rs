//! Ceilings that all calls share, and the limiter that holds an instance to its memory. What differs by kind and plan
//! is the contract's: [`neustream_contract::Ceilings`].

use std::time::Duration;

pub(crate) use neustream_contract::MAX_MEMORY_BYTES;
pub(crate) use neustream_contract::package::MAX_NATIVE_PACKAGE_BYTES;
use wasmtime::ResourceLimiter;

/// Requests that one call may make.
pub(crate) const MAX_REQUESTS: u32 = 20;
/// Bytes that one host call may bring from the guest.
pub(crate) const HOST_CALL_FUEL: usize = 4 << 20;
/// Component-model handles that one call may hold.
pub(crate) const MAX_HANDLES: usize = 256;
/// The largest request body.
pub(crate) const MAX_REQUEST_BODY_BYTES: usize = 1 << 20;
/// The largest response body.
pub(crate) const MAX_RESPONSE_BODY_BYTES: usize = 4 << 20;
/// The largest state that a destination adapter may keep.
pub(crate) const MAX_BROADCAST_STATE_BYTES: usize = 16 << 10;
/// Log bytes of one call.
pub(crate) const MAX_LOG_BYTES_PER_CALL: usize = 8 << 10;

/// Fuel for a millisecond of computing: an instruction costs one unit, a byte of a bulk operation another. A core
/// of 2025 runs from one to three units a nanosecond, so this errs toward less time.
const FUEL_PER_MS: u64 = 1_000_000;

/// CPU time as fuel.
pub(crate) fn fuel(cpu: Duration) -> u64 {
    u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX).saturating_mul(FUEL_PER_MS / 1000)
}

/// Counts linear memory and tables of one store against its ceiling, and remembers a refusal.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    ceiling_bytes: usize,
    used_bytes: usize,
    table_elements: usize,
    was_refused: bool,
}

/// Table elements of all tables of a store; each costs eight bytes of the host.
const MAX_TABLE_ELEMENTS: usize = 40_000;

impl MemoryLimiter {
    pub(crate) fn new(ceiling_bytes: usize) -> Self {
        Self { ceiling_bytes, used_bytes: 0, table_elements: 0, was_refused: false }
    }

    /// Whether the guest was refused memory: what most guests answer with a trap.
    pub(crate) fn was_refused(&self) -> bool {
        self.was_refused
    }

    /// Linear memory, which never shrinks.
    pub(crate) fn used_bytes(&self) -> usize {
        self.used_bytes
    }

    fn grown(used: &mut usize, ceiling: usize, current: usize, desired: usize) -> bool {
        let wanted = used.saturating_add(desired.saturating_sub(current));
        let fits = wanted <= ceiling;
        if fits {
            *used = wanted;
        }
        fits
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = Self::grown(&mut self.used_bytes, self.ceiling_bytes, current, desired);
        self.was_refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = Self::grown(&mut self.table_elements, MAX_TABLE_ELEMENTS, current, desired);
        self.was_refused |= !fits;
        Ok(fits)
    }

    // Enough for components with a Python engine, which have some 80 core instances.
    fn instances(&self) -> usize {
        100
    }

    fn tables(&self) -> usize {
        100
    }

    fn memories(&self) -> usize {
        4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = MemoryLimiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.was_refused());
        assert!(limiter.memory_growing(60, 100, None).unwrap());
        assert!(!limiter.memory_growing(100, usize::MAX, None).unwrap());
    }
}
