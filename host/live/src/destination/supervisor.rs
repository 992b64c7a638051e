//! Keeps one destination live: prepare, push, wait, again; and finish at the end.
//!
//! States: `idle → preparing → connecting → live → retrying → ...`, or
//! `failed` when only a change by the tenant can help.

use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_model::{DestinationState, Reason, UnixMillis};
use neustream_plugin::destination::{Broadcast, DestinationAdapter, Target};
use neustream_plugin::{Call, CallError};
use tokio_util::task::AbortOnDropHandle;

use super::backoff;
use super::cell::Cell;
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
        session,
        config,
        cell,
        prepared: None,
        failures: 0,
        frames_passed: None,
        was_slow: false,
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
    config: DestinationConfig,
    cell: Arc<Cell>,
    prepared: Option<Prepared>,
    /// In a row.
    failures: u32,
    /// Frames of the session up to which the last connection had read.
    frames_passed: Option<u64>,
    /// Whether it had to skip frames.
    was_slow: bool,
}

struct Prepared {
    adapter: Arc<dyn DestinationAdapter>,
    target: Target,
}

/// Why an attempt failed.
struct Trouble {
    reason: Reason,
    is_final: bool,
    retry_after: Option<Duration>,
}

impl Supervisor {
    /// Tries until stopped or failed for good.
    async fn keep_live(&mut self) {
        let stop = self.cell.stop_token().clone();
        while !stop.is_cancelled() {
            let Err(trouble) = self.attempt().await else { continue };
            if stop.is_cancelled() {
                return;
            }
            if trouble.is_final {
                self.cell.enter(&self.session, DestinationState::Failed, Some(trouble.reason));
                return;
            }
            self.failures += 1;
            let delay =
                backoff::delay(self.failures, rand::random()).max(trouble.retry_after.unwrap_or_default());
            self.cell.retry_in(&self.session, delay, trouble.reason);
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// One connection, from the question where to push to its end; `Ok` when it was stopped.
    async fn attempt(&mut self) -> Result<(), Trouble> {
        self.prepare().await?;
        let Some(prepared) = &self.prepared else { return Ok(()) };
        self.cell.enter(&self.session, DestinationState::Connecting, None);
        let uses_backup = self.failures % 2 == 1;
        let url = prepared.target.backup_url.as_ref().filter(|_| uses_backup).unwrap_or(&prepared.target.url);
        let key = self.config.secrets.join(&prepared.target.key).map_err(|error| Trouble {
            reason: Reason::new("secret-missing", error.to_string()),
            is_final: true,
            retry_after: None,
        })?;
        let checker = self.check_while_live(prepared);
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
        let is_worn = self.failures > 0 && self.failures.is_multiple_of(ASK_AGAIN_AFTER);
        if self.prepared.as_ref().is_some_and(|prepared| !has_expired(&prepared.target) && !is_worn) {
            return Ok(());
        }
        self.cell.enter(&self.session, DestinationState::Preparing, None);
        let stop = self.cell.stop_token().clone();
        let prepared = tokio::select! {
            prepared = self.ask() => prepared?,
            () = stop.cancelled() => return Ok(()),
        };
        self.prepared = Some(prepared);
        Ok(())
    }

    async fn ask(&self) -> Result<Prepared, CallError> {
        let adapter = self.session.context.adapters.adapter(&self.config.plugin).await?;
        let broadcast = Broadcast {
            id: format!("{}-{}", self.session.id, self.config.id),
            title: self.session.title(),
            visibility: "public".to_owned(),
        };
        let target = adapter.prepare(&self.call(), &broadcast).await?;
        Ok(Prepared { adapter, target })
    }

    /// Asks the platform now and then how it sees the broadcast, until dropped.
    fn check_while_live(&self, prepared: &Prepared) -> AbortOnDropHandle<()> {
        let adapter = Arc::clone(&prepared.adapter);
        let state = prepared.target.state.clone();
        let (session, cell, call) = (Arc::clone(&self.session), Arc::clone(&self.cell), self.call());
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                tokio::time::sleep(session.context.settings.check_interval).await;
                match adapter.check(&call, &state).await {
                    Ok(health) => cell.note_platform_view(&session, health.live),
                    Err(error) => tracing::debug!(destination = %cell.status().id, %error, "check failed"),
                }
            }
        }))
    }

    /// Ends the broadcast on the platform, if one was prepared.
    async fn finish(&mut self) {
        let Some(prepared) = self.prepared.take() else { return };
        if let Err(error) = prepared.adapter.finish(&self.call(), &prepared.target.state).await {
            tracing::warn!(destination = %self.config.id, %error, "the platform was not told the end");
        }
    }

    fn call(&self) -> Call {
        Call {
            tenant: self.session.tenant,
            installation: self.config.id.to_string(),
            config: self.config.config.clone(),
            secrets: self.config.secrets.clone(),
            attempt: self.failures + 1,
            deadline: self.session.context.settings.adapter_deadline,
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
