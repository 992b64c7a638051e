//! `/api/streams`: sources together with what runs now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::extract::State;
use neustream_contract::CallError;
use neustream_model::{
    DestinationId, DestinationState, DestinationStatus, Reason, SessionStatus, SourceId, StreamState,
    TrackInfo, UnixMillis,
};
use neustream_store::{Destination, Entry, Source, Streamed, Target};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::destinations::{DestinationBody, destination_body};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::sources::{SourceBody, source_body};
use crate::state::AppState;
use crate::text::name;

/// Why something is as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReasonBody {
    /// A word for programs, from an open vocabulary.
    #[schema(example = "refused")]
    code: String,
    /// A sentence for people.
    message: String,
}

/// One track of a running session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TrackBody {
    /// `video` or `audio`.
    kind: String,
    /// RFC 6381 codec string.
    #[schema(example = "avc1.64001f")]
    codec: String,
    /// Picture width in pixels.
    width: Option<u32>,
    /// Picture height in pixels.
    height: Option<u32>,
    /// Samples per second.
    sample_rate: Option<u32>,
    /// Audio channels.
    channels: Option<u32>,
}

/// How a destination is doing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DestinationLiveBody {
    /// `idle`, `preparing`, `connecting`, `live`, `retrying` or `failed`.
    #[schema(value_type = String, example = "live")]
    state: DestinationState,
    /// Why, where there is something to say.
    reason: Option<ReasonBody>,
    /// When it entered the state (RFC 3339).
    #[schema(format = DateTime)]
    since: Option<String>,
    /// When the next attempt is made, in state `retrying` (RFC 3339).
    #[schema(format = DateTime)]
    next_attempt: Option<String>,
    /// Bits per second that it takes.
    bitrate_out_bps: u64,
    /// Bytes that it took in this session.
    bytes_out: u64,
    /// Audio and video frames that were skipped because it was slow or away.
    dropped_frames: u64,
    /// Connections made after the first.
    reconnects: u64,
    /// Whether the platform itself shows the broadcast, when it was last asked.
    platform_live: Option<bool>,
    /// Viewers there, where the platform tells.
    platform_viewers: Option<u64>,
}

/// What runs of a source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// `offline`, `starting`, `live` or `reconnecting`.
    #[schema(value_type = String, example = "live")]
    state: StreamState,
    /// The session; null while offline.
    #[schema(format = Uuid)]
    session_id: Option<String>,
    /// When the session began (RFC 3339).
    #[schema(format = DateTime)]
    started_at: Option<String>,
    /// Bits per second that arrive.
    bitrate_in_bps: u64,
    /// Pictures per second that arrive; null while there are none.
    frame_rate: Option<f64>,
    /// How many watch here: players that read the stream's playlists of late, and players of RTMP.
    viewers: u64,
    /// Milliseconds between the last two keyframes.
    keyframe_interval_ms: Option<u64>,
    /// Tracks known so far.
    tracks: Vec<TrackBody>,
    /// Advice for the person who streams.
    warnings: Vec<ReasonBody>,
}

/// A destination and how it is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamDestinationBody {
    #[serde(flatten)]
    destination: DestinationBody,
    #[serde(flatten)]
    live: DestinationLiveBody,
}

/// How long a source streamed.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the documents' API")]
pub(crate) struct UsageBody {
    /// Hours since midnight (UTC).
    hours_streamed_today: f64,
    /// Hours since the first of the month (UTC).
    hours_streamed_month: f64,
    /// Hours a month that all sources of the organisation together may stream; null where there is no limit.
    hours_limit: Option<u64>,
}

/// A source, its destinations, and what runs of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamBody {
    #[serde(flatten)]
    source: SourceBody,
    #[serde(flatten)]
    session: SessionBody,
    /// Its destinations, switched-off ones included.
    destinations: Vec<StreamDestinationBody>,
    usage: UsageBody,
}

/// Every source of the tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamsBody {
    streams: Vec<StreamBody>,
}

/// A running session.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActiveStreamBody {
    /// The source.
    #[schema(format = Uuid)]
    source_id: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    tenant_id: String,
    /// The source's public name.
    playback_id: String,
    #[serde(flatten)]
    session: SessionBody,
    /// How many destinations it is pushed to.
    destinations_count: usize,
    /// How many of them are live.
    destinations_live: usize,
}

/// Running sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActiveStreamsBody {
    streams: Vec<ActiveStreamBody>,
}

/// A session that was ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndedStreamBody {
    /// Always `offline`.
    #[schema(value_type = String, example = "offline")]
    status: StreamState,
    /// How long the session lasted.
    duration_minutes: u64,
}

/// Show every source with its destinations and what runs
#[utoipa::path(
    get, path = "/api/streams/info", operation_id = "getStreams", tag = "streams", security(("bearer" = ["streams:read"]), ("apiKey" = ["streams:read"])),
    responses((status = 200, body = StreamsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn info(
    State(state): State<AppState>,
    access: Access<may::StreamsRead>,
    urls: PublicUrls,
) -> Result<Json<StreamsBody>, ApiError> {
    let now = UnixMillis::now();
    let (sources, destinations, usage, plan) = tokio::try_join!(
        access.app.sources(),
        access.app.all_destinations(),
        access.store.usage(now),
        access.store.plan_use(now),
    )?;
    let hours_limit = plan.plan.limits.max_streaming_hours_monthly;
    let mut by_source: BTreeMap<SourceId, Vec<Destination>> = BTreeMap::new();
    for destination in destinations {
        by_source.entry(destination.row.source_id).or_default().push(destination);
    }
    let stream = |source: &Source| {
        let session = state.live.session(source.row.id);
        let destinations = by_source.remove(&source.row.id).unwrap_or_default();
        StreamBody {
            source: source_body(&state, &urls, source, None),
            destinations: destinations.iter().map(|one| stream_destination(one, session.as_ref())).collect(),
            session: session_body(session.as_ref()),
            usage: usage_body(usage.of(source.row.id), hours_limit),
        }
    };
    Ok(Json(StreamsBody { streams: sources.iter().map(stream).collect() }))
}

/// List running sessions
///
/// Those of the app; for an administrator of the platform those of everybody.
#[utoipa::path(
    get, path = "/api/streams/active", operation_id = "listActiveStreams", tag = "streams", security(("bearer" = ["streams:read"]), ("apiKey" = ["streams:read"])),
    responses((status = 200, body = ActiveStreamsBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn active(
    State(state): State<AppState>,
    access: Access<may::StreamsRead>,
) -> Result<Json<ActiveStreamsBody>, ApiError> {
    let mut sessions: Vec<_> = state.live.sessions();
    if !access.is_administrator() {
        let own: BTreeSet<SourceId> =
            access.app.sources().await?.iter().map(|source| source.row.id).collect();
        sessions.retain(|session| own.contains(&session.source_id));
    }
    sessions.sort_by_key(|session| (session.started_at, session.id));
    Ok(Json(ActiveStreamsBody { streams: sessions.iter().map(active_stream).collect() }))
}

/// How to stream to a source.
#[derive(Serialize, ToSchema)]
pub(crate) struct StartingStreamBody {
    /// `starting` until an encoder publishes, then `starting`, `live` or `reconnecting`, as the session is.
    #[schema(value_type = String, example = "starting")]
    status: StreamState,
    /// Always null: a stream key is shown when it is made or rotated, and never again.
    stream_key: Option<String>,
    /// Where the encoder publishes; the stream key is the stream's name there.
    rtmp_url: String,
    /// Where the stream can be watched.
    #[schema(example = "https://live.example.com/hls/k3fq7x2m9t4c8v1b/index.m3u8")]
    preview_url: String,
}

/// Get ready to stream
///
/// Nothing needs to be asked before an encoder publishes: this tells where to, and how the stream is doing.
#[utoipa::path(
    post, path = "/api/streams/active/{sourceId}", operation_id = "startStream", tag = "streams", security(("bearer" = ["streams:control"]), ("apiKey" = ["streams:control"])),
    params(("sourceId" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = StartingStreamBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn start(
    State(state): State<AppState>,
    access: Access<may::StreamsControl>,
    urls: PublicUrls,
    Path(source): Path<SourceId>,
) -> Result<Json<StartingStreamBody>, ApiError> {
    let source = access.app.source(source).await?;
    Ok(Json(StartingStreamBody {
        status: state.live.session(source.row.id).map_or(StreamState::Starting, |session| session.state),
        stream_key: None,
        rtmp_url: urls.rtmp.clone(),
        preview_url: urls.hls(&source.row.playback_id),
    }))
}

/// End a running session
#[utoipa::path(
    delete, path = "/api/streams/active/{sourceId}", operation_id = "endStream", tag = "streams", security(("bearer" = ["streams:control"]), ("apiKey" = ["streams:control"])),
    params(("sourceId" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 200, body = EndedStreamBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The source is not live: `NOT_LIVE`."),
    ),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    access: Access<may::StreamsControl>,
    Path(source): Path<SourceId>,
) -> Result<Json<EndedStreamBody>, ApiError> {
    access.app.source(source).await?;
    let session = state.live.session(source).ok_or(ApiError::NotLive)?;
    access.store.write_down(Entry::new("stream.end", Target::new("source", source))).await?;
    if !state.live.end(source).await {
        return Err(ApiError::NotLive);
    }
    let lasted = UnixMillis::now().0.saturating_sub(session.started_at.0);
    Ok(Json(EndedStreamBody { status: StreamState::Offline, duration_minutes: lasted / 60_000 }))
}

/// What changes about a running broadcast.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StreamSettingsBody {
    /// Its title, here and on every platform that takes one while a broadcast runs.
    #[schema(max_length = 100, example = "Evening show")]
    title: String,
}

/// What the platforms said.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamSettingsAnswerBody {
    /// One entry a destination that is prepared.
    destinations: Vec<RetitledBody>,
}

/// What one platform said.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetitledBody {
    /// The destination.
    #[schema(format = Uuid)]
    id: String,
    /// Whether the platform shows the new title. False where it takes none during a broadcast.
    is_changed: bool,
    /// Why it failed; null where it did not.
    reason: Option<ReasonBody>,
}

/// Change a running broadcast
#[utoipa::path(
    put, path = "/api/streams/{id}/settings", operation_id = "updateStreamSettings", tag = "streams", security(("bearer" = ["streams:control"]), ("apiKey" = ["streams:control"])),
    request_body = StreamSettingsBody,
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses(
        (status = 200, body = StreamSettingsAnswerBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The source is not live: `NOT_LIVE`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update_settings(
    State(state): State<AppState>,
    access: Access<may::StreamsControl>,
    Path(source): Path<SourceId>,
    Json(body): Json<StreamSettingsBody>,
) -> Result<Json<StreamSettingsAnswerBody>, ApiError> {
    access.app.source(source).await?;
    let title = name("title", &body.title)?;
    let answers = state.live.retitle(source, &title).await.ok_or(ApiError::NotLive)?;
    let entry = Entry::new("stream.set-title", Target::new("source", source));
    access.store.write_down(entry.after(json!({ "title": title }))).await?;
    let retitled = |(id, answer): (DestinationId, Result<bool, CallError>)| RetitledBody {
        id: id.to_string(),
        is_changed: answer.as_ref().is_ok_and(|is_changed| *is_changed),
        reason: answer.err().map(|error| ReasonBody::from(&error.reason())),
    };
    Ok(Json(StreamSettingsAnswerBody { destinations: answers.into_iter().map(retitled).collect() }))
}

/// What runs of a source, as the API shows it; nothing is `offline`.
pub(crate) fn session_body(session: Option<&SessionStatus>) -> SessionBody {
    SessionBody {
        state: session.map(|session| session.state).unwrap_or_default(),
        session_id: session.map(|session| session.id.to_string()),
        started_at: session.map(|session| rfc3339(session.started_at)),
        bitrate_in_bps: session.map_or(0, |session| session.bitrate_in_bps),
        frame_rate: session.and_then(|session| session.frame_rate),
        viewers: session.map_or(0, |session| session.viewers),
        keyframe_interval_ms: session.and_then(|session| session.keyframe_interval_ms),
        tracks: session
            .map(|session| session.tracks.iter().map(TrackBody::from).collect())
            .unwrap_or_default(),
        warnings: session
            .map(|session| session.warnings.iter().map(ReasonBody::from).collect())
            .unwrap_or_default(),
    }
}

/// How a destination is doing, as the API shows it; nothing is `idle`.
pub(crate) fn destination_live(status: Option<&DestinationStatus>) -> DestinationLiveBody {
    DestinationLiveBody {
        state: status.map(|status| status.state).unwrap_or_default(),
        reason: status.and_then(|status| status.reason.as_ref()).map(ReasonBody::from),
        since: status.map(|status| rfc3339(status.since)),
        next_attempt: status.and_then(|status| status.next_attempt).map(rfc3339),
        bitrate_out_bps: status.map_or(0, |status| status.bitrate_out_bps),
        bytes_out: status.map_or(0, |status| status.bytes_out),
        dropped_frames: status.map_or(0, |status| status.dropped_frames),
        reconnects: status.map_or(0, |status| status.reconnects),
        platform_live: status.and_then(|status| status.platform_live),
        platform_viewers: status.and_then(|status| status.platform_viewers),
    }
}

fn stream_destination(destination: &Destination, session: Option<&SessionStatus>) -> StreamDestinationBody {
    let statuses = session.map(|session| session.destinations.as_slice()).unwrap_or_default();
    let status = statuses.iter().find(|status| status.id == destination.row.id);
    StreamDestinationBody { destination: destination_body(destination), live: destination_live(status) }
}

fn active_stream(session: &SessionStatus) -> ActiveStreamBody {
    let is_live = |status: &&DestinationStatus| status.state == DestinationState::Live;
    ActiveStreamBody {
        source_id: session.source_id.to_string(),
        tenant_id: session.tenant_id.to_string(),
        playback_id: session.playback_id.to_string(),
        session: session_body(Some(session)),
        destinations_count: session.destinations.len(),
        destinations_live: session.destinations.iter().filter(is_live).count(),
    }
}

fn usage_body(streamed: Streamed, hours_limit: Option<u64>) -> UsageBody {
    UsageBody {
        hours_streamed_today: hours(streamed.today),
        hours_streamed_month: hours(streamed.this_month),
        hours_limit,
    }
}

/// Hours with two decimals: what people read.
pub(crate) fn hours(duration: Duration) -> f64 {
    (duration.as_secs_f64() / 36.0).round() / 100.0
}

impl From<&Reason> for ReasonBody {
    fn from(reason: &Reason) -> Self {
        Self { code: reason.code.clone(), message: reason.message.clone() }
    }
}

impl From<&TrackInfo> for TrackBody {
    fn from(track: &TrackInfo) -> Self {
        Self {
            kind: track.kind.clone(),
            codec: track.codec.clone(),
            width: track.width,
            height: track.height,
            sample_rate: track.sample_rate,
            channels: track.channels,
        }
    }
}
