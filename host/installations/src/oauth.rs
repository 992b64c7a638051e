//! Consent by OAuth 2.0: the host runs the flow, keeps the tokens, refreshes them, gives them up.
//!
//! For a secret of kind `oauth2` the manifest says where and for what, this
//! module does the rest: the authorization code flow with PKCE (RFC 6749 4.1,
//! RFC 7636 S256) as RFC 9700 wants it. A plugin never sees a token, and a
//! tenant never pastes one.
//!
//! | file | concept |
//! |---|---|
//! | `flow` | sending somebody to a provider and taking them back ([`Oauth::begin`], [`Oauth::finish`]) |
//! | `provider` | what is said to a token endpoint and how its answers are read |
//! | `refresh` | tokens for the next call ([`crate::TokenSource`]), one refresh at a time |
//! | `renewal` | one refresh, from the question to the written answer |
//! | `disconnect` | giving tokens up (RFC 7009) and forgetting them |
//!
//! Invariants: a `state` is random, good once, for ten minutes, for one
//! installation and in the browser that began (RFC 9700 4.7); every secret of
//! every plugin has a redirect address of its own, so that an answer of one
//! provider is never taken for another's (4.4, with RFC 9207 on top); a client
//! secret and a refresh token go to the token address that they were made for
//! and nowhere else, even when a new version of the plugin names another;
//! no token, code, verifier or secret is in an error, a log line or an answer.
//!
//! Absent: every word about one provider (the manifest is the data), flows
//! without a browser, and proof of possession (DPoP), which no streaming
//! platform speaks.

mod disconnect;
mod flow;
mod provider;
mod refresh;
mod renewal;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::grant;
use neustream_contract::manifest::ClientAuth;
use neustream_model::Secret;
use neustream_outbound::{Outbound, OutboundError};
use neustream_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::Consent;

pub use flow::{Begun, Callback, CallbackOutcome, Returned, flow_name};

impl Consent<'_> {
    /// The scopes to ask for: those of the manifest that the tenant granted.
    pub fn scopes(&self) -> Vec<&str> {
        let is_granted = |scope: &&String| self.grant.covers(&grant::scope_key(self.name, scope));
        self.secret.scopes.iter().filter(is_granted).map(String::as_str).collect()
    }

    /// Those of [`Consent::scopes`] that are not among `consented` (parted by spaces).
    pub fn missing_scopes(&self, consented: &str) -> Vec<String> {
        let has = |wanted: &str| consented.split(' ').any(|scope| scope == wanted);
        self.scopes().into_iter().filter(|scope| !has(scope)).map(str::to_owned).collect()
    }

    /// The secret's name for people.
    fn label(&self) -> &str {
        self.secret.label.as_deref().unwrap_or(self.name)
    }
}

/// How consent fails. Texts are for the tenant and hold nothing secret.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The secret is not one of kind `oauth2`.
    #[error("this secret is not connected by consent: paste it instead")]
    NotOauth,
    /// Nobody has registered this host at the provider.
    #[error("no OAuth client is set for this plugin: the operator of this host, or you, must register one")]
    ClientMissing,
    /// The manifest names another token address than the one that the client was set for.
    #[error("the OAuth client was set for another token address than this version of the plugin names")]
    ClientBoundElsewhere,
    /// An address of the manifest cannot be used.
    #[error("the plugin's OAuth addresses cannot be used: {0}")]
    AddressInvalid(String),
    /// The state is unknown, used or too old.
    #[error("this link was used already or is too old: begin again")]
    StateUnknown,
    /// The browser is not the one that began, or the answer came to the address of another secret.
    #[error("this consent was begun elsewhere: begin again in this browser")]
    StateForeign,
    /// The answer is from somebody else than the one that was asked (RFC 9207).
    #[error("the answer came from another provider than the one that was asked")]
    IssuerMismatch,
    /// The person said no.
    #[error("access was denied at the provider")]
    Denied,
    /// The provider answered with an error.
    #[error("the provider refused: {code}")]
    Provider {
        /// Its code (RFC 6749 4.1.2.1 and 5.2), printable.
        code: String,
    },
    /// The provider does not know the client, or not its secret.
    #[error("the provider refused this host's OAuth client: its id or secret is wrong")]
    ClientRefused,
    /// Less was consented to than the plugin needs.
    #[error("access was allowed only in part; missing: {}", missing.join(", "))]
    ScopeNarrowed {
        /// What is missing.
        missing: Vec<String>,
    },
    /// The provider cannot be reached, or asks for patience.
    #[error("the provider cannot be reached now: {0}")]
    Unreachable(String),
    /// The provider's answer is not one of RFC 6749.
    #[error("the provider's answer is malformed: {0}")]
    Malformed(&'static str),
    /// The provider no longer takes the refresh token, or the code.
    #[error("the provider no longer accepts the consent")]
    GrantRefused,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OauthError {
    /// The kebab-case code, for the dashboard and for reasons.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOauth => "oauth-not-applicable",
            Self::ClientMissing => "oauth-client-missing",
            Self::ClientBoundElsewhere => "oauth-client-bound-elsewhere",
            Self::AddressInvalid(_) => "oauth-address-invalid",
            Self::StateUnknown => "oauth-state-unknown",
            Self::StateForeign => "oauth-state-foreign",
            Self::IssuerMismatch => "oauth-issuer-mismatch",
            Self::Denied => "oauth-denied",
            Self::Provider { .. } => "oauth-provider-error",
            Self::ClientRefused => "oauth-client-refused",
            Self::ScopeNarrowed { .. } => "oauth-scope-narrowed",
            Self::Unreachable(_) => "oauth-unreachable",
            Self::Malformed(_) => "oauth-malformed",
            Self::GrantRefused => "oauth-consent-needed",
            Self::Store(_) => "store-unavailable",
        }
    }
}

impl From<OutboundError> for OauthError {
    fn from(error: OutboundError) -> Self {
        if error.is_refusal() {
            Self::AddressInvalid(error.to_string())
        } else {
            Self::Unreachable(error.to_string())
        }
    }
}

/// The host's side of OAuth. Cheap to clone.
#[derive(Clone)]
pub struct Oauth(Arc<Inner>);

struct Inner {
    store: Store,
    outbound: Outbound,
    flights: refresh::Flights,
    time_to_consent: Duration,
}

impl Oauth {
    /// Keeps tokens in `store` and speaks to providers through `outbound`.
    pub fn new(store: Store, outbound: Outbound) -> Self {
        Self::with_time_to_consent(store, outbound, flow::TIME_TO_CONSENT)
    }

    fn with_time_to_consent(store: Store, outbound: Outbound, time_to_consent: Duration) -> Self {
        Self(Arc::new(Inner { store, outbound, flights: refresh::Flights::default(), time_to_consent }))
    }
}

impl std::fmt::Debug for Oauth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oauth").finish_non_exhaustive()
    }
}

/// What is sealed in a row of tokens: the pair, and what giving it up takes when the manifest is gone.
#[derive(Serialize, Deserialize)]
struct Pair {
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    plugin: String,
    #[serde(default)]
    client_auth: ClientAuth,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoke_url: Option<String>,
}

impl Pair {
    fn sealed_form(&self) -> Secret {
        Secret::new(serde_json::to_string(self).expect("texts always have a JSON form"))
    }

    fn read(sealed: &Secret) -> Result<Self, OauthError> {
        serde_json::from_str(sealed.expose()).map_err(|_| OauthError::Malformed("the kept tokens"))
    }
}
