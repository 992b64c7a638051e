//! What installations did, kept a row a day.
//!
//! The runtime counts in memory; every few seconds the counts are taken away
//! from it and added to the database. Counts that cannot be written now wait
//! here, added up per installation and day.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::BoxStream;
use neustream_contract::{Activity, BreakerState, Digest, LogLine};
use neustream_model::{InstallationId, Reason, TenantId, UnixMillis};
use neustream_store::{Scoped, StoreError};

use crate::{InstallationError, InstallationFailed, Installations};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How long days are kept.
const KEPT_DAYS: u64 = 90;
/// Installations whose counts wait while the database is away; counts of further ones are dropped (and logged).
const MAX_PENDING: usize = 20_000;
/// Faults of the watch that wait at most.
const MAX_VERDICTS: usize = 1000;

/// A kept day of an installation.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptDay {
    /// The beginning of the UTC day.
    pub day: UnixMillis,
    /// What the installation did on it.
    pub activity: Activity,
}

/// What an installation did.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityReport {
    /// Since the host started.
    pub live: Activity,
    /// Kept days, the latest first. Today's may lag behind by some seconds.
    pub days: Vec<KeptDay>,
}

/// Counts that wait to be written.
#[derive(Debug, Default)]
pub(crate) struct Pending(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    counts: HashMap<(TenantId, InstallationId, UnixMillis), Activity>,
    verdicts: Vec<Verdict>,
}

/// An upgrade that must be taken back.
#[derive(Debug, Clone)]
struct Verdict {
    tenant: TenantId,
    installation: InstallationId,
    digest: Digest,
    reason: Reason,
}

impl Pending {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Installations {
    /// What an installation did: since the host started, and on the days since `since`.
    pub async fn activity(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        since: UnixMillis,
    ) -> Result<ActivityReport, InstallationError> {
        // Another tenant's installation is not there.
        let scope = scope.scope_in(&self.parts().store);
        let tenant = scope.tenant();
        scope.installation(id).await?;
        let days = self.kept_days(tenant, id, since).await?;
        Ok(ActivityReport { live: self.parts().platform.activity(tenant, id), days })
    }

    /// The last lines of an installation's log, oldest first.
    pub async fn log(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<Vec<LogLine>, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        scope.installation(id).await?;
        Ok(self.parts().platform.log(scope.tenant(), id))
    }

    /// The lines that will be written.
    pub async fn follow_log(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<BoxStream<'static, LogLine>, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        scope.installation(id).await?;
        Ok(self.parts().platform.follow_log(scope.tenant(), id))
    }

    /// Adds what installations did until `now` to the database, and takes upgrades back that turned out badly.
    ///
    /// # Errors
    /// The database's; what was not written waits for the next time.
    pub async fn flush(&self, now: UnixMillis) -> Result<(), InstallationError> {
        self.collect_at(now);
        self.take_back_what_must(now).await?;
        let counts = std::mem::take(&mut self.inner.pending.lock().counts);
        let mut counts = counts.into_iter();
        while let Some(((tenant, id, day), activity)) = counts.next() {
            if let Err(error) = self.add(tenant, id, day, &activity).await {
                // This one and the rest wait.
                let mut waiting = self.inner.pending.lock();
                for (key, activity) in std::iter::once(((tenant, id, day), activity)).chain(counts) {
                    waiting.add(key, &activity);
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Forgets days that are too old at `now`.
    pub(crate) async fn forget_old_days(&self, now: UnixMillis) -> Result<(), InstallationError> {
        let oldest = UnixMillis(day_of(now).0.saturating_sub(KEPT_DAYS * DAY_MS));
        self.parts().store.host().forget_activity_before(oldest).await?;
        Ok(())
    }

    /// Takes the counts away from the runtime.
    pub(crate) fn collect(&self) {
        self.collect_at(self.now());
    }

    fn collect_at(&self, now: UnixMillis) {
        let (parts, day) = (self.parts(), day_of(now));
        let taken = parts.platform.take_activity();
        let mut waiting = self.inner.pending.lock();
        for (tenant, installation, activity) in taken {
            self.tell_failure(tenant, installation, &activity);
            if let Some((digest, reason)) =
                self.inner.watches.note(installation, &activity, &parts.watch, now)
                && waiting.verdicts.len() < MAX_VERDICTS
            {
                waiting.verdicts.push(Verdict { tenant, installation, digest, reason });
            }
            waiting.add((tenant, installation, day), &activity);
        }
    }

    fn tell_failure(&self, tenant: TenantId, installation: InstallationId, activity: &Activity) {
        let Some(fault) = activity.last_fault.clone().filter(|_| activity.faults > 0) else { return };
        let is_breaker_open = activity.breaker != BreakerState::Closed;
        // Without listeners there is nobody to miss it.
        drop(self.inner.failures.send(InstallationFailed { tenant, installation, fault, is_breaker_open }));
    }

    async fn take_back_what_must(&self, now: UnixMillis) -> Result<(), InstallationError> {
        let verdicts = std::mem::take(&mut self.inner.pending.lock().verdicts);
        let mut verdicts = verdicts.into_iter();
        while let Some(verdict) = verdicts.next() {
            let store = self.parts().store.tenant(verdict.tenant);
            let taken_back = match store.installation(verdict.installation).await {
                Ok(stored) => self.take_back(&stored.row, verdict.digest, &verdict.reason, now).await,
                Err(StoreError::NotFound(_)) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = taken_back {
                if !error.is_outage() {
                    tracing::error!(installation = %verdict.installation, %error, "an upgrade was not taken back");
                    continue;
                }
                let mut waiting = self.inner.pending.lock();
                waiting.verdicts.push(verdict);
                waiting.verdicts.extend(verdicts);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn add(
        &self,
        tenant: TenantId,
        id: InstallationId,
        day: UnixMillis,
        activity: &Activity,
    ) -> Result<(), StoreError> {
        let figures = (activity.calls, activity.faults);
        let with_kept = |kept: Option<&str>| {
            let kept = kept.and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default();
            serde_json::to_string(&merged(&kept, activity)).expect("activity has only text keys")
        };
        // One that was removed meanwhile has nothing to be kept for.
        self.parts().store.host().add_activity(tenant, id, day, figures, with_kept).await.map(drop)
    }

    pub(crate) async fn kept_days(
        &self,
        tenant: TenantId,
        id: InstallationId,
        since: UnixMillis,
    ) -> Result<Vec<KeptDay>, InstallationError> {
        let rows = self.parts().store.tenant(tenant).activity(id, day_of(since)).await?;
        let kept = |row: neustream_store::ActivityRow| KeptDay {
            day: row.day,
            activity: serde_json::from_str(&row.figures).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(kept).collect())
    }
}

impl Waiting {
    fn add(&mut self, key: (TenantId, InstallationId, UnixMillis), activity: &Activity) {
        if self.counts.len() >= MAX_PENDING && !self.counts.contains_key(&key) {
            tracing::error!(installation = %key.1, "what an installation did is not kept: too many wait");
            return;
        }
        let kept = self.counts.entry(key).or_default();
        *kept = merged(kept, activity);
    }
}

/// Both together: sums are added; the median is weighted by calls; the higher percentiles and the peak are the higher of
/// both; the last fault, the breaker and a limit's warning are those of `more`, where it has any.
pub fn merged(kept: &Activity, more: &Activity) -> Activity {
    let calls = kept.calls + more.calls;
    let weighted =
        u128::from(kept.p50_us) * u128::from(kept.calls) + u128::from(more.p50_us) * u128::from(more.calls);
    let mut egress = kept.egress.clone();
    for (host, more) in &more.egress {
        let kept = egress.entry(host.clone()).or_default();
        kept.requests += more.requests;
        kept.bytes_out += more.bytes_out;
        kept.bytes_in += more.bytes_in;
        kept.secrets.extend(more.secrets.iter().cloned());
    }
    let mut warnings = kept.warnings.clone();
    warnings.extend(more.warnings.iter().map(|(name, warning)| (name.clone(), warning.clone())));
    Activity {
        calls,
        errors: kept.errors + more.errors,
        faults: kept.faults + more.faults,
        p50_us: u64::try_from(weighted / u128::from(calls.max(1))).unwrap_or(u64::MAX),
        p95_us: kept.p95_us.max(more.p95_us),
        p99_us: kept.p99_us.max(more.p99_us),
        cpu_us: kept.cpu_us + more.cpu_us,
        memory_peak_bytes: kept.memory_peak_bytes.max(more.memory_peak_bytes),
        last_fault: more.last_fault.clone().or_else(|| kept.last_fault.clone()),
        breaker: more.breaker,
        egress,
        warnings,
        dropped_log_lines: kept.dropped_log_lines + more.dropped_log_lines,
    }
}

/// The beginning of the UTC day of `moment`.
fn day_of(moment: UnixMillis) -> UnixMillis {
    UnixMillis(moment.0 - moment.0 % DAY_MS)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use neustream_contract::{BreakerState, Egress};

    use super::*;

    #[test]
    fn sums_are_added_and_peaks_are_kept() {
        let egress = |secret: &str| Egress {
            requests: 1,
            bytes_out: 10,
            bytes_in: 100,
            secrets: BTreeSet::from([secret.to_owned()]),
        };
        let one = Activity {
            calls: 3,
            faults: 1,
            p50_us: 10,
            p99_us: 90,
            memory_peak_bytes: 7,
            egress: BTreeMap::from([("a.example".to_owned(), egress("x"))]),
            ..Activity::default()
        };
        let two = Activity {
            calls: 1,
            p50_us: 50,
            p99_us: 50,
            memory_peak_bytes: 9,
            egress: BTreeMap::from([
                ("a.example".to_owned(), egress("y")),
                ("b.example".to_owned(), egress("y")),
            ]),
            breaker: BreakerState::Open { until: UnixMillis(5) },
            ..Activity::default()
        };
        let both = merged(&one, &two);
        assert_eq!((both.calls, both.faults, both.p50_us, both.p99_us), (4, 1, 20, 90));
        assert_eq!(both.memory_peak_bytes, 9);
        assert_eq!(both.egress["a.example"].bytes_in, 200);
        assert_eq!(both.egress["a.example"].secrets.len(), 2);
        assert_eq!(both.egress.len(), 2);
        assert_eq!(both.breaker, two.breaker);
        assert_eq!(merged(&Activity::default(), &one), one);
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(day_of(UnixMillis(DAY_MS * 3 + 5)), UnixMillis(DAY_MS * 3));
    }
}
