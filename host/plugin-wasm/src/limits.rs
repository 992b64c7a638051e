//! Ceilings of a call, by kind and plan, and the limiter that holds an instance to its memory.

use std::time::Duration;

use neustream_contract::manifest::Kind;
pub(crate) use neustream_contract::package::MAX_NATIVE_PACKAGE_BYTES;
use neustream_contract::{Package, PlanCeilings};
use wasmtime::ResourceLimiter;

use crate::plugin::has_script_engine;

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
/// The largest memory that a plan may grant; also what the engines reserve.
pub(crate) const MAX_MEMORY_BYTES: usize = 64 << 20;

/// Fuel for a millisecond of computing: an instruction costs one unit, a byte of a bulk operation another. A core
/// of 2025 runs from one to three units a nanosecond, so this errs toward less time.
const FUEL_PER_MS: u64 = 1_000_000;

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    /// Linear memory, all memories of the instance together.
    pub memory_bytes: usize,
    /// CPU time. With fuel it is only what the fuel was made from.
    pub cpu: Duration,
    /// Wall-clock time.
    pub wall: Duration,
}

impl Ceilings {
    /// What a call of this package may use where its tenant's plan changes nothing.
    pub fn of_package(package: &Package, bytes: &[u8]) -> Self {
        let manifest = &package.manifest;
        Self::of(manifest.kind, has_script_engine(bytes)).lowered_to(manifest.limits.memory_mib)
    }

    /// The defaults of `kind`. The engine of a scripting language has 9 to 13 MiB before its first call, and needs
    /// some 30 instructions where a filter in Rust needs one; the CPU time of a chat's call includes making it ready.
    pub(crate) fn of(kind: Kind, has_script_engine: bool) -> Self {
        let (memory_mib, cpu_ms, wall_ms) = match kind {
            Kind::Destination if has_script_engine => (64, 100, 10_000),
            Kind::Destination => (32, 100, 10_000),
            Kind::Payment if has_script_engine => (64, 100, 30_000),
            Kind::Payment => (32, 100, 30_000),
            Kind::Chat if has_script_engine => (64, 50, 100),
            Kind::Chat => (16, 20, 100),
            Kind::Moderation if has_script_engine => (64, 60, 200),
            Kind::Moderation => (16, 10, 50),
        };
        Self {
            memory_bytes: memory_mib << 20,
            cpu: Duration::from_millis(cpu_ms),
            wall: Duration::from_millis(wall_ms),
        }
    }

    /// As the tenant's plan scales them.
    #[must_use]
    pub(crate) fn scaled(self, plan: &PlanCeilings) -> Self {
        let memory_bytes = self.memory_bytes * plan.memory_percent as usize / 100;
        Self {
            memory_bytes: memory_bytes.min(MAX_MEMORY_BYTES),
            cpu: self.cpu * plan.cpu_percent / 100,
            wall: self.wall * plan.wall_percent / 100,
        }
    }

    /// With the manifest's lower memory limit, where it has one.
    #[must_use]
    pub(crate) fn lowered_to(mut self, memory_mib: Option<u32>) -> Self {
        if let Some(mib) = memory_mib {
            self.memory_bytes = self.memory_bytes.min((mib as usize) << 20);
        }
        self
    }

    /// The CPU time as fuel.
    pub(crate) fn fuel(&self) -> u64 {
        u64::try_from(self.cpu.as_micros()).unwrap_or(u64::MAX).saturating_mul(FUEL_PER_MS / 1000)
    }
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

    #[test]
    fn a_manifest_lowers_its_ceiling_and_never_raises_it() {
        let ceilings = Ceilings::of(Kind::Destination, false);
        assert_eq!(ceilings.lowered_to(Some(8)).memory_bytes, 8 << 20);
        assert_eq!(ceilings.lowered_to(Some(4000)).memory_bytes, 32 << 20);
    }

    #[test]
    fn a_plan_scales_ceilings_and_memory_stays_within_what_is_reserved() {
        let plan = PlanCeilings {
            cpu_percent: 50,
            wall_percent: 200,
            memory_percent: 400,
            ..PlanCeilings::default()
        };
        let ceilings = Ceilings::of(Kind::Chat, false).scaled(&plan);
        assert_eq!(ceilings.memory_bytes, 64 << 20);
        assert_eq!((ceilings.cpu.as_millis(), ceilings.wall.as_millis()), (10, 200));
        assert_eq!(Ceilings::of(Kind::Payment, false).scaled(&plan).memory_bytes, MAX_MEMORY_BYTES);
    }
}
