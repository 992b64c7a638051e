//! All connectors of this host.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use neustream_contract::Installed;
use neustream_contract::chat::{ChatConnectors, Outgoing};
use neustream_model::{InstallationId, TenantId, UnixMillis};
use neustream_outbound::Outbound;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::driver::{Command, Driver};
use super::event::{ChatEvent, ConnectorStatus};
use super::link::Shared;
use super::queue::Outcome;
use super::settings::ConnectorSettings;
use super::store::{ConnectorStore, StoreFailure, Waiting};
use crate::access::{EgressNotes, Place};

/// Events that a listener may lag behind before it loses the oldest.
const EVENTS: usize = 4096;
/// Commands to one driver. Whoever gives one more waits, or is refused.
const COMMANDS: usize = 256;
/// Longest text of an outgoing message.
const MAX_OUTGOING_BYTES: usize = 4 * 1024;
/// Largest body and headers of a webhook.
const MAX_DELIVERY_BYTES: usize = 256 * 1024;
/// Time for all drivers to end.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// What connectors are made of.
pub struct ConnectorParts {
    /// What a call needs.
    pub installed: Arc<dyn Installed>,
    /// Where implementations are found.
    pub connectors: Arc<dyn ChatConnectors>,
    /// The way out.
    pub outbound: Outbound,
    /// What must outlive the process.
    pub store: Arc<dyn ConnectorStore>,
    /// Where is written down what left.
    pub egress: Arc<dyn EgressNotes>,
}

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A step with it has committed: 204.
    Delivered,
    /// It is not genuine: 401.
    Unauthorized,
    /// There is no such webhook: 404.
    Unknown,
    /// It is larger than 256 KiB: 413.
    TooLarge,
    /// Not now; the platform should send it again: 503.
    Unavailable,
}

/// An outgoing message or a removal is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connector of this installation runs here.
    #[error("the connector is not running")]
    NotRunning,
    /// The text is empty or too long.
    #[error("a message has from 1 to {MAX_OUTGOING_BYTES} bytes")]
    Text,
    /// It cannot be queued now.
    #[error(transparent)]
    Store(#[from] StoreFailure),
    /// The connector has too much to do.
    #[error("the connector is busy")]
    Busy,
}

/// All connectors of this host. Cheap to clone; the last one that is dropped ends them.
#[derive(Clone)]
pub struct Connectors(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    events: broadcast::Sender<ChatEvent>,
    running: Mutex<BTreeMap<InstallationId, Running>>,
}

struct Running {
    place: Place,
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<ConnectorStatus>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // A driver that was told to stop has ended by now, and this does nothing.
        self.task.abort();
    }
}

impl Connectors {
    /// A service without connectors.
    pub fn new(parts: ConnectorParts, settings: ConnectorSettings) -> Self {
        let ConnectorParts { installed, connectors, outbound, store, egress } = parts;
        let shared = Arc::new(Shared { installed, connectors, outbound, store, egress, settings });
        let (events, _) = broadcast::channel(EVENTS);
        Self(Arc::new(Inner { shared, events, running: Mutex::default() }))
    }

    /// Starts the connector of an installation; one that runs looks at the installation anew.
    pub fn start(&self, tenant: TenantId, installation: InstallationId) {
        let place = Place { tenant, installation };
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = running.get(&installation).filter(|one| !one.task.is_finished()) {
            // A full queue of commands holds one that makes the driver look around, or is followed by the next step,
            // which asks anew anyway.
            let _ = one.commands.try_send(Command::Changed);
            return;
        }
        // Those that ended by themselves: their installations are gone.
        running.retain(|_, running| !running.task.is_finished());
        let (commands, received) = mpsc::channel(COMMANDS);
        let (driver, status) =
            Driver::new(Arc::clone(&self.0.shared), place, received, self.0.events.clone());
        let task = tokio::spawn(driver.run());
        running.insert(installation, Running { place, commands, status, task });
    }

    /// Stops the connector of an installation, closes its sockets and waits until it has ended.
    pub async fn stop(&self, tenant: TenantId, installation: InstallationId) {
        let stopped = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            match running.get(&installation) {
                Some(one) if one.place.tenant == tenant => running.remove(&installation),
                _ => None,
            }
        };
        if let Some(stopped) = stopped {
            end(stopped).await;
        }
    }

    /// An installation was installed, enabled, disabled, configured, upgraded, revoked or removed. Its connector looks
    /// at it at once: one that may not run any more closes its sockets. One that does not run is started; should the
    /// installation not be a connector's, or be gone, it ends by itself.
    pub fn changed(&self, tenant: TenantId, installation: InstallationId) {
        self.start(tenant, installation);
    }

    /// Starts the connectors of these installations, and stops all others.
    pub async fn reconcile(&self, installations: &[(TenantId, InstallationId)]) {
        let wanted: BTreeSet<_> = installations.iter().map(|(_, installation)| *installation).collect();
        for (tenant, installation) in installations {
            self.start(*tenant, *installation);
        }
        let others: Vec<_> = {
            let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.values().map(|running| running.place).collect()
        };
        for Place { tenant, installation } in others {
            if !wanted.contains(&installation) {
                self.stop(tenant, installation).await;
            }
        }
    }

    /// Hands a webhook to a connector, and waits until a step with it has committed.
    pub async fn deliver(
        &self,
        installation: InstallationId,
        connection: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Delivery {
        let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if body.len() + bytes > MAX_DELIVERY_BYTES {
            return Delivery::TooLarge;
        }
        let commands = {
            let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.get(&installation).map(|running| running.commands.clone())
        };
        let Some(commands) = commands else { return Delivery::Unknown };
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let (done, outcome) = oneshot::channel();
        let delivery = Command::Deliver { connection: connection.to_owned(), headers, body, done };
        if commands.try_send(delivery).is_err() {
            return Delivery::Unavailable;
        }
        let waited = tokio::time::timeout(self.0.shared.settings.delivery_timeout, outcome).await;
        match waited {
            Ok(Ok(Outcome::Committed)) => Delivery::Delivered,
            Ok(Ok(Outcome::Unauthorized)) => Delivery::Unauthorized,
            Ok(Ok(Outcome::Unknown)) => Delivery::Unknown,
            // It is poison to the connector; sending it again changes nothing, but the platform may say so to people.
            Ok(Ok(Outcome::Dropped) | Err(_)) | Err(_) => Delivery::Unavailable,
        }
    }

    /// Queues a message to be written on the platform; answers its id, which comes back in
    /// [`ChatEventKind::Sent`](super::ChatEventKind) or `Failed`. It is queued in the store: after a restart it is
    /// handed over again, so it may be written twice.
    pub async fn send(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<String, SendError> {
        if text.is_empty() || text.len() > MAX_OUTGOING_BYTES {
            return Err(SendError::Text);
        }
        let commands = self.commands(tenant, installation).ok_or(SendError::NotRunning)?;
        let outgoing = Outgoing { id: Uuid::now_v7().to_string(), text: text.to_owned(), reply_to };
        let waiting = Waiting { outgoing: outgoing.clone(), at: UnixMillis::now() };
        let most = self.0.shared.settings.outgoing_most;
        self.0.shared.store.enqueue(Place { tenant, installation }, &waiting, most).await?;
        let id = outgoing.id.clone();
        // Should the driver be busy or end now, it finds the message in the store when it begins again.
        let _ = commands.send(Command::Send(outgoing)).await;
        Ok(id)
    }

    /// Asks the connector to remove a message (the platform's id) on the platform. Not kept over a restart.
    pub async fn remove(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        message: &str,
    ) -> Result<(), SendError> {
        let commands = self.commands(tenant, installation).ok_or(SendError::NotRunning)?;
        let (done, taken) = oneshot::channel();
        let remove = Command::Remove { id: message.to_owned(), done };
        commands.try_send(remove).map_err(|_| SendError::Busy)?;
        let has_room = taken.await.map_err(|_| SendError::NotRunning)?;
        if has_room { Ok(()) } else { Err(SendError::Busy) }
    }

    /// How the connector of an installation is doing; none where none was started.
    pub fn status(&self, tenant: TenantId, installation: InstallationId) -> Option<ConnectorStatus> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let one = running.get(&installation).filter(|running| running.place.tenant == tenant)?;
        Some(one.status.borrow().clone())
    }

    /// What happens in all chats from now on. A listener that lags loses the oldest, and is told how many.
    pub fn subscribe(&self) -> broadcast::Receiver<ChatEvent> {
        self.0.events.subscribe()
    }

    /// Ends all connectors in order, with the steps that are left, within 5 seconds.
    pub async fn shutdown(&self) {
        let all = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *running)
        };
        for running in all.values() {
            // Told first, so that they end side by side.
            let _ = running.commands.try_send(Command::Stop);
        }
        let ended = async {
            for (_, running) in all {
                end(running).await;
            }
        };
        let _ = tokio::time::timeout(SHUTDOWN, ended).await;
    }

    fn commands(&self, tenant: TenantId, installation: InstallationId) -> Option<mpsc::Sender<Command>> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let one = running.get(&installation).filter(|running| running.place.tenant == tenant)?;
        (!one.task.is_finished()).then(|| one.commands.clone())
    }
}

async fn end(mut running: Running) {
    let _ = running.commands.try_send(Command::Stop);
    let _ = tokio::time::timeout(SHUTDOWN, &mut running.task).await;
}
