//! What installations do by themselves: activity is kept, new versions go out, upgrades are watched.

use std::time::Duration;

use neustream_plugin::Digest;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::install::kind_of;
use crate::{Change, InstallationError, Installations};

/// How often counts are taken away from the runtime and kept.
const FLUSH: Duration = Duration::from_secs(10);
/// How often new versions are looked for.
const RINGS: Duration = Duration::from_mins(1);
/// How often old days are forgotten.
const CLEANING: Duration = Duration::from_hours(1);
/// How long the last flush may take.
const LAST_FLUSH: Duration = Duration::from_secs(2);

impl Installations {
    /// Runs until `cancelled`; then keeps what was counted, once more. Run it once a process.
    pub async fn run(&self, cancelled: CancellationToken) {
        let (mut flush, mut rings, mut cleaning) = (every(FLUSH), every(RINGS), every(CLEANING));
        let mut standings = self.parts().catalogue.changes();
        let mut is_catalogue_there = true;
        loop {
            tokio::select! {
                () = cancelled.cancelled() => break,
                _ = flush.tick() => {
                    report("what installations did was not kept", self.find_watched(self.now()).await);
                    report("what installations did was not kept", self.flush(self.now()).await);
                }
                _ = rings.tick() => {
                    report("new versions did not go out", self.ring_step(self.now()).await.map(drop));
                }
                _ = cleaning.tick() => {
                    report("old activity was not forgotten", self.forget_old_days(self.now()).await);
                }
                changed = standings.recv(), if is_catalogue_there => match changed {
                    Ok(changed) => {
                        report("a change was not told", self.standing_changed(&changed.digest).await);
                    }
                    Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "changes of versions were missed"),
                    Err(RecvError::Closed) => is_catalogue_there = false,
                },
            }
        }
        let last = tokio::time::timeout(LAST_FLUSH, self.flush(self.now())).await;
        report("the last figures were not kept", last.unwrap_or(Ok(())));
    }

    /// Tells the installations that run a version that it may no longer run, or may again.
    async fn standing_changed(&self, digest: &Digest) -> Result<(), InstallationError> {
        for row in self.parts().store.host().installations_running(&digest.to_string()).await? {
            let kind = kind_of(&row.kind)?;
            self.changed(&row, kind, Change::Standing);
        }
        Ok(())
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

fn report(what: &str, outcome: Result<(), InstallationError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "{what}");
    }
}
