//! A strict OAuth 2.0 authorization server: RFC 6749, RFC 7636, RFC 7009, RFC 9207, and RFC 9700's rules about
//! redirects, codes and rotating refresh tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::{Url, form_urlencoded};

use super::https::{Answer, Request, Site};

/// A code must be exchanged within this time.
const CODE_LIFETIME: Duration = Duration::from_mins(1);

/// Somebody who may ask for consent.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where people may be sent back to, each compared character by character.
    pub redirect_uris: Vec<String>,
}

/// How one provider differs from another.
#[derive(Debug, Clone)]
pub struct ProviderRules {
    /// The host name of its addresses for machines.
    pub name: &'static str,
    /// The host name of its page for people.
    pub page_name: &'static str,
    /// The path of the page for people.
    pub authorize_path: &'static str,
    /// The path of the token endpoint.
    pub token_path: &'static str,
    /// The path of the revocation endpoint.
    pub revoke_path: &'static str,
    /// Whether clients use HTTP Basic; otherwise they must use the body.
    pub takes_basic: bool,
    /// Scopes that exist.
    pub scopes: Vec<&'static str>,
    /// Whether `scope` in answers is a list, as at Twitch.
    pub lists_scopes: bool,
    /// What it calls itself in `iss`; none sends no `iss`.
    pub issuer: Option<&'static str>,
    /// Whether a consent must use PKCE.
    pub requires_pkce: bool,
    /// Whether a refresh token is good for one use.
    pub rotates: bool,
    /// Parameters without which there is no refresh token, as Google's `access_type=offline`.
    pub offline: Vec<(&'static str, &'static str)>,
    /// How long access tokens last.
    pub lifetime: Duration,
    /// Whether errors are Twitch's `{status, message}`.
    pub speaks_twitch: bool,
}

impl ProviderRules {
    /// As strict as the documents.
    pub fn strict() -> Self {
        Self {
            name: "id.example.com",
            page_name: "id.example.com",
            authorize_path: "/authorize",
            token_path: "/token",
            revoke_path: "/revoke",
            takes_basic: true,
            scopes: vec!["read", "write"],
            lists_scopes: false,
            issuer: Some("https://id.example.com"),
            requires_pkce: true,
            rotates: true,
            offline: Vec::new(),
            lifetime: Duration::from_hours(1),
            speaks_twitch: false,
        }
    }

    /// As Google (developers.google.com/identity/protocols/oauth2/web-server).
    pub fn google() -> Self {
        Self {
            name: "oauth2.googleapis.com",
            page_name: "accounts.google.com",
            takes_basic: false,
            scopes: vec![
                "https://www.googleapis.com/auth/youtube",
                "https://www.googleapis.com/auth/youtube.readonly",
                "https://www.googleapis.com/auth/youtube.force-ssl",
            ],
            authorize_path: "/o/oauth2/v2/auth",
            issuer: Some("https://accounts.google.com"),
            rotates: false,
            offline: vec![("access_type", "offline"), ("prompt", "consent")],
            ..Self::strict()
        }
    }

    /// As Twitch (dev.twitch.tv/docs/authentication): no PKCE, no issuer, scopes as a list, its own errors.
    pub fn twitch() -> Self {
        Self {
            name: "id.twitch.tv",
            page_name: "id.twitch.tv",
            authorize_path: "/oauth2/authorize",
            token_path: "/oauth2/token",
            revoke_path: "/oauth2/revoke",
            takes_basic: false,
            scopes: vec!["channel:read:stream_key", "channel:manage:broadcast", "user:read:chat"],
            lists_scopes: true,
            issuer: None,
            requires_pkce: false,
            lifetime: Duration::from_hours(4),
            speaks_twitch: true,
            ..Self::strict()
        }
    }
}

/// What the person at the provider's page does.
#[derive(Debug, Clone, Copy)]
pub enum Decision<'a> {
    /// Allows everything.
    Allow,
    /// Allows this much.
    AllowOnly(&'a [&'a str]),
    /// Says no.
    Deny,
}

/// The provider. Cheap to clone: resource servers ask the same one about tokens.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    rules: ProviderRules,
    /// Token requests wait here; it has room unless a test takes it away.
    door: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    clients: Vec<Registration>,
    codes: BTreeMap<String, Code>,
    grants: Vec<Grant>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    token_requests: Vec<String>,
    next: u32,
    is_down: bool,
    lifetime: Option<Duration>,
    next_scopes: Option<String>,
}

/// What somebody asks a person for.
pub(super) struct Asked {
    /// Who asks.
    pub(super) client_id: String,
    redirect_uri: String,
    state: String,
    challenge: Option<String>,
    /// What for.
    pub(super) scopes: Vec<String>,
    is_offline: bool,
}

struct Code {
    asked: Asked,
    issued: Instant,
    /// Set with its first use.
    grant: Option<usize>,
}

struct Grant {
    client_id: String,
    scopes: Vec<String>,
    is_alive: bool,
}

struct Access {
    grant: usize,
    ends: Instant,
    is_alive: bool,
}

struct Refresh {
    grant: usize,
    is_spent: bool,
}

/// A refusal of the token endpoint: status, code, and Twitch's sentence for it.
struct Refusal(u16, &'static str, String);

impl Provider {
    /// A provider with these rules, which knows nobody.
    pub fn new(rules: ProviderRules) -> Self {
        Self(Arc::new(Inner { rules, door: Semaphore::new(64), state: Mutex::default() }))
    }

    pub(super) fn rules(&self) -> &ProviderRules {
        &self.0.rules
    }

    /// The id and the secret of a client that is about to be registered.
    pub(super) fn new_client(&self) -> (String, String) {
        let mut state = self.state();
        (state.mint("client"), state.mint("client-secret"))
    }

    /// Registers a client.
    pub fn register(&self, registration: Registration) {
        self.state().clients.push(registration);
    }

    /// A person opens `authorize_url` and decides. Gives the address to which the browser is sent back.
    ///
    /// # Errors
    /// What the provider would show instead of sending anybody back (RFC 6749 4.1.2.1), or what it would find wrong.
    pub fn consent(&self, authorize_url: &str, decision: Decision<'_>) -> Result<String> {
        let mut asked = self.asked(authorize_url)?;
        let mut back = Url::parse(&asked.redirect_uri)?;
        let given = asked.state.clone();
        match decision {
            Decision::Allow => self.agree(asked, &mut back),
            Decision::AllowOnly(some) => {
                asked.scopes.retain(|scope| some.contains(&scope.as_str()));
                self.agree(asked, &mut back);
            }
            Decision::Deny => {
                let description = "The resource owner denied the request";
                back.query_pairs_mut()
                    .append_pair("error", "access_denied")
                    .append_pair("error_description", description);
            }
        }
        back.query_pairs_mut().append_pair("state", &given);
        if let Some(issuer) = self.0.rules.issuer {
            back.query_pairs_mut().append_pair("iss", issuer);
        }
        Ok(back.into())
    }

    fn agree(&self, asked: Asked, back: &mut Url) {
        let mut state = self.state();
        let code = state.mint("code");
        back.query_pairs_mut().append_pair("code", &code).append_pair("scope", &asked.scopes.join(" "));
        state.codes.insert(code, Code { asked, issued: Instant::now(), grant: None });
    }

    /// What a person who opens `authorize_url` is asked for.
    ///
    /// # Errors
    /// As [`Provider::consent`].
    pub(super) fn asked(&self, authorize_url: &str) -> Result<Asked> {
        let rules = &self.0.rules;
        let url = Url::parse(authorize_url)?;
        let page = format!("https://{}{}", rules.page_name, rules.authorize_path);
        ensure!(url.as_str().split('?').next() == Some(page.as_str()), "there is no page {url}");
        let mut parameters = BTreeMap::new();
        for (name, value) in url.query_pairs().into_owned() {
            ensure!(parameters.insert(name.clone(), value).is_none(), "`{name}` comes twice");
        }
        let take = |name: &str| parameters.get(name).map(String::as_str);
        let client_id = take("client_id").context("client_id")?;
        let redirect_uri = take("redirect_uri").context("redirect_uri")?;
        let state = self.state();
        let client = state.clients.iter().find(|known| known.client_id == client_id);
        let client = client.with_context(|| format!("no client `{client_id}`"))?;
        // Character by character: RFC 9700 4.1.3.
        ensure!(
            client.redirect_uris.iter().any(|known| known == redirect_uri),
            "`{redirect_uri}` is not registered"
        );
        ensure!(take("response_type") == Some("code"), "the response type is not `code`");
        let given = take("state").filter(|state| state.len() >= 22).context("a state that nobody guesses")?;
        let challenge = take("code_challenge");
        if rules.requires_pkce || challenge.is_some() {
            ensure!(challenge.is_some_and(|text| text.len() == 43), "no code challenge");
            ensure!(take("code_challenge_method") == Some("S256"), "the challenge is not S256");
        }
        let scopes: Vec<String> = take("scope")
            .unwrap_or_default()
            .split(' ')
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect();
        for scope in &scopes {
            ensure!(rules.scopes.contains(&scope.as_str()), "there is no scope `{scope}`");
        }
        let is_offline = rules.offline.iter().all(|(name, value)| take(name) == Some(value));
        Ok(Asked {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            state: given.to_owned(),
            challenge: challenge.map(str::to_owned),
            scopes,
            is_offline,
        })
    }

    /// Whether `token` is good now and may do `scope`; the client that it was made for.
    ///
    /// # Errors
    /// What a resource server would hold against it.
    pub fn allows(&self, token: &str, scope: &str) -> Result<String> {
        let state = self.state();
        let access = state.access.get(token).context("the token is unknown")?;
        let grant = &state.grants[access.grant];
        ensure!(access.is_alive && grant.is_alive, "the token was revoked");
        ensure!(access.ends > Instant::now(), "the token has expired");
        if !grant.scopes.iter().any(|known| known == scope) {
            bail!("the scope `{scope}` is missing");
        }
        Ok(grant.client_id.clone())
    }

    /// Whether `token` is good for anything now.
    pub fn is_alive(&self, token: &str) -> bool {
        let state = self.state();
        let access = state.access.get(token);
        access.is_some_and(|access| {
            access.is_alive && access.ends > Instant::now() && state.grants[access.grant].is_alive
        })
    }

    /// The client that `token` was made for.
    pub fn client_of(&self, token: &str) -> Option<String> {
        let state = self.state();
        let access = state.access.get(token)?;
        Some(state.grants[access.grant].client_id.clone())
    }

    /// Ends every access token, as platforms do now and then; refresh tokens stay.
    pub fn expire_access_tokens(&self) {
        self.state().access.values_mut().for_each(|access| access.is_alive = false);
    }

    /// The person withdraws every consent.
    pub fn withdraw(&self) {
        self.state().grants.iter_mut().for_each(|grant| grant.is_alive = false);
    }

    /// Access tokens last so long from now on.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.state().lifetime = Some(lifetime);
    }

    /// The next refresh gives only this scope.
    pub fn narrow_next(&self, scope: &str) {
        self.state().next_scopes = Some(scope.to_owned());
    }

    /// The token endpoint answers 503 while it is down.
    pub fn set_down(&self, is_down: bool) {
        self.state().is_down = is_down;
    }

    /// Token requests wait until the guard is dropped.
    ///
    /// # Errors
    /// Never: the door is never closed.
    pub async fn hold(&self) -> Result<impl Drop + '_> {
        Ok(self.0.door.acquire_many(64).await?)
    }

    /// `authorization_code`, `refresh_token` and `revoke`, in the order in which they were asked for.
    pub fn token_requests(&self) -> Vec<String> {
        self.state().token_requests.clone()
    }

    /// Every code and token that it ever made: no log and no answer may hold one.
    pub fn secrets(&self) -> BTreeSet<String> {
        let state = self.state();
        let clients = state.clients.iter().map(|client| &client.client_secret);
        clients
            .chain(state.codes.keys())
            .chain(state.access.keys())
            .chain(state.refresh.keys())
            .cloned()
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self, request: &Request) -> Result<Value, Refusal> {
        let mut state = self.state();
        let form = request.form().map_err(|error| Refusal(400, "invalid_request", error.to_string()))?;
        let client_id = self.client(&state, request, &form)?;
        let text = |name: &str| {
            let missing = || Refusal(400, "invalid_request", format!("missing {name}"));
            form.get(name).map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(missing)
        };
        let grant_type = text("grant_type")?;
        state.token_requests.push(grant_type.to_owned());
        match grant_type {
            "authorization_code" => {
                let verifier = form.get("code_verifier").map(String::as_str);
                self.exchange(&mut state, &client_id, text("code")?, text("redirect_uri")?, verifier)
            }
            "refresh_token" => self.refresh(&mut state, &client_id, text("refresh_token")?),
            other => Err(Refusal(400, "unsupported_grant_type", format!("no grant type {other}"))),
        }
    }

    fn exchange(
        &self,
        state: &mut State,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Result<Value, Refusal> {
        let invalid = |why: &str| Refusal(400, "invalid_grant", format!("Invalid authorization code: {why}"));
        let found = state.codes.get(code).ok_or_else(|| invalid("unknown"))?;
        if let Some(grant) = found.grant {
            // RFC 6749 4.1.2: a code that comes twice takes back what the first time gave.
            state.grants[grant].is_alive = false;
            return Err(invalid("used before"));
        }
        let asked = &found.asked;
        if asked.client_id != client_id || asked.redirect_uri != redirect_uri {
            return Err(invalid("another client or another redirect address"));
        }
        if found.issued.elapsed() > CODE_LIFETIME {
            return Err(invalid("expired"));
        }
        match (&asked.challenge, verifier) {
            // RFC 9700 4.8: a verifier without a challenge is a downgrade.
            (None, Some(_)) if self.0.rules.requires_pkce => return Err(invalid("no challenge")),
            (None, _) => {}
            (Some(challenge), Some(verifier)) => {
                let is_long = (43..=128).contains(&verifier.len());
                if !is_long || BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != *challenge {
                    return Err(invalid("the verifier is wrong"));
                }
            }
            (Some(_), None) => return Err(invalid("no verifier")),
        }
        let (scopes, is_offline) = (asked.scopes.clone(), asked.is_offline);
        let grant = state.grants.len();
        state.grants.push(Grant { client_id: client_id.to_owned(), scopes, is_alive: true });
        if let Some(code) = state.codes.get_mut(code) {
            code.grant = Some(grant);
        }
        Ok(self.give(state, grant, is_offline))
    }

    fn refresh(&self, state: &mut State, client_id: &str, token: &str) -> Result<Value, Refusal> {
        let invalid = || Refusal(400, "invalid_grant", "Invalid refresh token".to_owned());
        let found = state.refresh.get_mut(token).ok_or_else(invalid)?;
        let grant = found.grant;
        if found.is_spent {
            // RFC 9700 4.14.2: one of two who hold it is a thief.
            state.grants[grant].is_alive = false;
            return Err(invalid());
        }
        if !state.grants[grant].is_alive || state.grants[grant].client_id != client_id {
            return Err(invalid());
        }
        found.is_spent = self.0.rules.rotates;
        if let Some(scopes) = state.next_scopes.take() {
            state.grants[grant].scopes = scopes.split(' ').map(str::to_owned).collect();
        }
        Ok(self.give(state, grant, self.0.rules.rotates))
    }

    fn give(&self, state: &mut State, grant: usize, with_refresh: bool) -> Value {
        let lifetime = state.lifetime.unwrap_or(self.0.rules.lifetime);
        let access = state.mint("access");
        state
            .access
            .insert(access.clone(), Access { grant, ends: Instant::now() + lifetime, is_alive: true });
        let scopes = &state.grants[grant].scopes;
        let scope = if self.0.rules.lists_scopes { json!(scopes) } else { json!(scopes.join(" ")) };
        let mut answer = json!({
            "access_token": access,
            "token_type": if self.0.rules.speaks_twitch { "bearer" } else { "Bearer" },
            "expires_in": lifetime.as_secs(),
            "scope": scope,
        });
        if with_refresh {
            let refresh = state.mint("refresh");
            state.refresh.insert(refresh.clone(), Refresh { grant, is_spent: false });
            answer["refresh_token"] = Value::String(refresh);
        }
        answer
    }

    /// RFC 6749 2.3.1, one way only.
    fn client(
        &self,
        state: &State,
        request: &Request,
        form: &BTreeMap<String, String>,
    ) -> Result<String, Refusal> {
        let invalid = |why: &str| Refusal(401, "invalid_client", format!("invalid client secret: {why}"));
        let decoded =
            |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
        let (id, secret) = match (self.0.rules.takes_basic, request.header("authorization")) {
            (true, Some(header)) => {
                let encoded = header.strip_prefix("Basic ").ok_or_else(|| invalid("not Basic"))?;
                let pair =
                    BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let pair = pair.ok_or_else(|| invalid("not base64"))?;
                let (id, secret) = pair.split_once(':').ok_or_else(|| invalid("no pair"))?;
                if form.contains_key("client_secret") {
                    return Err(Refusal(400, "invalid_request", "two ways at once".to_owned()));
                }
                (decoded(id).unwrap_or_default(), decoded(secret).unwrap_or_default())
            }
            (false, None) => {
                let text = |name| form.get(name).cloned().ok_or_else(|| invalid("missing"));
                (text("client_id")?, text("client_secret")?)
            }
            _ => return Err(invalid("the other way")),
        };
        let known = state.clients.iter().find(|client| client.client_id == id);
        known.filter(|client| client.client_secret == secret).ok_or_else(|| invalid("wrong"))?;
        Ok(id)
    }

    /// RFC 7009. Twitch takes access tokens only.
    fn revoke(&self, request: &Request) -> Result<(), Refusal> {
        let mut state = self.state();
        let form = request.form().map_err(|error| Refusal(400, "invalid_request", error.to_string()))?;
        let client_id = self.client(&state, request, &form)?;
        state.token_requests.push("revoke".to_owned());
        let token = form.get("token").ok_or(Refusal(400, "invalid_request", "missing token".to_owned()))?;
        let refresh =
            state.refresh.get(token).filter(|_| !self.0.rules.speaks_twitch).map(|found| found.grant);
        let found = refresh.or_else(|| state.access.get(token).map(|access| access.grant));
        let invalid = || Refusal(400, "invalid_token", "Invalid token".to_owned());
        let grant = found.filter(|grant| state.grants[*grant].client_id == client_id).ok_or_else(invalid)?;
        state.grants[grant].is_alive = false;
        Ok(())
    }
}

impl State {
    fn mint(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}-{:04}-{}", self.next, hex(&Sha256::digest(format!("{kind} {}", self.next))[..12]))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl Site for Provider {
    fn name(&self) -> &'static str {
        self.0.rules.name
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let rules = &self.0.rules;
        let _through = self.0.door.acquire().await.ok()?;
        if self.state().is_down {
            return Some(Answer::empty(503));
        }
        let outcome = match (request.method.as_str(), request.path.as_str()) {
            ("POST", path) if path == rules.token_path => self.token(&request).map(Some),
            ("POST", path) if path == rules.revoke_path => self.revoke(&request).map(|()| None),
            _ => return Some(self.page(&request).unwrap_or(Answer::empty(404))),
        };
        let mut answer = match outcome {
            Ok(Some(tokens)) => Answer::json(200, &tokens),
            Ok(None) => Answer::empty(200),
            Err(Refusal(status, _, message)) if rules.speaks_twitch => {
                let status = if status == 401 { 403 } else { status };
                Answer::json(status, &json!({ "error": "Bad Request", "status": status, "message": message }))
            }
            Err(Refusal(status, code, message)) => {
                Answer::json(status, &json!({ "error": code, "error_description": message }))
            }
        };
        answer.headers.push(("cache-control", "no-store".to_owned()));
        Some(answer)
    }
}
