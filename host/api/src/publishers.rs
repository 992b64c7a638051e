//! `/api/publishers`: namespaces of a tenant and the keys that sign in them.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_contract::PublisherKey;
use neustream_store::{Publisher, PublisherKeyRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::moment::rfc3339;
use crate::state::AppState;

/// A namespace to be taken.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPublisherBody {
    /// The first part of the ids of your plugins: 2 to 40 of a-z, 0-9 and `-`, beginning with a letter.
    #[schema(example = "acme")]
    namespace: String,
    /// The public key that signs your packages.
    #[schema(example = "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    key: String,
}

/// A key to be added.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPublisherKeyBody {
    /// `ed25519:` and 64 hexadecimal digits.
    key: String,
}

/// A key that signs packages.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublisherKeyBody {
    /// `ed25519:` and 64 hexadecimal digits.
    key: String,
    /// Since when it signs (RFC 3339).
    #[schema(format = DateTime)]
    added_at: String,
    /// Since when it does not any more (RFC 3339).
    #[schema(format = DateTime)]
    retired_at: Option<String>,
}

/// A namespace of yours.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublisherBody {
    /// The first part of the ids of its plugins.
    namespace: String,
    /// Its keys, oldest first, retired ones included.
    keys: Vec<PublisherKeyBody>,
    /// When it was taken (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// One namespace.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnePublisherBody {
    publisher: PublisherBody,
}

/// Namespaces, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishersBody {
    publishers: Vec<PublisherBody>,
}

/// List your namespaces
#[utoipa::path(
    get, path = "/api/publishers", operation_id = "listPublishers", tag = "publishers", security(("bearer" = ["publishing:read"]), ("apiKey" = ["publishing:read"])),
    responses((status = 200, body = PublishersBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn list(access: Access<may::PublishingRead>) -> Result<Json<PublishersBody>, ApiError> {
    let publishers = access.store.publishers().await?;
    Ok(Json(PublishersBody { publishers: publishers.into_iter().map(publisher_body).collect() }))
}

/// Take a namespace
#[utoipa::path(
    post, path = "/api/publishers", operation_id = "createPublisher", tag = "publishers", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    request_body = NewPublisherBody,
    responses(
        (status = 201, body = OnePublisherBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "It is the platform's own (`NAMESPACE_RESERVED`), or the limit is reached (`LIMIT_REACHED`)."),
        (status = 409, body = ErrorBody, description = "Somebody has it: `NAMESPACE_TAKEN`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Json(body): Json<NewPublisherBody>,
) -> Result<(StatusCode, Json<OnePublisherBody>), ApiError> {
    let key = key(&body.key)?;
    let tenant = access.store.tenant();
    let publisher = state.catalogue.create_publisher(tenant, body.namespace.trim(), &key).await?;
    Ok((StatusCode::CREATED, Json(OnePublisherBody { publisher: publisher_body(publisher) })))
}

/// Add a key to a namespace
#[utoipa::path(
    post, path = "/api/publishers/{namespace}/keys", operation_id = "addPublisherKey", tag = "publishers", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    params(("namespace" = String, Path, description = "A namespace of yours.")),
    request_body = NewPublisherKeyBody,
    responses(
        (status = 200, body = OnePublisherBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The key was retired: it does not come back (`KEY_RETIRED`)."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn add_key(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Path(namespace): Path<String>,
    Json(body): Json<NewPublisherKeyBody>,
) -> Result<Json<OnePublisherBody>, ApiError> {
    let key = key(&body.key)?;
    let publisher = state.catalogue.add_publisher_key(access.store.tenant(), &namespace, &key).await?;
    Ok(Json(OnePublisherBody { publisher: publisher_body(publisher) }))
}

/// Retire a key
///
/// It signs nothing more, for good. What it signed before stays.
#[utoipa::path(
    delete, path = "/api/publishers/{namespace}/keys/{key}", operation_id = "retirePublisherKey", tag = "publishers", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    params(
        ("namespace" = String, Path, description = "A namespace of yours."),
        ("key" = String, Path, description = "`ed25519:` and 64 hexadecimal digits."),
    ),
    responses((status = 200, body = OnePublisherBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn retire_key(
    access: Access<may::PublishingWrite>,
    Path((namespace, key)): Path<(String, String)>,
) -> Result<Json<OnePublisherBody>, ApiError> {
    let publisher = access.store.retire_publisher_key(&namespace, &key).await?;
    Ok(Json(OnePublisherBody { publisher: publisher_body(publisher) }))
}

fn key(text: &str) -> Result<PublisherKey, ApiError> {
    let malformed = |error: neustream_contract::SignatureError| ApiError::Invalid {
        field: "key",
        message: error.to_string(),
    };
    text.trim().parse().map_err(malformed)
}

fn publisher_body(publisher: Publisher) -> PublisherBody {
    let key = |key: PublisherKeyRow| PublisherKeyBody {
        key: key.key,
        added_at: rfc3339(key.added_at),
        retired_at: key.retired_at.map(rfc3339),
    };
    PublisherBody {
        namespace: publisher.row.namespace,
        keys: publisher.keys.into_iter().map(key).collect(),
        created_at: rfc3339(publisher.row.created_at),
    }
}
