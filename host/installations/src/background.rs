//! What installations do by themselves: activity is kept, new versions go out, upgrades are watched.

use std::time::Duration;

use neustream_contract::Digest;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::install::kind_of;
use crate::{Change, InstallationError, Installations};

/// How often counts are taken away from the runtime, and failures told.
const COLLECTING: Duration = Duration::from_secs(2);
/// How often they are kept.
const FLUSH: Duration = Duration::from_secs(10);
/// How often new versions are looked for.
const RINGS: Duration = Duration::from_mins(1);
/// How often old days are forgotten.
const CLEANING: Duration = Duration::from_hours(1);
/// How long the last flush may take.
const LAST_FLUSH: Duration = Duration::from_secs(2);
/// From one attempt to tell a change to the next.
const PAUSE: Duration = Duration::from_secs(1);

impl Installations {
    /// Runs until `cancelled`; then keeps what was counted, once more. Run it once a process.
    pub async fn run(&self, cancelled: CancellationToken) {
        // Beside each other: that a package may no longer run is not told later because another one is compiled.
        let work = async {
            tokio::join!(self.keep_figures(), self.bring_new_versions(), self.tell_standings());
        };
        cancelled.run_until_cancelled(Box::pin(work)).await;
        let last = tokio::time::timeout(LAST_FLUSH, self.flush(self.now())).await;
        report("the last figures were not kept", last.unwrap_or(Ok(())));
    }

    async fn keep_figures(&self) {
        let (mut collecting, mut flush, mut cleaning) = (every(COLLECTING), every(FLUSH), every(CLEANING));
        loop {
            tokio::select! {
                _ = collecting.tick() => self.collect(),
                _ = flush.tick() => {
                    report("upgraded installations are not known", self.find_watched(self.now()).await);
                    report("what installations did was not kept", self.flush(self.now()).await);
                }
                _ = cleaning.tick() => {
                    report("old activity was not forgotten", self.forget_old_days(self.now()).await);
                }
            }
        }
    }

    async fn bring_new_versions(&self) {
        let mut rings = every(RINGS);
        loop {
            rings.tick().await;
            report("new versions did not go out", self.ring_step(self.now()).await.map(drop));
        }
    }

    /// Tells the installations of a version when it may no longer run, or may again.
    async fn tell_standings(&self) {
        let mut changes = self.parts().catalogue.changes();
        loop {
            match changes.recv().await {
                Ok(changed) => {
                    while let Err(error) = self.standing_changed(&changed.digest).await {
                        tracing::warn!(digest = %changed.digest, %error, "a change of a version was not told yet");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                // Calls of those that were missed are refused all the same.
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "changes of versions were missed"),
                Err(RecvError::Closed) => return,
            }
        }
    }

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
