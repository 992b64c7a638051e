//! `/api/admin/sources`: the sources of everybody.

use axum::extract::State;
use neustream_model::{SourceId, StreamState};
use neustream_store::{HostStore, Listed, NumberedPage, SourceListed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Numbered, OwnerBody, PaginationBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, QueryString};
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
    /// When the session that runs began (RFC 3339); null while none does on this node.
    started_at: Option<String>,
    /// Bits per second that arrive; 0 while nothing does.
    #[schema(example = 2_500_000)]
    bitrate_in_bps: u64,
}

/// Which page of which sources; the page is read by [`Numbered`].
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourcesQuery {
    /// The number of the page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    #[serde(rename = "page")]
    _page: Option<u32>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(rename = "limit")]
    _limit: Option<u32>,
    /// Only those of which a session runs on this node.
    #[serde(default)]
    #[param(default = false)]
    running: bool,
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
    security(("bearer" = ["administrator"])), params(SourcesQuery),
    responses(
        (status = 200, body = ListedSourcesBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    admin: Administrator,
    Numbered(page): Numbered,
    QueryString(query): QueryString<SourcesQuery>,
) -> Result<Json<ListedSourcesBody>, ApiError> {
    let host = admin.host(&state);
    let listed =
        if query.running { running(&state, &host, page).await? } else { host.sources_of_all(page).await? };
    let pagination = PaginationBody::new(page, listed.total);
    let sources = listed.rows.into_iter().map(|source| body(&state, source)).collect();
    Ok(Json(ListedSourcesBody { sources, pagination }))
}

/// A page of those that run here.
async fn running(
    state: &AppState,
    host: &HostStore,
    page: NumberedPage,
) -> Result<Listed<SourceListed>, ApiError> {
    let mut ids: Vec<SourceId> = state.live.sessions().iter().map(|session| session.source_id).collect();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let before = u64::from(page.number.saturating_sub(1)) * u64::from(page.limit);
    let on_page = ids.iter().skip(usize::try_from(before).unwrap_or(usize::MAX)).take(page.limit as usize);
    let on_page: Vec<SourceId> = on_page.copied().collect();
    Ok(Listed { rows: host.sources_among(&on_page).await?, total: ids.len() as u64 })
}

fn body(state: &AppState, source: SourceListed) -> ListedSourceBody {
    let session = state.live.session(source.id);
    ListedSourceBody {
        id: source.id.to_string(),
        name: source.name,
        organisation: OwnerBody::new(source.organisation, source.organisation_name),
        state: session.as_ref().map_or(StreamState::Offline, |session| session.state),
        destinations_count: source.destinations,
        created_at: rfc3339(source.created_at),
        started_at: session.as_ref().map(|session| rfc3339(session.started_at)),
        bitrate_in_bps: session.map_or(0, |session| session.bitrate_in_bps),
    }
}
