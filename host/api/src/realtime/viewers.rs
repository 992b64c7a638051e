//! Viewers among the sockets: who follows a stream by its playback id, and may.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neustream_live::{HlsError, Viewer};
use neustream_model::{PlaybackId, Secret, UnixMillis, ViewingAttempt, Visibility};
use serde_json::json;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;

use super::{Hub, Refused, VIEWERS_INTERVAL, emit, playback_room};
use crate::StreamControl;
use crate::client::client_address;
use crate::error::viewer_code;

/// As whom a socket joined streams.
#[derive(Clone, Default)]
struct Joined(Arc<Mutex<HashMap<PlaybackId, Viewer>>>);

impl Joined {
    fn of(socket: &SocketRef) -> Self {
        if let Some(joined) = socket.extensions.get::<Self>() {
            return joined;
        }
        let joined = Self::default();
        socket.extensions.insert(joined.clone());
        joined
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PlaybackId, Viewer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a socket may follow a stream. Of what runs the media path knows it; of what does not, the store.
pub(super) async fn admit(
    socket: &SocketRef,
    hub: &Hub,
    id: &PlaybackId,
    token: Option<Secret>,
) -> Result<(), Refused> {
    let address = client_address(socket.req_parts(), &hub.state.settings.trusted_proxies).0;
    let viewer = Viewer { token, address: Some(address) };
    match hub.state.live.may_watch(id, &viewer) {
        Err(HlsError::NotLive) => may_wait(hub, id, viewer.token.as_ref(), address).await?,
        Err(HlsError::Refused(refused)) => return Err(refused.into()),
        Ok(()) | Err(_) => {}
    }
    Joined::of(socket).lock().insert(id.clone(), viewer);
    Ok(())
}

/// A socket left a stream.
pub(super) fn forget(socket: &SocketRef, id: &PlaybackId) {
    Joined::of(socket).lock().remove(id);
}

/// Whether somebody may wait for a stream to begin. What there is not, anybody may wait for.
async fn may_wait(
    hub: &Hub,
    id: &PlaybackId,
    token: Option<&Secret>,
    address: IpAddr,
) -> Result<(), Refused> {
    let _turn = hub.joins.try_acquire().map_err(|_| Refused::Busy)?;
    let host = hub.state.store.host();
    let Some(source) = host.source_by_playback_id(id).await.map_err(|_| Refused::Busy)? else {
        return Ok(());
    };
    if source.visibility != Visibility::TokenOnly {
        return Ok(());
    }
    let viewing = host.viewing(&source).await.map_err(|_| Refused::Busy)?;
    let claims = token.map(|token| hub.state.playback_tokens.read(token.expose())).transpose()?;
    let attempt =
        ViewingAttempt { playback_id: id, claims: claims.as_ref(), address, now: UnixMillis::now() };
    Ok(viewing.admit(&attempt)?)
}

/// Sends viewers out of streams that they may not follow any more, until dropped.
pub(super) async fn keep_out(io: SocketIo, live: Arc<dyn StreamControl>) {
    let mut now_and_then = tokio::time::interval(VIEWERS_INTERVAL);
    now_and_then.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        now_and_then.tick().await;
        let sessions = live.sessions();
        for session in sessions.iter().filter(|session| session.visibility == Visibility::TokenOnly) {
            let id = &session.playback_id;
            for socket in io.within(playback_room(id)).sockets() {
                let viewer = Joined::of(&socket).lock().get(id).cloned().unwrap_or_default();
                if let Err(HlsError::Refused(refused)) = live.may_watch(id, &viewer) {
                    socket.leave(playback_room(id));
                    forget(&socket, id);
                    let code = viewer_code(refused);
                    let details = json!({ "playback_id": id });
                    let body = json!({ "error": refused.to_string(), "details": details, "code": code });
                    emit(&socket, "error", &body);
                }
            }
        }
    }
}
