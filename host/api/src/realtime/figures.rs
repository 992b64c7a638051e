//! Figures of what runs, as they are taken: `stream.health` and `viewer.count.update`.
//!
//! They come from a channel of their own, so that however many there are no
//! event is lost to them. What a listener misses of them is not made up for:
//! the next come in a moment.

use neustream_model::{LiveFigures, PlaybackId, SessionStatus, SourceId};
use serde::Serialize;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::{broadcast, emit, playback_room, source_room, tenant_room};
use crate::stream_health::HealthSampleBody;

const HEALTH: &str = "stream.health";
const VIEWERS: &str = "viewer.count.update";

/// The body of `stream.health`.
#[derive(Serialize)]
struct HealthFigures {
    source_id: SourceId,
    playback_id: PlaybackId,
    sample: HealthSampleBody,
}

/// The body of `viewer.count.update`. Viewers learn of the source only what they see anyway.
#[derive(Serialize)]
struct ViewerCount<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<SourceId>,
    playback_id: &'a PlaybackId,
    viewers: u64,
}

/// Tells everyone whom they concern, until dropped.
pub(super) async fn tell(io: SocketIo, mut figures: Receiver<LiveFigures>) {
    loop {
        match figures.recv().await {
            Ok(figures) => tell_of(&io, &figures).await,
            Err(RecvError::Lagged(missed)) => tracing::debug!(missed, "figures were left out"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Tells somebody who joined a stream how many watch it.
pub(super) fn tell_viewer(socket: &SocketRef, session: &SessionStatus) {
    let body = ViewerCount { source_id: None, playback_id: &session.playback_id, viewers: session.viewers };
    emit(socket, VIEWERS, &body);
}

async fn tell_of(io: &SocketIo, figures: &LiveFigures) {
    let members = vec![tenant_room(figures.tenant_id), source_room(figures.source_id)];
    let viewers = figures.sample.viewers;
    let body = HealthFigures {
        source_id: figures.source_id,
        playback_id: figures.playback_id.clone(),
        sample: HealthSampleBody::from(&figures.sample),
    };
    broadcast(io, members.clone(), HEALTH, &body).await;
    if figures.is_audience_changed {
        let count = |source_id| ViewerCount { source_id, playback_id: &figures.playback_id, viewers };
        broadcast(io, members, VIEWERS, &count(Some(figures.source_id))).await;
        broadcast(io, vec![playback_room(&figures.playback_id)], VIEWERS, &count(None)).await;
    }
}
