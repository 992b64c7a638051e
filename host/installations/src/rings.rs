//! How new versions go out: to 1 % of the installations first, then to 10 %, then to all.
//!
//! The way of a version is kept in the database (`rollouts`), so that it goes
//! on after a restart and is the same for every host. It moves to the next
//! ring after a soak time, and stops where too many installations had to be
//! rolled back from it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use neustream_catalogue::{Version, VersionState};
use neustream_contract::Digest;
use neustream_model::{InstallationId, TenantId, UnixMillis};
use neustream_store::{InstallationRow, RolloutRow, StoreError};
use sha2::{Digest as _, Sha256};

use crate::plan::is_refusal;
use crate::{Change, InstallationError, Installations};

/// Installations that are read at once.
const PAGE: u32 = 500;
/// Automatic upgrades of one step; the next step goes on.
const MAX_UPGRADES: usize = 200;
/// A version is halted when at least this part of those that were upgraded to it had to be rolled back.
const HALT_PERCENT: u64 = 10;

/// How new versions go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingSettings {
    /// How long a version stays in a ring before it moves on.
    pub soak: Duration,
}

impl Default for RingSettings {
    fn default() -> Self {
        Self { soak: Duration::from_hours(24) }
    }
}

/// How early an installation gets new versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ring {
    /// Among the first: the 1 %.
    First,
    /// Among the 10 %.
    Early,
    /// With everybody.
    All,
}

impl Ring {
    /// The ring of so many per cent.
    pub fn of_percent(percent: u64) -> Option<Self> {
        match percent {
            1 => Some(Self::First),
            10 => Some(Self::Early),
            100 => Some(Self::All),
            _ => None,
        }
    }

    /// 1, 10 or 100.
    pub fn percent(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Early => 10,
            Self::All => 100,
        }
    }

    /// The ring that comes after this one.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::First => Some(Self::Early),
            Self::Early => Some(Self::All),
            Self::All => None,
        }
    }
}

/// The ring of an installation: the one that its tenant chose, or else one by a hash of its id.
pub fn ring_of(row: &InstallationRow) -> Ring {
    row.ring.and_then(Ring::of_percent).unwrap_or_else(|| hashed(row.id))
}

fn hashed(id: InstallationId) -> Ring {
    let digest = Sha256::digest(id.to_string().as_bytes());
    let number = u64::from_be_bytes(*digest.first_chunk().expect("a SHA-256 has 32 bytes"));
    match number % 100 {
        0 => Ring::First,
        1..10 => Ring::Early,
        _ => Ring::All,
    }
}

/// The ring that a rollout moves on to at `now`, if it does.
pub fn next_ring(rollout: &RolloutRow, settings: &RingSettings, now: UnixMillis) -> Option<Ring> {
    let has_soaked = rollout.since.plus(settings.soak) <= now;
    if rollout.halted.is_some() || !has_soaked {
        return None;
    }
    Ring::of_percent(rollout.ring)?.next()
}

/// Why a rollout must stop, if it must.
pub fn halt_reason(rollout: &RolloutRow) -> Option<String> {
    let RolloutRow { upgraded, rolled_back, .. } = rollout;
    (*rolled_back > 0 && rolled_back * 100 >= upgraded * HALT_PERCENT)
        .then(|| format!("{rolled_back} of {upgraded} installations were rolled back for faults"))
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RingStep {
    /// Installations that were upgraded.
    pub upgraded: usize,
    /// Installations whose newer version needs their tenant's consent.
    pub waiting: usize,
}

/// What was looked up in one step.
#[derive(Default)]
struct Known {
    newest: HashMap<(TenantId, String), Option<Version>>,
    rollouts: HashMap<String, RolloutRow>,
    /// Versions that could not be made ready.
    unusable: HashSet<Digest>,
}

impl Installations {
    /// Brings new versions to the installations whose turn it is at `now`.
    ///
    /// # Errors
    /// The database's or the catalogue's; the next step goes on where this one ended.
    pub async fn ring_step(&self, now: UnixMillis) -> Result<RingStep, InstallationError> {
        let host = self.parts().store.host();
        let mut known = Known::default();
        let mut step = RingStep::default();
        let mut after = None;
        loop {
            let page = host.auto_upgraded_installations(after, PAGE).await?;
            for row in &page {
                if step.upgraded >= MAX_UPGRADES {
                    return Ok(step);
                }
                let Some(version) = self.due(row, &mut known, now).await? else { continue };
                match self.upgrade_by_itself(row, &version, now).await {
                    Ok(true) => {
                        host.count_upgrade(&version.package.digest.to_string()).await?;
                        step.upgraded += 1;
                    }
                    Ok(false) => step.waiting += 1,
                    // Somebody was faster, or removed it.
                    Err(InstallationError::Store(StoreError::Changed(_) | StoreError::NotFound(_))) => {}
                    Err(error) if error.is_outage() => return Err(error),
                    // One that is broken keeps nobody else from upgrading; a version that cannot be used here is not
                    // tried again for every installation.
                    Err(error) => {
                        tracing::warn!(installation = %row.id, %error, "an installation was not upgraded");
                        if let InstallationError::NotUsable(_) = error {
                            known.unusable.insert(version.package.digest);
                        }
                    }
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(last.id),
                _ => return Ok(step),
            }
        }
    }

    /// How far a version has gone out by itself; none where it has not begun to.
    ///
    /// # Errors
    /// The database's.
    pub async fn rollout(&self, digest: &Digest) -> Result<Option<RolloutRow>, InstallationError> {
        Ok(self.parts().store.host().rollout(&digest.to_string()).await?)
    }

    /// Lets a version that was halted go on, from the ring where it stopped. Installations that were rolled back from
    /// it stay where they are. None where it has not begun to go out.
    ///
    /// # Errors
    /// The database's.
    pub async fn resume_rollout(&self, digest: &Digest) -> Result<Option<RolloutRow>, InstallationError> {
        let resumed = self.parts().store.host().resume_rollout(&digest.to_string(), self.now()).await?;
        if let Some(rollout) = &resumed {
            tracing::info!(plugin = rollout.plugin, %digest, ring = rollout.ring, "a version goes on");
        }
        Ok(resumed)
    }

    /// The version that the installation is to be upgraded to at `now`.
    async fn due(
        &self,
        row: &InstallationRow,
        known: &mut Known,
        now: UnixMillis,
    ) -> Result<Option<Version>, InstallationError> {
        let key = (row.tenant_id, row.plugin.clone());
        if !known.newest.contains_key(&key) {
            let found = self.parts().catalogue.resolve(row.tenant_id, &row.plugin, None).await;
            let newest = match found {
                Ok(version) => Some(version),
                Err(error) if is_refusal(&error) => None,
                Err(error) => return Err(error.into()),
            };
            known.newest.insert(key.clone(), newest);
        }
        let Some(Some(version)) = known.newest.get(&key) else { return Ok(None) };
        let digest = version.package.digest.to_string();
        let is_wanted = version.state == VersionState::Verified
            && is_newer(&version.package.manifest.version, &row.version)
            && row.avoided_digest.as_deref() != Some(&digest)
            && !known.unusable.contains(&version.package.digest);
        if !is_wanted || self.runs_development(row).await? {
            return Ok(None);
        }
        let version = version.clone();
        if !known.rollouts.contains_key(&digest) {
            let rollout = self.rollout_at(&digest, &row.plugin, now).await?;
            known.rollouts.insert(digest.clone(), rollout);
        }
        let rollout = &known.rollouts[&digest];
        let is_reached = rollout.halted.is_none() && ring_of(row).percent() <= rollout.ring;
        Ok(is_reached.then_some(version))
    }

    /// Whether the installation runs what its tenant develops: nothing published takes its place by itself.
    async fn runs_development(&self, row: &InstallationRow) -> Result<bool, InstallationError> {
        match self.version_of(row).await {
            Ok(version) => Ok(version.is_development()),
            Err(error) if error.is_outage() => Err(error),
            // What is wrong with it shows when it is upgraded.
            Err(_) => Ok(false),
        }
    }

    /// The way of a version, moved on if it is time.
    async fn rollout_at(
        &self,
        digest: &str,
        plugin: &str,
        now: UnixMillis,
    ) -> Result<RolloutRow, InstallationError> {
        let host = self.parts().store.host();
        let rollout = host.ensure_rollout(digest, plugin, now).await?;
        let Some(next) = next_ring(&rollout, &self.parts().rings, now) else { return Ok(rollout) };
        if host.advance_rollout(digest, rollout.ring, next.percent(), now).await? {
            tracing::info!(plugin, digest, ring = next.percent(), "a version goes on to the next ring");
        }
        Ok(host.ensure_rollout(digest, plugin, now).await?)
    }

    /// Upgrades an installation if that needs nobody's consent; false where it does.
    async fn upgrade_by_itself(
        &self,
        row: &InstallationRow,
        version: &Version,
        now: UnixMillis,
    ) -> Result<bool, InstallationError> {
        let present = self.show(row.tenant_id, row.id).await?;
        if present.row.revision != row.revision {
            return Ok(false);
        }
        let plan = self.plan_to(&present, version).await?;
        if !plan.is_automatic() {
            if self.inner.watches.waits_anew(row.id, version.package.digest) {
                self.tell(&present.row, present.kind(), Change::UpgradeWaits);
            }
            return Ok(false);
        }
        self.switch_to(&present, version, &plan, "ring", now).await?;
        Ok(true)
    }
}

/// Whether `version` comes after `present` (Semantic Versioning 2.0.0, section 11).
pub(crate) fn is_newer(version: &str, present: &str) -> bool {
    match (semver::Version::parse(version), semver::Version::parse(present)) {
        (Ok(version), Ok(present)) => version > present,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout(ring: u64, upgraded: u64, rolled_back: u64) -> RolloutRow {
        RolloutRow {
            digest: String::new(),
            plugin: String::new(),
            ring,
            since: UnixMillis(1000),
            upgraded,
            rolled_back,
            halted: None,
        }
    }

    #[test]
    fn about_one_in_a_hundred_is_first_and_one_in_ten_early() {
        let rings: Vec<_> = (0..10_000).map(|_| hashed(InstallationId::new())).collect();
        let share = |up_to| rings.iter().filter(|ring| **ring <= up_to).count();
        assert!((50..200).contains(&share(Ring::First)), "{}", share(Ring::First));
        assert!((800..1200).contains(&share(Ring::Early)), "{}", share(Ring::Early));
        assert_eq!(share(Ring::All), 10_000);
    }

    #[test]
    fn an_installation_stays_in_its_ring() {
        let id = InstallationId::new();
        assert!((0..10).all(|_| hashed(id) == hashed(id)));
    }

    #[test]
    fn a_version_moves_on_after_its_soak_time_and_not_when_it_was_halted() {
        let settings = RingSettings { soak: Duration::from_secs(10) };
        assert_eq!(next_ring(&rollout(1, 1, 0), &settings, UnixMillis(10_999)), None);
        assert_eq!(next_ring(&rollout(1, 1, 0), &settings, UnixMillis(11_000)), Some(Ring::Early));
        assert_eq!(next_ring(&rollout(10, 1, 0), &settings, UnixMillis(11_000)), Some(Ring::All));
        assert_eq!(next_ring(&rollout(100, 1, 0), &settings, UnixMillis(11_000)), None);
        let halted = RolloutRow { halted: Some("faults".to_owned()), ..rollout(1, 1, 0) };
        assert_eq!(next_ring(&halted, &settings, UnixMillis(99_000)), None);
    }

    #[test]
    fn one_tenant_in_many_does_not_stop_a_version_for_all() {
        assert!(halt_reason(&rollout(1, 1, 1)).is_some());
        assert!(halt_reason(&rollout(1, 10, 1)).is_some());
        assert_eq!(halt_reason(&rollout(10, 11, 1)), None);
        assert_eq!(halt_reason(&rollout(10, 11, 0)), None);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(is_newer("1.10.0", "1.9.0"));
        assert!(!is_newer("1.9.0", "1.9.0"));
        assert!(!is_newer("2.0.0-beta", "2.0.0"));
        assert!(!is_newer("x", "1.0.0"));
    }
}
