//! A destination's status: the one place from which API, events and metrics are fed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use neustream_contract::destination::Health;
use neustream_model::{
    DestinationState, DestinationStatus, InstallationId, LiveEventKind, Reason, UnixMillis,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::platform::Prepared;
use crate::DestinationConfig;
use crate::session::Session;

/// See the module's text.
pub(crate) struct Cell {
    revision: u64,
    installation: InstallationId,
    /// The broadcast as the platform prepared it, while there is one.
    prepared: Mutex<Option<Arc<Prepared>>>,
    stop: CancellationToken,
    stopped: CancellationToken,
    /// Told when somebody wants the next attempt now.
    hurry: Notify,
    status: Mutex<DestinationStatus>,
    was_live: AtomicBool,
}

impl Cell {
    pub fn new(config: &DestinationConfig, stop: CancellationToken) -> Self {
        Self {
            revision: config.revision,
            installation: config.installation,
            prepared: Mutex::default(),
            stop,
            stopped: CancellationToken::new(),
            hurry: Notify::new(),
            status: Mutex::new(DestinationStatus {
                id: config.id,
                plugin: config.plugin.clone(),
                state: DestinationState::Idle,
                reason: None,
                since: UnixMillis::now(),
                next_attempt: None,
                bitrate_out_bps: 0,
                bytes_out: 0,
                dropped_frames: 0,
                reconnects: 0,
                platform_live: None,
                platform_viewers: None,
            }),
            was_live: AtomicBool::new(false),
        }
    }

    /// The revision of the configuration that it runs with.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The installation that it belongs to.
    pub fn installation(&self) -> InstallationId {
        self.installation
    }

    /// The broadcast as the platform prepared it, while there is one.
    pub fn prepared(&self) -> Option<Arc<Prepared>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what the platform prepared, or forgets it.
    pub fn set_prepared(&self, prepared: Option<Arc<Prepared>>) {
        *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = prepared;
    }

    /// Asks the supervisor to end the broadcast and leave.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Cancelled when the destination must end.
    pub fn stop_token(&self) -> &CancellationToken {
        &self.stop
    }

    /// Waits until the supervisor left.
    pub async fn stopped(&self) {
        self.stopped.cancelled().await;
    }

    /// The supervisor left.
    pub fn note_stopped(&self) {
        self.stopped.cancel();
    }

    /// Asks for the next attempt now, if the destination waits for one or has failed. One that is about to be live is
    /// left alone.
    pub fn hurry(&self) {
        if matches!(self.lock().state, DestinationState::Retrying | DestinationState::Failed) {
            self.hurry.notify_one();
        }
    }

    /// Waits until somebody wants the next attempt now.
    pub async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// The status as it is.
    pub fn status(&self) -> DestinationStatus {
        self.lock().clone()
    }

    /// Enters `state` and tells everyone.
    pub fn enter(&self, session: &Session, state: DestinationState, reason: Option<Reason>) {
        self.change(session, |status| {
            if status.state != state {
                status.since = UnixMillis::now();
            }
            status.state = state;
            status.reason = reason;
            status.next_attempt = None;
            status.bitrate_out_bps = 0;
            if state == DestinationState::Live {
                let was_live_before = self.was_live.swap(true, Ordering::Relaxed);
                status.reconnects += u64::from(was_live_before);
            }
        });
    }

    /// Enters `retrying` until `delay` has passed.
    pub fn retry_in(&self, session: &Session, delay: Duration, reason: Reason) {
        self.change(session, |status| {
            let now = UnixMillis::now();
            status.state = DestinationState::Retrying;
            status.since = now;
            status.reason = Some(reason);
            status.next_attempt = Some(now.plus(delay));
            status.bitrate_out_bps = 0;
        });
    }

    /// Sets or clears the reason within the state, and tells if that changed it.
    pub fn explain(&self, session: &Session, reason: Option<Reason>) {
        if self.lock().reason != reason {
            self.change(session, |status| status.reason = reason);
        }
    }

    /// What the platform itself said.
    pub fn note_platform_view(&self, session: &Session, health: Health) {
        self.measure(|status| status.platform_viewers = health.viewers);
        if self.lock().platform_live != health.live {
            self.change(session, |status| status.platform_live = health.live);
        }
    }

    /// New figures, told by the status only, not as an event.
    pub fn measure(&self, update: impl FnOnce(&mut DestinationStatus)) {
        update(&mut self.lock());
    }

    fn change(&self, session: &Session, update: impl FnOnce(&mut DestinationStatus)) {
        let (before, status) = {
            let mut status = self.lock();
            let before = status.state;
            update(&mut status);
            (before, status.clone())
        };
        if before != status.state {
            tracing::info!(
                destination = %status.id,
                plugin = status.plugin,
                state = ?status.state,
                reason = status.reason.as_ref().map(|reason| reason.code.as_str()),
                detail = status.reason.as_ref().map(|reason| reason.message.as_str()),
                "destination changed its state"
            );
            Self::publish_gauge(before, &status);
        }
        session.tell(LiveEventKind::Destination { status });
    }

    fn publish_gauge(before: DestinationState, status: &DestinationStatus) {
        let is_live = |state| i32::from(state == DestinationState::Live);
        let step = is_live(status.state) - is_live(before);
        if step != 0 {
            metrics::gauge!("neustream_destinations_live", "plugin" => status.plugin.clone())
                .increment(f64::from(step));
        }
        if status.state == DestinationState::Retrying {
            let code = status.reason.as_ref().map_or_else(String::new, |reason| reason.code.clone());
            metrics::counter!("neustream_destination_retries_total", "plugin" => status.plugin.clone(), "reason" => code)
                .increment(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, DestinationStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
