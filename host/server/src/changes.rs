//! Tells the drivers what changed about installations.
//!
//! Drivers ask for every call anew, so an upgrade needs no telling. What does:
//! settings that a running push or socket was made with, and the end of the
//! permission to run.

use std::time::Duration;

use neustream_chat::connector::{ChatEventKind, Connectors};
use neustream_chat::moderation::Moderation;
use neustream_contract::Kind;
use neustream_installations::{Change, InstallationChanged, Installations};
use neustream_live::Live;
use neustream_model::UnixMillis;
use neustream_store::Store;
use tokio::sync::broadcast::error::RecvError;

/// How long messages of chats, and recordings of verdicts, are kept.
const CHATS_KEPT: Duration = Duration::from_hours(30 * 24);
const PRUNING: Duration = Duration::from_hours(1);
const PRUNED_AT_ONCE: u32 = 500;

/// Those who are told.
#[derive(Clone)]
pub struct Drivers {
    pub live: Live,
    pub connectors: Connectors,
    pub moderation: Moderation,
    pub store: Store,
}

/// Starts what is installed, and passes every change on, until dropped.
pub async fn follow(installations: Installations, drivers: Drivers) {
    let mut changes = installations.changes();
    drivers.reconcile(&installations).await;
    loop {
        match changes.recv().await {
            Ok(change) => drivers.tell(change).await,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "changes of installations came faster than they were told");
                drivers.reconcile(&installations).await;
            }
            Err(RecvError::Closed) => return,
        }
    }
}

impl Drivers {
    async fn tell(&self, change: InstallationChanged) {
        let InstallationChanged { tenant, installation, kind, what } = change;
        match kind {
            // A broadcast that runs goes on through an upgrade, with the package that began it.
            Kind::Destination => {
                let is_to_be_restarted = matches!(
                    what,
                    Change::Configured
                        | Change::Enabled
                        | Change::Disabled
                        | Change::Standing
                        | Change::Uninstalled
                );
                if what == Change::Connected {
                    let live = self.live.clone();
                    tokio::spawn(async move { live.account_connected(installation).await });
                }
                if is_to_be_restarted {
                    let live = self.live.clone();
                    // Ending a broadcast on its platform takes seconds; other changes do not wait for it.
                    tokio::spawn(async move { live.installation_changed(installation).await });
                }
            }
            Kind::Chat => match what {
                Change::Uninstalled => {
                    self.connectors.stop(tenant, installation).await;
                    if let Err(error) = self.store.host().forget_connector(installation).await {
                        tracing::warn!(%installation, %error, "what a connector remembered was not deleted");
                    }
                }
                Change::Installed | Change::Enabled => self.connectors.start(tenant, installation),
                Change::UpgradeWaits => {}
                _ => self.connectors.changed(tenant, installation),
            },
            Kind::Moderation => self.moderation.changed(tenant),
            Kind::Payment => {}
        }
    }

    /// Brings the chat connectors in line with what is installed.
    pub async fn reconcile(&self, installations: &Installations) {
        match installations.running(Kind::Chat).await {
            Ok(chats) => self.connectors.reconcile(&chats).await,
            Err(error) => tracing::error!(%error, "chat connectors were not started"),
        }
    }
}

/// Gives every webhook connection that a connector opens its URL, until dropped.
pub async fn give_hooks(installations: Installations, connectors: Connectors) {
    let mut events = connectors.subscribe();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let ChatEventKind::Status(status) = event.kind else { continue };
        for connection in status.connections.iter().filter(|connection| connection.transport == "webhook") {
            let made =
                installations.ensure_hook(event.at.tenant, event.at.installation, &connection.id).await;
            if let Err(error) = made {
                tracing::warn!(installation = %event.at.installation, %error, "a webhook got no URL");
            }
        }
    }
}

/// Deletes chats that are older than [`CHATS_KEPT`], now and then, until dropped.
pub async fn prune_chats(store: Store) {
    let mut now_and_then = tokio::time::interval(PRUNING);
    loop {
        now_and_then.tick().await;
        let before = UnixMillis(UnixMillis::now().0.saturating_sub(CHATS_KEPT.as_millis() as u64));
        loop {
            match store.host().prune_chats(before, PRUNED_AT_ONCE).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "old chats were not deleted");
                    break;
                }
            }
        }
    }
}
