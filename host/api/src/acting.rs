//! Who acts while a request is answered: the audit log of whatever service it calls says so.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use neustream_store::Actor;

use crate::identity::{Identity, Origin};
use crate::state::AppState;

/// Answers a request as whoever asks. Those who are not signed in yet, such as somebody who registers, are the host
/// that lets them in, from their address.
pub(crate) async fn as_caller(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let identity = match Identity::from_request_parts_if_signed_in(&mut parts, &state).await {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let actor = identity.map_or_else(
        || {
            let origin = Origin::of(&parts, &state);
            Actor::host().from_request(origin.address, origin.request)
        },
        |identity| identity.actor,
    );
    actor.during(next.run(Request::from_parts(parts, body))).await
}
