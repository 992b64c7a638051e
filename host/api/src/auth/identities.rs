//! `/api/auth/identities`: accounts at other providers that somebody signs in with.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use neustream_accounts::NO_PASSWORD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::proof::{Proof, prove};
use super::providers::{checked_return, depart, label_of};
use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path};
use crate::identity::Person;
use crate::mail::{Letter, Postbox};
use crate::moment::rfc3339;
use crate::state::AppState;

/// A connected account at a provider.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityBody {
    /// The provider's name.
    #[schema(example = "google")]
    provider: String,
    /// The provider's name for people.
    #[schema(example = "Google")]
    label: String,
    /// The address there; may be empty.
    #[schema(example = "ada@gmail.com")]
    email: String,
    /// When it was connected (RFC 3339).
    created_at: String,
    /// When somebody last signed in with it (RFC 3339).
    last_used_at: String,
}

/// Connected accounts at providers.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentitiesBody {
    /// One a provider.
    identities: Vec<IdentityBody>,
}

/// A proof of who asks, and where to come back to.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConnectBody {
    /// The account's password, where it has one.
    #[schema(example = "correct horse battery")]
    current_password: Option<String>,
    /// A code of the authenticator app, for an account without a password.
    code: Option<String>,
    /// A path of this host.
    #[schema(example = "/account")]
    return_to: Option<String>,
}

/// Where somebody is to be sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectUrlBody {
    /// The provider's page. Open it in the browser that got this answer: its cookie is needed on the way back.
    authorize_url: String,
}

/// List connected providers
#[utoipa::path(
    get, path = "/api/auth/identities", operation_id = "listIdentities", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = IdentitiesBody)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<IdentitiesBody>, ApiError> {
    let rows = state.store.host().user_identities(person.user).await?;
    let body = |row: neustream_store::UserIdentityRow| IdentityBody {
        label: label_of(&state, &row.provider),
        provider: row.provider,
        email: row.email,
        created_at: rfc3339(row.created_at),
        last_used_at: rfc3339(row.last_used_at),
    };
    Ok(Json(IdentitiesBody { identities: rows.into_iter().map(body).collect() }))
}

/// Begin to connect a provider
///
/// Answers the provider's page and sets a cookie that the way back needs.
#[utoipa::path(
    post, path = "/api/auth/identities/{provider}", operation_id = "connectIdentity", tag = "auth",
    security(("bearer" = [])), params(("provider" = String, Path, description = "`google` or `twitch`.")),
    request_body = ConnectBody,
    responses(
        (status = 200, body = ConnectUrlBody),
        (status = 401, body = ErrorBody, description = "`SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG`, `SIGN_IN_TOO_OLD`, `IMPERSONATED`, or the provider cannot be reached (`SIGN_IN_FAILED`)."),
        (status = 404, body = ErrorBody, description = "This host has no client at such a provider."),
        (status = 422, body = ErrorBody, description = "`return_to` is no path of this host."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords."),
    ),
)]
pub(crate) async fn connect(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Path(provider): Path<String>,
    Json(body): Json<ConnectBody>,
) -> Result<Response, ApiError> {
    let return_to = checked_return(body.return_to)?;
    let proof = Proof { password: body.current_password.as_deref(), code: body.code.as_deref() };
    let user = prove(&state, &visitor, oneself, proof).await?;
    let (authorize_url, cookie) = depart(&state, &visitor, &provider, return_to, Some(user.id)).await?;
    Ok(([(SET_COOKIE, cookie)], Json(ConnectUrlBody { authorize_url })).into_response())
}

/// Disconnect a provider
///
/// Unless nothing else would be left to sign in with.
#[utoipa::path(
    delete, path = "/api/auth/identities/{provider}", operation_id = "disconnectIdentity", tag = "auth",
    security(("bearer" = [])), params(("provider" = String, Path, description = "`google` or `twitch`.")),
    responses(
        (status = 204, description = "It signs nobody in any more."),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`LAST_WAY_IN`: set a password first."),
    ),
)]
pub(crate) async fn disconnect(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
    Path(provider): Path<String>,
) -> Result<StatusCode, ApiError> {
    let host = visitor.host_as(&state, person.user);
    let user = host.user(person.user).await?;
    let head = state.letterhead();
    let label = label_of(&state, &provider);
    let letter = Letter::IdentityDisconnected { host: head.host(), provider: &label };
    let mail = Postbox::written(&user.email, &letter);
    host.disconnect_identity(user.id, &provider, NO_PASSWORD, &mail).await?;
    state.mail.ring();
    Ok(StatusCode::NO_CONTENT)
}
