//! A media path with its neighbours played by this file: a directory in memory, an adapter that answers at once,
//! publishers and receivers that speak through the RTMP crate.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use neustream_contract::destination::{
    Broadcast, DestinationAdapter, DestinationAdapters, Health, Protocol, Target,
};
use neustream_contract::{
    Call, CallError, CallErrorKind, Digest, Grant, Installed, Manifest, PlanCeilings, Secrets, Value,
};
use neustream_live::{
    Allowance, DestinationConfig, Directory, DirectoryError, Live, LiveSettings, PlaybackTokenReader,
    SessionUsage, SourceConfig,
};
use neustream_media::{Frame, FrameKind, Track};
use neustream_model::{
    DestinationId, DestinationState, DestinationStatus, InstallationId, LiveEvent, LiveEventKind,
    PlaybackClaims, PlaybackId, SecondPublisher, Secret, SessionId, SourceId, StreamKey, TenantId,
    UnixMillis, ViewerRefused, Viewing,
};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_rtmp::wire::{self, Receiver};
use neustream_rtmp::{ClientEvent, ClientSession, PublishRequest};
use neustream_rtmp::{ServerEvent, ServerSession, SessionLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};

/// Nothing in these tests takes longer unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

const MANIFEST: &str = "schema = 1\nid = \"test/verbatim\"\nversion = \"1.0.0\"\nkind = \"destination\"\n\
    name = \"Verbatim\"\nlicense = \"MIT\"\n";

pub struct Scene {
    pub live: Live,
    pub rtmp: SocketAddr,
    pub key: StreamKey,
    pub source: SourceConfig,
    pub events: broadcast::Receiver<LiveEvent>,
    pub installations: Arc<Installations>,
    pub titles: Arc<Mutex<Vec<String>>>,
    /// Who may watch, as the tenant wants it.
    pub viewing: Arc<Mutex<Viewing>>,
    pub accounts: Arc<Accounts>,
    destinations: Arc<Mutex<Vec<DestinationConfig>>>,
}

/// What was written down of sessions, and what may still be streamed.
pub struct Accounts {
    told: watch::Sender<Told>,
    allowance: Mutex<Allowance>,
    is_away: AtomicBool,
}

/// What was written down.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// How often.
    pub times: u32,
    /// How often the directory was asked while it was away.
    pub refused: u32,
    /// The largest total of each session.
    pub totals: BTreeMap<SessionId, Duration>,
    /// Which ended.
    pub ended: Vec<SessionId>,
}

impl Default for Accounts {
    fn default() -> Self {
        let unlimited = Allowance { used: Duration::ZERO, limit: None };
        Self {
            told: watch::Sender::default(),
            allowance: Mutex::new(unlimited),
            is_away: AtomicBool::new(false),
        }
    }
}

impl Accounts {
    /// From now on so much of ten hours is used.
    pub fn use_minutes(&self, minutes: u64) {
        let (used, limit) = (Duration::from_mins(minutes), Some(Duration::from_hours(10)));
        *self.allowance.lock().unwrap() = Allowance { used, limit };
    }

    /// From now on the directory takes nothing, or takes everything again.
    pub fn be_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// Waits until what was written down is as `is_so` says.
    pub async fn told(&self, is_so: impl FnMut(&Told) -> bool) -> Told {
        let mut told = self.told.subscribe();
        let told = tokio::time::timeout(PATIENCE, told.wait_for(is_so)).await;
        told.expect("it is written down in time").unwrap().clone()
    }

    fn answer(&self) -> Result<(), DirectoryError> {
        if !self.is_away.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.told.send_modify(|told| told.refused += 1);
        Err(DirectoryError("away".to_owned()))
    }
}

impl Told {
    fn keep(&mut self, usage: &SessionUsage) {
        let total: Duration = usage.by_day.iter().map(|(_, total)| *total).sum();
        let kept = self.totals.entry(usage.session).or_default();
        *kept = total.max(*kept);
        self.times += 1;
    }
}

struct Memory {
    key: StreamKey,
    source: SourceConfig,
    viewing: Arc<Mutex<Viewing>>,
    accounts: Arc<Accounts>,
    destinations: Arc<Mutex<Vec<DestinationConfig>>>,
}

impl Memory {
    fn config(&self) -> SourceConfig {
        SourceConfig { viewing: self.viewing.lock().unwrap().clone(), ..self.source.clone() }
    }
}

/// Playback tokens of these tests: `<token id>.<playback id>`, for an hour.
struct Tokens;

impl PlaybackTokenReader for Tokens {
    fn read(&self, token: &str) -> Result<PlaybackClaims, ViewerRefused> {
        let (id, playback_id) = token.split_once('.').ok_or(ViewerRefused::TokenInvalid)?;
        Ok(PlaybackClaims {
            id: id.parse().map_err(|_| ViewerRefused::TokenInvalid)?,
            playback_id: playback_id.parse().map_err(|_| ViewerRefused::TokenInvalid)?,
            viewer: None,
            address: None,
            expires_at: UnixMillis::now().plus(Duration::from_hours(1)),
        })
    }
}

#[async_trait]
impl Directory for Memory {
    async fn source_by_key(&self, key: &StreamKey) -> Result<Option<SourceConfig>, DirectoryError> {
        Ok((key.digest() == self.key.digest()).then(|| self.config()))
    }

    async fn source(&self, id: SourceId) -> Result<Option<SourceConfig>, DirectoryError> {
        Ok((id == self.source.id).then(|| self.config()))
    }

    async fn viewing_revisions(&self, _: &[SourceId]) -> Result<BTreeMap<SourceId, u64>, DirectoryError> {
        Ok(BTreeMap::from([(self.source.id, self.viewing.lock().unwrap().revision)]))
    }

    async fn destinations(&self, _: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError> {
        Ok(self.destinations.lock().unwrap().clone())
    }

    async fn record_usage(&self, sessions: &[SessionUsage]) -> Result<(), DirectoryError> {
        self.accounts.answer()?;
        for usage in sessions {
            self.accounts.told.send_modify(|told| told.keep(usage));
        }
        Ok(())
    }

    async fn session_ended(&self, usage: &SessionUsage) -> Result<(), DirectoryError> {
        self.accounts.answer()?;
        self.accounts.told.send_modify(|told| {
            told.keep(usage);
            told.ended.push(usage.session);
        });
        Ok(())
    }

    async fn allowances(
        &self,
        tenants: &[TenantId],
    ) -> Result<BTreeMap<TenantId, Allowance>, DirectoryError> {
        self.accounts.answer()?;
        let allowance = *self.accounts.allowance.lock().unwrap();
        Ok(tenants.iter().map(|tenant| (*tenant, allowance)).collect())
    }
}

/// The target is the configuration's `url`. Titles that it is given are kept in `titles`.
struct Verbatim {
    manifest: Manifest,
    titles: Arc<Mutex<Vec<String>>>,
    was_asked: AtomicBool,
}

#[async_trait]
impl DestinationAdapter for Verbatim {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn prepare(&self, call: &Call, _: &Broadcast) -> Result<Target, CallError> {
        if call.secrets.get("token").is_some_and(|token| token.expose() == "stale") {
            return Err(CallError::new(
                CallErrorKind::Unauthorized,
                "unauthorized",
                "The token has expired.",
            ));
        }
        let config: serde_json::Value = serde_json::from_str(&call.config).unwrap();
        Ok(Target {
            protocol: Protocol::Rtmp,
            url: config["url"].as_str().unwrap().to_owned(),
            backup_url: None,
            key: Value::Secret("stream-key".to_owned()),
            limits: None,
            expires_at: None,
            state: Vec::new(),
        })
    }

    async fn check(&self, _: &Call, _: &[u8]) -> Result<Health, CallError> {
        // The first question is what makes it show the broadcast.
        let is_first = !self.was_asked.swap(true, Ordering::SeqCst);
        Ok(Health { live: Some(!is_first), viewers: Some(7) })
    }

    async fn finish(&self, _: &Call, _: &[u8]) -> Result<(), CallError> {
        Ok(())
    }

    async fn retitle(&self, _: &Call, _: &[u8], title: &str) -> Result<bool, CallError> {
        self.titles.lock().unwrap().push(title.to_owned());
        Ok(true)
    }
}

struct Adapters(Arc<Verbatim>);

#[async_trait]
impl DestinationAdapters for Adapters {
    async fn adapter(&self, _: &Digest) -> Result<Arc<dyn DestinationAdapter>, CallError> {
        Ok(Arc::clone(&self.0) as _)
    }
}

/// Installations of one plugin, which may be revoked or replaced.
#[derive(Default)]
pub struct Installations {
    is_revoked: AtomicBool,
    /// The token that calls get, until it is refused.
    token: Mutex<Option<&'static str>>,
    version: AtomicU32,
    /// With which packages calls were to be made, pins included.
    asked: Mutex<Vec<Option<Digest>>>,
}

impl Installations {
    /// From now on another package is the installation's own.
    pub fn upgrade(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Calls get a token that the platform no longer takes.
    pub fn let_the_token_expire(&self) {
        *self.token.lock().unwrap() = Some("stale");
    }

    pub fn set_revoked(&self, is_revoked: bool) {
        self.is_revoked.store(is_revoked, Ordering::SeqCst);
    }

    /// The pins of all calls so far.
    pub fn asked(&self) -> Vec<Option<Digest>> {
        self.asked.lock().unwrap().clone()
    }

    pub fn digest(&self) -> Digest {
        Digest::of(&self.version.load(Ordering::SeqCst).to_be_bytes())
    }
}

#[async_trait]
impl Installed for Installations {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        self.asked.lock().unwrap().push(pin);
        if self.is_revoked.load(Ordering::SeqCst) {
            return Err(CallError::new(CallErrorKind::NotRunnable, "plugin-revoked", "It was revoked."));
        }
        Ok(Call {
            tenant,
            installation,
            plugin: pin.unwrap_or_else(|| self.digest()),
            grant: Grant::default(),
            ceilings: PlanCeilings::default(),
            config: "{}".to_owned(),
            secrets: Secrets::new(
                self.token
                    .lock()
                    .unwrap()
                    .map(|token| ("token".to_owned(), Secret::new(token)))
                    .into_iter()
                    .collect(),
            ),
            attempt: 1,
            deadline: PATIENCE,
        })
    }

    async fn refused(&self, _: &Call) -> bool {
        self.token.lock().unwrap().replace("fresh") != Some("fresh")
    }
}

impl Scene {
    pub async fn new(change: impl FnOnce(&mut SourceConfig)) -> Self {
        Self::with_settings(LiveSettings::default(), change).await
    }

    pub async fn with_settings(settings: LiveSettings, change: impl FnOnce(&mut SourceConfig)) -> Self {
        let mut source = SourceConfig {
            id: SourceId::new(),
            tenant: TenantId::new(),
            name: "Test".to_owned(),
            playback_id: PlaybackId::generate(),
            second_publisher: SecondPublisher::Reject,
            reconnect_window: Duration::from_mins(1),
            viewing: Viewing::default(),
        };
        change(&mut source);
        let key = StreamKey::generate(source.tenant, source.id);
        let destinations = Arc::new(Mutex::new(Vec::new()));
        let viewing = Arc::new(Mutex::new(source.viewing.clone()));
        let accounts = Arc::<Accounts>::default();
        let directory = Memory {
            key: key.clone(),
            source: source.clone(),
            viewing: Arc::clone(&viewing),
            accounts: Arc::clone(&accounts),
            destinations: Arc::clone(&destinations),
        };
        let outbound =
            Outbound::new(OutboundSettings { allow_private_networks: true, ..OutboundSettings::default() })
                .unwrap();
        let installations = Arc::new(Installations::default());
        let titles = Arc::default();
        let manifest = Manifest::from_toml(MANIFEST).unwrap();
        let adapters = Adapters(Arc::new(Verbatim {
            manifest,
            titles: Arc::clone(&titles),
            was_asked: AtomicBool::default(),
        }));
        let installed = Arc::clone(&installations) as _;
        let live = Live::new(
            settings,
            Arc::new(directory),
            installed,
            Arc::new(adapters),
            outbound,
            Arc::new(Tokens),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rtmp = listener.local_addr().unwrap();
        tokio::spawn({
            let live = live.clone();
            async move { live.serve_rtmp(listener).await }
        });
        tokio::spawn({
            let live = live.clone();
            async move { live.keep_accounts().await }
        });
        let events = live.subscribe();
        Self { live, rtmp, key, source, events, installations, titles, viewing, accounts, destinations }
    }

    pub fn add_destination(&self, address: SocketAddr) -> DestinationId {
        let id = DestinationId::new();
        let secrets = BTreeMap::from([("stream-key".to_owned(), Secret::new("destination-key"))]);
        self.destinations.lock().unwrap().push(DestinationConfig {
            id,
            plugin: "test/verbatim".to_owned(),
            installation: InstallationId::new(),
            config: format!(r#"{{"url": "rtmp://{address}/app"}}"#),
            secrets: Secrets::new(secrets),
            revision: 1,
        });
        id
    }

    pub fn installation_of(&self, id: DestinationId) -> InstallationId {
        let destinations = self.destinations.lock().unwrap();
        destinations.iter().find(|destination| destination.id == id).unwrap().installation
    }

    pub fn remove_destination(&self, id: DestinationId) {
        self.destinations.lock().unwrap().retain(|destination| destination.id != id);
    }

    pub async fn publisher(&self) -> Publisher {
        Publisher::connect(self.rtmp, self.key.expose()).await.expect("the publisher is accepted")
    }

    /// Waits for an event that `pick` takes something from.
    pub async fn event<T>(&mut self, mut pick: impl FnMut(&LiveEvent) -> Option<T>) -> T {
        let wait = async {
            loop {
                let event = self.events.recv().await.expect("no event is lost");
                if let Some(found) = pick(&event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the event comes in time")
    }

    /// Waits until the destination agreed to take the stream; it is live only once it has taken some.
    pub async fn accepted(&mut self, id: DestinationId) {
        self.event(|event| match &event.kind {
            LiveEventKind::Destination { status } => (status.id == id && is_accepted(status)).then_some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until the destination enters `state`.
    pub async fn destination_in(&mut self, id: DestinationId, state: DestinationState) -> DestinationStatus {
        self.event(|event| match &event.kind {
            LiveEventKind::Destination { status } if status.id == id && status.state == state => {
                Some(status.clone())
            }
            _ => None,
        })
        .await
    }
}

/// Whether a destination that was not live agreed to take the stream.
pub fn is_accepted(status: &DestinationStatus) -> bool {
    status.reason.as_ref().is_some_and(|reason| reason.code == "unconfirmed")
}

pub fn video_header() -> Frame {
    frame(Track::Video, FrameKind::Header, 0, &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0, 0])
}

pub fn audio_header() -> Frame {
    frame(Track::Audio, FrameKind::Header, 0, &[0xaf, 0, 0x12, 0x10])
}

/// Picture number `number` at 30 pictures a second; every `gop`th is a keyframe.
pub fn picture(number: u32, gop: u32, size: usize) -> Frame {
    let is_key = number.is_multiple_of(gop);
    let mut body = vec![if is_key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    body.extend(number.to_be_bytes());
    body.resize(size.max(body.len()), 0x5a);
    let kind = if is_key { FrameKind::Key } else { FrameKind::Delta };
    frame(Track::Video, kind, u64::from(number) * 1000 / 30, &body)
}

/// The number that [`picture`] wrote into the payload.
pub fn picture_number(frame: &Frame) -> Option<u32> {
    let is_picture = frame.track == Track::Video && frame.kind != FrameKind::Header;
    is_picture.then(|| u32::from_be_bytes(frame.payload[5..9].try_into().unwrap()))
}

fn frame(track: Track, kind: FrameKind, timestamp_ms: u64, body: &[u8]) -> Frame {
    Frame { track, kind, timestamp_ms, payload: Bytes::copy_from_slice(body) }
}

pub struct Publisher {
    pub socket: TcpStream,
    pub client: ClientSession,
}

impl Publisher {
    pub async fn connect(server: SocketAddr, key: &str) -> Result<Self, String> {
        let mut socket = TcpStream::connect(server).await.unwrap();
        let request = PublishRequest {
            app: "live".to_owned(),
            tc_url: format!("rtmp://{server}/live"),
            stream_name: Secret::new(key),
        };
        let mut client = ClientSession::publish(request);
        let mut buffer = [0; 4096];
        loop {
            socket.write_all(&client.take_output()).await.unwrap();
            while let Some(event) = client.next_event() {
                match event {
                    ClientEvent::Publishing { .. } => {
                        socket.write_all(&client.take_output()).await.unwrap();
                        return Ok(Self { socket, client });
                    }
                    ClientEvent::Refused { description, .. } => return Err(description),
                    ClientEvent::Acknowledged { .. } => {}
                    ClientEvent::Ended { .. } => return Err("ended".to_owned()),
                }
            }
            let received = tokio::time::timeout(PATIENCE, socket.read(&mut buffer)).await.unwrap().unwrap();
            if received == 0 {
                return Err("closed".to_owned());
            }
            client.receive(&buffer[..received]).unwrap();
        }
    }

    pub async fn send(&mut self, frames: &[Frame]) {
        let mut out = BytesMut::new();
        for frame in frames {
            wire::encode_for(Receiver::Destination, frame, &mut out);
        }
        self.socket.write_all(&out).await.unwrap();
    }

    /// Sends headers and the pictures `from..to` as fast as they are taken.
    pub async fn send_pictures(&mut self, range: std::ops::Range<u32>, gop: u32) {
        for number in range {
            self.send(&[picture(number, gop, 500)]).await;
        }
    }

    pub async fn end(mut self) {
        self.client.finish();
        self.socket.write_all(&self.client.take_output()).await.unwrap();
        self.socket.shutdown().await.unwrap();
    }

    /// Waits until the server closes the connection.
    pub async fn closed(&mut self) {
        let mut buffer = [0; 4096];
        let wait = async { while self.socket.read(&mut buffer).await.is_ok_and(|received| received > 0) {} };
        tokio::time::timeout(PATIENCE, wait).await.expect("the server closes the connection");
    }
}

/// What a receiver saw.
#[derive(Debug)]
pub enum Seen {
    Publish(String),
    Frame(Frame),
    Ended,
    Closed,
}

/// An RTMP server for destinations to be pushed to: one connection after the other.
pub struct TargetServer {
    pub address: SocketAddr,
    pub seen: mpsc::UnboundedReceiver<Seen>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for TargetServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TargetServer {
    pub async fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub fn restart(address: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        Self::listen(socket.listen(8).unwrap())
    }

    fn listen(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let (tell, seen) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                receive(socket, &tell).await;
                let _ = tell.send(Seen::Closed);
            }
        });
        Self { address, seen, task }
    }

    pub async fn next(&mut self) -> Seen {
        tokio::time::timeout(PATIENCE, self.seen.recv()).await.expect("in time").expect("the target runs")
    }

    /// The next picture's number, other messages skipped.
    pub async fn next_picture(&mut self) -> u32 {
        loop {
            if let Seen::Frame(frame) = self.next().await
                && let Some(number) = picture_number(&frame)
            {
                return number;
            }
        }
    }
}

async fn receive(mut socket: TcpStream, tell: &mpsc::UnboundedSender<Seen>) {
    let mut session = ServerSession::new(SessionLimits::default());
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(received @ 1..) = socket.read(&mut buffer).await else { return };
        if session.receive(&buffer[..received]).is_err() {
            return;
        }
        while let Some(event) = session.next_event() {
            let seen = match event {
                ServerEvent::PublishRequested { name, .. } => {
                    session.accept();
                    Seen::Publish(name)
                }
                ServerEvent::Frame(frame) => Seen::Frame(frame),
                ServerEvent::Ended => Seen::Ended,
                _ => continue,
            };
            let _ = tell.send(seen);
        }
        let output = session.take_output();
        if !output.is_empty() && socket.write_all(&output).await.is_err() {
            return;
        }
    }
}
