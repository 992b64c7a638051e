//! A WebSocket or a connection of lines that is kept open.
//!
//! One task owns one connection: connects with the access of that moment, reads
//! into the driver's queue, writes what steps transmit, notices a dead peer,
//! and comes back after a wait that grows from a second to a minute. What the
//! queue has no room for is not read: the peer's window fills and nothing is
//! dropped. What cannot be written in time ends the connection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use neustream_contract::chat::{Endpoint, Event, Payload, Problem};
use neustream_model::Secret;
use neustream_outbound::{Incoming, Lines, SocketError, SocketLimits, WebSocket, WebSocketRequest};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::event::ConnectionState;
use super::link::{ConnectorAccess, Link, Traffic, ended};
use super::queue::{Gone, Label};
use crate::joined::{Joiner, problem, secrets_in};

/// What waits to be written: as much as one step can want. When it is full the peer does not read, and the connection
/// is closed.
pub(crate) const OUTBOX: usize = 1024;

/// How messages are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// RFC 6455.
    Websocket,
    /// CR LF.
    Line,
}

/// Something to be written.
pub(crate) struct Transmission {
    /// What.
    pub(crate) payload: Payload,
    /// The opening that the connector knew when it wrote this; on another one it is dropped.
    pub(crate) opening: u64,
    /// What the step was made with.
    pub(crate) access: Arc<ConnectorAccess>,
}

enum Socket {
    Websocket(Box<WebSocket>),
    Line(Box<Lines>),
}

/// How a connection ended.
struct End {
    problem: Problem,
    lasted: Duration,
}

/// Keeps a connection open until the task is aborted. With `failures` before the first attempt it waits as after them.
pub(crate) async fn keep_open(
    mut link: Link,
    endpoint: Endpoint,
    framing: Framing,
    mut outbox: mpsc::Receiver<Transmission>,
    mut failures: u32,
) -> Result<(), Gone> {
    let settings = link.shared.settings;
    if failures > 0 {
        wait(&mut link, settings.backoff_now(failures), &mut outbox).await;
    }
    loop {
        link.changes.mark_unchanged();
        link.report.set(ConnectionState::Connecting, None);
        let access = match link.shared.access(link.place, None).await {
            Ok(access) => Arc::new(access),
            Err(error) => {
                // The driver meets the same error, and decides; here nothing is left but to wait.
                link.report.set(ConnectionState::Waiting, Some(error.reason()));
                failures += 1;
                wait(&mut link, settings.backoff_now(failures), &mut outbox).await;
                continue;
            }
        };
        let end = match open(&link, &endpoint, framing, &access).await {
            Ok((socket, traffic)) => {
                let opening = link.openings.fetch_add(1, Ordering::Relaxed) + 1;
                // Of a connection that is gone; now is the last moment to tell them from those of this one.
                while outbox.try_recv().is_ok() {}
                let label = Label { opening: Some((link.id.clone(), opening)), ..Label::default() };
                link.tell(Event::Opened(link.id.clone()), label).await?;
                link.report.set(ConnectionState::Open, None);
                serve(&mut link, socket, traffic, &endpoint, opening, &access, &mut outbox).await?
            }
            Err((problem, is_refusal)) => {
                let state = if is_refusal { ConnectionState::Denied } else { ConnectionState::Waiting };
                link.report.set(state, Some(problem.reason.clone()));
                link.closed(problem.clone()).await?;
                if is_refusal {
                    // Only a change by the tenant, or another endpoint, can help.
                    drained(&mut outbox, link.changed()).await;
                    continue;
                }
                failures += 1;
                let delay = settings.backoff_now(failures).max(problem.retry_after.unwrap_or_default());
                wait(&mut link, delay.min(Duration::from_hours(1)), &mut outbox).await;
                continue;
            }
        };
        if end.lasted >= settings.steady_after {
            failures = 0;
        }
        failures += 1;
        link.report.set(ConnectionState::Waiting, Some(end.problem.reason.clone()));
        link.closed(end.problem).await?;
        wait(&mut link, settings.backoff_now(failures), &mut outbox).await;
    }
}

/// Waits, or until the installation is changed. What is transmitted meanwhile is dropped: the connection is closed.
async fn wait(link: &mut Link, delay: Duration, outbox: &mut mpsc::Receiver<Transmission>) {
    let until = Instant::now() + delay;
    drained(outbox, async {
        tokio::select! {
            () = sleep_until(until) => {}
            () = link.changed() => {}
        }
    })
    .await;
}

async fn drained(outbox: &mut mpsc::Receiver<Transmission>, until: impl Future<Output = ()>) {
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return,
            Some(_) = outbox.recv() => {}
        }
    }
}

/// Connects. The error says whether it was refused here.
async fn open(
    link: &Link,
    endpoint: &Endpoint,
    framing: Framing,
    access: &ConnectorAccess,
) -> Result<(Socket, Traffic), (Problem, bool)> {
    let settings = link.shared.settings;
    let failed = |error: SocketError| (ended(&error, access), error.is_refusal());
    let place = neustream_outbound::Endpoint::parse(&endpoint.url).map_err(|error| failed(error.into()))?;
    let joiner = Joiner { rules: &access.rules, secrets: &access.call.secrets, endpoint: &place };
    let denied = |problem: Problem| (problem, true);
    let limits = SocketLimits { message_bytes: settings.message_bytes, ..SocketLimits::default() };
    let mut traffic = Traffic::new(Arc::clone(&link.shared.egress), link.place, place.host.to_string());
    match framing {
        Framing::Websocket => {
            let url = joiner.url(&endpoint.url, &endpoint.query).map_err(denied)?;
            let headers = joiner.headers(&endpoint.headers).map_err(denied)?;
            let fields = endpoint.query.iter().chain(&endpoint.headers);
            let bytes = url.len()
                + headers.iter().map(|(name, value)| name.len() + value.expose().len()).sum::<usize>();
            let request = WebSocketRequest { url, headers, limits };
            let socket = link.shared.outbound.websocket(&access.rules, request).await.map_err(failed)?;
            traffic.request(bytes, secrets_in(fields.map(|field| &field.value)));
            Ok((Socket::Websocket(Box::new(socket)), traffic))
        }
        Framing::Line => {
            let socket =
                link.shared.outbound.lines(&access.rules, &endpoint.url, limits).await.map_err(failed)?;
            traffic.request(0, BTreeSet::new());
            Ok((Socket::Line(Box::new(socket)), traffic))
        }
    }
}

/// Reads and writes until the connection ends.
async fn serve(
    link: &mut Link,
    mut socket: Socket,
    mut traffic: Traffic,
    endpoint: &Endpoint,
    opening: u64,
    opened_with: &Arc<ConnectorAccess>,
    outbox: &mut mpsc::Receiver<Transmission>,
) -> Result<End, Gone> {
    let settings = link.shared.settings;
    let began = Instant::now();
    let (quiet, dead) = match socket {
        Socket::Websocket(_) => (settings.ping_after, settings.dead_after),
        Socket::Line(_) => (settings.line_dead_after, settings.line_dead_after),
    };
    // What may be echoed are the secrets of the last access that wrote something.
    let mut access = Arc::clone(opened_with);
    let mut heard = Instant::now();
    let mut pinged = false;
    // What was read and waits for room, with what it weighs.
    let mut read: Option<(Event, u32)> = None;
    let problem = loop {
        let deadline = heard + if pinged { dead } else { quiet };
        tokio::select! {
            room = link.inlet.room(read.as_ref().map_or(0, |(_, weight)| *weight)), if read.is_some() => {
                let label = Label { room: Some(room?), ..Label::default() };
                if let Some((event, _)) = read.take() {
                    link.inlet.bring(event, label).await?;
                }
                // While nobody read, nothing could be heard.
                (heard, pinged) = (Instant::now(), false);
            }
            incoming = socket.next(), if read.is_none() => {
                let payload = match incoming {
                    Ok(Incoming::Text(text)) => {
                        traffic.received(text.len());
                        Some(Payload::Text(access.echoes().starred_text(text)))
                    }
                    Ok(Incoming::Binary(bytes)) => {
                        traffic.received(bytes.len());
                        Some(Payload::Binary(access.echoes().starred(bytes)))
                    }
                    Ok(Incoming::Alive) => None,
                    Err(error) => break ended(&error, &access),
                };
                (heard, pinged) = (Instant::now(), false);
                read = payload.map(|payload| {
                    let event = Event::Received(link.id.clone(), payload);
                    let weight = link.inlet.weight(&event);
                    (event, weight)
                });
            }
            Some(transmission) = outbox.recv() => {
                if transmission.opening == opening {
                    if let Err(problem) = write(&mut socket, &mut traffic, endpoint, &transmission).await {
                        break problem;
                    }
                    access = transmission.access;
                }
            }
            () = sleep_until(deadline), if read.is_none() => {
                traffic.note();
                if pinged || matches!(socket, Socket::Line(_)) {
                    let message = format!("nothing was heard for {} s", heard.elapsed().as_secs());
                    break problem("timed-out", message);
                }
                if let Socket::Websocket(socket) = &mut socket
                    && let Err(error) = socket.ping().await
                {
                    break ended(&error, &access);
                }
                pinged = true;
            }
        }
    };
    Ok(End { problem, lasted: began.elapsed() })
}

/// Writes one payload; a problem ends the connection.
async fn write(
    socket: &mut Socket,
    traffic: &mut Traffic,
    endpoint: &Endpoint,
    transmission: &Transmission,
) -> Result<(), Problem> {
    let access = &*transmission.access;
    let (text, secrets) = match &transmission.payload {
        Payload::Text(text) => (Secret::new(text.clone()), BTreeSet::new()),
        Payload::Binary(bytes) => {
            let Socket::Websocket(socket) = socket else {
                return Err(problem("unsendable", "bytes on a connection of lines"));
            };
            traffic.sent(bytes.len(), BTreeSet::new());
            let sent = socket.send_binary(bytes.clone()).await;
            return sent.map_err(|error| ended(&error, access));
        }
        Payload::Parts(parts) => {
            let place = neustream_outbound::Endpoint::parse(&endpoint.url)
                .map_err(|error| problem(error.code(), error.to_string()))?;
            let joiner = Joiner { rules: &access.rules, secrets: &access.call.secrets, endpoint: &place };
            (joiner.parts(parts)?, secrets_in(parts))
        }
    };
    traffic.sent(text.expose().len(), secrets);
    let sent = match socket {
        Socket::Websocket(socket) => socket.send_text(&text).await,
        Socket::Line(socket) => socket.send_text(&text).await,
    };
    sent.map_err(|error| ended(&error, access))
}

impl Socket {
    async fn next(&mut self) -> Result<Incoming, SocketError> {
        match self {
            Self::Websocket(socket) => socket.next().await,
            Self::Line(socket) => socket.next().await,
        }
    }
}

/// What a connection that cannot take more is closed with.
pub(crate) fn stalled() -> Problem {
    problem("stalled", "the platform does not read what is sent to it")
}
