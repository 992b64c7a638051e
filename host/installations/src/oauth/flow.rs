//! Sending somebody to a provider, and taking them back.

use std::fmt;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use neustream_contract::manifest::{ClientAuth, SecretKind};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis, UserId};
use neustream_outbound::Endpoint;
use neustream_store::{NewOauthConsent, NewOauthTokens, OauthClient, OauthConsent};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::provider::{TokenEndpoint, TokenGrant, authorize_url, is_error_code};
use super::{Oauth, OauthError, Pair};
use crate::Consent;

/// How long somebody may take at the provider.
pub(super) const TIME_TO_CONSENT: Duration = Duration::from_mins(10);
/// The largest code or state that is looked at.
const MAX_PARAMETER_BYTES: usize = 4096;

/// Somebody may be sent to the provider. Prints neither the address nor what it holds.
pub struct Begun {
    /// Where to.
    pub authorize_url: String,
    /// What their browser must bring back beside the state: put it into a cookie that scripts cannot read.
    pub browser: Secret,
    /// Names the flow: for the cookie's name, so that several may be under way.
    pub flow: String,
    /// How long all of this holds.
    pub expires_in: Duration,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("flow", &self.flow).finish_non_exhaustive()
    }
}

/// Somebody came back, with what stands in the URL.
#[derive(Debug, Clone)]
pub struct Callback {
    /// The plugin in the path.
    pub plugin: String,
    /// The secret in the path.
    pub name: String,
    /// `state`.
    pub state: Secret,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
    /// `code`, or `error`.
    pub outcome: CallbackOutcome,
    /// What the browser's cookie holds.
    pub browser: Option<Secret>,
}

/// How a provider answered.
#[derive(Debug, Clone)]
pub enum CallbackOutcome {
    /// With a code.
    Code(Secret),
    /// With an error.
    Error(String),
}

/// Where somebody is sent on, and what came of it.
#[derive(Debug)]
pub struct Returned {
    /// The path that the flow was begun with; none where the flow is not known.
    pub return_to: Option<String>,
    /// The tenant and its installation; none where the flow is not known.
    pub installation: Option<(TenantId, InstallationId)>,
    /// Connected, or why not.
    pub result: Result<(), OauthError>,
}

/// What the way back needs. Sealed in the store: nobody else can make or read it.
#[derive(Serialize, Deserialize)]
struct Flow {
    verifier: String,
    browser_digest: String,
    redirect_uri: String,
    client_id: String,
    client_auth: ClientAuth,
    token_url: String,
    revoke_url: Option<String>,
    issuer: String,
    has_own_issuer: bool,
    scopes: Vec<String>,
    return_to: String,
}

/// The name by which a cookie of the flow with this `state` is found.
pub fn flow_name(state: &str) -> String {
    hex_digest(state)[..16].to_owned()
}

impl Oauth {
    /// Prepares to send `user` to the provider. `redirect_uri` is the address of this host that the client is
    /// registered with; `return_to` the path of the dashboard to come back to.
    ///
    /// # Errors
    /// Everything that is known to be missing before somebody is sent away.
    pub async fn begin(
        &self,
        consent: &Consent<'_>,
        user: UserId,
        redirect_uri: &str,
        return_to: &str,
    ) -> Result<Begun, OauthError> {
        let secret = consent.secret;
        let (SecretKind::Oauth2, Some(authorize), Some(token_url)) =
            (secret.kind, &secret.authorize_url, &secret.token_url)
        else {
            return Err(OauthError::NotOauth);
        };
        let client = self.client(consent, None).await?;
        let (state, verifier, browser) = (random_text(), random_text(), random_text());
        let scopes = consent.scopes();
        let flow = Flow {
            browser_digest: hex_digest(&browser),
            redirect_uri: redirect_uri.to_owned(),
            client_id: client.client_id.clone(),
            client_auth: secret.client_auth,
            token_url: token_url.clone(),
            revoke_url: secret.revoke_url.clone(),
            issuer: secret.issuer.clone().unwrap_or_else(|| origin_of(authorize).unwrap_or_default()),
            has_own_issuer: secret.issuer.is_some(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            return_to: return_to.to_owned(),
            verifier,
        };
        let challenge = challenge_of(&flow.verifier);
        let scope = scopes.join(" ");
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", client.client_id.as_str()),
            ("redirect_uri", redirect_uri),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if !scope.is_empty() {
            parameters.push(("scope", &scope));
        }
        let more = secret.authorize_parameters.iter();
        parameters.extend(more.map(|(name, value)| (name.as_str(), value.as_str())));
        let authorize_url = authorize_url(authorize, parameters)?;

        let new = NewOauthConsent {
            state_digest: hex_digest(&state),
            user,
            installation: consent.installation,
            plugin: consent.plugin.to_owned(),
            secret: consent.name.to_owned(),
            flow: Secret::new(serde_json::to_string(&flow).expect("texts always have a JSON form")),
            expires_at: UnixMillis::now().plus(self.0.time_to_consent),
        };
        self.0.store.tenant(consent.tenant).begin_oauth_consent(&new).await?;
        Ok(Begun {
            authorize_url,
            browser: Secret::new(browser),
            flow: flow_name(&state),
            expires_in: self.0.time_to_consent,
        })
    }

    /// Takes somebody back: checks that they are who began, exchanges the code, keeps the tokens. The state is used
    /// up whatever happens.
    pub async fn finish(&self, callback: Callback) -> Returned {
        let unknown = |error| Returned { return_to: None, installation: None, result: Err(error) };
        let state = callback.state.expose();
        if state.is_empty() || state.len() > MAX_PARAMETER_BYTES {
            return unknown(OauthError::StateUnknown);
        }
        let taken = match self.0.store.host().take_oauth_consent(&hex_digest(state)).await {
            Ok(Some(taken)) => taken,
            Ok(None) => return unknown(OauthError::StateUnknown),
            Err(error) => return unknown(error.into()),
        };
        let Ok(flow) = serde_json::from_str::<Flow>(taken.flow.expose()) else {
            return unknown(OauthError::Malformed("the kept flow"));
        };
        let result = match checked_code(&callback, &taken, &flow) {
            Ok(code) => self.exchange(code, &taken, &flow).await,
            Err(error) => Err(error),
        };
        let (tenant, installation, secret) = (taken.tenant, taken.installation, taken.secret);
        match &result {
            Ok(()) => tracing::info!(%tenant, %installation, secret, "an account was connected"),
            Err(error) => {
                tracing::warn!(%tenant, %installation, secret, code = error.code(), %error, "an account was not connected");
            }
        }
        let is_foreign = matches!(result, Err(OauthError::StateForeign));
        Returned {
            // Whoever brings somebody else's flow learns nothing about it.
            return_to: (!is_foreign).then_some(flow.return_to),
            installation: (!is_foreign).then_some((tenant, installation)),
            result,
        }
    }

    async fn exchange(&self, code: &Secret, taken: &OauthConsent, flow: &Flow) -> Result<(), OauthError> {
        let clients =
            self.0.store.host().oauth_clients_for(taken.tenant, &taken.plugin, &taken.secret).await?;
        let is_same =
            |client: &OauthClient| client.client_id == flow.client_id && client.token_url == flow.token_url;
        let client = clients.into_iter().find(is_same).ok_or(OauthError::ClientMissing)?;
        let endpoint = TokenEndpoint { url: &flow.token_url, auth: flow.client_auth, client: &client };
        let grant = TokenGrant::Code {
            code: code.expose(),
            redirect_uri: &flow.redirect_uri,
            verifier: &flow.verifier,
        };
        let tokens = endpoint.exchange(&self.0.outbound, &grant).await?;
        let asked = flow.scopes.join(" ");
        let scopes = tokens.scopes.unwrap_or(asked);
        let pair = Pair {
            access: tokens.access,
            refresh: tokens.refresh,
            plugin: taken.plugin.clone(),
            client_auth: flow.client_auth,
            revoke_url: flow.revoke_url.clone(),
        };
        let has = |wanted: &&String| !scopes.split(' ').any(|scope| scope == wanted.as_str());
        let missing: Vec<_> = flow.scopes.iter().filter(has).cloned().collect();
        if !missing.is_empty() {
            // Half an account would fail later, where nobody understands why.
            self.revoke(&pair, &client).await;
            return Err(OauthError::ScopeNarrowed { missing });
        }
        let new = NewOauthTokens {
            client_id: client.client_id,
            token_url: client.token_url,
            scopes,
            pair: pair.sealed_form(),
            issued_at: UnixMillis::now(),
            expires_at: tokens.expires_at,
        };
        let host = self.0.store.host();
        host.keep_oauth_tokens(taken.tenant, taken.installation, &taken.secret, &new).await?;
        self.0.flights.forget(taken.installation, &taken.secret);
        Ok(())
    }

    /// The client that asks for `consent`: the one called `client_id`, or else the tenant's own before the
    /// operator's. Never one that was set for another token address: a version that names a new one would get the
    /// secret there.
    pub(super) async fn client(
        &self,
        consent: &Consent<'_>,
        client_id: Option<&str>,
    ) -> Result<OauthClient, OauthError> {
        let host = self.0.store.host();
        let clients = host.oauth_clients_for(consent.tenant, consent.plugin, consent.name).await?;
        let is_named = |client: &OauthClient| client_id.is_none_or(|id| id == client.client_id);
        let mut named = clients.into_iter().filter(is_named).peekable();
        if named.peek().is_none() {
            return Err(OauthError::ClientMissing);
        }
        let is_bound_here =
            |client: &OauthClient| Some(&client.token_url) == consent.secret.token_url.as_ref();
        named.find(is_bound_here).ok_or(OauthError::ClientBoundElsewhere)
    }
}

/// Everything that must hold before the code goes anywhere.
fn checked_code<'a>(
    callback: &'a Callback,
    taken: &OauthConsent,
    flow: &Flow,
) -> Result<&'a Secret, OauthError> {
    if taken.expires_at <= UnixMillis::now() {
        return Err(OauthError::StateUnknown);
    }
    // RFC 9700 4.4.2.2: an answer to the address of another secret is one of another provider. 4.7: the browser
    // that comes back must be the one that left, or somebody connects a stranger's account to their own.
    let browser = callback.browser.as_ref().map(|text| hex_digest(text.expose()));
    if (callback.plugin.as_str(), callback.name.as_str()) != (&taken.plugin, &taken.secret)
        || browser.as_ref() != Some(&flow.browser_digest)
    {
        return Err(OauthError::StateForeign);
    }
    // RFC 9207 2.4: compared as it stands. Where the manifest names no issuer, its origin is compared.
    let is_expected = |iss: &String| {
        *iss == flow.issuer || (!flow.has_own_issuer && origin_of(iss).as_ref() == Some(&flow.issuer))
    };
    if !callback.iss.as_ref().is_none_or(is_expected) {
        return Err(OauthError::IssuerMismatch);
    }
    match &callback.outcome {
        CallbackOutcome::Code(code) => {
            let is_code = (1..=MAX_PARAMETER_BYTES).contains(&code.expose().len())
                && code.expose().bytes().all(|b| (b' '..=b'~').contains(&b));
            if is_code { Ok(code) } else { Err(OauthError::Malformed("its code")) }
        }
        CallbackOutcome::Error(code) if code == "access_denied" => Err(OauthError::Denied),
        CallbackOutcome::Error(code) => {
            let code = if is_error_code(code) { code.as_str() } else { "unreadable" };
            Err(OauthError::Provider { code: code.to_owned() })
        }
    }
}

/// 32 random bytes as 43 characters of base64url: fit for a state and for a verifier (RFC 7636 4.1).
fn random_text() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// RFC 7636 4.2, `S256`.
fn challenge_of(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn hex_digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn origin_of(url: &str) -> Option<String> {
    Endpoint::parse(url).ok().map(|endpoint| endpoint.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_rfc() {
        // RFC 7636, appendix B.
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn states_and_verifiers_are_long_enough_and_never_the_same() {
        let (one, other) = (random_text(), random_text());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
}
