//! Signing in with an account at another provider: OpenID Connect Core 1.0, authorization code flow.
//!
//! [`OpenId::begin`] says where to send somebody, [`OpenId::finish`] who came
//! back. In between everything is in a [`Flow`], which the caller keeps where
//! only that browser has it. A state ties the answer to the flow, a nonce the
//! identity token to it, and PKCE the code; the issuer, the audience, the time
//! and the signature of the token are checked, whatever the connection was.
//! Addresses of providers come from their own discovery documents, are TLS, and
//! are reached through `neustream-outbound`, whose address guard holds.
//!
//! Absent: whose account it is here, and what is kept (`neustream-store`);
//! access tokens of providers, which are dropped: they would open more than who
//! somebody is.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod discovery;
mod flow;
mod identity_token;
mod provider;

pub use flow::{Begun, Callback, Flow, OpenId, OpenIdClient};
pub use identity_token::Claimed;
pub use provider::Provider;

/// Somebody cannot be signed in with a provider.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// There is no client at a provider of this name.
    #[error("this host has no client at that provider")]
    ProviderUnknown,
    /// The answer is not to a question of this browser.
    #[error("the answer belongs to no sign-in of this browser")]
    StateUnknown,
    /// It took too long.
    #[error("the sign-in took too long")]
    Expired,
    /// The person said no.
    #[error("the person did not agree")]
    Denied,
    /// The provider says something is wrong.
    #[error("the provider answered `{0}`")]
    Provider(String),
    /// The provider cannot be reached or does not keep the protocol.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The identity token proves nothing.
    #[error("the identity token is not valid: {0}")]
    TokenInvalid(&'static str),
}

impl OpenIdError {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProviderUnknown => "provider-unknown",
            Self::StateUnknown => "state-unknown",
            Self::Expired => "expired",
            Self::Denied => "denied",
            Self::Provider(_) => "provider-error",
            Self::Unreachable(_) => "unreachable",
            Self::TokenInvalid(_) => "token-invalid",
        }
    }
}
