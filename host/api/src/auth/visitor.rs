//! Who stands before the door: what is kept of a sign-in beside the person.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use neustream_model::{RequestId, UserId};
use neustream_store::{Actor, HostStore};

use crate::client::{PublicUrls, client_address};
use crate::error::ApiError;
use crate::identity::Person;
use crate::state::AppState;

const MAX_DEVICE_CHARS: usize = 200;

/// A browser or program that asks to sign in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Under which names it reached this host.
    pub urls: PublicUrls,
    /// Where it comes from.
    pub address: IpAddr,
    /// What it calls itself; empty where it does not.
    pub device: String,
    request: Option<RequestId>,
}

/// A person as oneself: for what nobody does in the place of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Oneself(pub Person);

impl Visitor {
    /// The host's scope for somebody who is not known yet: the store says in the audit log who it was.
    pub fn host(&self, state: &AppState) -> HostStore {
        state.store.host().acting_as(Actor::host().from_request(Some(self.address), self.request))
    }

    /// The host's scope for a person.
    pub fn host_as(&self, state: &AppState, user: UserId) -> HostStore {
        state.store.host().acting_as(Actor::person(user).from_request(Some(self.address), self.request))
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let urls = PublicUrls::from_request_parts(parts, state).await?;
        let address = client_address(parts, &state.settings.trusted_proxies).0;
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        // A header's text has no control characters, but any length.
        let device = agent.unwrap_or_default().trim().chars().take(MAX_DEVICE_CHARS).collect();
        let request = parts.extensions.get::<RequestId>().copied();
        Ok(Self { urls, address, device, request })
    }
}

impl FromRequestParts<AppState> for Oneself {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let person = Person::from_request_parts(parts, state).await?;
        if person.impersonator.is_some() { Err(ApiError::Impersonated) } else { Ok(Self(person)) }
    }
}
