//! Socket.IO at `/socket.io`: what happens to streams, as it happens.
//!
//! A socket signs in with `auth: { token }`, as a request does with its header
//! (`organisation` and `app` beside it, where it acts for others than those of
//! the home), and hears the dotted events of its whole tenant; without a token
//! it may only follow public streams. It joins
//! a stream with `join-stream` (a source id, or `{ sourceId }`, of the own
//! tenant; or a playback id, `{ playbackId, token }` where the source wants a
//! playback token) and then also hears the older names
//! `stream-status` and `stream-ended`. Joining tells the present state at once.
//!
//! Bounded: connections in all and per user, streams per socket, joins at a
//! time, bytes per message, and messages waiting per socket (what comes
//! beyond them is lost for that slow socket alone).

mod faults;
mod figures;
mod members;
mod viewers;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use members::Member;
use neustream_model::{
    DestinationStatus, LiveEvent, LiveEventKind, PlaybackId, Reason, Secret, SessionStatus, SourceId,
    StreamState, TenantId, UnixMillis, UsageWarning, UserId, ViewerRefused,
};
use neustream_store::StoreError;
use serde::Serialize;
use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::AbortHandle;

use crate::error::{ApiError, viewer_code};
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::streams::{DestinationLiveBody, ReasonBody, destination_live, hours};
use crate::{ApiSettings, StreamControl};

/// Nothing that a client sends is longer.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;
/// Messages that wait for a slow socket.
const MAX_WAITING: usize = 256;
const MAX_STREAMS_PER_SOCKET: usize = 64;
const JOINS_AT_ONCE: usize = 8;
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked whether viewers may still follow what they joined.
const VIEWERS_INTERVAL: Duration = Duration::from_secs(2);

/// Ends the tasks when dropped.
pub(crate) struct Telling([AbortHandle; 5]);

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// The Socket.IO layer, and the task that tells its sockets what happens. Must be called within a tokio runtime.
pub(crate) fn realtime(state: &AppState) -> (SocketIoLayer, Telling) {
    let hub = Arc::new(Hub {
        state: state.clone(),
        seats: Arc::new(Seats::new(&state.settings)),
        joins: Semaphore::new(JOINS_AT_ONCE),
    });
    let (layer, io) = SocketIo::builder()
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .max_payload(MAX_MESSAGE_BYTES as u64)
        .ws_max_message_size(MAX_MESSAGE_BYTES)
        .ws_max_frame_size(MAX_MESSAGE_BYTES)
        .max_buffer_size(MAX_WAITING)
        .with_state(hub)
        .build_layer();
    io.ns("/", welcome.with(admit));
    let events = state.live.subscribe();
    let telling = tokio::spawn(tell_everyone(io.clone(), state.live.clone(), events));
    let measuring = tokio::spawn(figures::tell(io.clone(), state.live.figures()));
    let warning = tokio::spawn(faults::tell(io.clone(), state.clone(), state.installations.failures()));
    let watching = tokio::spawn(viewers::keep_out(io.clone(), state.live.clone()));
    let looking = tokio::spawn(members::show_out(io, state.clone()));
    let tasks = [telling, measuring, warning, watching, looking];
    (layer, Telling(tasks.map(|task| task.abort_handle())))
}

struct Hub {
    state: AppState,
    seats: Arc<Seats>,
    joins: Semaphore,
}

/// Why a socket or a wish of it is refused.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// In the words of the one mapping.
    #[error("{error}")]
    Identity { error: String, code: &'static str },
    #[error("`auth.token` must be a text")]
    AuthMalformed,
    #[error("`auth.organisation` and `auth.app` must be ids")]
    AuthIdMalformed,
    #[error("too many connections")]
    TooManySockets,
    #[error("too many streams on one connection (at most {MAX_STREAMS_PER_SOCKET})")]
    TooManyStreams,
    #[error("the host is busy, try again in a moment")]
    Busy,
    #[error("name a source (its id, or {{\"sourceId\": id}}) or a playback id")]
    NameMalformed,
    #[error("there is no such source")]
    NotFound,
    #[error(transparent)]
    Viewer(#[from] ViewerRefused),
}

impl Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Identity { code, .. } => code,
            Self::AuthMalformed | Self::AuthIdMalformed | Self::NameMalformed => "VALIDATION_FAILED",
            Self::TooManySockets | Self::TooManyStreams => "LIMIT_REACHED",
            Self::Busy => "UNAVAILABLE",
            Self::NotFound => "NOT_FOUND",
            Self::Viewer(refused) => viewer_code(*refused),
        }
    }
}

/// What a client named in `join-stream`.
enum Stream {
    Source(SourceId),
    Playback(PlaybackId, Option<Secret>),
}

async fn admit(
    socket: SocketRef,
    TryData(auth): TryData<Value>,
    State(hub): State<Arc<Hub>>,
) -> Result<(), Refused> {
    // What cannot be read is no handshake data at all: a socket without a token.
    let auth = auth.unwrap_or_default();
    let member = match &auth["token"] {
        Value::Null => None,
        Value::String(token) => {
            let wanted = (id_named(&auth["organisation"])?, id_named(&auth["app"])?);
            Some(Member::of_token(&hub.state, token, wanted).await?)
        }
        _ => return Err(Refused::AuthMalformed),
    };
    let seat = Seats::take(&hub.seats, member.as_ref().map(Member::user))?;
    socket.extensions.insert(seat);
    if let Some(member) = member {
        socket.extensions.insert(member);
    }
    Ok(())
}

/// An id in the handshake, if it is there.
fn id_named<T: FromStr>(value: &Value) -> Result<Option<T>, Refused> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| Refused::AuthIdMalformed),
        _ => Err(Refused::AuthIdMalformed),
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        let (told, code) = error.told();
        // Its own words say whether the token has expired or never was one.
        let error = if let ApiError::Token(refused) = error { refused.to_string() } else { told };
        Self::Identity { error, code }
    }
}

async fn welcome(socket: SocketRef) {
    if let Some(tenant) = socket.extensions.get::<Member>().and_then(|member| member.hears()) {
        socket.join(tenant_room(tenant));
    }
    socket.on("join-stream", join_stream);
    socket.on("leave-stream", leave_stream);
}

async fn join_stream(
    socket: SocketRef,
    TryData(named): TryData<Value>,
    ack: AckSender,
    State(hub): State<Arc<Hub>>,
) {
    let joined = match stream_named(&named.unwrap_or_default()) {
        Ok(stream) => join(&socket, &hub, stream).await,
        Err(refused) => Err(refused),
    };
    answer(&socket, ack, joined);
}

async fn leave_stream(socket: SocketRef, TryData(named): TryData<Value>, ack: AckSender) {
    let left = stream_named(&named.unwrap_or_default()).map(|stream| {
        socket.leave(match stream {
            Stream::Source(id) => source_room(id),
            Stream::Playback(id, _) => {
                viewers::forget(&socket, &id);
                playback_room(&id)
            }
        });
    });
    answer(&socket, ack, left);
}

/// Joins a stream and tells its present state.
async fn join(socket: &SocketRef, hub: &Hub, stream: Stream) -> Result<(), Refused> {
    if socket.rooms().len() > MAX_STREAMS_PER_SOCKET {
        return Err(Refused::TooManyStreams);
    }
    match stream {
        Stream::Source(id) => {
            // Without a token no source is there, as for another tenant.
            let member = socket.extensions.get::<Member>().ok_or(Refused::NotFound)?;
            let _turn = hub.joins.try_acquire().map_err(|_| Refused::Busy)?;
            let source = match member.app.source(id).await {
                Ok(source) => source.row,
                Err(StoreError::NotFound(_)) => return Err(Refused::NotFound),
                Err(_) => return Err(Refused::Busy),
            };
            socket.join(source_room(id));
            if let Some(session) = hub.state.live.session(id) {
                tell_session(socket, &session);
            } else {
                let body = StreamEvent::offline(&source.playback_id, Some(id));
                emit(socket, dotted(StreamState::Offline), &body);
                emit(socket, "stream-status", legacy_word(StreamState::Offline));
            }
        }
        Stream::Playback(id, token) => {
            viewers::admit(socket, hub, &id, token).await?;
            socket.join(playback_room(&id));
            let session = hub.state.live.sessions().into_iter().find(|session| session.playback_id == id);
            let state = session.as_ref().map(|session| session.state).unwrap_or_default();
            emit(socket, dotted(state), &StreamEvent { state, ..StreamEvent::offline(&id, None) });
            emit(socket, "stream-status", legacy_word(state));
            if let Some(session) = session {
                figures::tell_viewer(socket, &session);
            }
        }
    }
    Ok(())
}

fn tell_session(socket: &SocketRef, session: &SessionStatus) {
    let body = StreamEvent::of_session(session);
    emit(socket, dotted(session.state), &body);
    emit(socket, "stream-status", legacy_word(session.state));
    for status in &session.destinations {
        emit(socket, "destination.status", &DestinationEvent::of(&body, status));
    }
}

fn answer(socket: &SocketRef, ack: AckSender, result: Result<(), Refused>) {
    let body = match result {
        Ok(()) => json!({ "ok": true }),
        Err(refused) => {
            let body = json!({ "error": refused.to_string(), "details": null, "code": refused.code() });
            // For clients that ask for no acknowledgement.
            emit(socket, "error", &body);
            json!({ "ok": false, "error": body["error"], "details": null, "code": body["code"] })
        }
    };
    // A socket that is gone, or too slow to be told, needs no answer.
    let _ = ack.send(&body);
}

fn emit<T: Serialize + ?Sized>(socket: &SocketRef, event: &str, body: &T) {
    if let Err(error) = socket.emit(event, body) {
        tracing::debug!(event, %error, "a socket was not told");
    }
}

/// The body of `stream.*`. Viewers learn of a public stream only what they see anyway.
#[derive(Clone, Serialize)]
struct StreamEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    playback_id: String,
    at: String,
    state: StreamState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonBody>,
}

/// The body of `destination.status`.
#[derive(Serialize)]
struct DestinationEvent {
    source_id: Option<String>,
    session_id: Option<String>,
    playback_id: String,
    at: String,
    id: String,
    plugin: String,
    #[serde(flatten)]
    live: DestinationLiveBody,
}

/// The body of `usage.warning`: the plan's streaming time of the month is nearly or wholly used.
#[derive(Serialize)]
struct UsageEvent {
    #[serde(flatten)]
    stream: StreamEvent,
    /// 80 or 100, of the plan's streaming time a month.
    percent: u8,
    hours_used: f64,
    hours_limit: f64,
    /// When the session is ended (RFC 3339); null before all is used.
    ends_at: Option<String>,
}

impl UsageEvent {
    fn of(stream: &StreamEvent, usage: &UsageWarning) -> Self {
        Self {
            stream: stream.clone(),
            percent: usage.percent,
            hours_used: hours(Duration::from_secs(usage.used_s)),
            hours_limit: hours(Duration::from_secs(usage.limit_s)),
            ends_at: usage.ends_at.map(rfc3339),
        }
    }
}

impl StreamEvent {
    fn offline(playback_id: &PlaybackId, source: Option<SourceId>) -> Self {
        Self {
            source_id: source.map(|id| id.to_string()),
            session_id: None,
            playback_id: playback_id.to_string(),
            at: rfc3339(UnixMillis::now()),
            state: StreamState::Offline,
            reason: None,
        }
    }

    fn of_session(session: &SessionStatus) -> Self {
        Self {
            session_id: Some(session.id.to_string()),
            state: session.state,
            ..Self::offline(&session.playback_id, Some(session.source_id))
        }
    }

    fn of_event(event: &LiveEvent, state: StreamState, reason: Option<&Reason>) -> Self {
        Self {
            source_id: Some(event.source_id.to_string()),
            session_id: Some(event.session_id.to_string()),
            playback_id: event.playback_id.to_string(),
            at: rfc3339(event.at),
            state,
            reason: reason.map(ReasonBody::from),
        }
    }

    fn for_viewers(&self) -> Self {
        Self { source_id: None, session_id: None, reason: None, ..self.clone() }
    }
}

impl DestinationEvent {
    fn of(stream: &StreamEvent, status: &DestinationStatus) -> Self {
        Self {
            source_id: stream.source_id.clone(),
            session_id: stream.session_id.clone(),
            playback_id: stream.playback_id.clone(),
            at: stream.at.clone(),
            id: status.id.to_string(),
            plugin: status.plugin.clone(),
            live: destination_live(Some(status)),
        }
    }
}

async fn tell_everyone(io: SocketIo, live: Arc<dyn StreamControl>, mut events: Receiver<LiveEvent>) {
    loop {
        match events.recv().await {
            Ok(event) => tell(&io, live.as_ref(), &event).await,
            // What was missed is made up for by the present state of everything that runs.
            Err(RecvError::Lagged(_)) => {
                for session in live.sessions() {
                    let rooms = vec![tenant_room(session.tenant_id), source_room(session.source_id)];
                    let body = StreamEvent::of_session(&session);
                    broadcast(&io, rooms.clone(), dotted(session.state), &body).await;
                    for status in &session.destinations {
                        let body = DestinationEvent::of(&body, status);
                        broadcast(&io, rooms.clone(), "destination.status", &body).await;
                    }
                }
            }
            Err(RecvError::Closed) => return,
        }
    }
}

async fn tell(io: &SocketIo, live: &dyn StreamControl, event: &LiveEvent) {
    let members = vec![tenant_room(event.tenant_id), source_room(event.source_id)];
    let viewers = playback_room(&event.playback_id);
    let current = || live.session(event.source_id).map(|session| session.state).unwrap_or_default();
    let (state, reason) = match &event.kind {
        LiveEventKind::StreamStarting => (StreamState::Starting, None),
        LiveEventKind::StreamLive => (StreamState::Live, None),
        LiveEventKind::StreamOffline => (StreamState::Offline, None),
        LiveEventKind::StreamError { reason } => (current(), Some(reason)),
        LiveEventKind::UsageWarning { usage } => {
            let body = UsageEvent::of(&StreamEvent::of_event(event, current(), None), usage);
            broadcast(io, members, event.kind.name(), &body).await;
            return;
        }
        LiveEventKind::Destination { status } => {
            let body = DestinationEvent::of(&StreamEvent::of_event(event, current(), None), status);
            broadcast(io, members, event.kind.name(), &body).await;
            return;
        }
    };
    let body = StreamEvent::of_event(event, state, reason);
    broadcast(io, members, event.kind.name(), &body).await;
    broadcast(io, vec![viewers.clone()], event.kind.name(), &body.for_viewers()).await;

    // The older names go to whoever joined the stream, once to each, as which they joined.
    let joined = vec![source_room(event.source_id), viewers];
    broadcast(io, joined.clone(), "stream-status", legacy_word(state)).await;
    if state == StreamState::Offline {
        broadcast(io, joined, "stream-ended", &json!({ "playback_id": body.playback_id })).await;
    }
}

async fn broadcast<T: Serialize + ?Sized>(io: &SocketIo, rooms: Vec<String>, event: &str, body: &T) {
    if let Err(error) = io.to(rooms).emit(event, body).await {
        tracing::debug!(event, %error, "some sockets were not told");
    }
}

fn stream_named(named: &Value) -> Result<Stream, Refused> {
    let text = match named {
        Value::String(text) => Some(text),
        Value::Object(fields) => ["sourceId", "source_id", "playbackId", "playback_id"]
            .iter()
            .find_map(|name| fields.get(*name))
            .and_then(|value| if let Value::String(text) = value { Some(text) } else { None }),
        _ => None,
    };
    let text = text.ok_or(Refused::NameMalformed)?;
    let source = text.parse().map(Stream::Source).ok();
    let token = named["token"].as_str().map(Secret::new);
    source.or_else(|| Some(Stream::Playback(text.parse().ok()?, token))).ok_or(Refused::NameMalformed)
}

fn tenant_room(tenant: TenantId) -> String {
    format!("tenant:{tenant}")
}

fn source_room(source: SourceId) -> String {
    format!("source:{source}")
}

fn playback_room(playback_id: &PlaybackId) -> String {
    format!("playback:{playback_id}")
}

/// The event that leads into a state.
fn dotted(state: StreamState) -> &'static str {
    match state {
        StreamState::Offline => LiveEventKind::StreamOffline.name(),
        StreamState::Starting | StreamState::Reconnecting => LiveEventKind::StreamStarting.name(),
        StreamState::Live => LiveEventKind::StreamLive.name(),
    }
}

/// The older clients know three words.
fn legacy_word(state: StreamState) -> &'static str {
    match state {
        StreamState::Offline => "offline",
        StreamState::Starting | StreamState::Reconnecting => "starting",
        StreamState::Live => "live",
    }
}

/// Connections in all and per user.
struct Seats {
    max: usize,
    max_per_user: usize,
    taken: Mutex<HashMap<Option<UserId>, usize>>,
}

/// One connection's place; given back when dropped.
struct Seat {
    seats: Arc<Seats>,
    user: Option<UserId>,
}

impl Seats {
    fn new(settings: &ApiSettings) -> Self {
        Self {
            max: settings.max_sockets,
            max_per_user: settings.max_sockets_per_user,
            taken: Mutex::default(),
        }
    }

    fn take(seats: &Arc<Self>, user: Option<UserId>) -> Result<Arc<Seat>, Refused> {
        let mut taken = seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&user).copied().unwrap_or(0);
        let is_full = taken.values().sum::<usize>() >= seats.max;
        if is_full || (user.is_some() && own >= seats.max_per_user) {
            return Err(Refused::TooManySockets);
        }
        taken.insert(user, own + 1);
        Ok(Arc::new(Seat { seats: seats.clone(), user }))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.user) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("user", &self.user).finish_non_exhaustive()
    }
}
