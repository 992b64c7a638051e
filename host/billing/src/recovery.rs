//! Working off what is due: after a crash, after an outage, while a provider is silent.

use std::time::Duration;

use futures_util::future::join_all;

use crate::error::BillingError;
use crate::payments::Payments;
use crate::work::Work;

/// How often old events are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

impl Payments {
    /// Works off everything that is due now; tells how many entries. Call it at the start. What a host that died was
    /// working on is due when its lease ends, and [`Payments::run`] finds it then.
    ///
    /// # Errors
    /// Those of the journal. Entries that cannot be worked on stay due.
    pub async fn recover(&self) -> Result<usize, BillingError> {
        let limit = u32::try_from(self.parts.settings.at_once.max(1)).unwrap_or(u32::MAX);
        let work = Work::new(self);
        let mut count = 0;
        loop {
            let claimed = work.claim_due(limit).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            count += claimed.len();
            let entries = claimed.into_iter().map(|entry| work.work_on(entry));
            join_all(entries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        }
    }

    /// Works off what becomes due, until it is dropped.
    pub async fn run(&self) {
        let mut tick = tokio::time::interval(self.parts.settings.tick);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut forgotten_at = self.now();
        loop {
            tick.tick().await;
            if let Err(error) = self.recover().await {
                tracing::warn!(%error, "payments could not be worked off");
            }
            if self.now() >= forgotten_at.plus(FORGET_EVERY) {
                forgotten_at = self.now();
                self.forget_old_events().await;
            }
        }
    }

    async fn forget_old_events(&self) {
        let kept = u64::try_from(self.parts.settings.events_kept.as_millis()).unwrap_or(u64::MAX);
        let before = neustream_model::UnixMillis(self.now().0.saturating_sub(kept));
        if let Err(error) = self.parts.journal.forget_events(before).await {
            tracing::warn!(%error, "old webhook events were not forgotten");
        }
    }
}
