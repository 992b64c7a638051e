//! The destinations of a session, each with a supervisor of its own.
//!
//! One destination's trouble never touches another: they share nothing but the
//! broadcast's ring, which waits for nobody.

mod backoff;
mod cell;
mod platform;
mod probe;
mod push;
mod supervisor;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use neustream_contract::CallError;
use neustream_model::{DestinationId, DestinationState, DestinationStatus, InstallationId};

use crate::DestinationConfig;
use crate::session::Session;
use cell::Cell;
use platform::Prepared;
pub(crate) use probe::probe;
pub use probe::{DestinationProbe, ProbeOutcome};

/// How long to wait when the directory does not answer.
const DIRECTORY_RETRY: Duration = Duration::from_secs(1);

/// The running destinations of one session.
#[derive(Default)]
pub(crate) struct Destinations {
    cells: Mutex<BTreeMap<DestinationId, Arc<Cell>>>,
    /// Serialises reloads.
    reloading: tokio::sync::Mutex<()>,
}

impl Destinations {
    /// The status of each.
    pub fn statuses(&self) -> Vec<DestinationStatus> {
        self.lock().values().map(|cell| cell.status()).collect()
    }

    /// Brings the running destinations in line with the directory: starts new ones, stops removed ones,
    /// restarts edited ones, and leaves the others alone. Asks until the directory answers.
    pub async fn reload(session: &Arc<Session>) {
        let destinations = &session.destinations;
        let _turn = destinations.reloading.lock().await;
        let Some(wanted) = wanted(session).await else { return };
        for former in destinations.take_unwanted(&wanted) {
            former.stop();
            former.stopped().await;
        }
        for config in wanted {
            destinations.start(session, config);
        }
    }

    /// Starts the destinations of one installation anew for which `is_meant` holds.
    pub async fn restart(
        session: &Arc<Session>,
        installation: InstallationId,
        is_meant: impl Fn(&DestinationStatus) -> bool,
    ) {
        let affected: Vec<_> = {
            let destinations = &session.destinations;
            let _turn = destinations.reloading.lock().await;
            let mut cells = destinations.lock();
            cells
                .extract_if(.., |_, cell| cell.installation() == installation && is_meant(&cell.status()))
                .map(|(_, cell)| cell)
                .collect()
        };
        if affected.is_empty() {
            return;
        }
        for cell in affected {
            cell.stop();
            cell.stopped().await;
        }
        Self::reload(session).await;
    }

    /// The state of one of them, and its broadcast.
    pub fn known(&self, id: DestinationId) -> Option<(DestinationState, Option<Arc<Prepared>>)> {
        let cell = Arc::clone(self.lock().get(&id)?);
        Some((cell.status().state, cell.prepared()))
    }

    /// Lets a destination that waits or has failed try at once; false when it is not among them.
    pub fn hurry(&self, id: DestinationId) -> bool {
        let cells = self.lock();
        let cell = cells.get(&id);
        cell.inspect(|cell| cell.hurry()).is_some()
    }

    /// Asks every destination whose broadcast is prepared to change its title.
    pub async fn retitle(&self, title: &str) -> Vec<(DestinationId, Result<bool, CallError>)> {
        let running: Vec<_> =
            self.lock().iter().filter_map(|(id, cell)| Some((*id, cell.prepared()?))).collect();
        join_all(running.into_iter().map(async |(id, prepared)| (id, prepared.retitle(title).await))).await
    }

    fn start(&self, session: &Arc<Session>, config: DestinationConfig) {
        let mut cells = self.lock();
        if cells.contains_key(&config.id) || session.over.is_cancelled() {
            return;
        }
        let cell = Arc::new(Cell::new(&config, session.over.child_token()));
        cells.insert(config.id, Arc::clone(&cell));
        session.tasks.spawn(supervisor::run(Arc::clone(session), config, cell));
    }

    fn take_unwanted(&self, wanted: &[DestinationConfig]) -> Vec<Arc<Cell>> {
        let is_wanted = |id: &DestinationId, cell: &Cell| {
            wanted.iter().any(|config| config.id == *id && config.revision == cell.revision())
        };
        let mut cells = self.lock();
        cells.extract_if(.., |id, cell| !is_wanted(id, cell)).map(|(_, cell)| cell).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DestinationId, Arc<Cell>>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn wanted(session: &Session) -> Option<Vec<DestinationConfig>> {
    loop {
        match session.context.directory.destinations(session.source_id).await {
            Ok(wanted) => return Some(wanted),
            Err(error) => tracing::warn!(session = %session.id, %error, "destinations are not known yet"),
        }
        tokio::select! {
            () = tokio::time::sleep(DIRECTORY_RETRY) => {}
            () = session.over.cancelled() => return None,
        }
    }
}
