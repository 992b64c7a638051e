//! `/api/streams/live`: public streams that run, for everyone.

use axum::extract::State;
use neustream_model::{SessionId, SessionStatus, StreamState, Visibility};
use serde::Serialize;
use utoipa::ToSchema;

use crate::client::PublicUrls;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::moment::rfc3339;
use crate::page::{Page, PageQuery};
use crate::state::AppState;

/// A public stream that runs: what its viewers see anyway.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveStreamBody {
    /// Its public name.
    playback_id: String,
    /// Its title.
    #[schema(example = "Gaming Stream")]
    name: String,
    /// `live`, or `reconnecting` while the encoder is away for a moment.
    #[schema(value_type = String, example = "live")]
    state: StreamState,
    /// When it began (RFC 3339).
    #[schema(format = DateTime)]
    started_at: String,
    /// Where players find it.
    playback_url: String,
    /// The page that shows it.
    watch_url: String,
}

/// Public streams that run, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveStreamsBody {
    streams: Vec<LiveStreamBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// List public streams that are live
///
/// For everyone. Sources that are `unlisted` or `token-only` are not in it.
#[utoipa::path(
    get, path = "/api/streams/live", operation_id = "listLiveStreams", tag = "streams", security(()), params(PageQuery),
    responses((status = 200, body = LiveStreamsBody), (status = 400, body = ErrorBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    urls: PublicUrls,
    page: Page,
) -> Result<Json<LiveStreamsBody>, ApiError> {
    let after: Option<SessionId> = page.after()?;
    let is_listed = |session: &SessionStatus| {
        session.visibility == Visibility::Public
            && matches!(session.state, StreamState::Live | StreamState::Reconnecting)
            && after.is_none_or(|after| session.id < after)
    };
    let mut sessions: Vec<_> = state.live.sessions().into_iter().filter(is_listed).collect();
    sessions.sort_by_key(|session| std::cmp::Reverse(session.id));
    let (sessions, next_cursor) = page.cut(sessions, |session| session.id);
    let streams = sessions.iter().map(|session| live_stream(&urls, session)).collect();
    Ok(Json(LiveStreamsBody { streams, next_cursor }))
}

fn live_stream(urls: &PublicUrls, session: &SessionStatus) -> LiveStreamBody {
    LiveStreamBody {
        playback_id: session.playback_id.to_string(),
        name: session.title.clone(),
        state: session.state,
        started_at: rfc3339(session.started_at),
        playback_url: urls.hls(&session.playback_id),
        watch_url: urls.watch(&session.playback_id),
    }
}
