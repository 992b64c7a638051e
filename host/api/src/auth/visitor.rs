//! Who stands before the door: what is kept of a sign-in beside the person.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use crate::client::{PublicUrls, client_address};
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
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let urls = PublicUrls::from_request_parts(parts, state).await?;
        let address = client_address(parts, &state.settings.trusted_proxies).0;
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        // A header's text has no control characters, but any length.
        let device = agent.unwrap_or_default().trim().chars().take(MAX_DEVICE_CHARS).collect();
        Ok(Self { urls, address, device })
    }
}
