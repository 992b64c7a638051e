//! A host with installations, a clock that the test turns, and plugins to install.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use neustream_catalogue::testing::{ScriptedPlatform, package, signed};
use neustream_catalogue::{Catalogue, Decision, Packages, Publication, Version, Visibility};
use neustream_contract::{Activity, Call, CallError, CallErrorKind, Manifest, PublisherKey, SigningKey};
use neustream_installations::{
    Consent, Install, InstallationView, Installations, Parts, Replayed, ShadowReplay, TokenSource,
};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis, UserId};
use neustream_store::testing::TestStore;
use neustream_store::{NewAccount, UserRow};
use serde_json::{Map, Value};

/// The schema of plugins that take a channel.
pub const CHANNEL_SCHEMA: &str = r#"{
    "type": "object", "additionalProperties": false, "required": ["channel"],
    "properties": { "channel": { "type": "string", "maxLength": 20 }, "port": { "type": "integer" } }
}"#;

/// A host with everything around it.
pub struct World {
    pub t: Arc<TestStore>,
    pub platform: Arc<ScriptedPlatform>,
    pub catalogue: Catalogue,
    pub tokens: Arc<ScriptedTokens>,
    pub replay: Arc<ScriptedReplay>,
    pub installations: Installations,
    pub clock: Arc<AtomicU64>,
    pub admin: UserId,
}

/// Runs `test` in a world over SQLite and in one over PostgreSQL.
pub async fn on_both(test: impl AsyncFn(World)) {
    test(World::of(TestStore::sqlite().await).await).await;
    test(World::of(TestStore::postgres().await).await).await;
}

impl World {
    pub async fn of(t: TestStore) -> Self {
        let admin = account(&t, "admin@example.com").await.id;
        Self::on(Arc::new(t), Arc::new(AtomicU64::new(1_800_000_000_000)), admin).await
    }

    /// Another host on the same database.
    pub async fn second_host(&self) -> Self {
        Self::on(Arc::clone(&self.t), Arc::clone(&self.clock), self.admin).await
    }

    async fn on(t: Arc<TestStore>, clock: Arc<AtomicU64>, admin: UserId) -> Self {
        let platform = Arc::new(ScriptedPlatform::default());
        let packages = Packages::open(t.store.clone()).await.unwrap();
        let catalogue = Catalogue::open(packages, platform.clone()).await.unwrap();
        let (tokens, replay) = (Arc::new(ScriptedTokens::default()), Arc::new(ScriptedReplay::default()));
        let read = Arc::clone(&clock);
        let installations = Installations::new(Parts {
            store: t.store.clone(),
            catalogue: catalogue.clone(),
            platform: platform.clone(),
            tokens: tokens.clone(),
            replay: replay.clone(),
            clock: Arc::new(move || UnixMillis(read.load(Ordering::Relaxed))),
            rings: neustream_installations::rings::RingSettings::default(),
            watch: neustream_installations::watch::WatchSettings::default(),
        });
        Self { t, platform, catalogue, tokens, replay, installations, clock, admin }
    }

    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.clock.load(Ordering::Relaxed))
    }

    /// Lets time pass.
    pub fn pass(&self, time: std::time::Duration) {
        self.clock.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub async fn tenant(&self, email: &str) -> TenantId {
        account(&self.t, email).await.tenant_id
    }

    /// A version that comes with the host.
    pub async fn bundled(&self, manifest: &Manifest, schema: Option<&str>) -> Version {
        self.catalogue.adopt(package(manifest, schema)).await.unwrap()
    }

    /// A version that `tenant` publishes; scanned.
    pub async fn published(
        &self,
        tenant: TenantId,
        visibility: Visibility,
        manifest: &Manifest,
        schema: Option<&str>,
    ) -> Version {
        let key = SigningKey::from_bytes(&[7; 32]);
        let namespace = manifest.id.split('/').next().unwrap();
        // The second time it is the tenant's already.
        drop(self.catalogue.create_publisher(tenant, namespace, &PublisherKey::of(&key)).await);
        let package = signed(&package(manifest, schema), &key);
        let publication = Publication { tenant, actor: self.admin, visibility, package };
        self.catalogue.publish(publication).await.unwrap()
    }

    pub async fn decide(&self, version: &Version, decision: Decision) {
        self.catalogue.decide(&version.digest(), decision, "as the test wants", self.admin).await.unwrap();
    }

    /// Installs the newest version with everything it asks for.
    pub async fn installed(
        &self,
        tenant: TenantId,
        version: &Version,
        config: Option<Value>,
    ) -> InstallationView {
        let ask = Install {
            plugin: version.id().to_owned(),
            version: Some(version.number().to_owned()),
            grant: version.package.manifest.permission_keys(),
            config: config.map(object),
            is_auto_upgraded: true,
            ..Install::default()
        };
        self.installations.install(tenant, ask).await.unwrap()
    }

    /// Lets an installation do something, and has it kept.
    pub async fn happen(&self, view: &InstallationView, calls: u64, faults: u64) {
        let activity = Activity { calls, faults, ..Activity::default() };
        self.platform.happen(view.row.tenant_id, view.id(), activity);
        self.installations.flush(self.now()).await.unwrap();
    }
}

pub async fn account(t: &TestStore, email: &str) -> UserRow {
    let account = NewAccount {
        email: email.to_owned(),
        display_name: "Ada".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: "member".to_owned(),
    };
    t.store.host().create_account(&account).await.unwrap()
}

/// A manifest; `more` is TOML that follows.
pub fn manifest(id: &str, version: &str, kind: &str, more: &str) -> Manifest {
    let head = format!(
        "schema = 1\nid = \"{id}\"\nversion = \"{version}\"\nkind = \"{kind}\"\nname = \"A plugin\"\nlicense = \"MIT\"\n"
    );
    Manifest::from_toml(&(head + more)).unwrap()
}

/// A chat connector that reads one host, with a pasted token.
pub fn chat(version: &str, more: &str) -> Manifest {
    let base = "[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To read\"\n\
        [capabilities.secrets.token]\nkind = \"string\"\nrequired = false\nhosts = [\"api.example.com\"]\n\
        [config]\nschema = \"config.schema.json\"\n";
    manifest("neustream/talk", version, "chat", &format!("{more}{base}"))
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("an object, not {other}"),
    }
}

/// Tokens as the test wants them.
#[derive(Default)]
pub struct ScriptedTokens {
    connected: Mutex<BTreeMap<InstallationId, BTreeMap<String, String>>>,
    pub forgotten: Mutex<Vec<InstallationId>>,
    pub refused: Mutex<Vec<String>>,
    pub is_down: Mutex<bool>,
}

impl ScriptedTokens {
    pub fn connect(&self, id: InstallationId, name: &str, token: &str) {
        let mut connected = self.connected.lock().unwrap();
        connected.entry(id).or_default().insert(name.to_owned(), token.to_owned());
    }
}

#[async_trait]
impl TokenSource for ScriptedTokens {
    async fn secrets(&self, consent: &Consent<'_>) -> Result<BTreeMap<String, Secret>, CallError> {
        if *self.is_down.lock().unwrap() {
            return Err(CallError::new(CallErrorKind::Unavailable, "oauth-refresh-failed", "no answer"));
        }
        let connected = self.connected.lock().unwrap();
        let token = connected.get(&consent.installation).and_then(|tokens| tokens.get(consent.name));
        let named = |token: &String| {
            let id = (format!("{}.client-id", consent.name), Secret::new("client"));
            BTreeMap::from([(consent.name.to_owned(), Secret::new(token.clone())), id])
        };
        Ok(token.map(named).unwrap_or_default())
    }

    async fn refused(&self, consent: &Consent<'_>, token: &Secret) -> bool {
        self.refused.lock().unwrap().push(format!("{}: {}", consent.name, token.expose()));
        true
    }

    async fn connected(&self, _: TenantId, id: InstallationId) -> Result<BTreeSet<String>, CallError> {
        let connected = self.connected.lock().unwrap();
        Ok(connected.get(&id).map(|tokens| tokens.keys().cloned().collect()).unwrap_or_default())
    }

    async fn forget(&self, _: TenantId, id: InstallationId) {
        self.forgotten.lock().unwrap().push(id);
    }
}

/// A replay that goes as the test wants.
#[derive(Default)]
pub struct ScriptedReplay {
    pub outcome: Mutex<Option<Replayed>>,
    pub asked: Mutex<Vec<(Call, Call)>>,
}

#[async_trait]
impl ShadowReplay for ScriptedReplay {
    async fn replay(&self, present: &Call, next: &Call) -> Replayed {
        self.asked.lock().unwrap().push((present.clone(), next.clone()));
        self.outcome.lock().unwrap().clone().unwrap_or(Replayed::NothingRecorded)
    }
}
