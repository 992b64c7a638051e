//! What a connection's task needs of its driver.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use neustream_contract::chat::{ChatConnector, ChatConnectors, Event, Problem};
use neustream_contract::{CallError, Egress, Installed};
use neustream_model::Reason;
use neustream_outbound::{Outbound, SocketError};
use tokio::sync::{Notify, watch};

use super::event::{ConnectionState, ConnectionStatus};
use super::queue::{Gone, Inlet, Label};
use super::settings::ConnectorSettings;
use super::store::ConnectorStore;
use crate::access::{Access, EgressNotes, Place, call_at};

/// A connector's access.
pub(crate) type ConnectorAccess = Access<dyn ChatConnector>;

/// What all drivers share.
pub(crate) struct Shared {
    pub(crate) installed: Arc<dyn Installed>,
    pub(crate) connectors: Arc<dyn ChatConnectors>,
    pub(crate) outbound: Outbound,
    pub(crate) store: Arc<dyn ConnectorStore>,
    pub(crate) egress: Arc<dyn EgressNotes>,
    pub(crate) settings: ConnectorSettings,
}

impl Shared {
    /// The access of the next call.
    pub(crate) async fn access(
        &self,
        place: Place,
        before: Option<&ConnectorAccess>,
    ) -> Result<ConnectorAccess, CallError> {
        let call = call_at(&*self.installed, place).await?;
        let connector = self.connectors.connector(&call.plugin).await?;
        Access::new(call, connector, |connector| connector.manifest(), before)
    }
}

/// The thread between a connection's task and the driver.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) shared: Arc<Shared>,
    pub(crate) place: Place,
    /// The connector's name for the connection.
    pub(crate) id: String,
    pub(crate) inlet: Inlet,
    /// Numbers the openings of all connections of the installation.
    pub(crate) openings: Arc<AtomicU64>,
    /// Counts what the installation was told to have changed.
    pub(crate) changes: watch::Receiver<u64>,
    pub(crate) report: Report,
}

impl Link {
    /// Brings `event`, waiting for room.
    pub(crate) async fn tell(&self, event: Event, label: Label) -> Result<(), Gone> {
        self.inlet.bring_when_room(event, label).await
    }

    /// Tells that the connection is gone.
    pub(crate) async fn closed(&self, problem: Problem) -> Result<(), Gone> {
        self.tell(Event::Closed(self.id.clone(), problem), Label::default()).await
    }

    /// Waits until the installation is changed.
    pub(crate) async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // The driver is gone, and with it this task at its next await.
            std::future::pending::<()>().await;
        }
    }
}

/// How a socket ended, in words for connector and tenant: no secrets, no control characters, short.
pub(crate) fn ended(error: &SocketError, access: &ConnectorAccess) -> Problem {
    let message = printable(&access.echoes().starred_text(error.to_string()));
    let retry_after = match error {
        SocketError::Refused { retry_after, .. } => *retry_after,
        _ => None,
    };
    Problem { reason: Reason::new(error.code(), message), retry_after }
}

/// At most 300 characters without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// How a connection is doing, as its task reports it.
#[derive(Clone)]
pub(crate) struct Report {
    status: Arc<Mutex<ConnectionStatus>>,
    /// Tells the driver that there is something new.
    news: Arc<Notify>,
}

impl Report {
    pub(crate) fn new(id: &str, transport: &'static str, news: Arc<Notify>) -> Self {
        let (id, state) = (id.to_owned(), ConnectionState::Connecting);
        Self { status: Arc::new(Mutex::new(ConnectionStatus { id, transport, state, reason: None })), news }
    }

    pub(crate) fn set(&self, state: ConnectionState, reason: Option<Reason>) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if status.state != state || status.reason != reason {
            (status.state, status.reason) = (state, reason);
            drop(status);
            self.news.notify_one();
        }
    }

    pub(crate) fn status(&self) -> ConnectionStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Traffic that is not noted yet. Noted when it is large, and at the latest when it is dropped.
pub(crate) struct Traffic {
    egress: Arc<dyn EgressNotes>,
    place: Place,
    host: String,
    waiting: Egress,
}

/// Bytes after which traffic is noted without being asked to.
const NOTED_BYTES: u64 = 16 * 1024;

impl Traffic {
    pub(crate) fn new(egress: Arc<dyn EgressNotes>, place: Place, host: String) -> Self {
        Self { egress, place, host, waiting: Egress::default() }
    }

    pub(crate) fn request(&mut self, bytes_out: usize, secrets: BTreeSet<String>) {
        self.waiting.requests += 1;
        self.sent(bytes_out, secrets);
    }

    pub(crate) fn sent(&mut self, bytes: usize, secrets: BTreeSet<String>) {
        self.waiting.bytes_out += bytes as u64;
        self.waiting.secrets.extend(secrets);
        self.note_if_large();
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.waiting.bytes_in += bytes as u64;
        self.note_if_large();
    }

    /// Notes what is waiting.
    pub(crate) fn note(&mut self) {
        if self.waiting != Egress::default() {
            self.egress.note(self.place, &self.host, std::mem::take(&mut self.waiting));
        }
    }

    fn note_if_large(&mut self) {
        if self.waiting.bytes_in + self.waiting.bytes_out >= NOTED_BYTES || self.waiting.requests > 0 {
            self.note();
        }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.note();
    }
}
