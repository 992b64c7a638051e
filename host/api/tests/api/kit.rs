//! An API to ask, with a stand-in for the media path.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use neustream_accounts::{AccessTokens, fresh_signing_key};
use neustream_api::{ApiParts, ApiSettings, StreamControl, router};
use neustream_live::{HlsError, HlsRequest, HlsResponse};
use neustream_model::{
    DestinationId, DestinationState, DestinationStatus, LiveEvent, LiveEventKind, PlaybackId, Reason,
    SessionId, SessionStatus, SourceId, StreamState, TrackInfo, UnixMillis,
};
use neustream_plugin::config::ConfigSchema;
use neustream_plugin::manifest::SecretKind;
use neustream_plugin::{CallError, CallErrorKind, Catalogue, ConfigInvalid, Kind, PluginInfo, SecretInfo};
use neustream_store::testing::TestStore;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";

/// An API with everything around it.
pub struct TestApi {
    pub router: Router,
    pub live: Arc<ScriptedLive>,
    pub tokens: AccessTokens,
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
    pub token: String,
    pub refresh_token: String,
}

/// Runs `test` on an API over SQLite and on one over PostgreSQL.
pub async fn on_both(test: impl AsyncFn(TestApi)) {
    test(TestApi::on_sqlite(ApiSettings::default()).await).await;
    test(TestApi::new(TestStore::postgres().await, ApiSettings::default()).await).await;
}

impl TestApi {
    pub async fn on_sqlite(settings: ApiSettings) -> Self {
        Self::new(TestStore::sqlite().await, settings).await
    }

    pub async fn new(db: TestStore, settings: ApiSettings) -> Self {
        let live = Arc::new(ScriptedLive::default());
        let key = db.store.host().signing_key(fresh_signing_key).await.unwrap();
        let tokens = AccessTokens::new(&key);
        let router = router(ApiParts {
            settings,
            store: db.store.clone(),
            tokens: tokens.clone(),
            live: live.clone(),
            plugins: Arc::new(Plugins),
            check_destination_url: Arc::new(|url| {
                let is_own = url.contains("127.0.0.1") || url.contains("localhost");
                if is_own { Err("the address is this machine's own".to_owned()) } else { Ok(()) }
            }),
            metrics: None,
        });
        Self { router, live, tokens, db }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("192.0.2.1".parse().unwrap(), request).await
    }

    /// Sends a request from an address.
    pub async fn send_from(&self, peer: IpAddr, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 40_000)));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
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

    /// Makes a source; gives it as it was shown.
    pub async fn source(&self, account: &Account) -> Value {
        let answer = self.post(account, "/api/sources", &json!({ "name": "Main" })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["source"].clone()
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
    hls_requests: Mutex<Vec<HlsRequest>>,
    pub panics: AtomicBool,
}

impl Default for ScriptedLive {
    fn default() -> Self {
        Self {
            sessions: Mutex::default(),
            told: Mutex::default(),
            events: broadcast::channel(64).0,
            hls_requests: Mutex::default(),
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
        });
        let session = SessionStatus {
            id: SessionId::new(),
            source_id: text(&source["id"]).parse().unwrap(),
            tenant_id: tenant.parse().unwrap(),
            playback_id: text(&source["playback_id"]).parse().unwrap(),
            state: StreamState::Live,
            started_at: UnixMillis(UnixMillis::now().0 - 121_000),
            bitrate_in_bps: 2_500_000,
            keyframe_interval_ms: Some(1000),
            tracks: vec![TrackInfo {
                kind: "video".to_owned(),
                codec: "avc1.64001f".to_owned(),
                width: Some(1280),
                height: Some(720),
                sample_rate: None,
                channels: None,
            }],
            warnings: vec!["the keyframe interval is long".to_owned()],
            destinations: destinations.collect(),
        };
        self.sessions.lock().unwrap().insert(session.source_id, session.clone());
        session
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

    async fn source_changed(&self, source: SourceId) {
        self.tell("changed", source);
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
        let file = |body: &'static str, content_type, max_age_s| {
            Ok(HlsResponse { body: body.into(), content_type, max_age_s })
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

/// Two plugins.
struct Plugins;

impl Plugins {
    fn schema(id: &str) -> Option<ConfigSchema> {
        let schema = match id {
            "neustream/custom-rtmp" => json!({
                "type": "object",
                "properties": { "rtmp_url": { "type": "string", "pattern": "^rtmps?://" } },
                "required": ["rtmp_url"],
                "additionalProperties": false,
            }),
            "neustream/twitch" => json!({ "type": "object", "additionalProperties": false }),
            _ => return None,
        };
        Some(ConfigSchema::parse(schema.to_string().as_bytes()).unwrap())
    }
}

impl Catalogue for Plugins {
    fn list(&self) -> Vec<PluginInfo> {
        ["neustream/custom-rtmp", "neustream/twitch"].iter().filter_map(|id| self.find(id)).collect()
    }

    fn find(&self, id: &str) -> Option<PluginInfo> {
        let schema = Self::schema(id)?;
        Some(PluginInfo {
            id: id.to_owned(),
            version: "1.0.0".to_owned(),
            kind: Kind::Destination,
            name: "A plugin".to_owned(),
            description: String::new(),
            publisher: "neustream".to_owned(),
            permissions: Vec::new(),
            secrets: vec![SecretInfo {
                name: "stream-key".to_owned(),
                label: "Stream key".to_owned(),
                kind: SecretKind::String,
                required: true,
            }],
            changelog: String::new(),
            state_schema: 1,
            config_schema: schema.schema().clone(),
            digest: "sha256:00".to_owned(),
        })
    }

    fn validate_config(&self, id: &str, config: &Value) -> Result<(), ConfigInvalid> {
        Self::schema(id).expect("a known plugin").validate(config)
    }
}

/// The tenant that an account acts for.
pub fn tenant_of(api: &TestApi, account: &Account) -> String {
    api.tokens.verify(&account.token, UnixMillis::now()).unwrap().tenant.to_string()
}
