//! `/api/streams/{id}/health`: how a source was doing lately.

use axum::extract::State;
use neustream_model::{
    DestinationSample, DestinationState, HealthEvent, HealthSample, HealthState, SourceId, StreamHealth,
    StreamState,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::streams::ReasonBody;

/// A destination at one moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationSampleBody {
    /// The destination.
    #[schema(format = Uuid)]
    id: String,
    /// Bits per second that it took.
    bitrate_out_bps: u64,
    /// Audio and video frames that were skipped so far in the session.
    dropped_frames: u64,
}

/// A running source at one moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthSampleBody {
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
    /// Bits per second that arrived.
    bitrate_in_bps: u64,
    /// Pictures per second that arrived; null without pictures.
    frame_rate: Option<f64>,
    /// How many watched here.
    viewers: u64,
    /// Its destinations, those that were switched on.
    destinations: Vec<DestinationSampleBody>,
}

/// A state of a source or of a destination: one word each.
#[derive(Serialize)]
#[serde(untagged)]
enum StateWord {
    Stream(StreamState),
    Destination(DestinationState),
}

/// Something entered a state, or is in it for another reason.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthEventBody {
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
    /// The destination; null where it is about the source itself.
    #[schema(format = Uuid)]
    destination_id: Option<String>,
    /// Of a source `offline`, `starting`, `live` or `reconnecting`; of a destination `idle`, `preparing`, `connecting`,
    /// `live`, `retrying` or `failed`.
    #[schema(value_type = String, example = "retrying")]
    state: StateWord,
    /// Why, where there is something to say.
    reason: Option<ReasonBody>,
}

/// How a source was doing lately.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamHealthBody {
    /// A sample every 2 seconds of the last 10 minutes that it ran, the oldest first.
    samples: Vec<HealthSampleBody>,
    /// The last 200 changes at most, the latest last.
    events: Vec<HealthEventBody>,
}

/// Show how a source was doing lately
///
/// Figures and changes of state of the last minutes, for graphs. They are kept in memory, and for an hour after the
/// source ran; a source that has not run since has none.
#[utoipa::path(
    get, path = "/api/streams/{id}/health", operation_id = "getStreamHealth", tag = "streams", security(("bearer" = ["streams:read"]), ("apiKey" = ["streams:read"])),
    params(("id" = String, Path, format = Uuid, description = "The source.")),
    responses((status = 200, body = StreamHealthBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    access: Access<may::StreamsRead>,
    Path(source): Path<SourceId>,
) -> Result<Json<StreamHealthBody>, ApiError> {
    access.app.source(source).await?;
    let StreamHealth { samples, events } = state.live.health(source);
    Ok(Json(StreamHealthBody {
        samples: samples.iter().map(HealthSampleBody::from).collect(),
        events: events.iter().map(HealthEventBody::from).collect(),
    }))
}

impl From<&HealthSample> for HealthSampleBody {
    fn from(sample: &HealthSample) -> Self {
        Self {
            at: rfc3339(sample.at),
            bitrate_in_bps: sample.bitrate_in_bps,
            frame_rate: sample.frame_rate,
            viewers: sample.viewers,
            destinations: sample.destinations.iter().map(DestinationSampleBody::from).collect(),
        }
    }
}

impl From<&DestinationSample> for DestinationSampleBody {
    fn from(sample: &DestinationSample) -> Self {
        Self {
            id: sample.id.to_string(),
            bitrate_out_bps: sample.bitrate_out_bps,
            dropped_frames: sample.dropped_frames,
        }
    }
}

impl From<&HealthEvent> for HealthEventBody {
    fn from(event: &HealthEvent) -> Self {
        let (destination, state) = match event.state {
            HealthState::Stream(state) => (None, StateWord::Stream(state)),
            HealthState::Destination(id, state) => (Some(id), StateWord::Destination(state)),
        };
        Self {
            at: rfc3339(event.at),
            destination_id: destination.map(|id| id.to_string()),
            state,
            reason: event.reason.as_ref().map(ReasonBody::from),
        }
    }
}
