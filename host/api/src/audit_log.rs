//! `/api/audit-log`: who changed what in an organisation; and the same of the platform for its administrators.
//!
//! Nothing here writes: entries are written by the store, in the transaction
//! of each change. Absent: exporting (`audit_export`).

use axum::extract::State;
use neustream_model::UnixMillis;
use neustream_store::{
    AuditEntry, AuditFilter, AuditOrder, AuditVerification, Chain, HostStore, StoreError, TenantStore,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, QueryString};
use crate::identity::Administrator;
use crate::moment::{from_rfc3339, rfc3339};
use crate::page::{Page, PageQuery};
use crate::state::AppState;

/// The longest text that is looked for.
const MAX_TEXT_BYTES: usize = 200;

/// Which entries; what is left out restricts nothing.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// The id of a person or of an API key.
    actor: Option<String>,
    /// An action such as `source.update`, or a kind of target for all of its actions, such as `source`.
    #[param(example = "source.update")]
    action: Option<String>,
    /// The kind of what was changed, such as `source`.
    #[param(example = "source")]
    target_kind: Option<String>,
    /// The id or name of what was changed.
    target: Option<String>,
    /// Not before this moment (RFC 3339).
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before this moment (RFC 3339).
    #[param(format = DateTime)]
    until: Option<String>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActorBody {
    /// `person`, `key`, `operator` (the command line of the host) or `host` (by itself).
    #[schema(example = "person")]
    kind: String,
    /// The id of the person or key.
    id: Option<String>,
    /// What the person is called now, where that is still known here.
    #[schema(example = "Ada")]
    name: Option<String>,
    /// The administrator of the platform who acted in the person's place.
    impersonator_id: Option<String>,
}

/// What it was done to.
#[derive(Serialize, ToSchema)]
pub(crate) struct TargetBody {
    /// Its kind.
    #[schema(example = "source")]
    kind: String,
    /// Its id or name.
    id: String,
}

/// An entry. Secrets are never in it: of one that changed it says so, no more.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntryBody {
    /// Its place in the log, from 1 and without gaps.
    #[schema(example = 42)]
    sequence: u64,
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    at: String,
    actor: ActorBody,
    /// The client's address.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// `X-Request-Id` of the request that asked for it.
    request_id: Option<String>,
    /// What was done.
    #[schema(example = "source.update")]
    action: String,
    target: TargetBody,
    /// What changed, as it was.
    #[schema(value_type = Option<Object>, example = json!({"name": "Main"}))]
    before: Option<Value>,
    /// What changed, as it is since.
    #[schema(value_type = Option<Object>, example = json!({"name": "Stage"}))]
    after: Option<Value>,
    /// Why, in the words of whoever did it.
    reason: Option<String>,
    /// The hash of the entry before (SHA-256 in hexadecimal).
    previous_hash: String,
    /// SHA-256 in hexadecimal over everything above; docs/SECURITY.md says in which form.
    hash: String,
}

/// A page of the log, the latest entry first.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLogBody {
    entries: Vec<AuditEntryBody>,
    /// The next page's `cursor`; null on the last one.
    next_cursor: Option<String>,
}

/// Whether the log is as it was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditVerificationBody {
    /// Whether every entry is there, unchanged, and follows the one before it.
    is_intact: bool,
    /// What is wrong first; null where nothing is.
    #[schema(example = "entry 17 was changed after it was written")]
    problem: Option<String>,
    /// Entries that were looked at.
    entries: u64,
    /// The last entry; 0 where there is none.
    head_sequence: u64,
    /// Its hash. Kept elsewhere, it shows later that everything up to it is still what it was.
    head_hash: String,
    /// Entries up to this one were forgotten when the time was over that they are kept.
    forgotten_sequence: u64,
}

/// List the audit log
///
/// Everything that was changed in the organisation: by whom, from where, what it was and what it is. The latest first.
#[utoipa::path(
    get, path = "/api/audit-log", operation_id = "listAuditLog", tag = "audit",
    security(("bearer" = ["audit:read"]), ("apiKey" = ["audit:read"])), params(AuditQuery, PageQuery),
    responses(
        (status = 200, body = AuditLogBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn list(
    access: Access<may::AuditRead>,
    QueryString(query): QueryString<AuditQuery>,
    page: Page,
) -> Result<Json<AuditLogBody>, ApiError> {
    log_page(&Log::Organisation(access.store.clone()), &query, &page).await
}

/// Verify the audit log
///
/// Follows the chain of hashes from its beginning to its end.
#[utoipa::path(
    get, path = "/api/audit-log/verify", operation_id = "verifyAuditLog", tag = "audit",
    security(("bearer" = ["audit:read"]), ("apiKey" = ["audit:read"])),
    responses(
        (status = 200, body = AuditVerificationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    ),
)]
pub(crate) async fn verify(access: Access<may::AuditRead>) -> Result<Json<AuditVerificationBody>, ApiError> {
    Ok(verification_body(access.store.verify_audit().await?))
}

/// List the platform's audit log
///
/// What administrators and the command line changed. What they did in an organisation is in its own log, too.
#[utoipa::path(
    get, path = "/api/admin/audit-log", operation_id = "listPlatformAuditLog", tag = "administration",
    security(("bearer" = ["administrator"])), params(AuditQuery, PageQuery),
    responses(
        (status = 200, body = AuditLogBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn list_of_platform(
    State(state): State<AppState>,
    _admin: Administrator,
    QueryString(query): QueryString<AuditQuery>,
    page: Page,
) -> Result<Json<AuditLogBody>, ApiError> {
    log_page(&Log::Platform(state.store.host()), &query, &page).await
}

/// Verify the platform's audit log
#[utoipa::path(
    get, path = "/api/admin/audit-log/verify", operation_id = "verifyPlatformAuditLog", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses(
        (status = 200, body = AuditVerificationBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    ),
)]
pub(crate) async fn verify_of_platform(
    State(state): State<AppState>,
    _admin: Administrator,
) -> Result<Json<AuditVerificationBody>, ApiError> {
    Ok(verification_body(state.store.host().verify_audit(Chain::Platform).await?))
}

/// Whose log.
pub(crate) enum Log {
    /// An organisation's.
    Organisation(TenantStore),
    /// The platform's.
    Platform(HostStore),
}

impl Log {
    /// Entries of it.
    pub async fn entries(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        match self {
            Self::Organisation(store) => store.audit_log(filter, order, limit).await,
            Self::Platform(store) => store.audit_log(Chain::Platform, filter, order, limit).await,
        }
    }
}

impl AuditQuery {
    /// What the store is asked for.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] for what is no moment, and for texts that nothing has.
    pub fn filter(&self) -> Result<AuditFilter, ApiError> {
        Ok(AuditFilter {
            actor: text("actor", self.actor.as_deref())?,
            action: text("action", self.action.as_deref())?,
            target_kind: text("target_kind", self.target_kind.as_deref())?,
            target_id: text("target", self.target.as_deref())?,
            from: moment("from", self.from.as_deref())?,
            until: moment("until", self.until.as_deref())?,
        })
    }
}

async fn log_page(log: &Log, query: &AuditQuery, page: &Page) -> Result<Json<AuditLogBody>, ApiError> {
    let order = AuditOrder::LatestFirst(page.after::<u64>()?);
    let rows = log.entries(&query.filter()?, order, page.limit() + 1).await?;
    let (rows, next_cursor) = page.cut(rows, |row| row.sequence);
    Ok(Json(AuditLogBody { entries: rows.into_iter().map(AuditEntryBody::from).collect(), next_cursor }))
}

fn text(field: &'static str, value: Option<&str>) -> Result<Option<String>, ApiError> {
    match value {
        Some(value) if value.len() > MAX_TEXT_BYTES || value.contains('\0') => {
            let message = format!("is not the id or word of anything: {MAX_TEXT_BYTES} bytes at most");
            Err(ApiError::Invalid { field, message })
        }
        other => Ok(other.map(ToOwned::to_owned)),
    }
}

fn moment(field: &'static str, value: Option<&str>) -> Result<Option<UnixMillis>, ApiError> {
    let parsed = |text: &str| {
        let message = "must be a moment as in 2026-01-31T12:00:00Z (RFC 3339)".to_owned();
        from_rfc3339(text).ok_or(ApiError::Invalid { field, message })
    };
    value.map(parsed).transpose()
}

fn verification_body(found: AuditVerification) -> Json<AuditVerificationBody> {
    Json(AuditVerificationBody {
        is_intact: found.broken.is_none(),
        problem: found.broken.map(|broken| broken.to_string()),
        entries: found.entries,
        head_sequence: found.head_sequence,
        head_hash: found.head_hash,
        forgotten_sequence: found.forgotten_sequence,
    })
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            sequence: entry.sequence,
            at: rfc3339(entry.at),
            actor: ActorBody {
                kind: entry.actor_kind,
                id: entry.actor_id,
                name: entry.actor_name,
                impersonator_id: entry.impersonator_id,
            },
            address: entry.address,
            request_id: entry.request_id,
            action: entry.action,
            target: TargetBody { kind: entry.target_kind, id: entry.target_id },
            before: entry.before,
            after: entry.after,
            reason: entry.reason,
            previous_hash: entry.previous_hash,
            hash: entry.hash,
        }
    }
}

impl AuditEntryBody {
    /// The names of [`AuditEntryBody::cells`].
    pub const COLUMNS: [&str; 16] = [
        "sequence",
        "at",
        "actor_kind",
        "actor_id",
        "actor_name",
        "impersonator_id",
        "address",
        "request_id",
        "action",
        "target_kind",
        "target_id",
        "before",
        "after",
        "reason",
        "previous_hash",
        "hash",
    ];

    /// Its fields as texts; objects as JSON.
    pub fn cells(self) -> [String; 16] {
        let json = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
        [
            self.sequence.to_string(),
            self.at,
            self.actor.kind,
            self.actor.id.unwrap_or_default(),
            self.actor.name.unwrap_or_default(),
            self.actor.impersonator_id.unwrap_or_default(),
            self.address.unwrap_or_default(),
            self.request_id.unwrap_or_default(),
            self.action,
            self.target.kind,
            self.target.id,
            json(self.before),
            json(self.after),
            self.reason.unwrap_or_default(),
            self.previous_hash,
            self.hash,
        ]
    }
}
