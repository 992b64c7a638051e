//! What a plan makes of the ceilings of its tenants' plugins.

use serde::{Deserialize, Serialize};

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
