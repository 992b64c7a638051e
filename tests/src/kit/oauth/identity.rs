//! A strict OpenID provider: discovery, keys, and identity tokens for codes (OpenID Connect Core 1.0).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::https::{Answer, Request, Site};
use super::provider::Registration;

/// A code must be exchanged within this time.
const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// Signs the identity tokens of tests; it opens nothing.
const KEY: &[u8] = include_bytes!("identity-provider.pem");
const MODULUS: &str = "r_XQ-yHy9DseKISZsPOSfPqgf_l3Q2np03k7H5IGaimsf3PwZ17xB4Thj5imNDmaLwDTkyLx9ckMscqEdDlNmpspBJN4C53U7XhhXc45uhdQQvoZEw69mAw514v28tawmr1aB_okyK6JfCBPnZ8Kdxd06vEnneZYcqvU0uYXvk1nHMBLEm-SYHwmqnLJHRyz2WCsJUTDsoJq603E1wQIM9w0aMFUk6ftkO5QalqgcOkkvyRj1tr8eS8ytt8zVAGIRo9lvYsdnDwUDgnORjOcpHYo5C5lZqqpeTjTZync14OxWdWrVnxVzvm0Kox8lx0rShQueNE5lM4uGAMh1VxMPw";

/// How one provider differs from another.
#[derive(Debug, Clone)]
pub struct IdentityRules {
    /// Its host name.
    pub name: &'static str,
    /// What it calls itself in tokens.
    pub issuer: &'static str,
    /// The path of the page for people.
    pub authorize_path: &'static str,
    /// The path of the token endpoint.
    pub token_path: &'static str,
    /// The scope without which it gives no address.
    pub email_scope: &'static str,
    /// Whether the address must also be asked for by the `claims` parameter.
    pub wants_claims: bool,
}

impl IdentityRules {
    /// As Google (developers.google.com/identity/openid-connect).
    pub fn google() -> Self {
        Self {
            name: "accounts.google.com",
            issuer: "https://accounts.google.com",
            authorize_path: "/o/oauth2/v2/auth",
            token_path: "/token",
            email_scope: "email",
            wants_claims: false,
        }
    }

    /// As Twitch (dev.twitch.tv/docs/authentication/getting-tokens-oidc).
    pub fn twitch() -> Self {
        Self {
            name: "id.twitch.tv",
            issuer: "https://id.twitch.tv/oauth2",
            authorize_path: "/oauth2/authorize",
            token_path: "/oauth2/token",
            email_scope: "user:read:email",
            wants_claims: true,
        }
    }
}

/// A person at the provider.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The account's name, which never changes.
    pub subject: &'static str,
    /// The address.
    pub email: &'static str,
    /// Whether the provider saw its mail read.
    pub is_verified: bool,
}

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct IdentityProvider(Arc<Inner>);

struct Inner {
    rules: IdentityRules,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    clients: Vec<Registration>,
    codes: BTreeMap<String, Code>,
    /// Claims that the next token has otherwise.
    lies: Vec<(&'static str, Value)>,
    next: u32,
}

struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    claims: Value,
    issued: Instant,
    is_used: bool,
}

impl IdentityProvider {
    /// A provider with these rules, which knows nobody.
    pub fn new(rules: IdentityRules) -> Self {
        Self(Arc::new(Inner { rules, state: Mutex::default() }))
    }

    /// Registers a client.
    pub fn register(&self, registration: Registration) {
        self.state().clients.push(registration);
    }

    /// The next token says `claim` otherwise.
    pub fn lie(&self, claim: &'static str, value: Value) {
        self.state().lies.push((claim, value));
    }

    /// `holder` opens `authorize_url` and agrees, or not. Gives the address to which the browser is sent back.
    ///
    /// # Errors
    /// What the provider would find wrong.
    pub fn consent(&self, authorize_url: &str, holder: &Holder, agrees: bool) -> Result<String> {
        let rules = &self.0.rules;
        let url = Url::parse(authorize_url)?;
        let page = format!("https://{}{}", rules.name, rules.authorize_path);
        ensure!(url.as_str().split('?').next() == Some(page.as_str()), "there is no page {url}");
        let mut given = BTreeMap::new();
        for (name, value) in url.query_pairs().into_owned() {
            ensure!(given.insert(name.clone(), value).is_none(), "`{name}` comes twice");
        }
        let take = |name: &str| given.get(name).map(String::as_str).with_context(|| format!("no `{name}`"));
        let (client_id, redirect_uri) = (take("client_id")?, take("redirect_uri")?);
        let mut state = self.state();
        let client = state.clients.iter().find(|known| known.client_id == client_id);
        let client = client.with_context(|| format!("no client `{client_id}`"))?;
        ensure!(
            client.redirect_uris.iter().any(|known| known == redirect_uri),
            "`{redirect_uri}` is foreign"
        );
        ensure!(take("response_type")? == "code", "the response type is not `code`");
        ensure!(take("state")?.len() >= 22 && take("nonce")?.len() >= 22, "state or nonce can be guessed");
        ensure!(take("state")? != take("nonce")?, "state and nonce are one");
        ensure!(take("code_challenge_method")? == "S256", "the challenge is not S256");
        ensure!(take("code_challenge")?.len() == 43, "the challenge is none");
        let scopes: Vec<&str> = take("scope")?.split(' ').collect();
        ensure!(scopes.contains(&"openid"), "the scope `openid` is missing");
        let asks = given.get("claims").is_some_and(|claims| claims.contains("\"email\""));
        let gives_email = scopes.contains(&rules.email_scope) && (asks || !rules.wants_claims);

        let mut back = Url::parse(redirect_uri)?;
        if agrees {
            let mut claims =
                json!({ "sub": holder.subject, "nonce": take("nonce")?, "name": "Ada at the provider" });
            if gives_email {
                claims["email"] = json!(holder.email);
                claims["email_verified"] = json!(holder.is_verified);
            }
            state.next += 1;
            let code = format!("code-{}-{:032x}", state.next, rand::random::<u128>());
            back.query_pairs_mut().append_pair("code", &code);
            let (client_id, redirect_uri) = (client_id.to_owned(), redirect_uri.to_owned());
            let challenge = take("code_challenge")?.to_owned();
            let issued = Instant::now();
            state
                .codes
                .insert(code, Code { client_id, redirect_uri, challenge, claims, issued, is_used: false });
        } else {
            back.query_pairs_mut().append_pair("error", "access_denied");
        }
        back.query_pairs_mut().append_pair("state", take("state")?);
        Ok(back.into())
    }

    fn token(&self, request: &Request) -> Result<Value> {
        let form = request.form()?;
        let text = |name: &str| form.get(name).map(String::as_str).with_context(|| format!("no `{name}`"));
        let mut state = self.state();
        let lies = std::mem::take(&mut state.lies);
        let is_client = |known: &Registration| {
            Some(known.client_id.as_str()) == form.get("client_id").map(String::as_str)
                && Some(known.client_secret.as_str()) == form.get("client_secret").map(String::as_str)
        };
        ensure!(state.clients.iter().any(is_client), "the client did not prove itself");
        ensure!(text("grant_type")? == "authorization_code", "another grant type");
        let code = state.codes.get_mut(text("code")?).context("no such code")?;
        ensure!(!code.is_used, "the code was used");
        code.is_used = true;
        ensure!(code.issued.elapsed() <= CODE_LIFETIME, "the code is too old");
        ensure!(code.client_id == text("client_id")?, "the code is another client's");
        ensure!(code.redirect_uri == text("redirect_uri")?, "another redirect address");
        let verifier = text("code_verifier")?;
        ensure!((43..=128).contains(&verifier.len()), "the verifier is none");
        ensure!(
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge,
            "a wrong verifier"
        );
        let mut claims = code.claims.clone();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        claims["iss"] = json!(self.0.rules.issuer);
        claims["aud"] = json!(code.client_id);
        claims["iat"] = json!(now);
        claims["exp"] = json!(now + 3600);
        for (claim, value) in lies {
            claims[claim] = value;
        }
        let header = Header { kid: Some("key-1".to_owned()), ..Header::new(Algorithm::RS256) };
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_rsa_pem(KEY)?)?;
        Ok(
            json!({ "access_token": "not-used", "token_type": "Bearer", "expires_in": 3600, "id_token": token }),
        )
    }

    fn discovery(&self) -> Value {
        let IdentityRules { name, issuer, authorize_path, token_path, .. } = &self.0.rules;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("https://{name}{authorize_path}"),
            "token_endpoint": format!("https://{name}{token_path}"),
            "jwks_uri": format!("https://{name}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for IdentityProvider {
    fn name(&self) -> &'static str {
        self.0.rules.name
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let rules = &self.0.rules;
        let document = format!("{}/.well-known/openid-configuration", rules.issuer);
        let asked = format!("https://{}{}", rules.name, request.path);
        Some(match request.method.as_str() {
            "GET" if asked == document => Answer::json(200, &self.discovery()),
            "GET" if request.path == "/keys" => {
                let key = json!({
                    "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "key-1", "n": MODULUS, "e": "AQAB",
                });
                Answer::json(200, &json!({ "keys": [key] }))
            }
            "POST" if request.path == rules.token_path => match self.token(&request) {
                Ok(answer) => Answer::json(200, &answer),
                Err(error) => Answer::json(
                    400,
                    &json!({ "error": "invalid_grant", "error_description": error.to_string() }),
                ),
            },
            _ => Answer::empty(404),
        })
    }
}
