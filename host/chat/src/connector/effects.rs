//! What a committed step lets happen.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use neustream_contract::chat::{
    Connection, Effect, Event, MAX_REQUESTS_UNDER_WAY, Payload, Problem, Request, Transport,
};
use neustream_model::{Reason, UnixMillis};
use neustream_outbound::Endpoint;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::driver::{Alarm, Carrier, Driver, Live};
use super::event::{ChatEventKind, ConnectionState};
use super::link::{ConnectorAccess, Link, Report};
use super::memory::Kept;
use super::poll::{PollClock, ask_again_and_again};
use super::queue::Label;
use super::request::answer;
use super::socket::{Framing, OUTBOX, Transmission, keep_open, stalled};
use super::store::{Committed, NewMessage};
use crate::joined::problem;

impl Driver {
    /// Does what a step wants, in its order.
    pub(super) fn perform(
        &mut self,
        access: &Arc<ConnectorAccess>,
        effects: Vec<Effect>,
        messages: &[NewMessage],
        committed: &Committed,
    ) {
        let platform = access.plugin.manifest().id.rsplit('/').next().unwrap_or_default();
        let mut messages = messages.iter();
        for effect in effects {
            match effect {
                Effect::Publish(message) => {
                    let id =
                        messages.next().map(|message| message.id).filter(|id| committed.fresh.contains(id));
                    if let Some(id) = id {
                        self.figures.messages += 1;
                        metrics::counter!("chat_messages_total").increment(1);
                        let platform = platform.to_owned();
                        self.tell(ChatEventKind::Message { id, platform, message });
                    } else {
                        self.figures.duplicates += 1;
                    }
                }
                Effect::Retract(id) => {
                    if committed.retracted.contains(&id) {
                        self.tell(ChatEventKind::Retracted(id));
                    }
                }
                Effect::Transmit(id, payload) => self.transmit(access, &id, payload),
                Effect::Request(request) => self.request(access, request),
                Effect::Sent(id) => self.tell(ChatEventKind::Sent(id)),
                Effect::Failed(id, problem) => self.tell(ChatEventKind::Failed(id, problem.reason)),
                Effect::Reopen(Connection { id, transport }) => self.open(access, &id, transport),
                Effect::Close(id) => drop(self.live.remove(&id)),
                Effect::Wake(name, after) if after.is_zero() => drop(self.alarms.remove(&name)),
                Effect::Wake(name, after) => {
                    let alarm = Alarm { at: Instant::now() + after, has_fired: false };
                    self.alarms.insert(name, alarm);
                }
                Effect::Status(word) => {
                    self.word = word;
                    self.dropped = None;
                }
            }
        }
    }

    /// Opens what is to be open and is not.
    pub(super) fn keep_connections(&mut self, access: &Arc<ConnectorAccess>) {
        let Some(saved) = &self.saved else { return };
        let missing: Vec<_> = saved
            .memory
            .kept
            .connections
            .iter()
            .filter(|(id, _)| !self.live.contains_key(*id))
            .map(|(id, transport)| (id.clone(), transport.clone()))
            .collect();
        for (id, transport) in missing {
            self.open(access, &id, transport);
        }
    }

    /// Closes everything: the installation may not run, or only a change can help.
    pub(super) fn close_all(&mut self, reason: &Reason) {
        self.drain_arrivals();
        for (id, live) in std::mem::take(&mut self.live) {
            if matches!(live.carrier, Carrier::Socket { .. }) {
                let closed = Problem { reason: reason.clone(), retry_after: None };
                self.queue.push(Event::Closed(id, closed).into());
            }
        }
        let lost = problem("interrupted", "the installation was stopped before there was an answer");
        for (id, _) in std::mem::take(&mut self.requests) {
            self.queue.push(Event::Answered(id, Err(lost.clone())).into());
        }
    }

    /// Closes the connections that the rules of now do not allow.
    pub(super) fn hold_to_rules(&mut self, access: &Arc<ConnectorAccess>) {
        let is_denied = |live: &Live| match &live.carrier {
            Carrier::Socket { url, .. } => {
                !Endpoint::parse(url).is_ok_and(|endpoint| access.rules.may_connect(&endpoint))
            }
            Carrier::Webhook => !access.rules.has_webhook(),
            // Every question is checked anyway.
            Carrier::Poll { .. } => false,
        };
        let denied: Vec<_> =
            self.live.iter().filter(|(_, live)| is_denied(live)).map(|(id, _)| id.clone()).collect();
        for id in denied {
            // Opened again by `keep_connections`, which finds it denied and says so.
            self.live.remove(&id);
        }
    }

    /// Gives up a socket that nobody has logged in to; the next attempt is made after a wait.
    pub(super) fn start_over(&mut self, id: &str, reason: &Reason) {
        self.restart(id, Problem { reason: reason.clone(), retry_after: None });
    }

    fn restart(&mut self, id: &str, problem: Problem) {
        let kept = self.saved.as_ref().and_then(|saved| saved.memory.kept.connections.get(id)).cloned();
        let (Some(transport), Some(access)) = (kept, self.access.clone()) else { return };
        if self.live.remove(id).is_some() {
            // What came over it comes before its end.
            self.drain_arrivals();
            self.queue.push(Event::Closed(id.to_owned(), problem).into());
            self.open_after(&access, id, transport, 1);
        }
    }

    fn open(&mut self, access: &Arc<ConnectorAccess>, id: &str, transport: Transport) {
        self.open_after(access, id, transport, 0);
    }

    /// Opens a connection, in place of the one of this name. After `failures` a socket waits first.
    fn open_after(&mut self, access: &ConnectorAccess, id: &str, transport: Transport, failures: u32) {
        let before = self.live.remove(id);
        let word = match &transport {
            Transport::Websocket(_) => "websocket",
            Transport::Line(_) => "line",
            Transport::Poll(_) => "poll",
            Transport::Webhook(_) => "webhook",
        };
        let report = Report::new(id, word, Arc::clone(&self.news));
        let link = Link {
            shared: Arc::clone(&self.shared),
            place: self.place,
            id: id.to_owned(),
            inlet: self.inlet.clone(),
            openings: Arc::clone(&self.openings),
            changes: self.changes.subscribe(),
            report: report.clone(),
        };
        let carrier = match transport {
            Transport::Websocket(endpoint) | Transport::Line(endpoint) => {
                let framing = if word == "line" { Framing::Line } else { Framing::Websocket };
                let (outbox, waiting) = mpsc::channel(OUTBOX);
                let url = endpoint.url.clone();
                let task = async move {
                    // Ends only when the driver is gone.
                    let _ = keep_open(link, endpoint, framing, waiting, failures).await;
                };
                Carrier::Socket { outbox, known: 0, url, _task: AbortOnDropHandle::new(tokio::spawn(task)) }
            }
            Transport::Poll(endpoint) => {
                let clock = match before.map(|live| live.carrier) {
                    Some(Carrier::Poll { clock, .. }) => Some(clock),
                    _ => None,
                };
                let is_new = clock.is_none();
                let clock = clock.unwrap_or_else(PollClock::default);
                let own = clock.clone();
                let task = async move {
                    let _ = ask_again_and_again(link, endpoint, own, is_new).await;
                };
                Carrier::Poll { clock, _task: AbortOnDropHandle::new(tokio::spawn(task)) }
            }
            Transport::Webhook(advice) => {
                if access.rules.has_webhook() {
                    report.set(ConnectionState::Open, Some(Reason::new("webhook", advice)));
                    self.queue.push(Event::Opened(id.to_owned()).into());
                } else {
                    let denied = problem("webhook-denied", "webhooks are not among what was granted");
                    report.set(ConnectionState::Denied, Some(denied.reason.clone()));
                    self.queue.push(Event::Closed(id.to_owned(), denied).into());
                }
                Carrier::Webhook
            }
        };
        self.live.insert(id.to_owned(), Live { report, carrier });
    }

    /// Hands something to a socket. One that is closed by now drops it.
    fn transmit(&mut self, access: &Arc<ConnectorAccess>, id: &str, payload: Payload) {
        let Some(Live { carrier: Carrier::Socket { outbox, known, .. }, .. }) = self.live.get(id) else {
            return;
        };
        let transmission = Transmission { payload, opening: *known, access: Arc::clone(access) };
        if let Err(mpsc::error::TrySendError::Full(_)) = outbox.try_send(transmission) {
            self.restart(id, stalled());
        }
    }

    /// Makes a request on a task of its own. One too many is answered at once.
    fn request(&mut self, access: &Arc<ConnectorAccess>, request: Request) {
        let under_way = self.requests.len();
        let refuse = |code, message: String| Event::Answered(request.id.clone(), Err(problem(code, message)));
        let Entry::Vacant(entry) = self.requests.entry(request.id.clone()) else {
            let refused = refuse("duplicate-request", "a request of this id is under way".to_owned());
            self.queue.push(refused.into());
            return;
        };
        if under_way >= MAX_REQUESTS_UNDER_WAY {
            let refused = refuse("too-many-requests", format!("{MAX_REQUESTS_UNDER_WAY} are under way"));
            self.queue.push(refused.into());
            return;
        }
        let (shared, place, inlet) = (Arc::clone(&self.shared), self.place, self.inlet.clone());
        let access = Arc::clone(access);
        entry.insert(AbortOnDropHandle::new(tokio::spawn(async move {
            let (outcome, _) = answer(&shared, place, &access, &request).await;
            let label = Label { is_request: true, ..Label::default() };
            // Fails only when the driver is gone.
            let _ = inlet.bring_when_room(Event::Answered(request.id, outcome), label).await;
        })));
    }

    /// Sets the timers of `kept`, by the wall clock: those that are due meanwhile fire at once.
    pub(super) fn set_alarms(&mut self, kept: Kept) {
        let now = UnixMillis::now();
        let at =
            |due: UnixMillis| Instant::now() + std::time::Duration::from_millis(due.0.saturating_sub(now.0));
        let alarms = kept.alarms.into_iter();
        self.alarms = alarms.map(|(name, due)| (name, Alarm { at: at(due), has_fired: false })).collect();
    }
}
