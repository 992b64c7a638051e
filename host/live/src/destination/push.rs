//! One connection to a destination: connect, ask to publish, feed, say goodbye.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_contract::destination::Limits;
use neustream_model::{DestinationState, Reason, Secret};
use neustream_outbound::OutboundError;
use neustream_rtmp::wire::Receiver;
use neustream_rtmp::{ClientEvent, ClientSession, PublishRequest, SessionError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::cell::Cell;
use crate::context::Context;
use crate::feed::{Feed, Step};
use crate::link::{self, Link};
use crate::meter::Meter;
use crate::session::Session;

/// What a destination says is short; a larger answer arrives in pieces.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// How often figures are taken.
const TICK: Duration = Duration::from_millis(500);
/// A destination that skipped frames is called slow for this long.
const SLOW_FOR: Duration = Duration::from_secs(10);
/// What the last frames and the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// Some receivers agree first and look at the key then: for so long they may take their word back.
const SECOND_THOUGHTS: Duration = Duration::from_millis(500);
/// What the goodbye may take where nothing was sent.
const SHORT_GOODBYE: Duration = Duration::from_millis(500);

/// How a connection failed. None of the texts carries the key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    #[error("the target URL is not usable: {0}")]
    Target(&'static str),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("no connection within {} s", .0.as_secs())]
    ConnectTimedOut(Duration),
    #[error("connected, but no consent to publish within {} ms", .0.as_millis())]
    PublishTimedOut(Duration),
    #[error("the destination refused the publication: {code} {description}")]
    Refused { code: String, description: String },
    #[error("the destination ended the publication")]
    Ended,
    #[error("the destination closed the connection")]
    Closed,
    #[error("the destination took no data for {} s", .0.as_secs())]
    Stalled(Duration),
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    #[error("the destination broke the protocol: {0}")]
    Protocol(#[from] SessionError),
}

impl PushError {
    /// What people are shown.
    pub fn reason(&self) -> Reason {
        let code = match self {
            Self::Target(_) => "target-invalid",
            Self::Outbound(OutboundError::ConnectRefused { .. }) => "refused",
            Self::Outbound(error) => error.code(),
            Self::ConnectTimedOut(_) | Self::PublishTimedOut(_) => "timed-out",
            Self::Refused { .. } => "rejected",
            Self::Ended => "ended",
            Self::Closed => "closed",
            Self::Stalled(_) => "stalled",
            Self::Io(error) if error.kind() == io::ErrorKind::ConnectionReset => "reset",
            Self::Io(error) if error.kind() == io::ErrorKind::TimedOut => "stalled",
            Self::Io(_) => "broken",
            Self::Protocol(_) => "protocol-error",
        };
        Reason::new(code, self.to_string())
    }

    /// Whether only a change by the tenant can help.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Target(_) => true,
            Self::Outbound(error) => error.is_refusal(),
            _ => false,
        }
    }
}

/// The circumstances and the figures of one connection.
pub(crate) struct Push<'a> {
    session: &'a Session,
    cell: &'a Cell,
    limits: Option<Limits>,
    /// Whether the former connection skipped frames.
    was_slow: bool,
    frames_passed: Option<u64>,
    is_accepted: bool,
    live_since: Option<Instant>,
    meter: Meter,
    counted_bytes: u64,
    counted_dropped: u64,
    counted_skips: u64,
    skipped_at: Option<Instant>,
}

impl<'a> Push<'a> {
    /// A connection that follows one that had read up to `frames_passed` and `was_slow`.
    pub fn new(
        session: &'a Session,
        cell: &'a Cell,
        limits: Option<Limits>,
        frames_passed: Option<u64>,
        was_slow: bool,
    ) -> Self {
        Self {
            session,
            cell,
            limits,
            was_slow,
            frames_passed,
            is_accepted: false,
            live_since: None,
            meter: Meter::default(),
            counted_bytes: 0,
            counted_dropped: 0,
            counted_skips: 0,
            skipped_at: None,
        }
    }

    /// Whether this connection skipped frames, or the one before that it inherits the suspicion from.
    pub fn is_slow(&self) -> bool {
        self.skipped_at.is_some() || (self.was_slow && !self.is_accepted)
    }

    /// Up to where this connection has read.
    pub fn frames_passed(&self) -> Option<u64> {
        self.frames_passed
    }

    /// Since when the destination has taken media.
    pub fn live_since(&self) -> Option<Instant> {
        self.live_since
    }

    /// The destination agreed. It is not live before it has taken media.
    fn note_accepted(&mut self) {
        self.is_accepted = true;
        let text = "the destination agreed to take the stream and has not confirmed any of it yet";
        self.cell.enter(self.session, DestinationState::Connecting, Some(Reason::new("unconfirmed", text)));
    }

    /// Calls the destination live once it has taken media.
    fn judge<L: Link>(&mut self, feed: &Feed, link: &L) {
        if self.live_since.is_none() && feed.is_taken(link) {
            self.live_since = Some(Instant::now());
            self.cell.enter(self.session, DestinationState::Live, None);
        }
    }

    /// Takes figures from the feed; an error when the destination has stalled.
    fn measure(&mut self, feed: &Feed, now: Instant) -> Result<(), PushError> {
        self.frames_passed = feed.reader().frames_passed();
        self.meter.sample_each_second(feed.bytes_out(), now);
        let bytes = feed.bytes_out() - self.counted_bytes;
        let dropped = feed.reader().dropped_frames() - self.counted_dropped;
        self.counted_bytes += bytes;
        self.counted_dropped += dropped;
        metrics::counter!("neustream_destination_bytes_total").increment(bytes);
        metrics::counter!("neustream_destination_dropped_frames_total").increment(dropped);
        self.cell.measure(|status| {
            status.bitrate_out_bps = self.meter.bps();
            status.bytes_out += bytes;
            status.dropped_frames += dropped;
        });
        if feed.reader().skips() > self.counted_skips {
            self.counted_skips = feed.reader().skips();
            self.skipped_at = Some(now);
        }
        if self.live_since.is_some() {
            self.cell.explain(self.session, self.remark(now));
        }
        let stalled = feed.stalled_for(now);
        if stalled >= self.session.context.settings.stall_timeout {
            Err(PushError::Stalled(stalled))
        } else {
            Ok(())
        }
    }

    /// What the tenant should know about a destination that is live.
    fn remark(&self, now: Instant) -> Option<Reason> {
        if self.skipped_at.is_some_and(|at| now.saturating_duration_since(at) < SLOW_FOR) {
            let text = "the destination takes less than the stream's bitrate: frames are skipped";
            return Some(Reason::new("slow", text));
        }
        let limits = self.limits?;
        let most_bps = u64::from(limits.video_kbps + limits.audio_kbps) * 1_000;
        let rate_bps = self.meter.bps();
        (most_bps > 0 && rate_bps > most_bps + most_bps / 10).then(|| {
            let text = format!(
                "the stream has {} kbit/s, the platform accepts {}: it may drop or end the broadcast",
                rate_bps / 1_000,
                most_bps / 1_000
            );
            Reason::new("above-limit", text)
        })
    }
}

/// Pushes to `url` with `key` as the publishing name; `Ok` when the destination was stopped.
pub(crate) async fn run(push: &mut Push<'_>, url: &str, key: &Secret) -> Result<(), PushError> {
    let settings = &push.session.context.settings;
    let outbound = &push.session.context.outbound;
    let endpoint = outbound.check_url(url)?;
    let request = publish_request(url, key)?;
    let host = endpoint.host.to_string();
    let stop = push.cell.stop_token().clone();
    let limit = settings.connect_timeout;
    let outcome = if endpoint.is_tls() {
        let link = tokio::select! {
            link = timeout(limit, outbound.connect_tls(&host, endpoint.port)) => link,
            () = stop.cancelled() => return Ok(()),
        };
        converse(push, link.map_err(|_| PushError::ConnectTimedOut(limit))??, request).await
    } else {
        let link = tokio::select! {
            link = timeout(limit, outbound.connect(&host, endpoint.port)) => link,
            () = stop.cancelled() => return Ok(()),
        };
        converse(push, link.map_err(|_| PushError::ConnectTimedOut(limit))??, request).await
    };
    outcome.map_err(|error| without_key(error, key))
}

/// Asks `url` whether it takes a publication under `key`, sends none, and says goodbye. To be bounded in time by the
/// caller.
pub(crate) async fn try_out(context: &Context, url: &str, key: &Secret) -> Result<(), PushError> {
    let endpoint = context.outbound.check_url(url)?;
    let client = ClientSession::publish(publish_request(url, key)?);
    let host = endpoint.host.to_string();
    let limit = context.settings.connect_timeout;
    let silent_for = context.settings.publisher_timeout;
    let outcome = if endpoint.is_tls() {
        let link = timeout(limit, context.outbound.connect_tls(&host, endpoint.port)).await;
        ask_and_leave(link.map_err(|_| PushError::ConnectTimedOut(limit))??, client, silent_for).await
    } else {
        let link = timeout(limit, context.outbound.connect(&host, endpoint.port)).await;
        ask_and_leave(link.map_err(|_| PushError::ConnectTimedOut(limit))??, client, silent_for).await
    };
    outcome.map_err(|error| without_key(error, key))
}

async fn ask_and_leave<L: Link>(
    mut link: L,
    mut client: ClientSession,
    silent_for: Duration,
) -> Result<(), PushError> {
    link::tune(link.tcp(), silent_for)?;
    ask_to_publish(&mut link, &mut client).await?;
    let second_thoughts = async {
        let mut buffer = [0; READ_BUFFER_BYTES];
        loop {
            match link.read(&mut buffer).await? {
                0 => return Err(PushError::Closed),
                received => client.receive(&buffer[..received])?,
            }
            while let Some(event) = client.next_event() {
                refuse_end(event)?;
            }
        }
    };
    if let Ok(refusal) = timeout(SECOND_THOUGHTS, second_thoughts).await {
        return refusal;
    }
    let goodbye = async {
        client.finish();
        write_output(&mut link, &mut client).await?;
        link.shutdown().await?;
        let mut buffer = [0; READ_BUFFER_BYTES];
        while link.read(&mut buffer).await? > 0 {}
        io::Result::Ok(())
    };
    // Best effort: whoever does not take the goodbye in time is left without.
    let _ = timeout(SHORT_GOODBYE, goodbye).await;
    Ok(())
}

fn without_key(error: PushError, key: &Secret) -> PushError {
    match error {
        PushError::Refused { code, description } => {
            PushError::Refused { code: presentable(&code, key), description: presentable(&description, key) }
        }
        other => other,
    }
}

/// Splits `rtmp[s]://host[:port]/app` as every RTMP publisher does: what follows the host is the application.
fn publish_request(url: &str, key: &Secret) -> Result<PublishRequest, PushError> {
    let (_, rest) = url.split_once("://").ok_or(PushError::Target("it has no scheme"))?;
    let (_, app) = rest.split_once('/').ok_or(PushError::Target("it names no application after the host"))?;
    let app = app.trim_end_matches('/');
    if app.is_empty() {
        return Err(PushError::Target("it names no application after the host"));
    }
    Ok(PublishRequest {
        app: app.to_owned(),
        tc_url: url.trim_end_matches('/').to_owned(),
        stream_name: key.clone(),
    })
}

async fn converse<L: Link>(
    push: &mut Push<'_>,
    mut link: L,
    request: PublishRequest,
) -> Result<(), PushError> {
    let settings = &push.session.context.settings;
    link::tune(link.tcp(), settings.publisher_timeout)?;
    let stop = push.cell.stop_token().clone();
    let mut client = ClientSession::publish(request);
    let consent = tokio::select! {
        consent = timeout(settings.publish_timeout, ask_to_publish(&mut link, &mut client)) => consent,
        () = stop.cancelled() => return Ok(()),
    };
    let consent = consent.map_err(|_| PushError::PublishTimedOut(settings.publish_timeout))??;

    let broadcast = &push.session.broadcast;
    let mut reader = if push.was_slow {
        broadcast.fresh_reader(Receiver::Destination, settings.max_lag)
    } else {
        broadcast.reader(Receiver::Destination, settings.max_lag)
    };
    reader.continue_after(push.frames_passed);
    let mut feed = Feed::with_flow(reader, consent.message_stream_id, consent.bytes_sent);
    push.note_accepted();
    feed.enqueue(client.take_output());
    let outcome = feed_until_stopped(push, &mut link, &mut client, &mut feed).await;
    push.frames_passed = feed.reader().frames_passed();
    outcome?;
    // Best effort: whoever does not take the goodbye in time is left without.
    let _ = timeout(GOODBYE, say_goodbye(&mut link, &mut client, &mut feed)).await;
    Ok(())
}

/// What a destination says, fit for people: one line, short, and without the key that it may echo.
fn presentable(text: &str, key: &Secret) -> String {
    const LONGEST: usize = 200;
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let without_key = if key.expose().is_empty() { plain } else { plain.replace(key.expose(), "***") };
    without_key.chars().take(LONGEST).collect()
}

/// The destination agreed to take a publication.
struct Consent {
    message_stream_id: u32,
    /// On this connection so far.
    bytes_sent: u64,
}

/// Handshake, connect, createStream, publish.
async fn ask_to_publish<L: Link>(link: &mut L, client: &mut ClientSession) -> Result<Consent, PushError> {
    let mut buffer = [0; READ_BUFFER_BYTES];
    let mut bytes_sent = 0;
    loop {
        bytes_sent += write_output(link, client).await?;
        match link.read(&mut buffer).await? {
            0 => return Err(PushError::Closed),
            received => client.receive(&buffer[..received])?,
        }
        while let Some(event) = client.next_event() {
            match event {
                ClientEvent::Publishing { message_stream_id } => {
                    bytes_sent += write_output(link, client).await?;
                    return Ok(Consent { message_stream_id, bytes_sent });
                }
                other => refuse_end(other)?,
            }
        }
    }
}

/// Sends what the session has to say; how many bytes that was.
async fn write_output<L: Link>(link: &mut L, client: &mut ClientSession) -> io::Result<u64> {
    let output: Bytes = client.take_output();
    if !output.is_empty() {
        link.write_all(&output).await?;
        link.flush().await?;
    }
    Ok(output.len() as u64)
}

async fn feed_until_stopped<L: Link>(
    push: &mut Push<'_>,
    link: &mut L,
    client: &mut ClientSession,
    feed: &mut Feed,
) -> Result<(), PushError> {
    let stop = push.cell.stop_token().clone();
    let mut buffer = [0; READ_BUFFER_BYTES];
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            step = feed.step(link, &mut buffer) => match step? {
                Step::PeerClosed => return Err(PushError::Closed),
                Step::Reconsidered => {}
                Step::Received(received) => {
                    client.receive(&buffer[..received])?;
                    while let Some(event) = client.next_event() {
                        if let ClientEvent::Acknowledged { bytes } = event {
                            if let Some(window) = feed.note_acknowledged(bytes) {
                                client.ask_for_acknowledgements(window);
                            }
                        } else {
                            refuse_end(event)?;
                        }
                    }
                    feed.enqueue(client.take_output());
                    push.judge(feed, link);
                }
            },
            _ = tick.tick() => {
                push.judge(feed, link);
                push.measure(feed, Instant::now())?;
            }
            () = stop.cancelled() => return Ok(()),
        }
    }
}

async fn say_goodbye<L: Link>(link: &mut L, client: &mut ClientSession, feed: &mut Feed) -> io::Result<()> {
    feed.drain(link).await?;
    client.finish();
    feed.enqueue(client.take_output());
    feed.drain(link).await?;
    link.shutdown().await?;
    // Read until the destination closes, so that closing first does not cut off what it has yet to read.
    let mut buffer = [0; READ_BUFFER_BYTES];
    while link.read(&mut buffer).await? > 0 {}
    Ok(())
}

fn refuse_end(event: ClientEvent) -> Result<(), PushError> {
    match event {
        ClientEvent::Refused { code, description } => Err(PushError::Refused { code, description }),
        ClientEvent::Ended { .. } => Err(PushError::Ended),
        ClientEvent::Publishing { .. } | ClientEvent::Acknowledged { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_that_echoes_the_key_is_not_quoted_with_it() {
        let key = Secret::new("live_secret");
        assert_eq!(presentable("bad key \u{1b}[31mlive_secret\n", &key), "bad key  [31m*** ");
    }

    #[test]
    fn a_url_without_an_application_is_refused() {
        let key = Secret::new("k");
        for url in ["rtmp://host", "rtmp://host/", "host/app"] {
            assert!(publish_request(url, &key).is_err(), "{url}");
        }
        assert!(publish_request("rtmp://host/app/inner?backup=1", &key).is_ok());
    }
}
