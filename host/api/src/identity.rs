//! Who is signed in: the extractor that turns a token into a tenant's scope of the store.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use neustream_accounts::Role;
use neustream_model::{UnixMillis, UserId};
use neustream_store::TenantStore;

use crate::error::ApiError;
use crate::state::AppState;

/// A signed-in user. Handlers reach tenant data through [`Identity::store`] only.
pub(crate) struct Identity {
    pub user: UserId,
    pub role: Role,
    pub store: TenantStore,
}

/// A signed-in user who runs the platform.
pub(crate) struct Administrator(pub Identity);

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let identity = Identity::from_request_parts(parts, state).await?;
        if identity.role == Role::Admin { Ok(Self(identity)) } else { Err(ApiError::NotAdministrator) }
    }
}

impl FromRequestParts<AppState> for Identity {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::Unauthenticated)?;
        let token = header.to_str().ok().and_then(bearer).ok_or(ApiError::Unauthenticated)?;
        let claims = state.tokens.verify(token, UnixMillis::now()).map_err(ApiError::Token)?;
        Ok(Self { user: claims.sub, role: claims.role, store: state.store.tenant(claims.tenant) })
    }
}

/// RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
