//! What the tests share: one platform, one installation, everything that happens.

use std::sync::Arc;
use std::time::Duration;

use neustream_chat::connector::{
    ChatEvent, ChatEventKind, ConnectorParts, ConnectorSettings, ConnectorState, ConnectorStatus, Connectors,
};
use neustream_chat::testing::{
    Authority, Installations, MANIFEST, MemoryStore, Natives, Peer, Platform, SECRET, Talk, TalkState,
    outbound,
};
use neustream_chat::{EgressNotes, Place};
use neustream_contract::{Digest, Grant, Manifest};
use tokio::sync::broadcast;

/// Longest wait for something that is expected.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits that suit a test.
pub fn quick() -> ConnectorSettings {
    ConnectorSettings {
        backoff_least: Duration::from_millis(20),
        backoff_most: Duration::from_millis(200),
        ..ConnectorSettings::default()
    }
}

/// One installation of a connector, and its platform.
pub struct World {
    pub talk: Platform,
    pub api: Platform,
    pub natives: Natives,
    pub installations: Installations,
    pub store: MemoryStore,
    pub connectors: Connectors,
    pub place: Place,
    pub plugin: Digest,
    pub events: broadcast::Receiver<ChatEvent>,
    settings: ConnectorSettings,
    outbound: neustream_outbound::Outbound,
}

impl World {
    /// Installs `talk`, with everything granted and its secret set, and starts it.
    pub async fn with(talk: Talk) -> Self {
        let world = Self::prepared(talk, quick()).await;
        world.start();
        world
    }

    /// Installs `talk`, and does not start it.
    pub async fn prepared(talk: Talk, settings: ConnectorSettings) -> Self {
        let authority = Authority::new();
        let platform = Platform::start(&authority, "talk.example.com", 6697).await;
        Self::on(&authority, platform, talk, settings).await
    }

    /// [`World::with`] for a connector of WebSockets.
    pub async fn over_websocket(talk: Talk, settings: ConnectorSettings) -> Self {
        let authority = Authority::new();
        let platform = Platform::start(&authority, "talk.example.com", 443).await;
        let world = Self::on(&authority, platform, talk, settings).await;
        world.start();
        world
    }

    async fn on(
        authority: &Authority,
        talk_server: Platform,
        talk: Talk,
        settings: ConnectorSettings,
    ) -> Self {
        let api = Platform::start(authority, "api.example.com", 443).await;
        let (natives, installations, store) =
            (Natives::default(), Installations::default(), MemoryStore::default());
        let grant = Grant::all_of(&Manifest::from_toml(MANIFEST).unwrap());
        let plugin = natives.connector("talk-1", talk);
        let place = installations.install(plugin, grant);
        installations.set_secrets(place, &[("token", SECRET)]);
        let outbound = outbound(authority, &[&talk_server, &api]);
        let connectors = service(&natives, &installations, &store, &outbound, settings);
        let events = connectors.subscribe();
        let talk = talk_server;
        Self {
            talk,
            api,
            natives,
            installations,
            store,
            connectors,
            place,
            plugin,
            events,
            settings,
            outbound,
        }
    }

    pub fn start(&self) {
        self.connectors.start(self.place.tenant, self.place.installation);
    }

    /// The host ends in order and starts again.
    pub async fn restart(&mut self) {
        self.connectors.shutdown().await;
        self.forget();
        self.start();
    }

    /// The host is killed and starts again.
    pub fn kill(&mut self) {
        self.forget();
        self.start();
    }

    fn forget(&mut self) {
        let fresh = service(&self.natives, &self.installations, &self.store, &self.outbound, self.settings);
        self.events = fresh.subscribe();
        self.connectors = fresh;
    }

    pub fn changed(&self) {
        self.connectors.changed(self.place.tenant, self.place.installation);
    }

    pub fn status(&self) -> ConnectorStatus {
        self.connectors.status(self.place.tenant, self.place.installation).unwrap()
    }

    /// The state that was committed last.
    pub fn state(&self) -> TalkState {
        serde_json::from_slice(&self.store.saved(self.place).unwrap().memory.state).unwrap()
    }

    /// A connection of lines that has logged in.
    pub async fn logged_in(&self) -> Peer {
        let mut peer = self.talk.peer().await;
        assert_eq!(peer.line().await.unwrap(), format!("PASS {SECRET}"));
        peer
    }

    /// The next event that is not a status.
    pub async fn next(&mut self) -> ChatEventKind {
        let next = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if !matches!(event.kind, ChatEventKind::Status(_)) {
                    return event.kind;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("something happens")
    }

    /// The platform's id of the next message.
    pub async fn next_message(&mut self) -> String {
        match self.next().await {
            ChatEventKind::Message { message, .. } => message.id,
            other => panic!("a message is expected, not {other:?}"),
        }
    }

    /// Waits for a status.
    pub async fn status_with(&mut self, is: impl Fn(&ConnectorStatus) -> bool) -> ConnectorStatus {
        let next = async {
            loop {
                if is(&self.status()) {
                    return self.status();
                }
                self.events.recv().await.unwrap();
            }
        };
        let found = tokio::time::timeout(PATIENCE, next).await;
        found.unwrap_or_else(|_| panic!("another status is expected than {:?}", self.status()))
    }

    /// Waits until the driver has given up for now, or failed, with this code.
    pub async fn problem(&mut self, state: ConnectorState, code: &str) -> ConnectorStatus {
        self.status_with(|status| {
            status.state == state && status.problem.as_ref().is_some_and(|problem| problem.code == code)
        })
        .await
    }

    /// The ids of the messages that are stored, in order.
    pub fn stored(&self) -> Vec<String> {
        self.store.messages(self.place).into_iter().map(|stored| stored.message.id).collect()
    }
}

fn service(
    natives: &Natives,
    installations: &Installations,
    store: &MemoryStore,
    outbound: &neustream_outbound::Outbound,
    settings: ConnectorSettings,
) -> Connectors {
    let egress: Arc<dyn EgressNotes> = Arc::new(natives.clone());
    let parts = ConnectorParts {
        installed: Arc::new(installations.clone()),
        connectors: Arc::new(natives.clone()),
        outbound: outbound.clone(),
        store: Arc::new(store.clone()),
        egress,
    };
    Connectors::new(parts, settings)
}
