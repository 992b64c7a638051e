//! Tokens for the next call: refreshed in time, by one at a time.
//!
//! A refresh token may be good for one use, and a provider that sees it twice
//! may end the whole consent (RFC 9700 4.14.2). Hence two locks: within this
//! process a gate per secret, over all hosts on one database a lease on the
//! row. The new pair is written before anybody gets it. What cannot be helped:
//! a provider's answer that is lost on its way with the old token spent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use neustream_contract::{CLIENT_ID_SUFFIX, CallError, CallErrorKind};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use neustream_store::{OauthConnection, OauthTokens, StoreError};
use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

use super::renewal::{FIRST_PAUSE, Flight, LEASE, Place, Renewal};
use super::{Oauth, OauthError, Pair};
use crate::{Consent, TokenSource};

/// A token is refreshed this long before its end, or in the last quarter of a shorter life.
const MARGIN: Duration = Duration::from_mins(1);
/// How often another host's refresh is looked for, and for how long.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOK_FOR: Duration = Duration::from_secs(15);
/// A platform that refuses tokens one after another refuses something else.
const BETWEEN_REFUSALS: Duration = Duration::from_mins(1);
/// Gates that are kept although nobody waits at them.
const MAX_IDLE_FLIGHTS: usize = 1024;

/// The refreshes of this process, one gate a secret.
#[derive(Default)]
pub(super) struct Flights(Mutex<Gates>);

type Gates = HashMap<(InstallationId, String), Arc<Gate<Flight>>>;

impl Flights {
    fn gate(&self, installation: InstallationId, name: &str) -> Arc<Gate<Flight>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() > MAX_IDLE_FLIGHTS {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        }
        Arc::clone(gates.entry((installation, name.to_owned())).or_default())
    }

    /// Other tokens are there: what was remembered of the former ones does not matter.
    pub(super) fn forget(&self, installation: InstallationId, name: &str) {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.remove(&(installation, name.to_owned()));
    }
}

#[async_trait]
impl TokenSource for Oauth {
    async fn secrets(&self, consent: &Consent<'_>) -> Result<BTreeMap<String, Secret>, CallError> {
        let Some(tokens) = self.tokens(consent).await.map_err(|error| call_error(consent, &error))? else {
            return Ok(BTreeMap::new());
        };
        let tokens = self.usable(consent, tokens).await.map_err(|error| call_error(consent, &error))?;
        let pair = Pair::read(&tokens.pair).map_err(|error| call_error(consent, &error))?;
        Ok(BTreeMap::from([
            (format!("{}{CLIENT_ID_SUFFIX}", consent.name), Secret::new(tokens.client_id)),
            (consent.name.to_owned(), Secret::new(pair.access)),
        ]))
    }

    async fn refused(&self, consent: &Consent<'_>, token: &Secret) -> bool {
        let Ok(Some(tokens)) = self.tokens(consent).await else { return false };
        match Pair::read(&tokens.pair) {
            // Somebody else has heard of it before.
            Ok(pair) if pair.access != token.expose() => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
        let gate = self.0.flights.gate(consent.installation, consent.name).lock_owned().await;
        if gate.refused_at.is_some_and(|at| at.elapsed() < BETWEEN_REFUSALS) {
            return false;
        }
        self.refreshed(consent, tokens, gate, true).await.is_ok()
    }

    async fn connected(
        &self,
        tenant: TenantId,
        installation: InstallationId,
    ) -> Result<BTreeSet<String>, CallError> {
        let connections = self.0.store.tenant(tenant).oauth_connections(installation).await;
        let connections = connections.map_err(|error| {
            tracing::warn!(%installation, %error, "connections cannot be read");
            let message = "the host is busy, it tries again in a moment";
            CallError::new(CallErrorKind::Unavailable, "host-busy", message)
        })?;
        let is_good = |connection: &OauthConnection| connection.refused.is_none();
        Ok(connections.into_iter().filter(is_good).map(|connection| connection.secret).collect())
    }

    async fn forget(&self, tenant: TenantId, installation: InstallationId) {
        if let Err(error) = self.forget_all(tenant, installation).await {
            tracing::error!(%tenant, %installation, %error, "tokens were not forgotten");
        }
    }
}

impl Oauth {
    async fn tokens(&self, consent: &Consent<'_>) -> Result<Option<OauthTokens>, OauthError> {
        let host = self.0.store.host();
        Ok(host.oauth_tokens(consent.tenant, consent.installation, consent.name).await?)
    }

    /// `tokens`, or newer ones where those end soon.
    async fn usable(&self, consent: &Consent<'_>, tokens: OauthTokens) -> Result<OauthTokens, OauthError> {
        check(consent, &tokens)?;
        let now = UnixMillis::now();
        if !ends_soon(&tokens, now) {
            return Ok(tokens);
        }
        let gate = self.0.flights.gate(consent.installation, consent.name);
        let gate = match Arc::clone(&gate).try_lock_owned() {
            Ok(gate) => gate,
            // Somebody refreshes: nobody waits for that who still has a token.
            Err(_) if is_valid(&tokens, now) => return Ok(tokens),
            Err(_) => gate.lock_owned().await,
        };
        match self.refreshed(consent, tokens.clone(), gate, false).await {
            Ok(newer) => Ok(newer),
            Err(OauthError::GrantRefused) => Err(OauthError::GrantRefused),
            // A failure that may pass does not take away what still works.
            Err(_) if is_valid(&tokens, UnixMillis::now()) => Ok(tokens),
            Err(error) => Err(error),
        }
    }

    /// Tokens that are newer than `seen`. Whoever holds the gate decides who asks the provider.
    async fn refreshed(
        &self,
        consent: &Consent<'_>,
        seen: OauthTokens,
        gate: OwnedMutexGuard<Flight>,
        is_refused: bool,
    ) -> Result<OauthTokens, OauthError> {
        // The gate may have opened because somebody else was through.
        let tokens = self.tokens(consent).await?.ok_or(OauthError::GrantRefused)?;
        check(consent, &tokens)?;
        if tokens.revision != seen.revision {
            return Ok(tokens);
        }
        if let Some((until, detail)) = &gate.pause_until
            && *until > Instant::now()
        {
            return Err(OauthError::Unreachable(detail.clone()));
        }
        let client = match self.client(consent, Some(&tokens.client_id)).await {
            // A refresh token works only for the client that it was made for (RFC 6749 6).
            Err(OauthError::ClientMissing | OauthError::ClientBoundElsewhere) => {
                return Err(OauthError::GrantRefused);
            }
            other => other?,
        };
        let place = Place::of(consent);
        let host = self.0.store.host();
        let lease = host
            .lease_oauth_tokens(place.tenant, place.installation, &place.name, tokens.revision, LEASE)
            .await?;
        let Some(lease) = lease else { return self.refreshed_elsewhere(consent, tokens, is_refused).await };
        let auth = consent.secret.client_auth;
        let work = Renewal { oauth: self.clone(), place, lease, auth, client, tokens, is_refused };
        // To its end, even when the call that needed it is given up: the provider may have spent the old token. It
        // ends by itself within the lease.
        let asked = consent.scopes().join(" ");
        let newer = tokio::spawn(work.run(gate, asked)).await;
        newer.unwrap_or(Err(OauthError::Unreachable("the refresh was given up".to_owned())))
    }

    /// Another host is at it: waits for what it writes, unless what is here serves meanwhile.
    async fn refreshed_elsewhere(
        &self,
        consent: &Consent<'_>,
        seen: OauthTokens,
        is_refused: bool,
    ) -> Result<OauthTokens, OauthError> {
        let until = Instant::now() + LOOK_FOR;
        while Instant::now() < until && (is_refused || !is_valid(&seen, UnixMillis::now())) {
            tokio::time::sleep(LOOK_EVERY).await;
            let tokens = self.tokens(consent).await?.ok_or(OauthError::GrantRefused)?;
            check(consent, &tokens)?;
            if tokens.revision != seen.revision {
                return Ok(tokens);
            }
            if tokens.lease_until.is_none() {
                break;
            }
        }
        Err(OauthError::Unreachable("another host tries to refresh the token".to_owned()))
    }
}

/// Whether tokens may be used by this version of the plugin at all.
fn check(consent: &Consent<'_>, tokens: &OauthTokens) -> Result<(), OauthError> {
    let is_from_here = Some(&tokens.token_url) == consent.secret.token_url.as_ref();
    if tokens.refused.is_some() || !is_from_here || !consent.missing_scopes(&tokens.scopes).is_empty() {
        return Err(OauthError::GrantRefused);
    }
    Ok(())
}

fn is_valid(tokens: &OauthTokens, now: UnixMillis) -> bool {
    tokens.expires_at.is_none_or(|at| at > now)
}

/// Whether it is time to refresh. A token without an end is used until it is refused.
fn ends_soon(tokens: &OauthTokens, now: UnixMillis) -> bool {
    let Some(expires_at) = tokens.expires_at else { return false };
    let lifetime = Duration::from_millis(expires_at.0.saturating_sub(tokens.issued_at.0));
    now.plus(MARGIN.min(lifetime / 4)) >= expires_at
}

fn call_error(consent: &Consent<'_>, error: &OauthError) -> CallError {
    let label = consent.label();
    match error {
        // What was sealed with another master key nobody opens again.
        OauthError::Store(StoreError::Sealing(_))
        | OauthError::GrantRefused
        | OauthError::ClientMissing
        | OauthError::ClientBoundElsewhere => CallError::new(
            CallErrorKind::Unauthorized,
            "oauth-consent-needed",
            format!(
                "connect “{label}” again: the platform no longer accepts your consent, or the plugin needs more"
            ),
        ),
        OauthError::Store(error) => {
            tracing::warn!(installation = %consent.installation, %error, "tokens cannot be read");
            let message = "the host is busy, it tries again in a moment";
            CallError::new(CallErrorKind::Unavailable, "host-busy", message)
        }
        other => {
            let mut call_error = CallError::new(
                CallErrorKind::Unavailable,
                "oauth-refresh-failed",
                format!("the access of “{label}” could not be renewed: {other}"),
            );
            call_error.retry_after = Some(FIRST_PAUSE);
            call_error
        }
    }
}
