//! Sending somebody to a provider, and taking them back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use neustream_model::{Secret, UnixMillis};
use neustream_outbound::{HttpResponse, Outbound};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::discovery::{Discovery, Metadata};
use crate::identity_token::{Claimed, Expected, key_name, read};
use crate::{OpenIdError, Provider};

/// How long somebody may take at the provider.
const TIME_TO_SIGN_IN: Duration = Duration::from_mins(10);
/// The largest code that is looked at.
const MAX_CODE_BYTES: usize = 4096;

/// The client of this host at a provider.
#[derive(Debug, Clone)]
pub struct OpenIdClient {
    /// The provider's name for it.
    pub id: String,
    /// What it proves itself with.
    pub secret: Secret,
}

/// Signs people in with providers. Cheap to clone.
#[derive(Clone)]
pub struct OpenId(Arc<Inner>);

struct Inner {
    discovery: Discovery,
    clients: BTreeMap<String, (&'static Provider, OpenIdClient)>,
}

/// What the way back needs. Whoever keeps it keeps it secret, and where only the browser that left can bring it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Flow {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
    ends_at: UnixMillis,
}

impl Flow {
    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.provider
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// Somebody may be sent to a provider.
#[derive(Debug)]
pub struct Begun {
    /// Where to.
    pub authorize_url: String,
    /// What the way back needs.
    pub flow: Flow,
    /// How long it holds.
    pub lifetime: Duration,
}

/// Somebody came back, with what stands in the URL.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
}

impl OpenId {
    /// With the operator's clients, by the provider's name. Names that are not known are left out.
    pub fn new(outbound: Outbound, clients: impl IntoIterator<Item = (String, OpenIdClient)>) -> Self {
        let known = |(name, client): (String, OpenIdClient)| {
            let provider = Provider::of_name(&name)?;
            Some((name, (provider, client)))
        };
        let clients = clients.into_iter().filter_map(known).collect();
        Self(Arc::new(Inner { discovery: Discovery::new(outbound), clients }))
    }

    /// The providers that people can sign in with, by name.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &'static Provider)> {
        self.0.clients.iter().map(|(name, (provider, _))| (name.as_str(), *provider))
    }

    /// Prepares to send somebody to a provider, which sends them back to `redirect_uri`.
    ///
    /// # Errors
    /// [`OpenIdError::ProviderUnknown`], [`OpenIdError::Unreachable`].
    pub async fn begin(
        &self,
        provider: &str,
        redirect_uri: &str,
        now: UnixMillis,
    ) -> Result<Begun, OpenIdError> {
        let (known, client) = self.client(provider)?;
        let metadata = self.0.discovery.metadata(known).await?;
        let flow = Flow {
            provider: provider.to_owned(),
            state: random_text(),
            nonce: random_text(),
            verifier: random_text(),
            redirect_uri: redirect_uri.to_owned(),
            ends_at: now.plus(TIME_TO_SIGN_IN),
        };
        let mut url = Url::parse(&metadata.authorization_endpoint)
            .map_err(|error| OpenIdError::Unreachable(format!("its page is no address: {error}")))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &known.scopes.join(" "))
            .append_pair("state", &flow.state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&flow.verifier)))
            .append_pair("code_challenge_method", "S256");
        if let Some(claims) = &known.claims {
            url.query_pairs_mut().append_pair("claims", claims);
        }
        Ok(Begun { authorize_url: url.into(), flow, lifetime: TIME_TO_SIGN_IN })
    }

    /// Takes somebody back: checks that the answer is to `flow`, exchanges the code, and says who the provider says it
    /// is.
    ///
    /// # Errors
    /// Why nobody is signed in.
    pub async fn finish(
        &self,
        flow: &Flow,
        callback: &Callback,
        now: UnixMillis,
    ) -> Result<Claimed, OpenIdError> {
        let state = callback.state.as_deref().unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(flow.state.as_bytes())) {
            return Err(OpenIdError::StateUnknown);
        }
        if flow.ends_at <= now {
            return Err(OpenIdError::Expired);
        }
        let (provider, client) = self.client(&flow.provider)?;
        // RFC 9207 2.4: an answer of another provider is none.
        let is_issuer = |iss: &String| *iss == provider.issuer || provider.former_issuers.contains(iss);
        if !callback.iss.as_ref().is_none_or(is_issuer) {
            return Err(OpenIdError::StateUnknown);
        }
        let code = match (&callback.code, callback.error.as_deref()) {
            (_, Some("access_denied")) => return Err(OpenIdError::Denied),
            (_, Some(error)) => return Err(OpenIdError::Provider(word(error))),
            (Some(code), None) if (1..=MAX_CODE_BYTES).contains(&code.len()) => code,
            _ => return Err(OpenIdError::StateUnknown),
        };
        let metadata = self.0.discovery.metadata(provider).await?;
        let token = self.exchange(&metadata, client, flow, code).await?;
        let keys = self.0.discovery.keys(&metadata, key_name(&token)?.as_deref()).await?;
        let expected = Expected { provider, client_id: &client.id, nonce: &flow.nonce };
        read(&token, &keys, &expected, now)
    }

    /// The identity token for a code (OpenID Connect Core 3.1.3).
    async fn exchange(
        &self,
        metadata: &Metadata,
        client: &OpenIdClient,
        flow: &Flow,
        code: &str,
    ) -> Result<String, OpenIdError> {
        let (authorization, form) = token_request(metadata, client, flow, code);
        let response = self.0.discovery.post(&metadata.token_endpoint, authorization, form).await?;
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if response.status != 200 {
            return Err(refusal(&response, &answer));
        }
        answer["id_token"]
            .as_str()
            .map(str::to_owned)
            .ok_or(OpenIdError::TokenInvalid("there is none in the answer"))
    }

    fn client(&self, provider: &str) -> Result<(&'static Provider, &OpenIdClient), OpenIdError> {
        let (provider, client) = self.0.clients.get(provider).ok_or(OpenIdError::ProviderUnknown)?;
        Ok((*provider, client))
    }
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenId").field(&self.0.clients.keys()).finish()
    }
}

/// The form that is posted, and the header that proves who posts it where the form does not.
fn token_request(
    metadata: &Metadata,
    client: &OpenIdClient,
    flow: &Flow,
    code: &str,
) -> (Option<Secret>, String) {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &flow.redirect_uri)
        .append_pair("code_verifier", &flow.verifier);
    let takes_body =
        metadata.token_endpoint_auth_methods_supported.iter().any(|method| method == "client_secret_post");
    let authorization = if takes_body {
        form.append_pair("client_id", &client.id).append_pair("client_secret", client.secret.expose());
        None
    } else {
        // RFC 6749 2.3.1: both halves are form-encoded first.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&client.id), encoded(client.secret.expose()));
        Some(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair))))
    };
    (authorization, form.finish())
}

fn refusal(response: &HttpResponse, answer: &Value) -> OpenIdError {
    if response.status == 429 || response.status >= 500 {
        return OpenIdError::Unreachable(format!("it answered with status {}", response.status));
    }
    OpenIdError::Provider(
        answer["error"].as_str().map_or_else(|| format!("status-{}", response.status), word),
    )
}

/// An error code of RFC 6749: anything else is not repeated.
fn word(text: &str) -> String {
    let is_word =
        (1..=60).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word { text.to_owned() } else { "unreadable".to_owned() }
}

/// 32 random bytes as 43 characters of base64url: fit for a state, a nonce and a verifier (RFC 7636 4.1).
fn random_text() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
