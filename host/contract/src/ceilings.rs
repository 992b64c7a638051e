//! What one call of a plugin may use, by kind, and what a plan makes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Kind, Package};

/// The largest memory that a plan may grant: what hosts reserve for an instance.
pub const MAX_MEMORY_BYTES: usize = 64 << 20;

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    /// Linear memory, all memories of the instance together.
    pub memory_bytes: usize,
    /// CPU time; where a host counts instructions, only what their number was made from.
    pub cpu: Duration,
    /// Wall-clock time.
    pub wall: Duration,
}

impl Ceilings {
    /// What a call of `package` may use for a tenant with this plan: what its kind has, as the plan scales it, with the
    /// manifest's memory limit where that is lower.
    pub fn of(package: &Package, plan: &PlanCeilings) -> Self {
        let mut ceilings = Self::of_kind(package.manifest.kind, package.has_script_engine()).scaled(plan);
        if let Some(mib) = package.manifest.limits.memory_mib {
            ceilings.memory_bytes = ceilings.memory_bytes.min((mib as usize) << 20);
        }
        ceilings
    }

    /// The engine of a scripting language has 9 to 13 MiB before its first call, and needs some 30 instructions where
    /// a filter in Rust needs one; the CPU time of a chat's call includes making it ready.
    fn of_kind(kind: Kind, has_script_engine: bool) -> Self {
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

    fn scaled(self, plan: &PlanCeilings) -> Self {
        let memory_bytes = self.memory_bytes * plan.memory_percent as usize / 100;
        Self {
            memory_bytes: memory_bytes.min(MAX_MEMORY_BYTES),
            cpu: self.cpu * plan.cpu_percent / 100,
            wall: self.wall * plan.wall_percent / 100,
        }
    }
}

/// Factors in per cent of the defaults of a plugin's kind, and what all plugins of a tenant share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanCeilings {
    /// CPU time of a call.
    pub cpu_percent: u32,
    /// Wall-clock time of a call.
    pub wall_percent: u32,
    /// Memory of an instance; no more than 64 MiB come of it.
    pub memory_percent: u32,
    /// Calls of the tenant at the same time.
    pub calls: u32,
    /// Installations of the tenant.
    pub installations: u32,
}

impl Default for PlanCeilings {
    fn default() -> Self {
        Self { cpu_percent: 100, wall_percent: 100, memory_percent: 100, calls: 4, installations: 50 }
    }
}

impl PlanCeilings {
    /// What is wrong with these figures: the field and what it must be.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        let percent = 10..=400;
        match self {
            _ if !percent.contains(&self.cpu_percent) => Some(("cpu_percent", "must be from 10 to 400")),
            _ if !percent.contains(&self.wall_percent) => Some(("wall_percent", "must be from 10 to 400")),
            _ if !percent.contains(&self.memory_percent) => {
                Some(("memory_percent", "must be from 10 to 400"))
            }
            _ if !(1..=64).contains(&self.calls) => Some(("calls", "must be from 1 to 64")),
            _ if !(1..=1000).contains(&self.installations) => {
                Some(("installations", "must be from 1 to 1000"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigSchema;
    use crate::package::MAX_NATIVE_PACKAGE_BYTES;
    use crate::{Digest, Manifest};

    fn package(kind: &str, memory_mib: u32, content_len: usize) -> Package {
        let manifest = format!(
            "schema = 1\nid = \"acme/x\"\nversion = \"1.0.0\"\nkind = \"{kind}\"\nname = \"X\"\nlicense = \"MIT\"\n\
             [limits]\nmemory-mib = {memory_mib}\n"
        );
        Package {
            manifest: Manifest::from_toml(&manifest).unwrap(),
            config_schema: ConfigSchema::empty(),
            digest: Digest::of(b""),
            signature: None,
            content_len,
        }
    }

    #[test]
    fn a_manifest_lowers_its_memory_and_never_raises_it() {
        let plan = PlanCeilings::default();
        assert_eq!(Ceilings::of(&package("destination", 8, 0), &plan).memory_bytes, 8 << 20);
        assert_eq!(Ceilings::of(&package("destination", 4000, 0), &plan).memory_bytes, 32 << 20);
    }

    #[test]
    fn a_plan_scales_ceilings_and_memory_stays_within_what_is_reserved() {
        let plan = PlanCeilings {
            cpu_percent: 50,
            wall_percent: 200,
            memory_percent: 400,
            ..PlanCeilings::default()
        };
        let chat = Ceilings::of(&package("chat", 4000, 0), &plan);
        assert_eq!(chat.memory_bytes, 64 << 20);
        assert_eq!((chat.cpu.as_millis(), chat.wall.as_millis()), (10, 200));
        assert_eq!(Ceilings::of(&package("payment", 4000, 0), &plan).memory_bytes, MAX_MEMORY_BYTES);
        assert_eq!(Ceilings::of(&package("payment", 8, 0), &plan).memory_bytes, 8 << 20);
    }

    #[test]
    fn the_engine_of_a_scripting_language_has_more_of_everything() {
        let plan = PlanCeilings::default();
        let native = Ceilings::of(&package("moderation", 4000, MAX_NATIVE_PACKAGE_BYTES), &plan);
        let scripted = Ceilings::of(&package("moderation", 4000, MAX_NATIVE_PACKAGE_BYTES + 1), &plan);
        assert_eq!((native.cpu.as_millis(), native.wall.as_millis()), (10, 50));
        assert_eq!((scripted.cpu.as_millis(), scripted.wall.as_millis()), (60, 200));
    }
}
