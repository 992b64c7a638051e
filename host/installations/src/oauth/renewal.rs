//! One renewal of a pair of tokens: the provider is asked, its answer written, the lease ended.

use std::time::{Duration, Instant};

use neustream_contract::manifest::ClientAuth;
use neustream_model::{InstallationId, TenantId, UnixMillis};
use neustream_store::{NewOauthTokens, OauthClient, OauthTokens, StoreError};
use tokio::sync::OwnedMutexGuard;

use super::provider::{TIMEOUT, TokenEndpoint, TokenGrant};
use super::{Oauth, OauthError, Pair};
use crate::Consent;

/// Longer than an exchange and the writes after it take.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// After a failure nobody asks again for so long: from the first to the longest, doubling.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Attempts to write what a provider gave: it gives it once. A second apart, each of at most a second.
const WRITES: u32 = 5;

const _: () = assert!(TIMEOUT.as_secs() + WRITES as u64 * 2 < LEASE.as_secs());

/// What is remembered of a secret between renewals.
#[derive(Default)]
pub(super) struct Flight {
    failures: u32,
    /// Until when nobody asks the provider, and why.
    pub pause_until: Option<(Instant, String)>,
    /// When the platform last refused a token before its end.
    pub refused_at: Option<Instant>,
}

/// Where tokens are kept, owned.
pub(super) struct Place {
    pub tenant: TenantId,
    pub installation: InstallationId,
    pub name: String,
}

impl Place {
    pub fn of(consent: &Consent<'_>) -> Self {
        Self { tenant: consent.tenant, installation: consent.installation, name: consent.name.to_owned() }
    }
}

/// One renewal, under a lease.
pub(super) struct Renewal {
    pub oauth: Oauth,
    pub place: Place,
    /// Its name in the row.
    pub lease: String,
    pub auth: ClientAuth,
    pub client: OauthClient,
    /// What is renewed.
    pub tokens: OauthTokens,
    /// Whether the platform has refused it before its end.
    pub is_refused: bool,
}

impl Renewal {
    /// Asks the provider and writes what it gives. `wanted` are the scopes, parted by spaces, without which the tokens are
    /// of no use.
    pub async fn run(
        self,
        mut gate: OwnedMutexGuard<Flight>,
        wanted: String,
    ) -> Result<OauthTokens, OauthError> {
        let outcome = self.ask().await;
        let outcome = match outcome {
            Ok(new) => self.write(new).await,
            Err(error) => Err(error),
        };
        if self.is_refused {
            gate.refused_at = Some(Instant::now());
        }
        let Place { tenant, installation, name } = &self.place;
        match outcome {
            Ok(tokens) => {
                (gate.failures, gate.pause_until) = (0, None);
                tracing::debug!(%tenant, %installation, secret = name, "a token was refreshed");
                let has_all =
                    wanted.split(' ').all(|w| w.is_empty() || tokens.scopes.split(' ').any(|s| s == w));
                if has_all { Ok(tokens) } else { Err(OauthError::GrantRefused) }
            }
            Err(error) => {
                let refused = matches!(error, OauthError::GrantRefused).then_some("invalid_grant");
                let host = self.oauth.0.store.host();
                let released =
                    host.release_oauth_tokens(*tenant, *installation, name, &self.lease, refused).await;
                if let Err(error) = released {
                    tracing::warn!(%tenant, %installation, secret = name, %error, "a lease ends by its time only");
                }
                tracing::warn!(%tenant, %installation, secret = name, code = error.code(), %error, "a token was not refreshed");
                if refused.is_none() {
                    let pause = FIRST_PAUSE.saturating_mul(1 << gate.failures.min(10)).min(LONGEST_PAUSE);
                    gate.failures += 1;
                    gate.pause_until = Some((Instant::now() + pause, error.to_string()));
                }
                Err(error)
            }
        }
    }

    async fn ask(&self) -> Result<NewOauthTokens, OauthError> {
        let pair = Pair::read(&self.tokens.pair)?;
        let Some(refresh_token) = &pair.refresh else { return Err(OauthError::GrantRefused) };
        let endpoint = TokenEndpoint { url: &self.tokens.token_url, auth: self.auth, client: &self.client };
        let grant = TokenGrant::Refresh { refresh_token };
        let given = endpoint.exchange(&self.oauth.0.outbound, &grant).await?;
        // RFC 6749 6: without a new refresh token the old one stays good.
        let pair = Pair { access: given.access, refresh: given.refresh.or(pair.refresh), ..pair };
        Ok(NewOauthTokens {
            client_id: self.tokens.client_id.clone(),
            token_url: self.tokens.token_url.clone(),
            scopes: given.scopes.unwrap_or_else(|| self.tokens.scopes.clone()),
            pair: pair.sealed_form(),
            issued_at: UnixMillis::now(),
            expires_at: given.expires_at,
        })
    }

    /// Writes the new pair, again and again while the lease holds: there is no other copy of it.
    async fn write(&self, new: NewOauthTokens) -> Result<OauthTokens, OauthError> {
        let Place { tenant, installation, name } = &self.place;
        let host = self.oauth.0.store.host();
        let mut attempt = 1;
        loop {
            match host.renew_oauth_tokens(*tenant, *installation, name, &self.lease, &new).await {
                Ok(true) => {
                    let NewOauthTokens { client_id, token_url, scopes, pair, issued_at, expires_at } = new;
                    let revision = self.tokens.revision + 1;
                    let (lease_until, refused) = (None, None);
                    return Ok(OauthTokens {
                        revision,
                        client_id,
                        token_url,
                        scopes,
                        pair,
                        issued_at,
                        expires_at,
                        lease_until,
                        refused,
                    });
                }
                // Disconnected, or connected anew, while the provider thought.
                Ok(false) => {
                    let now = host.oauth_tokens(*tenant, *installation, name).await?;
                    return now.ok_or(OauthError::GrantRefused);
                }
                Err(StoreError::Unavailable(_)) if attempt < WRITES => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
