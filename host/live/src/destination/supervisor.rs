//! Keeps one destination live: prepare, push, wait, again; and finish at the end.
//!
//! States: `idle → preparing → connecting → live → retrying → ...`, or
//! `failed` when only a change by the tenant can help. Whoever changed
//! something elsewhere may ask for the next attempt at once.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_contract::CallError;
use neustream_contract::destination::{Broadcast, Target};
use neustream_model::{DestinationState, Reason, UnixMillis};
use tokio_util::task::AbortOnDropHandle;

use super::backoff;
use super::cell::Cell;
use super::platform::{Platform, Prepared};
use super::push::{self, Push, PushError};
use crate::DestinationConfig;
use crate::session::Session;

/// A connection that lasted this long was a good one: the next failure counts as the first.
const GOOD_CONNECTION: Duration = Duration::from_secs(5);
/// After so many failures in a row the adapter is asked again, even if its answer has not expired.
const ASK_AGAIN_AFTER: u32 = 3;

/// Runs until the destination is stopped; then the platform is told and the cell marked as stopped.
pub(crate) async fn run(session: Arc<Session>, config: DestinationConfig, cell: Arc<Cell>) {
    let mut supervisor = Supervisor {
        platform: Platform::new(&session.context, session.tenant, config),
        session,
        cell,
        failures: 0,
        frames_passed: None,
        was_slow: false,
        is_asked_anew: false,
    };
    let stop = supervisor.cell.stop_token().clone();
    supervisor.keep_live().await;
    stop.cancelled().await;
    supervisor.finish().await;
    let session = &supervisor.session;
    if supervisor.cell.status().state != DestinationState::Failed {
        supervisor.cell.enter(session, DestinationState::Idle, None);
    }
    supervisor.cell.note_stopped();
}

struct Supervisor {
    session: Arc<Session>,
    platform: Platform,
    cell: Arc<Cell>,
    /// In a row.
    failures: u32,
    /// Frames of the session up to which the last connection had read.
    frames_passed: Option<u64>,
    /// Whether it had to skip frames.
    was_slow: bool,
    /// Whether the adapter is to be asked again, whatever it answered before.
    is_asked_anew: bool,
}

/// Why an attempt failed.
struct Trouble {
    reason: Reason,
    is_final: bool,
    retry_after: Option<Duration>,
}

impl Supervisor {
    /// Tries until stopped. What only a change can help is tried again when somebody asks for it.
    async fn keep_live(&mut self) {
        let stop = self.cell.stop_token().clone();
        while !stop.is_cancelled() {
            let Err(trouble) = self.attempt().await else { continue };
            if stop.is_cancelled() {
                return;
            }
            let delay = self.note_trouble(trouble);
            let next_attempt = async {
                match delay {
                    Some(delay) => tokio::time::sleep(delay).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = next_attempt => {}
                () = self.cell.hurried() => {
                    self.failures = 0;
                    self.is_asked_anew = true;
                }
                () = stop.cancelled() => {}
            }
        }
    }

    /// Tells the trouble; when the next attempt is made, unless only a change can help.
    fn note_trouble(&mut self, trouble: Trouble) -> Option<Duration> {
        if trouble.is_final {
            self.cell.enter(&self.session, DestinationState::Failed, Some(trouble.reason));
            return None;
        }
        self.failures += 1;
        let delay =
            backoff::delay(self.failures, rand::random()).max(trouble.retry_after.unwrap_or_default());
        self.cell.retry_in(&self.session, delay, trouble.reason);
        Some(delay)
    }

    /// One connection, from the question where to push to its end; `Ok` when it was stopped.
    async fn attempt(&mut self) -> Result<(), Trouble> {
        self.prepare().await?;
        let Some(prepared) = self.cell.prepared() else { return Ok(()) };
        self.cell.enter(&self.session, DestinationState::Connecting, None);
        let uses_backup = self.failures % 2 == 1;
        let url = prepared.target.backup_url.as_ref().filter(|_| uses_backup).unwrap_or(&prepared.target.url);
        let key = prepared.secrets.join(&prepared.target.key).map_err(|error| Trouble {
            reason: Reason::new("secret-missing", error.to_string()),
            is_final: true,
            retry_after: None,
        })?;
        let checker = self.check_while_live(&prepared);
        let mut push =
            Push::new(&self.session, &self.cell, prepared.target.limits, self.frames_passed, self.was_slow);
        let outcome = push::run(&mut push, url, &key).await;
        drop(checker);
        self.frames_passed = push.frames_passed();
        self.was_slow = push.is_slow();
        if push.live_since().is_some_and(|since: Instant| since.elapsed() >= GOOD_CONNECTION) {
            self.failures = 0;
        }
        outcome.map_err(Trouble::from)
    }

    /// Asks the adapter where to push, unless its last answer still holds.
    async fn prepare(&mut self) -> Result<(), Trouble> {
        let has_expired = |target: &Target| target.expires_at.is_some_and(|at| at <= UnixMillis::now());
        let is_worn =
            self.is_asked_anew || (self.failures > 0 && self.failures.is_multiple_of(ASK_AGAIN_AFTER));
        if self.cell.prepared().is_some_and(|prepared| !has_expired(&prepared.target) && !is_worn) {
            return Ok(());
        }
        self.cell.enter(&self.session, DestinationState::Preparing, None);
        let broadcast = Broadcast {
            id: format!("{}-{}", self.session.id, self.platform.destination()),
            title: self.session.title(),
            visibility: "public".to_owned(),
        };
        let stop = self.cell.stop_token().clone();
        let prepared = tokio::select! {
            prepared = self.platform.prepare(&broadcast, self.failures + 1) => prepared?,
            () = stop.cancelled() => return Ok(()),
        };
        self.cell.set_prepared(Some(Arc::new(prepared)));
        self.is_asked_anew = false;
        Ok(())
    }

    /// Asks the platform now and then how it sees the broadcast, until dropped.
    fn check_while_live(&self, prepared: &Arc<Prepared>) -> AbortOnDropHandle<()> {
        let (session, cell, prepared) =
            (Arc::clone(&self.session), Arc::clone(&self.cell), Arc::clone(prepared));
        AbortOnDropHandle::new(tokio::spawn(async move {
            // Some platforms begin to show a broadcast only when they are asked after pictures have arrived.
            let settings = &session.context.settings;
            let mut wait = settings.first_checks;
            loop {
                tokio::time::sleep(wait).await;
                wait = settings.check_interval;
                match prepared.check().await {
                    Ok(health) => {
                        if health.live == Some(false) {
                            wait = settings.first_checks;
                        }
                        cell.note_platform_view(&session, health);
                    }
                    Err(error) => tracing::debug!(destination = %cell.status().id, %error, "check failed"),
                }
            }
        }))
    }

    /// Ends the broadcast on the platform, if one was prepared.
    async fn finish(&mut self) {
        let Some(prepared) = self.cell.prepared() else { return };
        self.cell.set_prepared(None);
        if let Err(error) = prepared.finish().await {
            let destination = self.platform.destination();
            tracing::warn!(%destination, %error, "the platform was not told the end");
        }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self { reason: error.reason(), is_final: error.needs_change(), retry_after: error.retry_after }
    }
}

impl From<PushError> for Trouble {
    fn from(error: PushError) -> Self {
        Self { reason: error.reason(), is_final: error.is_final(), retry_after: None }
    }
}
