//! The RTMP listener: every socket becomes a publisher or a player, or goes.
//!
//! Before a socket is accepted it costs one small buffer and has
//! `handshake_timeout` to say what it wants; their number is bounded.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_media::Frame;
use neustream_model::{LiveEventKind, Reason, Secret, StreamKey, TenantId};
use neustream_rtmp::{Rejection, ServerEvent, ServerSession, SessionError, SessionLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Allowance;
use crate::context::Context;
use crate::session::{Lease, USED_UP};
use crate::viewers::{Pass, Viewer};
use crate::{link, play};

/// For sockets that have not said what they want.
const FIRST_BUFFER_BYTES: usize = 4 * 1024;
/// For publishers: what a frame of 5 Mbit/s needs, so that it takes one read.
const PUBLISHER_BUFFER_BYTES: usize = 64 * 1024;
/// What an answer of ours may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after the operating system refused to hand out a socket.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a connection ended, for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionEnd {
    #[error("the peer closed the connection")]
    Closed,
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("it did not say what it wants within {} s", .0.as_secs())]
    Undecided(Duration),
    #[error("it was refused: {0}")]
    Refused(&'static str),
    #[error("it did not take our answer")]
    AnswerNotTaken,
    #[error(transparent)]
    Protocol(#[from] SessionError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Accepts sockets until `stop`. Connections that run are not touched by it.
pub(crate) async fn listen(
    context: Arc<Context>,
    listener: TcpListener,
    connections: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(context.settings.max_unauthenticated));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((socket, peer)) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    metrics::counter!("neustream_rtmp_refused_total", "reason" => "crowded").increment(1);
                    continue;
                };
                metrics::counter!("neustream_rtmp_connections_total").increment(1);
                connections.spawn(serve(Arc::clone(&context), socket, peer, place));
            }
            // Out of file descriptors, most likely: running streams go on, newcomers wait.
            Err(error) => {
                tracing::warn!(%error, "cannot accept an RTMP connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(context: Arc<Context>, mut socket: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
    let mut session = ServerSession::new(SessionLimits::default());
    let limit = context.settings.handshake_timeout;
    let decided = timeout(limit, decide(&context, &mut socket, &mut session, peer.ip())).await;
    drop(place);
    let ended = match decided {
        Ok(Ok(Role::Publisher(lease))) => publish(&context, socket, session, lease).await,
        Ok(Ok(Role::Player { live, pass, message_stream_id })) => {
            play::serve(&context, socket, session, &live, &pass, message_stream_id).await
        }
        Ok(Err(end)) => Err(end),
        Err(_) => Err(ConnectionEnd::Undecided(limit)),
    };
    match ended {
        Ok(()) => tracing::debug!(%peer, "RTMP connection ended"),
        Err(end) => tracing::info!(%peer, %end, "RTMP connection ended"),
    }
}

enum Role {
    Publisher(Lease),
    Player { live: Arc<crate::session::Session>, pass: Pass, message_stream_id: u32 },
}

/// Talks until the peer asked to publish or to play and was accepted.
async fn decide(
    context: &Arc<Context>,
    socket: &mut TcpStream,
    session: &mut ServerSession,
    peer: IpAddr,
) -> Result<Role, ConnectionEnd> {
    link::tune(socket, context.settings.publisher_timeout)?;
    let mut buffer = vec![0; FIRST_BUFFER_BYTES];
    loop {
        let received = socket.read(&mut buffer).await?;
        if received == 0 {
            return Err(ConnectionEnd::Closed);
        }
        let parsed = session.receive(&buffer[..received]);
        while let Some(event) = session.next_event() {
            let role = match event {
                ServerEvent::PublishRequested { app, name } => publisher(context, peer, &app, &name).await,
                ServerEvent::PlayRequested { app, name, message_stream_id } => {
                    player(context, peer, &app, &name, message_stream_id)
                }
                ServerEvent::Ended => return Err(ConnectionEnd::Closed),
                ServerEvent::Connected(_) | ServerEvent::Frame(_) => continue,
            };
            match role {
                Ok(role) => {
                    session.accept();
                    return Ok(role);
                }
                Err((rejection, why)) => {
                    session.reject(rejection);
                    answer(socket, session).await?;
                    linger(socket).await;
                    return Err(ConnectionEnd::Refused(why));
                }
            }
        }
        answer(socket, session).await?;
        parsed?;
    }
}

type Refusal = (Rejection, &'static str);

async fn publisher(context: &Arc<Context>, peer: IpAddr, app: &str, name: &str) -> Result<Role, Refusal> {
    let now = Instant::now();
    // An unknown application, a malformed key and a wrong key look alike from outside.
    let unknown = || {
        context.key_guard.note_failure(peer, now);
        metrics::counter!("neustream_rtmp_refused_total", "reason" => "key").increment(1);
        (Rejection::bad_name("the stream key is not known"), "unknown stream key")
    };
    if !context.key_guard.may_try(peer, now) {
        metrics::counter!("neustream_rtmp_refused_total", "reason" => "guessing").increment(1);
        return Err((Rejection::bad_name("the stream key is not known"), "too many wrong stream keys"));
    }
    let name = name.split('?').next().unwrap_or_default();
    if app.trim_end_matches('/') != "live" {
        return Err(unknown());
    }
    let key: StreamKey = name.parse().map_err(|_| unknown())?;
    let source = match context.directory.source_by_key(&key).await {
        Ok(Some(source)) => source,
        Ok(None) => return Err(unknown()),
        Err(error) => {
            tracing::error!(%error, "a publisher was refused");
            return Err((Rejection::bad_name("try again in a moment"), "the directory is unavailable"));
        }
    };
    // A publisher that comes back to its running session is not asked again: the session has its own end.
    if context.session(source.id).is_none() {
        may_begin(context, source.tenant).await?;
    }
    if let Ok(lease) = context.attach(&source) {
        return Ok(Role::Publisher(lease));
    }
    if let Some(session) = context.session(source.id) {
        let text = "a second publisher tried the stream key of the running stream and was refused";
        let reason = Reason::new("second-publisher", text);
        session.tell(LiveEventKind::StreamError { reason });
    }
    Err((Rejection::bad_name("the stream is live already"), "second publisher"))
}

/// Whether an organisation may begin a stream: its plan still gives it time.
async fn may_begin(context: &Context, tenant: TenantId) -> Result<(), Refusal> {
    match context.directory.allowances(&[tenant]).await {
        Ok(allowances) => {
            if allowances.get(&tenant).is_none_or(Allowance::has_time_left) {
                return Ok(());
            }
            metrics::counter!("neustream_rtmp_refused_total", "reason" => "plan").increment(1);
            Err((Rejection::bad_name(USED_UP), USED_UP))
        }
        Err(error) => {
            tracing::error!(%error, "a publisher was refused");
            Err((Rejection::bad_name("try again in a moment"), "the directory is unavailable"))
        }
    }
}

fn player(
    context: &Context,
    peer: IpAddr,
    app: &str,
    name: &str,
    message_stream_id: u32,
) -> Result<Role, Refusal> {
    let not_found = || (Rejection::stream_not_found("no such stream is live"), "no such stream");
    if app.trim_end_matches('/') != "play" {
        return Err(not_found());
    }
    let (playback, query) = name.split_once('?').unwrap_or((name, ""));
    let playback = playback.parse().map_err(|_| not_found())?;
    let live = context.session_by_playback(&playback).ok_or_else(not_found)?;
    let token = query.split('&').find_map(|pair| pair.strip_prefix("token=")).map(Secret::new);
    let viewer = Viewer { token, address: Some(peer) };
    match live.gate.admit(context.tokens.as_ref(), &viewer) {
        Ok(pass) => Ok(Role::Player { live, pass, message_stream_id }),
        Err(refused) => {
            let rejection = Rejection::new("NetStream.Play.Failed", refused.to_string());
            Err((rejection, "no playback token that opens the stream"))
        }
    }
}

/// Takes a publisher's frames until it ends, vanishes or is dismissed.
async fn publish(
    context: &Context,
    mut socket: TcpStream,
    mut session: ServerSession,
    lease: Lease,
) -> Result<(), ConnectionEnd> {
    let silence = context.settings.publisher_timeout;
    let dismissed = lease.dismissed.clone();
    let broadcast = lease.session().broadcast.clone();
    let mut buffer = vec![0; PUBLISHER_BUFFER_BYTES];
    let mut frames: Vec<Frame> = Vec::new();
    let bytes_total = metrics::counter!("neustream_ingest_bytes_total");
    let mut heard = Instant::now();
    let mut ingested = 0;
    // One timer for both: frames that wait for company, and silence.
    let timer = tokio::time::sleep(silence);
    tokio::pin!(timer);
    // What came together with the publish request.
    let mut is_over = drain_events(&mut session, &mut frames);
    loop {
        if !frames.is_empty() {
            lease.publish(&mut frames, std::mem::take(&mut ingested), heard);
            frames.clear();
        }
        if is_over {
            lease.end();
            // Encoders say goodbye in several messages: closing before the last would look like a failure to them.
            // Some do not wait for the answer; that says nothing about the stream.
            if answer(&mut socket, &mut session).await.is_ok() {
                linger(&mut socket).await;
            }
            return Ok(());
        }
        answer(&mut socket, &mut session).await?;
        let deadline = broadcast.deadline().unwrap_or(heard + silence);
        if deadline < timer.deadline().into_std() || timer.is_elapsed() {
            timer.as_mut().reset(deadline.into());
        }
        tokio::select! {
            received = socket.read(&mut buffer) => {
                let received = received?;
                if received == 0 {
                    return Err(ConnectionEnd::Closed);
                }
                heard = Instant::now();
                ingested += received;
                bytes_total.increment(received as u64);
                let parsed = session.receive(&buffer[..received]);
                is_over = drain_events(&mut session, &mut frames);
                parsed?;
            }
            () = &mut timer => {
                let now = Instant::now();
                broadcast.gather(now);
                if now.saturating_duration_since(heard) >= silence {
                    return Err(ConnectionEnd::Silent(silence));
                }
            }
            () = dismissed.cancelled() => {
                session.end_publish(lease.session().farewell());
                answer(&mut socket, &mut session).await?;
                linger(&mut socket).await;
                return Err(ConnectionEnd::Refused("dismissed"));
            }
        }
    }
}

/// Moves the session's frames out; true when the publisher said that the stream is over.
fn drain_events(session: &mut ServerSession, frames: &mut Vec<Frame>) -> bool {
    while let Some(event) = session.next_event() {
        match event {
            ServerEvent::Frame(frame) => frames.push(frame),
            ServerEvent::Ended => return true,
            ServerEvent::Connected(_)
            | ServerEvent::PublishRequested { .. }
            | ServerEvent::PlayRequested { .. } => {}
        }
    }
    false
}

/// Sends what the session has to say.
pub(crate) async fn answer(socket: &mut TcpStream, session: &mut ServerSession) -> Result<(), ConnectionEnd> {
    let output = session.take_output();
    if output.is_empty() {
        return Ok(());
    }
    timeout(ANSWER_TIMEOUT, socket.write_all(&output)).await.map_err(|_| ConnectionEnd::AnswerNotTaken)??;
    Ok(())
}

/// Closes so that the peer reads our last words: closing with unread input would reset the connection.
pub(crate) async fn linger(socket: &mut TcpStream) {
    let goodbye = async {
        socket.shutdown().await?;
        let mut rest = [0; 1024];
        while socket.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = timeout(Duration::from_secs(1), goodbye).await;
}
