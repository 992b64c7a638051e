//! One batch through the connector and into the store.
//!
//! State and effects commit together; what may be seen of them is done
//! afterwards, in `effects`. What failed is dealt with in `failure`.

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::chat::{Effect, Event, Message, Step, Transport};
use neustream_contract::{CallError, CallErrorKind, Digest};
use neustream_model::{Reason, UnixMillis};
use uuid::Uuid;

use super::STATE_UNREADABLE;
use super::driver::{Carrier, Driver};
use super::event::ChatEventKind;
use super::link::ConnectorAccess;
use super::memory::{Kept, Memory, check};
use super::queue::Outcome;
use super::recording::{RecordedStep, Recorder, told};
use super::store::{Commit, Committed, Finished, NewMessage, Saved, StoreFailure};
use crate::joined::problem;

/// Why the driver does not go on.
#[derive(Debug)]
pub(crate) enum Pause {
    /// It goes on at once, after a look at its commands.
    Again,
    /// It tries again.
    Retry { after: Duration, reason: Reason },
    /// Only a change can help. With `recheck` the installation is looked at now and then all the same.
    Change { reason: Reason, recheck: bool },
    /// The installation is no more.
    Gone,
}

/// A step that is about to be committed.
pub(crate) struct Pending {
    access: Arc<ConnectorAccess>,
    /// How many events it took.
    count: usize,
    effects: Vec<Effect>,
    commit: Commit,
    /// It begins anew: what was open before is closed.
    begins: bool,
}

impl Driver {
    /// Goes one step on: what was left open first, then the next batch, if there is one. Whether the installation may
    /// run comes before everything else, so that a store that is away keeps no socket open.
    pub(super) async fn advance(&mut self) -> Result<(), Pause> {
        let access = self.next_access().await?;
        if !self.is_loaded {
            self.load().await?;
        }
        if let Some(pending) = self.unsure.take() {
            self.commit(pending).await?;
        }
        self.fit_memory(&access).await?;
        self.keep_connections(&access);
        if self.queue.is_empty() { Ok(()) } else { self.step(&access).await }
    }

    /// Reads what is saved, and queues what the connector must learn about the time between.
    async fn load(&mut self) -> Result<(), Pause> {
        let store = Arc::clone(&self.shared.store);
        let saved = store.load(self.place).await.map_err(|error| self.unavailable(&error))?;
        let recording = store.recording(self.place).await.map_err(|error| self.unavailable(&error))?;
        self.recorder = recording.map(Recorder::from).unwrap_or_default();
        if let Some(saved) = &saved {
            let kept = &saved.memory.kept;
            for (id, transport) in &kept.connections {
                if matches!(transport, Transport::Websocket(_) | Transport::Line(_)) {
                    let closed = problem("restarted", "the host was restarted");
                    self.queue.push(Event::Closed(id.clone(), closed).into());
                }
            }
            for id in &kept.requests {
                let lost = problem("interrupted", "the host was restarted before there was an answer");
                self.queue.push(Event::Answered(id.clone(), Err(lost)).into());
            }
            self.set_alarms(kept.clone());
        }
        self.saved = saved;
        self.queue_waiting().await?;
        self.is_loaded = true;
        Ok(())
    }

    /// Queues the outgoing messages that wait in the store; those that are too old are failed.
    async fn queue_waiting(&mut self) -> Result<(), Pause> {
        let store = Arc::clone(&self.shared.store);
        let waiting = store.waiting(self.place).await.map_err(|error| self.unavailable(&error))?;
        let now = UnixMillis::now();
        let (fresh, old): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|waiting| waiting.at.plus(self.shared.settings.outgoing_expires) >= now);
        if !old.is_empty() {
            let expired = || problem("expired", "it could not be written in time");
            let finished: Vec<_> = old
                .into_iter()
                .map(|waiting| Finished { id: waiting.outgoing.id, problem: Some(expired()) })
                .collect();
            store.finish(self.place, &finished).await.map_err(|error| self.unavailable(&error))?;
            for Finished { id, .. } in finished {
                self.tell(ChatEventKind::Failed(id, expired().reason));
            }
        }
        for waiting in fresh {
            self.queue_outgoing(waiting.outgoing);
        }
        Ok(())
    }

    /// The access of the next call. Where rules are others than before, connections are held to them.
    async fn next_access(&mut self) -> Result<Arc<ConnectorAccess>, Pause> {
        let before = self.access.take();
        if std::mem::take(&mut self.is_changed) {
            // Connections that wait for a change try again.
            self.changes.send_modify(|changes| *changes += 1);
        }
        let asked = self.shared.access(self.place, before.as_deref()).await;
        let mut access = asked.map_err(|error| self.not_called(&error))?;
        access.call.attempt = self.attempts + 1;
        let access = Arc::new(access);
        if before.is_none_or(|before| !Arc::ptr_eq(&before.rules, &access.rules)) {
            self.hold_to_rules(&access);
        }
        self.access = Some(Arc::clone(&access));
        Ok(access)
    }

    /// Sees to it that the memory is one that this version may be handed.
    async fn fit_memory(&mut self, access: &Arc<ConnectorAccess>) -> Result<(), Pause> {
        let schema = access.plugin.manifest().state_schema;
        let config = Digest::of(access.call.config.as_bytes());
        let Some(saved) = &mut self.saved else { return self.begin(access).await };
        if saved.memory.config != config {
            return self.begin(access).await;
        }
        if saved.memory.state_schema <= schema {
            return Ok(());
        }
        // A rollback to before the state changed: go on from the last state of that time.
        let older = self.shared.store.older(self.place, schema).await;
        match older.map_err(|error| self.unavailable(&error))? {
            Some(older) if older.config == config => {
                let step = Step { state: older.state.clone(), effects: Vec::new() };
                let pending = self.pending(access, 0, step, older.kept.clone(), true);
                self.commit(pending).await
            }
            _ => self.begin(access).await,
        }
    }

    /// Begins without a state.
    async fn begin(&mut self, access: &Arc<ConnectorAccess>) -> Result<(), Pause> {
        let opened = access.plugin.open(&access.call).await;
        let step = opened.and_then(|step| valid(step, &Kept::default(), &[]));
        let (step, kept) = step.map_err(|error| self.not_begun(&error))?;
        let pending = self.pending(access, 0, step, kept, true);
        self.commit(pending).await?;
        self.queue_waiting().await
    }

    /// Hands over a batch.
    async fn step(&mut self, access: &Arc<ConnectorAccess>) -> Result<(), Pause> {
        let settings = self.shared.settings;
        let count = self.queue.batch(self.batch_limit, settings.batch_bytes);
        // `fit_memory` comes first, and begins where nothing is saved.
        let Some(saved) = &self.saved else { return Err(Pause::Again) };
        let events = self.queue.first(count);
        let answered = access.plugin.handle(&access.call, &saved.memory.state, events).await;
        match answered.and_then(|step| valid(step, &saved.memory.kept, events)) {
            Ok((step, kept)) => {
                let pending = self.pending(access, count, step, kept, false);
                self.commit(pending).await?;
                (self.attempts, self.waits) = (0, 0);
                self.batch_limit = (self.batch_limit * 2).min(settings.batch_events);
                Ok(())
            }
            // Not twice from the same package: then the fault is another.
            Err(error) if error.code == STATE_UNREADABLE && saved.memory.plugin != access.call.plugin => {
                self.begin(access).await?;
                Err(Pause::Again)
            }
            Err(error) => Err(self.failed(count, &error).await),
        }
    }

    fn pending(
        &self,
        access: &Arc<ConnectorAccess>,
        count: usize,
        step: Step,
        kept: Kept,
        begins: bool,
    ) -> Pending {
        let manifest = access.plugin.manifest();
        let (expected_revision, replaced) = match &self.saved {
            Some(saved) => (saved.revision, Some(saved.memory.state_schema)),
            None => (0, None),
        };
        let memory = Memory {
            state: step.state,
            state_schema: manifest.state_schema,
            plugin: access.call.plugin,
            config: Digest::of(access.call.config.as_bytes()),
            kept,
        };
        let platform = manifest.id.rsplit('/').next().unwrap_or_default().to_owned();
        let (mut messages, mut retractions, mut finished) = (Vec::new(), Vec::new(), Vec::new());
        for effect in &step.effects {
            match effect {
                Effect::Publish(message) => {
                    messages.push(NewMessage { id: Uuid::now_v7(), message: message.clone() });
                }
                Effect::Retract(id) => retractions.push(id.clone()),
                Effect::Sent(id) => finished.push(Finished { id: id.clone(), problem: None }),
                Effect::Failed(id, problem) => {
                    finished.push(Finished { id: id.clone(), problem: Some(problem.clone()) });
                }
                _ => {}
            }
        }
        let commit = Commit {
            expected_revision,
            token: Uuid::new_v4(),
            at: UnixMillis::now(),
            keeps_older: replaced.is_some_and(|schema| schema != memory.state_schema),
            memory,
            platform,
            messages,
            retractions,
            finished,
        };
        Pending { access: Arc::clone(access), count, effects: step.effects, commit, begins }
    }

    /// Writes a step; its effects happen when it is written, and not before.
    async fn commit(&mut self, pending: Pending) -> Result<(), Pause> {
        let written = self.shared.store.commit(self.place, &pending.commit).await;
        match written {
            Ok(committed) => {
                self.committed(pending, &committed);
                Ok(())
            }
            Err(StoreFailure::Conflict) => {
                // Somebody else has moved on: what is here is of no use. The events stay.
                self.is_loaded = false;
                self.live.clear();
                self.requests.clear();
                self.alarms.clear();
                Err(self.unavailable(&StoreFailure::Conflict))
            }
            Err(StoreFailure::Refused(message)) if pending.count > 0 => {
                let error = CallError::new(CallErrorKind::Other, "store-refused", message);
                Err(self.failed(pending.count, &error).await)
            }
            Err(error @ StoreFailure::Refused(_)) => Err(self.unavailable(&error)),
            Err(error) => {
                self.unsure = Some(pending);
                Err(self.unavailable(&error))
            }
        }
    }

    fn committed(&mut self, pending: Pending, committed: &Committed) {
        let Pending { access, count, effects, commit, begins } = pending;
        if begins {
            self.live.clear();
            self.requests.clear();
            self.set_alarms(commit.memory.kept.clone());
        }
        let (events, labels) = self.queue.take(count);
        for event in &events {
            if let Event::Timer(name) = event
                && self.alarms.get(name).is_some_and(|alarm| alarm.has_fired)
            {
                self.alarms.remove(name);
            }
        }
        for label in &labels {
            if let Some((id, opening)) = &label.opening
                && let Some(Carrier::Socket { known, .. }) =
                    self.live.get_mut(id).map(|live| &mut live.carrier)
            {
                *known = *opening;
            }
        }
        let before = self.saved.take();
        let revision = commit.expected_revision + 1;
        self.saved = Some(Saved { revision, token: commit.token, memory: commit.memory });
        if let Some(before) = before.filter(|_| count > 0) {
            let step = RecordedStep {
                revision,
                state_schema: before.memory.state_schema,
                state: before.memory.state,
                told: told(&effects),
                events,
            };
            let settings = self.shared.settings;
            self.recorder.add(step, settings.recorded_steps, settings.recorded_bytes);
            self.recorded();
        }
        self.perform(&access, effects, &commit.messages, committed);
        for label in labels {
            if let Some(done) = label.done {
                let _ = done.send(Outcome::Committed);
            }
        }
    }
}

/// A step that keeps to the contract, and what is to be kept after it. Texts of platforms lose their NULs, which a
/// database may refuse (PostgreSQL does).
fn valid(mut step: Step, kept: &Kept, events: &[Event]) -> Result<(Step, Kept), CallError> {
    step.effects.iter_mut().for_each(without_nul);
    let kept = check(&step).and_then(|()| kept.after(events, &step.effects, UnixMillis::now()));
    let invalid =
        |error: super::StepInvalid| CallError::new(CallErrorKind::Limit, "step-invalid", error.to_string());
    kept.map(|kept| (step, kept)).map_err(invalid)
}

fn without_nul(effect: &mut Effect) {
    let clean = |text: &mut String| {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{fffd}");
        }
    };
    match effect {
        Effect::Publish(message) => {
            let Message { id, author_id, author, text, kind, roles, reply_to, sent_at: _, extra } = message;
            [id, author_id, author, text, kind].into_iter().for_each(clean);
            roles.iter_mut().chain(reply_to).for_each(clean);
            extra.iter_mut().flat_map(|(name, value)| [name, value]).for_each(clean);
        }
        Effect::Retract(id) | Effect::Sent(id) => clean(id),
        Effect::Failed(id, problem) => {
            [id, &mut problem.reason.code, &mut problem.reason.message].into_iter().for_each(clean);
        }
        _ => {}
    }
}
