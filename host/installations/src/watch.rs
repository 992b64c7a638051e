//! Watching an installation after an upgrade, and taking the upgrade back by itself.
//!
//! What an installation did comes from the runtime in steps; those after its
//! upgrade are added up here and compared with the days before. Each host
//! watches the calls that it makes itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use neustream_catalogue::CatalogueError;
use neustream_contract::{Activity, BreakerState, Digest};
use neustream_model::{InstallationId, Reason, UnixMillis};
use neustream_store::{InstallationRow, StoreError};

use crate::rings::halt_reason;
use crate::{InstallationError, InstallationView, Installations, RollbackRequest};

/// Days before an upgrade that the faults after it are compared with.
const BASELINE_DAYS: u64 = 7;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Installations that wait for consent and were told of it; beyond, they are told again.
const MAX_TOLD: usize = 10_000;

/// When an upgrade is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchSettings {
    /// How long an installation is watched.
    pub window: Duration,
    /// Fewer faults mean nothing.
    pub min_faults: u64,
    /// Faults in a hundred calls that are always too many, unless it was as bad before.
    pub max_fault_percent: u64,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self { window: Duration::from_hours(1), min_faults: 3, max_fault_percent: 5 }
    }
}

/// Calls, and how many of them were faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub calls: u64,
    /// Traps, time-outs and limits among them.
    pub faults: u64,
}

impl Rate {
    /// This and what `activity` counts.
    #[must_use]
    pub fn with(self, activity: &Activity) -> Self {
        Self { calls: self.calls + activity.calls, faults: self.faults + activity.faults }
    }

    /// Whether there are more faults per call than twice as many as in `other`.
    fn is_more_than_twice(self, other: Self) -> bool {
        // a/b > 2c/d, without division.
        u128::from(self.faults) * u128::from(other.calls.max(1))
            > 2 * u128::from(other.faults) * u128::from(self.calls.max(1))
    }
}

/// Why an upgrade is taken back, if it is.
pub fn verdict(before: Rate, since: Rate, breaker: BreakerState, settings: &WatchSettings) -> Option<Reason> {
    if matches!(breaker, BreakerState::Open { .. }) {
        let message = "it was stopped for too many faults soon after the upgrade";
        return Some(Reason::new("breaker-open", message));
    }
    let is_many = since.faults >= settings.min_faults
        && since.faults * 100 >= since.calls.max(1) * settings.max_fault_percent;
    (is_many && since.is_more_than_twice(before)).then(|| {
        let message = format!("{} of {} calls failed after the upgrade", since.faults, since.calls);
        Reason::new("fault-rate", message)
    })
}

#[derive(Debug, Clone, Copy)]
struct Watched {
    digest: Digest,
    until: UnixMillis,
    before: Rate,
    since: Rate,
    /// Whether the upgrade was found bad: it is taken back, or cannot be.
    is_judged: bool,
}

impl Watched {
    fn new(digest: Digest, until: UnixMillis, before: Rate) -> Self {
        Self { digest, until, before, since: Rate::default(), is_judged: false }
    }
}

/// The installations that this host watches.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    watched: HashMap<InstallationId, Watched>,
    /// Which version each waiting installation was last told of.
    told: HashMap<InstallationId, Digest>,
}

impl Watches {
    pub fn forget(&self, id: InstallationId) {
        let mut state = self.lock();
        state.watched.remove(&id);
        state.told.remove(&id);
    }

    /// Whether the installation was not told yet that `digest` waits for its tenant.
    pub fn waits_anew(&self, id: InstallationId, digest: Digest) -> bool {
        let mut state = self.lock();
        if state.told.len() >= MAX_TOLD {
            state.told.clear();
        }
        state.told.insert(id, digest) != Some(digest)
    }

    fn begin(&self, id: InstallationId, watched: Watched) {
        self.lock().watched.insert(id, watched);
    }

    fn is_watched(&self, id: InstallationId, digest: Digest) -> bool {
        self.lock().watched.get(&id).is_some_and(|watched| watched.digest == digest)
    }

    /// Adds to what a watched installation did; tells why its upgrade must be taken back.
    pub fn note(
        &self,
        id: InstallationId,
        activity: &Activity,
        settings: &WatchSettings,
        now: UnixMillis,
    ) -> Option<(Digest, Reason)> {
        let mut state = self.lock();
        let watched = state.watched.get_mut(&id)?;
        if watched.until <= now {
            state.watched.remove(&id);
            return None;
        }
        if watched.is_judged {
            return None;
        }
        watched.since = watched.since.with(activity);
        let reason = verdict(watched.before, watched.since, activity.breaker, settings)?;
        watched.is_judged = true;
        Some((watched.digest, reason))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Installations {
    /// Watches an installation that was just upgraded at `now`. What it did until now is taken away first, so that the
    /// former version's faults do not count against the new one.
    pub(crate) async fn begin_watch(&self, view: &InstallationView, now: UnixMillis) {
        self.collect();
        let before = self.rate_before(&view.row, now).await.unwrap_or_else(|error| {
            tracing::warn!(installation = %view.id(), %error, "its former faults are not known");
            Rate::default()
        });
        let until = now.plus(self.parts().watch.window);
        self.inner.watches.begin(view.id(), Watched::new(view.digest, until, before));
    }

    /// Takes up the watch of installations that another host upgraded, or this one before it was restarted.
    pub async fn find_watched(&self, now: UnixMillis) -> Result<(), InstallationError> {
        let window = u64::try_from(self.parts().watch.window.as_millis()).unwrap_or(u64::MAX);
        let since = UnixMillis(now.0.saturating_sub(window));
        for row in self.parts().store.host().installations_upgraded_since(since).await? {
            let digest = crate::view::digest_of(&row.digest)?;
            let Some(at) = row.upgraded_at else { continue };
            if self.inner.watches.is_watched(row.id, digest) {
                continue;
            }
            let before = self.rate_before(&row, at).await?;
            let until = at.plus(self.parts().watch.window);
            self.inner.watches.begin(row.id, Watched::new(digest, until, before));
        }
        Ok(())
    }

    /// Takes an upgrade back because of `reason`, if the installation still runs it.
    pub(crate) async fn take_back(
        &self,
        row: &InstallationRow,
        digest: Digest,
        reason: &Reason,
        now: UnixMillis,
    ) -> Result<(), InstallationError> {
        let present = self.show(row.tenant_id, row.id).await?;
        if present.digest != digest {
            return Ok(());
        }
        let host = self.parts().store.host();
        if let Some(rollout) = host.count_rollback(&digest.to_string()).await?
            && rollout.halted.is_none()
            && let Some(why) = halt_reason(&rollout)
        {
            tracing::warn!(plugin = row.plugin, %digest, why, "a version goes no further");
            host.halt_rollout(&digest.to_string(), &why).await?;
        }
        let ask = RollbackRequest { by: "watch".to_owned(), ..RollbackRequest::default() };
        match self.back_from(&present, ask, now).await {
            Ok(view) => {
                let (from, to) = (&present.row.version, &view.row.version);
                tracing::warn!(installation = %row.id, plugin = row.plugin, from, to, reason.message, "rolled back");
                Ok(())
            }
            // There is nothing to go back to, or the way is closed; the tenant must decide.
            Err(
                error @ (InstallationError::StateSchema { .. }
                | InstallationError::NothingFormer
                | InstallationError::Catalogue(CatalogueError::NotRunnable { .. })),
            ) => {
                tracing::warn!(installation = %row.id, %error, reason.message, "cannot be rolled back by itself");
                Ok(())
            }
            Err(InstallationError::Store(StoreError::Changed(_) | StoreError::NotFound(_))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn rate_before(&self, row: &InstallationRow, at: UnixMillis) -> Result<Rate, InstallationError> {
        let since = UnixMillis(at.0.saturating_sub(BASELINE_DAYS * DAY_MS));
        let days = self.kept_days(row.tenant_id, row.id, since).await?;
        Ok(days.iter().fold(Rate::default(), |rate, day| rate.with(&day.activity)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: WatchSettings =
        WatchSettings { window: Duration::from_hours(1), min_faults: 3, max_fault_percent: 5 };

    fn judged(before: (u64, u64), since: (u64, u64)) -> Option<String> {
        let rate = |(calls, faults)| Rate { calls, faults };
        verdict(rate(before), rate(since), BreakerState::Closed, &SETTINGS).map(|reason| reason.code)
    }

    #[test]
    fn an_open_breaker_is_enough() {
        let open = BreakerState::Open { until: UnixMillis(1) };
        let reason = verdict(Rate::default(), Rate::default(), open, &SETTINGS).unwrap();
        assert_eq!(reason.code, "breaker-open");
    }

    #[test]
    fn a_few_faults_and_rare_ones_mean_nothing() {
        assert_eq!(judged((1000, 0), (2, 2)), None);
        assert_eq!(judged((1000, 0), (1000, 49)), None);
        assert_eq!(judged((1000, 0), (1000, 50)).as_deref(), Some("fault-rate"));
        assert_eq!(judged((0, 0), (3, 3)).as_deref(), Some("fault-rate"));
    }

    #[test]
    fn what_was_as_bad_before_is_not_the_upgrades_fault() {
        assert_eq!(judged((100, 30), (100, 60)), None);
        assert_eq!(judged((100, 30), (100, 61)).as_deref(), Some("fault-rate"));
    }

    #[test]
    fn what_happens_after_the_window_is_not_watched() {
        let watches = Watches::default();
        let (id, digest) = (InstallationId::new(), Digest::of(b""));
        let faulty = Activity { calls: 10, faults: 10, ..Activity::default() };
        let watched = Watched::new(digest, UnixMillis(100), Rate::default());
        watches.begin(id, watched);
        assert_eq!(watches.note(id, &faulty, &SETTINGS, UnixMillis(100)), None);
        watches.begin(id, watched);
        let (taken_back, reason) = watches.note(id, &faulty, &SETTINGS, UnixMillis(99)).unwrap();
        assert_eq!((taken_back, reason.code.as_str()), (digest, "fault-rate"));
        assert_eq!(watches.note(id, &faulty, &SETTINGS, UnixMillis(99)), None, "it is taken back once");
    }

    #[test]
    fn a_waiting_version_is_told_once() {
        let watches = Watches::default();
        let id = InstallationId::new();
        assert!(watches.waits_anew(id, Digest::of(b"2")));
        assert!(!watches.waits_anew(id, Digest::of(b"2")));
        assert!(watches.waits_anew(id, Digest::of(b"3")));
    }
}
