//! `/api/admin/sources`: the sources of everybody.

use axum::extract::State;
use neustream_model::StreamState;
use neustream_store::SourceListed;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Numbered, NumberedPageQuery, OwnerBody, PaginationBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::moment::rfc3339;
use crate::state::AppState;

/// A source of somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedSourceBody {
    /// The source's id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    #[schema(example = "Main Stream")]
    name: String,
    /// Whose it is.
    organisation: OwnerBody,
    /// `offline`, `starting`, `live` or `reconnecting`, on this node.
    #[schema(value_type = String, example = "live")]
    state: StreamState,
    /// How many destinations it has.
    #[schema(example = 3)]
    destinations_count: u64,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// A page of sources, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedSourcesBody {
    sources: Vec<ListedSourceBody>,
    pagination: PaginationBody,
}

/// List sources of everybody
#[utoipa::path(
    get, path = "/api/admin/sources", operation_id = "listAllSources", tag = "administration",
    security(("bearer" = ["administrator"])), params(NumberedPageQuery),
    responses(
        (status = 200, body = ListedSourcesBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    admin: Administrator,
    Numbered(page): Numbered,
) -> Result<Json<ListedSourcesBody>, ApiError> {
    let listed = admin.host(&state).sources_of_all(page).await?;
    let pagination = PaginationBody::new(page, listed.total);
    let sources = listed.rows.into_iter().map(|source| body(&state, source)).collect();
    Ok(Json(ListedSourcesBody { sources, pagination }))
}

fn body(state: &AppState, source: SourceListed) -> ListedSourceBody {
    ListedSourceBody {
        id: source.id.to_string(),
        name: source.name,
        organisation: OwnerBody::new(source.organisation, source.organisation_name),
        state: state.live.session(source.id).map_or(StreamState::Offline, |session| session.state),
        destinations_count: source.destinations,
        created_at: rfc3339(source.created_at),
    }
}
