//! A platform in a folder of its own, and calls of the gallery of misdeeds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use neustream_contract::destination::{Broadcast, DestinationAdapter, DestinationAdapters, Target};
use neustream_contract::moderation::{Message, ModerationFilters as _, Verdict};
use neustream_contract::package::pack;
use neustream_contract::payment::{Charge, Money, PaymentFailure, PaymentProviders as _, PaymentStatus};
use neustream_contract::{Call, CallError, Digest, Grant, Manifest, Package, PlanCeilings, Secrets};
use neustream_hostile::without_custom_sections;
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings};
use tempfile::TempDir;

pub const GALLERY: &str = "hostile/gallery";
pub const CHAT: &str = "hostile/chat-gallery";
pub const FILTER: &str = "hostile/moderation-gallery";
pub const PAYMENT: &str = "hostile/payment-gallery";
/// What the tests find compiled.
pub const PACKAGES: [&str; 9] = [
    "destinations/custom-rtmp",
    "destinations/facebook",
    "destinations/kick",
    "destinations/twitch",
    "destinations/youtube",
    GALLERY,
    CHAT,
    FILTER,
    PAYMENT,
];
pub const STREAM_KEY: &str = "live_1234567890_SeCrEt";
pub const API_TOKEN: &str = "token/with+odd=\"characters\"";

/// The child that compiles: this crate's own binary.
pub fn compiler() -> Compiler {
    Compiler { program: env!("CARGO_BIN_EXE_neustream-compile-plugin").into(), args: vec![] }
}

/// A package that `cargo xtask plugins` has built, such as `hostile/gallery`.
pub fn package(name: &str) -> Bytes {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist");
    let path = dist.join(name).with_added_extension("wasm");
    match fs::read(&path) {
        Ok(bytes) => bytes.into(),
        Err(error) => panic!("{}: {error}. Run `cargo xtask plugins` first.", path.display()),
    }
}

/// The digest of a package that was built.
pub fn digest(name: &str) -> Digest {
    Package::read(&package(name)).expect("a package").digest
}

/// The package `name` with another manifest, hence another digest.
pub fn repacked(name: &str, change: impl FnOnce(&mut Manifest)) -> Bytes {
    let bytes = package(name);
    let Package { mut manifest, config_schema, .. } = Package::read(&bytes).expect("a package");
    let schema = manifest.config.schema.is_some().then(|| config_schema.schema().to_string());
    change(&mut manifest);
    let component = without_custom_sections(&bytes);
    pack(component, &manifest, schema.as_ref().map(String::as_bytes)).expect("a package").into()
}

pub fn message(id: &str, text: &str) -> Message {
    Message {
        id: id.to_owned(),
        platform: "twitch".to_owned(),
        author_hash: "0123".to_owned(),
        roles: vec![],
        text: text.to_owned(),
        traits: vec![],
    }
}

pub struct Platform {
    pub plugins: Arc<Plugins>,
    pub tenant: TenantId,
    folder: TempDir,
}

impl Platform {
    /// A platform that has compiled nothing yet and finds nothing outside.
    pub fn cold() -> Self {
        Self::cold_with(|_| {})
    }

    pub fn cold_with(change: impl FnOnce(&mut PluginsSettings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plugins = start(folder.path(), OutboundSettings::default(), change);
        Self { plugins, tenant: TenantId::new(), folder }
    }

    /// A platform that finds every package of [`PACKAGES`] compiled, and nothing else to compile with.
    pub fn warm(outbound: OutboundSettings, change: impl FnOnce(&mut PluginsSettings)) -> Self {
        let folder = copy_of_template();
        let plugins = start(folder.path(), outbound, change);
        Self { plugins, tenant: TenantId::new(), folder }
    }

    /// With the gallery loaded.
    pub async fn with_gallery(outbound: OutboundSettings) -> Self {
        let platform = Self::warm(outbound, |_| {});
        platform.plugins.load(package(GALLERY)).await.expect("the gallery loads");
        platform
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The same data in a new process, as it were.
    pub fn restarted(self) -> Self {
        self.restarted_with(|_| {})
    }

    pub fn restarted_with(self, change: impl FnOnce(&mut PluginsSettings)) -> Self {
        let Self { plugins, tenant, folder } = self;
        drop(plugins);
        let plugins = start(folder.path(), OutboundSettings::default(), change);
        Self { plugins, tenant, folder }
    }

    /// A call of `plugin` for a new installation that granted everything.
    pub fn call_of(&self, plugin: &str) -> Call {
        self.call_for(&package(plugin))
    }

    /// A call of a package for a new installation that granted everything.
    pub fn call_for(&self, package: &[u8]) -> Call {
        let package = Package::read(package).expect("a package");
        Call {
            tenant: self.tenant,
            installation: InstallationId::new(),
            plugin: package.digest,
            grant: Grant::all_of(&package.manifest),
            // A machine that is busy with other tests must not look like a slow plugin.
            ceilings: PlanCeilings { wall_percent: 400, ..PlanCeilings::default() },
            config: "{}".to_owned(),
            secrets: Secrets::new(BTreeMap::from([
                ("stream-key".to_owned(), Secret::new(STREAM_KEY)),
                ("api-token".to_owned(), Secret::new(API_TOKEN)),
                ("webhook".to_owned(), Secret::new("Jefe")),
            ])),
            attempt: 1,
            deadline: Duration::from_secs(10),
        }
    }

    /// A call of the gallery for a new installation.
    pub fn call(&self) -> Call {
        self.call_of(GALLERY)
    }

    pub async fn adapter(&self, plugin: &str) -> Arc<dyn DestinationAdapter> {
        self.plugins.adapter(&digest(plugin)).await.expect("an adapter")
    }

    /// Has the gallery do `deed` for an installation of its own.
    pub async fn deed(&self, deed: &str) -> Result<Target, CallError> {
        self.deed_of(&self.call(), deed).await
    }

    pub async fn deed_of(&self, call: &Call, deed: &str) -> Result<Target, CallError> {
        self.adapter(GALLERY).await.prepare(call, &broadcast(deed)).await
    }

    /// Has the filter of `call` judge one message that asks for `deed`.
    pub async fn judge(&self, call: &Call, deed: &str) -> Result<Vec<Verdict>, CallError> {
        let filter = self.plugins.filter(&call.plugin).await?;
        let batch = [message("m", &format!("judge {deed}"))];
        filter.judge_at(call, UnixMillis(1_700_000_000_000), &batch, &[]).await
    }

    /// Waits until so many instances of filters stand ready.
    pub async fn until_prepared(&self, many: usize) {
        let ready = async {
            while self.plugins.prepared_instances() != many {
                tokio::task::yield_now().await;
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(10), ready).await;
        assert!(found.is_ok(), "{} instances stand ready, not {many}", self.plugins.prepared_instances());
    }

    /// Has the payment plugin of `call` do `deed` while it starts a charge.
    pub async fn pay(&self, call: &Call, deed: &str) -> Result<PaymentStatus, PaymentFailure> {
        let provider = self.plugins.provider(&call.plugin).await.expect("a provider");
        let charge = Charge {
            key: "charge-1".to_owned(),
            amount: Money { minor: 100, currency: "EUR".to_owned() },
            description: deed.to_owned(),
            payer_ref: "payer".to_owned(),
            return_url: "https://shop.example/return".to_owned(),
        };
        provider.start(call, &charge).await
    }

    /// What the gallery learned by `deed`.
    pub async fn learned(&self, deed: &str) -> String {
        let target = self.deed(deed).await.expect("the deed goes through");
        String::from_utf8_lossy(&target.state).into_owned()
    }
}

/// A data folder in which [`PACKAGES`] were compiled: once for all tests, since that takes seconds.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data_dir = folder.path().to_owned();
        let compiling = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let plugins = start(&data_dir, OutboundSettings::default(), |_| {});
            for name in PACKAGES {
                runtime.block_on(plugins.load(package(name))).expect(name);
            }
        });
        compiling.join().expect("compiled");
        folder
    });
    template.path()
}

fn copy_of_template() -> TempDir {
    let template = template();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = folder.path().join("plugin-cache");
    fs::create_dir(&cache).expect("a folder");
    for entry in fs::read_dir(template.join("plugin-cache")).expect("a cache") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, cache.join(path.file_name().expect("a name"))).expect("a copy");
    }
    let key = "plugin-cache.key";
    fs::copy(template.join(key), folder.path().join(key)).expect("a copy");
    folder
}

fn start(
    data_dir: &Path,
    outbound: OutboundSettings,
    change: impl FnOnce(&mut PluginsSettings),
) -> Arc<Plugins> {
    let outbound = Outbound::new(outbound).expect("settings of the way out");
    let mut settings = PluginsSettings::new(data_dir.to_owned(), compiler(), outbound);
    change(&mut settings);
    Plugins::new(settings).expect("the platform starts")
}

pub fn broadcast(title: &str) -> Broadcast {
    Broadcast { id: "broadcast-1".to_owned(), title: title.to_owned(), visibility: "public".to_owned() }
}
