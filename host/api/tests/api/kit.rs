//! An API to ask, with stand-ins for the media path and for the runtime of plugins.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use neustream_accounts::{AccessTokens, PlatformRole, PlaybackTokens, fresh_signing_key};
use neustream_api::{
    ApiParts, ApiSettings, DataRights, DataRightsParts, HookDelivery, HookOutcome, HookSink, Postman,
    RateLimits, StreamControl, router,
};
use neustream_catalogue::testing::{ScriptedPlatform, manifest, package, signed};
use neustream_catalogue::{Catalogue, Packages, Partners, PluginToInstall, Provision, ProvisionError};
use neustream_chat::moderation::RecentVerdicts;
use neustream_contract::{CallError, CallErrorKind, PublisherKey, SigningKey};
use neustream_installations::oauth::Oauth;
use neustream_installations::rings::RingSettings;
use neustream_installations::watch::WatchSettings;
use neustream_installations::{Installations, NoReplay, Parts};
use neustream_live::{DestinationProbe, DirectoryError, HlsError, HlsRequest, HlsResponse, Viewer};
use neustream_model::{
    DestinationId, DestinationState, DestinationStatus, HealthEvent, HealthSample, LiveEvent, LiveEventKind,
    LiveFigures, PlaybackId, Reason, SessionId, SessionStatus, SignInId, SourceId, StreamHealth, StreamState,
    TenantId, TrackInfo, UnixMillis, ViewerRefused, Visibility,
};
use neustream_oidc::{OpenId, OpenIdClient};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_store::testing::TestStore;
use neustream_store::{NewAccount, NewSignIn, SignInKind, UserRow};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tower::ServiceExt;

use crate::documented;
use crate::drivers::ScriptedDrivers;
use crate::machine::ScriptedMachine;
use crate::mail::Letterbox;

pub const PASSWORD: &str = "correct horse battery";

/// An API with everything around it.
pub struct TestApi {
    pub router: Router,
    pub live: Arc<ScriptedLive>,
    pub platform: Arc<ScriptedPlatform>,
    pub catalogue: Catalogue,
    pub installer: Arc<Installer>,
    pub installations: Installations,
    pub hooks: Arc<ScriptedHooks>,
    pub tokens: AccessTokens,
    pub playback_tokens: PlaybackTokens,
    /// What was mailed.
    pub letters: Arc<Letterbox>,
    pub db: TestStore,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// A signed-in account.
#[derive(Debug, Clone)]
pub struct Account {
    pub email: String,
    /// The home organisation.
    pub tenant: String,
    pub token: String,
    pub refresh_token: String,
}

/// Settings for tests that ask within a minute what people ask within an hour.
pub fn settings() -> ApiSettings {
    let rate_limits = RateLimits { user: Vec::new(), ..RateLimits::default() };
    ApiSettings { rate_limits, ..ApiSettings::default() }
}

/// Runs `test` on an API over SQLite and on one over PostgreSQL.
pub async fn on_both(test: impl AsyncFn(TestApi)) {
    test(TestApi::on_sqlite(settings()).await).await;
    test(TestApi::new(TestStore::postgres().await, settings()).await).await;
}

impl TestApi {
    pub async fn on_sqlite(settings: ApiSettings) -> Self {
        Self::new(TestStore::sqlite().await, settings).await
    }

    pub async fn new(db: TestStore, settings: ApiSettings) -> Self {
        let outbound = Outbound::new(OutboundSettings::default()).unwrap();
        Self::reaching(outbound, db, settings).await
    }

    /// An API that reaches OAuth providers so.
    pub async fn reaching(outbound: Outbound, db: TestStore, settings: ApiSettings) -> Self {
        let live = Arc::new(ScriptedLive::default());
        let key = db.store.host().signing_key(fresh_signing_key).await.unwrap();
        let tokens = AccessTokens::new(&key);
        let playback_key = db.store.host().playback_key(fresh_signing_key).await.unwrap();
        let playback_tokens = PlaybackTokens::new(&playback_key);
        let platform = Arc::new(ScriptedPlatform::default());
        let packages = Packages::open(db.store.clone()).await.unwrap();
        let catalogue = Catalogue::open(packages, platform.clone()).await.unwrap();
        for package in host_plugins() {
            catalogue.adopt(package).await.unwrap();
        }
        let installer = Arc::new(Installer::default());
        let hooks = Arc::new(ScriptedHooks::default());
        let drivers = Arc::new(ScriptedDrivers::default());
        let client = |name: &str| {
            let secret = neustream_model::Secret::new(format!("the-secret-at-{name}"));
            (name.to_owned(), OpenIdClient { id: "the-client".to_owned(), secret })
        };
        let openid = OpenId::new(outbound.clone(), [client("google"), client("twitch")]);
        let oauth = Oauth::new(db.store.clone(), outbound);
        let installations = Installations::new(Parts {
            store: db.store.clone(),
            catalogue: catalogue.clone(),
            platform: platform.clone(),
            tokens: Arc::new(oauth.clone()),
            replay: Arc::new(NoReplay),
            clock: Arc::new(UnixMillis::now),
            rings: RingSettings::default(),
            watch: WatchSettings::default(),
        });
        let letters = Arc::new(Letterbox::default());
        let postman = Postman::new(db.store.host(), letters.clone());
        let mail = postman.postbox();
        tokio::spawn(postman.run());
        let data_rights = DataRights::new(DataRightsParts {
            store: db.store.clone(),
            live: live.clone(),
            installations: installations.clone(),
            mail: mail.clone(),
            settings: settings.clone(),
        });
        let data_rights_bell = data_rights.bell();
        tokio::spawn(data_rights.run());
        let router = router(ApiParts {
            mail,
            openid,
            settings,
            store: db.store.clone(),
            tokens: tokens.clone(),
            playback_tokens: playback_tokens.clone(),
            data_rights: data_rights_bell,
            live: live.clone(),
            catalogue: catalogue.clone(),
            partners: Partners::new(catalogue.clone(), installer.clone()),
            installations: installations.clone(),
            oauth,
            chat: drivers.clone(),
            moderation: drivers.clone(),
            verdicts: Arc::new(RecentVerdicts::new(100)),
            payments: drivers,
            hook_sink: hooks.clone(),
            machine: Arc::new(ScriptedMachine),
            check_destination_url: Arc::new(|url| {
                let is_own = url.contains("127.0.0.1") || url.contains("localhost");
                if is_own { Err("the address is this machine's own".to_owned()) } else { Ok(()) }
            }),
            metrics: None,
        });
        Self {
            router,
            live,
            platform,
            catalogue,
            installer,
            installations,
            hooks,
            tokens,
            playback_tokens,
            letters,
            db,
        }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("192.0.2.1".parse().unwrap(), request).await
    }

    /// Sends a request from an address.
    pub async fn send_from(&self, peer: IpAddr, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 40_000)));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events does not end.
        let is_endless = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if is_endless { Body::empty() } else { body };
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        if !is_endless {
            documented::expect(&method, &path, &answer);
        }
        answer
    }

    /// Sends JSON, signed in or not.
    pub async fn ask(&self, token: Option<&str>, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("host", "stream.example.com:3000");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, account: &Account, path: &str) -> Answer {
        self.ask(Some(&account.token), Method::GET, path, None).await
    }

    pub async fn post(&self, account: &Account, path: &str, body: &Value) -> Answer {
        self.ask(Some(&account.token), Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, account: &Account, path: &str, body: &Value) -> Answer {
        self.ask(Some(&account.token), Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, account: &Account, path: &str) -> Answer {
        self.ask(Some(&account.token), Method::DELETE, path, None).await
    }

    /// Registers an account.
    pub async fn account(&self, email: &str) -> Account {
        let body = json!({ "email": email, "password": PASSWORD, "display_name": "Ada" });
        let answer = self.ask(None, Method::POST, "/api/auth/register", Some(&body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        Account::of(&answer)
    }

    /// An account that nobody knows a password of, which takes less time to make.
    pub async fn member(&self, email: &str) -> Account {
        let account = NewAccount {
            email: email.to_owned(),
            display_name: "Ada".to_owned(),
            password_hash: "!".to_owned(),
            role: PlatformRole::Member.as_str().to_owned(),
        };
        let user = self.db.store.host().create_account(&account).await.unwrap();
        self.signed_in(&user).await
    }

    /// A sign-in of a user, as from a browser.
    pub async fn signed_in(&self, user: &UserRow) -> Account {
        let now = UnixMillis::now();
        let new = NewSignIn {
            id: SignInId::new(),
            user: user.id,
            kind: SignInKind::Person,
            method: "password".to_owned(),
            device: "a browser".to_owned(),
            address: None,
            expires_at: now.plus(Duration::from_hours(1)),
        };
        self.db.store.host().begin_sign_in(&new, None).await.unwrap();
        Account {
            email: user.email.clone(),
            tenant: user.tenant_id.to_string(),
            token: self.tokens.issue(user.id, new.id, now).expose().to_owned(),
            refresh_token: String::new(),
        }
    }

    /// An account of someone who runs the platform.
    pub async fn administrator(&self) -> Account {
        let email = "root@example.com".to_owned();
        let host = self.db.store.host();
        let user = if let Some(user) = host.user_by_email(&email).await.unwrap() {
            user
        } else {
            let account = NewAccount {
                email: email.clone(),
                display_name: "Root".to_owned(),
                password_hash: "!".to_owned(),
                role: PlatformRole::Admin.as_str().to_owned(),
            };
            host.create_account(&account).await.unwrap()
        };
        self.signed_in(&user).await
    }

    /// Takes a namespace for an account, with the key of [`key_of`].
    pub async fn publisher(&self, account: &Account, namespace: &str) {
        let key = PublisherKey::of(&key_of(namespace)).to_string();
        let answer =
            self.post(account, "/api/publishers", &json!({ "namespace": namespace, "key": key })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }

    /// Uploads a package as it is.
    pub async fn upload(&self, account: &Account, query: &str, package: Vec<u8>) -> Answer {
        let request = Request::post(format!("/api/plugins{query}"))
            .header("authorization", format!("Bearer {}", account.token))
            .header("content-type", "application/wasm")
            .body(Body::from(package));
        self.send(request.unwrap()).await
    }

    /// Tries out a package of `<namespace>/plugin`.
    pub async fn try_out(&self, account: &Account, namespace: &str, query: &str, package: Vec<u8>) -> Answer {
        let request = Request::put(format!("/api/plugins/{namespace}/plugin/development{query}"))
            .header("authorization", format!("Bearer {}", account.token))
            .header("content-type", "application/wasm")
            .body(Body::from(package));
        self.send(request.unwrap()).await
    }

    /// Decides about a version as an administrator.
    pub async fn decide(&self, digest: &str, decision: &str) -> Answer {
        let path = format!("/api/admin/plugins/{digest}/{decision}");
        self.post(&self.administrator().await, &path, &json!({ "reason": "as the test wants" })).await
    }

    /// Publishes a version of `<namespace>/plugin` and lets it through; gives its digest.
    pub async fn verified(&self, account: &Account, namespace: &str, visibility: &str) -> String {
        let query = format!("?visibility={visibility}");
        let answer = self.upload(account, &query, package_of(namespace, "1.0.0")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let digest = text(&answer.json()["version"]["digest"]);
        for decision in ["review", "verify"] {
            let answer = self.decide(&digest, decision).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        }
        digest
    }

    /// Makes the holder of a namespace a partner.
    pub async fn partner(&self, namespace: &str) {
        let body = json!({ "namespace": namespace, "name": "Acme Live" });
        let answer = self.post(&self.administrator().await, "/api/admin/partners", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }

    /// Makes a source; gives it as it was shown.
    pub async fn source(&self, account: &Account) -> Value {
        let answer = self.post(account, "/api/sources", &json!({ "name": "Main" })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["source"].clone()
    }

    /// Installs a plugin with everything it asks for; gives it as it was shown.
    pub async fn install(&self, account: &Account, plugin: &str, more: &Value) -> Value {
        let shown = self.get(account, &format!("/api/plugins/{plugin}")).await.json();
        let lines = shown["plugin"]["permissions"].as_array().unwrap();
        let keys = lines.iter().flat_map(|line| line["keys"].as_array().unwrap());
        let mut body = json!({ "plugin": plugin, "grant": keys.collect::<Vec<_>>() });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.post(account, "/api/installations", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["installation"].clone()
    }

    /// Installs 1.0.0 of the Twitch plugin and upgrades it to 1.1.0; gives its id.
    pub async fn upgraded_twitch(&self, account: &Account) -> String {
        let installed = self.install(account, "neustream/twitch", &json!({ "version": "1.0.0" })).await;
        self.catalogue.adopt(twitch("1.1.0")).await.unwrap();
        let path = format!("/api/installations/{}/upgrade", text(&installed["id"]));
        let answer = self.post(account, &path, &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        text(&installed["id"])
    }

    /// Adds a destination to a source; gives it as it was shown.
    pub async fn destination(&self, account: &Account, source: &Value) -> Value {
        let path = format!("/api/sources/{}/destinations", text(&source["id"]));
        let body =
            json!({ "platform": "custom", "rtmp_url": "rtmp://live.example.com/app", "stream_key": "k" });
        let answer = self.post(account, &path, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["destination"].clone()
    }
}

impl Account {
    pub fn of(answer: &Answer) -> Self {
        let body = answer.json();
        Self {
            email: text(&body["user"]["email"]),
            tenant: text(&body["user"]["organisation_id"]),
            token: text(&body["token"]),
            refresh_token: text(&body["refresh_token"]),
        }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Expects an error of the one shape.
    #[track_caller]
    pub fn is_error(&self, status: StatusCode, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["code", "details", "error"], "{body}");
        assert!(body["error"].as_str().is_some_and(|error| !error.is_empty()), "{body}");
        assert_eq!(body["code"], code, "{body}");
        body["details"].clone()
    }
}

/// The text of a JSON value.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// A media path that plays what the test says.
pub struct ScriptedLive {
    sessions: Mutex<HashMap<SourceId, SessionStatus>>,
    told: Mutex<Vec<String>>,
    events: broadcast::Sender<LiveEvent>,
    figures: broadcast::Sender<LiveFigures>,
    histories: Mutex<HashMap<SourceId, StreamHealth>>,
    /// What destinations say to a trial.
    pub probes: Mutex<Vec<DestinationProbe>>,
    hls_requests: Mutex<Vec<HlsRequest>>,
    /// Playback tokens that it takes for revoked.
    pub refused: Mutex<Vec<String>>,
    pub panics: AtomicBool,
}

impl Default for ScriptedLive {
    fn default() -> Self {
        Self {
            sessions: Mutex::default(),
            told: Mutex::default(),
            events: broadcast::channel(64).0,
            figures: broadcast::channel(64).0,
            histories: Mutex::default(),
            probes: Mutex::default(),
            hls_requests: Mutex::default(),
            refused: Mutex::default(),
            panics: AtomicBool::new(false),
        }
    }
}

impl ScriptedLive {
    /// Lets a session of `source` run, with one destination that retries.
    pub fn run(&self, source: &Value, tenant: &str, destination: Option<&Value>) -> SessionStatus {
        let destinations = destination.iter().map(|destination| DestinationStatus {
            id: text(&destination["id"]).parse::<DestinationId>().unwrap(),
            plugin: text(&destination["plugin"]),
            state: DestinationState::Retrying,
            reason: Some(Reason::new("refused", "the server refused the key")),
            since: UnixMillis(1_800_000_000_000),
            next_attempt: Some(UnixMillis(1_800_000_002_000)),
            bitrate_out_bps: 1,
            bytes_out: 2,
            dropped_frames: 3,
            reconnects: 4,
            platform_live: Some(false),
            platform_viewers: None,
        });
        let session = SessionStatus {
            id: SessionId::new(),
            source_id: text(&source["id"]).parse().unwrap(),
            tenant_id: tenant.parse().unwrap(),
            playback_id: text(&source["playback_id"]).parse().unwrap(),
            title: text(&source["name"]),
            visibility: Visibility::from_stored(&text(&source["visibility"])),
            state: StreamState::Live,
            started_at: UnixMillis(UnixMillis::now().0 - 121_000),
            bitrate_in_bps: 2_500_000,
            video_bitrate_bps: 2_300_000,
            audio_bitrate_bps: 0,
            frame_rate: Some(30.0),
            viewers: 7,
            keyframe_interval_ms: Some(1000),
            tracks: vec![TrackInfo {
                kind: "video".to_owned(),
                codec: "avc1.64001f".to_owned(),
                width: Some(1280),
                height: Some(720),
                sample_rate: None,
                channels: None,
            }],
            warnings: vec![Reason::new("keyframes-far-apart", "the keyframe interval is long")],
            destinations: destinations.collect(),
        };
        self.sessions.lock().unwrap().insert(session.source_id, session.clone());
        session
    }

    /// Changes what runs.
    pub fn replace(&self, session: SessionStatus) {
        self.sessions.lock().unwrap().insert(session.source_id, session);
    }

    /// Ends a session without a word.
    pub fn end_quietly(&self, source: SourceId) {
        self.sessions.lock().unwrap().remove(&source);
    }

    /// Lets something happen to a session.
    pub fn happen(&self, session: &SessionStatus, kind: LiveEventKind) {
        let event = LiveEvent {
            at: UnixMillis::now(),
            tenant_id: session.tenant_id,
            source_id: session.source_id,
            session_id: session.id,
            playback_id: session.playback_id.clone(),
            kind,
        };
        self.events.send(event).unwrap();
    }

    /// Takes figures of a session, and tells them.
    pub fn measure(&self, session: &SessionStatus, sample: HealthSample, is_audience_changed: bool) {
        let mut histories = self.histories.lock().unwrap();
        histories.entry(session.source_id).or_default().samples.push(sample.clone());
        let figures = LiveFigures {
            tenant_id: session.tenant_id,
            source_id: session.source_id,
            playback_id: session.playback_id.clone(),
            sample,
            is_audience_changed,
        };
        self.figures.send(figures).unwrap();
    }

    /// Notes a change for the history of a source.
    pub fn note(&self, session: &SessionStatus, event: HealthEvent) {
        self.histories.lock().unwrap().entry(session.source_id).or_default().events.push(event);
    }

    /// What the API told since last asked.
    pub fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    /// Which HLS files were asked for since last asked.
    pub fn hls_requests(&self) -> Vec<HlsRequest> {
        std::mem::take(&mut *self.hls_requests.lock().unwrap())
    }

    fn tell(&self, what: &str, source: SourceId) {
        self.told.lock().unwrap().push(format!("{what} {source}"));
    }
}

#[async_trait]
impl StreamControl for ScriptedLive {
    fn sessions(&self) -> Vec<SessionStatus> {
        self.sessions.lock().unwrap().values().cloned().collect()
    }

    fn session(&self, source: SourceId) -> Option<SessionStatus> {
        self.sessions.lock().unwrap().get(&source).cloned()
    }

    fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.events.subscribe()
    }

    fn health(&self, source: SourceId) -> StreamHealth {
        self.histories.lock().unwrap().get(&source).cloned().unwrap_or_default()
    }

    fn figures(&self) -> broadcast::Receiver<LiveFigures> {
        self.figures.subscribe()
    }

    fn retry(&self, source: SourceId, destination: DestinationId) -> bool {
        let session = self.session(source);
        let is_there =
            session.is_some_and(|session| session.destinations.iter().any(|one| one.id == destination));
        if is_there {
            self.tell("retried", source);
        }
        is_there
    }

    async fn probe(&self, _: SourceId) -> Result<Vec<DestinationProbe>, DirectoryError> {
        Ok(self.probes.lock().unwrap().clone())
    }

    async fn source_changed(&self, source: SourceId) {
        self.tell("changed", source);
    }

    async fn viewers_changed(&self, source: SourceId) {
        self.tell("viewers", source);
    }

    fn may_watch(&self, playback: &PlaybackId, viewer: &Viewer) -> Result<(), HlsError> {
        let sessions = self.sessions.lock().unwrap();
        let session = sessions.values().find(|session| session.playback_id == *playback);
        let session = session.ok_or(HlsError::NotLive)?;
        let is_open = session.visibility != Visibility::TokenOnly;
        let refused = self.refused.lock().unwrap().clone();
        match &viewer.token {
            _ if is_open => Ok(()),
            None => Err(ViewerRefused::TokenMissing.into()),
            Some(token) if refused.iter().any(|refused| refused == token.expose()) => {
                Err(ViewerRefused::TokenRevoked.into())
            }
            Some(_) => Ok(()),
        }
    }

    async fn key_rotated(&self, source: SourceId) {
        self.tell("rotated", source);
    }

    async fn source_deleted(&self, source: SourceId) {
        self.tell("deleted", source);
    }

    async fn retitle(
        &self,
        source: SourceId,
        title: &str,
    ) -> Option<Vec<(DestinationId, Result<bool, CallError>)>> {
        let session = self.session(source)?;
        self.tell("retitled", source);
        let answer = |number: usize| match number {
            0 => Ok(true),
            _ => Err(CallError::new(CallErrorKind::RateLimited, "rate-limited", format!("not yet: {title}"))),
        };
        let destinations = session.destinations.iter().enumerate();
        Some(destinations.map(|(number, status)| (status.id, answer(number))).collect())
    }

    async fn end(&self, source: SourceId) -> bool {
        self.tell("end", source);
        self.sessions.lock().unwrap().remove(&source).is_some()
    }

    async fn hls(&self, playback: &PlaybackId, request: HlsRequest) -> Result<HlsResponse, HlsError> {
        assert!(!self.panics.load(Ordering::Relaxed), "a handler panics, as the test wants");
        let is_live = self.sessions.lock().unwrap().values().any(|session| session.playback_id == *playback);
        self.hls_requests.lock().unwrap().push(request.clone());
        if is_live {
            self.may_watch(playback, &request.viewer)?;
        }
        let is_token_only =
            self.sessions.lock().unwrap().values().any(|session| {
                session.playback_id == *playback && session.visibility == Visibility::TokenOnly
            });
        let file = |body: &'static str, content_type, max_age_s| {
            Ok(HlsResponse { body: body.into(), content_type, max_age_s, is_shared: !is_token_only })
        };
        match request.name.as_str() {
            _ if !is_live => Err(HlsError::NotLive),
            "index.m3u8" | "media.m3u8" => file("#EXTM3U\n", "application/vnd.apple.mpegurl", None),
            "seg-1.m4s" => file("segment", "video/mp4", Some(60)),
            "late.m3u8" => Err(HlsError::TimedOut),
            _ => Err(HlsError::NotFound),
        }
    }
}

/// Notes what it would install for a tenant that a partner makes, or refuses.
#[derive(Default)]
pub struct Installer {
    pub installed: Mutex<Vec<(TenantId, String)>>,
    pub refusal: Mutex<Option<ProvisionError>>,
}

#[async_trait]
impl Provision for Installer {
    async fn provision(&self, tenant: TenantId, plugins: &[PluginToInstall]) -> Result<(), ProvisionError> {
        if let Some(refusal) = self.refusal.lock().unwrap().clone() {
            return Err(refusal);
        }
        let ids = plugins.iter().map(|plugin| (tenant, plugin.version.id().to_owned()));
        self.installed.lock().unwrap().extend(ids);
        Ok(())
    }
}

/// Takes webhooks as the test says.
#[derive(Default)]
pub struct ScriptedHooks {
    pub delivered: Mutex<Vec<HookDelivery>>,
    pub outcome: Mutex<Option<HookOutcome>>,
}

#[async_trait]
impl HookSink for ScriptedHooks {
    async fn deliver(&self, hook: HookDelivery) -> HookOutcome {
        self.delivered.lock().unwrap().push(hook);
        self.outcome.lock().unwrap().unwrap_or(HookOutcome::Committed)
    }
}

/// The key that signs for a namespace.
pub fn key_of(namespace: &str) -> SigningKey {
    let mut seed = [7; 32];
    for (index, byte) in namespace.bytes().enumerate() {
        seed[index % 32] ^= byte;
    }
    SigningKey::from_bytes(&seed)
}

/// A signed package of `<namespace>/plugin`.
pub fn package_of(namespace: &str, version: &str) -> Vec<u8> {
    let manifest = manifest(&format!("{namespace}/plugin"), version, "changelog = \"Better\"\n");
    signed(&package(&manifest, None), &key_of(namespace)).to_vec()
}

const STREAM_KEY: &str =
    "[capabilities.secrets.stream-key]\nkind = \"string\"\nlabel = \"Stream key\"\npush = true\n";

/// The plugins that come with the host.
fn host_plugins() -> Vec<bytes::Bytes> {
    let custom = format!(
        "[capabilities.push]\nfrom-config = [\"/rtmp_url\"]\n{STREAM_KEY}[config]\nschema = \"config.schema.json\"\n"
    );
    let schema = json!({
        "type": "object",
        "properties": { "rtmp_url": { "type": "string", "pattern": "^rtmps?://" } },
        "required": ["rtmp_url"],
        "additionalProperties": false,
    });
    let schema = schema.to_string();
    vec![package(&manifest("neustream/custom-rtmp", "1.0.0", &custom), Some(&schema)), twitch("1.0.0")]
}

/// A plugin with an account.
pub fn tube() -> bytes::Bytes {
    let more = "[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To read\"\n\
        [capabilities.secrets.account]\nkind = \"oauth2\"\nlabel = \"Tube account\"\nhosts = [\"api.example.com\"]\n\
        authorize-url = \"https://id.example.com/authorize\"\ntoken-url = \"https://id.example.com/token\"\n\
        revoke-url = \"https://id.example.com/revoke\"\nscopes = [\"read\", \"write\"]\n\
        [capabilities.secrets.pasted]\nkind = \"string\"\nrequired = false\nhosts = [\"api.example.com\"]\n";
    package(&manifest("neustream/tube", "1.0.0", more), None)
}

/// A version of the Twitch plugin.
pub fn twitch(version: &str) -> bytes::Bytes {
    let more = format!("[capabilities.push]\nhosts = [\"rtmp://live.twitch.tv\"]\n{STREAM_KEY}");
    package(&manifest("neustream/twitch", version, &more), None)
}

/// The tenant that an account acts for.
pub fn tenant_of(_: &TestApi, account: &Account) -> String {
    account.tenant.clone()
}
