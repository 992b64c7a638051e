//! The task of one installation: what wakes it, and when it waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use neustream_contract::chat::{Event, Outgoing, Problem, Transport};
use neustream_model::{Reason, UnixMillis};
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::event::{ChatEvent, ChatEventKind, ConnectorState, ConnectorStatus};
use super::link::{ConnectorAccess, Report, Shared};
use super::poll::PollClock;
use super::queue::{Inlet, Label, Outcome, Queue, Queued};
use super::recording::Recorder;
use super::socket::Transmission;
use super::step::{Pause, Pending};
use super::store::Saved;
use crate::Place;

/// Time for the steps that are left at the end.
const FINISH: Duration = Duration::from_secs(2);

/// What the service tells a driver.
pub(crate) enum Command {
    /// The installation was changed in some way.
    Changed,
    /// A platform sent something to a webhook.
    Deliver {
        connection: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        done: oneshot::Sender<Outcome>,
    },
    /// A message was queued in the store.
    Send(Outgoing),
    /// Remove this message on the platform.
    Remove { id: String, done: oneshot::Sender<bool> },
    /// End.
    Stop,
}

/// What ends a wait early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// There is something to do.
    Work,
    /// It is over.
    Stop,
}

/// The task of one installation.
pub(crate) struct Driver {
    pub(super) shared: Arc<Shared>,
    pub(super) place: Place,
    commands: mpsc::Receiver<Command>,
    pub(super) inlet: Inlet,
    arrivals: mpsc::Receiver<Queued>,
    /// Events that no step has taken yet.
    pub(super) queue: Queue,
    /// Whether the store was asked what is saved.
    pub(super) is_loaded: bool,
    pub(super) saved: Option<Saved>,
    /// A step whose commit was not answered.
    pub(super) unsure: Option<Pending>,
    /// The installation was changed since it was last looked at.
    pub(super) is_changed: bool,
    /// That of the last call.
    pub(super) access: Option<Arc<ConnectorAccess>>,
    pub(super) live: BTreeMap<String, Live>,
    pub(super) alarms: BTreeMap<String, Alarm>,
    /// Requests by the connector's name for them.
    pub(super) requests: BTreeMap<String, AbortOnDropHandle<()>>,
    pub(super) openings: Arc<AtomicU64>,
    pub(super) changes: watch::Sender<u64>,
    pub(super) news: Arc<Notify>,
    /// Most events of the next batch: one after a fault, then growing again.
    pub(super) batch_limit: usize,
    /// Attempts at the first event, alone in its batch, that failed.
    pub(super) attempts: u32,
    /// Attempts at it that say little about it.
    pub(super) waits: u32,
    /// Failures of anything else in a row.
    pub(super) failures: u32,
    /// What the connector says about itself.
    pub(super) word: Option<Problem>,
    /// The last event that was dropped.
    pub(super) dropped: Option<Reason>,
    pub(super) figures: Figures,
    pub(super) recorder: Recorder,
    is_recording_kept: bool,
    keep_recording_at: Instant,
    status: watch::Sender<ConnectorStatus>,
    events: broadcast::Sender<ChatEvent>,
}

/// What was counted since the host started.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    pub(super) messages: u64,
    pub(super) duplicates: u64,
    pub(super) poison: u64,
}

/// A timer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alarm {
    pub(super) at: Instant,
    /// Its event is queued.
    pub(super) has_fired: bool,
}

/// A connection that is kept.
pub(super) struct Live {
    pub(super) report: Report,
    pub(super) carrier: Carrier,
}

/// What carries a connection. Ends with its drop.
pub(super) enum Carrier {
    /// A WebSocket or lines.
    Socket {
        outbox: mpsc::Sender<Transmission>,
        /// The last opening that the connector has seen.
        known: u64,
        url: String,
        _task: AbortOnDropHandle<()>,
    },
    /// A poll.
    Poll { clock: PollClock, _task: AbortOnDropHandle<()> },
    /// The host's own routes.
    Webhook,
}

impl Driver {
    pub(crate) fn new(
        shared: Arc<Shared>,
        place: Place,
        commands: mpsc::Receiver<Command>,
        events: broadcast::Sender<ChatEvent>,
    ) -> (Self, watch::Receiver<ConnectorStatus>) {
        let (inlet, arrivals) = Inlet::new(shared.settings.waiting_bytes);
        let starting = ConnectorStatus {
            state: ConnectorState::Starting,
            problem: None,
            since: UnixMillis::now(),
            plugin: None,
            connections: Vec::new(),
            revision: 0,
            messages: 0,
            duplicates: 0,
            poison: 0,
        };
        let (status, shown) = watch::channel(starting);
        let driver = Self {
            batch_limit: shared.settings.batch_events,
            keep_recording_at: Instant::now() + shared.settings.record_every,
            shared,
            place,
            commands,
            inlet,
            arrivals,
            queue: Queue::default(),
            is_loaded: false,
            saved: None,
            unsure: None,
            is_changed: false,
            access: None,
            live: BTreeMap::new(),
            alarms: BTreeMap::new(),
            requests: BTreeMap::new(),
            openings: Arc::default(),
            changes: watch::channel(0).0,
            news: Arc::default(),
            attempts: 0,
            waits: 0,
            failures: 0,
            word: None,
            dropped: None,
            figures: Figures::default(),
            recorder: Recorder::default(),
            is_recording_kept: true,
            status,
            events,
        };
        (driver, shown)
    }

    /// Drives until it is stopped, or the installation is gone.
    pub(crate) async fn run(mut self) {
        loop {
            let wake = match self.advance().await {
                Ok(()) => {
                    self.failures = 0;
                    self.report(ConnectorState::Running, None);
                    self.gather().await
                }
                Err(Pause::Again) => self.take_commands(),
                Err(Pause::Retry { after, reason }) => {
                    self.report(ConnectorState::Retrying, Some(reason));
                    self.idle(Some(after)).await
                }
                Err(Pause::Change { reason, recheck }) => {
                    self.close_all(&reason);
                    self.report(ConnectorState::Failed, Some(reason));
                    self.idle(recheck.then_some(self.shared.settings.recheck_every)).await
                }
                Err(Pause::Gone) => Wake::Stop,
            };
            if wake == Wake::Stop {
                break;
            }
        }
        // Cut short where the store does not answer: an end must come.
        let _ = tokio::time::timeout(FINISH, self.finish()).await;
        self.live.clear();
        self.requests.clear();
        self.keep_recording().await;
        self.report(ConnectorState::Stopped, None);
    }

    /// Takes the steps that are left: over a socket nothing comes again. What arrives from now on is not read any more.
    async fn finish(&mut self) {
        self.drain_arrivals();
        while self.unsure.is_some() || (self.is_loaded && !self.queue.is_empty()) {
            match self.advance().await {
                Ok(()) | Err(Pause::Again) => {}
                Err(_) => return,
            }
        }
    }

    /// Waits until there is a batch, or something changes.
    async fn gather(&mut self) -> Wake {
        let recheck_at = Instant::now() + self.shared.settings.recheck_every;
        loop {
            if self.take_commands() == Wake::Stop {
                return Wake::Stop;
            }
            self.take_arrivals();
            self.fire_alarms();
            if !self.queue.is_empty() || self.is_changed {
                return Wake::Work;
            }
            let alarm = self.alarms.values().filter(|alarm| !alarm.has_fired).map(|alarm| alarm.at).min();
            let keep_recording = !self.is_recording_kept;
            tokio::select! {
                command = self.commands.recv() => match command {
                    None => return Wake::Stop,
                    Some(command) => if self.take(command) == Wake::Stop { return Wake::Stop },
                },
                Some(queued) = self.arrivals.recv() => self.arrived(queued),
                () = sleep_until(alarm.unwrap_or(recheck_at).min(recheck_at)) => {
                    if Instant::now() >= recheck_at {
                        return Wake::Work;
                    }
                }
                () = self.news.notified() => self.report(ConnectorState::Running, None),
                () = sleep_until(self.keep_recording_at), if keep_recording => self.keep_recording().await,
            }
        }
    }

    /// Waits so long, or until the installation is changed. Events may come as far as there is room.
    async fn idle(&mut self, time: Option<Duration>) -> Wake {
        let until = time.map(|time| Instant::now() + time);
        while !self.is_changed {
            let over = async {
                match until {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = self.commands.recv() => match command {
                    None => return Wake::Stop,
                    Some(command) => if self.take(command) == Wake::Stop { return Wake::Stop },
                },
                () = over => return Wake::Work,
                () = self.news.notified() => self.report_connections(),
            }
        }
        Wake::Work
    }

    /// Takes the commands that are there.
    fn take_commands(&mut self) -> Wake {
        while let Ok(command) = self.commands.try_recv() {
            if self.take(command) == Wake::Stop {
                return Wake::Stop;
            }
        }
        Wake::Work
    }

    /// Takes one command.
    fn take(&mut self, command: Command) -> Wake {
        match command {
            Command::Stop => return Wake::Stop,
            Command::Changed => {
                self.is_changed = true;
                self.failures = 0;
            }
            Command::Deliver { connection, headers, body, done } => {
                self.deliver(connection, headers, body, done);
            }
            Command::Send(outgoing) => self.queue_outgoing(outgoing),
            Command::Remove { id, done } => {
                let event = Event::Remove(id);
                let room = self.inlet.room_now(&event);
                let _ = done.send(room.is_some());
                if room.is_some() {
                    self.queue.push(Queued { event, label: Label { room, ..Label::default() } });
                }
            }
        }
        Wake::Work
    }

    fn deliver(
        &mut self,
        connection: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        done: oneshot::Sender<Outcome>,
    ) {
        let kept = self.saved.as_ref().and_then(|saved| saved.memory.kept.connections.get(&connection));
        let is_granted = self.access.as_ref().is_none_or(|access| access.rules.has_webhook());
        if self.is_loaded && !(is_granted && matches!(kept, Some(Transport::Webhook(_)))) {
            let _ = done.send(Outcome::Unknown);
            return;
        }
        if !self.live.contains_key(&connection) {
            return;
        }
        let event = Event::Delivered { connection, headers, body };
        // Without room the platform is told to come again: it keeps what it sends.
        let Some(room) = self.inlet.room_now(&event) else { return };
        let label = Label { room: Some(room), done: Some(done), ..Label::default() };
        self.queue.push(Queued { event, label });
    }

    /// Queues an outgoing message that is not queued already.
    pub(super) fn queue_outgoing(&mut self, outgoing: Outgoing) {
        if !self.queue.any(|event| matches!(event, Event::Send(queued) if queued.id == outgoing.id)) {
            self.queue.push(Event::Send(outgoing).into());
        }
    }

    /// Takes the events that are there, up to a batch.
    fn take_arrivals(&mut self) {
        while self.queue.len() < self.shared.settings.batch_events {
            let Ok(queued) = self.arrivals.try_recv() else { break };
            self.arrived(queued);
        }
    }

    /// Takes all events that are there: before one is queued behind them that did not come by the same way. Their number
    /// is bounded by their room.
    pub(super) fn drain_arrivals(&mut self) {
        while let Ok(queued) = self.arrivals.try_recv() {
            self.arrived(queued);
        }
    }

    fn arrived(&mut self, queued: Queued) {
        if let (Event::Answered(id, _), true) = (&queued.event, queued.label.is_request) {
            self.requests.remove(id);
        }
        self.queue.push(queued);
    }

    fn fire_alarms(&mut self) {
        let now = Instant::now();
        for (name, alarm) in &mut self.alarms {
            if !alarm.has_fired && alarm.at <= now {
                alarm.has_fired = true;
                self.queue.push(Event::Timer(name.clone()).into());
            }
        }
    }

    /// Notes that the recording has something new.
    pub(super) fn recorded(&mut self) {
        if self.is_recording_kept {
            self.is_recording_kept = false;
            self.keep_recording_at = Instant::now() + self.shared.settings.record_every;
        }
    }

    async fn keep_recording(&mut self) {
        if self.is_recording_kept {
            return;
        }
        match self.shared.store.keep_recording(self.place, self.recorder.recording()).await {
            Ok(()) => self.is_recording_kept = true,
            Err(error) => {
                // Only a shadow replay after a restart would miss it.
                tracing::debug!(installation = %self.place.installation, %error, "steps of late are not kept");
                self.keep_recording_at = Instant::now() + self.shared.settings.record_every;
            }
        }
    }

    /// Tells everyone.
    pub(super) fn tell(&self, kind: ChatEventKind) {
        // Nobody listening is no error.
        let _ = self.events.send(ChatEvent { at: self.place, kind });
    }

    /// Shows the state; it is told when it is another one.
    fn report(&self, state: ConnectorState, problem: Option<Reason>) {
        let own = || self.word.as_ref().map(|problem| problem.reason.clone());
        self.show(state, problem.or_else(own).or_else(|| self.dropped.clone()));
    }

    fn report_connections(&self) {
        let (state, problem) = {
            let status = self.status.borrow();
            (status.state, status.problem.clone())
        };
        self.show(state, problem);
    }

    fn show(&self, state: ConnectorState, problem: Option<Reason>) {
        let connections: Vec<_> = self.live.values().map(|live| live.report.status()).collect();
        let mut is_other = false;
        self.status.send_modify(|status| {
            is_other =
                status.state != state || status.problem != problem || status.connections != connections;
            if status.state != state {
                status.since = UnixMillis::now();
            }
            (status.state, status.problem, status.connections) = (state, problem, connections);
            status.plugin = self.access.as_ref().map(|access| access.call.plugin).or(status.plugin);
            status.revision = self.saved.as_ref().map_or(0, |saved| saved.revision);
            status.messages = self.figures.messages;
            status.duplicates = self.figures.duplicates;
            status.poison = self.figures.poison;
        });
        if is_other {
            self.tell(ChatEventKind::Status(self.status.borrow().clone()));
        }
    }
}
