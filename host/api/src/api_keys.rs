//! `/api/api-keys`: what programs sign in with, made and given up by people.
//!
//! A key acts for one app of one organisation and has scopes: permissions by
//! their words. Nobody gives a key more than they may do themselves, and no key
//! can make keys, change the team, touch money or end the organisation. The key
//! itself is shown once, when it is made or rotated.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{ApiKey, Permission, Permissions};
use neustream_model::{ApiKeyId, UnixMillis};
use neustream_store::{ApiKeyChange, ApiKeyInfo, ApiKeyStanding, ApiKeyText, NewApiKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Allowance;
use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, nullable};
use crate::identity::Identity;
use crate::moment::{from_rfc3339, rfc3339};
use crate::page::{Page, PageQuery};
use crate::rate_limits::Scope;
use crate::sources::limited;
use crate::state::AppState;
use crate::text::name;

/// How long the former text of a key is taken after a rotation that says nothing else.
const OVERLAP: Duration = Duration::from_hours(24);
const MAX_OVERLAP_S: u64 = 7 * 24 * 3600;
/// More than any host could bear.
const MAX_LIMIT: u64 = 1_000_000;

/// Requests that a key may make, where that is fewer than this host allows every key.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct ApiKeyLimitsBody {
    /// Within a minute; null for what the host allows.
    #[schema(example = 30, minimum = 1, maximum = 1_000_000)]
    per_minute: Option<u64>,
    /// Within an hour; null for what the host allows.
    #[schema(example = 500, minimum = 1, maximum = 1_000_000)]
    per_hour: Option<u64>,
}

/// An API key to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewApiKeyBody {
    /// What you call it.
    #[schema(example = "Overlay of the studio", min_length = 1, max_length = 100)]
    name: String,
    /// What it may do: at least one permission, and none that you do not have.
    #[schema(example = json!(["sources:read", "streams:read"]), min_items = 1)]
    scopes: Vec<String>,
    /// When it ends by itself (RFC 3339); never when left out.
    #[schema(format = DateTime, example = "2031-01-15T10:00:00Z")]
    expires_at: Option<String>,
    /// Limits of its own.
    limits: Option<ApiKeyLimitsBody>,
}

/// What changes about an API key; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[expect(clippy::option_option, reason = "null is not the same as left out")]
pub(crate) struct ApiKeyChangeBody {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it may do: all scopes anew.
    #[schema(min_items = 1)]
    scopes: Option<Vec<String>>,
    /// When it ends by itself (RFC 3339); null for never.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Option<String>>,
    /// Limits of its own: both anew.
    limits: Option<ApiKeyLimitsBody>,
}

/// How a key is rotated.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct RotationBody {
    /// Seconds for which the former key is taken too: a day when left out, a week at most, 0 to end it at once.
    #[schema(example = 3600, maximum = 604_800)]
    overlap_s: Option<u64>,
}

/// The former key after a rotation.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormerKeyBody {
    /// How it begins.
    #[schema(example = "nsk_7cRa09")]
    hint: String,
    /// Until when it is taken (RFC 3339).
    #[schema(format = DateTime)]
    ends_at: String,
}

/// An API key.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What you call it.
    name: String,
    /// The key, for `Authorization: Bearer`: shown when it is made or rotated and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "nsk_4fG2kLq8Zr1VbN0xWc6TyUe5Pj9HsMDa2AkHq7")]
    key: Option<String>,
    /// How it begins, to tell keys apart.
    #[schema(example = "nsk_4fG2kL")]
    hint: String,
    /// The app that it acts for.
    #[schema(format = Uuid)]
    app_id: String,
    /// What it may do.
    #[schema(example = json!(["sources:read", "streams:read"]))]
    scopes: Vec<&'static str>,
    /// Limits of its own.
    limits: ApiKeyLimitsBody,
    /// Who made it.
    #[schema(format = Uuid)]
    made_by: String,
    /// When it was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ends by itself (RFC 3339); null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used (RFC 3339), to some minutes; null for never.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// The former key, as long as it is taken after a rotation.
    former: Option<FormerKeyBody>,
}

/// One API key.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneApiKeyBody {
    api_key: ApiKeyBody,
}

/// API keys, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeysBody {
    api_keys: Vec<ApiKeyBody>,
    /// The `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

/// List API keys
///
/// The keys of the app that is acted for, without the keys themselves.
#[utoipa::path(
    get, path = "/api/api-keys", operation_id = "listApiKeys", tag = "api-keys",
    security(("bearer" = ["keys:read"]), ("apiKey" = ["keys:read"])), params(PageQuery),
    responses((status = 200, body = ApiKeysBody)),
)]
pub(crate) async fn list(access: Access<may::KeysRead>, page: Page) -> Result<Json<ApiKeysBody>, ApiError> {
    let now = UnixMillis::now();
    let keys = access.app.api_keys(&page.keyset::<ApiKeyId>()?, now).await?;
    let (keys, next_cursor) = page.cut(keys, |key| key.row.id);
    let api_keys = keys.iter().map(|key| shown(key, None)).collect();
    Ok(Json(ApiKeysBody { api_keys, next_cursor }))
}

/// Make an API key
///
/// The answer shows the key; it is not shown again.
#[utoipa::path(
    post, path = "/api/api-keys", operation_id = "createApiKey", tag = "api-keys",
    security(("bearer" = ["keys:write"])), request_body = NewApiKeyBody,
    responses(
        (status = 201, body = OneApiKeyBody),
        (status = 403, body = ErrorBody, description = "You do not have a permission that the key is to have: `PERMISSION_MISSING`. Or the organisation has as many keys as it may have: `LIMIT_REACHED`."),
        (status = 422, body = ErrorBody, description = "A field is not valid: `VALIDATION_FAILED`."),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::KeysWrite>,
    Json(body): Json<NewApiKeyBody>,
) -> Result<(StatusCode, Json<OneApiKeyBody>), ApiError> {
    let now = UnixMillis::now();
    let limits = checked_limits(body.limits.unwrap_or_default())?;
    let new = NewApiKey {
        name: name("name", &body.name)?,
        scopes: scopes(&access, &body.scopes)?.to_string(),
        per_minute: limits.per_minute,
        per_hour: limits.per_hour,
        made_by: access.user,
        expires_at: body.expires_at.as_deref().map(|text| end(text, now)).transpose()?,
    };
    let (key, kept) = new_text();
    let made = access.app.create_api_key(&new, &kept, now).await;
    let made = made.map_err(|error| limited(&state, error))?;
    Ok((StatusCode::CREATED, Json(OneApiKeyBody { api_key: shown(&made, Some(&key)) })))
}

/// Show an API key
#[utoipa::path(
    get, path = "/api/api-keys/{id}", operation_id = "getApiKey", tag = "api-keys",
    security(("bearer" = ["keys:read"]), ("apiKey" = ["keys:read"])),
    params(("id" = String, Path, format = Uuid, description = "The key's id.")),
    responses((status = 200, body = OneApiKeyBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn show(
    access: Access<may::KeysRead>,
    Path(id): Path<ApiKeyId>,
) -> Result<Json<OneApiKeyBody>, ApiError> {
    let key = access.app.api_key(id, UnixMillis::now()).await?;
    Ok(Json(OneApiKeyBody { api_key: shown(&key, None) }))
}

/// Change an API key
///
/// What it may do, its limits and its end hold from its next request on.
#[utoipa::path(
    put, path = "/api/api-keys/{id}", operation_id = "updateApiKey", tag = "api-keys",
    security(("bearer" = ["keys:write"])), request_body = ApiKeyChangeBody,
    params(("id" = String, Path, format = Uuid, description = "The key's id.")),
    responses(
        (status = 200, body = OneApiKeyBody),
        (status = 403, body = ErrorBody, description = "You do not have a permission that the key is to have: `PERMISSION_MISSING`."),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "A field is not valid: `VALIDATION_FAILED`."),
    ),
)]
pub(crate) async fn update(
    access: Access<may::KeysWrite>,
    Path(id): Path<ApiKeyId>,
    Json(body): Json<ApiKeyChangeBody>,
) -> Result<Json<OneApiKeyBody>, ApiError> {
    let now = UnixMillis::now();
    let limits = body.limits.map(checked_limits).transpose()?;
    let change = ApiKeyChange {
        name: body.name.map(|text| name("name", &text)).transpose()?,
        scopes: body
            .scopes
            .map(|words| scopes(&access, &words))
            .transpose()?
            .map(|scopes| scopes.to_string()),
        per_minute: limits.map(|limits| limits.per_minute),
        per_hour: limits.map(|limits| limits.per_hour),
        expires_at: match body.expires_at {
            Some(Some(text)) => Some(Some(end(&text, now)?)),
            Some(None) => Some(None),
            None => None,
        },
    };
    let key = access.app.update_api_key(id, &change, now).await?;
    Ok(Json(OneApiKeyBody { api_key: shown(&key, None) }))
}

/// Rotate an API key
///
/// It keeps id, scopes and limits and gets another text, which the answer shows and nothing shows again. The former
/// text is taken for a while longer.
#[utoipa::path(
    post, path = "/api/api-keys/{id}/rotate", operation_id = "rotateApiKey", tag = "api-keys",
    security(("bearer" = ["keys:write"])), request_body = Option<RotationBody>,
    params(("id" = String, Path, format = Uuid, description = "The key's id.")),
    responses(
        (status = 200, body = OneApiKeyBody),
        (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The overlap is longer than a week: `VALIDATION_FAILED`."),
    ),
)]
pub(crate) async fn rotate(
    access: Access<may::KeysWrite>,
    Path(id): Path<ApiKeyId>,
    body: Option<Json<RotationBody>>,
) -> Result<Json<OneApiKeyBody>, ApiError> {
    let now = UnixMillis::now();
    let overlap_s = body.and_then(|Json(body)| body.overlap_s).unwrap_or(OVERLAP.as_secs());
    if overlap_s > MAX_OVERLAP_S {
        return Err(invalid("overlap_s", format!("at most {MAX_OVERLAP_S} seconds")));
    }
    let (key, kept) = new_text();
    let former_ends_at = now.plus(Duration::from_secs(overlap_s));
    let rotated = access.app.rotate_api_key(id, &kept, former_ends_at, now).await?;
    Ok(Json(OneApiKeyBody { api_key: shown(&rotated, Some(&key)) }))
}

/// Revoke an API key
///
/// It is not taken any more, at once.
#[utoipa::path(
    delete, path = "/api/api-keys/{id}", operation_id = "deleteApiKey", tag = "api-keys",
    security(("bearer" = ["keys:write"])),
    params(("id" = String, Path, format = Uuid, description = "The key's id.")),
    responses((status = 204), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn delete(
    access: Access<may::KeysWrite>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, ApiError> {
    access.app.delete_api_key(id, UnixMillis::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The key that this text is, as it stands now; its use is noted.
///
/// # Errors
/// [`ApiError::ApiKeyRefused`] for an unknown, expired or revoked one.
pub(crate) async fn presented(state: &AppState, text: &str) -> Result<ApiKeyStanding, ApiError> {
    let key: ApiKey = text.parse().map_err(|_| ApiError::ApiKeyRefused)?;
    let (host, now) = (state.store.host(), UnixMillis::now());
    let found = host.api_key_by_digest(key.digest().as_str(), now).await?.ok_or(ApiError::ApiKeyRefused)?;
    if let Err(error) = host.api_key_used(&found.key, now).await {
        tracing::warn!(%error, key = %found.key.id, "the use of an API key was not noted");
    }
    Ok(found)
}

/// What a key may do, as requests count: what the host allows every key, or less.
pub(crate) fn allowances(state: &AppState, per_minute: Option<u64>, per_hour: Option<u64>) -> Vec<Allowance> {
    let mut allowances = state.rates.allowances(Scope::Key).to_vec();
    let own = [(per_minute, Duration::from_mins(1)), (per_hour, Duration::from_hours(1))];
    for (count, window) in own.into_iter().filter_map(|(count, window)| Some((count?, window))) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match allowances.iter_mut().find(|allowance| allowance.window == window) {
            Some(allowance) => allowance.count = allowance.count.min(count),
            None => allowances.push(Allowance { count, window }),
        }
    }
    allowances
}

fn new_text() -> (ApiKey, ApiKeyText) {
    let key = ApiKey::generate();
    let kept = ApiKeyText { digest: key.digest().as_str().to_owned(), hint: key.hint().to_owned() };
    (key, kept)
}

/// Scopes that a key may have and that `identity` may give.
fn scopes(identity: &Identity, words: &[String]) -> Result<Permissions, ApiError> {
    let parse = |word: &String| {
        word.parse::<Permission>().map_err(|error| invalid("scopes", error.to_string())).and_then(|scope| {
            let for_people = || invalid("scopes", format!("`{scope}` is for people alone"));
            scope.is_for_keys().then_some(scope).ok_or_else(for_people)
        })
    };
    let scopes: Permissions = words.iter().map(parse).collect::<Result<_, _>>()?;
    if scopes.is_empty() {
        return Err(invalid("scopes", "at least one".to_owned()));
    }
    match scopes.iter().find(|scope| !identity.permissions.allow(*scope)) {
        Some(permission) => Err(ApiError::PermissionMissing { permission }),
        None => Ok(scopes),
    }
}

fn checked_limits(limits: ApiKeyLimitsBody) -> Result<ApiKeyLimitsBody, ApiError> {
    let is_possible = |limit: Option<u64>| limit.is_none_or(|limit| (1..=MAX_LIMIT).contains(&limit));
    if is_possible(limits.per_minute) && is_possible(limits.per_hour) {
        return Ok(limits);
    }
    Err(invalid("limits", format!("between 1 and {MAX_LIMIT}")))
}

fn end(text: &str, now: UnixMillis) -> Result<UnixMillis, ApiError> {
    match from_rfc3339(text) {
        Some(moment) if moment > now => Ok(moment),
        Some(_) => Err(invalid("expires_at", "must be in the future".to_owned())),
        None => Err(invalid("expires_at", "a moment such as 2031-01-15T10:00:00Z (RFC 3339)".to_owned())),
    }
}

fn invalid(field: &'static str, message: String) -> ApiError {
    ApiError::Invalid { field, message }
}

fn shown(key: &ApiKeyInfo, text: Option<&ApiKey>) -> ApiKeyBody {
    let row = &key.row;
    let scopes: Permissions = row.scopes.parse().unwrap_or_default();
    ApiKeyBody {
        id: row.id.to_string(),
        name: row.name.clone(),
        key: text.map(|text| text.expose().to_owned()),
        hint: key.hint.clone(),
        app_id: row.app_id.to_string(),
        scopes: scopes.iter().map(Permission::as_str).collect(),
        limits: ApiKeyLimitsBody { per_minute: row.per_minute, per_hour: row.per_hour },
        made_by: row.made_by.to_string(),
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
        former: key
            .former
            .as_ref()
            .map(|former| FormerKeyBody { hint: former.hint.clone(), ends_at: rfc3339(former.ends_at) }),
    }
}
