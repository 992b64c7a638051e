//! Who asks, and for what: from a token to an organisation, an app and permissions.
//!
//! `Authorization: Bearer` carries an access token of a person or an API key.
//! A person acts for the home organisation unless `Neustream-Organisation`
//! names another one that the person belongs to, and for its default app
//! unless `Neustream-App` names another; a key fixes both. A path below
//! `/api/organisations/` names the organisation itself. What an access
//! token says is who signed in, no more: one query tells how that person
//! stands now, so that signing out, a removal or another role hold from the
//! next request on.
//!
//! Handlers do not take an [`Identity`] but say what they need of it (see
//! `access`). It is found once a request and kept in the request's extensions.

use std::convert::Infallible;
use std::net::IpAddr;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use neustream_accounts::{Permissions, PlatformRole, Role};
use neustream_model::{ApiKeyId, AppId, ClaimId, RequestId, SignInId, TenantId, UnixMillis, UserId};
use neustream_store::{
    Actor, ApiKeyStanding, AppStanding, AppStore, HostStore, Standing, TenantStore, Wanted, Who,
};

use crate::api_keys::presented;
use crate::client::client_address;
use crate::error::ApiError;
use crate::state::AppState;

/// Names the organisation that a request acts for.
pub(crate) const ORGANISATION: &str = "neustream-organisation";
/// Names the app that a request acts for.
pub(crate) const APP: &str = "neustream-app";
const ORGANISATION_MISSING: ApiError = ApiError::NotFound("you belong to no organisation of this id");
/// What API keys begin with; access tokens never do.
const KEY_PREFIX: &str = "nsk_";

/// Who asks, for an organisation and an app of it. Handlers reach what belongs to them through [`Identity::store`] and
/// [`Identity::app`] only.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Who asks.
    pub caller: Caller,
    /// The person who answers for the request: who asks, or who made the key.
    pub user: UserId,
    /// What may be done.
    pub permissions: Permissions,
    /// The same person or key, as the audit log names it.
    pub actor: Actor,
    /// What belongs to the organisation.
    pub store: TenantStore,
    /// What belongs to the app.
    pub app: AppStore,
    /// Whether the app is put away.
    pub is_app_archived: bool,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The request.
    pub request: Option<RequestId>,
    /// What the request claimed with its idempotency key.
    pub claim: Option<ClaimId>,
}

/// A person, or a program with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// With an access token.
    Person {
        /// Who signed in.
        person: Person,
        /// The role in the organisation.
        role: Role,
    },
    /// With an API key.
    Key {
        /// Which one.
        id: ApiKeyId,
        /// How often it may ask.
        limits: KeyLimits,
    },
}

/// How often a key may ask, where that is less than the host allows every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyLimits {
    /// Within a minute.
    pub per_minute: Option<u64>,
    /// Within an hour.
    pub per_hour: Option<u64>,
}

/// A person who signed in, whatever organisation is acted for: for what is personal. Keys are not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// Who.
    pub user: UserId,
    /// By which sign-in.
    pub sign_in: SignInId,
    /// Whether this person runs the platform.
    pub platform_role: PlatformRole,
    /// Who acts in the place of this person, if somebody does.
    pub impersonator: Option<UserId>,
}

/// A person who runs the platform.
pub(crate) struct Administrator(pub Identity);

impl Identity {
    fn new(
        state: &AppState,
        caller: Caller,
        user: UserId,
        permissions: Permissions,
        tenant: TenantId,
        app: AppStanding,
        origin: Origin,
    ) -> Self {
        let who = match caller {
            Caller::Person { person, .. } => Who::Person { user, impersonator: person.impersonator },
            Caller::Key { id, .. } => Who::Key { id },
        };
        let actor = origin.actor_of(who);
        let store = state.store.tenant(tenant).acting_as(actor);
        let (app, is_app_archived) = (store.app(app.id), app.is_archived);
        Self { caller, user, permissions, actor, store, app, is_app_archived }
    }

    /// Of an access token or an API key. A token acts for the organisation and the app that are named; a key has its
    /// own. Socket.IO asks for it too.
    ///
    /// # Errors
    /// [`ApiError::Token`], [`ApiError::SignInEnded`], [`ApiError::Suspended`]; [`ApiError::OrganisationForeign`] and
    /// [`ApiError::AppForeign`] where the person has no part in what is named.
    pub async fn of_token(
        state: &AppState,
        token: &str,
        (organisation, app): (Option<TenantId>, Option<AppId>),
        origin: Origin,
    ) -> Result<Self, ApiError> {
        if token.starts_with(KEY_PREFIX) {
            key_identity(state, token, origin).await
        } else {
            person_identity(state, token, organisation, app, origin).await
        }
    }

    /// The identity of a request that carries a valid token.
    ///
    /// # Errors
    /// That the database is away: whoever asks next would wait for it in vain once more.
    pub async fn from_request_parts_if_signed_in(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, ApiError> {
        match Self::from_request_parts(parts, state).await {
            Ok(identity) => Ok(Some(identity)),
            Err(error) if error.is_of_absent_database() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The same, for a request that has claimed its idempotency key: what it changes says so.
    #[must_use]
    pub fn claiming(self, claim: ClaimId) -> Self {
        let actor = self.actor.claiming(Some(claim));
        let store = self.store.acting_as(actor);
        let app = self.app.app_id().map_or_else(|| store.every_app(), |app| store.app(app));
        Self { actor, store, app, ..self }
    }

    /// The person who asks.
    ///
    /// # Errors
    /// [`ApiError::PeopleOnly`] for a key.
    pub fn person(&self) -> Result<Person, ApiError> {
        match self.caller {
            Caller::Person { person, .. } => Ok(person),
            Caller::Key { .. } => Err(ApiError::PeopleOnly),
        }
    }

    /// The organisation that is acted for.
    pub fn tenant(&self) -> TenantId {
        self.store.tenant()
    }

    /// Whether it is a person who runs the platform, as oneself.
    pub fn is_administrator(&self) -> bool {
        matches!(self.caller, Caller::Person { person, .. } if person.is_administrator())
    }
}

impl Administrator {
    /// What belongs to the host, with this administrator as the actor.
    pub fn host(&self, state: &AppState) -> HostStore {
        state.store.host().acting_as(self.0.actor)
    }
}

impl Origin {
    /// Whoever comes from there, before it is known who that is.
    pub fn actor(self) -> Actor {
        self.actor_of(Who::Host)
    }

    fn actor_of(self, who: Who) -> Actor {
        Actor { who, address: self.address, request: self.request, claim: self.claim }
    }

    /// Of an HTTP request.
    pub fn of(parts: &Parts, state: &AppState) -> Self {
        let address = client_address(parts, &state.settings.trusted_proxies).0;
        let extensions = &parts.extensions;
        Self {
            address: Some(address),
            request: extensions.get::<RequestId>().copied(),
            claim: extensions.get::<ClaimId>().copied(),
        }
    }
}

impl Person {
    /// As the audit log names this person.
    pub fn actor(&self, origin: Origin) -> Actor {
        let who = Who::Person { user: self.user, impersonator: self.impersonator };
        origin.actor_of(who)
    }

    /// Whether this person runs the platform. Nobody does in the place of another.
    pub fn is_administrator(&self) -> bool {
        self.platform_role == PlatformRole::Admin && self.impersonator.is_none()
    }
}

impl FromRequestParts<AppState> for Identity {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let token = bearer(parts)?;
        let in_path = organisation_in(parts.uri.path());
        let organisation = if in_path.is_some() { in_path } else { named(parts, ORGANISATION)? };
        let wanted = (organisation, named(parts, APP)?);
        let found = Self::of_token(state, token, wanted, Origin::of(parts, state)).await;
        let identity = match found {
            // What a path names is there or not; whose it is, is nobody's business.
            Err(ApiError::OrganisationForeign) if in_path.is_some() => return Err(ORGANISATION_MISSING),
            other => other?,
        };
        if in_path.is_some_and(|id| id != identity.tenant()) {
            return Err(ORGANISATION_MISSING);
        }
        parts.extensions.insert(identity.clone());
        Ok(identity)
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

impl FromRequestParts<AppState> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Identity>() {
            return known.person();
        }
        let token = bearer(parts)?;
        if token.starts_with(KEY_PREFIX) {
            return Err(key_identity(state, token, Origin::of(parts, state))
                .await
                .err()
                .unwrap_or(ApiError::PeopleOnly));
        }
        Ok(standing(state, token, None, None).await?.0)
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let identity = Identity::from_request_parts(parts, state).await?;
        if identity.is_administrator() { Ok(Self(identity)) } else { Err(ApiError::NotAdministrator) }
    }
}

/// See [`Identity::of_token`].
async fn person_identity(
    state: &AppState,
    token: &str,
    organisation: Option<TenantId>,
    app: Option<AppId>,
    origin: Origin,
) -> Result<Identity, ApiError> {
    let (person, standing) = standing(state, token, organisation, app).await?;
    let member = standing.membership.ok_or(ApiError::OrganisationForeign)?;
    let role: Role = known_word(&member.role)?;
    let app = member.app.ok_or(ApiError::AppForeign)?;
    let all = role.permissions();
    let permissions = if person.impersonator.is_some() { all.for_keys() } else { all };
    let caller = Caller::Person { person, role };
    Ok(Identity::new(state, caller, person.user, permissions, member.tenant, app, origin))
}

/// The identity of an API key.
/// Whatever the row of the key says, it has no permission that keys never have.
async fn key_identity(state: &AppState, token: &str, origin: Origin) -> Result<Identity, ApiError> {
    let ApiKeyStanding { key, app } = presented(state, token).await?;
    let scopes: Permissions = known_word(&key.scopes)?;
    let limits = KeyLimits { per_minute: key.per_minute, per_hour: key.per_hour };
    let caller = Caller::Key { id: key.id, limits };
    Ok(Identity::new(state, caller, key.made_by, scopes.for_keys(), key.tenant_id, app, origin))
}

async fn standing(
    state: &AppState,
    token: &str,
    organisation: Option<TenantId>,
    app: Option<AppId>,
) -> Result<(Person, Standing), ApiError> {
    let now = UnixMillis::now();
    let claims = state.tokens.verify(token, now).map_err(ApiError::Token)?;
    let wanted = Wanted { sign_in: claims.sid, user: claims.sub, organisation, app };
    let standing = state.store.host().standing(&wanted, now).await?.ok_or(ApiError::SignInEnded)?;
    if standing.is_suspended {
        return Err(ApiError::Suspended);
    }
    let person = Person {
        user: claims.sub,
        sign_in: claims.sid,
        platform_role: known_word(&standing.platform_role)?,
        impersonator: standing.impersonator,
    };
    Ok((person, standing))
}

fn known_word<T: FromStr<Err: std::fmt::Display>>(word: &str) -> Result<T, ApiError> {
    word.parse().map_err(|error: T::Err| ApiError::Internal(format!("a role in the database: {error}")))
}

/// The organisation that a path below `/api/organisations/` names.
fn organisation_in(path: &str) -> Option<TenantId> {
    let rest = path.strip_prefix("/api/organisations/")?;
    rest.split('/').next()?.parse().ok()
}

/// RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(parts: &Parts) -> Result<&str, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|text| text.split_once(' ')).ok_or(ApiError::Unauthenticated)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(ApiError::Unauthenticated) }
}

/// The id in the header `name`, if it is there.
fn named<T: FromStr<Err: std::fmt::Display>>(parts: &Parts, name: &str) -> Result<Option<T>, ApiError> {
    let Some(value) = parts.headers.get(name) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let malformed = |error| ApiError::Malformed(format!("the header {name}: {error}"));
    text.parse().map(Some).map_err(malformed)
}
